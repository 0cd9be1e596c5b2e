"""A line of the printed plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from ws9tui.words.template import Plural
from ws9tui.words.text import clean

MOST_DETAILS = 12
"""lines of one file's changes, or paths of one loss, that are shown"""


class LineKind(StrEnum):
    """What a line is, for its looks; its meaning never hangs on that."""

    HEADING = "heading"
    PLAIN = "plain"
    DETAIL = "detail"
    ADDED = "added"
    """a line that a file gets"""
    TAKEN = "taken"
    """a line that a file loses"""
    FOLLOWER = "follower"
    """what was not selected and must follow"""
    LOSS = "loss"


class PlanLine(NamedTuple):
    """One line; its indentation is in its text."""

    level: LineKind
    text: str


def section(heading: str, said: Iterable[str], level: LineKind = LineKind.PLAIN) -> list[PlanLine]:
    """Lines below a heading; without any there is none."""
    below = [PlanLine(level, indented(1, line)) for line in said]
    return [PlanLine(LineKind.HEADING, heading), *below] if below else []


def details(texts: Sequence[str], more: Plural) -> list[PlanLine]:
    """Lines of one file's changes, or paths, as many as are shown."""
    levels = {"+": LineKind.ADDED, "-": LineKind.TAKEN}
    shown = texts[:MOST_DETAILS]
    found = [PlanLine(levels.get(text[:1], LineKind.DETAIL), indented(2, clean(text))) for text in shown]
    left = len(texts) - len(shown)
    return [*found, PlanLine(LineKind.DETAIL, indented(2, more(left)))] if left else found


def indented(depth: int, said: str) -> str:
    """A line at its depth below a heading."""
    return ("  " if depth == 1 else "      ") + said
