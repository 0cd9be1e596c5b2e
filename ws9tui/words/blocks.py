"""What is told at length, in parts that know what they are: a table, a fact with its name, a line with its time.

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
    """The headings of a table; an empty one stays so."""
    return tuple(translated(name, "heading") for name in names)


class Tone(StrEnum):
    """How good or bad something is, for its looks; its meaning never hangs on that."""

    PLAIN = "plain"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    QUIET = "quiet"


class Heading(NamedTuple):
    """The title of what follows."""

    text: str


class Fact(NamedTuple):
    """A fact with its name, or one that goes with the one before."""

    name: str
    text: str
    tone: Tone = Tone.PLAIN


class Timed(NamedTuple):
    """What happened at a moment."""

    at: str
    text: str


class Note(NamedTuple):
    """A line that stands by itself; ``depth`` is how far in."""

    text: str
    tone: Tone = Tone.PLAIN
    depth: int = 0


class Table(NamedTuple):
    """Rows with titles."""

    titles: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    tones: tuple[Tone, ...] = ()
    """of each row; none where all are alike"""
    toned: int = -1
    """the column that has the tone"""
    widest: int = _WIDEST
    """columns that a cell takes at most in plain text, but for those of the last column"""


def used(rows: Sequence[Sequence[str]]) -> list[int]:
    """The columns in which something stands; the others of a table may be left out."""
    return [number for number, column in enumerate(zip(*rows, strict=True)) if any(column)]


Block = Heading | Fact | Timed | Note | Table | PlanLine


def plain(blocks: Iterable[Block]) -> list[str]:
    """The parts as lines of plain text."""
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
