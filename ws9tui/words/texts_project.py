"""Words for the project, its files and settings, and for the checks before anything is changed."""

from __future__ import annotations

from ws9tui.problems import project
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

WORDINGS: dict[type[Problem], Wording] = {
    # --- which project, which service
    project.ProjectUnknown: Wording(
        "There is no Compose project '{name}' here[; there are {known:list} // , and none runs on this engine].",
        "[Did you mean {near}? ]Name one of these, or the folder of its Compose file.",
    ),
    project.ProjectDiffers: Wording(
        "{project} runs from {there}, and Compose finds {here} here.",
        "<update> takes what it runs from. To have it run from here, bring it up from here with"
        " <up> once, or confirm it on a terminal.",
        "runs from {there}; from here it would be {here}",
    ),
    project.ProjectOfTheseFiles: Wording(
        "{project} runs from {file}.",
        "Name it: <update>.",
        "runs from {file}",
    ),
    project.ProjectOtherName: Wording(
        "Compose calls the project here {project}, of which nothing runs. What runs from the same file:"
        " [{projects:list} // another project].",
        "Name the one that is meant. <install-here> would make one more beside it.",
    ),
    project.ProjectNotRunning: Wording(
        "Nothing of {project} runs, so there is nothing to update.",
        "<install-here> brings it up for the first time; <recover> brings back what was recorded.",
    ),
    project.ProjectFilesElsewhere: Wording(
        "{project} was started from {files}: not on this machine.",
        "Name its files as they are here, with -f.",
    ),
    project.ProjectFromStdin: Wording(
        "{project} was started from standard input, so its definition is in no file.",
        "Save it to a file, and name that with -f.",
    ),
    project.ProjectFileNowhere: Wording(
        "{file} is no file of this machine: it could not be kept, nor put back.",
        "Save it to a file, and name that with -f.",
    ),
    project.ProjectFilesUnclear: Wording(
        "Compose reads another project in {folder} than in its files[ {files}].",
        "Name the files with -f.",
    ),
    project.ProjectAmbiguous: Wording(
        "There are several projects[: {projects:list}].",
        "Name the one that is meant, or stand in its folder.",
    ),
    project.ProjectNone: Wording(
        "There is no Compose project here: no Compose file in [{folder} // this folder], and none runs on this engine.",
        "Stand in the project's folder or name it. <install> installs one.",
    ),
    project.ProjectNoFolder: Wording("There is no folder {folder}.", "Check the path."),
    project.ProjectFileMissing: Wording("There is no file {file}.", "Check the path."),
    project.ProjectNoFile: Wording(
        "There is no Compose file in {folder}.",
        "Name another folder, or the file with -f.",
    ),
    project.AlreadyInstalled: Wording(
        "[{project} // The project] is installed already: it has containers.",
        "<update> updates it.",
    ),
    project.ServiceUnknown: Wording(
        "[{project} // The project] has no service '{service}'[; it has {known:list}].",
        "[Did you mean {near}? ]Check the name; a service of a profile counts only with --profile.",
    ),
    project.ReferenceInvalid: Wording(
        "'{reference}' is no image reference, tag or version[: {reason:why}].",
        "Write a tag as in 2.2.17, or a whole reference as in nginx:1.29.",
    ),
    project.ReferenceNotInFiles: Wording(
        "[{file}[, line {line}]: the // The] tag of {service} cannot be changed there: {reason:place}[ ({variable})].",
        "Change it by hand where it is set, then update without a tag.",
        "its tag cannot be written to a file",
    ),
    project.FileNotUnderstood: Wording(
        "{file}[, line {line}]: Compose reads it, ws9tui cannot[: {reason}].",
        "Its services can be updated; x-ws9tui in it counts for nothing, and no tag can be changed in it.",
    ),
    project.ReferenceShared: Wording(
        "[{file}[, line {line}]: ]the tag of {service} is that of {other} too, which would become {reference:ref}.",
        "Select {other} as well, with the same tag; or give each a variable of its own.",
        "shares its tag with {other}",
    ),
    # --- the state of a service
    project.ServiceAdded: Wording("The release brings it.", "", "new in the release"),
    project.DefinitionChanged: Wording(
        "The definition[ of {service}] in the files is not the one that runs.",
        "",
        "definition changed",
    ),
    project.HasBuild: Wording(
        "[{service} // It] is built from source here; ws9tui builds nothing.",
        "Build it with <build>, then update: the new image is a reason to recreate.",
        "built here",
    ),
    project.BuiltHere: Wording(
        "[{service} // It] is built here, and no registry is needed for it.",
        "Build it with <build>, then update: the new image is a reason to recreate.",
        "built here",
    ),
    project.BuiltAnew: Wording(
        "{reference:ref} was built or loaded anew here[, and {service} still runs the image before].",
        "",
        "built anew here",
    ),
    project.NotBuilt: Wording(
        "The image of {service} has not been built yet.",
        "Build it with <build>.",
        "not built yet",
    ),
    project.BuildFirst: Wording(
        "{services:list} must be built first; ws9tui builds nothing.",
        "Build with: {command}. Then install again.",
        "must be built first",
    ),
    project.PullFirst: Wording(
        "{service} has pull_policy: never, and its image {reference:ref} is not here.",
        "Bring it with <pull>, then install again.",
        "its image is not here",
    ),
    project.PullNever: Wording(
        "[{service} // It] has pull_policy: never, so its image comes from this machine only.",
        "Change the policy to have it updated.",
        "pull_policy: never",
    ),
    project.SelfUpdate: Wording(
        "ws9tui runs inside[ {service}] and cannot replace itself.",
        "Run it on the machine itself, or in a container of its own.",
        "ws9tui runs in it",
    ),
    # --- settings
    project.SettingsUnknownKey: Wording(
        "[{file}[, line {line}]: ]x-ws9tui does not know '{key}'[; it knows {known:list}].",
        "Correct the name, or remove it.",
    ),
    project.SettingsInvalid: Wording(
        "[{file}[, line {line}]: ]'{key}' is not valid[: {reason:why}].",
        "Correct it.",
    ),
    project.VariableUndefined: Wording(
        "The variable {variable}[ in {file}] is not set, so Compose takes it as empty.",
        "Set it in the project's .env file.",
        "variable {variable} is not set",
    ),
    # --- preflight and doctor
    project.EngineOk: Wording("Docker[ {version}][ (API {api})] answers.", "", "Docker[ {version}]"),
    project.ApiTooOld: Wording(
        "The engine's API[ {version}] is too old.",
        "Docker 20.10 or later is needed.",
    ),
    project.ComposeOk: Wording("Compose[ {version}] works.", "", "Compose[ {version}]"),
    project.DiskLow: Wording(
        "[{free:size} // Too little] is free[ on {root}][, and the update needs about {needed:size}].",
        "Free some: <disk-use> shows what takes the space.",
        "too little disk space",
    ),
    project.StateDiskLow: Wording(
        "[Only {free:size} // Too little] is free for the state directory[ {path}][; {needed:size} are needed].",
        "Free some, or name another folder with --state-dir: without it there would be no way back.",
        "too little space for the state directory",
    ),
    project.InodesLow: Wording(
        "[Only {free:inodes} // Too few] inodes are free[ on {root}].",
        "Remove unused images and containers: each file of an image takes one.",
        "too few inodes",
    ),
    project.DiskOk: Wording("[{free:size} // Enough] is free[ on {root}].", "", "enough disk space"),
    project.DiskUnknown: Wording(
        "How much space the engine has cannot be seen from here.",
        "Look yourself whether there is room for the new images beside the old ones.",
        "disk space is unknown",
    ),
    project.NetworkMissing: Wording(
        "The external network {network} does not exist.",
        "Make it with <make-network>.",
        "network {network} is missing",
    ),
    project.NetworkAmbiguous: Wording(
        "There is more than one network with the name {network}[: {ids:list}]: the engine refuses that name then, and"
        " starts no container in it.",
        "[{spare:given}Nothing is in [{spare:list}]: <remove-networks>."
        " // <inspect-networks> tells who is in which; remove all of them but one.]",
        "network {network} is there more than once",
    ),
    project.NetworkMislabelled: Wording(
        "There is a network {network}, but it was not made as {key} of this project[: its label says {label}][, of the"
        " project {project}]; Compose[ {version}] refuses it.",
        "If it is the right one, write 'external: true' and 'name: {network}' below networks.{key}; else give"
        " networks.{key} another name[.{idle:given} Nothing is in it: <remove-network> lets Compose make its own].",
        "network {network} was not made for networks.{key}",
    ),
    project.NetworkInUse: Wording(
        "The network {network} is defined otherwise now[ ({changes:list})]: Compose removes it to make it anew, which"
        " fails as long as [{containers:list} // another container] is in it.",
        "[{stranger:given}Take {stranger} out of it (<leave-network>), or put the network's former definition back."
        " // Put its former definition back, or first let Compose change it for all services at once: <up-local>.]",
        "network {network} is in use and cannot be made anew",
    ),
    project.NetworkMadeAnew: Wording(
        "The network {network} is defined otherwise now[ ({changes:list})]: Compose stops what is in it, and makes it"
        " anew.[ {stopped:list}, which does not run, stays tied to the former one and has to be made anew to start"
        " again.]",
        "",
        "network {network} is made anew",
    ),
    project.NetworkKept: Wording(
        "The network {network} is defined otherwise now[ ({changes:list})]; Compose[ {version}] leaves it as it is.",
        "",
        "network {network} stays as it is",
    ),
    project.ContentExternal: Wording(
        "[{service} // A service] uses the {kind} {name}, which is external: Compose makes no container with one.",
        "Give it a file or an environment variable instead of 'external: true'.",
        "{kind} {name} is external",
    ),
    project.ContentUnset: Wording(
        "[{service} // A service] takes its {kind} {name} from the variable {variable}, which is not set.",
        "Set it in the project's .env file, or in this shell.",
        "variable {variable} is not set",
    ),
    project.VolumeMissing: Wording(
        "The external volume {volume} does not exist.",
        "Make it with <make-volume>, or bring back the one that holds the data.",
        "volume {volume} is missing",
    ),
    project.PathMissing: Wording(
        "{path} is not there, and [{service} // a service] cannot be made without it.",
        "Put it there, or correct the definition.",
        "{path} is missing",
    ),
    project.NetworkOk: Wording("[The network {network} exists // All networks exist].", "", "networks exist"),
    project.PortTaken: Wording(
        "Port {port} is taken[ by {by}].",
        "Stop what holds it, or publish another port.",
        "port {port} is taken",
    ),
    project.PortOk: Wording("[Port {port} is held by the project itself // All ports are free].", "", "ports are free"),
    project.ClockDiffers: Wording(
        "This machine's clock differs from {registry}'s by {seconds:duration}.",
        "Set it (<set-clock>): certificates and logins fail with a wrong clock.",
        "the clock is wrong",
    ),
    project.ClockUnknown: Wording(
        "Whether this machine's clock is right could not be checked against {registry}[: {reason}].",
        "",
        "the clock could not be checked",
    ),
    project.ClockOk: Wording("The clock is right.", "", "clock ok"),
    project.RegistryOk: Wording("[{registry} // The registry] answers.", "", "registry answers"),
}
