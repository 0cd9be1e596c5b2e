"""Problems of image archives and of loading images from them."""

from __future__ import annotations

from ws9tui.problems.image import ImageProblem
from ws9tui.problems.problem import Problem, Reason


class ArchiveMissing(Problem):
    path: str


class ArchiveFolderEmpty(Problem):
    path: str


class ArchiveUnreadable(Problem):
    path: str
    reason: Reason | str | None


class ArchiveForeign(Problem):
    path: str


class ArchiveDamaged(Problem):
    file: str = ""
    path: str
    reason: Reason | str


class ArchiveUnsafe(Problem):
    path: str
    member: str


class ArchiveOversized(Problem):
    path: str
    reason: Reason | str


class ArchiveCompression(Problem):
    path: str


class ArchiveLacks(Problem):
    references: str


class ArchiveAmbiguous(Problem):
    reference: str
    archives: str


class ArchiveImageDiffers(Problem):
    reference: str
    path: str


class DigestUnknown(ImageProblem):
    archive: str


class LoadFailed(Problem):
    reason: Reason | str
    archive: str = ""
    reference: str = ""


class LoadIncomplete(Problem):
    reference: str
    archive: str


class LoadFinishing(Problem):
    reference: str


class LoadLeft(Problem):
    reference: str
    size: int | None


class LoadStalled(Problem):
    reference: str
    seconds: float
