"""The Recreate pane: the steps of the commit, and the state of each recreated service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import ProgressBar

from ws9tui.core.model.terms import Choice
from ws9tui.wizard import actions, theme, watching
from ws9tui.wizard.block import BLANK, Line
from ws9tui.wizard.cells import Cell
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Rows
from ws9tui.words import panes_commit as words

_STEPS = 4
"""steps that are shown above the log lines"""


WAYS_BACK = {Choice.ROLL_BACK: actions.ROLL_BACK, Choice.ROLL_BACK_DATA: actions.ROLL_BACK_DATA}


class WatchingPane(Pane):
    """The base of the panes that show the services of a commit and the log of the one under the cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Rows(watching.COLUMNS)
        self._pointed = -1
        """row on which the cursor was put because its service has failed; -1 at first"""
        self._room = Size()
        """size of the details when they were last shown"""

    def tell(self, lines: Sequence[Line]) -> None:
        """Shows steps and log lines; their end stays visible unless the operator scrolls up."""
        area = self.area
        stays = area.scroll_y >= area.max_scroll_y or area.size != self._room
        self._room = area.size
        self.detail.show(lines)
        if stays:
            area.call_after_refresh(area.scroll_end, animate=False)

    def show_services(self) -> None:
        """Updates the table; puts the cursor on the first failed service, unless the operator has moved it."""
        rows = watching.watched(self.state)
        moved = self._pointed not in (-1, self.table.at)
        self.table.show(watching.table(rows, self.state, self.wizard.now()))
        if rows and not moved:
            self._pointed = watching.first_ill(rows)
            self.table.point(self._pointed)

    def action_roll_back(self) -> None:
        """Rolls back, after confirmation."""
        body = words.roll_back_body(self.state, data=False)
        self.ask_sure(words.ROLL_BACK_TITLE(), body, (words.ROLL_BACK_NO(), words.ROLL_BACK_YES()), Choice.ROLL_BACK)

    def action_roll_back_data(self) -> None:
        """Rolls back images and data, after confirmation."""
        body = words.roll_back_body(self.state, data=True)
        answers = (words.ROLL_BACK_NO(), words.ROLL_BACK_YES())
        self.ask_sure(words.ROLL_BACK_DATA_TITLE(), body, answers, Choice.ROLL_BACK_DATA)


class RecreatePane(WatchingPane):
    """The services that the plan changes, the steps, and the log of the service under the cursor."""

    STEP = Step.RECREATE
    KEYS = WAYS_BACK
    ACTIONS = tuple(WAYS_BACK.values())
    BINDINGS = actions.bindings(*ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self._bar = ProgressBar(total=1.0, show_eta=False, show_percentage=False)

    def parts(self) -> Iterator[Widget]:
        """Yields the progress bar and the services."""
        yield self._bar
        yield self.table

    def update(self) -> None:
        """Updates the lead, the services, the steps and the log lines."""
        state, now = self.state, self.wizard.now()
        self.lead.show([Cell(words.recreate_lead(state, now), theme.STRONG), *watching.moving(state)])
        total = len(state.plan.operations) if state.plan else len(state.steps)
        done = sum(max(len(step.services), 1) for step in state.steps if step.done)
        share = min(done / max(total, 1), 1.0)
        if self._bar.progress != share:
            self._bar.update(progress=share)
        self.show_services()
        rows = watching.watched(state)
        told = watching.steps(state, now)
        logs = watching.log_lines(rows[self.table.at]) if rows else []
        self.tell([*(told[-_STEPS:] if logs else told), BLANK, *logs])
