"""Watches services after they were touched: polls the engine, judges their health, and reports changes.

It polls with its own deadlines instead of Compose's `--wait`, which gives up on a transient 'unhealthy' and on
one-shots (Compose issues 12424, 10596).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import msgspec

from ws9tui.core.commit.acceptance import Acceptance
from ws9tui.core.images.pull import Emit
from ws9tui.core.inspect import condition, urls
from ws9tui.core.inspect.gate import Judge, Judgement, Verdict
from ws9tui.core.inspect.survey import containers_of
from ws9tui.core.journal import events as e
from ws9tui.core.model import version
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.durations import unix_time
from ws9tui.core.model.observed import Container, Image
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.ports import Engine
from ws9tui.errors import EngineError
from ws9tui.problems import reasons, reasons_files
from ws9tui.problems.acceptance import CheckFailed
from ws9tui.problems.image import VersionCommandDiffers, VersionCommandEndless
from ws9tui.problems.plan import SomebodyElse
from ws9tui.problems.problem import Problem, Reason
from ws9tui.problems.run import CrashLooping, Exited, ProbeFailed

POLL_EVERY = 0.5
"""seconds between two polls"""
ENGINE_PATIENCE = 300.0
"""seconds that an engine may be unreachable, as during its restart"""
ANSWER_PATIENCE = 30.0
"""seconds during which an engine may answer with errors"""
_LOG_TAIL = 8
_LOG_WIDTH = 500
_LOG_BUDGET = 2000
"""log lines per service that a run's journal takes, so that a verbose service cannot fill the disk"""
_PROBE_SECONDS = 5.0
_COMMAND_SECONDS = 30.0
"""seconds that a version command may take"""
_CLOCKS_APART = 1.0
"""seconds by which an engine on this machine may seem ahead because of rounding"""


class Rule(msgspec.Struct, frozen=True):
    """The conditions under which a service is healthy."""

    service: str
    image: Image = Image("")
    """the image that each replica must run; without an ID any image will do"""
    replicas: int = 1
    """the required number of containers"""
    was: str = ""
    """the service's problem before the update, as `condition` names it"""
    one_shot: bool = False
    fresh: bool = True
    """this run created its container, so every restart counts"""
    monitor: float = 0.0
    """seconds that the service must stay healthy"""
    expect: str = ""
    version_command: tuple[str, ...] = ()
    probe: str = ""
    probe_as_written: str = ""
    checks: tuple[AcceptanceCheck, ...] = ()
    """acceptance checks of the product that the service is part of"""


class LastLook(msgspec.Struct, frozen=True):
    """The latest observation of a service, and its verdict."""

    container: Container | None
    judgement: Judgement


