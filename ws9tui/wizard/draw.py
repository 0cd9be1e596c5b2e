"""How lines of text are laid out: tones, tables, bars and wrapping; no widget, no state.

A line is a `Content` without markup. Tones are names of the theme or attributes of a terminal, never colours, and no
state is told by its tone alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from textual.content import Content
from textual.style import Style

from ws9tui.words.template import Message
from ws9tui.words.text import clean, fit, pad, width

PLAIN = ""
GOOD = "$success"
BAD = "$error"
WARN = "$warning"
ACCENT = "$secondary"
DIM = "dim"
STRONG = "bold"
CURSOR = "reverse"
FRAME = "$frame"
KEY = "$key bold"

DONE = "✓"
HERE = "●"
TO_COME = "○"
FAILED = "✗"
WARNING = "!"
POINTER = "▸"

GAP = 2
"""blank columns between two columns of a table"""
_ADDRESS = re.compile(r"https?://[!-~]{1,400}")
_LEAST = 4
"""columns that the last part of a long line may be cut to"""

Part = str | tuple[str, str | Style] | Content


class Look(NamedTuple):
    """What a pane is drawn for: the columns and lines that it has, and the time."""

    width: int
    height: int
    now: datetime


class Cell(NamedTuple):
    """A cell of a table; its text is clean."""

    text: str
    tone: str = PLAIN

    @property
    def width(self) -> int:
        """The columns that it takes."""
        return width(self.text)


def cell(text: str, tone: str = PLAIN) -> Cell:
    """A cell with text that may come from outside."""
    return Cell(clean(text), tone)


def line(*parts: Part) -> Content:
    """One line out of plain texts, texts with a tone, and lines."""
    return Content.assemble(*parts)


BLANK = Content("")


class Column(NamedTuple):
    """How a table's column behaves when there is not enough room."""

    title: str | Message
    right: bool = False
    most: int = 0
    """columns that it takes while others need the room; 0: as many as it needs"""
    least: int = 0
    """columns that it may be cut to; 0: it is not cut"""
    rank: int = 0
    """the highest is left out first; 0: it stays"""


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], room: int) -> tuple[Content, list[Content]]:
    """The header and the rows, laid out in the room; what does not fit is left out or cut as the columns say."""
    titles = [Cell(str(column.title), DIM) for column in columns]
    needed = [max([title.width, *(width(row[n].text) for row in rows)]) for n, title in enumerate(titles)]
    # a column in which nothing stands is not shown, whatever it is called
    shown = [n for n in range(len(columns)) if any(row[n].text for row in rows) or not columns[n].rank]
    taken = {n: min(needed[n], columns[n].most or needed[n]) for n in shown}

    def excess() -> int:
        return sum(taken.values()) + GAP * (len(taken) - 1) - room

    while excess() > 0 and (ranked := [n for n in taken if columns[n].rank]):
        del taken[max(ranked, key=lambda n: columns[n].rank)]
    while (over := excess()) > 0:
        cuttable = [n for n in taken if columns[n].least and taken[n] > columns[n].least]
        if not cuttable:
            break
        widest = max(cuttable, key=lambda n: taken[n])
        taken[widest] = max(taken[widest] - over, columns[widest].least, _second(taken, cuttable, widest))
    for n, now in list(taken.items()):
        taken[n] += max(0, min(needed[n] - now, -excess()))
    header = _row(titles, columns, taken)
    return header, [_row(row, columns, taken) for row in rows]


def _second(taken: dict[int, int], cuttable: list[int], widest: int) -> int:
    """To where the widest column is cut before another one's turn comes."""
    others = [taken[n] for n in cuttable if n != widest]
    second = max(others, default=0)
    return second if second < taken[widest] else taken[widest] - 1


def _row(cells: Sequence[Cell], columns: Sequence[Column], taken: dict[int, int]) -> Content:
    parts: list[Part] = []
    for n, columns_taken in taken.items():
        if parts:
            parts.append(" " * GAP)
        parts.append((pad(cells[n].text, columns_taken, right=columns[n].right), cells[n].tone))
    return line(*parts)


