"""Checks, before anything is pulled, whether a project's files can be replaced."""

from __future__ import annotations

import array
import fcntl
import os
import re
import stat
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ws9tui.core.fs import files, places
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store.generation import StoredFile
from ws9tui.problems.files import (
    FileFolderClosed,
    FileForeignLink,
    FileHardLinks,
    FileImmutable,
    FileLedElsewhere,
    FileMounted,
    FileOfAnother,
    FileOwnerDiffers,
    FileOwnerLost,
    FileReadOnly,
    FileUnwritable,
)
from ws9tui.problems.problem import Problem

_GET_FLAGS = 0x80000000 | struct.calcsize("l") << 16 | ord("f") << 8 | 1
"""FS_IOC_GETFLAGS of ioctl(2)"""
_FIXED = 0x10 | 0x20
"""FS_IMMUTABLE_FL and FS_APPEND_FL"""


def owners(source: ProjectSource) -> frozenset[int]:
    """Returns the user IDs whose links are trusted: this process's users, and the owners of the Compose files."""
    found = set(places.trusted())
    for file in source.files:
        with suppress(OSError):
            found.add(Path(file).stat().st_uid)
    return frozenset(found)


def problems(stored: Iterable[StoredFile], source: ProjectSource) -> Iterator[Problem]:
    """Yields, for each of these files that cannot be replaced, the reason."""
    relied_on = owners(source)
    return (found for file in stored if (found := problem(file, relied_on)) is not None)


def problem(stored: StoredFile, relied_on: frozenset[int]) -> Problem | None:
    """Returns why a file cannot be replaced, or None; ``relied_on`` are the users whose links may lead to it."""
    real = Path(places.real(stored.path))
    if stored.real and str(real) != stored.real:
        return elsewhere(stored)
    if (foreign := foreign_link(stored.path, relied_on)) is not None:
        return foreign
    above = next(part for part in real.parents if os.path.isdir(part))  # noqa: PTH112 - False below a closed folder
    try:
        with places.held(str(above)) as folder:
            return _owner_differs(stored, folder, real) or _unwritable(stored.path, folder, above, real)
    except OSError as error:
        return FileUnwritable(path=stored.path, reason=error.strerror or str(error))


def notes(paths: Iterable[str]) -> list[Problem]:
    """Returns what files lose on replacement: their further hard links, and an owner or group that cannot be set."""
    found: list[Problem] = []
    for path in paths:
        with suppress(OSError):
            status = Path(path).stat()
            if status.st_nlink > 1:
                found.append(FileHardLinks(path=path, count=status.st_nlink - 1))
            if os.geteuid() == 0:
                continue
            if status.st_uid != os.geteuid() or status.st_gid not in (os.getegid(), *os.getgroups()):
                owner, group = files.user(status.st_uid), files.group(status.st_gid)
                found.append(FileOwnerLost(path=path, owner=owner, group=group, user=files.user(os.geteuid())))
    return found


def elsewhere(stored: StoredFile) -> FileLedElsewhere:
    """Returns where a file's path leads now and led when it was recorded, and which link on the way is new."""
    real, links = places.way(stored.path)
    recorded = stored.real if stored.real != stored.path else ""
    new = next((link for link in links if Path(link.path) in (Path(stored.real), *Path(stored.real).parents)), None)
    link, owner = (new.path, files.user(new.owner)) if new else ("", "")
    return FileLedElsewhere(path=stored.path, real=real, recorded=recorded, link=link, owner=owner)


def foreign_link(path: str, relied_on: frozenset[int]) -> Problem | None:
    """Returns the problem of a link to a file made by a user who is neither trusted nor the file's owner; else None."""
    real, links = places.way(path)
    target = next(part for part in (Path(real), *Path(real).parents) if os.path.lexists(part)).lstat().st_uid
    link = next((link for link in links if link.owner not in {*relied_on, target}), None)
    if link is None:
        return None
    owner, whose = files.user(link.owner), files.user(target)
    return FileForeignLink(path=path, real=real, link=link.path, owner=owner, target=whose)


def _owner_differs(stored: StoredFile, folder: int, real: Path) -> Problem | None:
    """Returns the problem if a recorded file has another owner by now; None unless root, who alone can restore it."""
    if not stored.real or not stored.sha256 or os.geteuid() != 0:
        return None
    with suppress(OSError):
        now = os.stat(real.name, dir_fd=folder, follow_symlinks=False).st_uid
        if now != stored.uid:
            return FileOwnerDiffers(path=str(real), now=files.user(now), recorded=files.user(stored.uid))
    return None


def _unwritable(path: str, folder: int, above: Path, real: Path) -> Problem | None:
    """Returns why a file cannot be replaced by a new one in its folder, or None."""
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return FileReadOnly(path=path, folder=str(above))
    there = os.path.lexists(real)
    for part in (above, *([real] if there else ())):
        if _flags(folder, "." if part == above else real.name) & _FIXED:
            return FileImmutable(path=path, part=str(part))
    user = files.user(os.geteuid())
    status = os.stat(".", dir_fd=folder)
    if not os.access(".", os.W_OK | os.X_OK, dir_fd=folder, effective_ids=True):
        return FileFolderClosed(path=path, folder=str(above), user=user, owner=files.user(status.st_uid))
    if there and _is_mount(real):
        return FileMounted(path=path)
    if there and real.parent == above:
        file = os.stat(real.name, dir_fd=folder, follow_symlinks=False)
        kept = status.st_mode & stat.S_ISVTX and os.geteuid() not in (0, status.st_uid)
        if file.st_uid != os.geteuid() and (
            kept or not os.access(real.name, os.W_OK, dir_fd=folder, effective_ids=True, follow_symlinks=False)
        ):
            return FileOfAnother(path=path, folder=str(above), user=user, owner=files.user(file.st_uid))
    return None


def _is_mount(path: Path) -> bool:
    """Whether a file is a mount point, which no other file can replace (`rename(2)`, EBUSY)."""
    written = re.sub(r"[ \t\n\\]", lambda found: f"\\{ord(found[0]):03o}", str(path))
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    return any(line.split(" ")[4] == written for line in mounts)


def _flags(folder: int, name: str) -> int:
    """Returns the attributes of `chattr`; 0 if there are none, or they may not be read."""
    found = array.array("l", [0])
    with suppress(OSError):
        fd = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        try:
            fcntl.ioctl(fd, _GET_FLAGS, found)
        finally:
            os.close(fd)
    return found[0]
