"""The state of a run, from which all output is derived.

:mod:`ws9tui.core.journal.fold` folds it from the run's events.
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
    """The current phase of a run."""

    STARTING = "starting"
    LOOKING = "looking"
    SELECTING = "selecting"
    PULLING = "pulling"
    VERSIONS = "versions"
    CHOOSING = "choosing"
    """the operator selects the generation to run"""
    CONFIRMING = "confirming"
    INSTALLING = "installing"
    """the operator fills in the form of a first install"""
    MERGING = "merging"
    """a release's files are merged with the installation's"""
    RECOVERING = "recovering"
    """an interrupted run was found, and the operator decides how to recover it"""
    COMMITTING = "committing"
    WATCHING = "watching"
    ROLLING_BACK = "rolling-back"
    FINISHED = "finished"


class Changed(StrEnum):
    """What the run has changed so far."""

    NOTHING = "nothing"
    PULLED = "pulled"
    """images were pulled; containers, tags and files are unchanged"""
    CHANGING = "changing"
    CHANGED = "changed"
    GOING_BACK = "going-back"
    RESTORED = "restored"

    @property
    def before_commit(self) -> bool:
        """Whether the project is still unchanged."""
        return self in (Changed.NOTHING, Changed.PULLED)


class Safety(msgspec.Struct, frozen=True):
    """The contents of the safety line, which every pane shows."""

    changed: Changed
    running: int
    """number of running services and completed one-shots"""
    services: int
    stopped: tuple[str, ...]
    """services that do not run"""
    ill: tuple[str, ...]
    """services that are known to be unhealthy"""
    way_back: bool
    """whether the earlier generation is recorded and its images are kept"""
    version: str
    """the running version of the product, if known"""
    live: bool
    """whether the run has not finished; it continues without the front end"""


class Newest(StrEnum):
    """Whether a service's wanted tag is the newest one."""

    YES = "yes"
    """the tag is a moving one, there is no newer tag, or no registry is asked"""
    NO = "no"
    """the registry has newer tags"""
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
    """the last answer about newer tags"""
    tags: e.TagsListed | None = None
    """the tags of its repository, if they were asked for"""
    offers: dict[str, Offer] = {}
    """reference → the registry's description"""
    selected: bool = False

    @property
    def availability(self) -> Availability:
        """The availability by the registry's answer, else by the local survey."""
        return self.resolved.availability if self.resolved else self.view.availability

    @property
    def problem(self) -> Problem | None:
        """The reason for the availability."""
        return self.resolved.problem if self.resolved else self.view.problem

    @property
    def wanted(self) -> Reference:
        """The reference that the service is to get."""
        return self.resolved.reference if self.resolved else self.requested or self.view.reference

    @property
    def offer(self) -> Offer | None:
        """The registry's description of the wanted image; None if there is none, or it has another digest."""
        found = self.offers.get(self.wanted) or self.offers.get(self.wanted.partition("@")[0])
        return found if found and (self.resolved is None or found.digest == self.resolved.digest) else None

    @property
    def newer_tags(self) -> e.NewerFound | None:
        """The tags newer than the wanted one; None if not known yet."""
        return self.newer if self.newer and self.newer.reference == self.wanted else None

    @property
    def newest(self) -> Newest:
        """Whether the wanted tag is the newest; `YES` for a moving tag, and offline, where no registry is asked."""
        if (self.resolved and self.resolved.offline) or newer.moves(self.wanted.meant_tag):
            return Newest.YES
        found = self.newer_tags
        if found is None:
            return Newest.LOOKING
        if found.tags:
            return Newest.NO
        return Newest.YES if found.problem is None else Newest.UNKNOWN


class PullState(StrEnum):
    """The state of a pull."""

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
    """seconds until the next attempt, or without data"""
    away: bool = False
    """whether the pull is stalled because the engine does not answer"""
    since: str = ""
    """when this attempt, or the wait for the next one, began"""
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
        """The services whose containers the step changes, perhaps those of a whole wave; empty for other steps."""
        return tuple(self.subject.split(", ")) if self.kind in OF_CONTAINERS else ()


class HookRow(msgspec.Struct, frozen=True):
    """A hook that has started."""

    started: e.HookStarted
    finished: e.HookFinished | None = None


class WatchRow(msgspec.Struct, frozen=True):
    """A watched service."""

    service: str
    state: str = ""
    health: str = ""
    restarts: int = 0
    verdict: str = "waiting"
    """waiting, passed, failed, as-before; empty if it was stopped or removed and is not watched"""
    problem: Problem | None = None
    remaining: float = 0.0
    downtime: float | None = None
    lines: tuple[str, ...] = ()
    """its latest log lines, unsanitised"""
    doing: str = ""
    """Compose's progress on its container"""
    since: str = ""
    """time of the last observation"""


