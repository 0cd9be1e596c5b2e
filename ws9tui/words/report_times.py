"""The time line of a report: rows of labelled bars between the first and the last moment.

Long idle times, such as an open question, are compressed, so that seconds stay visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ws9tui.core.journal.timeline import Life, Span, Timeline, What, Work
from ws9tui.words import labels, problems
from ws9tui.words.blocks import titles
from ws9tui.words.template import Message, say
from ws9tui.words.text import beside, clock, duration, precise, short_reference

_QUIET = 8.0
"""idle seconds that are drawn to scale"""
_SHORT = 0.05
"""share of the axis for a longer idle time"""
_TICKS = 4


class Bar(NamedTuple):
    """A span of time, from 0 to 1 of the chart's width."""

    what: What
    start: float
    end: float
    text: str
    """what happened, and for how long"""


class Row(NamedTuple):
    """A step, a pull or a service."""

    name: str
    at: str
    """time of day of its start"""
    bars: tuple[Bar, ...]
    text: str
    """its result in words"""


class Tick(NamedTuple):
    """A labelled place on the axis."""

    place: float
    text: str


class Chart(NamedTuple):
    """Rows of bars over one axis."""

    title: str
    titles: tuple[str, ...]
    """headings for the same data as a table: row, start, result"""
    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    breaks: tuple[Tick, ...]
    """compressed idle times"""
    legend: tuple[tuple[What, str], ...]


_LEGEND = {
    What.DONE: Message("done", "legend of a chart"),
    What.FAILED: Message("failed", "legend of a chart"),
    What.OPEN: Message("not finished", "legend of a chart"),
    What.AWAY: Message("down", "legend of a chart"),
    What.CHECKED: Message("running, being checked", "legend of a chart"),
    What.WELL: Message("OK", "legend of a chart"),
    What.UNWELL: Message("not OK", "legend of a chart"),
}
_OF_SERVICE = {
    What.OPEN: Message("down for {seconds:precise}, and did not come back"),
    What.AWAY: Message("down for {seconds:precise}"),
    What.CHECKED: Message("checked for {seconds:precise}"),
    What.WELL: Message("OK for {seconds:precise}"),
    What.UNWELL: Message("not OK for {seconds:precise}"),
}


def charts(found: Timeline) -> tuple[Chart, ...]:
    """Returns the chart of the pulls on one axis, and those of steps and services on a common one."""
    pulls, steps, lives = found.pulls, found.steps, found.lives
    commit = Scale([*(work.span for work in steps), *(span for life in lives for span in life.spans)])
    prepare = Scale([work.span for work in pulls])
    return (
        _chart(say("Pulls"), say("image"), [_work(work, prepare) for work in pulls], prepare),
        _chart(say("Steps"), say("step"), [_work(work, commit) for work in steps], commit),
        _chart(say("Downtime"), say("service"), [_life(life, commit) for life in lives], commit),
    )


class Scale:
    """The places of moments on an axis with compressed idle times."""

    def __init__(self, spans: Iterable[Span]) -> None:
        found = sorted((span.start, span.end) for span in spans)
        self._pieces: list[tuple[float, float, float, float]] = []
        """start, end, place of the start, place of the end"""
        self.breaks: list[tuple[float, float]] = []
        """place and seconds of each compressed idle time"""
        if found:
            self._lay_out(found)

    def _lay_out(self, found: Sequence[tuple[float, float]]) -> None:
        busy: list[list[float]] = []
        for start, end in _moments(found):
            if busy and start - busy[-1][1] <= _QUIET:
                busy[-1][1] = max(busy[-1][1], end)
            else:
                busy.append([start, end])
        total = sum(end - start for start, end in busy) or 1.0
        width = 1 - _SHORT * (len(busy) - 1)
        at = 0.0
        for number, (start, end) in enumerate(busy):
            if number:
                before = busy[number - 1][1]
                self._pieces.append((before, start, at, at + _SHORT))
                self.breaks.append((at + _SHORT / 2, start - before))
                at += _SHORT
            part = (end - start) / total * width
            self._pieces.append((start, end, at, at + part))
            at += part

    def place(self, moment: float) -> float:
        """Returns the place of a moment, from 0 to 1."""
        for start, end, left, right in self._pieces:
            if moment <= end:
                return left + (right - left) * max(moment - start, 0.0) / ((end - start) or 1.0)
        return 1.0

    def ticks(self) -> tuple[Tick, ...]:
        """Returns evenly spaced ticks with their times of day, without repeats."""
        found = []
        for number in range(_TICKS + 1):
            place = number / _TICKS
            for start, end, left, right in self._pieces:
                if left <= place <= right and right > left:
                    moment = start + (end - start) * (place - left) / (right - left)
                    found.append(Tick(place, _clock(moment)))
                    break
        return tuple(tick for n, tick in enumerate(found) if n == 0 or tick.text != found[n - 1].text)


def _moments(found: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Returns the times in which something changed: short spans, and the start and the end of long ones."""
    cut = []
    for start, end in found:
        cut += [(start, end)] if end - start <= _QUIET else [(start, start), (end, end)]
    return sorted(cut)


def _chart(title: str, heading: str, rows: Sequence[Row], scale: Scale) -> Chart:
    shown = [what for what in What if any(bar.what is what for row in rows for bar in row.bars)]
    return Chart(
        title,
        (heading, *titles("at", "result")),
        tuple(rows),
        scale.ticks(),
        tuple(Tick(place, say("{time:said} shortened", time=duration(seconds))) for place, seconds in scale.breaks),
        tuple((what, _LEGEND[what]()) for what in shown),
    )


def _work(work: Work, scale: Scale) -> Row:
    span = work.span
    name = short_reference(work.subject) if work.kind == "pull" else labels.step(work.kind, work.subject)
    if work.problem:
        said = say("failed after {seconds:precise}: {why:said}", seconds=span.seconds, why=problems.brief(work.problem))
    elif span.what is What.OPEN:
        said = say("not finished")
    else:
        said = precise(span.seconds)
    return Row(name, _clock(span.start), (_bar(span, said, scale),), said)


def _life(life: Life, scale: Scale) -> Row:
    said = [(span, _OF_SERVICE[span.what](seconds=span.seconds)) for span in life.spans]
    start = min((span.start for span in life.spans), default=None)
    return Row(
        life.service,
        _clock(start) if start is not None else "",
        tuple(_bar(span, text, scale) for span, text in said),
        beside(text for _, text in said),
    )


def _bar(span: Span, text: str, scale: Scale) -> Bar:
    return Bar(span.what, scale.place(span.start), scale.place(span.end), text)


def _clock(moment: float) -> str:
    return clock(datetime.fromtimestamp(moment, UTC).isoformat())
