"""Messages about data: what is backed up before an update, and what a rollback restores."""

from __future__ import annotations

from ws9tui.problems import data
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    # --- why data is backed up
    data.BackupAsked: Wording(
        "Its data is backed up because --backup names it.",
        brief="requested with --backup",
    ),
    data.BackupSet: Wording(
        "Its data is backed up because x-ws9tui says so.",
        brief="set in x-ws9tui",
    ),
    data.BackupUnset: Wording(
        "Its data is not backed up because x-ws9tui says so.",
        brief="excluded in x-ws9tui",
    ),
    data.BackupPossible: Wording(
        "Its data can be backed up.",
        brief="not requested",
    ),
    data.DataRestored: Wording(
        "Its data is restored.",
        brief="its data is restored",
    ),
    # --- notes for the operator
    data.BackupNotTouched: Wording(
        "[{service} // A service] is not recreated, so its data is not backed up.",
        brief="not recreated, so not backed up",
    ),
    data.BackupNothing: Wording(
        "[{service} // A service] has no volume and no data folder, so there is nothing to back up.",
        brief="has no data to back up",
    ),
    data.VolumeNotData: Wording(
        "[{service} // A service] mounts the volume {volume}, which holds no data of its own[ ({kind})]. It is not"
        " backed up.",
        brief="{volume} holds no data of its own",
    ),
    data.RecoverWithoutData: Wording(
        "The data of {services} is not restored: it stays as it is now.",
        "The backup is kept. To restore it later: <rollback-data>.",
        "its data is not restored",
    ),
    data.BackupShared: Wording(
        "[{container} // Another container] keeps running and may write to {source} while that is backed up for"
        " {service}.",
        "If it writes there, stop it during the update.",
    ),
    data.ExtrasNotSaved: Wording(
        "The data[ of {service}][ ({target})] is backed up without extended attributes, ACLs and the holes of sparse"
        " files: only root on the engine's server can read them.",
        brief="without extended attributes, ACLs and sparse files",
    ),
    data.ExtrasNotRestored: Wording(
        "The data[ of {service}][ ({target})] was restored without extended attributes, ACLs or the holes of sparse"
        " files[ ({files} files)]: the file system does not support them, or ws9tui does not run as root on the"
        " engine's server.",
        "If a program needs them, roll back again there as root.",
        "without extended attributes, ACLs and sparse files",
    ),
    data.HolesNotRestored: Wording(
        "[{files} sparse files // Sparse files][ of {service}][ ({target})] were restored without holes: the content"
        " is the same, but takes more space.",
        brief="sparse files restored without holes",
    ),
    data.ExtrasFailed: Wording(
        "Extended attributes or sparse files could not be restored[ in {path}][: {reason}].",
        "The content is restored. Fix the cause, then try again.",
        "extended attributes not restored[: {reason}]",
    ),
    data.AfterCopyNoRoom: Wording(
        "Not enough space to back up the current data before the restore[: {needed:size} needed][, {free:size}"
        " free][ in {path}].",
        "A rollback with data would lose what was written since the backup. Free some space first, or roll back the"
        " image only.",
        "no space to back up the current data first",
    ),
    data.AfterCopyMissing: Wording(
        "The current data[ of {service}] could not be backed up before the restore[: {reason}].",
        brief="current data not backed up before the restore",
    ),
    data.RestoreUnfinished: Wording(
        "The data[ of {services}] was being restored when the run ended: it is incomplete.",
        "Rolling back and going forward both complete it. If you leave it as it is, it stays incomplete.",
        "data only partly restored",
    ),
    data.RecoverWithData: Wording(
        "Rolling back also restores the data[ of {services}] from that run's backup.",
        "The current data is backed up first.",
        "rolling back restores the data too",
    ),
    data.RecoverDataStays: Wording(
        "The new version of {services} has run, and its data was not backed up: what it changed there stays changed.",
        "After a rollback, the earlier version may refuse that data.",
        "its data stays as the new version left it",
    ),
    # --- errors
    data.BackupPathUnknown: Wording(
        "[{file}[, line {line}]: ][{service} // The service] has no data at {path}.",
        "Give the path of a volume or of a mounted folder[; known: {known}].",
    ),
    data.BackupNoRoom: Wording(
        "Not enough space to back up the data[: {needed:size} needed][, {free:size} free][ in {path}].",
        "Free some space, choose another folder with --backup-dir, or back up less (--no-backup backs up nothing).",
        "not enough space for the backup",
    ),
    data.BackupInside: Wording(
        "The backups would lie in {path}, inside {folder}, whose data is backed up or restored: a restore would delete"
        " them.",
        "Choose another folder with --backup-dir, or --state-dir, best on another disk.",
        "would lie in what is restored",
    ),
    data.BackupFailed: Wording(
        "The data could not be backed up[ to {path}][: {reason}].",
        brief="backup failed[: {reason}]",
    ),
    data.BackupDisturbed: Wording(
        "[{service} // A service] was started by somebody else during the backup.",
        "Make sure that nothing starts it, then try again.",
        "started by somebody else during the backup",
    ),
    data.NoBackup: Wording(
        "There is no backup of the data of generation {number}.",
        "To see which generations have one: <history>. To roll back the images only, leave out --data.",
    ),
    data.BackupMissing: Wording(
        "The backup[ in {path}] no longer exists.",
        brief="the backup no longer exists",
    ),
    data.BackupDamaged: Wording(
        "The backup[ in {path}] cannot be used[: {reason}].",
        "The current data was not changed.",
        "the backup is damaged",
    ),
    data.BackupVolumeGone: Wording(
        "The volume {volume} no longer exists, so its data[ in {path}] cannot be restored.",
        "Let Compose create it (<make-volumes>), then try again.",
        "volume {volume} no longer exists",
    ),
    data.RestoreNoRoom: Wording(
        "Not enough space on the engine's disk to restore the data[ of {service}][: {needed:size} more needed][,"
        " {free:size} free].",
        "Free some space, then roll back again. The current data was not changed.",
        "not enough space on the engine's disk",
    ),
    data.RestoreDiffers: Wording(
        "The restored data[ in {target}][ of {service}] differs from the backup.",
        "The backup is {path}; the volume or folder is {source}. To restore it by hand, as root: empty that folder,"
        " then run in it: <unpack>.",
        "the restored data differs from the backup",
    ),
}
