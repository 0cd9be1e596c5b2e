"""The journal of a run: an append-only file of events, the only channel between worker and front ends.

Every record is one line, written by a single ``write`` on a descriptor opened with O_APPEND, so several processes may
append: the worker its facts, front ends their decisions. A record that a crash truncated has no newline; the next
writer begins on a new line and readers skip the torn one. An event's sequence number is its position among the readable
events.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec

from ws9tui.core.journal import events
from ws9tui.core.journal.events import Event
from ws9tui.core.model.durations import rfc3339
from ws9tui.errors import StateError
from ws9tui.problems.engine import JournalUnreadable, JournalUnwritable

JOURNAL = "journal.jsonl"


def now() -> str:
    """Returns the current time as RFC 3339 in UTC, with milliseconds."""
    return rfc3339(time.time())


class Journal:
    """One run's journal, open for appending."""

    def __init__(self, folder: Path, clock: Callable[[], str] = now) -> None:
        self.path = folder / JOURNAL
        self.clock = clock
        try:
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StateError(JournalUnwritable(path=str(self.path), reason=error.strerror)) from error

    def append(self, event: Event, *, sync: bool = True) -> Event:
        """Appends an event, with the current time if it has none, and returns it; ``sync`` waits for the disk.

        Raises `StateError` if the event cannot be written completely.
        """
        event = msgspec.structs.replace(event, at=event.at or self.clock())
        record = events.encode(event) + b"\n"
        if self._torn():
            record = b"\n" + record
        try:
            if os.write(self._fd, record) != len(record):
                raise StateError(JournalUnwritable(path=str(self.path), reason=os.strerror(errno.ENOSPC)))
            if sync:
                os.fdatasync(self._fd)
        except OSError as error:
            raise StateError(JournalUnwritable(path=str(self.path), reason=error.strerror)) from error
        return event

    def _torn(self) -> bool:
        size = os.fstat(self._fd).st_size
        return size > 0 and os.pread(self._fd, 1, size - 1) != b"\n"

    def claim(self) -> bool:
        """Marks this process as the run's worker until the journal is closed; False if there is another worker."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Closes the file and thereby releases the claim."""
        os.close(self._fd)


class Reader:
    """Reads a journal as it grows; what was written can still be read after the file has been removed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / JOURNAL
        try:
            self._file = self.path.open("rb")
        except OSError as error:
            raise StateError(JournalUnreadable(path=str(self.path), reason=error.strerror)) from error
        self._rest = b""
        self.damaged = 0
        """number of lines that are no event: torn by a crash, or written by a newer version"""
        self._finished = False

    def read(self) -> list[Event]:
        """Returns the events appended since the last call."""
        data = self._rest + self._file.read()
        *lines, self._rest = data.split(b"\n")
        found: list[Event] = []
        for line in lines:
            if not line:
                continue
            try:
                found.append(events.decode(line))
            except (ValueError, RecursionError):
                self.damaged += 1
        self._finished = self._finished or any(isinstance(event, events.Finished) for event in found)
        return found

    def live(self) -> bool:
        """Whether a worker has claimed this run; False once `Finished` was read, even if the process still exists."""
        if self._finished:
            return False
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._file.fileno(), fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def earliest(folder: Path) -> str:
    """Returns the earliest time in a run's journal, as the clock may have been set back; now if it has no event.

    Raises `StateError` if the journal cannot be opened.
    """
    with closing(Reader(folder)) as reader:
        return min((event.at for event in reader.read() if event.at), default=now())
