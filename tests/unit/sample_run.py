"""A run that a test plays itself, in the place of a worker: its journal, its claim, and the events of an update."""

from __future__ import annotations

from pathlib import Path

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.journal.journal import Journal, Reader
from ws9tui.core.model.options import Options
from ws9tui.core.model.plan import Kind, Operation, Plan
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor, Availability, Choice, Outcome, Question, ServiceView, Verb
from ws9tui.core.store.store import Store
from ws9tui.problems.problem import read

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64
GIT, DB = Reference("example.org/git:1"), Reference("postgres:16")
AT = "2026-08-14T09:30:00.000Z"


class Played:
    """A run in a state directory, written by the test."""

    def __init__(self, store: Store, *, live: bool = True) -> None:
        self.folder = store.new_run()
        self._journal = Journal(self.folder)
        self._reader = Reader(self.folder)
        self._claim: Journal | None = None
        if live:
            self._claim = Journal(self.folder)
            assert self._claim.claim()

    def say(self, *happened: AnyEvent) -> None:
        """Write what the worker would."""
        for event in happened:
            self._journal.append(event, sync=False)

    def decisions(self) -> list[e.Decision]:
        """Return what front ends decided since the last call."""
        return [event for event in self._reader.read() if isinstance(event, e.Decision)]

    def die(self) -> None:
        """End as a killed worker does: without a word."""
        if self._claim:
            self._claim.close()
            self._claim = None

    def close(self) -> None:
        """Let go of everything."""
        self.die()
        self._journal.close()
        self._reader.close()


def looked(
    project: str = "shop", *, number: int = 7, verb: Verb = Verb.UPDATE, folder: Path | str = "/srv/shop"
) -> list[AnyEvent]:
    """What a run says until it asks for a selection: git has an update, db has none, cache cannot be selected."""
    source = ProjectSource(project, str(folder), (f"{folder}/compose.yml",))
    views = (
        ServiceView("git", GIT, GIT, OLD, version="1.25.1", state="running", proposed=True),
        ServiceView("db", DB, DB, version="16.4", state="running", health="healthy"),
        ServiceView(
            "cache", Reference(), state="running", availability=Availability.BUILT,
            problem=read("has-build", {"service": "cache"}), selectable=False,
        ),
    )  # fmt: skip
    return [
        e.RunRequested(
            at=AT, verb=verb, options=Options(), actor=Actor("alice", "ssh from 10.0.0.7"), version="0.1.0",
            folder="/root", attended=True,
        ),
        e.WorkerStarted(at=AT, pid=4711),
        e.EngineFound(
            at=AT, host="unix:///var/run/docker.sock", server="server-3", engine_version="28.5.0", api_version="1.51",
            compose_version="2.40.0", architecture="amd64",
        ),
        e.ProjectFound(at=AT, source=source, verb=verb, number=number, generation=3, version="2.2.9"),
        *(e.ServiceObserved(at=AT, service=view) for view in views),
        e.ReferenceResolved(at=AT, service="git", reference=GIT, digest=NEW, version="1.25.5"),
        e.ReferenceResolved(at=AT, service="db", reference=DB, digest=OLD, availability=Availability.CURRENT),
        e.NewerFound(at=AT, service="git", reference=GIT),
        e.NewerFound(at=AT, service="db", reference=DB, tags=("17", "18"), count=2),
    ]  # fmt: skip


def asked(
    ask: int, question: Question, *choices: Choice, seconds: float = 0.0, default: Choice | None = None
) -> e.Asked:
    """A question."""
    return e.Asked(ask=ask, question=question, choices=choices, default=default or choices[0], seconds=seconds)


SELECT = asked(1, Question.SELECT, Choice.GO, Choice.CHECK)
SELECTED = e.Decided(at=AT, ask=1, question=Question.SELECT, choice=Choice.GO, by="operator", services=("git",))
PULLED: list[AnyEvent] = [
    e.PullStarted(at=AT, reference="example.org/git:1", digest=NEW, services=("git",)),
    e.PullProgressed(
        at=AT,
        reference="example.org/git:1",
        done=24_000_000,
        total=48_000_000,
        fraction=0.4,
        phase="downloading",
        rate=8e6,
    ),
    e.PullFinished(at=AT, reference="example.org/git:1", image_id=NEW, size=48_000_000, seconds=6.0, new=True),
]
CHECKED = e.VersionChecked(
    at=AT, service="git", reference=GIT, found="1.25.5", running="1.25.1", digest=NEW, digest_ok=True
)
PLAN = Plan(
    before=3,
    after=4,
    operations=(
        Operation(
            Kind.RECREATE,
            "git",
            read("image-changed", {"old": OLD, "new": NEW, "old_version": "1.25.1", "new_version": "1.25.5"}),
            1,
            ("shop-git-1",),
        ),
    ),
    downtime={"git": 4.0},
)
CONFIRM = asked(2, Question.CONFIRM, Choice.GO, Choice.CANCEL)
CONFIRMED = e.Decided(
    at=AT,
    ask=2,
    question=Question.CONFIRM,
    choice=Choice.GO,
    by="operator",
    actor=Actor("alice", "ssh from 10.0.0.7"),
)
COMMITTED: list[AnyEvent] = [
    e.GenerationSaved(at=AT, generation=3, role="before", images=("ws9tui.keep/shop:3-git",)),
    e.CommitStarted(at=AT, before=3, after=4),
    e.StepStarted(at=AT, step=1, kind="recreate", subject="git", wave=1),
    e.ContainerStep(at=AT, service="git", container="shop-git-1", text="Recreated"),
    e.StepFinished(at=AT, step=1, kind="recreate", subject="git", seconds=3.2),
    e.WatchStarted(at=AT, services=("git",), seconds=30),
]


def watched(verdict: str, code: str) -> e.ServiceWatched:
    """How the recreated service is judged."""
    return e.ServiceWatched(
        at=AT, service="git", container="shop-git-1", image_id=NEW, state="running", health="", restarts=0,
        verdict=verdict, problem=read(code, {"service": "git"}), downtime=1.8,
    )  # fmt: skip


WELL: list[AnyEvent] = [watched("passed", "no-healthcheck"), e.GatePassed(at=AT, seconds=30)]
OUTCOME = asked(3, Question.OUTCOME, Choice.KEEP, Choice.ROLL_BACK, seconds=3600)
KEPT: list[AnyEvent] = [
    e.Decided(at=AT, ask=3, question=Question.OUTCOME, choice=Choice.KEEP, by="operator", actor=Actor("alice")),
    e.Finished(at=AT, outcome=Outcome.KEPT),
]


def whole(project: str = "shop", **of: object) -> list[AnyEvent]:
    """A whole update."""
    return [
        *looked(project, **of),  # type: ignore[arg-type]
        SELECT,
        SELECTED,
        *PULLED,
        CHECKED,
        e.Planned(at=AT, plan=PLAN),
        CONFIRM,
        CONFIRMED,
        *COMMITTED,
        *WELL,
        OUTCOME,
        *KEPT,
    ]
