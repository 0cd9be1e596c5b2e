"""Recorded runs: journals made by code, one for every pane and for what is unpleasant to show.

`RECORDINGS` names them. Each is a list of events with times; `write` makes a run's folder of one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.journal.journal import Journal
from ws9tui.core.model.options import Options
from ws9tui.core.model.plan import Kind, Loss, Operation, Plan
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import (
    Actor,
    Availability,
    Choice,
    Difference,
    Finding,
    InstallField,
    Level,
    MergeConflict,
    MergedKey,
    Outcome,
    Question,
    Reach,
    ServiceView,
    Verb,
)
from ws9tui.problems.problem import Problem, read

BEGIN = datetime(2026, 8, 20, 2, 58, 0, tzinfo=UTC)
ROOT = Actor("root", "ssh from 10.0.0.7, /dev/pts/0")
CHOICES = (Choice.KEEP, Choice.ROLL_BACK, Choice.HOLD)


def digest(text: str) -> str:
    """A digest that a text always gets."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class Story:
    """Events one after another, with the time going on between them."""

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.time = BEGIN
        self.asks = 0
        self.steps = 0

    def say(self, *events: AnyEvent, after: float = 0.2) -> Story:
        """Adds events, each so many seconds after the one before."""
        for event in events:
            self.time += timedelta(seconds=after)
            stamp = self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            self.events.append(msgspec.structs.replace(event, at=stamp))
        return self

    def ask(
        self, question: Question, *choices: Choice, seconds: float = 3600.0, options: tuple[str, ...] = ()
    ) -> Story:
        """Opens a question; its default is the safe one: to cancel where that is offered, else the first choice."""
        self.asks += 1
        default = Choice.CANCEL if Choice.CANCEL in choices else choices[0]
        return self.say(
            e.Asked(
                ask=self.asks,
                question=question,
                choices=choices,
                default=default,
                seconds=seconds,
                options=options,
            )
        )

    def decided(
        self, question: Question, choice: Choice, services: tuple[str, ...] = (), by: str = "operator"
    ) -> Story:
        """Answers the question that was asked last."""
        return self.say(
            e.Decided(
                ask=self.asks,
                question=question,
                choice=choice,
                by=by,
                actor=ROOT if by == "operator" else None,
                services=services,
            )
        )

    def step(self, kind: str, subject: str, wave: int = 0, *, seconds: float = 0.4, done: bool = True) -> Story:
        """A step, finished unless it is not."""
        self.steps += 1
        self.say(e.StepStarted(step=self.steps, kind=kind, subject=subject, wave=wave))
        if done:
            self.say(
                e.StepFinished(step=self.steps, kind=kind, subject=subject, seconds=seconds),
                after=seconds,
            )
        return self


class Service(msgspec.Struct, frozen=True):
    """A service of a recorded project: the version that runs, and the one in the registry."""

    name: str
    repository: str
    old: str
    new: str
    megabytes: float = 120.0
    made: str = "2026-05-02T08:00:00Z"

    @property
    def before(self) -> str:
        """The running reference."""
        return f"{self.repository}:{self.old}"

    @property
    def after(self) -> str:
        """The new reference."""
        return f"{self.repository}:{self.new}"

    @property
    def changes(self) -> bool:
        """Whether there is an update."""
        return self.old != self.new


LEGACY = (
    Service("apphub", "websoft9dev/apphub", "0.2.6", "0.2.8", 121.0),
    Service("deployment", "websoft9dev/deployment", "2.33.3", "2.40.0", 106.0, "2026-04-18T08:00:00Z"),
    Service("git", "websoft9dev/git", "1.25.1", "1.25.5", 168.0, "2026-05-20T08:00:00Z"),
    Service("proxy", "websoft9dev/proxy", "2.12.7", "2.12.7", 310.0, "2026-06-11T08:00:00Z"),
)


def begun(verb: Verb = Verb.UPDATE, *, name: str = "websoft9", version: str = "2.2.9") -> Story:
    """A run up to the point where its project is known."""
    folder = "/data/websoft9/source/docker"
    story = Story()
    return story.say(
        e.RunRequested(verb=Verb.WIZARD, options=Options(), actor=ROOT, version="0.1.0", folder="/root", attended=True),
        e.WorkerStarted(pid=4711),
        e.EngineFound(
            host="unix:///var/run/docker.sock",
            server="server-3",
            engine_version="28.5.1",
            api_version="1.51",
            compose_version="2.40.0",
            architecture="amd64",
        ),
        e.ProjectFound(
            source=ProjectSource(name, folder, (f"{folder}/docker-compose.yml",)),
            verb=verb,
            number=7,
            generation=3,
            version=version,
        ),
    )


