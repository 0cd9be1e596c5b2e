"""What a question line by line comes down to: an answer, and the dialogue that leads to it."""

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
    """A decision to send."""

    choice: Choice
    details: Details = {}


Reply = Answer | list[str]
"""a decision, or lines that say why there is none yet"""


class Dialogue(Protocol):
    """One open question."""

    def shown(self, state: RunState) -> list[str]:
        """The question with all that is needed to answer it."""

    def hear(self, text: str, state: RunState) -> Reply:
        """What an answer means."""

    def noticed(self, event: Event, state: RunState) -> list[str]:
        """What to say when something happens while it is open."""


def numbered(typed: str, items: Sequence[_Item]) -> _Item | None:
    """The item that a number means, counted from 1."""
    number = int(typed) if re.fullmatch(r"[0-9]{1,4}", typed) else 0
    return items[number - 1] if 1 <= number <= len(items) else None
