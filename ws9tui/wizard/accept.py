"""The base of the panes in which a check of the images may stop the run."""

from __future__ import annotations

from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import actions, theme
from ws9tui.wizard.cells import WARNING, Cell, cell
from ws9tui.wizard.choices import Choices, answers
from ws9tui.wizard.frame import Pane, decides
from ws9tui.words import labels, problems
from ws9tui.words import panes_prepare as words

_CHOOSING = (Question.PULL_FAILED, Question.MISMATCH)
"""questions whose answers are shown as buttons"""


class AcceptingPane(Pane):
    """A pane that may ask what to do about an image, or whether to go on although a check stops the run."""

    ACTIONS = (
        actions.ACCEPT,
        actions.GO,
        actions.RETRY,
        actions.LEAVE_OUT,
        actions.ACCEPT_FOUND,
        actions.PREVIOUS,
        actions.CANCEL,
    )
    BINDINGS = actions.bindings(*ACTIONS)
    KEYS = {
        Choice.RETRY: actions.RETRY,
        Choice.PREVIOUS: actions.PREVIOUS,
        Choice.LEAVE_OUT: actions.LEAVE_OUT,
        Choice.ACCEPT: actions.ACCEPT_FOUND,
        Choice.CANCEL: actions.CANCEL,
    }

    def __init__(self) -> None:
        super().__init__()
        self.choices = Choices()

    def begin(self, told: Cell) -> None:
        """Shows what is asked about an image, with its answers as buttons if there are several; ``told`` otherwise."""
        asked = self.state.asked
        choosing = asked is not None and asked.question in _CHOOSING
        if asked is not None and (choosing or self.accepting):
            told = Cell(f"{WARNING} {labels.question(asked)}", f"{theme.BAD} {theme.STRONG}")
        self.lead.show([told])
        self.choices.show(answers(asked, self.KEYS) if choosing and not self.wizard.followed.waiting else [])

    def available(self, name: str) -> bool:
        """Whether the open question takes the choice that an action makes."""
        if name in ("accept", "go"):
            return self.asks(Choice.GO) and self.accepting is (name == "accept")
        return super().available(name)

    action_go = decides(Choice.GO)
    action_retry = decides(Choice.RETRY)
    action_leave_out = decides(Choice.LEAVE_OUT)

    def action_accept_found(self) -> None:
        """Asks for confirmation that an image is accepted which is not the expected one."""
        asked = self.state.asked
        if asked is not None:
            no_yes = (words.ACCEPT_NO(), words.ACCEPT_YES())
            self.ask_sure(labels.question(asked), [words.ACCEPT_FOUND()], no_yes, Choice.ACCEPT)

    @property
    def accepting(self) -> bool:
        """Whether the open question is `Question.ACCEPT` and can be answered."""
        asked = self.state.asked
        return asked is not None and asked.question is Question.ACCEPT and self.asks(Choice.GO)

    def action_accept(self) -> None:
        """Asks for confirmation to go on although checks stop the run."""
        stops = [cell(problems.title(check.finding.problem)) for check in self.state.trust.values() if check.stops]
        no_yes = (words.ACCEPT_NO(), words.ACCEPT_YES())
        self.ask_sure(labels.QUESTIONS[Question.ACCEPT](), stops, no_yes, Choice.GO)
