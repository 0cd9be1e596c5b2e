"""The Release pane: what becomes of the settings, and which side counts where both have changed something."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ws9tui.core.model.terms import Choice, MergeConflict
from ws9tui.wizard import actions, findings, theme
from ws9tui.wizard.block import BLANK, Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
from ws9tui.words import panes_merge as words
from ws9tui.words import phrases
from ws9tui.words.text import clean

_COLUMNS = (Column(words.WHAT, least=12), Column(words.COUNTS, least=16))


class MergePane(Pane):
    """The conflicts, one per row, and the details of the one under the cursor."""

    STEP = Step.MERGE
    ACTIONS = (actions.TOGGLE, actions.GO, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)
    CLICK = actions.TOGGLE

    def __init__(self) -> None:
        super().__init__()
        self._answers: dict[str, str] = {}
        self._table = Rows(_COLUMNS)

    def _conflicts(self) -> tuple[MergeConflict, ...]:
        return self.state.merge.conflicts if self.state.merge else ()

    def _chosen(self, conflict: MergeConflict) -> str:
        return self._answers.get(conflict.key, conflict.default)

    def parts(self) -> Iterator[Widget]:
        """Yields the table of conflicts."""
        yield self._table

    def update(self) -> None:
        """Updates the lead, the table, and the details of the conflict under the cursor."""
        conflicts = self._conflicts()
        self.lead.show([Cell(words.lead(self.state), theme.STRONG)])
        self._table.show([[_name(one), Cell(words.CHOICES[self._chosen(one)](), theme.ACCENT)] for one in conflicts])
        if not conflicts or self.state.merge is None:
            self.detail.show([])
            return
        settings = cell(phrases.merged(self.state.merge), theme.DIM)
        here = _detail(conflicts[self._table.at])
        self.detail.show([*here, BLANK, settings, *findings.latest(self.state)])

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """Whether an action can run now: while the question is open and there are conflicts."""
        return name in ("mark", "go") and self.asks(Choice.GO) and bool(self._conflicts())

    def action_mark(self) -> None:
        """Switches to the next choice for the conflict under the cursor."""
        conflict = self._conflicts()[self._table.at]
        at = conflict.choices.index(self._chosen(conflict))
        self._answers[conflict.key] = conflict.choices[(at + 1) % len(conflict.choices)]
        self.follow()

    def action_go(self) -> None:
        """Goes on to the images, with all conflicts decided."""
        self.wizard.decide(Choice.GO, answers={c.key: self._chosen(c) for c in self._conflicts()})


def _name(conflict: MergeConflict) -> Cell:
    return cell(words.name(conflict), theme.STRONG)


def _detail(conflict: MergeConflict) -> list[Line]:
    if conflict.key == conflict.file:
        tones = {"-": theme.BAD, "+": theme.GOOD}
        found: list[Line] = [(Cell(words.FILE(), theme.DIM), cell(conflict.file))]
        return [*found, *(cell(text, tones.get(text[:1], theme.DIM)) for text in conflict.lines)]
    where = (Cell(words.WHERE(), theme.DIM), Cell(words.AT(file=conflict.file, line=conflict.line)))
    if conflict.secret:
        return [where, Cell(words.HIDDEN(), theme.DIM)]
    values = (
        (words.MINE(), conflict.mine),
        (words.RELEASE(), conflict.release),
        (words.BEFORE(), conflict.before),
    )
    return [where, *((Cell(title, theme.DIM), Cell(clean(value, 200) or words.EMPTY())) for title, value in values)]
