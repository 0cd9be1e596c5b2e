"""Problems of backing up and restoring the data of services."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class BackupAsked(Problem): ...


class BackupSet(Problem): ...


class BackupUnset(Problem): ...


class BackupPossible(Problem): ...


class DataRestored(Problem): ...


class BackupNotTouched(Problem):
    service: str


class BackupNothing(Problem):
    service: str


class VolumeNotData(Problem):
    service: str
    volume: str
    kind: str


class RecoverWithoutData(Problem):
    services: str
    number: int


class BackupShared(Problem):
    container: str
    service: str
    source: str


class ExtrasNotSaved(Problem):
    service: str
    target: str


class ExtrasNotRestored(Problem):
    service: str
    target: str
    files: int


class HolesNotRestored(Problem):
    service: str
    target: str
    files: int


class ExtrasFailed(Problem):
    path: str
    reason: Reason | str | None


class AfterCopyNoRoom(Problem):
    path: str
    needed: int
    free: int


class AfterCopyMissing(Problem):
    service: str
    reason: str


class RestoreUnfinished(Problem):
    services: str


class RecoverWithData(Problem):
    services: str


class RecoverDataStays(Problem):
    services: str


class BackupPathUnknown(Problem):
    path: str
    service: str
    file: str
    line: int
    known: str


class BackupNoRoom(Problem):
    path: str
    needed: int
    free: int


class BackupInside(Problem):
    path: str
    folder: str


class BackupFailed(Problem):
    path: str
    reason: Reason | str


class BackupDisturbed(Problem):
    service: str


class NoBackup(Problem):
    number: int


class BackupMissing(Problem):
    path: str


class BackupDamaged(Problem):
    path: str
    reason: Reason | str | None


class BackupVolumeGone(Problem):
    volume: str
    path: str


class RestoreNoRoom(Problem):
    service: str
    needed: int
    free: int


class RestoreDiffers(Problem):
    service: str
    path: str
    target: str
    source: str
    project: str
