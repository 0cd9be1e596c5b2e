"""Tells a worker whether somebody is there who can answer: each front end holds a shared lock while it lives.

The kernel releases it however the process ends, a kill and a lost connection included; the worker only looks.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from ws9tui.core.journal import events as e

ATTACHED = "attached"
"""file in a run's folder that is locked by those who are there"""
ALONE_DEADLINE = 300.0
"""seconds that a question before the commit waits when nobody is there any more, unless they have left on purpose"""
_TRIES = 50
_EVERY = 0.02
"""seconds between two tries: a worker that looks holds the lock for an instant"""


class Presence:
    """One front end's part of the lock; where the folder cannot be written nobody can answer either."""

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
        """Is there no longer."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def seen(folder: Path) -> bool:
    """Whether somebody is there."""
    try:
        fd = os.open(folder / ATTACHED, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        with suppress(BlockingIOError):
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except OSError:  # nothing is known, so that nothing is ended
        return True
    finally:
        os.close(fd)
    return True


class Solitude:
    """How long a question has waited with nobody there; who leaves on purpose is believed to come back.

    While nothing is asked no time counts, so that a pull goes on.
    """

    def __init__(self) -> None:
        self._since: float | None = None
        self._left = False

    def left(self) -> None:
        """Somebody leaves on purpose; what follows counts for nothing until somebody is there again."""
        self._left = True

    def look(self, now: float, *, there: bool, asked: bool) -> e.LeftAlone | e.Joined | None:
        """Takes note of what is seen; gives what is to be told of it."""
        self._left = self._left and not there
        if asked and not there and not self._left:
            if self._since is None:
                self._since = now
                return e.LeftAlone(seconds=ALONE_DEADLINE)
            return None
        before, self._since = self._since, None
        return e.Joined() if there and before is not None else None

    def over(self, now: float) -> bool:
        """Whether it has waited long enough."""
        return self._since is not None and now - self._since >= ALONE_DEADLINE
