"""Events of the commit: the plan, its steps and hooks, and the rollback."""

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
    """before, after; found: Compose cannot read its files, so nothing can be rolled back to it"""
    images: tuple[str, ...] = ()
    """the keep tags of its services' own images"""


class CommitStarted(Event, frozen=True):
    """The commit begins: from here on the project changes."""

    before: int
    after: int


class StepStarted(Event, frozen=True):
    """A step of the plan is about to run; written and synced before the call."""

    step: int
    kind: str
    subject: str
    wave: int = 0


class StepFinished(Event, frozen=True):
    """A step of the plan has ended."""

    step: int
    kind: str
    subject: str
    seconds: float
    problem: Problem | None = None


class HookStarted(Event, frozen=True):
    """A hook is about to run; written and synced before it starts."""

    when: When
    service: str = ""
    """empty for a hook of the whole project"""
    host: bool = False
    """run on this machine, else in the service's container"""
    container: str = ""
    seconds: float = 0.0
    """timeout"""
    written: str = ""
    """the command as written in the file"""


class HookFinished(Event, frozen=True):
    """A hook has ended or was aborted."""

    when: When
    service: str = ""
    host: bool = False
    seconds: float = 0.0
    status: int | None = None
    """exit status; None if it did not end by itself"""
    tail: tuple[str, ...] = ()
    """the last lines of its output"""
    problem: Problem | None = None

    @property
    def key(self) -> str:
        """The hook's key (`hook_key`)."""
        return hook_key(self.when, self.service)


class ContainerStep(Event, frozen=True):
    """Compose reported progress on a service's container."""

    service: str
    container: str
    text: str


class RollbackStarted(Event, frozen=True):
    """A rollback begins."""

    to: int
    problem: Problem | None = None
    """why; None when the operator chose it"""
    data: bool = False
    """whether the data that this run saved is restored too"""


class RollbackVerified(Event, frozen=True):
    """After a rollback, the running image IDs were found to be those of the earlier generation."""

    to: int
    services: tuple[str, ...] = ()


class Removed(Event, frozen=True):
    """Something that this run had created was removed."""

    kind: str
    """image, keep-tag, container, network, partial-content, backup"""
    subject: str