def bar(fraction: float, columns: int) -> tuple[str, str]:
    """A bar made of text, in two parts: what is done and what is to come."""
    done = min(columns, max(0, int(fraction * columns)))
    return "█" * done, "░" * (columns - done)


def percent(fraction: float) -> str:
    """A share as it is shown; 100 only when all is done."""
    return f"{min(int(fraction * 100), 100):3d} %"


def wrap(text: str, room: int, first: str = "", rest: str | None = None) -> list[str]:
    """A text in lines of at most that many columns; the first begins with ``first``, the others with ``rest``."""
    rest = " " * width(first) if rest is None else rest
    lines: list[str] = []
    current = first
    empty = True
    for word in text.split():
        left = room - width(current) - (0 if empty else 1)
        if not empty and width(word) > left:
            lines.append(current)
            current, empty = rest, True
            left = room - width(current)
        while width(word) > max(left, _LEAST):
            piece = _head(word, max(left, _LEAST))
            lines.append(current + piece)
            word = word[len(piece) :]  # noqa: PLW2901 - the rest of it goes on the next line
            current, empty = rest, True
            left = room - width(current)
        current += word if empty else f" {word}"
        empty = False
    return [*lines, current]


def _head(word: str, columns: int) -> str:
    """As much of a word as those columns hold; at least one character."""
    for length in range(len(word), 1, -1):
        if width(word[:length]) <= columns:
            return word[:length]
    return word[:1]


def wrapped(text: str, room: int, tone: str = PLAIN, first: str = "", rest: str | None = None) -> list[Content]:
    """The same as lines; the text may come from outside."""
    return [line((part, tone)) for part in wrap(clean(text, 2000), room, first, rest)]


def hanging(text: str, room: int, tone: str, indent: str) -> list[Content]:
    """The same with an indentation, which the further lines exceed by two; inner blanks of a table row are kept."""
    if width(indent) + width(text) <= room:
        return [line((indent + text, tone))]
    return [line((part, tone)) for part in wrap(text, room, indent, indent + "  ")]


def link(text: str) -> str | Style:
    """The tone of an address, so that terminals which know links open it; plain where it is none."""
    return Style(link=text) if _ADDRESS.fullmatch(text) else PLAIN


def titled(name: str, text: str, room: int, tone: str | Style = PLAIN, column: int = 12) -> list[Content]:
    """A name at the left and a text beside it, wrapped in its own column."""
    lines = wrap(clean(text, 2000), max(room - column, _LEAST))
    return [line((pad(name if not n else "", column), DIM), (part, tone)) for n, part in enumerate(lines) if part]


def spread(left: Content, right: str, room: int) -> Content:
    """Two texts at the two ends of a line; the left one is cut where they would touch."""
    right = fit(right, max(room - _LEAST, 0))
    space = room - width(right) - (GAP if right else 0)
    left = cut(left, space)
    return line(left, " " * max(room - left.cell_length - width(right), 0), right)


def cut(content: Content, columns: int) -> Content:
    """A line cut to so many columns, with … where something was cut."""
    return content.truncate(columns, ellipsis=True) if content.cell_length > columns else content


class Window:
    """The part of a long list of lines that is shown."""

    def __init__(self) -> None:
        self.offset = 0

    def show(self, lines: Sequence[Content], height: int, keep: int | None = None) -> list[Content]:
        """The lines that fit, moved so that line ``keep`` is among them."""
        height = max(height, 1)
        if keep is not None:
            self.offset = min(max(self.offset, keep - height + 1), keep)
        self.offset = max(0, min(self.offset, len(lines) - height))
        return list(lines[self.offset : self.offset + height])

    def position(self, count: int, height: int) -> str:
        """Which lines of how many are shown; empty when all are."""
        if count <= max(height, 1):
            return ""
        return f"{self.offset + 1}-{min(self.offset + height, count)} / {count}"
