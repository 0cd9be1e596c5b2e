"""The key line: Textual's footer with the keys that can be used now; each can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from ws9tui.words.text import width


class Key(NamedTuple):
    """A key and the label of its action."""

    key: str
    """as Textual names it"""
    shown: str
    label: str

    @property
    def width(self) -> int:
        """The columns that the key and its label take."""
        return width(self.shown) + 1 + width(self.label)


class KeyLine(Footer):
    """A footer with the keys that the pane gives, in the pane's order."""

    def __init__(self) -> None:
        super().__init__(id="keys", show_command_palette=False)
        self._keys: tuple[Key, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys that are shown."""
        return self._keys

    def compose(self) -> ComposeResult:
        """Yields a clickable key for each."""
        for key in self._keys:
            yield FooterKey(key.key, key.shown, key.label, "")

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Does nothing, unlike Textual's footer, which would show the bindings: the pane gives the keys."""

    def show(self, keys: Sequence[Key]) -> None:
        """Shows these keys, closer together if they would not fit otherwise."""
        new = tuple(keys)
        self.set_class(used(new, 2) > self.app.size.width - 2, "-close")
        if new != self._keys:
            self._keys = new
            self.refresh(recompose=True)


def used(keys: Sequence[Key], between: int) -> int:
    """Returns the columns that keys take with ``between`` blanks between them."""
    return sum(key.width for key in keys) + between * max(len(keys) - 1, 0)


def fitting(keys: Sequence[Key], spare: Sequence[int], room: int) -> list[Key]:
    """Returns the keys that fit into ``room`` columns; ``spare`` has their indexes in the order of leaving them out."""
    left = dict(enumerate(keys))
    for number in spare:
        if used(list(left.values()), 1) <= room:
            break
        left.pop(number, None)
    return list(left.values())
