"""Cells of tables and text blocks: a text with its tone; text from outside is sanitized here at the latest."""

from __future__ import annotations

import re
from typing import NamedTuple

from rich.bar import Bar
from rich.style import Style
from rich.text import Text

from ws9tui.wizard import theme
from ws9tui.wizard.theme import PLAIN
from ws9tui.words.text import clean, width

DONE = "✓"
HERE = "●"
TO_COME = "○"
FAILED = "✗"
WARNING = "!"
POINTER = "▸"

_ADDRESS = re.compile(r"https?://[!-~]{1,400}")
_LONGEST = 2000
"""maximum number of characters of a text that is shown"""
_BAR = 40
"""columns of a bar where there is room"""


class Cell(NamedTuple):
    """A text and its tone, or a bar; the text must be sanitized."""

    text: str
    tone: str = PLAIN
    share: float = -1
    """fraction of a bar that is filled; negative for a text"""

    @property
    def width(self) -> int:
        """The columns that the cell takes."""
        return width(self.text) if self.share < 0 else _BAR

    def rich(self, name: str) -> Text:
        """Returns the cell as Rich text in a theme; a URL is a hyperlink, on terminals that support them."""
        how = theme.style(name, self.tone)
        if self.text.startswith("http") and _ADDRESS.fullmatch(self.text):
            how += Style(link=self.text)
        return Text(self.text, how, end="")


def cell(text: str, tone: str = PLAIN) -> Cell:
    """Returns a cell with text that may come from outside, which is sanitized."""
    return Cell(clean(text, _LONGEST), tone)


def bar(share: float, tone: str) -> Cell:
    """Returns a cell with a bar that is filled to a fraction, which is clamped to 0 to 1."""
    return Cell("", tone, max(0.0, min(share, 1.0)))


def filled(one: Cell, columns: int, name: str) -> Bar:
    """Returns a bar as Rich draws it in a theme."""
    colour = theme.style(name, one.tone).color
    ground = theme.STYLES[name][theme.TRACK].bgcolor
    return Bar(
        1.0,
        0,
        one.share,
        width=columns,
        color=colour.name if colour else "default",
        bgcolor=ground.name if ground else "default",
    )
