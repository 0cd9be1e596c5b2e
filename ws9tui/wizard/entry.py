"""A dialog with one line to fill in, of which it is said while one types what is wrong with it."""

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
    """Asks for a text; a validator, or ``note``, which is asked again and again, says what is known of it."""

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
        """What may be entered, the entry, and what is known of it."""
        body = Block()
        body.show([Cell(text) for text in self._body])
        yield body
        yield self.entry
        yield self._known

    def on_mount(self) -> None:
        """Says what is known of what stands there already."""
        self.add_class("-broad")
        self.follow()

    def belongs(self, _state: RunState, step: Step) -> object:
        """The pane; the same question may be asked anew while one types."""
        return step

    def follow(self) -> None:
        """Says what is known of what was typed."""
        wrong = self.entry.wrong
        note = Cell(f"{FAILED} {wrong}", theme.BAD) if wrong else self._note(self.entry.value)
        self._known.show([note] if note.text else [])

    def on_input_changed(self, event: Input.Changed) -> None:
        """Passes on what was typed."""
        self._typed(event.value.strip())
        self.follow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Gives what was entered, unless it cannot be."""
        if not self.entry.wrong:
            self.dismiss(event.value.strip())
