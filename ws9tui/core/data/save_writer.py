"""Writes a project's backup: members whose size is known only after they are written, and finally their list.

The written members are read back and compared before the list is added. The file gets its name only then, so that a
named backup is complete.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ws9tui.core.blocking import Check, in_thread
from ws9tui.core.fs import tar_members
from ws9tui.core.fs.whole import Whole
from ws9tui.core.model.codec import readable
from ws9tui.core.store import saved_file
from ws9tui.core.store.backup import Packer
from ws9tui.core.store.saved import LIST, Member, Saved
from ws9tui.core.store.saved_file import Count
from ws9tui.errors import StateError
from ws9tui.problems import reasons_files
from ws9tui.problems.saved import SavedNotWhole, SavedUnwritable

_MODE = 0o600


class SaveWriter:
    """A backup being written; raises `StateError` if it cannot be."""

    def __init__(self, made: Whole, path: Path) -> None:
        self._made = made
        self._path = path
        self._members: dict[str, Member] = {}

    @property
    def at(self) -> int:
        """The offset at which the next member begins."""
        return os.lseek(self._made.fd, 0, os.SEEK_CUR)

    @property
    def reading(self) -> str:
        """The path by which this process can read the unfinished file."""
        return self._made.path

    def add(self, name: str, body: bytes) -> None:
        """Adds a small member."""
        with self._writing():
            self._made.write(tar_members.member(name, body, _MODE))
        self._members[name] = Member(len(body), hashlib.sha256(body).hexdigest())

    @contextmanager
    def packed(self, name: str) -> Iterator[Packer]:
        """Adds a member that is compressed while it is written."""
        with self._writing():
            at = self.at
            self._made.write(tar_members.header(name, 0, _MODE))
        packer = Packer(self.put)
        yield packer
        with self._writing():
            self._made.write(tar_members.padding(packer.stored))
            os.pwrite(self._made.fd, tar_members.header(name, packer.stored, _MODE), at)
        self._members[name] = Member(packer.stored, packer.packed)

    def put(self, piece: bytes) -> None:
        """Appends bytes to the file."""
        with self._writing():
            self._made.write(piece)

    def cut(self, end: int) -> None:
        """Truncates the archive to an earlier end and continues there."""
        with self._writing():
            self._made.cut(end)

    async def finish(self, saved: Saved, count: Count, *, overwrite: bool) -> tuple[int, str]:
        """Verifies what was written, adds the list and names the file; returns its size and SHA-256.

        Raises `FileExistsError` if another file has the name.
        """
        return await in_thread(lambda check: self._finish(saved, check, count, overwrite=overwrite))

    def _finish(self, saved: Saved, check: Check, count: Count, *, overwrite: bool) -> tuple[int, str]:
        with self._writing():
            os.fsync(self._made.fd)
        found = saved_file.members(self._made.path, check, count)
        for name, member in self._members.items():
            if found.get(name) != member:
                raise StateError(SavedNotWhole(path=str(self._path), reason=reasons_files.WrittenOther(member=name)))
        self.add(LIST, readable(msgspec.structs.replace(saved, members=found)))
        with self._writing():
            self._made.write(tar_members.END)
            size, digest = self._made.synced()
        check()
        try:
            self._made.publish(overwrite=overwrite)
        except FileExistsError:
            raise
        except OSError as error:
            raise unwritable(self._path, error) from error
        return size, digest

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unwritable(self._path, error) from error


def unwritable(path: Path, error: OSError) -> StateError:
    """Returns the error for a backup that cannot be written."""
    return StateError(SavedUnwritable(path=str(path), reason=error.strerror))
