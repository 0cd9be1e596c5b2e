"""A dialog with one input line, whose value is checked while the operator types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from textual.validation import Validator
from textual.widget import Widget
from textual.widgets import Input

from ws9tui.core.journal.run_state import RunState
from ws9tui.wizard import theme
from ws9tui.wizard.block import Block
from ws9tui.wizard.cells import FAILED, Cell
from ws9tui.wizard.dialogs import Dialog
from ws9tui.wizard.field import Field
from ws9tui.wizard.route import Step
from ws9tui.words import panes as words


class TextEntry(Dialog):
    """Asks for a text; below it stands the validator's error, or else ``note`` of the text, renewed at each update."""

    AUTO_FOCUS = "Field"

    def __init__(
        self,
        title: str,
        body: Sequence[str],
        value: str,
        *,
        note: Callable[[str], Cell] = lambda _text: Cell(""),
        typed: Callable[[str], None] = lambda _text: None,
        validator: Validator | None = None,
        keys: str = "",
    ) -> None:
        super().__init__(title, keys or words.ENTRY_KEYS())
        self._body = body
        self.entry = Field(value, validator)
        self._note = note
        self._typed = typed
        self._known = Block(id="note")

    def parts(self) -> Iterator[Widget]:
        """Yields the explanation, the input, and the note about its value."""
        body = Block()
        body.show([Cell(text) for text in self._body])
        yield body
        yield self.entry
        yield self._known

    def on_mount(self) -> None:
        """Shows the note about the initial value."""
        self.add_class("-broad")
        self.follow()

    def belongs(self, _state: RunState, step: Step) -> object:
        """Returns the pane alone, since its question may be asked anew while the operator types."""
        return step

    def follow(self) -> None:
        """Shows the error or the note about the value."""
        wrong = self.entry.wrong
        note = Cell(f"{FAILED} {wrong}", theme.BAD) if wrong else self._note(self.entry.value)
        self._known.show([note] if note.text else [])

    def on_input_changed(self, event: Input.Changed) -> None:
        """Passes the value on to ``typed``, and updates the note."""
        self._typed(event.value.strip())
        self.follow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Closes the dialog with the value, unless that is invalid."""
        if not self.entry.wrong:
            self.dismiss(event.value.strip())