def view(service: Service, **changes: object) -> ServiceView:
    """A service as it is found."""
    found = ServiceView(
        name=service.name,
        reference=Reference(service.after),
        running_reference=Reference(service.before),
        image_id=digest("id" + service.before),
        digest=digest(service.before),
        version=service.old,
        created_at=service.made,
        state="running",
        proposed=service.changes,
    )
    return msgspec.structs.replace(found, **changes)


def answer(service: Service) -> e.ReferenceResolved:
    """What the registry has for it."""
    return e.ReferenceResolved(
        service=service.name,
        reference=Reference(service.after),
        digest=digest(service.after),
        platforms=("linux/amd64", "linux/arm64"),
        availability=Availability.UPDATE if service.changes else Availability.CURRENT,
        version=service.new,
    )


def newer(service: Service, *tags: str) -> e.NewerFound:
    """What the registry has that is newer than that."""
    return e.NewerFound(service=service.name, reference=Reference(service.after), tags=tags, count=len(tags))


def looked(services: tuple[Service, ...] = LEGACY) -> Story:
    """A run that has looked around and asks what to update."""
    story = begun()
    for service in services:
        story.say(e.ServiceObserved(service=view(service)))
    for service in services:
        story.say(answer(service), newer(service))
    return story.ask(Question.SELECT, Choice.GO, Choice.CHECK, Choice.GO_BACK, Choice.CANCEL)


def selected(services: tuple[Service, ...] = LEGACY) -> Story:
    """A run in which the services with an update were selected."""
    names = tuple(service.name for service in services if service.changes)
    return looked(services).decided(Question.SELECT, Choice.GO, names)


def pull_started(story: Story, service: Service, attempt: int = 1) -> Story:
    """The pull of a service's image begins."""
    return story.say(
        e.PullStarted(reference=service.after, digest=digest(service.after), services=(service.name,), attempt=attempt)
    )


def pull_progress(story: Story, service: Service, fraction: float, phase: str = "downloading") -> Story:
    """How far it is."""
    total = int(service.megabytes * 1e6)
    downloaded = min(1.0, fraction * 1.25)
    return story.say(
        e.PullProgressed(
            reference=service.after,
            done=int(total * downloaded),
            total=total,
            fraction=fraction,
            phase=phase,
            layers=9,
            layers_done=int(9 * fraction),
            rate=service.megabytes / 10 * 1e6 if phase == "downloading" else 0.0,
        )
    )


def pull_finished(story: Story, service: Service) -> Story:
    """It is here."""
    return story.say(
        e.PullFinished(
            reference=service.after,
            image_id=digest("id" + service.after),
            size=int(service.megabytes * 1e6),
            seconds=14.2,
            new=True,
        )
    )


def pulled(services: tuple[Service, ...] = LEGACY) -> Story:
    """A run whose images have all come."""
    story = selected(services)
    for service in (service for service in services if service.changes):
        pull_started(story, service)
        pull_progress(story, service, 0.6)
        pull_finished(story, service)
    return story


def checked(services: tuple[Service, ...] = LEGACY) -> Story:
    """A run whose images are as expected."""
    story = pulled(services)
    for service in (service for service in services if service.changes):
        story.say(version(service))
    return story.ask(Question.VERSIONS, Choice.GO, Choice.CANCEL)


def version(service: Service, *findings: Finding, found: str = "") -> e.VersionChecked:
    """What was found of a pulled image."""
    facts = {"found": found or service.new, "expected": service.new, "digest": digest(service.after)}
    return e.VersionChecked(
        service=service.name,
        reference=Reference(service.after),
        expected=service.new,
        expected_from="tag",
        found=found or service.new,
        running=service.old,
        digest=digest(service.after),
        digest_ok=True,
        platform="linux/amd64",
        findings=findings
        or (
            Finding(Level.OK, read("version-as-expected", facts), service.name),
            Finding(Level.OK, read("digest-as-resolved", facts), service.name),
        ),
    )


