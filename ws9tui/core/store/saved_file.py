"""Reads a project's backup file, which is untrusted: nothing in it is used before all its checksums were verified."""

from __future__ import annotations

import hashlib
import os
import stat
import tarfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from ws9tui.core.blocking import Check
from ws9tui.core.fs import xattrs
from ws9tui.core.fs.tar_bounds import Header, OversizedError, headers
from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.store import backup as backups
from ws9tui.core.store import saved as records
from ws9tui.core.store.backup import Part
from ws9tui.core.store.saved import LIST, MOST_LISTED, Member, Saved
from ws9tui.errors import Refused, StateError
from ws9tui.problems import reasons_files
from ws9tui.problems.data import BackupDamaged
from ws9tui.problems.problem import Reason
from ws9tui.problems.saved import SavedDamaged, SavedForeign, SavedMissing

_MOST_MEMBERS = 200_000
_PIECE = 1 << 20
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


Count = Callable[[int], None]
"""callback with the number of bytes read since its last call; runs in a thread"""


class SavedFile:
    """A verified backup file, held open so that replacing the file has no effect."""

    def __init__(self, path: str, check: Check, count: Count = lambda _: None) -> None:
        """Reads and verifies the whole file; raises `Refused`."""
        self.path = path
        self._file = _opened(path)
        try:
            self._at, found = _scan(path, self._file, check, count)
            self.saved = self._listed(found)
        except BaseException:
            self._file.close()
            raise

    def _listed(self, found: dict[str, Member]) -> Saved:
        """Returns the list of the file; raises `Refused` unless it matches the file's members exactly."""
        if LIST not in found:
            raise _cut_short(self.path) if _ours(found) else Refused(SavedForeign(path=self.path))
        if found[LIST].size > MOST_LISTED:
            raise _damaged(self.path, reasons_files.ListTooLarge())
        saved = records.decode(self.path, self._bytes(LIST, found.pop(LIST).size))
        for name in sorted(saved.members.keys() | found.keys()):
            if found.get(name) != saved.members.get(name):
                raise _damaged(self.path, reasons_files.ChecksumOther(member=name))
        return saved

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def content(self, copy: str) -> bytes:
        """Returns the content of a file of the generation, by the name of its copy."""
        name = f"{records.OWN}files/{copy}"
        return self._bytes(name, self.saved.members[name].size)

    def chunks(self, part: Part) -> Iterator[bytes]:
        """Yields a part's archive, uncompressed; raises `StateError` if it is damaged or larger than listed."""
        left = part.size
        cut_short = StateError(BackupDamaged(path=self.path, reason=reasons_files.CutShort()))
        pieces = _pieces(self._file, self._at[part.archive], self.saved.members[part.archive].size, cut_short)
        for chunk in backups.unpacked(pieces, f"{self.path}:{part.archive}"):
            left -= len(chunk)
            if left < 0:
                raise StateError(
                    BackupDamaged(path=self.path, reason=reasons_files.MemberTooLarge(member=part.archive))
                )
            yield chunk

    def extras(self, part: Part) -> tuple[Extras, ...] | None:
        """Returns what a part's archive leaves out; None if that was not read. Raises `StateError`."""
        if not part.extras:
            return None
        try:
            return xattrs.decode(self._bytes(part.extras, self.saved.members[part.extras].size))
        except ValueError as error:
            raise StateError(BackupDamaged(path=self.path, reason=str(error))) from error

    def _bytes(self, name: str, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, self._at[name])


def members(path: str, check: Check, count: Count) -> dict[str, Member]:
    """Returns the members of a file with their sizes and hashes; raises `Refused` if it is no valid archive."""
    with _opened(path) as file:
        return _scan(path, file, check, count)[1]


def _opened(path: str) -> IO[bytes]:
    """Opens a regular file; raises `Refused` if it is missing or no regular file."""
    try:
        fd = os.open(path, _READ)
    except OSError as error:
        raise Refused(SavedMissing(path=path, reason=error.strerror)) from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise Refused(SavedForeign(path=path))
    return os.fdopen(fd, "rb")


def _scan(path: str, file: IO[bytes], check: Check, count: Count) -> tuple[dict[str, int], dict[str, Member]]:
    """Returns the offset of each member, and the members, in one pass over the whole file."""
    at: dict[str, int] = {}
    found: dict[str, Member] = {}
    with _sound(path, found), tarfile.open(fileobj=file, mode="r:", tarinfo=Header) as tar:
        for entry in headers(tar):
            if entry.isdir():
                continue
            if entry.name in found or len(found) >= _MOST_MEMBERS:
                twice = entry.name in found
                raise _damaged(
                    path, reasons_files.MemberTwice(member=entry.name) if twice else reasons_files.MembersTooMany()
                )
            if not entry.isreg():  # older engines link layers to each other
                found[entry.name] = Member(0, hashlib.sha256(entry.linkname.encode()).hexdigest())
                continue
            at[entry.name] = entry.offset_data
            found[entry.name] = Member(entry.size, "")  # so that `_sound` knows the name if the file is truncated
            found[entry.name] = Member(entry.size, _sha256(path, file, entry, check, count))
    return at, found


def _sha256(path: str, file: IO[bytes], entry: tarfile.TarInfo, check: Check, count: Count) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(file, entry.offset_data, entry.size, _cut_short(path)):
        check()
        digest.update(piece)
        count(len(piece))
    return digest.hexdigest()


def _pieces(file: IO[bytes], at: int, size: int, cut_short: Exception) -> Iterator[bytes]:
    """Yields ``size`` bytes of a file from an offset on; raises ``cut_short`` if there are fewer."""
    end = at + size
    while at < end:
        piece = os.pread(file.fileno(), min(_PIECE, end - at), at)
        if not piece:
            raise cut_short
        at += len(piece)
        yield piece


@contextmanager
def _sound(path: str, found: Collection[str]) -> Iterator[None]:
    try:
        yield
    except OversizedError as error:
        raise _damaged(path, error.reason) from error
    except tarfile.ReadError as error:
        raise _cut_short(path) if _ours(found) else Refused(SavedForeign(path=path)) from error
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        raise _damaged(path, str(error)) from error


def _ours(found: Iterable[str]) -> bool:
    """Whether members with these names belong to a backup file, whose list, the last member, may be missing."""
    return any(name.startswith(records.OWN) for name in found)


def _cut_short(path: str) -> Refused:
    return _damaged(path, reasons_files.CutShort())


def _damaged(path: str, reason: Reason | str) -> Refused:
    return Refused(SavedDamaged(path=path, reason=reason))
