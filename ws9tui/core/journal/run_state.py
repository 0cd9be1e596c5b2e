"""The state of a run: all that is known of it, from which everything that is shown is derived.

:mod:`ws9tui.core.journal.fold` makes it from the run's events.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.data_state import DataFacts
from ws9tui.core.model import newer
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.plan import OF_CONTAINERS, Plan
from ws9tui.core.model.project_view import ProjectView
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, Choice, Finding, Outcome, Question, ServiceView
from ws9tui.problems.problem import Problem


class Phase(StrEnum):
    """How far a run has come."""

    STARTING = "starting"
    LOOKING = "looking"
    SELECTING = "selecting"
    PULLING = "pulling"
    VERSIONS = "versions"
    CHOOSING = "choosing"
    """which generation is to run"""
    CONFIRMING = "confirming"
    INSTALLING = "installing"
    """what is to be installed, and how, is being chosen"""
    MERGING = "merging"
    """a release's files and the installation's are put together"""
    RECOVERING = "recovering"
    """an interrupted run was found, and the way is being chosen"""
    COMMITTING = "committing"
    WATCHING = "watching"
    ROLLING_BACK = "rolling-back"
    FINISHED = "finished"


class Changed(StrEnum):
    """What the run has changed so far."""

    NOTHING = "nothing"
    PULLED = "pulled"
    """images came; containers, tags and files are as they were"""
    CHANGING = "changing"
    CHANGED = "changed"
    GOING_BACK = "going-back"
    RESTORED = "restored"

    @property
    def before_commit(self) -> bool:
        """Whether nothing of the project has been changed yet."""
        return self in (Changed.NOTHING, Changed.PULLED)


class Safety(msgspec.Struct, frozen=True):
    """What the safety line says: always there, in every pane."""

    changed: Changed
    running: int
    """services that run, and one-shots that are done"""
    services: int
    stopped: tuple[str, ...]
    """services that do not run"""
    ill: tuple[str, ...]
    """services that are known to be unwell"""
    way_back: bool
    """whether the earlier generation is recorded and its images are kept"""
    version: str
    """what runs now, where it is known"""
    live: bool
    """whether the run is still at work: one may leave, it goes on"""


class Newest(StrEnum):
    """Whether what a service runs is the newest that it could have."""

    YES = "yes"
    """its tag moves and has not moved, or there is none newer"""
    NO = "no"
    """its registry has newer tags"""
    LOOKING = "looking"
    UNKNOWN = "unknown"


class ServiceRow(msgspec.Struct, frozen=True):
    """A line of the Images pane."""

    view: ServiceView
    requested: Reference = Reference()
    """another reference that the operator asked for"""
    resolved: e.ReferenceResolved | None = None
    """the registry's last answer"""
    newer: e.NewerFound | None = None
    """the last that was said of newer tags"""
    tags: e.TagsListed | None = None
    """the tags of its repository, where they were asked for"""
    offers: dict[str, Offer] = {}
    """reference → what its registry describes"""
    selected: bool = False

    @property
    def availability(self) -> Availability:
        """The registry's answer if there is one, else what was seen locally."""
        return self.resolved.availability if self.resolved else self.view.availability

    @property
    def problem(self) -> Problem | None:
        """Why it is so."""
        return self.resolved.problem if self.resolved else self.view.problem

    @property
    def wanted(self) -> Reference:
        """The reference that it is about."""
        return self.resolved.reference if self.resolved else self.requested or self.view.reference

    @property
    def offer(self) -> Offer | None:
        """What is known of the image that it may get; None where nothing was described."""
        found = self.offers.get(self.wanted) or self.offers.get(self.wanted.partition("@")[0])
        return found if found and (self.resolved is None or found.digest == self.resolved.digest) else None

    @property
    def newer_tags(self) -> e.NewerFound | None:
        """What is known of tags that are newer than that reference's; None where nothing was said of them."""
        return self.newer if self.newer and self.newer.reference == self.wanted else None

    @property
    def newest(self) -> Newest:
        """Whether there is nothing newer; without a registry nobody looks."""
        if (self.resolved and self.resolved.offline) or newer.moves(self.wanted.meant_tag):
            return Newest.YES
        found = self.newer_tags
        if found is None:
            return Newest.LOOKING
        if found.tags:
            return Newest.NO
        return Newest.YES if found.problem is None else Newest.UNKNOWN


