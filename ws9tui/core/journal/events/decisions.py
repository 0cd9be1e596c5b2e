"""Events of questions and of what is decided, and whether somebody is there to answer."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.core.model.terms import Actor, Choice, Question


class Asked(Event, frozen=True):
    """The worker waits for a decision."""

    ask: int
    question: Question
    choices: tuple[Choice, ...]
    default: Choice
    seconds: float = 0.0
    """after which the default is taken; 0 means that it waits as long as it takes"""
    options: tuple[str, ...] = ()
    """PROJECT: the names to choose from; GENERATION: the numbers; PULL_FAILED, MISMATCH, SELECT: the services that it
    is about"""


class Decision(Event, frozen=True):
    """A front end's answer; the worker takes the first valid one and says so with `Decided`."""

    ask: int
    """the `Asked.ask` that it answers; 0 for what is decided without a question: CANCEL, PREVIOUS, ROLL_BACK, STOP"""
    choice: Choice
    actor: Actor
    services: tuple[str, ...] = ()
    references: dict[str, str] = {}
    project: str = ""
    generation: int = 0
    """GENERATION: the number of the one that is to run"""
    backups: tuple[str, ...] | None = None
    """CONFIRM: the services whose data is to be saved; None: as the plan has it"""
    answers: dict[str, str] = {}
    """MERGE: key of a conflict → choice; INSTALL: field → value; RELEASE: source, channel"""
    private: str = ""
    """name of the file that has this event whole, where it has a secret; the worker removes it"""


class Decided(Event, frozen=True):
    """A decision was taken: by an operator, by default (`--yes`) or because its time was up."""

    ask: int
    question: Question
    choice: Choice
    by: str
    """operator, default, deadline"""
    actor: Actor | None = None
    services: tuple[str, ...] = ()
    references: dict[str, str] = {}
    generation: int = 0
    backups: tuple[str, ...] | None = None
    answers: dict[str, str] = {}


class Detached(Event, frozen=True):
    """A front end was left on purpose: the run goes on, though nobody may be there."""

    actor: Actor


class LeftAlone(Event, frozen=True):
    """A question is open, and nobody is there any more: the run ends unless somebody comes."""

    seconds: float
    """until then"""


class Joined(Event, frozen=True):
    """Somebody is there again."""
