"""The services that a run changes, each with its state; for the panes from the commit on."""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.journal.events import InterruptedService
from ws9tui.core.journal.run_state import RunState, WatchRow
from ws9tui.wizard import cells, theme
from ws9tui.wizard.block import Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.table import Column
from ws9tui.words import forms, labels, panes, phrases, problems
from ws9tui.words import panes_commit as words
from ws9tui.words.text import clean, parse_time

VERDICTS = {
    "waiting": (cells.HERE, theme.ACCENT),
    "passed": (cells.DONE, theme.GOOD),
    "failed": (cells.FAILED, theme.BAD),
    "as-before": (cells.WARNING, theme.WARN),
    "": (cells.TO_COME, theme.DIM),
}
_STANDING = {
    "old": (cells.DONE, theme.GOOD),
    "new": (cells.WARNING, theme.WARN),
    "other": (cells.WARNING, theme.WARN),
}
"""signs for what runs after a rollback that failed"""
COLUMNS = (
    Column(""),
    Column(panes.SERVICE, least=8, most=22),
    Column(panes.WAVE, right=True, rank=6),
    Column(panes.WAS, rank=3, most=16),
    Column(panes.IS_NOW, rank=2, most=16),
    Column(panes.STATE, least=7, most=12),
    Column(panes.HEALTH, least=6, most=10, rank=4),
    Column(panes.RESTARTS, right=True, rank=5),
    Column(panes.AWAY, right=True, rank=1),
    Column(panes.VERDICT, least=10),
)


def table(rows: list[WatchRow], state: RunState, now: datetime) -> list[list[Cell]]:
    """Returns the services, one per row; the waves are shown if there are several."""
    waves = {operation.subject: operation.wave for operation in state.plan.of_containers} if state.plan else {}
    several = len({*waves.values()}) > 1
    return [_cells(row, str(waves.get(row.service, 0)) if several else "", state, now) for row in rows]


def watched(state: RunState) -> list[WatchRow]:
    """Returns the plan's services, in its order, and others that are watched; in a rollback, without earlier facts."""
    names = list(state.plan.services) if state.plan else []
    names = list(dict.fromkeys([*names, *state.watched]))
    rows = [state.watched.get(name) or WatchRow(name) for name in names]
    if state.rollback is None:
        return rows
    # what was seen before the rollback began says nothing about the current state
    since = parse_time(state.rollback.at)
    return [row if _later(row.since, since) else WatchRow(row.service, lines=row.lines) for row in rows]


def _later(moment: str, since: datetime | None) -> bool:
    then = parse_time(moment)
    return since is None or (then is not None and then >= since)


def first_ill(rows: list[WatchRow]) -> int:
    """Returns the index of the first service that failed or is as ill as before; 0 if there is none."""
    return next((n for n, row in enumerate(rows) if row.verdict in ("failed", "as-before")), 0)


def _cells(row: WatchRow, wave: str, state: RunState, now: datetime) -> list[Cell]:
    sign, tone, told = _told(row, state, now)
    seen, coming = state.services.get(row.service), phrases.coming(state, row.service)
    was = seen.view.version if seen else ""
    is_now = was if coming is None else coming
    return [
        Cell(sign, tone),
        cell(row.service, theme.STRONG),
        Cell(wave, theme.DIM),
        cell(was, theme.DIM),
        cell(is_now if state.rollback is None else ""),
        *told,
    ]


def _told(row: WatchRow, state: RunState, now: datetime) -> tuple[str, str, list[Cell]]:
    """Returns the sign, its tone, and the cells of the columns from the state on."""
    if row.service in state.standing:
        return _standing(state.standing[row.service])
    begun = [step for step in state.steps if row.service in step.services]
    at_work = bool(begun) and not begun[-1].done and state.finished is None
    failed = begun[-1].problem if begun else None
    nothing = [Cell("")] * 4
    if failed and not row.state:
        return cells.FAILED, theme.BAD, [*nothing, cell(problems.brief(failed), theme.BAD)]
    if at_work or (not row.state and row.verdict == "waiting"):
        seen = state.services.get(row.service)
        if at_work or row.doing:
            doing = words.doing(row, begun[-1] if at_work else None, now)
            return cells.HERE, theme.ACCENT, [*nothing, cell(doing)]
        view = seen.view if seen else None
        before = [cell(forms.state(word), theme.DIM) for word in ((view.state, view.health) if view else ("", ""))]
        return cells.TO_COME, theme.DIM, [*before, Cell(""), Cell(""), Cell(words.NOT_YET(), theme.DIM)]
    sign, tone = VERDICTS.get(row.verdict, VERDICTS["waiting"])
    verdict = words.verdict(row, now, ended=state.finished is not None, back=state.verified is not None)
    unchecked = words.NO_CHECK() if row.state == "running" else ""
    return (
        sign,
        tone,
        [
            cell(forms.state(row.state), theme.WARN if row.state not in ("running", "exited") else theme.PLAIN),
            cell(forms.state(row.health) or unchecked, theme.PLAIN if row.health else theme.DIM),
            Cell(str(row.restarts), theme.WARN if row.restarts else theme.DIM),
            Cell(words.away(row.downtime)),
            cell(verdict, tone if row.verdict == "failed" else theme.PLAIN),
        ],
    )


def _standing(found: InterruptedService) -> tuple[str, str, list[Cell]]:
    """Returns sign, tone and cells, as `_told` does, for a service after a rollback that failed."""
    sign, tone = _STANDING.get(found.state, (cells.FAILED, theme.BAD))
    return sign, tone, [*[Cell("")] * 4, cell(labels.interrupted_state(found.state), tone)]


def moving(state: RunState) -> list[Line]:
    """Returns the progress of the copies of data."""
    return [cell(phrases.moved(event), theme.ACCENT) for event in state.moving.values()]


def steps(state: RunState, now: datetime) -> list[Line]:
    """Returns the steps that were begun, the last at the end; only those of a rollback once that has begun."""
    found: list[Line] = []
    since = parse_time(state.rollback.at) if state.rollback else None
    for row in state.steps:
        begun = parse_time(row.started_at)
        if since and begun and begun < since:
            continue
        sign, tone = (cells.HERE, theme.ACCENT) if not row.done else (cells.DONE, theme.GOOD)
        if row.problem:
            sign, tone = cells.FAILED, theme.BAD
        time = words.step_time(row, now)
        found.append((Cell(sign, tone), Cell(f"{time:>6}", theme.DIM), cell(labels.step(row.kind, row.subject))))
        if row.problem:
            found.append((Cell(""), Cell(""), cell(problems.title(row.problem), theme.BAD)))
    return found


def log_lines(row: WatchRow) -> list[Line]:
    """Returns the latest log lines of a service, the newest at the end."""
    found: list[Line] = [Cell(words.LAST_LINES(service=clean(row.service, 60)), theme.DIM)]
    if not row.lines:
        return [*found, Cell(words.NO_LINES(), theme.DIM)]
    return [*found, *(cell(text) for text in row.lines)]