def plan(services: tuple[Service, ...] = LEGACY) -> Plan:
    """The plan for the services that have an update."""
    changing = [service for service in services if service.changes]
    keys = [f"{service.name.upper()}_VERSION" for service in changing]
    lines = [
        text
        for service, key in zip(changing, keys, strict=True)
        for text in (f"-{key}={service.old}", f"+{key}={service.new}")
    ]
    operations = [
        Operation(
            Kind.WRITE,
            "/data/websoft9/source/docker/.env",
            read("reference-edited", {"file": ".env"}),
            detail=tuple(lines),
        )
    ]
    for number, service in enumerate(changing):
        facts = {
            "old": digest("id" + service.before),
            "new": digest("id" + service.after),
            "old_version": service.old,
            "new_version": service.new,
            "service": service.name,
        }
        operations.append(Operation(Kind.TAG, service.after, read("tag-moves", {"reference": service.after, **facts})))
        operations.append(
            Operation(
                Kind.RECREATE,
                service.name,
                read("image-changed", facts),
                wave=1 if number else 2,
                containers=(f"websoft9-{service.name}",),
            )
        )
    operations.sort(key=lambda operation: operation.wave)
    return Plan(
        before=3,
        after=4,
        operations=tuple(operations),
        losses=(
            Loss(
                "apphub",
                read("own-layer-files", {"service": "apphub", "count": "2"}),
                ("/websoft9/apphub/logs/app.log", "/root/.bash_history"),
            ),
        ),
        notes=(read("no-healthcheck", {"service": changing[0].name}), read("image-only-rollback", {})),
        downtime={service.name: 10.0 + 2 * n for n, service in enumerate(changing)},
    )


def planned(services: tuple[Service, ...] = LEGACY) -> Story:
    """A run that asks for the confirmation of its plan."""
    story = checked(services).decided(Question.VERSIONS, Choice.GO)
    story.say(e.GenerationSaved(generation=3, role="before", images=("ws9tui.keep:websoft9-3-apphub",)))
    story.say(e.Planned(plan=plan(services)))
    return story.ask(Question.CONFIRM, Choice.GO, Choice.CANCEL)


def committing(services: tuple[Service, ...] = LEGACY) -> Story:
    """A run in the middle of its commit: the first wave is being recreated."""
    story = planned(services).decided(Question.CONFIRM, Choice.GO)
    story.say(e.CommitStarted(before=3, after=4))
    story.step("write", "/data/websoft9/source/docker/.env")
    for service in (service for service in services if service.changes):
        story.step("tag", service.after)
    return story


def watch(
    service: Service, verdict: str = "waiting", problem: Problem | None = None, **changes: object
) -> e.ServiceWatched:
    """How a service is."""
    facts = {"service": service.name, "seconds": "24"}
    event = e.ServiceWatched(
        service=service.name,
        container=f"websoft9-{service.name}",
        image_id=digest("id" + service.after),
        state="running",
        health="",
        restarts=0,
        verdict=verdict,
        problem=problem or read("waiting-window" if verdict == "waiting" else "no-healthcheck", facts),
        remaining=24.0 if verdict == "waiting" else 0.0,
        downtime=3.4,
    )
    return msgspec.structs.replace(event, **changes)


def recreated(services: tuple[Service, ...] = LEGACY) -> Story:
    """A run that has carried out its plan and watches."""
    story = committing(services)
    changing = [service for service in services if service.changes]
    for wave, group in ((1, changing[1:]), (2, changing[:1])):
        for service in group:
            story.steps += 1
            story.say(
                e.StepStarted(step=story.steps, kind="recreate", subject=service.name, wave=wave),
                e.ContainerStep(service=service.name, container=f"websoft9-{service.name}", text="Recreate"),
                e.ContainerStep(service=service.name, container=f"websoft9-{service.name}", text="Started"),
                e.StepFinished(step=story.steps, kind="recreate", subject=service.name, seconds=3.6),
                after=0.9,
            )
            story.say(watch(service))
    story.say(
        e.GenerationSaved(generation=4, role="after"),
        e.WatchStarted(services=tuple(service.name for service in changing), seconds=30.0),
    )
    for line in ("starting apphub 0.2.8", "listening on 0.0.0.0:8080", "GET /api/healthz 200"):
        story.say(e.LogLine(service=changing[0].name, line=line))
    return story


def well(services: tuple[Service, ...] = LEGACY) -> Story:
    """A run that asks whether to keep what it made."""
    story = recreated(services)
    for service in (service for service in services if service.changes):
        story.say(watch(service, "passed"))
    story.say(e.GatePassed(seconds=31.0))
    return story.ask(Question.OUTCOME, *CHOICES, seconds=300.0)


def gate_failed() -> Story:
    """A run in which one service restarts again and again."""
    story = recreated()
    facts = {"service": "deployment", "restarts": "4", "exit_code": "1"}
    story.say(watch(LEGACY[0], "passed"), watch(LEGACY[2], "passed"))
    for text in (
        "2026/08/20 02:59:41 starting Portainer 2.40.0",
        "2026/08/20 02:59:42 migrating database from 2.33.3",
        "2026/08/20 02:59:42 fatal: unable to open database: timeout",
    ):
        story.say(e.LogLine(service="deployment", line=text))
    crash = read("crash-looping", facts)
    story.say(watch(LEGACY[1], "failed", crash, state="restarting", restarts=4))
    story.say(
        e.LogsSaved(service="deployment", container="abc", name="deployment.failed.log", size=4200, role="failed")
    )
    story.say(e.Found(finding=Finding(Level.BLOCKING, crash, "deployment")))
    return story.ask(Question.FAILED, Choice.ROLL_BACK, Choice.KEEP, Choice.HOLD, seconds=120.0)


