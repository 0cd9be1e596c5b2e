"""Characters that the terminal may lack, replaced on the way to the screen.

The panes are written in full Unicode. The Linux console has about the characters of an old PC; a terminal whose
encoding is not UTF-8 gets ASCII. Replacements take as many columns as what they replace.
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
    """Which characters a terminal is trusted with."""

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
    """What the terminal of this process can show, by its encoding and its type."""
    encoding = (getattr(sys.__stderr__, "encoding", None) or "ascii").lower().replace("-", "")
    if encoding not in ("utf8", "utf8sig"):
        return Repertoire.ASCII
    return Repertoire.CONSOLE if os.environ.get("TERM") == "linux" else Repertoire.FULL


def replace(text: str, known: Repertoire) -> str:
    """The text with what the terminal knows."""
    if known is Repertoire.FULL or text.isascii():
        return text
    if known is Repertoire.CONSOLE:
        return text.translate(_CONSOLE)
    text = text.translate(_ASCII)
    return text if text.isascii() else "".join(c if c.isascii() else "?" * width(c) for c in text)


class Replace(LineFilter):
    """Replaces characters in every line that is drawn, whichever widget drew it."""

    def __init__(self, known: Repertoire) -> None:
        super().__init__(known is not Repertoire.FULL)
        self._known = known

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the filter's protocol
        """The segments in characters that the terminal knows."""
        return [Segment(replace(text, self._known), style, control) for text, style, control in segments]
