"""Dialogs over a pane: a question with few answers, another reference, the help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from ws9tui.core.journal.run_state import Phase, RunState
from ws9tui.wizard import draw
from ws9tui.wizard.actions import MOVE_KEYS, Action
from ws9tui.wizard.draw import BLANK, line
from ws9tui.wizard.field import Field
from ws9tui.wizard.lines import Lines
from ws9tui.wizard.route import Step
from ws9tui.words import help as help_words
from ws9tui.words import panes as words
from ws9tui.words.text import pad, width

_WIDEST = 68


class Dialog(ModalScreen[str | None]):
    """A box over the pane; Escape closes it and changes nothing."""

    BINDINGS = [Binding("escape", "close", show=False)]
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self._made_for: tuple[int | None, Step] | None = None
        self.text = Lines(id="text")

    def compose(self) -> ComposeResult:
        """A box with lines."""
        with Vertical(id="box"):
            yield self.text

    def stale(self, state: RunState, step: Step) -> bool:
        """Whether what it was opened for is over: another pane, or another question."""
        made_for = (state.asked.ask if state.asked else None, step)
        if self._made_for is None:
            self._made_for = made_for
        return self._made_for != made_for

    def lines(self, room: int, height: int) -> list[Content]:
        """What stands in the box."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Shows its text."""
        self.follow()

    def on_resize(self, _event: events.Resize) -> None:
        """Fits the box into the new size."""
        self.follow()

    def follow(self) -> None:
        """Brings its text up to date."""
        if not self.is_mounted:
            return
        room = min(self.widest(), self.app.size.width - 8)
        lines = self.lines(room, self.app.size.height - 4)
        columns = max((content.cell_length for content in lines), default=1)
        self.text.styles.width = max(columns, self.least(room))
        self.text.styles.height = max(len(lines), 1)
        self.text.show(lines)

    def widest(self) -> int:
        """The columns that its text takes at most."""
        return _WIDEST

    def least(self, _room: int) -> int:
        """The least width of its text."""
        return 1

    def action_close(self) -> None:
        """Closes it without an answer."""
        self.dismiss(None)


class Option(NamedTuple):
    """An answer: what it gives, its key, its words."""

    value: str
    key: str
    label: str


class Ask(Dialog):
    """A question; the first answer, which Enter takes, is the one that changes nothing."""

    BINDINGS = [
        Binding("left,up,shift+tab", "choose(-1)", show=False),
        Binding("right,down,tab", "choose(1)", show=False),
        Binding("enter", "take", show=False),
    ]

    def __init__(self, title: str, body: Sequence[str], options: tuple[Option, ...], *, stays: bool = False) -> None:
        super().__init__()
        self._title = title
        self._body = body
        self._options = options
        self._stays = stays
        self._at = 0

    def stale(self, state: RunState, step: Step) -> bool:
        """A question about leaving does not depend on what is shown below."""
        return not self._stays and super().stale(state, step)

    def lines(self, room: int, height: int) -> list[Content]:  # noqa: ARG002 - a few lines always fit
        """The question, what it means, and the answers."""
        found = [line((self._title, draw.STRONG)), BLANK]
        for paragraph in self._body:
            found += draw.wrapped(paragraph, room)
        found.append(BLANK)
        for number, option in enumerate(self._options):
            here = number == self._at
            found.append(
                line(
                    (f"{draw.POINTER if here else ' '} ", draw.PLAIN),
                    (option.key.upper(), draw.KEY),
                    "  ",
                    (f" {option.label} ", draw.CURSOR if here else draw.PLAIN),
                )
            )
        return [*found, BLANK, line((words.DIALOG_KEYS(), draw.DIM))]

    def action_choose(self, by: int) -> None:
        """Goes to another answer."""
        self._at = (self._at + by) % len(self._options)
        self.follow()

    def action_take(self) -> None:
        """Takes the answer that is pointed at."""
        self.dismiss(self._options[self._at].value)

    def on_key(self, event: events.Key) -> None:
        """Takes an answer by its key."""
        for option in self._options:
            if (event.character or "").lower() == option.key:
                event.stop()
                self.dismiss(option.value)
                return


class EditReference(Dialog):
    """Asks for another tag, digest or reference; the worker judges it."""

    AUTO_FOCUS = "Input"

    def __init__(self, service: str, reference: str) -> None:
        super().__init__()
        self._service = service
        self._reference = reference
        self._foot = Lines(id="foot")

    def compose(self) -> ComposeResult:
        """A box with an entry between two texts."""
        with Vertical(id="box"):
            yield self.text
            yield Field(self._reference)
            yield self._foot

    def lines(self, room: int, height: int) -> list[Content]:  # noqa: ARG002 - a few lines always fit
        """What may be entered."""
        title = words.EDIT_TITLE(service=draw.cell(self._service).text)
        return [line((title, draw.STRONG)), BLANK, *draw.wrapped(words.EDIT_HELP(), room)]

    def least(self, room: int) -> int:
        """As wide as it may be, since references are long."""
        return room

    def follow(self) -> None:
        """Brings its texts up to date."""
        super().follow()
        if self.is_mounted:
            self._foot.styles.width = self.text.styles.width
            self._foot.show([line((words.EDIT_KEYS(), draw.DIM))])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Gives what was entered."""
        self.dismiss(event.value.strip())


class Help(Dialog):
    """What a pane shows, and which keys work in it."""

    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        Binding("enter,q,Q,question_mark,f1", "close", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "move(-10)", show=False),
        Binding("pagedown,space", "move(10)", show=False),
    ]

    def __init__(self, phase: Phase, heading: str, known: Sequence[Action]) -> None:
        super().__init__()
        self._phase = phase
        self._heading = heading
        self._known = known
        self._window = draw.Window()

    def lines(self, room: int, height: int) -> list[Content]:
        """The pane's help and its keys."""
        found: list[Content] = []
        for paragraph in help_words.text(self._phase).splitlines():
            found += draw.wrapped(paragraph, room)
        found.append(BLANK)
        column = max(width(action.shown) for action in self._known) + 2
        for action in self._known:
            text = words.key_line(action.name)
            for number, part in enumerate(draw.wrap(text, room - column)):
                found.append(line((pad("" if number else action.shown, column), draw.KEY), part))
        found.append(line((f"{MOVE_KEYS}  ", draw.KEY), words.MOVES()))
        title = line((words.HELP_TITLE(pane=self._heading), draw.STRONG))
        shown = self._window.show(found, height - 4)
        position = self._window.position(len(found), height - 4)
        return [title, BLANK, *shown, BLANK, line((f"{words.HELP_KEYS()}  {position}", draw.DIM))]

    def action_move(self, by: int) -> None:
        """Scrolls."""
        self._window.offset = max(0, self._window.offset + by)
        self.follow()
