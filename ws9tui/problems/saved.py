"""Problems of a backup file of a whole project: of creating it, and of restoring the project from it."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason

# --- the backup file


class SavedDamaged(Problem):
    path: str
    reason: Reason | str


class SavedForeign(Problem):
    path: str


class SavedMissing(Problem):
    path: str
    reason: Reason | str | None


class SavedNewer(Problem):
    path: str


class SavedUnsafe(Problem):
    path: str
    name: str


class SavedPlatform(Problem):
    path: str
    platform: str
    engine: str


class SavedUnwritable(Problem):
    path: str
    reason: Reason | str | None


class SavedNotWhole(Problem):
    path: str
    reason: Reason | str


# --- backup: what is saved, and what is not


class SavesVolume(Problem):
    size: int | None
    services: str
    anonymous: str = ""


class SavesFolder(Problem):
    size: int | None
    services: str


class SavesFile(Problem):
    services: str


class SavesProject(Problem):
    size: int | None


class StoppedForBackup(Problem): ...


class LeftOutSystem(Problem):
    path: str
    services: str


class LeftOutSpecial(Problem):
    path: str
    services: str


class LeftOutVolume(Problem):
    volume: str
    services: str
    kind: str


class LeftOutMissing(Problem):
    path: str
    services: str


class LeftOutAway(Problem):
    path: str
    services: str


class LeftOutProjectFolder(Problem):
    path: str


class LeftOutLayer(Problem):
    service: str
    container: str
    count: int
    paths: str


class SavedEdited(Problem):
    files: str


class SavedSecrets(Problem):
    path: str


class SavedRoom(Problem):
    needed: int
    free: int
    path: str
    unknown: str = ""


class SavedNoRoom(Problem):
    needed: int
    free: int
    path: str


class SavedInside(Problem):
    path: str
    folder: str


class SavedOthers(Problem):
    container: str
    source: str


class SavedPaused(Problem):
    container: str


class SavedNothing(Problem):
    project: str


class SavedNotStarted(Problem):
    container: str
    reason: Reason | str


class SavedGone(Problem):
    container: str
    service: str


class SavedImagesElsewhere(Problem):
    references: str


# --- restore


class MakesVolume(Problem):
    driver: str


class MakesNetwork(Problem):
    driver: str
    external: str = ""


class LoadsVolume(Problem):
    size: int | None


class LoadsOver(Problem):
    size: int | None


class LoadsFolder(Problem):
    size: int | None


class LoadsFile(Problem):
    over: str = ""


class RemovedForRestore(Problem):
    name: str
    files: str


class PutAsideIn(Problem):
    folder: str


class LoadDiffers(Problem):
    path: str
    archive: str


class RestoreOverwrites(Problem):
    what: str
    file: str


class SavedOrphan(Problem):
    container: str
    service: str


class RestoreBlocked(Problem):
    path: str
    reason: Reason | str


class RestoreInside(Problem):
    path: str
    folder: str


class RestoreForeignUser(Problem):
    container: str
    source: str


class RestoreSpares(Problem):
    path: str


class RestoreNoWayBack(Problem): ...


class RestoreNotPromised(Problem): ...


class RestoreDiskRoom(Problem):
    needed: int
    free: int


class RestoreRoomUnknown(Problem):
    needed: int


class RestoreImageMissing(Problem):
    image: str
    service: str
