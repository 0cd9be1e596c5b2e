"""Disk space that a run reserves at its commit, for the events that it has yet to write."""

from __future__ import annotations

import os
from pathlib import Path

from ws9tui.errors import StateError
from ws9tui.problems.engine import StateUnwritable

RESERVE = "reserve"
"""file in a run's folder that holds the reserved space"""
_BYTES = 256 * 1024


class Reserve:
    """The reserved space of one run."""

    def __init__(self, run: Path) -> None:
        self._file = run / RESERVE

    def take(self) -> None:
        """Reserves the space; raises `StateError` if the disk is full."""
        try:
            fd = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.posix_fallocate(fd, 0, _BYTES)
            finally:
                os.close(fd)
        except OSError as error:
            self.free()
            raise StateError(StateUnwritable(path=str(self._file), reason=error.strerror)) from error

    def free(self) -> None:
        """Releases the space."""
        self._file.unlink(missing_ok=True)
