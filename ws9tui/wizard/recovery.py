"""The Recovery pane: what an interrupted run was doing, what runs now, and the ways to recover."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ws9tui.core.journal.run_state import Interruption
from ws9tui.core.model.terms import Choice, Level, Question
from ws9tui.wizard import actions, cells, findings, theme
from ws9tui.wizard.block import BLANK, Block, Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.choices import Choices, OfferedChoice
from ws9tui.wizard.frame import Pane, decides
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
from ws9tui.words import labels, panes
from ws9tui.words import panes_commit as words

_STATES = {
    "old": (cells.DONE, theme.PLAIN),
    "new": ("↑", theme.ACCENT),
    "stopped": (cells.WARNING, theme.WARN),
    "twin": (cells.WARNING, theme.WARN),
    "other": ("?", theme.WARN),
    "missing": (cells.FAILED, theme.BAD),
}
_COLUMNS = (Column(""), Column(panes.SERVICE, least=8, most=24), Column(words.RUNS_NOW, least=12), Column("", least=10))


class RecoveryPane(Pane):
    """The interrupted run, step by step and service by service."""

    STEP = Step.RECOVERY
    ACTIONS = (actions.BACK, actions.FORWARD, actions.STAY, actions.OTHERS, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)
    KEYS = {
        Choice.BACK: actions.BACK,
        Choice.FORWARD: actions.FORWARD,
        Choice.LEAVE: actions.STAY,
        Choice.GO_BACK: actions.OTHERS,
    }

    def __init__(self) -> None:
        super().__init__()
        self._choices, self._reason, self._table = Choices(), Block(), Rows(_COLUMNS)

    def parts(self) -> Iterator[Widget]:
        """Yields the ways to recover, the reason for the recommended one, and the services."""
        yield self._choices
        yield self._reason
        yield self._table

    def update(self) -> None:
        """Updates the lead, the choices, the services, and the steps of the interrupted run."""
        found = self.state.interruption
        if found is None:
            return
        self.lead.show([Cell(words.recovery_lead(self.state, self.wizard.now()), theme.STRONG)])
        asked = self.state.asked
        choices = asked.choices if asked else (Choice.BACK, Choice.FORWARD, Choice.LEAVE)
        leads = {choice: labels.consequence(Question.RECOVER, choice) for choice in choices if choice in self.KEYS}
        self._choices.show(
            [
                OfferedChoice(self.KEYS[choice], words.recover_choice(choice, found), said)
                for choice, said in leads.items()
            ]
        )
        self._reason.show([cell(words.recover_reason(found), theme.GOOD), BLANK])
        self._table.show(_services(found))
        warnings = findings.lines(finding for finding in self.state.findings if finding.level is Level.WARNING)
        self.detail.show([*warnings, *([BLANK] if warnings else []), *_steps(found)])

    # --- actions ------------------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Rolls the interrupted run back, after confirmation."""
        self._sure(Choice.BACK)

    def action_forward(self) -> None:
        """Finishes the interrupted run, after confirmation."""
        self._sure(Choice.FORWARD)

    def action_stay(self) -> None:
        """Leaves everything as it is, after confirmation."""
        self._sure(Choice.LEAVE)

    action_others = decides(Choice.GO_BACK)

    def _sure(self, choice: Choice) -> None:
        found = self.state.interruption
        if found is None:
            return
        title = words.recover_title(choice, found)
        body = words.recover_body(choice, self.state)
        self.ask_sure(title, body, (words.RECOVER_NO(), words.RECOVER_YES()), choice)


def _services(found: Interruption) -> list[list[Cell]]:
    rows = []
    for service in found.services:
        sign, tone = _STATES.get(service.state, ("?", theme.WARN))
        state = labels.interrupted_state(service.state)
        rows.append(
            [Cell(sign, tone), cell(service.service), cell(state), cell(labels.interrupted_detail(service), theme.DIM)]
        )
    return rows


def _steps(found: Interruption) -> list[Line]:
    lines: list[Line] = [Cell(words.WAS_DOING(), theme.DIM)]
    lines += [(Cell(cells.DONE, theme.GOOD), cell(words.step_name(step))) for step in found.run.done]
    for number, step in enumerate(found.run.undone):
        sign, tone = (cells.WARNING, theme.WARN) if number == 0 else (cells.TO_COME, theme.DIM)
        said = words.WAS_UNDER_WAY if number == 0 else words.NOT_BEGUN
        lines.append((Cell(sign, tone), cell(said(step=words.step_name(step)), tone)))
    return lines
