"""A line of the printed plan."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

MOST_DETAILS = 12
"""lines of one file's changes, or paths of one loss, that are shown"""


class LineKind(StrEnum):
    """What a line is, for its looks; its meaning never hangs on that."""

    HEADING = "heading"
    OPERATION = "operation"
    DETAIL = "detail"
    ADDED = "added"
    """a line that a file gets"""
    TAKEN = "taken"
    """a line that a file loses"""
    DOWNTIME = "downtime"
    FOLLOWER = "follower"
    DATA = "data"
    LOSS = "loss"
    NOTE = "note"
    WAY_BACK = "way-back"


class PlanLine(NamedTuple):
    """One line; its indentation is in its text."""

    level: LineKind
    text: str


def indented(depth: int, said: str) -> str:
    """A line at its depth below a heading."""
    return ("  " if depth == 1 else "      ") + said
