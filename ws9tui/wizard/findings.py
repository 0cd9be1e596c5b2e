"""Findings as the panes show them: each with its sign, and with its remedy if there is one."""

from __future__ import annotations

from collections.abc import Iterable

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Finding, Level
from ws9tui.wizard import cells, theme
from ws9tui.wizard.block import BLANK, Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.words import phrases, problems

LEVELS = {
    Level.OK: (cells.DONE, theme.GOOD),
    Level.WARNING: (cells.WARNING, theme.WARN),
    Level.BLOCKING: (cells.FAILED, theme.BAD),
}

_NOTES = 3
"""maximum number of findings that `latest` shows"""


def lines(found: Iterable[Finding]) -> list[Line]:
    """Returns findings as rows of a block."""
    rows: list[Line] = []
    for finding in found:
        sign, tone = LEVELS[finding.level]
        bad = finding.level is not Level.OK
        rows.append((Cell(sign, tone), cell(phrases.found(finding), tone if bad else theme.PLAIN)))
        if bad and (remedy := problems.remedy(finding.problem)):
            rows.append((Cell(""), cell(remedy, theme.DIM)))
    return rows


def below(found: Iterable[Finding]) -> list[Line]:
    """Returns findings as rows below other lines, after a blank line; empty without findings."""
    rows = lines(found)
    return [BLANK, *rows] if rows else []


def latest(state: RunState) -> list[Line]:
    """Returns the latest findings that are not OK, as rows below other lines."""
    return below([finding for finding in state.findings if finding.level is not Level.OK][-_NOTES:])
