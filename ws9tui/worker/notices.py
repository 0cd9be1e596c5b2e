"""Tells of a run where nobody looks at it: when a question waits, when something fails, when it ends.

It reads the run's journal beside the work, so that the work never waits for it, and nothing but a warning comes of what
cannot be told. What is sent is JSON, in the words of the caller's language.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.journal.fold import apply
from ws9tui.core.journal.journal import Reader
from ws9tui.core.journal.run_state import Changed, RunState
from ws9tui.core.model.hooks import NOTICE, process_mark
from ws9tui.core.model.notices import Receiver
from ws9tui.core.model.terms import LOOKS, Finding, Level, Question, Verb
from ws9tui.errors import StateError
from ws9tui.problems.hooks import NotifyFailed
from ws9tui.words import commands, labels, language, outcome, panes, problems
from ws9tui.words.text import paragraph

LIMIT = 10.0
"""seconds that one receiver has for one notice"""
GRACE = 3.0
"""seconds after which a question waits: whoever looks has answered by then, or knows of it"""
_TIME_UP = f"did not finish within {LIMIT:g} s"
_LOOK_EVERY = 0.2
_LAST = 30.0
"""seconds after the end in which what is under way must be told"""
_TOLD_OF = (Verb.WIZARD, Verb.UPDATE, Verb.INSTALL, Verb.ROLLBACK, Verb.RECOVER)


class Tell(Protocol):
    """What sends a notice, as `adapters.notices.tell`."""

    async def __call__(
        self, receiver: str, body: bytes, /, *, within: float, folder: str, environment: Mapping[str, str], mark: str
    ) -> str:
        """Sends a JSON text; gives why it was not taken, and nothing where it was."""


class Notice(msgspec.Struct, frozen=True):
    """What is sent. Fields are added, and none is renamed or removed."""

    event: str
    """decision, failure, end"""
    project: str
    run: int
    """0 where the project is not known yet"""
    run_id: str
    server: str
    verb: str
    seq: int
    """of the journal's event that it tells of"""
    at: str
    """RFC 3339, of that event"""
    message: str
    question: str = ""
    """decision: select, confirm, outcome, …"""
    choices: tuple[str, ...] = ()
    default: str = ""
    seconds: float = 0.0
    """decision: after which the default is taken"""
    outcome: str = ""
    """end"""
    problem: str = ""
    """failure, end: its code, where there is one"""
    text: str = ""
    """all that in one line, for chats that show a text"""


class Notices:
    """Tells the receivers of one run."""

    def __init__(
        self,
        folder: Path,
        request: e.RunRequested,
        emit: Callable[[AnyEvent], None],
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
        self._state = RunState()
        self._waiting: tuple[e.Asked, int, float] | None = None
        """the open question, its place, and since when it has been seen open"""
        self._told: Question | None = None
        """the question that was told of, as long as no other is asked"""
        self._failed = False
        self._queues: dict[Receiver, asyncio.Queue[Notice | None]] = {}
        self._senders: list[asyncio.Task[None]] = []

    async def follow(self) -> None:
        """Tells of what comes; runs as a task beside the work."""
        while True:
            self._look()
            await asyncio.sleep(_LOOK_EVERY)

    async def finish(self) -> None:
        """Tells of the end, and waits until that is done, or its time is up."""
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

    # --- what there is to tell ------------------------------------------------------------------------------------

    def _look(self) -> None:
        if not self._wanted or not self._receivers():
            return
        if self._reader is None:
            language.choose(os.environ)
            self._reader = Reader(self._folder)
        for event in self._reader.read():
            self._state = apply(self._state, event)
            commands.stand_at(self._state)
            self._take(event)
        self._ask()

    def _take(self, event: AnyEvent) -> None:
        match event:
            case e.Asked():
                self._waiting = (event, self._state.count, asyncio.get_running_loop().time())
            case e.Decided(choice=choice):
                self._waiting = None
                if choice not in LOOKS:
                    self._told = None
            case e.PullFailed(problem=problem):
                self._say("failure", event, problems.sentence(problem), problem=problem.code)
            case e.Found(finding=Finding(level=Level.BLOCKING, problem=problem)) if self._changing:
                if not self._failed:
                    self._say("failure", event, problems.sentence(problem), problem=problem.code)
                self._failed = True
            case e.Finished(problem=problem):
                self._waiting = None
                code = problem.code if problem else ""
                said = outcome.message(event, self._state)
                self._say("end", event, said, outcome=event.outcome.value, problem=code)

    @property
    def _changing(self) -> bool:
        return self._state.changed in (Changed.CHANGING, Changed.CHANGED, Changed.GOING_BACK)

    def _ask(self) -> None:
        """Tells of a question that is still open after a moment; once, however often it is asked again meanwhile."""
        if self._waiting is None:
            return
        asked, place, since = self._waiting
        if asked.question is self._told or asyncio.get_running_loop().time() - since < GRACE:
            return
        self._told = asked.question
        said = paragraph((labels.QUESTIONS[asked.question](), panes.default_line(asked, asked.at, datetime.now(UTC))))
        self._say(
            "decision",
            asked,
            said,
            place=place,
            question=asked.question.value,
            choices=tuple(choice.value for choice in asked.choices),
            default=asked.default.value,
            seconds=asked.seconds,
        )

    def _say(self, kind: str, event: AnyEvent, message: str, *, place: int = 0, **more: object) -> None:
        state = self._state
        project, server = self._project, self._server
        verb = state.project.verb if state.project else self._request.verb
        notice = Notice(
            event=kind,
            project=project,
            run=state.project.number if state.project else 0,
            run_id=self._folder.name,
            server=server,
            verb=verb.value,
            seq=place or state.count,
            at=event.at,
            message=message,
            text=f"ws9tui: {' · '.join(part for part in (project, server) if part)}: {message}",
        )
        for queue in self._queues.values():
            queue.put_nowait(msgspec.structs.replace(notice, **more))

    @property
    def _project(self) -> str:
        return self._state.project.source.name if self._state.project else ""

    @property
    def _server(self) -> str:
        return (self._state.engine.server if self._state.engine else "") or socket.gethostname()

    # --- to whom --------------------------------------------------------------------------------------------------

    def _receivers(self) -> bool:
        """Has a sender for each receiver; what is told is in order for each, and none waits for another."""
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
            reason = _TIME_UP
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

    def _sent(self, receiver: Receiver, notice: Notice, reason: str, seconds: float) -> None:
        """Writes down what became of a notice."""
        problem = NotifyFailed(receiver=receiver.name, reason=reason) if reason else None
        told = e.Notified(
            receiver=receiver.name, about=notice.event, place=notice.seq, seconds=round(seconds, 2), problem=problem
        )
        with suppress(StateError):
            self._emit(told)


def _variables(notice: Notice) -> dict[str, str]:
    """What a command may go by without reading what it gets."""
    return {
        "WS9TUI_EVENT": notice.event,
        "WS9TUI_PROJECT": notice.project,
        "WS9TUI_RUN": notice.run_id,
        "WS9TUI_OUTCOME": notice.outcome,
        "WS9TUI_QUESTION": notice.question,
    }
