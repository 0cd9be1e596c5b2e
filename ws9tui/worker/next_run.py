"""What an operator wants at the end of a run; whoever has shown it starts the next one."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ws9tui.core.journal.run_state import RunState


class Next(StrEnum):
    """What comes next."""

    AGAIN = "again"
    """the wizard on the same project"""
    OTHER_PROJECT = "other-project"
    """the wizard, which asks for the project first"""
    HISTORY = "history"
    """this run in full, line by line; then the end"""


class ToProject(NamedTuple):
    """The wizard on a project that was named."""

    name: str


Wanted = Next | ToProject


class Leaving(NamedTuple):
    """How a front end is left that shows more than one run after another."""

    status: int
    """of the run"""
    wanted: Wanted
    state: RunState
    """of the run that was shown last"""
