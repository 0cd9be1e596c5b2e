"""Lines of the printed plan, and how sections and details are made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from ws9tui.words.template import Plural
from ws9tui.words.text import clean

MOST_DETAILS = 12
"""largest number of shown lines of one file's changes, or paths of one loss"""


class LineKind(StrEnum):
    """The kind of a line, for its style; the text alone carries the meaning."""

    HEADING = "heading"
    PLAIN = "plain"
    DETAIL = "detail"
    ADDED = "added"
    """a line added to a file"""
    TAKEN = "taken"
    """a line removed from a file"""
    FOLLOWER = "follower"
    """a service that was not selected but is affected"""
    LOSS = "loss"


class PlanLine(NamedTuple):
    """One line; its text includes the indentation."""

    level: LineKind
    text: str


def section(heading: str, said: Iterable[str], level: LineKind = LineKind.PLAIN) -> list[PlanLine]:
    """Returns lines below a heading; empty if there are no lines."""
    below = [PlanLine(level, indented(1, line)) for line in said]
    return [PlanLine(LineKind.HEADING, heading), *below] if below else []


def details(texts: Sequence[str], more: Plural) -> list[PlanLine]:
    """Returns the first lines of a file's changes, or paths, and the number of the others."""
    levels = {"+": LineKind.ADDED, "-": LineKind.TAKEN}
    shown = texts[:MOST_DETAILS]
    found = [PlanLine(levels.get(text[:1], LineKind.DETAIL), indented(2, clean(text))) for text in shown]
    left = len(texts) - len(shown)
    return [*found, PlanLine(LineKind.DETAIL, indented(2, more(left)))] if left else found


def indented(depth: int, said: str) -> str:
    """Indents a line to its depth below a heading."""
    return ("  " if depth == 1 else "      ") + said
