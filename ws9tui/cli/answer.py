"""The types of a line-by-line question: the dialogue, its reply, and the answer that is sent to the worker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol, TypeVar

from ws9tui.core.journal.events import Event
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Choice
from ws9tui.worker.handle import Details

_Item = TypeVar("_Item")


class Answer(NamedTuple):
    """A decision to send to the worker."""

    choice: Choice
    details: Details = {}


Reply = Answer | list[str]
"""a decision, or the lines to print because the input was not yet one"""


class Dialogue(Protocol):
    """One open question, asked line by line."""

    def shown(self, state: RunState) -> list[str]:
        """Returns the lines of the question, with all that is needed to answer it."""

    def hear(self, text: str, state: RunState) -> Reply:
        """Interprets a typed line."""

    def noticed(self, event: Event, state: RunState) -> list[str]:
        """Returns the lines to print because of an event that arrives while the question is open."""


def numbered(typed: str, items: Sequence[_Item]) -> _Item | None:
    """Returns the item with the typed number, counted from 1; None if there is none."""
    number = int(typed) if re.fullmatch(r"[0-9]{1,4}", typed) else 0
    return items[number - 1] if 1 <= number <= len(items) else None
