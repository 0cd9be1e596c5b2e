"""Unpacks an untrusted zip: writes only regular files, and none outside the target folder.

The whole central directory is checked before the first byte is written; sizes are counted again while unpacking.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ws9tui.errors import Refused
from ws9tui.problems import reasons_files
from ws9tui.problems.problem import told_by
from ws9tui.problems.release import (
    ArchiveBomb,
    ArchiveDuplicate,
    ArchiveEncrypted,
    ArchiveNotAFile,
    ArchiveNotUnpacked,
    ArchivePathOutside,
    ReleaseDamaged,
)

MOST_BYTES = 512 << 20
"""unpacked; a real release has some ten million"""
MOST_ENTRIES = 20_000
HIGHEST_RATIO = 200
"""unpacked bytes per byte of the archive; text reaches some 20, deflate at most 1032"""
_LONGEST = 1024
_CHUNK = 1 << 16
_END_REACH = 22 + 0xFFFF
"""bytes of the end-of-central-directory record and of its longest comment"""


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks a zip into an existing, empty folder; raises `Refused`, possibly after unpacking a part."""
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [(entry, _path(entry)) for entry in opened.infolist()]
            _judge(entries, archive)
            left = MOST_BYTES
            for entry, path in entries:
                if entry.is_dir():
                    (folder / path).mkdir(mode=0o755, parents=True, exist_ok=True)
                else:
                    left -= _write(opened, entry, folder / path, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Refused(ReleaseDamaged(file=archive.name, reason=told_by(error))) from error
    except OSError as error:
        raise Refused(ArchiveNotUnpacked(file=archive.name, reason=str(error.strerror or error))) from error


def _path(entry: zipfile.ZipInfo) -> PurePosixPath:
    """Returns the path of an entry, relative to the folder; raises `Refused` if it is unsafe."""
    name = entry.orig_filename
    path = PurePosixPath(name)
    plain = name.isprintable() and "\\" not in name and len(name) <= _LONGEST
    drive = path.parts[:1] != () and path.parts[0].endswith(":")
    if not plain or drive or path.is_absolute() or ".." in path.parts or not (path.parts or entry.is_dir()):
        raise Refused(ArchivePathOutside(entry=name))
    return path


def _announced(archive: Path) -> int:
    """Returns the entry count in the end record (APPNOTE 4.3.16); -1 if there is no such record."""
    with archive.open("rb") as file:
        file.seek(max(0, archive.stat().st_size - _END_REACH))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    return int.from_bytes(tail[at + 10 : at + 12], "little") if at >= 0 else -1


def _judge(entries: list[tuple[zipfile.ZipInfo, PurePosixPath]], archive: Path) -> None:
    if len(entries) != _announced(archive):  # an entry with a wrong length hides those that follow
        raise zipfile.BadZipFile(reasons_files.ContentsDamaged())
    if len(entries) > MOST_ENTRIES:
        raise Refused(ArchiveBomb(limit=MOST_ENTRIES))
    size = sum(entry.file_size for entry, _ in entries)
    if size > MOST_BYTES or size > HIGHEST_RATIO * archive.stat().st_size:
        raise Refused(ArchiveBomb())
    files: set[PurePosixPath] = set()
    folders: set[PurePosixPath] = set()
    for entry, path in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or (kind == stat.S_IFDIR and not entry.is_dir()):
            raise Refused(ArchiveNotAFile(entry=entry.filename))
        if entry.flag_bits & 0x1:
            raise Refused(ArchiveEncrypted(entry=entry.filename))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused(ReleaseDamaged(reason=reasons_files.MethodUnknown(method=entry.compress_type)))
        folders.update(path.parents)
        if entry.is_dir():
            folders.add(path)
        elif path in files:
            raise Refused(ArchiveDuplicate(entry=entry.filename))
        else:
            files.add(path)
    if both := files & folders:
        raise Refused(ArchiveDuplicate(entry=str(min(both))))


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Unpacks one file, verifies its checksum and returns its size."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    # Of the archive's mode only read and execute bits are used, and only the owner may write.
    mode = (entry.external_attr >> 16) & 0o755 | 0o600 if entry.external_attr >> 16 else 0o644
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    size = 0
    with os.fdopen(fd, "wb") as file, opened.open(entry) as content:
        while chunk := content.read(_CHUNK):
            size += len(chunk)
            if size > left:
                raise Refused(ArchiveBomb())
            file.write(chunk)
        os.fchmod(fd, mode)
    if size != entry.file_size:
        raise zipfile.BadZipFile(reasons_files.MemberCutShort(member=entry.filename, done=size, size=entry.file_size))
    return size
