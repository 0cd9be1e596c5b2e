"""What a question line by line comes down to: an answer, and the dialogue that leads to it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Choice


class Answer(NamedTuple):
    """A decision to send."""

    choice: Choice
    services: tuple[str, ...] = ()
    references: dict[str, str] | None = None
    project: str = ""
    generation: int = 0
    backups: tuple[str, ...] | None = None
    answers: dict[str, str] | None = None


Reply = Answer | list[str]
"""a decision, or lines that say why there is none yet"""


class Dialogue(Protocol):
    """One open question."""

    def shown(self, state: RunState) -> list[str]:
        """The question with all that is needed to answer it."""

    def hear(self, text: str, state: RunState) -> Reply:
        """What an answer means."""

    def noticed(self, event: AnyEvent, state: RunState) -> list[str]:
        """What to say when something happens while it is open."""
