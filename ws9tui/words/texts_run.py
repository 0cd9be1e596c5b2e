"""Words for the watch over recreated services, and for the rollback."""

from __future__ import annotations

from ws9tui.problems import run
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

_ANOTHER_WAY = "Give an archive that has it with --from, or go back to another generation (<history> lists them)."

WORDINGS: dict[type[Problem], Wording] = {
    run.Salvaged: Wording(
        "The records of {project} are lost; the engine still has the images of generation {numbers}.",
        "Their files are gone: today's files are used, with those images' references.",
    ),
    run.SalvagedStopped: Wording(
        "{service} is stopped, and with the records it is lost whether it was to run; it stays stopped.",
        "Start it with <start-service> if it was to run.",
        "stays stopped",
    ),
    # --- services that are not well
    run.CrashLooping: Wording(
        "[{service} // It] dies and is restarted again and again[: {restarts:times}][, last exit status {exit_code}].",
        "",
        "restarts again and again",
    ),
    run.Exited: Wording(
        "[{service} // It] has ended[ with exit status {exit_code}].",
        "",
        "ended[ with exit status {exit_code}]",
    ),
    run.NotStarted: Wording(
        "[{service} // It] could not be started[: {reason}].",
        "",
        "not started[: {reason}]",
    ),
    run.Unhealthy: Wording(
        "[{service} // It] is unhealthy[: {output}].",
        "",
        "unhealthy[: {output}]",
    ),
    run.GateTimeout: Wording(
        "[{service} // It] was not well after {seconds:duration}.",
        "",
        "not well after {seconds:duration}",
    ),
    run.ProbeFailed: Wording(
        "{url} does not answer as it should[: {reason}].",
        "",
        "probe failed[: {reason}]",
    ),
    # --- services that are well, or of which it is not known yet
    run.Healthy: Wording("Its health check passes.", "", "healthy"),
    run.OneShotDone: Wording("It has done its work and ended with status 0.", "", "done, as it should"),
    run.WaitingStart: Wording("It must start[ (now: {state})].", "", "must start"),
    run.WaitingOneShot: Wording(
        "It must do its work and end with status 0[ within {seconds:duration}].", "", "must end with status 0"
    ),
    run.WaitingHealthy: Wording(
        "Its health check must pass[ within {seconds:duration}].",
        "",
        "waits for its health check",
    ),
    run.WaitingWindow: Wording(
        "It must keep running[ for {seconds:duration} more].",
        "",
        "must keep running[ for {seconds:duration}]",
    ),
    # --- going back
    run.RollbackImagesDiffer: Wording(
        "After the rollback, [{services:list} // some services] do not run the images of the earlier generation.",
        "Use the commands below; what was recorded is still there.",
    ),
    run.RollbackFailed: Wording(
        "The rollback failed[: {reason}].",
        "[{todo} ]Use the commands below; what was recorded is still there.",
    ),
    run.BackUnwell: Wording(
        "[{service} // A service] runs its earlier image again, and is not well[ ({state}[, restarts: {restarts}])].",
        "[{data:given}The newer version may have changed its data ({data}), which the earlier one refuses then: bring a"
        " backup of it back (<rollback-data>, where one was saved), or update again."
        " // Look at its log: <history> has its last lines.]",
        "not well after going back",
    ),
    run.BackAsBefore: Wording(
        "[{service} // A service] runs its earlier image again, and is not well, as it was before the update"
        "[ ({state}[, restarts: {restarts}])].",
        "",
        "not well, as before the update",
    ),
    # --- services that were not well before
    run.WasUnhealthy: Wording(
        "{service} is unhealthy already, before anything is done[: {output}].",
        "It is judged against that: what is no worse is not taken back.",
        "unhealthy before the update",
    ),
    run.WasCrashLooping: Wording(
        "{service} dies and is restarted again and again already, before anything is done[: {restarts:times}]"
        "[, last exit status {exit_code}].",
        "It is judged against that: what is no worse is not taken back.",
        "crash-looping before the update",
    ),
    run.WasPaused: Wording(
        "{service} is paused; its new container runs.",
        "<pause-service> pauses that too.",
        "paused before the update",
    ),
    run.EndedBefore: Wording(
        "{service} has ended with status {exit_code}; whether somebody stopped it is not known. It is not started.",
        "Start it with <start-service> if it is to run.",
        "ended with status {exit_code}, and is not started",
    ),
    run.WasFailed: Wording(
        "{service} has failed already, before anything is done[: exit status {exit_code}][, {reason}].",
        "It is there to run, so it is started; if it fails again, that is no worse than before.",
        "failed before the update",
    ),
    run.KeepTagMissing: Wording(
        "The image {image:ref} of the earlier generation is not on this engine any more.",
        _ANOTHER_WAY,
    ),
    run.GenerationImageGone: Wording(
        "The image {image:ref} of generation {number} is neither on this engine nor in its registry any more.",
        _ANOTHER_WAY,
        "neither on this engine nor in its registry",
    ),
    run.GenerationBroken: Wording(
        "Generation {number} cannot be made again: Compose did not understand its files when it was recorded.",
        "Choose another one.",
        "its files were not understood",
    ),
    run.RegistrySilent: Wording(
        "[{registry} // The registry] gave no answer[ within {seconds:duration}].",
        "Look at the network, then try again.",
        "no answer from [{registry} // the registry]",
    ),
    run.FilesLost: Wording(
        "So the files of generation {number} stand in for the project's.",
        "What is there now is recorded as it is, but Compose cannot make it again: there is no way back to it.",
    ),
    run.RunningImageGone: Wording(
        "[{service} // It] runs, but its image {image:ref} is not on this engine any more: it cannot be kept.",
        "Pull it again by its digest while it can be had.",
        "its image is gone",
    ),
    run.NothingToAdopt: Wording(
        "Nothing of {project} runs or stands ready, so there is nothing to record.",
        "<install-folder> brings it up, or <recover> what was recorded.",
    ),
    run.AdoptedDefinition: Wording(
        "The files do not describe how these were made: {services:list}.",
        "A way back brings their images, with the definition that the files have now.",
    ),
    run.AdoptedReference: Wording(
        "{service} runs {running:ref}; the files name {reference:ref}, and cannot be made to name what runs.",
        "A way back may have to be finished by hand: set the reference in the files first.",
    ),
    run.MadeFromOtherFiles: Wording(
        "[{service} // It] was made from other files: {files:list}.",
        "If these are the project's, name them: <adopt-files>.",
    ),
    run.NotByCompose: Wording(
        "The container {container} has the name of {service}, and this project did not make it; it is not recorded.",
        "Look what it is; under another name it is in nobody's way: <rename>.",
    ),
    run.BindMissing: Wording(
        "{path}, which {service} mounts, is gone: Docker makes an empty folder in its place.",
        "It is data and no part of a generation. Cancel and put it back first, if you have it.",
        "{path} is gone",
    ),
    run.NameTaken: Wording(
        "The name {container} is taken by a container[ of project {project}] that this project did not make"
        "[ ({state}, {id})].",
        "Look what it is. If it is left over from an attempt: <rename>.",
        "the name {container} is taken",
    ),
    # --- how a generation differs from what is there
    run.ContainerMissing: Wording("It has no container.", "", "no container"),
    run.IsStopped: Wording("It is stopped.", "", "stopped"),
    run.IsRunning: Wording("It runs, and did not then.", "", "runs, did not then"),
    run.FileChanged: Wording("{file} has another content.", "", "changed"),
    run.FileMissing: Wording("{file} is gone.", "", "gone"),
    run.FileNotInGeneration: Wording("{file} was not there then.", "", "was not there then"),
    run.GenerationsOfOthers: Wording(
        "{user} has records of this project too: generation {numbers:list}, in a state directory of their own.",
        "Only {user} can go back to them; their images are kept.",
    ),
    run.GenerationOfOther: Wording(
        "Generation {number} was recorded by {user}, in a state directory of their own.",
        "Only {user} can go back to it. <history> lists those that can be reached from here.",
    ),
    run.GenerationUnknown: Wording(
        "There is no generation {number}[; there are {known:list}].",
        "<history> lists them.",
    ),
    run.NothingToRollBack: Wording(
        "There is no earlier generation to go back to.",
        "ws9tui records one with each update that it makes.",
    ),
}
