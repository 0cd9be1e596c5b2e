"""What is in a volume or a folder, seen from the machine: everything that a backup must bring back."""

from __future__ import annotations

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
Entry = tuple[Any, ...]


def path_of(engine: Dockerd, volume: str) -> Path:
    """Return where a volume's content is on this machine."""
    found: Any = engine.client().api.inspect_volume(volume)
    return Path(found["Mountpoint"])


def tree(folder: Path) -> dict[str, Entry]:
    """Return each entry with its type, mode, owner, time in seconds, content or target, and its file capability."""
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
        capability = b""
        if stat.S_ISREG(status.st_mode) and CAPABILITY in os.listxattr(path):
            capability = os.getxattr(path, CAPABILITY)
        owner = (status.st_uid, status.st_gid)
        found[name] = (stat.filemode(status.st_mode), owner, int(status.st_mtime), content, linked, capability)
    return found


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
    (folder / "private").mkdir(mode=0o700)
    (folder / "sticky").mkdir()
    (folder / "sticky").chmod(0o1777)
    for number, path in enumerate(sorted(folder.rglob("*"))):
        os.chown(path, 1000 + number, 2000 + number, follow_symlinks=False)
    (folder / "run.sh").chmod(0o4750)  # a change of owner takes the set-ID bits away
    program = folder / "program"
    program.write_bytes(b"\x7fELF")
    os.setxattr(program, CAPABILITY, NET_BIND)
    for number, path in enumerate(sorted(folder.rglob("*"), reverse=True)):
        os.utime(path, (1_600_000_000, 1_600_000_000 + number), follow_symlinks=False)