class Watch:
    """Watches the services of one project that `add` registered."""

    def __init__(self, engine: Engine, project: str, emit: Emit) -> None:
        self._engine = engine
        self._project = project
        self._emit = emit
        self._rules: dict[str, Rule] = {}
        self._since: dict[str, float] = {}
        self._judges: dict[str, Judge] = {}
        self._extra: dict[str, Judgement] = {}
        self._proven: set[str] = set()
        """service/container keys of containers that reported the expected version"""
        self._acceptance = Acceptance(engine, emit)
        self._present: Mapping[str, Sequence[Container]] = {}
        """service → its containers, as of the latest observation"""
        self._told: dict[str, e.ServiceWatched] = {}
        self._tails: dict[str, list[str]] = {}
        self._written: dict[str, int] = {}
        self.recreating: dict[str, tuple[float, float]] = {}
        """service → Unix time and monotonic seconds at which Compose reported the recreate of its container"""
        self.seen: dict[str, LastLook] = {}

    def add(self, rule: Rule) -> None:
        """Starts to watch a service, or starts over with it."""
        self._rules[rule.service] = rule
        self._since[rule.service] = asyncio.get_running_loop().time()
        self.seen.pop(rule.service, None)
        self._judges = {key: judge for key, judge in self._judges.items() if judge.service != rule.service}
        self._extra = {key: said for key, said in self._extra.items() if key.rpartition("/")[0] != rule.service}
        self._proven = {key for key in self._proven if key.rpartition("/")[0] != rule.service}
        self._acceptance.forget(rule.service)

    def watches(self, service: str) -> bool:
        """Whether a service is watched."""
        return service in self._rules

    def failed(self) -> Problem | None:
        """Returns why a watched service has failed; None if none has."""
        return next((s.judgement.problem for s in self.seen.values() if s.judgement.verdict is Verdict.FAILED), None)

    def ended(self, service: str = "") -> CrashLooping | Exited | None:
        """Returns why a watched service, or this one, has exited or is crash-looping: often a later failure's cause."""
        for name, seen in self.seen.items():
            container, judgement = seen.container, seen.judgement
            well = judgement.verdict in (Verdict.PASSED, Verdict.AS_BEFORE)
            if service not in ("", name) or container is None or well:
                continue
            if container.restart_count:
                restarts, exit_code = container.restart_count, container.exit_code
                return CrashLooping(service=name, restarts=restarts, exit_code=exit_code)
            if isinstance(judgement.problem, Exited):
                return judgement.problem
        return None

    def failed_services(self) -> list[str]:
        """Returns the watched services that have failed."""
        return [name for name, s in self.seen.items() if s.judgement.verdict is Verdict.FAILED]

    def passed(self) -> bool:
        """Whether all watched services are healthy, or no worse than before."""
        return all(
            name in self.seen and self.seen[name].judgement.verdict in (Verdict.PASSED, Verdict.AS_BEFORE)
            for name in self._rules
        )

    def was_unwell(self, service: str) -> bool:
        """Whether a watched service was unhealthy before the update."""
        return bool(self._rules[service].was)

    def runs_as_before(self, service: str) -> bool:
        """Whether a service was unhealthy before the update and has a container: nothing better is expected."""
        seen = self.seen.get(service)
        return self.was_unwell(service) and seen is not None and seen.container is not None

    def judged(self) -> bool:
        """Whether there is a verdict on every watched service."""
        return all(
            name in self.seen and self.seen[name].judgement.verdict is not Verdict.WAITING for name in self._rules
        )

    def remaining(self) -> float:
        """Returns the seconds until the last verdict at the latest."""
        return max((s.judgement.remaining for s in self.seen.values()), default=0.0)

    async def gate(self, services: tuple[str, ...], over: Callable[[], bool] = lambda: False) -> Problem | None:
        """Watches until all services are healthy, one has failed, or ``over`` holds; returns why one has failed."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        with suppress(EngineError):  # the look is repeated, with patience
            await self.look()
        self._emit(e.WatchStarted(services=services, seconds=round(self.remaining())))
        await self.until(lambda: self.failed() is not None or self.passed() or over())
        problem = self.failed()
        if problem is None and not over():
            as_before = (name for name, seen in self.seen.items() if seen.judgement.verdict is Verdict.AS_BEFORE)
            self._emit(e.GatePassed(seconds=round(loop.time() - began, 1), as_before=tuple(as_before)))
        return problem

    async def until(self, done: Callable[[], bool]) -> None:
        """Polls until a condition holds; waits for an unreachable engine, within limits.

        Raises `EngineError` if the engine stays unreachable or keeps answering with errors.
        """
        loop = asyncio.get_running_loop()
        away_since: float | None = None
        excused = 0.0
        while True:
            if away_since is not None:
                self._excuse(loop.time() - excused)
                excused = loop.time()
            try:
                await self.look()
                away_since = None
            except EngineError as error:
                now = loop.time()
                if away_since is None:
                    away_since = excused = now
                    self._emit(e.Found(finding=Finding(Level.WARNING, error.problem)))
                if now - away_since > (ENGINE_PATIENCE if error.away else ANSWER_PATIENCE):
                    raise
            if away_since is None and done():
                return
            await asyncio.sleep(POLL_EVERY)

    def _excuse(self, seconds: float) -> None:
        """Excludes engine downtime from the deadlines of all services."""
        for judge in self._judges.values():
            judge.excuse(seconds)
        self._since = {service: since + seconds for service, since in self._since.items()}

    async def look(self) -> None:
        """Observes all watched services once."""
        containers = self._present = await containers_of(self._engine, self._project)
        for name, rule in self._rules.items():
            await self._look_at(rule, [c for c in containers.get(name, []) if not c.twin])

    async def _look_at(self, rule: Rule, containers: list[Container]) -> None:
        now = asyncio.get_running_loop().time()
        missing = [None] if len(containers) < rule.replicas else []
        candidates: list[Container | None] = [*containers, *missing] or [None]
        verdicts = [(await self._verdict(rule, container, now), container) for container in candidates]
        order = (Verdict.FAILED, Verdict.WAITING, Verdict.AS_BEFORE, Verdict.PASSED)
        judgement, container = min(verdicts, key=lambda entry: order.index(entry[0].verdict))
        self.seen[rule.service] = LastLook(container, judgement)
        self._tell(rule, container, judgement)
        if container is not None:
            await self._tail(rule.service, container)

    async def _verdict(self, rule: Rule, container: Container | None, now: float) -> Judgement:
        """Returns the verdict on one replica, relative to the service's state before the update."""
        judgement = await self._judged(rule, container, now)
        if judgement.verdict is Verdict.FAILED and condition.no_worse(rule.was, judgement.problem):
            return msgspec.structs.replace(judgement, verdict=Verdict.AS_BEFORE)
        return judgement

    async def _judged(self, rule: Rule, container: Container | None, now: float) -> Judgement:
        judgement = self._judge(rule, container.id if container else "").see(container, now)
        if container is not None and rule.image.id and not container.runs(rule.image):
            other = SomebodyElse(service=rule.service, detail=reasons_files.RunsOtherImage(container=container.name))
            return Judgement(Verdict.FAILED, other)
        if container is not None and judgement.verdict is Verdict.PASSED and container.running:
            return await self._further(rule, container, judgement, now)
        return judgement

    def _judge(self, rule: Rule, container_id: str) -> Judge:
        key = f"{rule.service}/{container_id}"
        if key not in self._judges:
            self._judges[key] = Judge(
                rule.service,
                one_shot=rule.one_shot,
                monitor=rule.monitor,
                since=self._since[rule.service],
                fresh=rule.fresh,
            )
        return self._judges[key]

    async def _further(self, rule: Rule, container: Container, passed: Judgement, now: float) -> Judgement:
        """Runs the further checks of a passed container: version command, probe and acceptance checks."""
        key = f"{rule.service}/{container.id}"
        known = self._extra.get(key)
        if known is not None and known.verdict is not Verdict.WAITING:
            return known if known.verdict is Verdict.FAILED else passed
        problem: Problem | None = None
        if rule.version_command and rule.expect and key not in self._proven:
            problem = await self._ask_version(rule, container)
            if problem is None:
                self._proven.add(key)
        if problem is None and rule.probe:
            problem = await self._probe(rule)
        if problem is None and rule.checks:
            problem = await self._acceptance.make(key, rule.checks, self._present)
        deadline = self._judge(rule, container.id).deadline(container)
        if isinstance(problem, CheckFailed):
            deadline = max(deadline, self._acceptance.patience(rule.monitor))
        left = deadline - (now - self._since[rule.service])
        if problem is None:
            result = passed
        elif left > 0 and (isinstance(problem, ProbeFailed | CheckFailed) or not await self._runs(container)):
            result = Judgement(Verdict.WAITING, problem, left)
        else:
            result = Judgement(Verdict.FAILED, problem)
        self._extra[key] = result
        return result

    async def _runs(self, container: Container) -> bool:
        """Whether a container was running and could answer; if not, the next observation gives the better reason."""
        found = await self._engine.container(container.id)
        return found is not None and found.state == "running"

    async def _ask_version(self, rule: Rule, container: Container) -> Problem | None:
        status, output = await urls.run(self._engine, container, rule.version_command, _COMMAND_SECONDS)
        if status is None:
            return VersionCommandEndless(service=rule.service, expected=rule.expect, seconds=_COMMAND_SECONDS)
        found = next(iter(output.strip().splitlines()), "")
        said, wanted = version.parse(found.split(" ")[-1]), version.parse(rule.expect)
        if status == 0 and (said.proves(wanted) if said and wanted else found == rule.expect):
            return None
        return VersionCommandDiffers(service=rule.service, expected=rule.expect, found=found, status=status)

    async def _probe(self, rule: Rule) -> Problem | None:
        """Requests the probe URL once; a failure shows the URL without the values of its variables."""
        shown = rule.probe_as_written or rule.probe
        reason: Reason | str = reasons.NotHttp()
        if rule.probe.startswith(("http://", "https://")):
            reason = await self._engine.answers(rule.probe, within=_PROBE_SECONDS)
        if isinstance(reason, str):
            reason = reason.replace(rule.probe, shown)
        return ProbeFailed(service=rule.service, url=shown, reason=reason) if reason else None

    def _tell(self, rule: Rule, container: Container | None, judgement: Judgement) -> None:
        event = e.ServiceWatched(
            service=rule.service,
            container=container.name if container else "",
            image_id=container.image_id if container else "",
            state=container.state if container else "",
            health=container.health if container else "",
            restarts=container.restart_count if container else 0,
            verdict=judgement.verdict,
            problem=judgement.problem,
            remaining=round(judgement.remaining),
            downtime=self._downtime(rule.service, container),
        )
        old = self._told.get(rule.service)
        if old is None or _essence(old) != _essence(event):
            self._told[rule.service] = event
            self._emit(event)

    def _downtime(self, service: str, container: Container | None) -> float | None:
        """Returns the seconds from Compose's 'Recreate' to the new container's start: an upper bound of the downtime.

        None if the clock was changed meanwhile, so that the result is negative or exceeds the elapsed time.
        """
        if service not in self.recreating or container is None or not container.started_at:
            return None
        began, steady = self.recreating[service]
        away = unix_time(container.started_at) - began
        passed = asyncio.get_running_loop().time() - steady
        return round(away, 2) if 0 <= away <= passed + _CLOCKS_APART else None

    async def _tail(self, service: str, container: Container) -> None:
        try:
            text = (await self._engine.logs(container.id, tail=_LOG_TAIL)).decode("utf-8", "replace")
        except EngineError as error:
            if error.away:
                raise
            return  # not every logging driver can be read, and none on a faulty disk
        lines = text.splitlines()
        key = f"{service}/{container.id}"
        for line in _new_lines(self._tails.get(key, []), lines):
            self._written[service] = self._written.get(service, 0) + 1
            if self._written[service] <= _LOG_BUDGET:
                self._emit(e.LogLine(service=service, line=line[:_LOG_WIDTH]))
        self._tails[key] = lines


def _essence(event: e.ServiceWatched) -> tuple[object, ...]:
    """Returns the fields whose change is worth an event; the remaining seconds are not among them."""
    code = event.problem.code if event.problem else ""
    return (event.container, event.image_id, event.state, event.health, event.restarts, event.verdict, code)


def _new_lines(old: list[str], new: list[str]) -> list[str]:
    """Returns the lines of a log's tail that were not in the previous tail."""
    for overlap in range(min(len(old), len(new)), 0, -1):
        if old[-overlap:] == new[:overlap]:
            return new[overlap:]
    return new
