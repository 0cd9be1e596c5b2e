"""Events of the run itself: who asked for it, what it is about, how it ends."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.core.model.commands import Caller
from ws9tui.core.model.options import Options
from ws9tui.core.model.project_view import ProjectView
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor, Choice, Finding, Outcome, Verb
from ws9tui.problems.problem import Problem


class RunRequested(Event, frozen=True):
    """A front end asks for a run; the first event of every journal."""

    verb: Verb
    options: Options
    actor: Actor
    version: str
    """of ws9tui"""
    folder: str
    """where the operator stood"""
    attended: bool
    """somebody is there to be asked"""
    caller: Caller = Caller()
    """what a command that is told to the operator must repeat of this call"""
    private: str = ""
    """name of the file that has this event whole, where it has a secret; the worker removes it"""


class WorkerStarted(Event, frozen=True):
    """The worker has taken the run."""

    pid: int


class EngineFound(Event, frozen=True):
    """The engine and Compose answered."""

    host: str
    server: str
    engine_version: str
    api_version: str
    compose_version: str
    architecture: str
    compose: tuple[str, ...] = ("docker", "compose")
    """the command"""
    id: str = ""
    """what tells the engine from all others, whatever its address; empty in journals of older versions"""


class ProjectsKnown(Event, frozen=True):
    """The projects of the engine, for an operator who may go on to another one; only where there are several."""

    names: tuple[str, ...]
    """those that run first"""


class ProjectsFound(Event, frozen=True):
    """Which project is meant is asked."""

    projects: dict[str, Problem | None]
    """name → what it is, None where nothing is known of it; the likeliest first"""
    views: dict[str, ProjectView] = {}
    """the same → how it stands; none in journals of older versions"""
    why: Problem | None = None
    """why it has to be asked; None where the projects say it"""


class ProjectFound(Event, frozen=True):
    """The project is known and this run holds its lock."""

    source: ProjectSource
    """without the values of its environment"""
    verb: Verb
    """what the run does; never `wizard`"""
    number: int
    """of this run, within the project"""
    generation: int
    """the last one that was recorded, 0 when there is none"""
    version: str = ""
    """the product's version that runs, where it is known"""


class Found(Event, frozen=True):
    """A finding that concerns the whole run: preflight, doctor, a warning on the way."""

    finding: Finding


class RunInterrupted(Event, frozen=True):
    """An earlier run of this project was interrupted in the middle of its commit."""

    run: int
    started_at: str
    actor: Actor
    before: int
    """generation that it came from"""
    after: int
    """generation that it went to"""
    done: tuple[str, ...]
    """its finished steps, as 'kind subject'"""
    undone: tuple[str, ...]
    """its step that was under way, and those not begun"""
    recommended: Choice
    path: str = ""
    """its folder"""


class InterruptedService(Event, frozen=True):
    """What runs now of a service of an interrupted run, or after a way back that failed, by fresh observation."""

    service: str
    state: str
    """old, new, other, missing, twin (half-made), stopped"""
    detail: str = ""


class Notified(Event, frozen=True):
    """Somebody was told of the run, or could not be told; the only event that may come after the last."""

    receiver: str
    """without what may be secret"""
    about: str
    """decision, failure, end"""
    place: int
    """sequence number of the event that it was told of"""
    seconds: float = 0.0
    problem: Problem | None = None


class Superseded(Event, frozen=True):
    """A later run has dealt with this interrupted one."""

    by: int


class Finished(Event, frozen=True):
    """The last event of every run, but for `Notified`."""

    outcome: Outcome
    problem: Problem | None = None
    """the reason, where there is one"""
    commands: tuple[str, ...] = ()
    """what to type next, where that is needed"""
    address: str = ""
    """where an installed product answers"""
