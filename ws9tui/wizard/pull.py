"""The Pull pane: how far each image is, what is wrong where something is, and all of them together."""

from __future__ import annotations

from textual.content import Content

from ws9tui.core.journal.run_state import PullRow, PullState
from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import actions, draw, result
from ws9tui.wizard.accept import AcceptingPane
from ws9tui.wizard.draw import BLANK, Cell, Column, Look, cell, line
from ws9tui.wizard.route import Step
from ws9tui.words import panes, problems
from ws9tui.words import panes_prepare as words
from ws9tui.words.text import ELLIPSIS, fit, pad, rate, short_reference, width

_SIGNS = {
    PullState.WAITING: (draw.TO_COME, draw.DIM),
    PullState.RUNNING: (draw.HERE, draw.ACCENT),
    PullState.STALLED: (draw.WARNING, draw.WARN),
    PullState.RETRYING: (draw.WARNING, draw.WARN),
    PullState.DONE: (draw.DONE, draw.GOOD),
    PullState.FAILED: (draw.FAILED, draw.BAD),
}
_NAME = 28
"""columns of a name in the short form"""
_COLUMNS = (
    Column(""),
    Column("", least=10, most=_NAME),
    Column("", right=True, rank=2),
    Column("", right=True),
    Column("", least=10),
)
_LEAST_BAR, _MOST_BAR = 8, 40
_TALL = 3
"""lines that an image takes where there is room: bar, notes, a blank one"""


def _name(row: PullRow, room: int) -> str:
    """An image's name; where it does not fit, the end of it tells more than the beginning."""
    name = short_reference(row.reference)
    if width(name) <= room:
        return name
    return fit(f"{ELLIPSIS}/{name.rpartition('/')[2]}", room)


class PullPane(AcceptingPane):
    """The images, their progress, and the total."""

    STEP = Step.PULL
    ACTIONS = (actions.ACCEPT, actions.RETRY, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)

    def available(self, name: str) -> bool:
        """A failed pull can be tried again while that is asked."""
        return (name == "retry" and self.asks(Choice.RETRY)) or (name == "accept" and self.accepting)

    def action_retry(self) -> None:
        """Pulls what is missing once more."""
        self.wizard.decide(Choice.RETRY)

    def draw(self, look: Look) -> list[Content]:
        """Lead, images, total; and what a failed one needs."""
        if asked := self.question(look):
            stops = (check.finding for check in self.state.trust.values() if check.stops)
            return self.fitted([*asked, BLANK, *result.findings(stops, look.width)], look)
        rows = list(self.state.pulls.values())
        said = panes.CANCELLING() if self.wizard.cancelling else words.pull_lead(self.state)
        found = [*draw.wrapped(said, look.width, draw.WARN if self.wizard.cancelling else draw.STRONG), BLANK]
        if trouble := self._trouble(rows, look.width):
            found += [*trouble, BLANK]
        total = words.pull_total(self.state)
        foot = draw.titled(words.TOTAL(), total, look.width, column=8) if total and len(rows) > 1 else []
        room = look.height - len(found) - len(foot) - 1
        if len(rows) * _TALL <= room:
            return self.scrolled(found, [*self._tall(rows, look), *([BLANK, *foot] if foot else [])], look)
        if len(rows) <= room:
            return self.scrolled(found, [*self._short(rows, look), *([BLANK, *foot] if foot else [])], look)
        # What is still to come would be below the last line: it goes first, under the total.
        rows.sort(key=lambda row: row.state is PullState.DONE)
        return self.scrolled([*found[:-1], *foot, BLANK], self._short(rows, look), look)

    def _tall(self, rows: list[PullRow], look: Look) -> list[Content]:
        """Bar and notes of each image."""
        names = max((draw.cell(short_reference(row.reference)).width for row in rows), default=0)
        names = min(names, look.width // 2)
        found: list[Content] = []
        for row in rows:
            found += self._full(row, names, look)
            found.append(BLANK)
        return found[:-1]

    def _full(self, row: PullRow, names: int, look: Look) -> list[Content]:
        sign, tone = _SIGNS[row.state]
        name = pad(_name(row, names), names)
        columns = max(_LEAST_BAR, min(_MOST_BAR, look.width - names - 12))
        done, rest = draw.bar(row.fraction, columns)
        first = line(
            (f"{sign} ", tone),
            (name, draw.STRONG if row.state is not PullState.WAITING else draw.DIM),
            "  ",
            (done, tone),
            (rest, draw.DIM),
            f" {draw.percent(row.fraction)}",
        )
        parts = [words.pull_note(row, look.now), words.pull_amount(row)]
        if row.state is PullState.RUNNING and row.rate and row.done < row.total:
            parts += [rate(row.rate), words.time_left(row.done, row.total, row.rate)]
        trouble = row.state in (PullState.STALLED, PullState.RETRYING, PullState.FAILED)
        if row.state is PullState.RETRYING and row.problem:
            parts.append(problems.brief(row.problem))
        note = " · ".join(part for part in parts if part)
        return [first, line(("  " + fit(note, look.width - 2), tone if trouble else draw.DIM))]

    def _short(self, rows: list[PullRow], look: Look) -> list[Content]:
        """One line an image."""
        cells = [self._cells(row, look) for row in rows]
        columns = look.width - 20
        _, lines = draw.table(_COLUMNS, cells, columns)
        bar = max(_LEAST_BAR, look.width - max((part.cell_length for part in lines), default=0) - 9)
        found = []
        for row, part in zip(rows, lines, strict=True):
            done, rest = draw.bar(row.fraction, min(bar, _MOST_BAR))
            found.append(
                line(part, "  ", (done, _SIGNS[row.state][1]), (rest, draw.DIM), f" {draw.percent(row.fraction)}")
            )
        return found

    def _cells(self, row: PullRow, look: Look) -> list[Cell]:
        sign, tone = _SIGNS[row.state]
        trouble = row.state in (PullState.STALLED, PullState.RETRYING, PullState.FAILED)
        return [
            Cell(sign, tone),
            cell(_name(row, _NAME)),
            cell(words.pull_amount(row)),
            cell(rate(row.rate) if row.rate and row.state is PullState.RUNNING else "", draw.DIM),
            cell(words.pull_note(row, look.now), tone if trouble else draw.DIM),
        ]

    def _trouble(self, rows: list[PullRow], room: int) -> list[Content]:
        """What failed, what the registry said, and what to do about it."""
        found: list[Content] = []
        for row in rows:
            if row.state is not PullState.FAILED or row.problem is None:
                continue
            found += draw.wrapped(words.pull_trouble(row, row.problem), room, draw.BAD, f"{draw.FAILED} ")
            if remedy := problems.remedy(row.problem):
                found += draw.wrapped(remedy, room, draw.PLAIN, "  ")
        asked = self.state.asked
        if found and asked and asked.question is Question.PULL_FAILED:
            found += [BLANK, *draw.wrapped(words.PULL_ASKED(), room, draw.STRONG)]
        return found
