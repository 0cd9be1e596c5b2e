"""The timeline of a run: spans of its pulls and steps and of each service's downtime; a pure fold of its events.

The length of a downtime is the one that the run measured; the span ends when Compose started the container.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.run_state import StepRow
from ws9tui.core.model.durations import unix_time
from ws9tui.problems.problem import Problem

_STARTED = ("Started", "Running")
_GONE = ("stop", "remove")


class What(StrEnum):
    """What happened in a span of time."""

    DONE = "done"
    """a successful step or pull"""
    FAILED = "failed"
    """a failed step or pull"""
    OPEN = "open"
    """a step, pull or recreate that was unfinished at the last event"""
    AWAY = "away"
    """downtime: the service had no running container"""
    CHECKED = "checked"
    """the service ran without a verdict yet"""
    WELL = "well"
    UNWELL = "unwell"
    """the service ran and was judged unhealthy"""


class Span(msgspec.Struct, frozen=True):
    """A span of time, in seconds since the epoch."""

    what: What
    start: float
    end: float

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return self.end - self.start


class Work(msgspec.Struct, frozen=True):
    """A step, or the pull of an image."""

    kind: str
    """the step's kind; ``pull`` for a pull"""
    subject: str
    span: Span
    problem: Problem | None = None


class Life(msgspec.Struct, frozen=True):
    """The spans of one service."""

    service: str
    spans: tuple[Span, ...]

    @property
    def away(self) -> float:
        """The total downtime in seconds."""
        return sum(span.seconds for span in self.spans if span.what is What.AWAY)


class Timeline(msgspec.Struct, frozen=True):
    """The spans of a run."""

    pulls: tuple[Work, ...] = ()
    steps: tuple[Work, ...] = ()
    lives: tuple[Life, ...] = ()


def timeline(events: Sequence[Event]) -> Timeline:
    """Returns the spans of a run."""
    last = max((unix_time(event.at) for event in events), default=0.0)
    return Timeline(_pulls(events, last), _steps(events, last), _lives(events, last))


def _pulls(events: Iterable[Event], last: float) -> tuple[Work, ...]:
    found: dict[str, Work] = {}
    for event in events:
        now = unix_time(event.at) or last
        match event:
            case e.PullStarted(reference=reference):
                begun = found[reference].span.start if reference in found else now
                found[reference] = Work("pull", reference, Span(What.OPEN, begun, last))
            case e.PullFinished(reference=reference) | e.PullFailed(reference=reference) if reference in found:
                problem = event.problem if isinstance(event, e.PullFailed) else None
                what = What.FAILED if problem else What.DONE
                span = Span(what, found[reference].span.start, now)
                found[reference] = Work("pull", reference, span, problem)
    return tuple(found.values())


def _steps(events: Iterable[Event], last: float) -> tuple[Work, ...]:
    found: dict[int, Work] = {}
    for event in events:
        now = unix_time(event.at) or last
        match event:
            case e.StepStarted():
                found[event.step] = Work(event.kind, event.subject, Span(What.OPEN, now, max(now, last)))
            case e.StepFinished() if event.step in found:
                begun = found[event.step].span.start
                span = Span(What.FAILED if event.problem else What.DONE, begun, begun + max(event.seconds, 0.0))
                found[event.step] = Work(event.kind, event.subject, span, event.problem)
    return tuple(found.values())


class _Service:
    """The spans of a service while the events are read."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.began: float | None = None
        """when a step on its container began; None once the service was observed again"""
        self.started: float | None = None
        """when Compose started the new container"""
        self.now: tuple[What, float] | None = None
        """the current state, and its beginning"""

    def begin(self, at: float) -> None:
        """Begins a step on the service's container."""
        self._close(at)
        if self.began is None:
            self.began, self.started = at, None

    def seen(self, event: e.ServiceWatched, at: float) -> None:
        """Records an observation of the service."""
        what = {"passed": What.WELL, "failed": What.UNWELL, "as-before": What.UNWELL}.get(event.verdict, What.CHECKED)
        if self.began is not None:
            runs = at if self.started is None else self.started
            if event.downtime is not None:
                self.spans.append(Span(What.AWAY, runs - event.downtime, runs))
            self.began, at = None, runs
        if self.now is None or self.now[0] is not what:
            self._close(at)
            self.now = what, at

    def end(self, last: float, *, gone: bool) -> None:
        """Closes the spans at the last event; a service whose recreate was not finished gets an open span."""
        self._close(last)
        if self.began is None or gone:
            return
        if self.started is None:
            self.spans.append(Span(What.OPEN, self.began, last))
        else:
            self.spans += [Span(What.AWAY, self.began, self.started), Span(What.CHECKED, self.started, last)]

    def _close(self, at: float) -> None:
        if self.now is not None:
            self.spans.append(Span(self.now[0], self.now[1], max(at, self.now[1])))
            self.now = None


def _lives(events: Iterable[Event], last: float) -> tuple[Life, ...]:
    found: dict[str, _Service] = {}
    gone: set[str] = set()
    for event in events:
        now = unix_time(event.at) or last
        match event:
            case e.StepStarted():
                for name in StepRow(event.step, event.kind, event.subject).services:
                    found.setdefault(name, _Service()).begin(now)
                    (gone.add if event.kind in _GONE else gone.discard)(name)
            case e.ContainerStep(service=name, text=text) if name in found and text in _STARTED:
                found[name].started = now
            case e.ServiceWatched(service=name):
                found.setdefault(name, _Service()).seen(event, now)
    for name, service in found.items():
        service.end(last, gone=name in gone)
    return tuple(Life(name, tuple(service.spans)) for name, service in found.items())