class PullState(StrEnum):
    """How a pull stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STALLED = "stalled"
    RETRYING = "retrying"
    DONE = "done"
    FAILED = "failed"


class PullRow(msgspec.Struct, frozen=True):
    """A line of the Pull pane."""

    reference: str
    services: tuple[str, ...]
    state: PullState = PullState.WAITING
    done: int = 0
    total: int = 0
    fraction: float = 0.0
    phase: str = "waiting"
    layers: int = 0
    layers_done: int = 0
    rate: float = 0.0
    attempt: int = 1
    wait: float = 0.0
    """seconds until the next attempt, or without a byte"""
    away: bool = False
    """it is stalled because the engine does not answer"""
    since: str = ""
    """when the state began"""
    seconds: float = 0.0
    size: int = 0
    new: bool = True
    problem: Problem | None = None


class StepRow(msgspec.Struct, frozen=True):
    """A step of the commit or of the rollback."""

    step: int
    kind: str
    subject: str
    done: bool = False
    seconds: float = 0.0
    problem: Problem | None = None
    started_at: str = ""

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose containers it is about; a step may be about a whole wave."""
        return tuple(self.subject.split(", ")) if self.kind in OF_CONTAINERS else ()


class HookRow(msgspec.Struct, frozen=True):
    """A hook that was begun."""

    started: e.HookStarted
    finished: e.HookFinished | None = None


class WatchRow(msgspec.Struct, frozen=True):
    """A service under watch."""

    service: str
    state: str = ""
    health: str = ""
    restarts: int = 0
    verdict: str = "waiting"
    """waiting, passed, failed; empty when it was stopped or removed and nobody watches it"""
    problem: Problem | None = None
    remaining: float = 0.0
    downtime: float | None = None
    lines: tuple[str, ...] = ()
    """its latest log lines, as they came"""
    doing: str = ""
    """what Compose does with its container"""
    since: str = ""
    """when it was last said"""


class Interruption(msgspec.Struct, frozen=True):
    """An earlier run that was interrupted, and what runs of it now."""

    run: e.RunInterrupted
    services: tuple[e.InterruptedService, ...] = ()


_WELL = ("running", "completed")
"""states of services that do what they are there for; a one-shot has completed"""
_UP = ("running", "restarting")
_CHOOSE = (Question.SELECT, Question.GENERATION)
_LAST = (Question.OUTCOME, Question.FAILED)
_WAYS_BACK = (Choice.ROLL_BACK, Choice.ROLL_BACK_DATA)
_RUNS = ("old", "new", "other")
"""states of services, after a way back that failed, that have a container that runs"""


