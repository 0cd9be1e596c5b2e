"""Problems of files and their owners."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class FileUnreadable(Problem):
    path: str
    reason: Reason | str | None


class FileForbidden(Problem):
    path: str
    user: str
    part: str
    right: str
    owner: str = ""
    mode: str = ""


class FileSpecial(Problem):
    path: str


class FileTooLarge(Problem):
    path: str
    size: int
    most: int


class FileUnwritable(Problem):
    path: str
    reason: Reason | str | None


class FileLedElsewhere(Problem):
    path: str
    real: str
    recorded: str = ""
    link: str = ""
    owner: str = ""


class FileForeignLink(Problem):
    path: str
    real: str
    link: str
    owner: str
    target: str


class FileOwnerDiffers(Problem):
    path: str
    now: str
    recorded: str


class FileReadOnly(Problem):
    path: str
    folder: str


class FileImmutable(Problem):
    path: str
    part: str


class FileMounted(Problem):
    path: str


class FileFolderClosed(Problem):
    path: str
    folder: str
    user: str
    owner: str


class FileOfAnother(Problem):
    path: str
    folder: str
    user: str
    owner: str


class FileHardLinks(Problem):
    path: str
    count: int


class FileOwnerLost(Problem):
    path: str
    owner: str
    group: str
    user: str


class ReportExists(Problem):
    path: str


class StateExposed(Problem):
    path: str
    part: str
    owner: str
