"""Room on the disk that a run sets aside at its commit, for the facts that are still to be written."""

from __future__ import annotations

import os
from pathlib import Path

from ws9tui.errors import StateError
from ws9tui.problems.engine import StateUnwritable

RESERVE = "reserve"
"""file in a run's folder that is the room"""
_BYTES = 256 * 1024


class Reserve:
    """The room of one run."""

    def __init__(self, run: Path) -> None:
        self._file = run / RESERVE

    def take(self) -> None:
        """Sets it aside; raises `StateError` where the disk has none."""
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
        """Gives it back."""
        self._file.unlink(missing_ok=True)
