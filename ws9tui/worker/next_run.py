"""What the operator wants after a run; the front end that has shown the run starts the next one."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ws9tui.core.journal.run_state import RunState


class Next(StrEnum):
    """The next action."""

    AGAIN = "again"
    """the wizard, on the same project"""
    OTHER_PROJECT = "other-project"
    """the wizard, which asks for the project first"""
    HISTORY = "history"
    """this run in full, line by line; then the program ends"""


class ToProject(NamedTuple):
    """The wizard, on a named project."""

    name: str


Wanted = Next | ToProject


class Leaving(NamedTuple):
    """The result of a front end that can show one run after another."""

    status: int
    """exit status of the run"""
    wanted: Wanted
    state: RunState
    """state of the run that was shown last"""
