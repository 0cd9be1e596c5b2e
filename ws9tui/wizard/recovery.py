"""The Recovery pane: what an interrupted run was doing, what runs now, and the two ways out."""

from __future__ import annotations

from textual.content import Content

from ws9tui.core.journal.run_state import Interruption
from ws9tui.core.model.terms import Choice, Level, Question
from ws9tui.wizard import actions, draw, result
from ws9tui.wizard.draw import BLANK, Cell, Column, Look, cell, line
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.words import labels, panes
from ws9tui.words import panes_commit as words
from ws9tui.words.text import pad, width

_KEYS = {
    Choice.BACK: actions.BACK,
    Choice.FORWARD: actions.FORWARD,
    Choice.LEAVE: actions.STAY,
    Choice.GO_BACK: actions.OTHERS,
}
_STATES = {
    "old": (draw.DONE, draw.PLAIN),
    "new": ("↑", draw.ACCENT),
    "stopped": (draw.WARNING, draw.WARN),
    "twin": (draw.WARNING, draw.WARN),
    "other": ("?", draw.WARN),
    "missing": (draw.FAILED, draw.BAD),
}
_COLUMNS = (Column(""), Column(panes.SERVICE, least=8, most=24), Column(words.RUNS_NOW, least=12), Column("", least=10))


class RecoveryPane(Pane):
    """The interrupted run, step by step and service by service."""

    STEP = Step.RECOVERY
    ACTIONS = (actions.BACK, actions.FORWARD, actions.STAY, actions.OTHERS, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)

    def draw(self, look: Look) -> list[Content]:
        """Lead, choices, what runs, what was done."""
        found = self.state.interruption
        if found is None:
            return []
        lead = draw.wrapped(words.recovery_lead(self.state, look.now), look.width, draw.STRONG)
        body = [*self._choices(found, look), BLANK]
        if warnings := [finding for finding in self.state.findings if finding.level is Level.WARNING]:
            body += [*result.findings(warnings, look.width), BLANK]
        body += [*_services(found, look), BLANK, *_steps(found, look)]
        return self.scrolled([*lead, BLANK], body, look)

    def _choices(self, found: Interruption, look: Look) -> list[Content]:
        asked = self.state.asked
        choices = asked.choices if asked else (Choice.BACK, Choice.FORWARD, Choice.LEAVE)
        lines: list[Content] = []
        column = max(width(words.recover_choice(choice, found)) for choice in choices) + 2
        for choice in choices:
            if choice not in _KEYS:
                continue
            name = pad(words.recover_choice(choice, found), column)
            said = labels.consequence(Question.RECOVER, choice)
            for number, part in enumerate(draw.wrap(said, look.width - column - 4)):
                key, shown = (_KEYS[choice].shown, name) if number == 0 else (" ", " " * column)
                lines.append(line((f"  {key} ", draw.KEY), (shown, draw.STRONG), part))
        return [*lines, *draw.wrapped(words.recover_reason(found), look.width, draw.GOOD)]

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """What the open question takes."""
        return any(action.name == name and self.asks(choice) for choice, action in _KEYS.items())

    def action_back(self) -> None:
        """Goes back, after one more question."""
        self._sure(Choice.BACK)

    def action_forward(self) -> None:
        """Finishes the interrupted run, after one more question."""
        self._sure(Choice.FORWARD)

    def action_stay(self) -> None:
        """Leaves everything as it is."""
        self._sure(Choice.LEAVE)

    def action_others(self) -> None:
        """Shows all generations that can be reached."""
        self.wizard.decide(Choice.GO_BACK)

    def _sure(self, choice: Choice) -> None:
        found = self.state.interruption
        if found is None:
            return
        title = words.RECOVER_TITLES[choice](before=found.run.before, after=found.run.after)
        body = words.recover_body(choice, self.state)
        self.ask_sure(title, body, (words.RECOVER_NO(), words.RECOVER_YES()), choice)


def _services(found: Interruption, look: Look) -> list[Content]:
    rows = []
    for service in found.services:
        sign, tone = _STATES.get(service.state, ("?", draw.WARN))
        state = labels.interrupted_state(service.state)
        rows.append(
            [Cell(sign, tone), cell(service.service), cell(state), cell(labels.interrupted_detail(service), draw.DIM)]
        )
    if not rows:
        return []
    header, table = draw.table(_COLUMNS, rows, look.width)
    return [header, *table]


def _steps(found: Interruption, look: Look) -> list[Content]:
    lines = [line((words.WAS_DOING(), draw.DIM))]
    for step in found.run.done:
        lines += draw.wrapped(words.step_name(step), look.width, draw.PLAIN, f"{draw.DONE} ")
    for number, step in enumerate(found.run.undone):
        sign, tone = (draw.WARNING, draw.WARN) if number == 0 else (draw.TO_COME, draw.DIM)
        said = words.WAS_UNDER_WAY if number == 0 else words.NOT_BEGUN
        lines += draw.wrapped(said(step=words.step_name(step)), look.width, tone, f"{sign} ")
    return lines
