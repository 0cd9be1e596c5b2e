"""Real paths: resolves symbolic links on the way to a file, and holds folders by descriptor.

A user who can write to a folder can replace anything in it by a link at any instant. Files are therefore written to
a real path that was determined before, in a folder that is opened component by component without following links.
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
"""the kernel's limit"""


class Link(msgspec.Struct, frozen=True):
    """A symbolic link on the way to a file."""

    path: str
    owner: int


def way(path: str | Path) -> tuple[str, tuple[Link, ...]]:
    """Returns the real path of a file, existing or not, and the links that lead to it."""
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
        with suppress(OSError):  # missing, no link, or not readable
            target = str(Path(here).readlink())
            links.append(Link(here, os.lstat(here).st_uid))
        if not target or len(links) > _MOST_LINKS:
            at = here
            continue
        at = "/" if target.startswith("/") else at
        rest += target.split("/")[::-1]
    return at, tuple(links)


def real(path: str | Path) -> str:
    """Returns the real path of a file, existing or not."""
    return way(path)[0]


def expanded(path: str) -> str:
    """Returns a path with the home folder in place of a leading `~`; that of an unknown user stays as it is."""
    return os.path.expanduser(path)  # noqa: PTH111 - pathlib raises for an unknown user


def missing(path: str | Path) -> bool:
    """Whether there is nothing at a path; what cannot be looked at does not count as missing."""
    try:
        os.stat(path)  # noqa: PTH116 - a path or a text
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


@contextmanager
def held(folder: str, make: Callable[[str, int, str], None] | None = None) -> Iterator[int]:
    """Opens a folder by its real path, as a descriptor for `dir_fd`; raises `OSError` if a link is on the way.

    ``make(path, above, name)`` creates a missing folder in ``above``, the descriptor of its parent.
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
    """Whether opening failed because a link, or something other than a folder, is on the way."""
    return error.errno in (errno.ELOOP, errno.ENOTDIR)


def sync(folder: int | Path) -> None:
    """Syncs the entries of a folder, given by path or descriptor, to disk."""
    where, held = (".", folder) if isinstance(folder, int) else (folder, None)
    handle = os.open(where, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=held)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def trusted() -> frozenset[int]:
    """Returns the users whose links and folders are trusted: root, this process's user, and the caller of sudo."""
    caller = os.environ.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    return frozenset({0, os.geteuid(), *([int(caller)] if caller.isdecimal() else [])})


def closed(folder: Path) -> str | None:
    """Returns why no file can be created in a folder; None if one can."""
    if not folder.is_dir():
        return os.strerror(errno.ENOENT)
    if os.access(folder, os.W_OK | os.X_OK):
        return None
    return os.strerror(errno.EROFS if os.statvfs(folder).f_flag & os.ST_RDONLY else errno.EACCES)


def exposed(folder: Path) -> tuple[str, int] | None:
    """Returns the first path above a folder that another user can replace, and its owner; None if all are safe.

    In a world-writable folder, the sticky bit protects the entries of others.
    """
    ours = trusted()
    at, links = way(folder.parent)
    if foreign := _foreign(links):
        return foreign
    for part in (Path(at), *Path(at).parents):
        try:
            found = part.stat()
        except OSError:  # not created yet
            continue
        shared = found.st_mode & stat.S_IWOTH or (
            found.st_mode & stat.S_IWGRP and found.st_gid not in (0, os.getegid())
        )
        if found.st_uid not in ours or (shared and not found.st_mode & stat.S_ISVTX):
            return str(part), found.st_uid
    return None


def _foreign(links: Iterable[Link]) -> tuple[str, int] | None:
    """Returns the first of these links that another user can change, and its owner; None if there is none."""
    return next(((link.path, link.owner) for link in links if link.owner not in trusted()), None)


def exposed_file(path: str | Path) -> tuple[str, int] | None:
    """Returns the first path by which another user can replace or change a file, and its owner; None if it is safe.

    A missing file is judged by its folders. With an ACL, the mode's group bits are the most that the ACL grants.
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
