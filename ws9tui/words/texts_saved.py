"""Messages about a project's backup file, and about restoring a project from it."""

from __future__ import annotations

from ws9tui.problems import saved
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    # --- the backup file
    saved.SavedDamaged: Wording(
        "The backup {path} is damaged[: {reason}].",
        "Copy it again from where it was made, or use another backup.",
        "damaged",
    ),
    saved.SavedForeign: Wording(
        "{path} is not a project's backup made by ws9tui.",
        "Give the file that a backup wrote: <backup>.",
        "not a backup",
    ),
    saved.SavedMissing: Wording(
        "The backup {path} cannot be read[: {reason}].", "Check its name and its permissions.", "cannot be read"
    ),
    saved.SavedNewer: Wording(
        "The backup {path} was made by a newer version of ws9tui.", "Update ws9tui here.", "from a newer version"
    ),
    saved.SavedUnsafe: Wording(
        "The backup {path} names a place where no backup puts anything: {name}.",
        "Do not use this file; it was not made by ws9tui or was changed.",
        "unsafe",
    ),
    saved.SavedPlatform: Wording(
        "The backup {path} is of a server with {platform}; this engine is {engine}.",
        "Restore it on a server of that platform.",
        "for another platform",
    ),
    saved.SavedUnwritable: Wording(
        "The backup {path} cannot be written[: {reason}].",
        "No unfinished file is left there. Check the folder, its permissions and its free space, or choose another"
        " place with --output.",
        "cannot be written",
    ),
    saved.SavedNotWhole: Wording(
        "What was written to {path} is not what was saved[: {reason}].",
        "The file was removed. Check the disk there (<kernel-log>), or choose another place with --output.",
        "not what was saved",
    ),
    # --- backup
    saved.SavesVolume: Wording(
        "[An {anonymous:given}anonymous volume // A volume][ of {services:list}], [{size:size} // size unknown].",
        brief="[{anonymous:given}anonymous volume // volume][ of {services:list}], [{size:size} // size unknown]",
    ),
    saved.SavesFolder: Wording(
        "A folder[ of {services:list}], [{size:size} // size unknown].",
        brief="folder[ of {services:list}], [{size:size} // size unknown]",
    ),
    saved.SavesFile: Wording("A file[ of {services:list}].", brief="file[ of {services:list}]"),
    saved.SavesProject: Wording(
        "The project's folder with all in it, [{size:size} // size unknown].",
        brief="the project's folder with all in it, [{size:size} // size unknown]",
    ),
    saved.StoppedForBackup: Wording(
        "It is stopped while the data is copied, and the same container is started again.",
        brief="stopped while the data is copied, then started again",
    ),
    saved.LeftOutSystem: Wording(
        "Not in the backup: {path}[ of {services:list}], which belongs to the server.", brief="belongs to the server"
    ),
    saved.LeftOutSpecial: Wording(
        "Not in the backup: {path}[ of {services:list}], which is a socket or a device.", brief="a socket or a device"
    ),
    saved.LeftOutVolume: Wording(
        "Not in the backup: the content of volume {volume}[ of {services:list}], which holds no data ({kind:said}).",
        brief="holds no data",
    ),
    saved.LeftOutMissing: Wording(
        "Not in the backup: {path}[ of {services:list}], for nothing is there.", brief="nothing is there"
    ),
    saved.LeftOutAway: Wording(
        "Not in the backup: the file {path}[ of {services:list}], which cannot be read from here.",
        "Run the backup on the server of the engine, as root.",
        "cannot be read from here",
    ),
    saved.LeftOutProjectFolder: Wording(
        "Of the project's folder {path} only the files that Compose reads are in the backup: it is not the project's"
        " alone, or not on this server.",
        brief="only the files that Compose reads",
    ),
    saved.LeftOutLayer: Wording(
        "Not in the backup: {count:files} that {service:name} has written inside its container {container}, outside of"
        " all mounts[: {paths:list}].",
        "Copy what you need: <copy-out>.",
        "written inside the container",
    ),
    saved.SavedEdited: Wording(
        "{files:list} was edited after the containers were made. The backup has the files as they were then.",
        "To have the edit in the backup, apply it first: <update>.",
        "edited since",
    ),
    saved.SavedSecrets: Wording(
        "The backup {path} contains secrets in plain text: env files, the containers' variables, all data. Only you can"
        " read it.",
        "Store and copy it accordingly.",
        "contains secrets",
    ),
    saved.SavedRoom: Wording(
        "{path} takes at most {needed:size}[{unknown:given}, and what could not be measured]; {free:size} are free.",
        brief="takes at most {needed:size}",
    ),
    saved.SavedNoRoom: Wording(
        "There may not be enough room for {path}: {needed:size} may be needed, {free:size} are free.",
        "Free up space there, or choose another place with --output.",
        "not enough room",
    ),
    saved.SavedInside: Wording(
        "{path} lies in {folder}, which is saved itself and may be lost together with it.",
        "Choose another place with --output, best on another disk.",
        "lies in what is saved",
    ),
    saved.SavedOthers: Wording(
        "{container} is not part of the project, keeps running, and writes to {source}, which is saved.",
        "Stop it during the backup if its data must be consistent.",
        "may write meanwhile",
    ),
    saved.SavedPaused: Wording(
        "{container} is paused and stays so; its data is saved as it is on the disk, as after a power failure.",
        "Unpause it before the backup if its data must be consistent.",
        "is paused and stays so",
    ),
    saved.SavedNothing: Wording(
        "The project {project} has no containers here, so there is nothing to save.",
        "Name another project; <list-projects> lists them.",
        "nothing to save",
    ),
    saved.SavedOrphan: Wording(
        "The project's files do not define {service:name} (container {container}): its data and its definition are in"
        " the backup, but no restore can create its container again.",
        brief="not defined in the files",
    ),
    saved.SavedNotStarted: Wording(
        "{container} was stopped for the backup and could not be started again[: {reason}].",
        "Fix the cause, then start it: <recover-back>.",
        "not started again",
    ),
    saved.SavedGone: Wording(
        "{container} was stopped for the backup and no longer exists.",
        "Make it again: <recreate-service>. Then complete the recovery: <recover-back>.",
        "no longer exists",
    ),
    saved.SavedImagesElsewhere: Wording(
        "{references:list} was built or loaded here; no registry is known to have it, and it is not in the backup.",
        "Add --images to have all images in the backup.",
        "not in the backup",
    ),
    saved.RestoreSpares: Wording(
        "{path} belongs to another project and stays as it is.",
        brief="belongs to another project",
    ),
    saved.RestoreNoWayBack: Wording(
        "The interrupted run was a restore; there is no way back from it.",
        "Complete it with --forward, or leave everything as it is with --leave.",
        "no way back",
    ),
    saved.RestoreNotPromised: Wording(
        "Not restored by this: Linux accounts, host packages, systemd units and Cockpit, firewall rules, and data of"
        " other projects.",
        brief="not restored",
    ),
    # --- restore
    saved.MakesVolume: Wording("The backup has it; driver {driver}.", brief="driver {driver}"),
    saved.MakesNetwork: Wording(
        "[It is external{external:given} and gone. ]The backup has it; driver {driver}.",
        brief="driver {driver}[{external:given}, external]",
    ),
    saved.LoadsVolume: Wording("Volume, [{size:size} // size unknown].", brief="volume, [{size:size} // size unknown]"),
    saved.LoadsFolder: Wording("Folder, [{size:size} // size unknown].", brief="folder, [{size:size} // size unknown]"),
    saved.LoadsOver: Wording(
        "[{size:size} // size unknown]; what is there now is compared, and put aside where it differs.",
        brief="[{size:size} // size unknown]; holds data now: kept if it is the same, else put aside and REPLACED",
    ),
    saved.LoadsFile: Wording(
        "A single file[{over:given}; another content is there now].",
        brief="single file[{over:given}; REPLACES another content, which is recorded with the current state]",
    ),
    saved.RemovedForRestore: Wording(
        "{name} has the project's name and is not part of the backup[; it was made from {files:list}].",
        brief="not part of the backup[; made from {files:list}]",
    ),
    saved.PutAsideIn: Wording("Data that is replaced is put aside first, in {folder}.", brief="put aside in {folder}"),
    saved.LoadDiffers: Wording(
        "What was restored to {path} differs from {archive}.",
        "Check the disk there (<kernel-log>), then run the same restore again.",
        "differs from the backup",
    ),
    saved.RestoreOverwrites: Wording(
        "There is something in the way of the restore: {what:list}.",
        "Look at the plan (--plan). With --overwrite it is replaced; data that differs is put aside first.",
        "something is in the way",
    ),
    saved.RestoreBlocked: Wording(
        "{path} cannot be restored[: {reason}].", "Move away what is there, then run the restore again.", "blocked"
    ),
    saved.RestoreInside: Wording(
        "{path} lies in {folder}, which is emptied and restored.",
        "Use a copy elsewhere, best on another disk; --state-dir names another state directory.",
        "lies in what is emptied",
    ),
    saved.RestoreForeignUser: Wording(
        "{container} is not part of the project, is running, and uses {source}, which is to be restored.",
        "Stop it first.",
        "in use",
    ),
    saved.RestoreRoomUnknown: Wording(
        "The free disk space of the engine cannot be read from here; {needed:size} are needed there.",
        "Check yourself that it fits.",
        "free disk space not known",
    ),
    saved.RestoreImageMissing: Wording(
        "The image {image:ref} of {service} is neither on this server nor in the backup, and no registry is known to"
        " have it.",
        "Give an archive that has it with --from, or make the backup again with --images.",
        "image missing",
    ),
    saved.RestoreDiskRoom: Wording(
        "There may not be enough room on the engine's disk: {needed:size} are needed, {free:size} are free.",
        "Free up space there.",
        "not enough room",
    ),
}