class Interruption(msgspec.Struct, frozen=True):
    """An interrupted earlier run, and the observed state of its services."""

    run: e.RunInterrupted
    services: tuple[e.InterruptedService, ...] = ()


_WELL = ("running", "completed")
"""states of services that work; a one-shot has completed"""
_UP = ("running", "restarting")
_CHOOSE = (Question.SELECT, Question.GENERATION)
_LAST = (Question.OUTCOME, Question.FAILED)
_WAYS_BACK = (Choice.ROLL_BACK, Choice.ROLL_BACK_DATA)
_RUNS = ("old", "new", "other")
"""states, after a failed rollback, of services that have a running container"""


class RunState(msgspec.Struct, frozen=True):
    """The state of a run."""

    phase: Phase = Phase.STARTING
    request: e.RunRequested | None = None
    engine: e.EngineFound | None = None
    project: e.ProjectFound | None = None
    known: tuple[str, ...] = ()
    """all known projects of the engine, if there are several"""
    projects: dict[str, Problem | None] = {}
    """the projects to choose from, with their descriptions"""
    project_views: dict[str, ProjectView] = {}
    """the states of these projects"""
    which: Problem | None = None
    """why the project has to be asked for"""
    services: dict[str, ServiceRow] = {}
    findings: tuple[Finding, ...] = ()
    found_before: int = 0
    """number of findings at the time of the selection"""
    interruption: Interruption | None = None
    generations: dict[int, e.GenerationFound] = {}
    """generations that the project may be rolled back to"""
    saved: int = 0
    """the generation that records what ran before this run's changes; 0 if not recorded"""
    asked: e.Asked | None = None
    """the open question"""
    asked_at: str = ""
    alone: e.LeftAlone | None = None
    """since when, and for how many seconds, the open question waits without a front end"""
    decisions: tuple[e.Decided, ...] = ()
    pulls: dict[str, PullRow] = {}
    versions: dict[str, e.VersionChecked] = {}
    trust: dict[str, e.TrustChecked] = {}
    """SERVICE:CHECK → result of a check of its image other than the version check"""
    checking: dict[str, e.CheckStarted] = {}
    """service → the check that is running on its image"""
    release: e.ReleaseFound | None = None
    form: e.InstallChecked | None = None
    """the form of a first install"""
    settled: e.InstallSettled | None = None
    merge: e.MergeProposed | None = None
    listed: e.BundleListed | None = None
    """the contents planned for a bundle"""
    bundle: e.BundleWritten | None = None
    pause: e.PauseStarted | None = None
    """the containers that were stopped temporarily"""
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
    """service, or path of a project's backup → progress of a running copy of its data"""
    backups: tuple[e.BackupMade, ...] = ()
    restored: tuple[e.RestoreFinished, ...] = ()
    written: dict[str, e.DataWritten] = {}
    """service → what was written to its data since its backup"""
    changed: Changed = Changed.NOTHING
    way_back: bool = False
    rollback: e.RollbackStarted | None = None
    verified: e.RollbackVerified | None = None
    removed: tuple[e.Removed, ...] = ()
    standing: dict[str, e.InterruptedService] = {}
    """service → its observed state after a failed rollback"""
    failure: Problem | None = None
    """the first failure of this run"""
    gate_passed: bool = False
    finished: e.Finished | None = None
    superseded: bool = False
    """whether a later run has recovered this one"""
    started_at: str = ""
    last_at: str = ""
    count: int = 0

    @property
    def hook(self) -> e.HookStarted | None:
        """The running hook; None if there is none."""
        last = self.hooks[-1] if self.hooks else None
        return last.started if last is not None and last.finished is None and self.finished is None else None

    @property
    def can_go_back(self) -> bool:
        """Whether the operator may return to the selection without being asked, while images are pulled and checked."""
        attended = self.request is not None and self.request.attended
        chosen = any(decided.question in _CHOOSE for decided in self.decisions)
        return attended and chosen and self.asked is None and self.phase in (Phase.PULLING, Phase.VERSIONS)

    @property
    def ways_back(self) -> tuple[Choice, ...]:
        """The rollback choices that the operator has without being asked, during the commit and the health gate."""
        moving = self.phase in (Phase.COMMITTING, Phase.WATCHING) and self.asked is None
        over = self.gate_passed or self.rollback or (self.plan and self.plan.one_way)
        if not moving or over or any(decided.question in _LAST for decided in self.decisions):
            return ()
        return tuple(reversed(_WAYS_BACK)) if self.data.saved else _WAYS_BACK[:1]

    @property
    def outcome(self) -> Outcome:
        """The outcome of the run; if its worker died, derived from what the run had changed."""
        if self.finished:
            return self.finished.outcome
        return Outcome.UNCHANGED if self.changed.before_commit else Outcome.NEEDS_RECOVERY

    @property
    def safety(self) -> Safety:
        """The contents of the safety line."""
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
