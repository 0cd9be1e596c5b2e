"""Events of the run itself: its request, its engine and project, its end."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.core.model.commands import Caller
from ws9tui.core.model.options import Options
from ws9tui.core.model.project_view import ProjectView
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor, Choice, Finding, Outcome, Verb
from ws9tui.problems.problem import Problem


class RunRequested(Event, frozen=True):
    """A front end requests a run; the first event of every journal."""

    verb: Verb
    options: Options
    actor: Actor
    version: str
    """version of ws9tui"""
    folder: str
    """the operator's working directory"""
    attended: bool
    """whether an operator can be asked"""
    caller: Caller = Caller()
    """the parts of this call that commands suggested to the operator must repeat"""
    private: str = ""
    """name of the private file with the whole event, if it contains a secret; the worker removes the file"""


class WorkerStarted(Event, frozen=True):
    """The worker has taken over the run."""

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
    """the command of Compose"""
    id: str = ""
    """the engine's identity, independent of its address; empty in journals of older versions"""


class ProjectsKnown(Event, frozen=True):
    """The known projects of the engine, among which the operator may switch; only emitted if there are several."""

    names: tuple[str, ...]
    """running projects first"""


class ProjectsFound(Event, frozen=True):
    """The projects that the operator may mean; a question which of them follows."""

    projects: dict[str, Problem | None]
    """name → description, None if nothing is known; the likeliest first"""
    views: dict[str, ProjectView] = {}
    """name → state of the project; empty in journals of older versions"""
    why: Problem | None = None
    """why the project has to be asked for; None if the list itself explains that"""


class ProjectFound(Event, frozen=True):
    """The project is known and this run holds its lock."""

    source: ProjectSource
    """with the values of its environment left empty"""
    verb: Verb
    """the run's actual verb; never `wizard`"""
    number: int
    """this run's number within the project"""
    generation: int
    """the last recorded generation; 0 if there is none"""
    version: str = ""
    """the running version of the product, if known"""


class Found(Event, frozen=True):
    """A finding that concerns the whole run: from preflight, doctor, or a warning during the run."""

    finding: Finding


class RunInterrupted(Event, frozen=True):
    """An earlier run of this project was interrupted during its commit."""

    run: int
    started_at: str
    actor: Actor
    before: int
    """generation before that run"""
    after: int
    """target generation of that run"""
    done: tuple[str, ...]
    """its finished steps, as 'kind subject'"""
    undone: tuple[str, ...]
    """its step in progress, and those not begun"""
    recommended: Choice
    path: str = ""
    """that run's folder"""


class InterruptedService(Event, frozen=True):
    """The observed state of one service after an interrupted run or a failed rollback."""

    service: str
    state: str
    """old, new, other, missing, twin (a half-created container), stopped"""
    detail: str = ""


class Notified(Event, frozen=True):
    """A receiver was notified of the run, or could not be; the only event that may follow `Finished`."""

    receiver: str
    """without possible secrets"""
    about: str
    """decision, failure, end"""
    place: int
    """sequence number of the event that the notice was about"""
    seconds: float = 0.0
    problem: Problem | None = None


class Superseded(Event, frozen=True):
    """A later run has recovered this interrupted run."""

    by: int


class Finished(Event, frozen=True):
    """The last event of every run, except for `Notified`."""

    outcome: Outcome
    problem: Problem | None = None
    """the reason, if there is one"""
    commands: tuple[str, ...] = ()
    """commands that the operator should run next, if any"""
    address: str = ""
    """URL of an installed product"""
