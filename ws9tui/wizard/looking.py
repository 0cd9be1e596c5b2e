"""The first pane: the progress of detection, the choice of a project if several are possible, what stopped the run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.project_view import ProjectView
from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import actions, cells, ending, findings, theme
from ws9tui.wizard.block import BLANK, Block, Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.field import Field
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
from ws9tui.words import labels, phrases, problems, projects
from ws9tui.words import panes as words
from ws9tui.words.blocks import Tone
from ws9tui.words.text import duration, paragraph, series

_SLOW = 3.0
"""seconds of silence after which the waiting time is shown"""


_COLUMNS = (
    Column(words.LOOK_PROJECT, least=10, most=30),
    Column(words.STATE, least=8, most=30),
    Column(words.VERSIONS, least=8, most=36),
    Column(words.FOLDER, least=10),
    Column("", rank=1),
)
_FEW = _COLUMNS[:2]
_ROOM = 60
"""terminal columns below which only the first columns of the table are shown"""
_TONES = {Tone.GOOD: theme.PLAIN, Tone.WARNING: theme.WARN, Tone.BAD: theme.BAD}


class LookingPane(Pane):
    """The progress of detection, or the projects to choose from."""

    STEP = Step.LOOKING
    DETAILS = False
    ACTIONS = (actions.PICK, actions.FILTER, actions.CANCEL)
    CLICK = actions.PICK
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(actions.FILTER.keys, actions.FILTER.name, show=False, priority=True),  # what is typed next goes to it
        *actions.bindings(*ACTIONS),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._text = Block()
        self._filter = Field(placeholder=words.FILTER())
        self._filter.display = False
        self._table = Rows(_COLUMNS)
        self._about = Block(id="about")
        self._offered: list[str] = []
        """the projects in the table"""

    def parts(self) -> Iterator[Widget]:
        """Yields progress, the filter, the table of projects, and the details of the one under the cursor."""
        yield self._text
        yield self._filter
        yield self._table
        yield self._about

    def update(self) -> None:
        """Shows progress, the choice of a project, or the end of the run."""
        state = self.state
        choosing = bool(self._projects()) and not self.wizard.followed.ended
        self._table.display = self._about.display = choosing
        if not choosing:
            self.lead.show([])
            lines = (
                ending.lines(state, self.wizard.followed.died)
                if self.wizard.followed.ended
                else progress(state, self.wizard.now())
            )
            self._text.show(lines)
            return
        why = problems.title(state.which) if state.which else ""
        question = labels.QUESTIONS[Question.PROJECT]() if len(self._projects()) > 1 else words.THIS_PROJECT()
        self.lead.show([Cell(paragraph((why, question)), theme.STRONG)])
        self._text.show([])
        typed = self._filter.value.strip().lower()
        self._offered = [name for name in self._projects() if typed in self._named(name).lower()]
        columns = _COLUMNS if self.app.size.width >= _ROOM else _FEW
        self._table.show([self._cells(name) for name in self._offered], columns)
        self._about.show(self._told(self._offered[self._table.at]) if self._offered else [Cell(words.NO_PROJECT())])
        if self.focused is None:
            self._table.focus(scroll_visible=False)

    def _named(self, name: str) -> str:
        return phrases.project_named(name, self.state.projects.get(name))

    def _view(self, name: str) -> ProjectView:
        return self.state.project_views.get(name, ProjectView())

    def _cells(self, name: str) -> list[Cell]:
        view = self._view(name)
        return [
            cell(name, theme.STRONG),
            cell(projects.state(view), _TONES[projects.tone(view)]),
            cell(projects.version(view), theme.DIM),
            cell(view.folder),
            cell(projects.used(view, self.wizard.now()), theme.DIM),
        ]

    def _told(self, name: str) -> list[Line]:
        """Returns a project's details in full, since the table may have cut or left them out."""
        view = self._view(name)
        facts = (projects.state(view), projects.used(view, self.wizard.now()))
        rest = (view.folder, projects.version(view), series([fact for fact in facts if fact]))
        return [BLANK, cell(self._named(name), theme.STRONG), *(cell(text, theme.DIM) for text in rest if text)]

    def _projects(self) -> tuple[str, ...]:
        asked = self.state.asked
        return asked.options if asked and asked.question is Question.PROJECT else ()

    def available(self, name: str) -> bool:
        """Whether an action can run now: while a project is asked for; in the filter, `/` is a character."""
        asked = bool(self._projects()) and self.asks(Choice.GO)
        return asked and (name == "pick" or (name == "filter" and not self._filter.has_focus))

    def action_pick(self) -> None:
        """Chooses the project under the cursor."""
        if self._offered:
            self.wizard.decide(Choice.GO, project=self._offered[self._table.at])

    def action_filter(self) -> None:
        """Shows the filter and focuses it."""
        self._filter.display = True
        self.set_focus(self._filter)

    def on_input_changed(self, _event: Input.Changed) -> None:
        """Shows the projects that match the filter."""
        self.update()
        self._table.point(0)

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Chooses the project if only one matches; focuses the table otherwise."""
        self._table.focus()
        if len(self._offered) == 1:
            self.do("pick")


def progress(state: RunState, now: datetime) -> list[Line]:
    """Returns what has been found so far, and what the run waits for."""
    engine = phrases.engine(state.engine) if state.engine else ""
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
    return found + findings.below(state.findings)
