"""A dialog with one line to fill in, of which it is said while one types what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from ws9tui.core.journal.run_state import RunState
from ws9tui.wizard import draw
from ws9tui.wizard.dialogs import Dialog
from ws9tui.wizard.draw import BLANK, Cell, line
from ws9tui.wizard.field import Field
from ws9tui.wizard.lines import Lines
from ws9tui.wizard.route import Step
from ws9tui.words import panes_install as words

_NOTE_LINES = 2
"""kept for what is wrong, so that the box does not jump"""


class Entry(Dialog):
    """Asks for a text; ``note`` says of it what is known, and is asked again and again."""

    AUTO_FOCUS = "Input"

    def __init__(
        self,
        title: str,
        body: Sequence[str],
        value: str,
        *,
        note: Callable[[str], Cell] = lambda _text: Cell(""),
        typed: Callable[[str], None] = lambda _text: None,
    ) -> None:
        super().__init__()
        self._title = title
        self._body = body
        self._entry = Field(value)
        self._note = note
        self._typed = typed
        self._foot = Lines(id="foot")
        self._step: Step | None = None

    def compose(self) -> ComposeResult:
        """A box with an entry between two texts."""
        with Vertical(id="box"):
            yield self.text
            yield self._entry
            yield self._foot

    def stale(self, _state: RunState, step: Step) -> bool:
        """Whether another pane is shown; the same question may be asked anew while one types."""
        self._step = self._step or step
        return self._step is not step

    def lines(self, room: int, height: int) -> list[Content]:  # noqa: ARG002 - a few lines always fit
        """What may be entered."""
        found = [line((self._title, draw.STRONG)), BLANK]
        for paragraph in self._body:
            found += draw.wrapped(paragraph, room)
        return found

    def least(self, room: int) -> int:
        """As wide as it may be, since paths are long."""
        return room

    def follow(self) -> None:
        """Brings its texts up to date."""
        super().follow()
        if self.is_mounted:
            room = min(68, self.app.size.width - 8)
            note = self._note(self._entry.value)
            said = draw.wrapped(note.text, room, note.tone)[:_NOTE_LINES]
            said += [BLANK] * (_NOTE_LINES - len(said))
            self._foot.styles.width = self.text.styles.width
            self._foot.styles.height = len(said) + 1
            self._foot.show([*said, line((words.EDIT_KEYS(), draw.DIM))])

    def on_input_changed(self, event: Input.Changed) -> None:
        """Passes on what was typed."""
        self._typed(event.value.strip())
        self.follow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Gives what was entered."""
        self.dismiss(event.value.strip())
