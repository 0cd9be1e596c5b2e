"""The Generations pane: all recorded generations, whether each can be reached, and how it differs from what runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from textual.widget import Widget

from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.model.terms import Choice, Difference, Question, Reach
from ws9tui.wizard import actions, cells, findings, theme
from ws9tui.wizard.block import Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
from ws9tui.words import generations as lists
from ws9tui.words import panes_generations as words
from ws9tui.words import phrases, problems
from ws9tui.words.text import age, joined

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
    Column(lists.NUMBER, right=True),
    Column(lists.WHEN),
    Column(lists.DIFFERS, least=12),
    Column(lists.WAY),
    Column("", rank=1),
)


class GenerationsPane(Pane):
    """The generations, one per row, and the details of the one under the cursor."""

    STEP = Step.GENERATIONS
    ACTIONS = (actions.CHOOSE, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)

    def _entries(self) -> list[GenerationFound]:
        return lists.newest_first(self.state.generations.values())

    def __init__(self) -> None:
        super().__init__()
        self._table = Rows(_COLUMNS)
        self._started = False
        """whether the cursor was put on the proposed generation"""

    def parts(self) -> Iterator[Widget]:
        """Yields the table of generations."""
        yield self._table

    def update(self) -> None:
        """Updates the lead, the table, and the details of the generation under the cursor."""
        entries = self._entries()
        self.lead.show([Cell(words.lead(self.state), theme.STRONG)])
        self._table.show(self._rows(entries))
        if entries and not self._started and self.asks(Choice.GO):  # all are known by then
            self._started = True
            usual = lists.start(entries)
            self._table.point(next((row for row, entry in enumerate(entries) if entry.number == usual), 0))
        detail = _detail(entries[self._table.at]) if entries else []
        self.detail.show([*detail, *findings.latest(self.state)])

    def _rows(self, entries: list[GenerationFound]) -> list[list[Cell]]:
        """Returns the rows of the table; shortens the differences such that those of two generations stay distinct."""
        whole = lists.differing(entries)
        rows = [_cells(entry, whole[entry.number], self.wizard.now()) for entry in entries]
        told = lists.differing(entries, self._table.columns_for(rows).get(2, 0))
        return [_cells(entry, told[entry.number], self.wizard.now()) for entry in entries]

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """Whether a generation can be chosen now: while the question is open and there are generations."""
        asked = self.state.asked
        if name != "choose" or asked is None or asked.question is not Question.GENERATION:
            return False
        return self.asks(Choice.GO) and bool(self.state.generations)

    def action_choose(self) -> None:
        """Chooses the generation under the cursor, or says that it cannot be reached."""
        entry = self._entries()[self._table.at]
        if entry.reach in lists.UNREACHABLE:
            self.wizard.say(words.NOT_REACHABLE())
            return
        self.wizard.decide(Choice.GO, generation=entry.number)


def _cells(entry: GenerationFound, differs: str, now: datetime) -> list[Cell]:
    sign, tone = _SIGNS[entry.reach]
    made = age(entry.created_at, now)
    return [
        Cell(str(entry.number), theme.STRONG),
        cell(words.WHEN_AGO(age=made) if made else ""),
        cell(differs, theme.ACCENT if entry.runs else theme.PLAIN),
        cell(f"{sign} {lists.way(entry)}", tone),
        cell(joined(lists.notes(entry))),
    ]


def _detail(entry: GenerationFound) -> list[Line]:
    """Returns the details of a generation: how it is reached, then the differences, those of services first."""
    unsure = entry.reach in (*lists.UNREACHABLE, Reach.UNKNOWN)
    found = [(words.DETAIL_REACH(), words.reach(entry), theme.WARN if unsure else theme.PLAIN)]
    if entry.problem:
        found.append((words.DETAIL_REMEDY(), problems.remedy(entry.problem), theme.PLAIN))
    found.append((words.DETAIL_HAS(), words.versions(entry), theme.PLAIN))
    services = [difference for difference in entry.differences if not difference.file]
    files = [difference for difference in entry.differences if difference.file]
    found += _differences(words.DETAIL_SERVICES(), services)
    found += _differences(words.DETAIL_FILES(), files)
    return [(Cell(name, theme.DIM), cell(text, tone)) for name, text, tone in found if text]


def _differences(name: str, differences: list[Difference]) -> list[tuple[str, str, str]]:
    if not differences:
        return [(name, words.NO_DIFFERENCE(), theme.GOOD)]
    return [
        ("" if number else name, phrases.difference(difference, words.DIFFERENCE), theme.WARN)
        for number, difference in enumerate(differences)
    ]
