"""Sends notifications about a run: when a question waits, when something fails, when the run ends.

Reads the run's journal concurrently, so that the work never waits for a receiver; a notification that fails is only a
warning. Notifications are JSON; :mod:`ws9tui.worker.telling` composes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.journal import Reader
from ws9tui.core.model.hooks import NOTICE, process_mark
from ws9tui.core.model.notices import Receiver
from ws9tui.core.model.terms import Finding, Level, Verb
from ws9tui.errors import StateError
from ws9tui.problems import reasons
from ws9tui.problems.hooks import NotifyFailed
from ws9tui.problems.problem import Reason

if TYPE_CHECKING:
    from ws9tui.worker.telling import Notice, Story

LIMIT = 10.0
"""timeout of one notification to one receiver, in seconds"""
_TIME_UP = reasons.Unfinished(seconds=LIMIT)
_LOOK_EVERY = 0.2
_LAST = 30.0
"""seconds after the end of the run for sending what is pending"""
_TOLD_OF = (Verb.WIZARD, Verb.UPDATE, Verb.INSTALL, Verb.ROLLBACK, Verb.RECOVER, Verb.BACKUP, Verb.RESTORE)


class Tell(Protocol):
    """Sends a notification, as `adapters.notices.tell`."""

    async def __call__(
        self, receiver: str, body: bytes, /, *, within: float, folder: str, environment: Mapping[str, str], mark: str
    ) -> Reason | str:
        """Sends a JSON text; returns why it was not accepted, empty if it was."""


class Notices:
    """Notifies the receivers of one run."""

    def __init__(
        self,
        folder: Path,
        request: e.RunRequested,
        emit: Callable[[Event], None],
        tell: Tell,
        more: Callable[[], Sequence[Receiver]] = tuple,
    ) -> None:
        self._folder = folder
        self._request = request
        self._emit = emit
        self._tell = tell
        self._more = more
        self._wanted = request.verb in _TOLD_OF and not request.options.tells_only
        self._reader: Reader | None = None
        self._story: Story | None = None
        self._queues: dict[Receiver, asyncio.Queue[Notice | None]] = {}
        self._senders: list[asyncio.Task[None]] = []

    async def follow(self) -> None:
        """Notifies the receivers of new events; runs as a task beside the work."""
        while True:
            self._look()
            await asyncio.sleep(_LOOK_EVERY)

    async def finish(self) -> None:
        """Sends the final notifications, and waits until that is done or its time is up."""
        self._look()
        for queue in self._queues.values():
            queue.put_nowait(None)
        if self._senders:
            _, late = await asyncio.wait(self._senders, timeout=_LAST)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        for receiver, queue in self._queues.items():
            while not queue.empty():
                if (notice := queue.get_nowait()) is not None and receiver.doubt is None:
                    self._sent(receiver, notice, _TIME_UP, 0.0)
        if self._reader is not None:
            self._reader.close()

    def _look(self) -> None:
        if not self._wanted or not self._receivers():
            return
        if self._reader is None or self._story is None:
            from ws9tui.worker.telling import Story  # noqa: PLC0415 - words, which no other run of a worker needs

            self._reader, self._story = Reader(self._folder), Story(self._folder.name, self._request)
        for notice in self._story.goes_on(self._reader.read(), asyncio.get_running_loop().time()):
            for queue in self._queues.values():
                queue.put_nowait(notice)

    # --- receivers ------------------------------------------------------------------------------------------------

    def _receivers(self) -> bool:
        """Starts a sender for each new receiver (in order for each, none waits for another); whether any exists."""
        called = (Receiver(text) for text in self._request.options.notify)
        for receiver in (*called, *self._more()):
            if receiver in self._queues or any(known.text == receiver.text for known in self._queues):
                continue
            queue = self._queues[receiver] = asyncio.Queue()
            if receiver.doubt is not None:
                self._emit(e.Found(finding=Finding(Level.WARNING, receiver.doubt)))
                continue
            self._senders.append(asyncio.create_task(self._send(receiver, queue)))
        return bool(self._senders)

    async def _send(self, receiver: Receiver, queue: asyncio.Queue[Notice | None]) -> None:
        while (notice := await queue.get()) is not None:
            loop = asyncio.get_running_loop()
            began = loop.time()
            reason: Reason | str = _TIME_UP
            try:
                reason = await self._tell(
                    receiver.text,
                    msgspec.json.encode(notice),
                    within=LIMIT,
                    folder=self._request.folder if not receiver.file else str(Path(receiver.file).parent),
                    environment=_variables(notice),
                    mark=process_mark(self._folder.name, NOTICE),
                )
            finally:
                self._sent(receiver, notice, reason, loop.time() - began)

    def _sent(self, receiver: Receiver, notice: Notice, reason: Reason | str, seconds: float) -> None:
        """Records the result of a notification."""
        problem = NotifyFailed(receiver=receiver.name, reason=reason) if reason else None
        told = e.Notified(
            receiver=receiver.name, about=notice.event, place=notice.seq, seconds=round(seconds, 2), problem=problem
        )
        with suppress(StateError):
            self._emit(told)


def _variables(notice: Notice) -> dict[str, str]:
    """Returns the environment variables with which a command can decide without parsing the JSON."""
    return {
        "WS9TUI_EVENT": notice.event,
        "WS9TUI_PROJECT": notice.project,
        "WS9TUI_RUN": notice.run_id,
        "WS9TUI_OUTCOME": notice.outcome,
        "WS9TUI_QUESTION": notice.question,
    }
