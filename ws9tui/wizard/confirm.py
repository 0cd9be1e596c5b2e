"""The Confirm pane: the printed plan, and the explicit yes to it."""

from __future__ import annotations

from textual.content import Content

from ws9tui.core.model.plan import Plan, choose
from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import actions, draw
from ws9tui.wizard.dialogs import Ask, Option
from ws9tui.wizard.draw import BLANK, Look, line
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.words import labels
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
    ACTIONS = (actions.APPLY, actions.DATA, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self._data: tuple[str, ...] | None = None
        """the services whose data is saved, or goes back, where the operator set that"""

    @property
    def plan(self) -> Plan | None:
        """The plan as it would be carried out now."""
        return choose(self.state.plan, self._data) if self.state.plan else None

    def available(self, name: str) -> bool:
        """The plan is carried out while that is asked."""
        if name == "data" and not (self.state.plan and self.state.plan.candidates):
            return False
        return name in ("apply", "data") and self.asks(Choice.GO)

    def action_data(self) -> None:
        """Asks whose data is saved, or goes back; each answer changes one, until there are none."""
        plan = self.plan
        if plan is None:
            return
        chosen = {*plan.saved, *plan.restored}

        def answered(name: str | None) -> None:
            if name in plan.candidates and self.asks(Choice.GO):
                self._data = tuple(one for one in plan.candidates if (one in chosen) is not (one == name))
                self.follow()
                self.action_data()

        options = [
            Option(name, str(number), words.data_option(name, chosen=name in chosen))
            for number, name in enumerate(plan.candidates[:9], 1)
        ]
        done = Option("", "n", words.DATA_DONE())
        title, body = words.data_question(plan)
        self.app.push_screen(Ask(title, body, (done, *options)), answered)

    def action_apply(self) -> None:
        """Asks for a deliberate yes."""
        if self._losing:
            title, answers = labels.QUESTIONS[Question.LOSS](), (words.LOSS_NO(), words.LOSS_YES())
            body = plan_words.left_lines(self.plan) if self.plan else []
        else:
            title, answers = words.CONFIRM_TITLE(), (words.CONFIRM_NO(), words.CONFIRM_YES())
            body = words.confirm_body(self.plan)
        self.ask_sure(title, body, answers, Choice.GO, backups=self._data)

    @property
    def _losing(self) -> bool:
        """Whether it is asked about data that would be left behind."""
        return self.state.asked is not None and self.state.asked.question is Question.LOSS

    def draw(self, look: Look) -> list[Content]:
        """Lead and plan."""
        plan = self.plan
        if plan is None:
            return [line((words.CONFIRM_WAIT(), draw.STRONG))]
        lead = [*draw.wrapped(words.CONFIRM_LEAD(), look.width, draw.STRONG), BLANK]
        if self._losing:
            lead = [*draw.wrapped(labels.QUESTIONS[Question.LOSS](), look.width, draw.BAD, f"{draw.WARNING} "), BLANK]
        printed: list[Content] = []
        for level, text in plan_words.lines(plan):
            if level is Level.HEADING and printed:
                printed.append(BLANK)
            said = text.lstrip()
            indent = " " * (len(text) - len(said))
            tone = _TONES.get(level, draw.PLAIN)
            printed += draw.hanging(said, look.width, tone, indent)
        return self.scrolled(lead, printed, look)
