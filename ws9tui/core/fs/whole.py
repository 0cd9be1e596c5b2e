"""Large files that get their name only once they are complete, and replace another only on request."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ws9tui.core.fs import files, places

_NO_UNNAMED = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)
"""errors of file systems or kernels without O_TMPFILE"""
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""errors of file systems without hard links, as on a USB stick"""


class Whole:
    """A file with mode 0600 that is being written; all methods raise `OSError`."""

    def __init__(self, folder: int, name: str) -> None:
        self._folder = folder
        self._name = name
        self._beside = ""
        flags = os.O_RDWR | os.O_CLOEXEC
        try:  # an unnamed file vanishes with the process, however that ends
            self.fd = os.open(".", flags | os.O_TMPFILE, 0o600, dir_fd=folder)
        except OSError as error:
            if error.errno not in _NO_UNNAMED:
                raise
            self._beside = f".{name}.{secrets.token_hex(4)}.ws9tui"
            self.fd = os.open(self._beside, flags | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)

    @property
    def path(self) -> str:
        """The path by which this process can read the file meanwhile."""
        return f"/proc/self/fd/{self.fd}"

    def write(self, piece: bytes) -> None:
        """Appends bytes to the file."""
        view = memoryview(piece)
        while view:
            view = view[os.write(self.fd, view) :]

    def cut(self, end: int) -> None:
        """Truncates the file to ``end`` and continues there."""
        os.ftruncate(self.fd, end)
        os.lseek(self.fd, end, os.SEEK_SET)

    def synced(self) -> tuple[int, str]:
        """Syncs the file to disk; returns its size and SHA-256."""
        os.fsync(self.fd)
        with open(self.path, "rb") as file:  # noqa: PTH123 - a descriptor of this process
            return os.fstat(self.fd).st_size, hashlib.file_digest(file, "sha256").hexdigest()

    def publish(self, *, overwrite: bool) -> None:
        """Gives the file its name; without ``overwrite`` raises `FileExistsError` if another file has that name."""
        if overwrite:
            if not self._beside:
                beside = f".{self._name}.{secrets.token_hex(4)}.ws9tui"
                self._link(beside)
                self._beside = beside
            self._rename()
            return
        try:
            self._link(self._name)
        except OSError as error:
            if not self._beside or error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(f"/proc/self/fd/{self._folder}/{self._name}"):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
            self._rename()
        places.sync(self._folder)

    def close(self) -> None:
        """Closes the file; unpublished content is gone."""
        os.close(self.fd)
        if self._beside:
            with suppress(OSError):
                os.unlink(self._beside, dir_fd=self._folder)

    def _link(self, name: str) -> None:
        if self._beside:
            os.link(self._beside, name, src_dir_fd=self._folder, dst_dir_fd=self._folder, follow_symlinks=False)
        else:
            os.link(self.path, name, dst_dir_fd=self._folder)

    def _rename(self) -> None:
        os.rename(self._beside, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        self._beside = ""
        places.sync(self._folder)


@contextmanager
def whole(path: Path) -> Iterator[Whole]:
    """Yields a file to be written and then published; raises `OSError`."""
    where = places.real(path.parent)
    files.tidy(f"{where}/{path.name}")
    with places.held(where) as folder:
        made = Whole(folder, path.name)
        try:
            yield made
        finally:
            made.close()
