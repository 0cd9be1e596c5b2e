"""The Pull pane: the progress of each image and of all together, and what failed."""

from __future__ import annotations

from collections.abc import Iterator

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import ProgressBar

from ws9tui.core.journal.run_state import PullRow, PullState
from ws9tui.wizard import cells, findings, theme
from ws9tui.wizard.accept import AcceptingPane
from ws9tui.wizard.block import Block, Line
from ws9tui.wizard.cells import Cell, bar, cell
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
from ws9tui.words import panes, problems
from ws9tui.words import panes_prepare as words
from ws9tui.words.text import ELLIPSIS, fit, listed, rate, short_reference, width

_SIGNS = {
    PullState.WAITING: (cells.TO_COME, theme.DIM),
    PullState.RUNNING: (cells.HERE, theme.ACCENT),
    PullState.STALLED: (cells.WARNING, theme.WARN),
    PullState.RETRYING: (cells.WARNING, theme.WARN),
    PullState.DONE: (cells.DONE, theme.GOOD),
    PullState.FAILED: (cells.FAILED, theme.BAD),
}
_TROUBLE = (PullState.STALLED, PullState.RETRYING, PullState.FAILED)
_NAME = 28
"""maximum columns of an image's name"""
_COLUMNS = (
    Column(""),
    Column(panes.IMAGE, least=10, most=_NAME),
    Column("", least=6, most=12),
    Column("", right=True),
    Column(panes.STATE, least=10),
    Column("", right=True, rank=1),
    Column("", right=True, rank=2),
)


def _name(row: PullRow) -> str:
    """Returns an image's short name; if that does not fit, its last part, which tells more than the beginning."""
    name = short_reference(row.reference)
    if width(name) <= _NAME:
        return name
    return fit(f"{ELLIPSIS}/{name.rpartition('/')[2]}", _NAME)


class PullPane(AcceptingPane):
    """The images, their progress, and the total."""

    STEP = Step.PULL

    def __init__(self) -> None:
        super().__init__()
        self._bar = ProgressBar(total=1.0, show_eta=False)
        self._total = Block(id="total-text")
        self._both = Horizontal(id="total")
        self._table = Rows(_COLUMNS)

    def parts(self) -> Iterator[Widget]:
        """Yields the answers to a failure, the total, and the table of images."""
        yield self.choices
        with self._both:
            yield self._bar
            yield self._total
        yield self._table

    def update(self) -> None:
        """Updates the lead, the images, the total, and the details."""
        rows = list(self.state.pulls.values())
        cancelling = self.wizard.followed.cancelling
        said = panes.CANCELLING() if cancelling else words.pull_lead(self.state)
        self.begin(Cell(said, f"{theme.WARN} {theme.STRONG}" if cancelling else theme.STRONG))
        total = words.pull_total(self.state)
        self._both.display = bool(total)
        share = sum(row.fraction for row in rows) / max(len(rows), 1)
        if self._bar.progress != share:
            self._bar.update(progress=share)
        self._total.show([Cell(total)] if total else [])
        if self.state.asked or len(rows) > self.main.size.height - 2:
            # what failed, or is still to come, would be below the last line
            rows.sort(key=lambda row: (row.state is PullState.DONE, row.state is not PullState.FAILED))
        self._table.show([self._cells(row) for row in rows])
        self.detail.show(self._details(rows))

    def _cells(self, row: PullRow) -> list[Cell]:
        sign, tone = _SIGNS[row.state]
        trouble = row.state in _TROUBLE
        now = self.wizard.now()
        running = row.state is PullState.RUNNING
        return [
            Cell(sign, tone),
            cell(_name(row), theme.STRONG if row.state is not PullState.WAITING else theme.DIM),
            bar(row.fraction, tone if row.state is not PullState.WAITING else theme.DIM),
            Cell(panes.percent(row.fraction)),
            cell(words.pull_note(row, now), tone if trouble else theme.DIM),
            cell(words.pull_amount(row)),
            cell(rate(row.rate) if row.rate and running else "", theme.DIM),
        ]

    def _details(self, rows: list[PullRow]) -> list[Line]:
        """Returns what failed with its remedy, else the details of the image under the cursor."""
        if self.accepting:
            return findings.lines(check.finding for check in self.state.trust.values() if check.stops)
        if trouble := self._trouble(rows):
            return trouble
        if not rows:
            return []
        row = rows[self._table.at]
        parts = [words.pull_note(row, self.wizard.now()), words.pull_amount(row)]
        if row.state is PullState.RUNNING and row.rate and row.done < row.total:
            parts += [rate(row.rate), words.time_left(row.done, row.total, row.rate)]
        if row.state is PullState.RETRYING and row.problem:
            parts.append(problems.brief(row.problem))
        tone = _SIGNS[row.state][1] if row.state in _TROUBLE else theme.PLAIN
        return [
            cell(short_reference(row.reference), theme.STRONG),
            cell(listed(row.services), theme.DIM),
            cell(" · ".join(part for part in parts if part), tone),
        ]

    def _trouble(self, rows: list[PullRow]) -> list[Line]:
        """Returns each failed pull with what the registry said and its remedy."""
        found: list[Line] = []
        for row in rows:
            if row.state is not PullState.FAILED or row.problem is None:
                continue
            found.append((Cell(cells.FAILED, theme.BAD), cell(words.pull_trouble(row, row.problem), theme.BAD)))
            if remedy := problems.remedy(row.problem):
                found.append((Cell(""), cell(remedy)))
        return found
