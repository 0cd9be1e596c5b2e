"""Text with its tone, as tables and blocks of text take it; what comes from outside is cleaned here at the latest."""

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
"""characters of a text that is shown"""
_BAR = 40
"""columns of a bar where there is room"""


class Cell(NamedTuple):
    """A text and its tone; the text is clean."""

    text: str
    tone: str = PLAIN
    share: float = -1
    """how much of it is filled, where it is a bar"""

    @property
    def width(self) -> int:
        """The columns that it takes."""
        return width(self.text) if self.share < 0 else _BAR

    def rich(self, name: str) -> Text:
        """It as Rich draws it in a theme; a whole address is a link for terminals that know them."""
        how = theme.style(name, self.tone)
        if self.text.startswith("http") and _ADDRESS.fullmatch(self.text):
            how += Style(link=self.text)
        return Text(self.text, how, end="")


def cell(text: str, tone: str = PLAIN) -> Cell:
    """A cell with text that may come from outside."""
    return Cell(clean(text, _LONGEST), tone)


def bar(share: float, tone: str) -> Cell:
    """A cell with a bar that is filled so far."""
    return Cell("", tone, max(0.0, min(share, 1.0)))


def filled(one: Cell, columns: int, name: str) -> Bar:
    """A bar as Rich draws it in a theme."""
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
