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
"""lines below which only what counts is shown"""


class Dialog(ModalScreen[str | None]):
    """A box over the pane; Escape closes it and changes nothing."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS = [Binding("escape", "close", show=False)]
    AUTO_FOCUS = ""

    def __init__(self, title: str, keys: str) -> None:
        super().__init__()
        self._title = title
        self._keys = keys
        self._made_for: object = None

    def compose(self) -> ComposeResult:
        """A box with a title, the dialog's own widgets, and what its keys do."""
        title, foot = Block(id="heading"), Block(id="foot")
        title.show([Cell(self._title, theme.STRONG)])
        foot.show([Cell(self._keys, theme.DIM)])
        with Vertical(id="box"):
            yield title
            yield from self.parts()
            yield foot

    def parts(self) -> Iterator[Widget]:
        """The dialog's own widgets."""
        raise NotImplementedError

    def stale(self, state: RunState, step: Step) -> bool:
        """Whether what it was opened for is over."""
        now = self.belongs(state, step)
        self._made_for = self._made_for or now
        return self._made_for != now

    def belongs(self, state: RunState, step: Step) -> object:
        """What it belongs to: it is closed when that is another one; here the pane and the question."""
        return step, state.asked.ask if state.asked else None

    def on_resize(self) -> None:
        """Leaves out what is not needed where there is little room."""
        self.set_class(self.app.size.height < LOW, "-low")

    def follow(self) -> None:
        """Brings it up to date."""

    def repaint(self) -> None:
        """Draws it in the colours of another theme."""
        for block in self.query(Block):
            block.repaint()

    def on_click(self, event: events.Click) -> None:
        """Closes it by a click beside the box."""
        if event.widget is self:
            self.action_close()

    def action_close(self) -> None:
        """Closes it without an answer."""
        self.dismiss(None)


class Option(NamedTuple):
    """An answer: what it gives, its key, its words."""

    value: str
    key: str
    label: str


class AnswerButton(PointedButton):
    """An answer to a dialog's question."""

    def __init__(self, option: Option) -> None:
        super().__init__(option.key.upper(), f"  {option.label}")
        self.option = option


class Ask(Dialog):
    """A question; the first answer, which Enter takes, is the one that changes nothing unless told otherwise."""

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
        """What it means, and the answers."""
        body = Block()
        body.show(self._body)
        if self._body:
            with VerticalScroll(id="said", can_focus=False):
                yield body
        with Vertical(id="answers"):
            for option in self._options:
                yield AnswerButton(option)

    def belongs(self, state: RunState, step: Step) -> object:
        """A question about leaving does not depend on what is shown below."""
        return None if self._stays else super().belongs(state, step)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Gives the answer."""
        if isinstance(event.button, AnswerButton):
            self.dismiss(event.button.option.value)

    def on_key(self, event: events.Key) -> None:
        """Takes an answer by its key."""
        for option in self._options:
            if (event.character or "").lower() == option.key:
                event.stop()
                self.dismiss(option.value)
                return


class Help(Dialog):
    """What a pane shows, and which keys work in it."""

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
        """The pane's help and its keys."""
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
