"""Events of questions and decisions, and of whether a front end is attached to answer."""

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
    """timeout after which the default is taken; 0: none"""
    options: tuple[str, ...] = ()
    """PROJECT: the names to choose from; GENERATION: the numbers; PULL_FAILED, MISMATCH, SELECT: the services
    concerned"""


class Decision(Event, frozen=True):
    """A front end's answer; the worker takes the first valid one and confirms it with `Decided`."""

    ask: int
    """the `Asked.ask` that it answers; 0 for a decision without a question: CANCEL, PREVIOUS, ROLL_BACK, STOP"""
    choice: Choice
    actor: Actor
    services: tuple[str, ...] = ()
    references: dict[str, str] = {}
    project: str = ""
    generation: int = 0
    """GENERATION: the number of the generation to run"""
    backups: tuple[str, ...] | None = None
    """CONFIRM: the services whose data is to be backed up; None: as planned"""
    answers: dict[str, str] = {}
    """MERGE: key of a conflict → choice; INSTALL: field → value; RELEASE: source, channel"""
    private: str = ""
    """name of the private file with the whole event, if it contains a secret; the worker removes the file"""


class Decided(Event, frozen=True):
    """A decision was taken: by an operator, by default (`--yes`) or by timeout."""

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
    """An operator left a front end on purpose: the run continues, even if no front end is attached."""

    actor: Actor


class LeftAlone(Event, frozen=True):
    """A question is open and no front end is attached: the run ends unless one attaches in time."""

    seconds: float
    """until the run ends"""


class Joined(Event, frozen=True):
    """A front end is attached again."""
