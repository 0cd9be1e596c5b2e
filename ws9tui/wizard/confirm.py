"""The Confirm pane: the printed plan, and the explicit yes to it."""

from __future__ import annotations

from textual.content import Content

from ws9tui.core.events import Choice
from ws9tui.wizard import actions, draw
from ws9tui.wizard.dialogs import Ask, Option
from ws9tui.wizard.draw import BLANK, Look, line
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.words import panes_prepare as words
from ws9tui.words import plan as plan_words
from ws9tui.words.plan import Level

_TONES = {
    Level.HEADING: draw.STRONG,
    Level.DETAIL: draw.DIM,
    Level.ADDED: draw.GOOD,
    Level.TAKEN: draw.BAD,
    Level.LOSS: draw.WARN,
    Level.FOLLOWER: draw.WARN,
}


class ConfirmPane(Pane):
    """The plan, which scrolls, and the question whether to carry it out."""

    STEP = Step.CONFIRM
    ACTIONS = (actions.APPLY, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)

    def available(self, name: str) -> bool:
        """The plan is carried out while that is asked."""
        return name == "apply" and self.asks(Choice.GO)

    def action_apply(self) -> None:
        """Asks for a deliberate yes."""

        def answered(answer: str | None) -> None:
            if answer == "yes" and self.asks(Choice.GO):
                self.wizard.decide(Choice.GO)

        options = (Option("no", "n", words.CONFIRM_NO), Option("yes", "y", words.CONFIRM_YES))
        self.app.push_screen(Ask(words.CONFIRM_TITLE, words.confirm_body(self.state), options), answered)

    def draw(self, look: Look) -> list[Content]:
        """Lead and plan."""
        plan = self.state.plan
        if plan is None:
            return [line((words.CONFIRM_WAIT, draw.STRONG))]
        lead = [*draw.wrapped(words.CONFIRM_LEAD, look.width, draw.STRONG), BLANK]
        printed: list[Content] = []
        for level, text in plan_words.lines(plan):
            if level is Level.HEADING and printed:
                printed.append(BLANK)
            said = text.lstrip()
            indent = " " * (len(text) - len(said))
            tone = _TONES.get(level, draw.PLAIN)
            printed += draw.hanging(said, look.width, tone, indent)
        return self.scrolled(lead, printed, look)
