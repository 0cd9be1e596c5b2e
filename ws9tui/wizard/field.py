"""One line to fill in, whose keys act in the order in which they were pressed."""

from __future__ import annotations

from textual import events
from textual.validation import Validator
from textual.widgets import Input


class Field(Input):
    """An entry for slow lines, on which several keys come at once.

    Textual takes characters at once, but lets any other key travel to the app and back before it acts: of what comes
    in one piece, `Ctrl+U` would delete the characters that were typed after it, too.
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
        """What its validator says is wrong with its value."""
        result = self.validate(self.value) if self.validators else None
        return "" if result is None or result.is_valid else " ".join(result.failure_descriptions)

    async def on_key(self, event: events.Key) -> None:
        """Does what a key of the entry's own does, before the next one is looked at."""
        for binding in self._bindings.key_to_bindings.get(event.key, ())[:1]:
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)
