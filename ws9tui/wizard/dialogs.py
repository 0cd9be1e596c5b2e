"""Dialogs over a pane: a question with few answers, and the help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button

from ws9tui.core.journal.run_state import Phase, RunState
from ws9tui.wizard import theme
from ws9tui.wizard.actions import MOVE_KEYS, Action
from ws9tui.wizard.block import BLANK, Block, Line
from ws9tui.wizard.cells import POINTER, Cell
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

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._made_for: tuple[int | None, Step] | None = None
        self.foot = Block(id="foot")

    def compose(self) -> ComposeResult:
        """A box with a title, the dialog's own widgets, and what its keys do."""
        title = Block(id="heading")
        title.show([Cell(self._title, theme.STRONG)])
        with Vertical(id="box"):
            yield title
            yield from self.parts()
            yield self.foot

    def parts(self) -> Iterator[Widget]:
        """The dialog's own widgets."""
        raise NotImplementedError

    def stale(self, state: RunState, step: Step) -> bool:
        """Whether what it was opened for is over: another pane, or another question."""
        made_for = (state.asked.ask if state.asked else None, step)
        if self._made_for is None:
            self._made_for = made_for
        return self._made_for != made_for

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


class AnswerButton(Button):
    """An answer as a button; the focused one has a sign as well."""

    def __init__(self, option: Option) -> None:
        super().__init__(_labelled(option, focused=False), compact=True)
        self.option = option

    def watch_has_focus(self, has_focus: bool) -> None:
        """Points at the answer that Enter takes."""
        super().watch_has_focus(has_focus)
        self.label = _labelled(self.option, focused=has_focus)


def _labelled(option: Option, *, focused: bool) -> Content:
    """The pointer, the key, the words."""
    return Content.assemble(f"{POINTER if focused else ' '} ", (option.key.upper(), "bold"), f"  {option.label}")


class Ask(Dialog):
    """A question; the first answer, which Enter takes, is the one that changes nothing unless told otherwise."""

    AUTO_FOCUS = "AnswerButton"
    BINDINGS = [
        Binding("left,up", "app.focus_previous", show=False),
        Binding("right,down", "app.focus_next", show=False),
    ]

    def __init__(self, title: str, body: Sequence[Line], options: tuple[Option, ...], *, stays: bool = False) -> None:
        super().__init__(title)
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

    def on_mount(self) -> None:
        """Says how it is answered."""
        self.foot.show([Cell(words.DIALOG_KEYS(), theme.DIM)])

    def stale(self, state: RunState, step: Step) -> bool:
        """A question about leaving does not depend on what is shown below."""
        return not self._stays and super().stale(state, step)

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
        super().__init__(words.HELP_TITLE(pane=heading))
        self._phase = phase
        self._known = known

    def parts(self) -> Iterator[Widget]:
        """The pane's help and its keys."""
        found: list[Line] = []
        for text in help_words.text(self._phase).split("\n\n"):
            found += [Cell(text), BLANK]
        found += [(Cell(action.shown, theme.KEY), Cell(words.key_line(action.name))) for action in self._known]
        found += [(Cell(MOVE_KEYS, theme.KEY), Cell(words.MOVES()))]
        found += [BLANK, *map(Cell, words.mouse_help())]
        about = Block()
        about.show(found)
        with VerticalScroll(id="said"):
            yield about

    def on_mount(self) -> None:
        """Says how it is closed."""
        self.foot.show([Cell(words.HELP_KEYS(), theme.DIM)])

    def action_page_down(self) -> None:
        """Scrolls by a screenful."""
        self.query_one("#said", VerticalScroll).action_page_down()
