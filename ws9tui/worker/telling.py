"""Composes the notifications about a run, in the language of the worker's environment."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.fold import apply
from ws9tui.core.journal.run_state import Changed, RunState
from ws9tui.core.model.terms import LOOKS, Finding, Level, Question
from ws9tui.words import commands, labels, language, outcome, panes, problems
from ws9tui.words.text import paragraph

GRACE = 3.0
"""seconds before a question counts as waiting: an operator at the terminal has answered by then, or has seen it"""


class Notice(msgspec.Struct, frozen=True):
    """One notification. Fields may be added; none is renamed or removed."""

    event: str
    """decision, failure or end"""
    project: str
    run: int
    """0 if the project is not known yet"""
    run_id: str
    server: str
    verb: str
    seq: int
    """sequence number of the journal event that it is about"""
    at: str
    """RFC 3339, of that event"""
    message: str
    question: str = ""
    """of a decision: select, confirm, outcome, …"""
    choices: tuple[str, ...] = ()
    default: str = ""
    seconds: float = 0.0
    """of a decision: after which the default is taken; 0 for never"""
    outcome: str = ""
    """of an end"""
    problem: str = ""
    """of a failure or an end: the problem's code, if there is one"""
    text: str = ""
    """the whole in one line, for chats that show a text"""


class Story:
    """Derives the notifications of a run from its events, the first one on."""

    def __init__(self, run_id: str, request: e.RunRequested) -> None:
        language.choose(os.environ)
        self._run_id = run_id
        self._request = request
        self._state = RunState()
        self._waiting: tuple[e.Asked, int, float] | None = None
        """the open question, its sequence number, and the time at which it was first seen"""
        self._told: Question | None = None
        """the question of the last notification, until a decision closes it"""
        self._failed = False
        self._notices: list[Notice] = []

    def goes_on(self, events: Iterable[Event], clock: float) -> list[Notice]:
        """Returns the notifications that these events cause; ``clock`` is in seconds."""
        self._notices = []
        for event in events:
            self._state = apply(self._state, event)
            commands.stand_at(self._state)
            self._take(event, clock)
        self._ask(clock)
        return self._notices

    def _take(self, event: Event, clock: float) -> None:
        match event:
            case e.Asked():
                self._waiting = (event, self._state.count, clock)
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

    def _ask(self, clock: float) -> None:
        """Notifies once of a question that stays open for `GRACE`, however often it is asked again meanwhile."""
        if self._waiting is None:
            return
        asked, place, since = self._waiting
        if asked.question is self._told or clock - since < GRACE:
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

    def _say(self, kind: str, event: Event, message: str, *, place: int = 0, **more: object) -> None:
        state = self._state
        project = state.project.source.name if state.project else ""
        server = (state.engine.server if state.engine else "") or socket.gethostname()
        verb = state.project.verb if state.project else self._request.verb
        notice = Notice(
            event=kind,
            project=project,
            run=state.project.number if state.project else 0,
            run_id=self._run_id,
            server=server,
            verb=verb.value,
            seq=place or state.count,
            at=event.at,
            message=message,
            text=f"ws9tui: {' · '.join(part for part in (project, server) if part)}: {message}",
        )
        self._notices.append(msgspec.structs.replace(notice, **more))
