"""The Release pane: what becomes of the settings, and whose changes count where both sides have changed something."""

from __future__ import annotations

from textual.content import Content

from ws9tui.core.model.terms import Choice, Level, MergeConflict
from ws9tui.wizard import actions, draw, result
from ws9tui.wizard.draw import BLANK, Cell, Column, Look, cell
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.words import panes_merge as words
from ws9tui.words import phrases
from ws9tui.words.text import clean

_COLUMNS = (Column(words.WHAT, least=12), Column(words.COUNTS, least=16))
_NOTES = 3


class MergePane(Pane):
    """The conflicts, one a line, and the one under the cursor in full."""

    STEP = Step.MERGE
    ACTIONS = (actions.TOGGLE, actions.GO, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self._answers: dict[str, str] = {}

    def _conflicts(self) -> tuple[MergeConflict, ...]:
        return self.state.merge.conflicts if self.state.merge else ()

    def _chosen(self, conflict: MergeConflict) -> str:
        return self._answers.get(conflict.key, conflict.default)

    def rows(self) -> int:
        """One for each conflict."""
        return len(self._conflicts())

    def draw(self, look: Look) -> list[Content]:
        """Lead, table, and what is known of the conflict under the cursor."""
        conflicts = self._conflicts()
        lead = draw.wrapped(words.lead(self.state), look.width, draw.STRONG)
        if not conflicts or self.state.merge is None:
            return self.fitted(lead, look)
        self.cursor = max(0, min(self.cursor, len(conflicts) - 1))
        rows = [[_name(conflict), cell(words.CHOICES[self._chosen(conflict)](), draw.ACCENT)] for conflict in conflicts]
        header, table = draw.table(_COLUMNS, rows, look.width - 2)
        notes = result.findings([f for f in self.state.findings if f.level is not Level.OK][-_NOTES:], look.width)
        settings = draw.wrapped(phrases.merged(self.state.merge), look.width, draw.DIM)
        detail = [*_detail(conflicts[self.cursor], look.width), BLANK, *settings, *([BLANK, *notes] if notes else [])]
        return self.split(lead, header, table, detail, look)

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """Both while it is asked."""
        return name in ("mark", "go") and self.asks(Choice.GO) and bool(self.rows())

    def action_mark(self) -> None:
        """Takes the next of the choices for the conflict under the cursor."""
        conflict = self._conflicts()[self.cursor]
        at = conflict.choices.index(self._chosen(conflict))
        self._answers[conflict.key] = conflict.choices[(at + 1) % len(conflict.choices)]
        self.follow()

    def action_go(self) -> None:
        """Goes on to the images, with all conflicts decided."""
        self.wizard.decide(Choice.GO, answers={c.key: self._chosen(c) for c in self._conflicts()})


def _name(conflict: MergeConflict) -> Cell:
    return cell(words.name(conflict), draw.STRONG)


def _detail(conflict: MergeConflict, room: int) -> list[Content]:
    if conflict.key == conflict.file:
        found = draw.titled(words.FILE(), clean(conflict.file, 200), room)
        for text in conflict.lines:
            tone = {"-": draw.BAD, "+": draw.GOOD}.get(text[:1], draw.DIM)
            found += draw.wrapped(clean(text, 300), room, tone, "  ")
        return found
    found = draw.titled(words.WHERE(), words.AT(file=conflict.file, line=conflict.line), room)
    if conflict.secret:
        return [*found, *draw.wrapped(words.HIDDEN(), room, draw.DIM)]
    for title, value in (
        (words.MINE(), conflict.mine),
        (words.RELEASE(), conflict.release),
        (words.BEFORE(), conflict.before),
    ):
        found += draw.titled(title, clean(value, 200) or words.EMPTY(), room)
    return found
