"""Replaces characters that the terminal lacks, on the way to the screen.

The panes are written in full Unicode. The Linux console has about the characters of an old PC; a terminal whose
encoding is not UTF-8 gets ASCII. A replacement takes as many columns as the character that it replaces.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from ws9tui.words.text import width


class Repertoire(StrEnum):
    """The set of characters that a terminal is assumed to show."""

    FULL = "full"
    CONSOLE = "console"
    ASCII = "ascii"


_CONSOLE = str.maketrans(
    {"✓": "√", "✗": "x", "●": "■", "▸": "►", "▾": "▼", "…": "~", "—": "-", "▔": "─", "▁": "─"}
    | {"━": "─", "╸": "─", "╺": "─"}
    | dict.fromkeys("▂▃▄▅▆▇▉▊▋", "█")
    | dict.fromkeys("▌▍▎▏▐", "│")
)
_ASCII = _CONSOLE | str.maketrans(
    {"√": "+", "✓": "+", "■": "*", "●": "*", "○": "o", "►": ">", "▸": ">", "▾": "v", "·": "-", "•": "*"}
    | {"→": ">", "←": "<", "↑": "^", "↓": "v", "─": "-", "│": "|", "≥": ">", "≤": "<", "°": "o", " ": " "}
    | {"░": ".", "━": "=", "╸": "-", "╺": "-"}
    | dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯", "+")
    | dict.fromkeys("▔▁", "-")
    | dict.fromkeys("█▂▃▄▅▆▇▉▊▋", "#")
    | dict.fromkeys("▌▍▎▏▐", "|")
)


def repertoire() -> Repertoire:
    """Returns the characters that this process's terminal can show, by its encoding and its type."""
    encoding = (getattr(sys.__stderr__, "encoding", None) or "ascii").lower().replace("-", "")
    if encoding not in ("utf8", "utf8sig"):
        return Repertoire.ASCII
    return Repertoire.CONSOLE if os.environ.get("TERM") == "linux" else Repertoire.FULL


def replace(text: str, known: Repertoire) -> str:
    """Returns a text in which the characters that the terminal lacks are replaced."""
    if known is Repertoire.FULL or text.isascii():
        return text
    if known is Repertoire.CONSOLE:
        return text.translate(_CONSOLE)
    text = text.translate(_ASCII)
    return text if text.isascii() else "".join(c if c.isascii() else "?" * width(c) for c in text)


class Replace(LineFilter):
    """A line filter that replaces characters in every line that is drawn, whichever widget drew it."""

    def __init__(self, known: Repertoire) -> None:
        super().__init__(known is not Repertoire.FULL)
        self._known = known

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the filter's protocol
        """Returns the segments in characters that the terminal can show."""
        return [Segment(replace(text, self._known), style, control) for text, style, control in segments]
