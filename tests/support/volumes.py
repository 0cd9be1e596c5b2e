"""What is in a volume or a folder, seen from the machine: everything that a backup must bring back."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dockerd import Dockerd

CAPABILITY = "security.capability"
NET_BIND = struct.pack("<IIIII", 0x02000001, 1 << 10, 0, 0, 0)
"""cap_net_bind_service=ep, as the kernel stores it"""
_NOBODY = 2**32 - 1
ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", tag, allowed, who)
    for tag, allowed, who in ((1, 6, _NOBODY), (2, 4, 1234), (4, 4, _NOBODY), (16, 4, _NOBODY), (32, 0, _NOBODY))
)
"""u::rw-,u:1234:r--,g::r--,m::r--,o::---, as the kernel takes it"""
Entry = tuple[Any, ...]


def path_of(engine: Dockerd, volume: str) -> Path:
    """Return where a volume's content is on this machine."""
    found: Any = engine.client().api.inspect_volume(volume)
    return Path(found["Mountpoint"])


def tree(folder: Path) -> dict[str, Entry]:
    """Return each entry with its type, mode, owner, time, content or target, links, extended attributes, and holes."""
    found: dict[str, Entry] = {}
    inodes: dict[int, str] = {}
    for path in sorted([folder, *folder.rglob("*")]):
        status = path.lstat()
        name = str(path.relative_to(folder))
        content = ""
        if stat.S_ISREG(status.st_mode):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        elif stat.S_ISLNK(status.st_mode):
            content = str(path.readlink())
        linked = inodes.setdefault(status.st_ino, name)
        names = sorted(os.listxattr(path, follow_symlinks=False))
        xattrs = tuple((xattr, os.getxattr(path, xattr, follow_symlinks=False)) for xattr in names)
        holes = _holes(path) if stat.S_ISREG(status.st_mode) else ()
        owner = (status.st_uid, status.st_gid)
        found[name] = (stat.filemode(status.st_mode), owner, int(status.st_mtime), content, linked, xattrs, holes)
    return found


def carried(found: dict[str, Entry]) -> dict[str, Entry]:
    """Leave out what an engine's archives leave out: holes, and extended attributes but file capabilities."""
    return {
        name: (*entry[:5], tuple(xattr for xattr in entry[5] if xattr[0] == CAPABILITY))
        for name, entry in found.items()
    }


def _holes(path: Path) -> tuple[tuple[int, int], ...]:
    found = []
    with path.open("rb") as file:
        end = path.stat().st_size
        at = 0
        while (start := os.lseek(file.fileno(), at, os.SEEK_HOLE) if at < end else end) < end:
            try:
                at = os.lseek(file.fileno(), start, os.SEEK_DATA)
            except OSError:  # there is no data after it
                at = end
            found.append((start, at))
    return tuple(found)


def fill(folder: Path) -> None:
    """Write one of everything that data can be made of."""
    deep = folder / "base" / "deep"
    deep.mkdir(parents=True)
    (deep / "table").write_bytes(os.urandom(70_000))
    (folder / "empty").touch()
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o4750)
    (folder / "name with blanks, ü and \n a line end").write_text("x")
    (folder / ("long" * 50)).write_text("y")
    (folder / "soft").symlink_to("base/deep/table")
    (folder / "broken").symlink_to("/nowhere")
    os.link(deep / "table", folder / "hard")
    os.mkfifo(folder / "pipe", 0o640)
    with (folder / "sparse").open("wb") as file:
        file.truncate(3 << 20)
        file.seek(1 << 20)
        file.write(b"in the middle")
    with (folder / "hollow").open("wb") as file:
        file.truncate(1 << 20)
    (folder / "private").mkdir(mode=0o700)
    (folder / "sticky").mkdir()
    (folder / "sticky").chmod(0o1777)
    for number, path in enumerate(sorted(folder.rglob("*"))):
        os.chown(path, 1000 + number, 2000 + number, follow_symlinks=False)
    (folder / "run.sh").chmod(0o4750)  # a change of owner takes the set-ID bits away
    program = folder / "program"
    program.write_bytes(b"\x7fELF")
    os.setxattr(program, CAPABILITY, NET_BIND)
    for path in (deep / "table", folder / "private", folder / "sparse"):
        _set_xattr(path, "user.origin", b"by hand\0\xff")
        _set_xattr(path, "trusted.mark", path.name.encode())
    _set_xattr(folder / "soft", "trusted.mark", b"of the link itself")
    _set_xattr(folder / "private", "system.posix_acl_default", ACL)
    _set_xattr(folder / "private", "system.posix_acl_access", ACL)
    _set_xattr(deep / "table", "system.posix_acl_access", ACL)
    for number, path in enumerate(sorted(folder.rglob("*"), reverse=True)):
        os.utime(path, (1_600_000_000, 1_600_000_000 + number), follow_symlinks=False)


def _set_xattr(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value, follow_symlinks=False)
    except OSError as error:
        if error.errno != errno.ENOTSUP:  # a tmpfs of a kernel before 6.6 has no user.*
            raise