def rolling_back() -> Story:
    """A run on its way back."""
    story = gate_failed().decided(Question.FAILED, Choice.ROLL_BACK)
    story.say(
        e.RollbackStarted(
            to=3, problem=read("crash-looping", {"service": "deployment", "restarts": "4", "exit_code": "1"})
        )
    )
    story.step("write", "/data/websoft9/source/docker/.env")
    for service in LEGACY[:3]:
        story.step("tag", service.before)
    story.step("recreate", "deployment", 1, seconds=4.2)
    return story.step("recreate", "git", 1, done=False)


def finished(story: Story, outcome: Outcome, problem: Problem | None = None, *commands: str) -> Story:
    """The end of a run."""
    return story.say(e.Finished(outcome=outcome, problem=problem, commands=commands))


def rolled_back() -> Story:
    """A run that went back."""
    story = rolling_back()
    story.say(e.StepFinished(step=story.steps, kind="recreate", subject="git", seconds=3.0))
    for service in LEGACY[:3]:
        story.say(watch(service, "passed", image_id=digest("id" + service.before)))
    story.say(e.RollbackVerified(to=3, services=tuple(service.name for service in LEGACY[:3])))
    return finished(
        story,
        Outcome.ROLLED_BACK,
        read("crash-looping", {"service": "deployment", "restarts": "4", "exit_code": "1"}),
    )


def needs_recovery() -> Story:
    """A run whose rollback failed too."""
    story = rolling_back()
    for service in LEGACY[:3]:
        stopped = service.name == "git"
        story.say(e.InterruptedService(service=service.name, state="stopped" if stopped else "old"))
    return finished(
        story,
        Outcome.NEEDS_RECOVERY,
        read("rollback-failed", {"reason": "port-taken", "port": "9000/tcp", "by": "other"}),
        "ws9tui recover websoft9 --back",
        "docker compose -p websoft9 -f /var/lib/ws9tui/projects/websoft9/generations/3/files/docker-compose.yml up -d",
    )


# --- pulls ---------------------------------------------------------------------------------------------------------


def pulling() -> Story:
    """One image is here, one extracts, one downloads."""
    story = selected()
    for service in LEGACY[:3]:
        pull_started(story, service)
    pull_progress(story, LEGACY[0], 0.93, "extracting")
    pull_progress(story, LEGACY[1], 0.31)
    return pull_finished(story, LEGACY[2])


def pull_trouble() -> Story:
    """One stalls, one is tried again, one goes on."""
    story = selected()
    for service in LEGACY[:3]:
        pull_started(story, service)
        pull_progress(story, service, 0.42)
    busy = read("registry-server-error", {"registry": "docker.io", "reason": "503 Service Unavailable"})
    return story.say(
        e.PullStalled(reference=LEGACY[0].after, seconds=45.0),
        e.PullRetried(reference=LEGACY[1].after, attempt=2, wait=8.0, problem=busy),
    )


def pull_failed() -> Story:
    """One image cannot be had, and it is asked what now."""
    story = selected()
    for service in LEGACY[:3]:
        pull_started(story, service)
        pull_progress(story, service, 0.42)
    pull_finished(story, LEGACY[0])
    pull_finished(story, LEGACY[2])
    limit = read(
        "rate-limited", {"registry": "docker.io", "reference": LEGACY[1].after, "retry_after": "21600", "login": ""}
    )
    story.say(e.PullFailed(reference=LEGACY[1].after, problem=limit))
    return story.ask(Question.PULL_FAILED, Choice.RETRY, Choice.CANCEL)


# --- what is unpleasant to show -------------------------------------------------------------------------------------

_NAMES = (
    "web",
    "worker-for-background-jobs-and-mail",
    "database",
    "redis",
    "搜索引擎-elasticsearch",
    "minio",
    "collabora-online-development-edition",
    "cron",
    "imaginary",
    "clamav",
    "backup",
    "notify_push",
)
TWELVE = tuple(
    Service(
        name,
        f"registry.internal.example.com:5000/department-of-records/{name if name.isascii() else 'elasticsearch'}",
        f"{n}.14.{n * 3}",
        f"{n}.15.0-alpine3.21" if n % 4 else f"{n}.14.{n * 3}",
        40.0 + 35 * n,
    )
    for n, name in enumerate(_NAMES, 1)
)
EVIL = "\x1b[2J\x1b[31m[/red][bold]owned\x1b]0;title\x07\u202e"


