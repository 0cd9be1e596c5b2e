"""An input line whose keys act in the order in which they were pressed."""

from __future__ import annotations

from textual import events
from textual.validation import Validator
from textual.widgets import Input


class Field(Input):
    """An input for slow connections, on which several keys arrive at once.

    Textual handles characters at once, but passes any other key through the app before it acts: of keys that arrive in
    one piece, `Ctrl+U` would delete the characters that were typed after it, too.
    """

    def __init__(self, value: str = "", validator: Validator | None = None, placeholder: str = "") -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            id="entry",
            select_on_focus=False,
            compact=True,
            validators=[validator] if validator else None,
            validate_on=["changed", "submitted"],
        )
        self.cursor_blink = False  # it would write to the terminal twice a second

    @property
    def wrong(self) -> str:
        """The validator's error about the value; empty if the value is valid."""
        result = self.validate(self.value) if self.validators else None
        return "" if result is None or result.is_valid else " ".join(result.failure_descriptions)

    async def on_key(self, event: events.Key) -> None:
        """Runs the input's own binding of a key before the next key is handled."""
        for binding in self._bindings.key_to_bindings.get(event.key, ())[:1]:
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)
