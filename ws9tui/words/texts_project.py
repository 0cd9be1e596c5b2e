"""Messages about the project, its files and settings, and the checks before anything is changed."""

from __future__ import annotations

from ws9tui.problems import project
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    # --- which project, which service
    project.ProjectUnknown: Wording(
        "There is no Compose project '{name}' here[; known: {known:list} // , and none is running on this server].",
        "[Did you mean {near}? ]Give a project's name, or the folder of its Compose file.",
    ),
    project.ProjectDiffers: Wording(
        "{project} runs from {there}, but Compose finds {here} here.",
        "<update> uses what it runs from. To run it from here, start it from here once with <up>, or confirm it on a"
        " terminal.",
        "runs from {there}; from here it would be {here}",
    ),
    project.ProjectOfTheseFiles: Wording(
        "{project} runs from {file}.",
        "Name the project: <update>.",
        "runs from {file}",
    ),
    project.ProjectOtherName: Wording(
        "Compose calls the project here {project}, but nothing of it is running. Running from the same file:"
        " [{projects:list} // another project].",
        "Name the project that you mean. <install-here> would install another one beside it.",
    ),
    project.ProjectNotRunning: Wording(
        "Nothing of {project} is running, so there is nothing to update.",
        "To install it for the first time: <install-here>. To restore what was recorded: <recover>.",
    ),
    project.ProjectFilesElsewhere: Wording(
        "{project} was started from files that are not on this server: {files}.",
        "Give its files as they are here with -f.",
    ),
    project.ProjectFromStdin: Wording(
        "{project} was started from standard input, so there is no file with its definition.",
        "Save the definition to a file, and give that with -f.",
    ),
    project.ProjectFileNowhere: Wording(
        "{file} is not a file on this server: it could be neither recorded nor restored.",
        "Save it to a file, and give that with -f.",
    ),
    project.ProjectFilesUnclear: Wording(
        "In {folder} Compose reads a different project than from its files[ {files}].",
        "Give the files with -f.",
    ),
    project.ProjectAmbiguous: Wording(
        "There are several projects[: {projects:list}].",
        "Name the one that you mean, or change to its folder.",
    ),
    project.ProjectNone: Wording(
        "No Compose project found: there is no Compose file in [{folder} // this folder], and no project is running"
        " on this server.",
        "Change to the project's folder, or name the project. To install one: <install>.",
    ),
    project.ProjectNoFolder: Wording("There is no folder {folder}.", "Check the path."),
    project.ProjectFileMissing: Wording("There is no file {file}.", "Check the path."),
    project.ProjectNoFile: Wording(
        "There is no Compose file in {folder}.",
        "Give another folder, or the file with -f.",
    ),
    project.AlreadyInstalled: Wording(
        "[{project} // The project] is already installed: it has containers.",
        "To update it: <update>.",
    ),
    project.ServiceUnknown: Wording(
        "[{project} // The project] has no service '{service}'[; it has {known:list}].",
        "[Did you mean {near}? ]Check the name. A service of a profile needs --profile.",
    ),
    project.ReferenceInvalid: Wording(
        "'{reference}' is not a valid image reference, tag or version[: {reason:why}].",
        "Write a tag such as 2.2.17, or a full image name such as nginx:1.29.",
    ),
    project.ReferenceNotInFiles: Wording(
        "[{file}[, line {line}]: the // The] tag of {service} cannot be changed there: {reason:place}[ ({variable})].",
        "Change it by hand where it is set, then update without giving a tag.",
        "its tag cannot be written to a file",
    ),
    project.FileNotUnderstood: Wording(
        "{file}[, line {line}]: Compose can read this file, ws9tui cannot[: {reason}].",
        "Its services can be updated, but x-ws9tui in it is ignored, and no tag in it can be changed.",
    ),
    project.ReferenceShared: Wording(
        "[{file}[, line {line}]: the // The] tag of {service} is also the tag of {other}, which would become"
        " {reference:ref}.",
        "Select {other} too, with the same tag, or give each a variable of its own.",
        "shares its tag with {other}",
    ),
    # --- the state of a service
    project.ServiceAdded: Wording(
        "The release adds it.",
        brief="new in the release",
    ),
    project.DefinitionChanged: Wording(
        "The definition[ of {service}] in the files differs from the running one.",
        brief="definition changed",
    ),
    project.HasBuild: Wording(
        "[{service} // It] is built from source locally; ws9tui does not build images.",
        "Build it with <build>, then update: ws9tui recreates it with the new image.",
        "built locally",
    ),
    project.BuiltHere: Wording(
        "[{service} // It] is built locally and needs no registry.",
        "Build it with <build>, then update: ws9tui recreates it with the new image.",
        "built locally",
    ),
    project.BuiltAnew: Wording(
        "{reference:ref} was built or loaded locally again[, and {service} still runs the previous image].",
        brief="rebuilt locally",
    ),
    project.NotBuilt: Wording(
        "The image of {service} is not built yet.",
        "Build it with <build>.",
        "not built yet",
    ),
    project.BuildFirst: Wording(
        "{services:list} must be built first; ws9tui does not build images.",
        "Build with <build-these>, then install again.",
        "must be built first",
    ),
    project.PullFirst: Wording(
        "{service} has 'pull_policy: never', and its image {reference:ref} is not on this server.",
        "Pull it with <pull>, then install again.",
        "its image is not on this server",
    ),
    project.PullNever: Wording(
        "[{service} // It] has 'pull_policy: never', so its image comes from this server only.",
        "To update it from the registry, change the policy.",
        "pull_policy: never",
    ),
    project.SelfUpdate: Wording(
        "ws9tui runs inside [{service} // this project] and cannot replace itself.",
        "Run it on the host, or in a container of its own.",
        "ws9tui runs in it",
    ),
    # --- settings
    project.SettingsUnknownKey: Wording(
        "[{file}[, line {line}]: unknown // Unknown] key '{key}' in x-ws9tui[; known keys: {known:list}].",
        "Correct the key, or remove it.",
    ),
    project.SettingsInvalid: Wording(
        "[{file}[, line {line}]: ]'{key}' is not valid[: {reason:why}].",
        "Correct it.",
    ),
    project.VariableUndefined: Wording(
        "The variable {variable}[ in {file}] is not set, so Compose uses an empty value.",
        "Set it in the project's .env file.",
        "variable {variable} is not set",
    ),
    # --- preflight and doctor
    project.EngineOk: Wording("Docker[ {version}][ (API {api})] answers.", brief="Docker[ {version}]"),
    project.ApiTooOld: Wording(
        "The engine's API[ {version}] is too old.",
        "Install Docker 20.10 or later.",
    ),
    project.ComposeOk: Wording("Compose[ {version}] works.", brief="Compose[ {version}]"),
    project.DiskLow: Wording(
        "Not enough disk space[: {free:size} free][ on {root}][, the update needs about {needed:size}].",
        "Free some space. To see what uses it: <disk-use>.",
        "not enough disk space",
    ),
    project.StateDiskLow: Wording(
        "Not enough space for the state directory[ {path}][: {free:size} free][, {needed:size} needed].",
        "Free some space, or choose another folder with --state-dir. Without it no rollback would be possible.",
        "not enough space for the state directory",
    ),
    project.InodesLow: Wording(
        "Not enough inodes[: {free:inodes} free][ on {root}].",
        "Remove unused images and containers: each file of an image uses one inode.",
        "not enough inodes",
    ),
    project.DiskOk: Wording(
        "[{free:size} // Enough space] is free[ on {root}].",
        brief="enough disk space",
    ),
    project.DiskUnknown: Wording(
        "The free disk space of the engine cannot be read from here.",
        "Check yourself that the new images fit beside the old ones.",
        "free disk space not known",
    ),
    project.NetworkMissing: Wording(
        "The external network {network} does not exist.",
        "Create it with <make-network>.",
        "network {network} does not exist",
    ),
    project.NetworkAmbiguous: Wording(
        "There is more than one network named {network}[: {ids:list}]. The engine refuses such a name and starts no"
        " container in the network.",
        "[{spare:given}Remove [{spare:list}], which nothing uses: <remove-networks>. // Remove all of them but one."
        " <inspect-networks> shows which containers use which.]",
        "more than one network {network}",
    ),
    project.NetworkMislabelled: Wording(
        "The network {network} exists, but was not created as {key} of this project[: its label says {label}][, of"
        " the project {project}]. Compose[ {version}] refuses it.",
        "If it is the right one, write 'external: true' and 'name: {network}' below networks.{key}. Otherwise give"
        " networks.{key} another name[.{idle:given} Or remove it, as nothing uses it, and Compose creates its own:"
        " <remove-network>].",
        "network {network} was not created for networks.{key}",
    ),
    project.NetworkInUse: Wording(
        "The definition of the network {network} has changed[ ({changes:list})]. Compose must remove and recreate"
        " it, which fails while [{containers:list} // another container] uses it.",
        "[{stranger:given}Disconnect {stranger} (<leave-network>), or restore the network's earlier definition. //"
        " Restore its earlier definition, or first let Compose change it for all services at once: <up-local>.]",
        "network {network} is in use and cannot be recreated",
    ),
    project.NetworkMadeAnew: Wording(
        "The definition of the network {network} has changed[ ({changes:list})]. Compose stops the containers in it,"
        " and recreates it.[ Not running, still attached to the old network, and to be recreated before they can"
        " start: {stopped:list}.]",
        brief="network {network} is recreated",
    ),
    project.NetworkKept: Wording(
        "The definition of the network {network} has changed[ ({changes:list})], but Compose[ {version}] leaves the"
        " network as it is.",
        brief="network {network} stays as it is",
    ),
    project.ContentExternal: Wording(
        "[{service} // A service] uses the {kind} {name}, which is external. Compose cannot create a container with"
        " an external {kind}.",
        "Give it a file or an environment variable instead of 'external: true'.",
        "{kind} {name} is external",
    ),
    project.ContentUnset: Wording(
        "[{service} // A service] takes its {kind} {name} from the variable {variable}, which is not set.",
        "Set it in the project's .env file or in this shell.",
        "variable {variable} is not set",
    ),
    project.VolumeMissing: Wording(
        "The external volume {volume} does not exist.",
        "Create it with <make-volume>, or restore the one that holds the data.",
        "volume {volume} does not exist",
    ),
    project.PathMissing: Wording(
        "{path} does not exist, and [{service} // a service] cannot be created without it.",
        "Put it there, or correct the Compose file.",
        "{path} does not exist",
    ),
    project.NetworkOk: Wording("[The network {network} exists // All networks exist].", brief="networks exist"),
    project.PortTaken: Wording(
        "Port {port} is already in use[ by {by}].",
        "Stop what uses it, or publish another port.",
        "port {port} is already in use",
    ),
    project.PortOk: Wording(
        "[Port {port} is used by the project itself // All ports are free].",
        brief="ports are free",
    ),
    project.ClockDiffers: Wording(
        "This server's clock differs from {registry}'s by {seconds:duration}.",
        "Set the clock (<set-clock>): with a wrong clock, certificates and logins fail.",
        "the clock is wrong",
    ),
    project.ClockUnknown: Wording(
        "This server's clock could not be checked against {registry}[: {reason}].",
        brief="the clock could not be checked",
    ),
    project.ClockOk: Wording(
        "The clock is right.",
        brief="clock OK",
    ),
    project.RegistryOk: Wording("[{registry} // The registry] answers.", brief="registry answers"),
}