def images_mixed() -> Story:
    """Every status that a service can have."""
    services = [
        (view(LEGACY[0]), answer(LEGACY[0])),
        (view(LEGACY[1], health="healthy"), answer(LEGACY[3])),
        (view(LEGACY[3], health="unhealthy"), answer(LEGACY[3])),
    ]
    story = begun()
    for found, _ in services:
        story.say(e.ServiceObserved(service=found))
    limited = read("unauthorized", {"registry": "ghcr.io", "reference": "ghcr.io/acme/portal:5", "login": "ghcr.io"})
    named = [
        ("portal", "ghcr.io/acme/portal:5", Availability.UNKNOWN, limited, True),
        ("builder", "", Availability.BUILT, read("has-build", {"service": "builder"}), False),
        (
            "database",
            f"postgres:17.2@{digest('pg')}",
            Availability.PINNED,
            read("pinned", {"reference": f"postgres:17.2@{digest('pg')}"}),
            True,
        ),
        ("mailer", "acme/mailer:3", Availability.CHANGED, read("definition-changed", {"service": "mailer"}), True),
        ("cron", "acme/cron:1.4", Availability.NOT_RUNNING, read("not-running", {"service": "cron"}), True),
    ]
    for name, reference, availability, problem, selectable in named:
        state = "" if availability is Availability.NOT_RUNNING else "running"
        story.say(
            e.ServiceObserved(
                service=ServiceView(
                    name=name,
                    reference=Reference(reference),
                    running_reference=Reference(reference if state else ""),
                    image_id=digest(name),
                    digest=digest(name),
                    created_at="2026-01-05T00:00:00Z",
                    state=state,
                    availability=availability,
                    problem=problem,
                    selectable=selectable,
                )
            )
        )
    story.say(answer(LEGACY[0]), answer(LEGACY[3]))
    story.say(
        e.ReferenceResolved(
            service="deployment",
            reference=Reference(LEGACY[1].before),
            digest=digest(LEGACY[1].before),
            availability=Availability.CURRENT,
            version=LEGACY[1].old,
        ),
        e.NewerFound(service="deployment", reference=Reference(LEGACY[1].before), tags=("2.39.1", "2.40.0"), count=2),
    )
    return story.ask(Question.SELECT, Choice.GO, Choice.CHECK, Choice.GO_BACK, Choice.CANCEL)


def asking_registries() -> Story:
    """The services are known, the registries have not all answered."""
    story = begun()
    for service in LEGACY:
        story.say(e.ServiceObserved(service=view(service)))
    return story.say(answer(LEGACY[0]))


def twelve_pulling() -> Story:
    """Many pulls with long names at once."""
    story = selected(TWELVE)
    changing = [service for service in TWELVE if service.changes]
    for n, service in enumerate(changing):
        pull_started(story, service)
        pull_progress(story, service, min(0.08 * (n + 1), 0.9), "extracting" if n > 7 else "downloading")
    return pull_finished(story, changing[3])


def hostile() -> Story:
    """Names, answers and log lines that would like to be obeyed."""
    service = Service("web", "evil/web", "1.0", "2.0")
    story = begun(name="shop")
    story.say(
        e.ServiceObserved(service=view(service, version=f"1.0{EVIL}")),
        e.ReferenceResolved(
            service="web",
            reference=Reference(service.after),
            availability=Availability.UNKNOWN,
            problem=read("pull-failed", {"reference": service.after, "reason": f"no {EVIL} luck"}),
        ),
        e.Found(finding=Finding(Level.WARNING, read("unheard-of", {"what": EVIL}), f"web{EVIL}")),
    )
    return story.ask(Question.SELECT, Choice.GO, Choice.CHECK, Choice.GO_BACK, Choice.CANCEL)


def hostile_logs() -> Story:
    """A failed service whose log is full of escapes and wide characters."""
    story = recreated()
    for text in (EVIL, "错误: 数据库连接失败 " * 12, "\x1b]8;;http://x\x07link\x1b]8;;\x07", "[/not] [a] tag"):
        story.say(e.LogLine(service="apphub", line=text))
    failed = read("unhealthy", {"service": "apphub", "output": f"curl: (7) {EVIL} refused"})
    story.say(watch(LEGACY[0], "failed", failed, health="unhealthy"))
    return story.ask(Question.FAILED, Choice.ROLL_BACK, Choice.KEEP, Choice.HOLD, seconds=120.0)


