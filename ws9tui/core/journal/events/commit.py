"""Events of the commit: the plan, its steps and hooks, and the way back."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.core.model.hooks import When, hook_key
from ws9tui.core.model.plan import Plan
from ws9tui.problems.problem import Problem


class Planned(Event, frozen=True):
    """The plan that the operator confirms."""

    plan: Plan


class GenerationSaved(Event, frozen=True):
    """A generation was recorded."""

    generation: int
    role: str
    """before, after; found: of files that Compose does not understand, so that there is no way back to it"""
    images: tuple[str, ...] = ()
    """the keep tags that hold its images"""


class CommitStarted(Event, frozen=True):
    """From here on the project changes."""

    before: int
    after: int


class StepStarted(Event, frozen=True):
    """A step of the plan is about to happen; written and synced before the call."""

    step: int
    kind: str
    subject: str
    wave: int = 0


class StepFinished(Event, frozen=True):
    """A step of the plan has happened."""

    step: int
    kind: str
    subject: str
    seconds: float
    problem: Problem | None = None


class HookStarted(Event, frozen=True):
    """A hook is about to run; written and synced before that."""

    when: When
    service: str = ""
    """empty for one of the whole project"""
    host: bool = False
    """on this machine, else in the service's container"""
    container: str = ""
    seconds: float = 0.0
    """that it may take"""
    written: str = ""
    """its command as the file has it"""


class HookFinished(Event, frozen=True):
    """A hook has ended, or was given up."""

    when: When
    service: str = ""
    host: bool = False
    seconds: float = 0.0
    status: int | None = None
    """None where it did not end by itself"""
    tail: tuple[str, ...] = ()
    """the last lines that it printed"""
    problem: Problem | None = None

    @property
    def key(self) -> str:
        """Which it was."""
        return hook_key(self.when, self.service)


class ContainerStep(Event, frozen=True):
    """Compose said what it does with a service's container."""

    service: str
    container: str
    text: str


class RollbackStarted(Event, frozen=True):
    """The project goes back."""

    to: int
    problem: Problem | None = None
    """why; None when the operator chose it"""
    data: bool = False
    """whether data that this run saved goes back too"""


class RollbackVerified(Event, frozen=True):
    """The running image IDs are the earlier generation's."""

    to: int
    services: tuple[str, ...] = ()


class Removed(Event, frozen=True):
    """Something that this run had created was removed again."""

    kind: str
    """image, keep-tag, container, network, partial-content, backup"""
    subject: str
