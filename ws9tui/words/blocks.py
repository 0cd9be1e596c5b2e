"""Typed parts of a longer text: a table, a named fact, a line with its time.

The plain front end writes each part as lines; on a colour terminal the same parts become tables and wrapped text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from ws9tui.words.language import translated
from ws9tui.words.plan_line import PlanLine
from ws9tui.words.text import clock, pad, width

_WIDEST = 40
_NAME = 9


def titles(*names: str) -> tuple[str, ...]:
    """Returns the translated headings of a table; an empty one stays empty."""
    return tuple(translated(name, "heading") for name in names)


class Tone(StrEnum):
    """The tone of a part, for its style; the text alone carries the meaning."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    QUIET = "quiet"


class Heading(NamedTuple):
    """The title of the parts that follow."""

    text: str


class Fact(NamedTuple):
    """A fact with its name; without a name it continues the one before."""

    name: str
    text: str
    tone: Tone = Tone.PLAIN


class Timed(NamedTuple):
    """An event with its time."""

    at: str
    text: str


class Note(NamedTuple):
    """A separate line; ``depth`` is its indentation."""

    text: str
    tone: Tone = Tone.PLAIN
    depth: int = 0


class Table(NamedTuple):
    """Rows under column headings."""

    titles: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    tones: tuple[Tone, ...] = ()
    """one per row; empty if all are alike"""
    toned: int = -1
    """index of the column that shows the tone"""
    widest: int = _WIDEST
    """largest width of a cell in plain text, except in the last column"""


def used(rows: Sequence[Sequence[str]]) -> list[int]:
    """Returns the indexes of the columns that are not empty."""
    return [number for number, column in enumerate(zip(*rows, strict=True)) if any(column)]


Block = Heading | Fact | Timed | Note | Table | PlanLine


def plain(blocks: Iterable[Block]) -> list[str]:
    """Returns the parts as lines of plain text."""
    return [line for block in blocks for line in _plain(block)]


def _plain(block: Block) -> list[str]:
    match block:
        case Heading(text=text):
            return [text]
        case Fact(name=name, text=text):
            return [f"  {pad(name, _NAME)}{text}"]
        case Timed(at=at, text=text):
            return [f"  {clock(at)}  {text}"]
        case Note(text=text, depth=depth):
            return [" " * depth + text]
        case PlanLine(text=text):
            return [f"  {text}"]
        case Table():
            return _table(block)


def _table(table: Table) -> list[str]:
    if not table.rows:
        return []
    cells = [table.titles, *table.rows]
    widths = [min(max(map(width, column)), table.widest) for column in zip(*cells, strict=True)]
    return [("  " + "  ".join([*map(pad, row[:-1], widths), row[-1]])).rstrip() for row in cells]