def versions_bad() -> Story:
    """Warnings, and one finding that stops the update."""
    story = pulled()
    says = {"found": "2.33.3", "expected": "2.40.0", "source": "tag", "label": "2.33.3", "tag": "2.40.0"}
    arm = read("platform-wrong", {"platform": "linux/arm64", "engine": "linux/amd64"})
    user = read("user-changed", {"old": "", "new": "1000"})
    story.say(
        version(LEGACY[0]),
        version(
            LEGACY[1], Finding(Level.WARNING, read("version-label-unreliable", says), "deployment"), found="2.33.3"
        ),
        version(
            LEGACY[2],
            Finding(Level.BLOCKING, arm, "git"),
            Finding(Level.WARNING, user, "git"),
        ),
    )
    return story


def versions_refused() -> Story:
    """The same at its end."""
    return finished(
        versions_bad(),
        Outcome.REFUSED,
        read("platform-wrong", {"platform": "linux/arm64", "engine": "linux/amd64"}),
    )


def versions_warned() -> Story:
    """One warning, and the question whether to go on."""
    story = pulled()
    says = {"found": "2.33.3", "expected": "2.40.0", "label": "2.33.3", "tag": "2.40.0"}
    story.say(
        version(LEGACY[0]),
        version(
            LEGACY[1], Finding(Level.WARNING, read("version-label-unreliable", says), "deployment"), found="2.33.3"
        ),
        version(LEGACY[2]),
    )
    return story.ask(Question.VERSIONS, Choice.GO, Choice.CANCEL)


def interrupted() -> Story:
    """An earlier run died in the middle of its commit."""
    story = begun(Verb.RECOVER)
    story.say(
        e.RunInterrupted(
            run=6,
            started_at="2026-08-19T22:14:00Z",
            actor=ROOT,
            before=3,
            after=4,
            done=(
                "write /data/websoft9/source/docker/.env",
                f"tag {LEGACY[0].after}",
                f"tag {LEGACY[1].after}",
                "recreate git",
            ),
            undone=("recreate deployment", "recreate apphub"),
            recommended=Choice.BACK,
            path="/var/lib/ws9tui/runs/20260819-221400-ab12cd",
        ),
        e.InterruptedService(service="git", state="new", detail="running 1.25.5"),
        e.InterruptedService(service="deployment", state="twin", detail="a1b2c3d4e5f6_websoft9-deployment"),
        e.InterruptedService(service="apphub", state="old", detail="running 0.2.6"),
        e.InterruptedService(service="proxy", state="old", detail="running 2.12.7"),
    )
    return story.ask(Question.RECOVER, Choice.BACK, Choice.FORWARD, Choice.LEAVE, Choice.GO_BACK, Choice.CANCEL)


def merging() -> Story:
    """A release whose files and the installation's cannot be put together without asking."""
    folder = "/data/websoft9/source/docker"
    compose, env = f"{folder}/docker-compose.yml", f"{folder}/.env"
    return (
        begun()
        .say(
            e.ReleaseFound(
                version="2.2.17", channel="release", source="/root/websoft9-2.2.17.zip", verified=True, running="2.2.9"
            ),
            e.MergeProposed(
                version="2.2.17",
                keys=(
                    MergedKey("APPHUB_VERSION", "moved"),
                    MergedKey("DEPLOYMENT_VERSION", "moved"),
                    MergedKey("CONSOLE_PORT", "kept"),
                    MergedKey("PROXY_TIMEOUT", "added"),
                ),
                conflicts=(
                    MergeConflict(
                        compose,
                        compose,
                        1,
                        ("merged", "release", "mine", "override"),
                        "merged",
                        lines=(
                            "@@ -14,2 +14,3 @@",
                            "-    mem_limit: 512m",
                            "+    logging:",
                            "+      driver: json-file",
                        ),
                    ),
                    MergeConflict("APP_HTTP_GATEWAY", env, 9, ("mine", "release"), "mine", "8080", "8000", before="80"),
                    MergeConflict("ADMIN_PASSWORD", env, 14, ("mine", "release"), "mine", secret=True),
                ),
            ),
        )
        .ask(Question.MERGE, Choice.GO, Choice.CANCEL)
    )