class RunState(msgspec.Struct, frozen=True):
    """All that is known of a run."""

    phase: Phase = Phase.STARTING
    request: e.RunRequested | None = None
    engine: e.EngineFound | None = None
    project: e.ProjectFound | None = None
    known: tuple[str, ...] = ()
    """all projects of the engine, where there are several"""
    projects: dict[str, Problem | None] = {}
    """those to choose from, with what each is"""
    project_views: dict[str, ProjectView] = {}
    """how each of them stands"""
    which: Problem | None = None
    """why it has to be asked which project is meant"""
    services: dict[str, ServiceRow] = {}
    findings: tuple[Finding, ...] = ()
    found_before: int = 0
    """how many of the findings were there when what is to be updated was chosen"""
    interruption: Interruption | None = None
    generations: dict[int, e.GenerationFound] = {}
    """those that may be gone to"""
    saved: int = 0
    """the generation that what runs is recorded as"""
    asked: e.Asked | None = None
    """the open question"""
    asked_at: str = ""
    alone: e.LeftAlone | None = None
    """the open question waits with nobody there: when that began, and how long it lasts"""
    decisions: tuple[e.Decided, ...] = ()
    pulls: dict[str, PullRow] = {}
    versions: dict[str, e.VersionChecked] = {}
    trust: dict[str, e.TrustChecked] = {}
    """SERVICE:CHECK → what was checked of its image besides its version"""
    checking: dict[str, e.CheckStarted] = {}
    """service → the program that is run on its image"""
    release: e.ReleaseFound | None = None
    form: e.InstallChecked | None = None
    """what may be set before a first install"""
    settled: e.InstallSettled | None = None
    merge: e.MergeProposed | None = None
    listed: e.BundleListed | None = None
    """what a bundle will have in it"""
    bundle: e.BundleWritten | None = None
    pause: e.PauseStarted | None = None
    """the containers that were stopped for a while"""
    resumed: e.PauseEnded | None = None
    written_to: e.SaveWritten | None = None
    read_from: e.SaveRead | None = None
    plan: Plan | None = None
    steps: tuple[StepRow, ...] = ()
    hooks: tuple[HookRow, ...] = ()
    watched: dict[str, WatchRow] = {}
    logs: tuple[e.LogsSaved, ...] = ()
    data: DataFacts = DataFacts()
    moving: dict[str, e.DataMoved] = {}
    """service → how far the copy of its data is, while that is copied"""
    backups: tuple[e.BackupMade, ...] = ()
    restored: tuple[e.RestoreFinished, ...] = ()
    written: dict[str, e.DataWritten] = {}
    """service → what was written into its data since it was saved"""
    changed: Changed = Changed.NOTHING
    way_back: bool = False
    rollback: e.RollbackStarted | None = None
    verified: e.RollbackVerified | None = None
    removed: tuple[e.Removed, ...] = ()
    standing: dict[str, e.InterruptedService] = {}
    """service → what runs of it after a way back that failed"""
    failure: Problem | None = None
    """the first thing that failed in this run"""
    gate_passed: bool = False
    finished: e.Finished | None = None
    superseded: bool = False
    """a later run has dealt with what this one left"""
    started_at: str = ""
    last_at: str = ""
    count: int = 0

    @property
    def hook(self) -> e.HookStarted | None:
        """The hook that runs now."""
        last = self.hooks[-1] if self.hooks else None
        return last.started if last is not None and last.finished is None and self.finished is None else None

    @property
    def can_go_back(self) -> bool:
        """Whether one may go back and choose otherwise, though nothing is asked: while images come."""
        attended = self.request is not None and self.request.attended
        chosen = any(decided.question in _CHOOSE for decided in self.decisions)
        return attended and chosen and self.asked is None and self.phase in (Phase.PULLING, Phase.VERSIONS)

    @property
    def ways_back(self) -> tuple[Choice, ...]:
        """How the operator may go back now, though nothing is asked: while the project changes and is watched."""
        moving = self.phase in (Phase.COMMITTING, Phase.WATCHING) and self.asked is None
        over = self.gate_passed or self.rollback or (self.plan and self.plan.one_way)
        if not moving or over or any(decided.question in _LAST for decided in self.decisions):
            return ()
        return tuple(reversed(_WAYS_BACK)) if self.data.saved else _WAYS_BACK[:1]

    @property
    def outcome(self) -> Outcome:
        """How the run has ended; where its worker died, by what it had changed."""
        if self.finished:
            return self.finished.outcome
        return Outcome.UNCHANGED if self.changed.before_commit else Outcome.NEEDS_RECOVERY

    @property
    def safety(self) -> Safety:
        """The facts of the safety line."""
        watched = self.watched if self.changed is not Changed.NOTHING else {}
        touched = self.standing.keys() or watched.keys()
        untouched = [row.view for name, row in self.services.items() if name not in touched]
        up = {view.name for view in untouched if view.state in _WELL}
        if self.standing:
            ill = [name for name, found in self.standing.items() if found.state not in _RUNS]
            up |= touched - {*ill}
        elif watched:
            ill = [name for name, row in watched.items() if row.verdict in ("failed", "as-before")]
            up |= {name for name, row in watched.items() if row.state in _UP or row.verdict == "passed"}
        else:
            known = self.plan.unwell if self.plan else {}
            ill = [
                view.name
                for view in untouched
                if view.health == "unhealthy" or view.state in ("restarting", "dead") or view.name in known
            ]
        services = dict.fromkeys((*self.services, *self.standing))
        return Safety(
            changed=self.changed,
            running=len(up),
            services=len(services),
            stopped=tuple(name for name in services if name not in up),
            ill=tuple(ill),
            way_back=self.way_back,
            version=self.project.version if self.project else "",
            live=self.finished is None,
        )
