"""Words for data: what is saved before an update, and what goes back with a rollback."""

from __future__ import annotations

from ws9tui.problems import data
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

WORDINGS: dict[type[Problem], Wording] = {
    # --- why data is saved
    data.BackupAsked: Wording("Its data is saved because --backup names it.", "", "asked for by --backup"),
    data.BackupSet: Wording("Its data is saved because its settings say so.", "", "set by x-ws9tui"),
    data.BackupUnset: Wording("Its data is not saved because its settings say so.", "", "x-ws9tui says not to"),
    data.BackupPossible: Wording("Its data can be saved.", "", "not asked for"),
    data.DataRestored: Wording("Its data goes back.", "", "its data goes back"),
    # --- what the operator should know of it
    data.BackupNotTouched: Wording(
        "[{service} // A service] is not made anew, so its data is not saved.",
        "",
        "not made anew, so nothing is saved",
    ),
    data.BackupNothing: Wording(
        "[{service} // A service] has no volume and no folder of data, so nothing is saved.", "", "has no data to save"
    ),
    data.VolumeNotData: Wording(
        "[{service} // A service] mounts the volume {volume}, which holds no data of its own[ ({kind})]:"
        " nothing of it is saved.",
        "",
        "{volume} is no data",
    ),
    data.RecoverWithoutData: Wording(
        "The data of {services} is not brought back: it stays as it is now.",
        "What was saved stays too: <rollback-data> tries it again later.",
        "its data is not brought back",
    ),
    data.BackupShared: Wording(
        "[{container} // Another container] goes on running and may write into {source}, which is saved for {service}.",
        "Stop it meanwhile if it does write there.",
    ),
    data.ExtrasNotSaved: Wording(
        "The data[ of {service}][ ({target})] is saved without extended attributes, ACLs and holes of sparse files:"
        " only root on the engine's own machine sees them.",
        "",
        "without extended attributes, ACLs and holes",
    ),
    data.ExtrasNotRestored: Wording(
        "The data[ of {service}][ ({target})] came back without extended attributes, ACLs or holes[ of {files} files]:"
        " their file system has none, or this is not root on the engine's own machine.",
        "Go back once more there, as root, if a program needs them.",
        "without extended attributes, ACLs and holes",
    ),
    data.HolesNotRestored: Wording(
        "[{files} sparse files // Sparse files][ of {service}][ ({target})] came back without their holes: the content"
        " is the same, it takes more room.",
        "",
        "sparse files came back filled",
    ),
    data.ExtrasFailed: Wording(
        "Extended attributes or holes could not be put back[ in {path}][: {reason}].",
        "The content is back; try again when the cause is gone.",
        "extended attributes not put back[: {reason}]",
    ),
    data.AfterCopyNoRoom: Wording(
        "There is no room to put aside what was written since[: {needed:size} are needed][, {free:size} are free]"
        "[ in {path}].",
        "Going back with the data would lose that; free some space first, or go back with the image only.",
        "no room to put aside what was written since",
    ),
    data.AfterCopyMissing: Wording(
        "What was written into the data[ of {service}] could not be put aside[: {reason}].",
        "",
        "what was written could not be put aside",
    ),
    data.RestoreUnfinished: Wording(
        "The data[ of {services}] was being restored when that run ended; it is not whole.",
        "Both ways complete it, back and forward. Left as it is, it stays half restored.",
        "data is half restored",
    ),
    data.RecoverWithData: Wording(
        "Back brings the data[ of {services}] back too, as that run has saved it.",
        "What is there now is put aside first.",
        "back brings the data back too",
    ),
    data.RecoverDataStays: Wording(
        "The new version of {services} has run, and its data was not saved: what it has changed there stays.",
        "After going back the earlier version may refuse that data.",
        "its data stays as the new version left it",
    ),
    # --- what stops it
    data.BackupPathUnknown: Wording(
        "[{file}[, line {line}]: ][{service} // The service] has no data at {path}.",
        "Name the path of a volume or of a mounted folder[; there are: {known}].",
    ),
    data.BackupNoRoom: Wording(
        "[{needed:size} are // More space is] needed to save the data[, and {free:size} are free][ in {path}].",
        "Free some, name another folder with --backup-dir, or save less (--no-backup saves nothing).",
        "too little space to save the data",
    ),
    data.BackupFailed: Wording("The data could not be saved[ to {path}][: {reason}].", "", "not saved[: {reason}]"),
    data.BackupDisturbed: Wording(
        "[{service} // A service] was started by somebody else while its data was copied.",
        "See that nothing starts it meanwhile, and try again.",
        "started by somebody else meanwhile",
    ),
    data.NoBackup: Wording(
        "No data was saved of generation {number}.",
        "<history> lists what there is; without --data images go back.",
    ),
    data.BackupMissing: Wording("The saved data[ in {path}] is not there any more.", "", "the saved data is gone"),
    data.BackupDamaged: Wording(
        "The saved data[ in {path}] cannot be used[: {reason}].",
        "Nothing of the present data was touched.",
        "the saved data is damaged",
    ),
    data.BackupVolumeGone: Wording(
        "The volume {volume} is not there any more, so its data[ in {path}] cannot go back.",
        "Let Compose make it (<make-volumes>), and try again.",
        "the volume {volume} is gone",
    ),
    data.RestoreNoRoom: Wording(
        "The data[ of {service}] has no room on the engine's disk"
        "[: {needed:size} more are needed][, {free:size} are free].",
        "Free some and go back again; the present data was not touched.",
        "no room for the data on the engine's disk",
    ),
    data.RestoreDiffers: Wording(
        "What was restored[ to {target}][ of {service}] is not what was saved.",
        "[Try again with <recover-back>. ]It is in {path}; the volume or folder is {source}."
        " By hand, as root: empty that folder, and in it <unpack>.",
        "what was restored differs",
    ),
}