def generations() -> Story:
    """Upstream's script was run half-way, and it is chosen what is to run again."""
    story = begun(Verb.ROLLBACK)
    for service in LEGACY:
        story.say(e.ServiceObserved(service=view(service, state="", image_id="", version="", running_reference="")))
    folder = "/data/websoft9/source/docker"
    old = {service.name: service.old for service in LEGACY}
    new = {service.name: service.new for service in LEGACY}
    gone = tuple(
        Difference(service.name, read("container-missing", {"service": service.name})) for service in LEGACY[1:]
    )
    env = Difference(
        f"{folder}/.env",
        read("file-changed", {"file": f"{folder}/.env"}),
        file=True,
        keys=("APPHUB_VERSION", "DEPLOYMENT_VERSION", "CONSOLE_PORT"),
    )
    file = f"{folder}/docker-compose.yml"
    compose = Difference(file, read("file-missing", {"file": file}), file=True)
    image = {"old": digest("a"), "new": digest("b"), "old_version": "0.2.8", "new_version": "0.2.6"}
    changed = Difference("apphub", read("image-changed", image))
    silent = read("registry-silent", {"registry": "docker.io", "seconds": "15"})
    lost = {"image": "websoft9dev/apphub:0.2.5", "service": "apphub", "number": "1"}
    found = (
        e.GenerationFound(
            number=1,
            created_at="2026-02-11T09:30:00Z",
            version="2.2.8",
            services=old | {"apphub": "0.2.5"},
            reach=Reach.GONE,
            problem=read("keep-tag-missing", lost),
            differences=(changed, *gone, env),
        ),
        e.GenerationFound(
            number=2,
            created_at="2026-05-02T21:05:00Z",
            services=old | {"git": "1.24.6"},
            reach=Reach.UNKNOWN,
            problem=silent,
            pulls=(f"websoft9dev/git@{digest('git')}",),
            differences=(changed, *gone, env),
        ),
        e.GenerationFound(
            number=3,
            created_at="2026-08-01T20:15:00Z",
            version="2.2.9",
            services=old,
            differences=(changed, *gone, env, compose),
        ),
        e.GenerationFound(
            number=4, created_at="2026-08-20T01:40:00Z", services=new, proven=False, differences=(*gone, env, compose)
        ),
    )
    story.say(*found)
    options = tuple(str(entry.number) for entry in found)
    return story.ask(Question.GENERATION, Choice.GO, Choice.CANCEL, options=options)


def choosing_project() -> Story:
    """More than one project was found."""
    story = Story()
    story.say(*begun().events[:3])
    names = ("websoft9", "wordpress_a1b2c", "nextcloud_x9y8z", "gitlab_q1w2e")
    return story.ask(Question.PROJECT, Choice.GO, Choice.CANCEL, options=names)


def no_engine() -> Story:
    """The engine could not be reached."""
    story = Story()
    story.say(*begun().events[:2])
    return finished(
        story,
        Outcome.UNCHANGED,
        read("engine-permission", {"host": "unix:///var/run/docker.sock", "user": "deploy"}),
    )


def starting() -> Story:
    """The worker looks for the engine."""
    story = Story()
    return story.say(*begun().events[:2])


def nothing_to_do() -> Story:
    """All images are what the registry has, but for one that could not be checked."""
    services = tuple(msgspec.structs.replace(service, new=service.old) for service in LEGACY)
    story = begun()
    for service in services:
        story.say(e.ServiceObserved(service=view(service, proposed=True)))
    for service in services[1:]:
        story.say(answer(service), newer(service))
    down = read("registry-unreachable", {"registry": "docker.io", "reason": "connection timed out"})
    story.say(
        e.ReferenceResolved(
            service="apphub", reference=Reference(LEGACY[0].before), availability=Availability.UNKNOWN, problem=down
        )
    )
    return story.ask(Question.SELECT, Choice.GO, Choice.CHECK, Choice.GO_BACK, Choice.CANCEL)


def installing() -> Story:
    """A first installation: nothing runs yet."""
    story = begun(Verb.INSTALL)
    for service in LEGACY:
        nothing = view(service, state="", running_reference="", image_id="", digest="", version="", created_at="")
        story.say(
            e.ServiceObserved(
                service=msgspec.structs.replace(
                    nothing, proposed=True, availability=Availability.NOT_RUNNING, problem=read("not-there", {})
                )
            )
        )
    for service in LEGACY:
        story.say(
            msgspec.structs.replace(
                answer(service), availability=Availability.NOT_RUNNING, problem=read("not-there", {})
            )
        )
    return story.ask(Question.SELECT, Choice.GO, Choice.CHECK, Choice.CANCEL)


FORM = (
    InstallField("source", "websoft9", "websoft9", "source"),
    InstallField("channel", "release", "release", "choice", ("release", "rc", "dev")),
    InstallField("version", ""),
)
RELEASE_FORM = (
    *FORM,
    InstallField("folder", "/data/websoft9/source/docker", "/data/websoft9/source/docker", "folder"),
    InstallField("project", "websoft9", "websoft9"),
    InstallField("APP_HTTP_GATEWAY", "80", "80", "port"),
    InstallField("APP_HTTPS_GATEWAY", "443", "443", "port"),
    InstallField("CONSOLE_PORT", "9090", "9000", "port"),
)


