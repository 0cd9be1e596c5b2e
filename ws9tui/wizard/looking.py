"""The first pane: the worker starts and looks around; which project, where that is open; what stopped it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, OptionList

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import actions, cells, ending, findings, theme
from ws9tui.wizard.block import BLANK, Block, Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.field import Field
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.words import panes as words
from ws9tui.words import problems
from ws9tui.words.phrases import project_named
from ws9tui.words.text import duration, paragraph

_SLOW = 3.0
"""seconds after which it is said how long an answer has been waited for"""


class LookingPane(Pane):
    """What is being looked at, or the projects to choose from."""

    STEP = Step.LOOKING
    DETAILS = False
    FOCUS = ""
    ACTIONS = (actions.PICK, actions.FILTER, actions.CANCEL)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(actions.FILTER.keys, actions.FILTER.name, show=False, priority=True),  # what is typed next is its own
        *actions.bindings(*ACTIONS),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._text = Block()
        self._filter = Field(placeholder=words.FILTER())
        self._list = OptionList(markup=False, compact=True, id="choices")
        self._offered: list[tuple[str, str]] = []
        """the projects in the list, and how they are described"""

    def parts(self) -> Iterator[Widget]:
        """Progress, or a list with its filter."""
        yield self._text
        yield self._filter
        yield self._list

    def on_mount(self) -> None:
        """Shows the filter when it is asked for."""
        self._filter.display = False

    def update(self) -> None:
        """Progress, the choice of a project, or the end."""
        state = self.state
        choosing = bool(self._projects()) and not self.wizard.ended
        self._list.display = choosing
        if not choosing:
            self.lead.show([])
            lines = ending.lines(state, self.wizard.died) if self.wizard.ended else progress(state, self.wizard.now())
            self._text.show(lines)
            return
        why = problems.title(state.which) if state.which else ""
        question = words.WHICH_PROJECT() if len(self._projects()) > 1 else words.THIS_PROJECT()
        self.lead.show([Cell(paragraph((why, question)), theme.STRONG)])
        self._text.show([])
        self._offer()

    def _offer(self) -> None:
        """Brings the list up to date."""
        typed = self._filter.value.strip().lower()
        named = [(name, project_named(name, self.state.projects.get(name))) for name in self._projects()]
        found = [(name, said) for name, said in named if typed in said.lower()]
        if found == self._offered:
            return
        at, self._offered = self._list.highlighted or 0, found
        self._list.clear_options()
        self._list.add_options([Content(said) for _, said in found])
        self._list.highlighted = min(at, len(found) - 1) if found else None
        if self.focused is None:
            self._list.focus()

    def _projects(self) -> tuple[str, ...]:
        asked = self.state.asked
        return asked.options if asked and asked.question is Question.PROJECT else ()

    def available(self, name: str) -> bool:
        """A project can be taken while that is asked; in the filter its key is a letter like others."""
        asked = bool(self._projects()) and self.asks(Choice.GO)
        return asked and (name == "pick" or (name == "filter" and not self._filter.has_focus))

    def action_pick(self) -> None:
        """Takes the project that is pointed at."""
        at = self._list.highlighted
        if at is not None and at < len(self._offered):
            self.wizard.decide(Choice.GO, project=self._offered[at][0])

    def action_filter(self) -> None:
        """Begins to filter the list by what is typed."""
        self._filter.display = True
        self.set_focus(self._filter)

    def on_input_changed(self, _event: Input.Changed) -> None:
        """Shows what matches."""
        self._offer()

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Takes the project, where only one is left; else lets it be pointed at."""
        self._list.focus()
        if len(self._offered) == 1 and self.can("pick"):
            self.action_pick()

    def on_option_list_option_selected(self, _event: OptionList.OptionSelected) -> None:
        """Takes the project that was clicked or that Enter was pressed on."""
        if self.can("pick"):
            self.action_pick()


def progress(state: RunState, now: datetime) -> list[Line]:
    """What has been found so far, and what is waited for."""
    engine = words.engine(state.engine) if state.engine else ""
    project = words.project(state.project) if state.project else ""
    stages = [
        (words.LOOK_STARTING(), "", state.phase.value != "starting"),
        (words.LOOK_ENGINE(), engine, bool(engine)),
        (words.LOOK_PROJECT(), project, bool(project)),
        (words.LOOK_SERVICES(), words.looked_at(state), False),
    ]
    found: list[Line] = []
    waiting = False
    for label, detail, done in stages:
        here = not done and not waiting
        waiting = waiting or here
        sign, tone = (cells.DONE, theme.GOOD) if done else (cells.HERE, theme.STRONG)
        if not done and not here:
            sign, tone = cells.TO_COME, theme.DIM
        said = theme.STRONG if here else theme.PLAIN if done else theme.DIM
        found.append((Cell(sign, tone), Cell(label, said)))
        if detail:
            found.append((Cell(""), cell(detail, theme.DIM)))
        if here and (silent := words.seconds_since(state.last_at, now)) > _SLOW:
            found.append((Cell(""), Cell(words.ANSWER_AWAITED(elapsed=duration(silent)), theme.WARN)))
    if state.findings:
        found += [BLANK, *findings.lines(state.findings)]
    return found
