"""Dialogs over a pane: a question with few answers, and the help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button

from ws9tui.core.journal.run_state import Phase, RunState
from ws9tui.wizard import theme
from ws9tui.wizard.actions import MOVE_KEYS, Action
from ws9tui.wizard.block import BLANK, Block, Line
from ws9tui.wizard.cells import Cell
from ws9tui.wizard.choices import PointedButton
from ws9tui.wizard.route import Step
from ws9tui.words import help as help_words
from ws9tui.words import panes as words

LOW = 16
"""terminal rows below which only the essential parts are shown"""


class Dialog(ModalScreen[str | None]):
    """A modal box over a pane; Escape closes it without an answer."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape", "close", show=False)]
    AUTO_FOCUS = ""

    def __init__(self, title: str, keys: str) -> None:
        super().__init__()
        self._title = title
        self._keys = keys
        self._made_for: object = None

    def compose(self) -> ComposeResult:
        """Yields a box with the title, the dialog's own widgets, and a line about its keys."""
        title, foot = Block(id="heading"), Block(id="foot")
        title.show([Cell(self._title, theme.STRONG)])
        foot.show([Cell(self._keys, theme.DIM)])
        with Vertical(id="box"):
            yield title
            yield from self.parts()
            yield foot

    def parts(self) -> Iterator[Widget]:
        """Yields the dialog's own widgets."""
        raise NotImplementedError

    def stale(self, state: RunState, step: Step) -> bool:
        """Whether the dialog no longer belongs to the state for which it was opened."""
        now = self.belongs(state, step)
        self._made_for = self._made_for or now
        return self._made_for != now

    def belongs(self, state: RunState, step: Step) -> object:
        """Returns what the dialog belongs to, by default pane and question: when that changes, the dialog is closed."""
        return step, state.asked.ask if state.asked else None

    def on_resize(self) -> None:
        """Hides the parts that are not essential on a low terminal."""
        self.set_class(self.app.size.height < LOW, "-low")

    def follow(self) -> None:
        """Updates the dialog's content; by default there is nothing to update."""

    def repaint(self) -> None:
        """Redraws the dialog in the colours of another theme."""
        for block in self.query(Block):
            block.repaint()

    def on_click(self, event: events.Click) -> None:
        """Closes the dialog on a click outside the box."""
        if event.widget is self:
            self.action_close()

    def action_close(self) -> None:
        """Closes the dialog without an answer."""
        self.dismiss(None)


class Option(NamedTuple):
    """An answer: its value, key and label."""

    value: str
    key: str
    label: str


class AnswerButton(PointedButton):
    """The button of an answer to a dialog's question."""

    def __init__(self, option: Option) -> None:
        super().__init__(option.key.upper(), f"  {option.label}")
        self.option = option


class Ask(Dialog):
    """A question; Enter takes the first answer, which changes nothing unless the caller puts another one first."""

    AUTO_FOCUS = "AnswerButton"
    BINDINGS = [
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, body: Sequence[Line], options: tuple[Option, ...], *, stays: bool = False) -> None:
        super().__init__(title, words.DIALOG_KEYS())
        self._body = body
        self._options = options
        self._stays = stays

    def parts(self) -> Iterator[Widget]:
        """Yields the explanation and the answers."""
        body = Block()
        body.show(self._body)
        if self._body:
            with VerticalScroll(id="said", can_focus=False):
                yield body
        with Vertical(id="answers"):
            for option in self._options:
                yield AnswerButton(option)

    def belongs(self, state: RunState, step: Step) -> object:
        """Returns None if the question does not depend on what the pane shows, as that about leaving."""
        return None if self._stays else super().belongs(state, step)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Closes the dialog with the answer of the button."""
        if isinstance(event.button, AnswerButton):
            self.dismiss(event.button.option.value)

    def on_key(self, event: events.Key) -> None:
        """Closes the dialog with the answer that has this key."""
        for option in self._options:
            if event.character and event.character.lower() == option.key:
                event.stop()
                self.dismiss(option.value)
                return


class Help(Dialog):
    """The help: what a pane shows, and which keys work in it."""

    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        Binding("enter,q,Q,question_mark,f1", "close", show=False),
        Binding("space", "page_down", show=False),
    ]
    AUTO_FOCUS = "#said"

    def __init__(self, phase: Phase, heading: str, known: Sequence[Action]) -> None:
        super().__init__(words.HELP_TITLE(pane=heading), words.HELP_KEYS())
        self._phase = phase
        self._known = known

    def parts(self) -> Iterator[Widget]:
        """Yields the pane's help text and its keys."""
        found: list[Line] = []
        for text in help_words.text(self._phase).split("\n\n"):
            found += [Cell(text), BLANK]
        found += [(Cell(action.shown, theme.KEY), Cell(words.key_line(action.name))) for action in self._known]
        found += [(Cell(MOVE_KEYS, theme.KEY), Cell(words.MOVES()))]
        found += [BLANK, *(Cell(part()) for part in words.MOUSE)]
        about = Block()
        about.show(found)
        with VerticalScroll(id="said"):
            yield about

    def action_page_down(self) -> None:
        """Scrolls by a screenful."""
        self.query_one("#said", VerticalScroll).action_page_down()
