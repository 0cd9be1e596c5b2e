"""The Generations pane: every generation that can be reached, how, and in what it differs from what runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.widget import Widget

from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.model.terms import Choice, Difference, Level, Question, Reach
from ws9tui.wizard import actions, cells, findings, theme
from ws9tui.wizard.block import BLANK, Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
from ws9tui.words import panes_generations as words
from ws9tui.words import panes_table as headings
from ws9tui.words import problems
from ws9tui.words.text import age

_SIGNS = {
    Reach.LOCAL: (cells.DONE, theme.GOOD),
    Reach.CHECKING: ("…", theme.DIM),
    Reach.ARCHIVE: (cells.DONE, theme.ACCENT),
    Reach.PULL: ("↓", theme.ACCENT),
    Reach.UNKNOWN: ("?", theme.WARN),
    Reach.GONE: (cells.FAILED, theme.BAD),
    Reach.BROKEN: (cells.FAILED, theme.BAD),
}
_COLUMNS = (
    Column(words.NUMBER, right=True),
    Column(words.WHEN),
    Column(headings.DIFFERS, least=16, most=40),
    Column(words.NOTE, rank=1),
    Column(words.REACH),
)
_NOTES = 3
"""findings that are shown, the latest ones"""


class GenerationsPane(Pane):
    """The generations, one a line, and how the one under the cursor differs from what is there."""

    STEP = Step.GENERATIONS
    ACTIONS = (actions.CHOOSE, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)

    def _entries(self) -> list[GenerationFound]:
        return sorted(self.state.generations.values(), key=lambda entry: entry.number, reverse=True)

    def __init__(self) -> None:
        super().__init__()
        self._table = Rows(_COLUMNS)
        self._started = False
        """whether the cursor was put where it starts"""

    def parts(self) -> Iterator[Widget]:
        """The generations, one a row."""
        yield self._table

    def update(self) -> None:
        """Lead, table, and the generation under the cursor in full."""
        entries = self._entries()
        self.lead.show([Cell(words.lead(self.state), theme.STRONG)])
        self._table.show([_cells(entry, self.wizard.now()) for entry in entries])
        if entries and not self._started and self.asks(Choice.GO):
            self._started = True
            self._table.point(_before(entries))
        notes = findings.lines([f for f in self.state.findings if f.level is not Level.OK][-_NOTES:])
        detail = _detail(entries[self._table.at]) if entries else []
        self.detail.show([*detail, *([BLANK, *notes] if notes else [])])

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """A generation can be chosen while that is asked, and it can be made again."""
        asked = self.state.asked
        if name != "choose" or asked is None or asked.question is not Question.GENERATION:
            return False
        return self.asks(Choice.GO) and bool(self.state.generations)

    def action_choose(self) -> None:
        """Goes on to the plan that leads to the generation under the cursor."""
        entry = self._entries()[self._table.at]
        if entry.reach in (Reach.GONE, Reach.BROKEN):
            self.wizard.say(words.NOT_REACHABLE())
            return
        self.wizard.decide(Choice.GO, generation=entry.number)


def _before(entries: list[GenerationFound]) -> int:
    """The row of the generation before the one that runs, which is mostly meant; else the first one."""
    runs = next((row for row, entry in enumerate(entries) if entry.runs), -1)
    return min(runs + 1, len(entries) - 1)


def _cells(entry: GenerationFound, now: datetime) -> list[Cell]:
    sign, tone = _SIGNS[entry.reach]
    made = age(entry.created_at, now)
    return [
        Cell(str(entry.number), theme.STRONG),
        cell(words.WHEN_AGO(age=made) if made else ""),
        cell(words.differs(entry), theme.ACCENT if entry.runs else theme.PLAIN),
        cell("" if entry.runs else words.note(entry)),
        cell(f"{sign} {words.REACHES[entry.reach]()}", tone),
    ]


def _detail(entry: GenerationFound) -> list[Line]:
    """What is known of a generation: how it is reached, then the differences, those of services first."""
    unsure = entry.reach in (Reach.GONE, Reach.BROKEN, Reach.UNKNOWN)
    found = [(words.DETAIL_REACH(), words.reach(entry), theme.WARN if unsure else theme.PLAIN)]
    if entry.problem:
        found.append((words.DETAIL_REMEDY(), problems.remedy(entry.problem), theme.PLAIN))
    found.append((words.DETAIL_HAS(), words.versions(entry, full=True), theme.PLAIN))
    services = [difference for difference in entry.differences if not difference.file]
    files = [difference for difference in entry.differences if difference.file]
    found += _differences(words.DETAIL_SERVICES(), services)
    found += _differences(words.DETAIL_FILES(), files)
    return [(Cell(name, theme.DIM), cell(text, tone)) for name, text, tone in found if text]


def _differences(name: str, differences: list[Difference]) -> list[tuple[str, str, str]]:
    if not differences:
        return [(name, words.NO_DIFFERENCE(), theme.GOOD)]
    return [
        ("" if number else name, words.difference(difference), theme.WARN)
        for number, difference in enumerate(differences)
    ]
