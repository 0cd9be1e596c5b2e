"""Says how far a copy of data is, or the reading of a file."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.session import Session

PROGRESS_EVERY = 0.5
"""seconds between two words of progress"""


class CopyProgress:
    """Says how far a copy is, not too often."""

    def __init__(self, session: Session, service: str, target: str, doing: str, total: int) -> None:
        self._session = session
        self._event = e.DataMoved(service=service, target=target, doing=doing, done=0, total=total)
        self._said = time.monotonic()
        self._done = 0
        session.emit(self._event)

    def say(self, done: int) -> None:
        """So many bytes are done."""
        if time.monotonic() - self._said >= PROGRESS_EVERY:
            self._said = time.monotonic()
            self._session.emit(msgspec.structs.replace(self._event, done=done))

    def count(self, size: int) -> None:
        """So many bytes more are done, in whatever thread."""
        self._done += size

    def counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Chunks that are counted as they are taken, in whatever thread."""
        for chunk in chunks:
            self.count(len(chunk))
            yield chunk

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Says it from a task of its own, for what goes on in a thread."""
        task = asyncio.create_task(self._tell())
        try:
            yield
        finally:
            task.cancel()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY)
            self.say(self._done)
