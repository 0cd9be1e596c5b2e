"""The key line: Textual's footer with the keys that do something now; each can be clicked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from ws9tui.words.text import width


class Key(NamedTuple):
    """A key, and what it does."""

    key: str
    """as Textual names it"""
    shown: str
    label: str

    @property
    def width(self) -> int:
        """The columns that it takes."""
        return width(self.shown) + 1 + width(self.label)


class KeyLine(Footer):
    """Shows keys that the pane names, in its order."""

    def __init__(self) -> None:
        super().__init__(id="keys", show_command_palette=False)
        self._keys: tuple[Key, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """What it shows."""
        return self._keys

    def compose(self) -> ComposeResult:
        """A clickable key each."""
        for key in self._keys:
            yield FooterKey(key.key, key.shown, key.label, "")

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Does not ask the bindings, as Textual's own would: the pane knows better."""

    def show(self, keys: Sequence[Key]) -> None:
        """Shows other keys, closer together where there are many."""
        new = tuple(keys)
        self.set_class(used(new, 2) > self.app.size.width - 2, "-close")
        if new != self._keys:
            self._keys = new
            self.refresh(recompose=True)


def used(keys: Sequence[Key], between: int) -> int:
    """The columns that keys take with so many blanks between them."""
    return sum(key.width for key in keys) + between * max(len(keys) - 1, 0)


def fitting(keys: Sequence[Key], spare: Sequence[int], room: int) -> list[Key]:
    """The keys that there is room for; ``spare`` has their numbers in the order in which they are given up."""
    left = dict(enumerate(keys))
    for number in spare:
        if used(list(left.values()), 1) <= room:
            break
        left.pop(number, None)
    return list(left.values())
