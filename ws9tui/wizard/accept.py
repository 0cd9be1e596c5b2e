"""What the panes share in which a check of the images may stop the run."""

from __future__ import annotations

from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import actions, theme
from ws9tui.wizard.block import Line
from ws9tui.wizard.cells import WARNING, Cell, cell
from ws9tui.wizard.choices import Choices, answers
from ws9tui.wizard.dialogs import Ask, Option
from ws9tui.wizard.frame import Pane
from ws9tui.words import labels, problems
from ws9tui.words import panes_prepare as words

_KEYS = {
    Choice.RETRY: actions.RETRY,
    Choice.PREVIOUS: actions.PREVIOUS,
    Choice.LEAVE_OUT: actions.LEAVE_OUT,
    Choice.ACCEPT: actions.ACCEPT_FOUND,
    Choice.CANCEL: actions.CANCEL,
}
_CHOOSING = (Question.PULL_FAILED, Question.MISMATCH)
"""questions that have more answers than to go on"""


class AcceptingPane(Pane):
    """A pane in which it may be asked what to do about an image, or whether to go on all the same."""

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

    def __init__(self) -> None:
        super().__init__()
        self.choices = Choices()

    def offer(self) -> None:
        """Shows the answers as buttons, where there are several."""
        asked = self.state.asked
        choosing = asked is not None and asked.question in _CHOOSING and not self.wizard.followed.waiting
        self.choices.show(answers(asked, _KEYS) if choosing else [])

    def available(self, name: str) -> bool:
        """What the open question takes."""
        match name:
            case "accept":
                return self.accepting
            case "go":
                return self.asks(Choice.GO) and not self.accepting
            case "retry":
                return self.asks(Choice.RETRY)
            case "leave_out":
                return self.asks(Choice.LEAVE_OUT)
            case "accept_found":
                return self.asks(Choice.ACCEPT)
        return False

    def action_go(self) -> None:
        """Goes on to the plan."""
        self.wizard.decide(Choice.GO)

    def action_retry(self) -> None:
        """Pulls what is missing once more."""
        self.wizard.decide(Choice.RETRY)

    def action_leave_out(self) -> None:
        """Goes on without the services that the question is about."""
        self.wizard.decide(Choice.LEAVE_OUT)

    def action_accept_found(self) -> None:
        """Asks for a deliberate yes to an image that is not what was expected."""
        asked = self.state.asked
        if asked is not None:
            no_yes = (words.ACCEPT_NO(), words.ACCEPT_YES())
            self.ask_sure(labels.question(asked), [words.ACCEPT_FOUND()], no_yes, Choice.ACCEPT)

    @property
    def accepting(self) -> bool:
        """Whether that is asked."""
        asked = self.state.asked
        return asked is not None and asked.question is Question.ACCEPT and self.asks(Choice.GO)

    def action_accept(self) -> None:
        """Asks for a deliberate yes."""

        def answered(answer: str | None) -> None:
            if answer == "yes" and self.accepting:
                self.wizard.decide(Choice.GO)

        stops = [cell(problems.title(check.finding.problem)) for check in self.state.trust.values() if check.stops]
        options = (Option("no", "n", words.ACCEPT_NO()), Option("yes", "y", words.ACCEPT_YES()))
        self.app.push_screen(Ask(labels.QUESTIONS[Question.ACCEPT](), stops, options), answered)

    def question(self) -> list[Line]:
        """What is asked; nothing where nothing is."""
        asked = self.state.asked
        if asked is not None and asked.question in _CHOOSING:
            return [Cell(f"{WARNING} {labels.question(asked)}", f"{theme.BAD} {theme.STRONG}")]
        if not self.accepting:
            return []
        return [Cell(f"{WARNING} {labels.QUESTIONS[Question.ACCEPT]()}", f"{theme.BAD} {theme.STRONG}")]
