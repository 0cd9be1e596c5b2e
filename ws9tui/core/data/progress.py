"""Reports the progress of a data copy, or of reading a file."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.session import Session

PROGRESS_EVERY = 0.5
"""seconds between two progress events"""


class CopyProgress:
    """Emits the progress of a copy at limited intervals."""

    def __init__(self, session: Session, service: str, target: str, doing: str, total: int) -> None:
        self._session = session
        self._event = e.DataMoved(service=service, target=target, doing=doing, done=0, total=total)
        self._said = time.monotonic()
        self._done = 0
        session.emit(self._event)

    def say(self, done: int) -> None:
        """Reports the total of bytes done, if an event is due."""
        if time.monotonic() - self._said >= PROGRESS_EVERY:
            self._said = time.monotonic()
            self._session.emit(msgspec.structs.replace(self._event, done=done))

    def count(self, size: int) -> None:
        """Adds bytes that are done; works in any thread."""
        self._done += size

    def counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yields the chunks and counts them; works in any thread."""
        for chunk in chunks:
            self.count(len(chunk))
            yield chunk

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Reports from a task of its own while the copy runs in a thread."""
        task = asyncio.create_task(self._tell())
        try:
            yield
        finally:
            task.cancel()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY)
            self.say(self._done)
