"""Reads and restores extended attributes and holes of the files in a folder of this machine.

A running program may write there, and must not redirect root elsewhere: every folder is opened relative to its parent,
and no symbolic link is followed.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from ws9tui.core.fs.xattrs import Extras, is_of_data

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_BLOCK = 512
"""bytes per unit of `st_blocks`"""
_KEEP_SIZE_PUNCH_HOLE = 0x01 | 0x02
"""mode of fallocate(2)"""


def scan(root: str, hidden: Collection[str] = ()) -> tuple[Extras, ...]:
    """Returns the extras of all files and folders below a folder that have any, by path; raises `OSError`.

    ``hidden`` are paths that are skipped, with everything below them.
    """
    found = []
    for fd, name, path in _entries(root, hidden):
        status = os.stat(name, dir_fd=fd, follow_symlinks=False)
        data = _data(fd, name, status) if stat.S_ISREG(status.st_mode) else None
        xattrs = _xattrs(_way(fd, name))
        if xattrs or data is not None:
            found.append(Extras(os.fsencode(path), xattrs, data, status.st_size if data is not None else 0))
    return tuple(sorted(found, key=lambda extras: extras.path))


def apply(root: str, wanted: Iterable[Extras], hidden: Collection[str] = ()) -> None:
    """Gives the files in a folder exactly these extras; raises `OSError`.

    If the file system has no holes, files stay filled. ``hidden`` paths are skipped, as in `scan`.
    """
    of = {os.fsdecode(extras.path): extras for extras in wanted}
    for fd, name, path in _entries(root, hidden):
        extras = of.get(path, Extras(b""))
        way = _way(fd, name)
        present = _xattrs(way)
        for xattr in present.keys() - extras.xattrs.keys():
            os.removexattr(way, xattr, follow_symlinks=False)
        for xattr, value in extras.xattrs.items():
            if present.get(xattr) != value:
                os.setxattr(way, xattr, value, follow_symlinks=False)
        if extras.holes:
            _punch(fd, name, extras)


def _entries(root: str, hidden: Collection[str]) -> Iterator[tuple[int, str, str]]:
    """Yields each entry: its open folder, its name in it, and its path below the root; the root itself first."""
    top = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
    try:
        yield top, ".", ""
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            with _opened(top, folder) as fd, os.scandir(fd) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if path in hidden:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(path)
                    yield fd, entry.name, path
    finally:
        os.close(top)


@contextmanager
def _opened(top: int, path: str) -> Iterator[int]:
    fd = os.dup(top)
    try:
        for name in path.split("/") if path else ():
            below = os.open(name, _FOLDER, dir_fd=fd)
            os.close(fd)
            fd = below
        yield fd
    finally:
        os.close(fd)


def _way(fd: int, name: str) -> str:
    """Returns a path to an entry of an open folder, for system calls that take no folder descriptor."""
    return f"/proc/self/fd/{fd}/{name}"


def _xattrs(way: str) -> dict[str, bytes]:
    try:
        names = sorted(filter(is_of_data, os.listxattr(way, follow_symlinks=False)))
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return {}
        raise
    return {name: os.getxattr(way, name, follow_symlinks=False) for name in names}


def _data(fd: int, name: str, status: os.stat_result) -> tuple[tuple[int, int], ...] | None:
    """Returns the byte ranges of a file that have data; None if it has no holes."""
    if status.st_blocks * _BLOCK >= status.st_size:
        return None
    file = os.open(name, os.O_RDONLY | _FILE, dir_fd=fd)
    try:
        parts = []
        end = 0
        while end < status.st_size:
            try:
                start = os.lseek(file, end, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # only a hole is left
                    break
                raise
            if start >= status.st_size:
                break
            end = min(os.lseek(file, start, os.SEEK_HOLE), status.st_size)
            parts.append((start, end))
    finally:
        os.close(file)
    return None if parts == [(0, status.st_size)] else tuple(parts)


def _punch(fd: int, name: str, extras: Extras) -> None:
    """Punches the holes of a file, which has zeros there, and keeps its times; skips a file of another size."""
    fallocate = _fallocate()
    file = os.open(name, os.O_RDWR | _FILE, dir_fd=fd)
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size != extras.size:
            return
        for start, end in extras.holes:
            if fallocate(file, _KEEP_SIZE_PUNCH_HOLE, start, end - start) != 0:
                if ctypes.get_errno() in (errno.EOPNOTSUPP, errno.ENOSYS):
                    return
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    finally:
        os.close(file)


def _fallocate() -> ctypes._FuncPointer:  # Python has posix_fallocate(3) only, which makes no holes
    libc = ctypes.CDLL(None, use_errno=True)
    # glibc's plain fallocate takes 32-bit offsets on some machines; musl has only that name
    function = getattr(libc, "fallocate64", None) or libc.fallocate
    function.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    return function
