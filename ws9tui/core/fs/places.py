"""Real paths: the symbolic links that lead to a file, and folders held by descriptor.

Whoever may write in a folder can put a link in the place of anything in it, at any instant. So what is written is
written to a real path that is known from before, in a folder that is opened from the one above it, none of them by
following a link.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_MOST_LINKS = 40
"""as the kernel follows"""


class Link(msgspec.Struct, frozen=True):
    """A symbolic link on the way to a file."""

    path: str
    owner: int


def way(path: str | Path) -> tuple[str, tuple[Link, ...]]:
    """The real path of a file, be it there or not, and the links that lead to it."""
    rest = str(path if str(path).startswith("/") else f"{Path.cwd()}/{path}").split("/")[::-1]
    at, links = "/", []
    while rest:
        part = rest.pop()
        if part in ("", "."):
            continue
        if part == "..":
            at = str(Path(at).parent)
            continue
        here = f"{at.rstrip('/')}/{part}"
        target = ""
        with suppress(OSError):  # not there, no link, or it may not be looked at
            target = str(Path(here).readlink())
            links.append(Link(here, os.lstat(here).st_uid))
        if not target or len(links) > _MOST_LINKS:
            at = here
            continue
        at = "/" if target.startswith("/") else at
        rest += target.split("/")[::-1]
    return at, tuple(links)


def real(path: str | Path) -> str:
    """The real path of a file, be it there or not."""
    return way(path)[0]


@contextmanager
def held(folder: str, make: Callable[[str, int, str], None] | None = None) -> Iterator[int]:
    """A folder by its real path, as a descriptor to open and rename in; raises `OSError` where a link is on the way.

    ``make(path, above, name)`` makes a folder that is missing in the one above it, which is held.
    """
    fd = os.open("/", FOLDER)
    try:
        at = ""
        for part in Path(folder).parts[1:]:
            at = f"{at}/{part}"
            try:
                below = os.open(part, FOLDER, dir_fd=fd)
            except FileNotFoundError:
                if make is None:
                    raise
                make(at, fd, part)
                below = os.open(part, FOLDER, dir_fd=fd)
            os.close(fd)
            fd = below
        yield fd
    finally:
        os.close(fd)


def is_link(error: OSError) -> bool:
    """Whether something could not be opened because a link, or something else than a folder, is on the way."""
    return error.errno in (errno.ELOOP, errno.ENOTDIR)


def sync(folder: int | Path) -> None:
    """Waits until the entries of a folder, or of one that is held, are on the disk."""
    where, held = (".", folder) if isinstance(folder, int) else (folder, None)
    handle = os.open(where, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=held)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def trusted() -> frozenset[int]:
    """The users whose links and folders this process relies on: root, its own, and who called it by sudo."""
    caller = os.environ.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    return frozenset({0, os.geteuid(), *([int(caller)] if caller.isdecimal() else [])})


def closed(folder: Path) -> str | None:
    """Why no file can be made in a folder; None where one can."""
    if not folder.is_dir():
        return os.strerror(errno.ENOENT)
    if os.access(folder, os.W_OK | os.X_OK):
        return None
    return os.strerror(errno.EROFS if os.statvfs(folder).f_flag & os.ST_RDONLY else errno.EACCES)


def exposed(folder: Path) -> tuple[str, int] | None:
    """The first part above a folder that somebody else can exchange for another, and its owner; None if all are safe.

    In a folder that all may write to, the sticky bit keeps them from what is not theirs.
    """
    ours = trusted()
    at, links = way(folder.parent)
    if foreign := _foreign(links):
        return foreign
    for part in (Path(at), *Path(at).parents):
        try:
            found = part.stat()
        except OSError:  # still to be made
            continue
        shared = found.st_mode & stat.S_IWOTH or (
            found.st_mode & stat.S_IWGRP and found.st_gid not in (0, os.getegid())
        )
        if found.st_uid not in ours or (shared and not found.st_mode & stat.S_ISVTX):
            return str(part), found.st_uid
    return None


def _foreign(links: Iterable[Link]) -> tuple[str, int] | None:
    """The first of these links that somebody else can change, and its owner."""
    return next(((link.path, link.owner) for link in links if link.owner not in trusted()), None)


def exposed_file(path: str | Path) -> tuple[str, int] | None:
    """The same for a file: also it must be nobody's to write but ours; one that is not there is judged by its folders.

    Where a list of access rights gives more than the mode says, the mode has the most that it gives.
    """
    at, links = way(path)
    if found := _foreign(links) or exposed(Path(path)) or exposed(Path(at)):
        return found
    try:
        status = os.lstat(at)
        listed = any(name.startswith("system.posix_acl") for name in os.listxattr(at, follow_symlinks=False))
    except OSError:
        return None
    grouped = status.st_mode & stat.S_IWGRP and (listed or status.st_gid not in (0, os.getegid()))
    if status.st_uid not in trusted() or status.st_mode & stat.S_IWOTH or grouped:
        return at, status.st_uid
    return None
