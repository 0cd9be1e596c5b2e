"""A run with an operator: the test takes the decisions that panes or questions would bring."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from unittest import mock

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Choice, Question, Verb
from ws9tui.core.store.store import Store
from ws9tui.worker.handle import RunHandle

from .wait import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .cli import Cli, Running, Said

T = TypeVar("T", bound=e.Event)


class Attended:
    """A run as its journal shows it while it goes on."""

    def __init__(self, handle: RunHandle) -> None:
        self.handle = handle
        self.events: list[Event] = []
        self._answered = 0
        """the last question that was answered from here"""

    @property
    def pid(self) -> int:
        """The worker's process."""
        return self.until(e.WorkerStarted).pid

    @property
    def finished(self) -> e.Finished:
        """The last event."""
        return self.until(e.Finished, timeout=120)

    def until(self, kind: type[T], which: Callable[[T], bool] = lambda _: True, timeout: float = 60) -> T:
        """Wait until the run has written such an event, and give the first one."""

        def seen() -> T | None:
            return next((event for event in self.events if isinstance(event, kind) and which(event)), None)

        def found() -> T | None:
            self.events += self.handle.read()
            return seen()

        event = seen() or until(found, timeout, lambda: f"{kind.__name__} comes; last came {self.events[-5:]}")
        assert event
        return event

    def answer(
        self,
        question: Question,
        choice: Choice,
        services: tuple[str, ...] = (),
        answers: dict[str, str] | None = None,
        **references: str,
    ) -> None:
        """Wait for a question and answer it."""
        asked = self.until(e.Asked, lambda event: event.question is question and event.ask > self._answered)
        self._answered = asked.ask
        self.handle.decide(choice, asked.ask, services=services, references=references, answers=answers or {})

    def go(self, *questions: Question, **references: str) -> None:
        """Say to each of these questions, as it comes, that it may go on; with the references that are wanted."""
        for question in questions:
            if question is Question.SELECT:
                self.answer(question, Choice.GO, tuple(references), None, **references)
            else:
                self.answer(question, Choice.GO)


@contextmanager
def attended(cli: Cli, verb: Verb, *arguments: str, **options: Any) -> Iterator[Attended]:  # noqa: ANN401  # as in Options
    """Start a run with an operator, which waits at each step; it must have ended at the end."""
    environment = cli.engine.env() | dict(cli.env)
    options = {"step_by_step": True} | options
    with mock.patch.dict(os.environ, environment, clear=True):
        handle = RunHandle.start(Store(cli.state).open(), verb, Options(arguments=arguments, **options), attended=True)
    try:
        yield Attended(handle)
        assert handle._worker
        handle._worker.wait(60)
    finally:
        handle.end()
        handle.close()


def beside(running: Running, timeout: float = 120) -> Said:
    """Wait for a command's end while another run goes on."""
    with mock.patch.object(running, "gone"):
        return running.wait(timeout)


@contextmanager
def operator(folder: Path, *, present: bool = True) -> Iterator[Attended]:
    """Come to a run that somebody else has started; not ``present`` is who only watches."""
    handle = RunHandle(folder, present=present)
    try:
        yield Attended(handle)
    finally:
        handle.close()
