"""Messages about the health watch over recreated services, rollback, and recorded generations."""

from __future__ import annotations

from ws9tui.problems import run
from ws9tui.words.wording import Wording, Wordings

_ANOTHER_WAY = (
    "Give an archive that contains it with --from, or roll back to another generation (<history> lists them)."
)

WORDINGS: Wordings = {
    run.Salvaged: Wording(
        "The records of {project} are lost, but the engine still has the images of generation {numbers}.",
        "The recorded files are gone. Today's files are used, with the references of those images.",
    ),
    run.SalvagedStopped: Wording(
        "{service} is stopped. Without the records it is not known whether it should run, so it stays stopped.",
        "If it should run, start it with <start-service>.",
        "stays stopped",
    ),
    # --- services that are not healthy
    run.CrashLooping: Wording(
        "[{service} // It] is in a crash loop[: {restarts:restarts}][, last exit status {exit_code}].",
        brief="in a crash loop",
    ),
    run.Exited: Wording(
        "[{service} // It] has exited[ with status {exit_code}].",
        brief="exited[ with status {exit_code}]",
    ),
    run.NotStarted: Wording(
        "[{service} // It] could not be started[: {reason}].",
        brief="start failed[: {reason}]",
    ),
    run.Unhealthy: Wording(
        "[{service} // It] is unhealthy[: {output}].",
        brief="unhealthy[: {output}]",
    ),
    run.GateTimeout: Wording(
        "[{service} // It] was not ready after {seconds:duration}.",
        brief="not ready after {seconds:duration}",
    ),
    run.ProbeFailed: Wording(
        "The probe of {url} failed[: {reason}].",
        brief="probe failed[: {reason}]",
    ),
    # --- services that are healthy, or still watched
    run.Healthy: Wording("Its health check passes.", brief="healthy"),
    run.OneShotDone: Wording(
        "It has finished its work and exited with status 0.",
        brief="finished (exit status 0)",
    ),
    run.WaitingStart: Wording(
        "It must start[ (now: {state:state})].",
        brief="waiting for it to start",
    ),
    run.WaitingOneShot: Wording(
        "It must finish its work and exit with status 0[ within {seconds:duration}].",
        brief="must exit with status 0",
    ),
    run.WaitingHealthy: Wording(
        "Its health check must pass[ within {seconds:duration}].",
        brief="waiting for its health check",
    ),
    run.WaitingWindow: Wording(
        "It must keep running[ for {seconds:duration} more].",
        brief="must keep running[ for {seconds:duration}]",
    ),
    # --- rollback
    run.RollbackImagesDiffer: Wording(
        "After the rollback, [{services:list} // some services] do not run the images of the earlier generation.",
        "Run the commands below. All records are kept.",
    ),
    run.RollbackFailed: Wording(
        "The rollback failed[: {reason}].",
        "[{todo} ]Run the commands below. All records are kept.",
    ),
    run.BackUnwell: Wording(
        "[{service} // A service] runs its earlier image again, but is not OK[ ({state:state}[, restarts:"
        " {restarts}])].",
        "[{data:given}The newer version may have changed its data ({data}) so that the earlier one refuses it:"
        " restore a backup (<rollback-data>, if there is one), or update again. // Check its log: <history> has its"
        " last lines.]",
        "not OK after the rollback",
    ),
    run.BackAsBefore: Wording(
        "[{service} // A service] runs its earlier image again and is not OK, as before the update[ ({state:state}[,"
        " restarts: {restarts}])].",
        brief="not OK, as before the update",
    ),
    # --- services that were not healthy before
    run.WasUnhealthy: Wording(
        "{service} is already unhealthy before any change[: {output}].",
        "The update is compared with this: what is no worse than before is not rolled back.",
        "unhealthy before the update",
    ),
    run.WasCrashLooping: Wording(
        "{service} is already in a crash loop before any change[: {restarts:restarts}][, last exit status"
        " {exit_code}].",
        "The update is compared with this: what is no worse than before is not rolled back.",
        "in a crash loop before the update",
    ),
    run.WasPaused: Wording(
        "{service} is paused; its new container will be running.",
        "To pause it again: <pause-service>.",
        "paused before the update",
    ),
    run.EndedBefore: Wording(
        "{service} has exited with status {exit_code}. It is not known whether somebody stopped it, so it is not"
        " started.",
        "If it should run, start it with <start-service>.",
        "exited with status {exit_code}, is not started",
    ),
    run.WasFailed: Wording(
        "{service} has already failed before any change[: exit status {exit_code}][, {reason}].",
        "It should be running, so it is started. If it fails again, that is no worse than before.",
        "failed before the update",
    ),
    run.KeepTagMissing: Wording(
        "The image {image:ref} of the earlier generation is no longer on this server.",
        _ANOTHER_WAY,
    ),
    run.GenerationImageGone: Wording(
        "The image {image:ref} of generation {number} is no longer available, neither on this server nor in its"
        " registry.",
        _ANOTHER_WAY,
        "neither on this server nor in its registry",
    ),
    run.GenerationImagePulled: Wording(
        "The image {image:ref} of generation {number} is no longer on this server. It is pulled by its digest before"
        " anything is changed.",
    ),
    run.GenerationBroken: Wording(
        "Generation {number} cannot be restored: Compose could not read its files when it was recorded.",
        "Choose another generation.",
        "Compose could not read its files",
    ),
    run.RegistrySilent: Wording(
        "[{registry} // The registry] did not answer[ within {seconds:duration}].",
        "Check the network, then try again.",
        "no answer from [{registry} // the registry]",
    ),
    run.FilesLost: Wording(
        "The files of generation {number} are used in place of the project's.",
        "The current state is recorded, but Compose cannot recreate it: there is no rollback to it.",
    ),
    run.RunningImageGone: Wording(
        "[{service} // It] is running, but its image {image:ref} is no longer on this server: it cannot be kept for"
        " a rollback.",
        "Pull it again by its digest while it is still available.",
        "its image is gone",
    ),
    run.NothingToAdopt: Wording(
        "{project} has no containers that run or could be started, so there is nothing to record.",
        "To install it: <install-folder>. To restore what was recorded: <recover>.",
    ),
    run.AdoptedDefinition: Wording(
        "The files do not describe how these services were created: {services:list}.",
        "A rollback restores their images, but with the definition that is in the files now.",
    ),
    run.AdoptedReference: Wording(
        "{service} runs {running:ref}, but the files name {reference:ref}, and ws9tui cannot change that.",
        "A rollback may need manual work: set the reference in the files first.",
    ),
    run.MadeFromOtherFiles: Wording(
        "[{service} // It] was created from other files: {files:list}.",
        "If these are the project's files, use them: <adopt-files>.",
    ),
    run.NotByCompose: Wording(
        "The container {container} has the name of {service}, but this project did not create it. It is not recorded.",
        "Check what it is. To free its name: <rename>.",
    ),
    run.BindMissing: Wording(
        "{path}, which {service} mounts, no longer exists: Docker will create an empty folder in its place.",
        "It is data, so no generation contains it. If you have a copy, cancel and put it back first.",
        "{path} no longer exists",
    ),
    run.NameTaken: Wording(
        "The name {container} is in use by a container[ of project {project}] that this project did not create["
        " ({state:state}, {id})].",
        "Check what it is. If it is left over from a failed attempt: <rename>.",
        "the name {container} is in use",
    ),
    # --- how a generation differs from the current state
    run.ContainerMissing: Wording("It has no container.", brief="no container"),
    run.IsStopped: Wording("It is stopped.", brief="stopped"),
    run.IsRunning: Wording(
        "It is running, but was not in that generation.",
        brief="running, was not then",
    ),
    run.FileChanged: Wording(
        "{file} has different content.",
        brief="changed",
    ),
    run.FileMissing: Wording(
        "{file} no longer exists.",
        brief="no longer exists",
    ),
    run.FileNotInGeneration: Wording(
        "{file} did not exist then.",
        brief="did not exist then",
    ),
    run.GenerationsOfOthers: Wording(
        "{user} has records of this project too: generation {numbers:list}, in another state directory.",
        "Only {user} can roll back to them. Their images are kept.",
    ),
    run.GenerationOfOther: Wording(
        "Generation {number} was recorded by {user}, in another state directory.",
        "Only {user} can roll back to it. To list those that you can use: <history>.",
    ),
    run.GenerationUnknown: Wording(
        "There is no generation {number}[; known: {known:list}].",
        "To list them: <history>.",
    ),
    run.NothingToRollBack: Wording(
        "There is no earlier generation to roll back to.",
        "ws9tui records one with each update.",
    ),
}
