"""Tells a worker whether a front end is attached that can answer: each front end holds a shared file lock.

The kernel releases the lock however the process ends, a kill and a lost connection included; the worker only tests it.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from ws9tui.core.journal import events as e

ATTACHED = "attached"
"""file in a run's folder that attached front ends lock"""
ALONE_DEADLINE = 300.0
"""seconds that a question before the commit waits without a front end, unless the operator has left on purpose"""
_TRIES = 50
_EVERY = 0.02
"""seconds between two tries, since a worker that tests the lock holds it briefly"""


class Presence:
    """One front end's share of the lock; no error if the folder is not writable, as answers are impossible then."""

    def __init__(self, folder: Path) -> None:
        self._fd: int | None = None
        try:
            fd = os.open(folder / ATTACHED, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError:
            return
        for _ in range(_TRIES):
            try:
                fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                time.sleep(_EVERY)
            else:
                self._fd = fd
                return
        os.close(fd)

    def end(self) -> None:
        """Releases the lock."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def seen(folder: Path) -> bool:
    """Whether a front end is attached; True if that cannot be determined."""
    try:
        fd = os.open(folder / ATTACHED, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        with suppress(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except OSError:  # unknown, so no run is ended because of it
        return True
    finally:
        os.close(fd)
    return True


class Solitude:
    """Measures how long an open question has waited without a front end; an operator who left on purpose may return.

    Time without an open question does not count, so a pull continues.
    """

    def __init__(self) -> None:
        self._since: float | None = None
        self._left = False

    def left(self) -> None:
        """Records that an operator left on purpose: no time counts until a front end is attached again."""
        self._left = True

    def look(self, now: float, *, there: bool, asked: bool) -> e.LeftAlone | e.Joined | None:
        """Records an observation and returns the event it causes, if any."""
        self._left = self._left and not there
        if asked and not there and not self._left:
            if self._since is None:
                self._since = now
                return e.LeftAlone(seconds=ALONE_DEADLINE)
            return None
        before, self._since = self._since, None
        return e.Joined() if there and before is not None else None

    def over(self, now: float) -> bool:
        """Whether the question has waited for `ALONE_DEADLINE`."""
        return self._since is not None and now - self._since >= ALONE_DEADLINE
