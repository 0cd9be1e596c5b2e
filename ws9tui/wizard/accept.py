"""What the panes share in which a check of the images may stop the run."""

from __future__ import annotations

from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import theme
from ws9tui.wizard.block import Line
from ws9tui.wizard.cells import WARNING, Cell, cell
from ws9tui.wizard.dialogs import Ask, Option
from ws9tui.wizard.frame import Pane
from ws9tui.words import labels, problems
from ws9tui.words import panes_prepare as words


class AcceptingPane(Pane):
    """A pane in which it may be asked whether to go on all the same."""

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
        if not self.accepting:
            return []
        return [Cell(f"{WARNING} {labels.QUESTIONS[Question.ACCEPT]()}", f"{theme.BAD} {theme.STRONG}")]
