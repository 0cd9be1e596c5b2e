"""The Generations pane: every generation that can be reached, how, and in what it differs from what runs."""

from __future__ import annotations

from textual.content import Content

from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.model.terms import Choice, Difference, Level, Question, Reach
from ws9tui.wizard import actions, draw, result
from ws9tui.wizard.draw import BLANK, Cell, Column, Look, cell
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.words import generations as lists
from ws9tui.words import panes_generations as words
from ws9tui.words import problems
from ws9tui.words.text import age, joined

_SIGNS = {
    Reach.LOCAL: (draw.DONE, draw.GOOD),
    Reach.CHECKING: ("…", draw.DIM),
    Reach.ARCHIVE: (draw.DONE, draw.ACCENT),
    Reach.PULL: ("↓", draw.ACCENT),
    Reach.UNKNOWN: ("?", draw.WARN),
    Reach.GONE: (draw.FAILED, draw.BAD),
    Reach.BROKEN: (draw.FAILED, draw.BAD),
}
_NARROW = 12
"""columns that differences need"""
_COLUMNS = (
    Column(lists.NUMBER, right=True),
    Column(lists.WHEN),
    Column(lists.DIFFERS, least=_NARROW),
    Column(lists.WAY),
    Column("", rank=1),
)
_LABEL = 12
_NOTES = 3
"""findings that are shown, the latest ones"""


class GenerationsPane(Pane):
    """The generations, one a line, and how the one under the cursor differs from what is there."""

    STEP = Step.GENERATIONS
    ACTIONS = (actions.CHOOSE, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)

    def _entries(self) -> list[GenerationFound]:
        return lists.newest_first(self.state.generations.values())

    _placed = False
    """whether the cursor was put where the list starts"""

    def rows(self) -> int:
        """One for each generation."""
        return len(self.state.generations)

    def draw(self, look: Look) -> list[Content]:
        """Lead, table, and the generation under the cursor in full."""
        entries = self._entries()
        lead = draw.wrapped(words.lead(self.state), look.width, draw.STRONG)
        if not entries:
            return self.fitted(lead, look)
        if not self._placed and self.asks(Choice.GO):  # all are known by then
            self._placed = True
            usual = lists.start(entries)
            self.cursor = next((place for place, entry in enumerate(entries) if entry.number == usual), 0)
        self.cursor = max(0, min(self.cursor, len(entries) - 1))
        header, table = draw.table(_COLUMNS, _rows(entries, look), look.width - 2)
        notes = result.findings([f for f in self.state.findings if f.level is not Level.OK][-_NOTES:], look.width)
        detail = [*_detail(entries[self.cursor], look.width), *([BLANK, *notes] if notes else [])]
        room = look.height - len(lead) - 3
        room = max(room - min(len(table), max(room // 3, 3)), 1)
        if len(detail) > room:
            kept = max(room - len(_more(len(detail), look)), 0)
            detail = [*detail[:kept], *_more(len(detail) - kept, look)]
        return self.split(lead, header, table, detail, look)

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """A generation can be chosen while that is asked, and it can be made again."""
        asked = self.state.asked
        if name != "choose" or asked is None or asked.question is not Question.GENERATION:
            return False
        return self.asks(Choice.GO) and bool(self.rows())

    def shown_keys(self) -> list[tuple[str, str]]:
        """The key that chooses is shown where the generation under the cursor can be chosen."""
        keys = super().shown_keys()
        return [key for key in keys if key[0] != actions.CHOOSE.shown or self._reachable()] if self.rows() else keys

    def _reachable(self) -> bool:
        return self._entries()[self.cursor].reach not in (Reach.GONE, Reach.BROKEN)

    def action_choose(self) -> None:
        """Goes on to the plan that leads to the generation under the cursor."""
        entry = self._entries()[self.cursor]
        if not self._reachable():
            self.wizard.say(words.NOT_REACHABLE())
            return
        self.wizard.decide(Choice.GO, generation=entry.number)


def _more(lines: int, look: Look) -> list[Content]:
    """How many lines have no room, and where they are."""
    return draw.wrapped(words.MORE(lines), look.width, draw.DIM)


def _rows(entries: list[GenerationFound], look: Look) -> list[list[Cell]]:
    """The generations; what they differ in is cut here, where it is seen that no two are cut to the same."""
    rows = [_cells(entry, look) for entry in entries]
    others = sum(max(cells[n].width for cells in rows) for n in range(len(_COLUMNS)))
    room = max(look.width - 2 - others - draw.GAP * len(_COLUMNS), _NARROW)
    told = lists.differing(entries, room)
    for entry, cells in zip(entries, rows, strict=True):
        cells[2] = cell(told[entry.number], draw.ACCENT if entry.runs else draw.PLAIN)
    return rows


def _cells(entry: GenerationFound, look: Look) -> list[Cell]:
    sign, tone = _SIGNS[entry.reach]
    made = age(entry.created_at, look.now)
    return [
        Cell(str(entry.number), draw.STRONG),
        cell(words.WHEN_AGO(age=made) if made else ""),
        cell(""),
        cell(f"{sign} {lists.way(entry)}", tone),
        cell(joined(lists.notes(entry))),
    ]


def _detail(entry: GenerationFound, room: int) -> list[Content]:
    """What is known of a generation: how it is reached, then the differences, those of services first."""
    tone = draw.WARN if entry.reach in (Reach.GONE, Reach.BROKEN, Reach.UNKNOWN) else draw.PLAIN
    found = draw.titled(words.DETAIL_REACH(), words.reach(entry), room, tone, _LABEL)
    if entry.problem and (remedy := problems.remedy(entry.problem)):
        found += draw.titled(words.DETAIL_REMEDY(), remedy, room, column=_LABEL)
    services = [difference for difference in entry.differences if not difference.file]
    files = [difference for difference in entry.differences if difference.file]
    found += draw.titled(words.DETAIL_HAS(), words.versions(entry), room, column=_LABEL)
    found += _differences(words.DETAIL_SERVICES(), services, room) or draw.titled(
        words.DETAIL_SERVICES(), words.NO_DIFFERENCE(), room, draw.GOOD, _LABEL
    )
    found += _differences(words.DETAIL_FILES(), files, room) or draw.titled(
        words.DETAIL_FILES(), words.NO_DIFFERENCE(), room, draw.GOOD, _LABEL
    )
    return found


def _differences(name: str, differences: list[Difference], room: int) -> list[Content]:
    found: list[Content] = []
    for number, difference in enumerate(differences):
        text = words.difference(difference)
        found += draw.titled("" if number else name, text, room, draw.WARN, _LABEL)
    return found