def without_project() -> Story:
    """A wizard on a machine on which there is no project."""
    story = Story()
    story.say(*begun().events[:3])
    return story.say(e.InstallChecked(fields=FORM)).ask(Question.INSTALL, Choice.GO, Choice.CHECK, Choice.CANCEL)


def install_known(*, taken: bool = False) -> Story:
    """The source of an install is known; a port may be taken."""
    story = without_project().say(e.InstallChecked(fields=FORM, looking=True))
    fields = list(RELEASE_FORM)
    if taken:
        by = read("port-taken", {"port": "80/tcp", "by": "my-websoft9-thing"})
        fields[5] = msgspec.structs.replace(fields[5], problem=by)
    story.say(e.InstallChecked(fields=tuple(fields), known=True, version="2.2.17"))
    return story.ask(Question.INSTALL, Choice.GO, Choice.CHECK, Choice.CANCEL)


def installed() -> Story:
    """A first installation that was kept."""
    story = well().decided(Question.OUTCOME, Choice.KEEP)
    settings = {field.name: field.value for field in RELEASE_FORM[5:]}
    story.say(e.InstallSettled(source="websoft9", version="2.2.17", project="websoft9", settings=settings))
    return finished(story, Outcome.KEPT)


def images_with_releases() -> Story:
    """An installation of a product that has releases."""
    return (
        looked()
        .decided(Question.SELECT, Choice.CHECK)
        .ask(Question.SELECT, Choice.GO, Choice.CHECK, Choice.GO_BACK, Choice.RELEASE, Choice.CANCEL)
    )


def install_taken_back() -> Story:
    """A first installation that did not get well, after its way back."""
    story = gate_failed().decided(Question.FAILED, Choice.ROLL_BACK)
    story.say(e.RollbackStarted(to=0))
    for service in LEGACY[:3]:
        story.step("remove", service.name, 1)
    story.say(e.RollbackVerified(to=0))
    return finished(story, Outcome.ROLLED_BACK)


def port_taken() -> Story:
    """Compose could not start a container."""
    story = committing()
    story.steps += 1
    problem = read("compose-failed", {"command": "up", "status": "1", "reason": "Bind for 0.0.0.0:80 failed"})
    story.say(
        e.StepStarted(step=story.steps, kind="recreate", subject="deployment, git", wave=1),
        e.ContainerStep(service="git", container="websoft9-git", text="Starting"),
        e.StepFinished(step=story.steps, kind="recreate", subject="deployment, git", seconds=1.2, problem=problem),
        after=0.4,
    )
    return story.ask(Question.FAILED, Choice.ROLL_BACK, Choice.HOLD, seconds=120.0)


RECORDINGS: dict[str, Callable[[], Story]] = {
    "starting": starting,
    "project": choosing_project,
    "no-engine": no_engine,
    "asking": asking_registries,
    "images": looked,
    "images-mixed": images_mixed,
    "images-twelve": lambda: looked(TWELVE),
    "nothing-to-do": nothing_to_do,
    "install": installing,
    "no-project": without_project,
    "install-form": install_known,
    "install-taken": lambda: install_known(taken=True),
    "installed": installed,
    "images-releases": images_with_releases,
    "hostile": hostile,
    "pull": pulling,
    "pull-trouble": pull_trouble,
    "pull-failed": pull_failed,
    "pull-twelve": twelve_pulling,
    "cancelled": lambda: finished(pulling(), Outcome.CANCELLED, read("cancelled", {})),
    "versions": checked,
    "versions-warned": versions_warned,
    "versions-refused": versions_refused,
    "confirm": planned,
    "confirm-twelve": lambda: planned(TWELVE),
    "committing": lambda: committing().step("recreate", "deployment", 1, done=False),
    "watching": recreated,
    "watching-twelve": lambda: recreated(TWELVE),
    "keep": well,
    "keep-twelve": lambda: well(TWELVE),
    "failed": gate_failed,
    "port-taken": port_taken,
    "hostile-logs": hostile_logs,
    "install-taken-back": install_taken_back,
    "rolling-back": rolling_back,
    "rolled-back": rolled_back,
    "needs-recovery": needs_recovery,
    "kept": lambda: finished(well().decided(Question.OUTCOME, Choice.KEEP), Outcome.KEPT),
    "recovery": interrupted,
    "generations": generations,
    "merging": merging,
}


def write(story: Story, folder: Path) -> Path:
    """Makes a run's folder of a story."""
    folder.mkdir(parents=True, exist_ok=True)
    journal = Journal(folder)
    for event in story.events:
        journal.append(event, sync=False)
    journal.close()
    return folder


def now(story: Story, seconds: float = 1.0) -> datetime:
    """The time at which a story is looked at: a moment after its last event."""
    return story.time + timedelta(seconds=seconds)
