"""The health gate: whether a recreated service is healthy, judged from what the engine reports over time.

Pure: observations and monotonic seconds go in, verdicts come out. With a health check a service must become healthy
before a deadline that follows from the check's own settings, and stay healthy for a while; 'unhealthy' before that is
no failure. Without a health check it must run for a whole window without a restart or a new start. A one-shot must end
with exit status 0.
"""

from __future__ import annotations

from enum import StrEnum
from math import ceil

import msgspec

from ws9tui.core.model.observed import Container, Healthcheck
from ws9tui.problems import reasons_files
from ws9tui.problems.plan import NoHealthcheck
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import (
    CrashLooping,
    Exited,
    GateTimeout,
    Healthy,
    NotStarted,
    OneShotDone,
    Unhealthy,
    WaitingHealthy,
    WaitingOneShot,
    WaitingStart,
    WaitingWindow,
)

SHORTEST_DEADLINE = 60.0
"""seconds that a health check has at least"""
ONE_SHOT_DEADLINE = 600.0
"""seconds that a one-shot has to complete"""
RESTARTS = 3
"""restarts after which a service counts as crash-looping; one or two may be a dependency that was not ready yet"""


class Verdict(StrEnum):
    """The gate's verdict on a service."""

    WAITING = "waiting"
    PASSED = "passed"
    FAILED = "failed"
    AS_BEFORE = "as-before"
    """not healthy, but no worse than before the update"""


class Judgement(msgspec.Struct, frozen=True):
    """A verdict with its reason, and the seconds until it can be final."""

    verdict: Verdict
    problem: Problem
    remaining: float = 0.0


class Judge:
    """Judges one container of one service; times are monotonic seconds."""

    def __init__(self, service: str, *, one_shot: bool, monitor: float, since: float, fresh: bool) -> None:
        self.service = service
        self._one_shot = one_shot
        self._monitor = monitor
        self._began = since
        self._stable_since = since
        self._started_at = ""
        self._restarts: int | None = 0 if fresh else None
        """restarts that do not count: an existing container's earlier ones, and those before the gate passed"""
        self._exit_code = 0
        self._passed = False

    def see(self, container: Container | None, now: float) -> Judgement:
        """Records an observation and returns the verdict after it."""
        if container is None:
            return _failed(NotStarted(service=self.service, reason=reasons_files.NoContainer()))
        self._exit_code = container.exit_code or self._exit_code
        if self._restarts is None:
            self._restarts = container.restart_count
        elif container.started_at and container.started_at != self._started_at:
            self._stable_since = now
        self._started_at = container.started_at
        self._restarts = min(self._restarts, container.restart_count)  # a restart by hand sets the engine's count to 0
        judgement = self._judge(container, now)
        if judgement.verdict is Verdict.PASSED and not self._passed:
            self._passed = True
            self._restarts = container.restart_count
        return judgement

    def excuse(self, seconds: float) -> None:
        """Excludes engine downtime from the deadlines."""
        self._began += seconds
        self._stable_since += seconds

    def deadline(self, container: Container | None) -> float:
        """Returns the seconds from the beginning within which a verdict must be reached."""
        if self._one_shot:
            return max(ONE_SHOT_DEADLINE, self._monitor)
        if container is not None and container.healthcheck is not None:
            return max(SHORTEST_DEADLINE, self._monitor, longest_wait(container.healthcheck))
        return max(SHORTEST_DEADLINE, 3 * self._monitor)

    def _judge(self, container: Container, now: float) -> Judgement:
        left = self.deadline(container) - (now - self._began)
        restarts = container.restart_count - (self._restarts or 0)
        if restarts >= RESTARTS or (restarts and self._passed):
            return _failed(CrashLooping(service=self.service, restarts=restarts, exit_code=self._exit_code))
        if container.state in ("exited", "dead"):
            return self._ended(container, left)
        if container.state == "created" and container.error:
            return _failed(NotStarted(service=self.service, reason=container.error))
        if left <= 0 and not self._passed and container.health != "healthy":
            return self._too_late(container)
        if container.state != "running":
            return _waiting(WaitingStart(service=self.service, state=container.state), left)
        if self._one_shot:
            return _waiting(WaitingOneShot(service=self.service, seconds=round(left)), left)
        remaining = self._monitor - (now - self._stable_since)
        if container.healthcheck is not None:
            return self._health(container, left, remaining)
        if remaining > 0:
            return _waiting(WaitingWindow(service=self.service, seconds=ceil(remaining)), remaining)
        return Judgement(Verdict.PASSED, NoHealthcheck(seconds=round(now - self._stable_since)))

    def _ended(self, container: Container, left: float) -> Judgement:
        if self._one_shot and container.exit_code == 0:
            return Judgement(Verdict.PASSED, OneShotDone())
        exhausted = 0 < container.restart_limit <= container.restart_count
        revived = container.restart_policy in ("always", "unless-stopped") or (
            container.restart_policy == "on-failure" and container.exit_code != 0 and not exhausted
        )
        if revived and container.state == "exited" and left > 0:
            return _waiting(WaitingStart(service=self.service, state="restarting"), left)
        return _failed(Exited(service=self.service, exit_code=container.exit_code))

    def _health(self, container: Container, left: float, stay: float) -> Judgement:
        if container.health == "healthy":
            if stay > 0 and not self._passed:
                return _waiting(WaitingWindow(service=self.service, seconds=ceil(stay)), stay)
            return Judgement(Verdict.PASSED, Healthy())
        if self._passed and container.health == "unhealthy":
            return _failed(Unhealthy(service=self.service, output=container.health_output))
        return _waiting(WaitingHealthy(service=self.service, seconds=round(left), health=container.health), left)

    def _too_late(self, container: Container) -> Judgement:
        if container.health == "unhealthy":
            return _failed(Unhealthy(service=self.service, output=container.health_output))
        return _failed(
            GateTimeout(service=self.service, seconds=round(self.deadline(container)), state=container.state)
        )


def _waiting(problem: Problem, remaining: float) -> Judgement:
    return Judgement(Verdict.WAITING, problem, max(remaining, 0.0))


def _failed(problem: Problem) -> Judgement:
    return Judgement(Verdict.FAILED, problem)


def longest_wait(check: Healthcheck) -> float:
    """Returns the seconds after which a container is healthy if it ever becomes so, by its check's own settings."""
    return check.start_period + (check.interval + check.timeout) * (check.retries + 1)


def dependency_met(condition: str, container: Container | None) -> bool:
    """Whether a `depends_on` condition holds, for the wave that waits for it."""
    if container is None:
        return False
    match condition:
        case "service_completed_successfully":
            return container.state == "exited" and container.exit_code == 0
        case "service_healthy" if container.healthcheck is not None:
            return container.health == "healthy"
        case _:  # started: one that has completed by now was started, too
            return container.state == "running" or (container.state == "exited" and container.exit_code == 0)
