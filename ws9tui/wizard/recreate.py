"""The Recreate pane: what Compose does, and how each recreated service is."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from ws9tui.core.journal.events import InterruptedService
from ws9tui.core.journal.run_state import RunState, WatchRow
from ws9tui.wizard import draw
from ws9tui.wizard.draw import BLANK, Cell, Column, Look, cell, line
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.words import labels, panes, problems
from ws9tui.words import panes_commit as words
from ws9tui.words.text import clean, fit, parse_time

VERDICTS = {
    "waiting": (draw.HERE, draw.ACCENT),
    "passed": (draw.DONE, draw.GOOD),
    "failed": (draw.FAILED, draw.BAD),
    "as-before": (draw.WARNING, draw.WARN),
    "": (draw.TO_COME, draw.DIM),
}
_STANDING = {
    "old": (draw.DONE, draw.GOOD),
    "new": (draw.WARNING, draw.WARN),
    "other": (draw.WARNING, draw.WARN),
}
"""signs of what a way back that failed has left running"""
_STEPS = 4
"""steps that are shown before log lines get any room"""
_COLUMNS = (
    Column(""),
    Column(panes.SERVICE, least=8, most=22),
    Column(panes.WAVE, right=True, rank=4),
    Column(panes.STATE, least=7, most=12),
    Column(panes.HEALTH, least=6, most=10),
    Column(panes.RESTARTS, right=True, rank=3),
    Column(panes.AWAY, right=True, rank=2),
    Column(panes.VERDICT, least=10),
)


class RecreatePane(Pane):
    """The services that are touched, the steps, and the log of the service under the cursor."""

    STEP = Step.RECREATE

    def __init__(self) -> None:
        super().__init__()
        self._moved = False

    def rows(self) -> int:
        """One for each service that is touched."""
        return len(watched(self.state))

    def action_move(self, by: int) -> None:
        """Moves the cursor; from then on it stays where it was put."""
        self._moved = True
        super().action_move(by)

    def draw(self, look: Look) -> list[Content]:
        """Lead, services, steps, log lines."""
        lead = draw.wrapped(words.recreate_lead(self.state, look.now), look.width, draw.STRONG)
        lead += moving(self.state, look)
        rows = watched(self.state)
        if not rows:
            return self.fitted([*lead, BLANK, *steps(self.state, look)], look)
        if not self._moved:
            self.cursor = first_ill(rows)
        self.cursor = max(0, min(self.cursor, len(rows) - 1))
        header, table = service_table(rows, self.state, look)
        body = [*table]
        room = look.height - len(lead) - len(body) - 3
        under = rows[self.cursor]
        told = steps(self.state, look)
        logs = log_lines(under, look.width, max(room - min(len(told), _STEPS) - 1, 3))
        most = max(room - len(logs) - 1, 2)
        detail = [*told[-most:], BLANK, *logs]
        return self.split(lead, header, body, detail, look)


def moving(state: RunState, look: Look) -> list[Content]:
    """How far copies of data are."""
    return [row for said in words.moving(state) for row in draw.wrapped(said, look.width, draw.ACCENT)]


def watched(state: RunState) -> list[WatchRow]:
    """The services that the plan touches, in its order, and others that are watched."""
    names = list(state.plan.services) if state.plan else []
    names = list(dict.fromkeys([*names, *state.watched]))
    rows = [state.watched.get(name) or WatchRow(name) for name in names]
    if state.rollback is None:
        return rows
    # how a service was before the way back began says nothing of how it is now
    since = parse_time(state.rollback.at)
    return [row if _later(row.since, since) else WatchRow(row.service, lines=row.lines) for row in rows]


def _later(moment: str, since: datetime | None) -> bool:
    then = parse_time(moment)
    return since is None or (then is not None and then >= since)


def first_ill(rows: list[WatchRow]) -> int:
    """The first service that failed; the first of all where none did."""
    return next((n for n, row in enumerate(rows) if row.verdict in ("failed", "as-before")), 0)


def service_table(rows: list[WatchRow], state: RunState, look: Look) -> tuple[Content, list[Content]]:
    """The services under watch, laid out; two columns are left for the cursor."""
    waves = {operation.subject: operation.wave for operation in state.plan.operations} if state.plan else {}
    several = len({waves.get(row.service) for row in rows}) > 1
    columns = _COLUMNS if several else tuple(column for column in _COLUMNS if column.title is not panes.WAVE)
    cells = [_cells(row, waves.get(row.service, 0), state, look) for row in rows]
    if not several:
        cells = [row[:2] + row[3:] for row in cells]
    return draw.table(columns, cells, look.width - 2)


def _standing(found: InterruptedService, wave: int) -> list[Cell]:
    """A service after a way back that failed."""
    sign, tone = _STANDING.get(found.state, (draw.FAILED, draw.BAD))
    gone = [cell("") for _ in range(4)]
    runs = cell(labels.interrupted_state(found.state), tone)
    return [Cell(sign, tone), cell(found.service), cell(str(wave), draw.DIM), *gone, runs]


def _cells(row: WatchRow, wave: int, state: RunState, look: Look) -> list[Cell]:
    if row.service in state.standing:
        return _standing(state.standing[row.service], wave)
    begun = [step for step in state.steps if row.service in step.services]
    at_work = bool(begun) and not begun[-1].done and state.finished is None
    failed = begun[-1].problem if begun else None
    if failed and not row.state:
        gone = [cell("") for _ in range(4)]
        return [
            Cell(draw.FAILED, draw.BAD),
            cell(row.service),
            cell(str(wave), draw.DIM),
            *gone,
            cell(problems.brief(failed), draw.BAD),
        ]
    if at_work or (not row.state and row.verdict == "waiting"):
        seen = state.services.get(row.service)
        started = at_work or bool(row.doing)
        doing = words.doing(row, begun[-1] if at_work else None, look.now) if started else words.NOT_YET()
        return [
            Cell(draw.HERE if started else draw.TO_COME, draw.ACCENT if started else draw.DIM),
            cell(row.service),
            cell(str(wave), draw.DIM),
            cell(seen.view.state if seen and not started else "", draw.DIM),
            cell(seen.view.health if seen and not started else "", draw.DIM),
            cell(""),
            cell(""),
            cell(doing, draw.PLAIN if started else draw.DIM),
        ]
    sign, tone = VERDICTS.get(row.verdict, VERDICTS["waiting"])
    verdict = words.verdict(row, look.now, ended=state.finished is not None, back=state.verified is not None)
    unchecked = words.NO_CHECK() if row.state == "running" else ""
    return [
        Cell(sign, tone),
        cell(row.service),
        cell(str(wave), draw.DIM),
        cell(row.state, draw.WARN if row.state not in ("running", "exited") else draw.PLAIN),
        cell(row.health or unchecked, draw.PLAIN if row.health else draw.DIM),
        cell(str(row.restarts), draw.WARN if row.restarts else draw.DIM),
        cell(words.away(row.downtime)),
        cell(verdict, tone if row.verdict == "failed" else draw.PLAIN),
    ]


def steps(state: RunState, look: Look) -> list[Content]:
    """The steps that were begun, the last at the end; those of the way back once that has begun."""
    found = []
    since = parse_time(state.rollback.at) if state.rollback else None
    for row in state.steps:
        begun = parse_time(row.started_at)
        if since and begun and begun < since:
            continue
        sign, tone = (draw.HERE, draw.ACCENT) if not row.done else (draw.DONE, draw.GOOD)
        if row.problem:
            sign, tone = draw.FAILED, draw.BAD
        text = fit(words.step(row), look.width - 14)
        found.append(line((f"{sign} ", tone), text, (f"  {words.step_time(row, look.now)}", draw.DIM)))
        if row.problem:
            found += draw.wrapped(problems.title(row.problem), look.width, draw.BAD, "  ")
    return found


def log_lines(row: WatchRow, room: int, most: int) -> list[Content]:
    """The latest lines that a service wrote, as many as there is room for; the last ones tell most."""
    found = [line((words.LAST_LINES(service=clean(row.service, 60)), draw.DIM))]
    if not row.lines:
        return [*found, line(("  " + words.NO_LINES(), draw.DIM))]
    written = [part for text in row.lines for part in draw.wrapped(text, room, draw.PLAIN, "  ", "    ")]
    return found + written[-max(most - 1, 1) :]
