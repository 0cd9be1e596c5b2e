"""The condition of a service before the run: working, stopped on purpose, completed or failed.

Pure. It is shown before an update, and the update is judged against it: a service that was unhealthy before does not
cause a rollback unless it is worse afterwards.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from ws9tui.core.inspect.gate import RESTARTS
from ws9tui.core.model.durations import unix_time
from ws9tui.core.model.observed import Container, EngineInfo
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import WasCrashLooping, WasFailed, WasUnhealthy

_LATELY = 600.0
"""seconds within which a start belongs to a crash loop: the engine waits at most a minute between two"""

Unwell = WasUnhealthy | WasCrashLooping | WasFailed
WORSE = ("was-unhealthy", "was-crash-looping", "was-failed")
"""conditions of a service before an update, from bad to worse"""
_READABLE = ("json-file", "local", "journald")
_COPIES_LOGS = (1, 41)
_RANKS = {
    **dict.fromkeys(("unhealthy", "gate-timeout", "probe-failed", "check-failed"), 0),
    "crash-looping": 1,
    **dict.fromkeys(("exited", "not-started"), 2),
}
"""problem codes of the gate → index of the equivalent condition in `WORSE`"""


def failed(container: Container) -> bool:
    """Whether a container that should run ended by itself, or could not be started.

    Only if the operator cannot have stopped it: with a restart policy the engine leaves a container ended only if it
    was stopped, or if its attempts are used up; without a policy an exit status proves nothing.
    """
    if container.state == "dead" or container.oom_killed:
        return not container.running
    if container.state in ("created", "exited") and container.error:
        return True
    exhausted = 0 < container.restart_limit <= container.restart_count
    return container.state == "exited" and container.exit_code != 0 and exhausted


def unwell(services: Iterable[str], containers: Mapping[str, Sequence[Container]], info: EngineInfo) -> list[Unwell]:
    """Returns what is wrong with these services before the update; of each service the worst replica's problem."""
    now = unix_time(info.time) or time.time()
    found: list[Unwell] = []
    for service in services:
        problems = [
            problem
            for container in containers.get(service, ())
            if not container.twin and (problem := _unwell(service, container, now)) is not None
        ]
        found += [max(problems, key=lambda problem: WORSE.index(problem.code))] if problems else []
    return found


def _unwell(service: str, container: Container, now: float) -> Unwell | None:
    name = container.name
    if failed(container):
        code = None if container.state == "created" else container.exit_code
        return WasFailed(service=service, container=name, exit_code=code, reason=container.error)
    lately = now - unix_time(container.started_at) < _LATELY
    if container.state == "restarting" or (container.restart_count >= RESTARTS and container.running and lately):
        restarts, code = container.restart_count, container.exit_code or None
        return WasCrashLooping(service=service, container=name, restarts=restarts, exit_code=code)
    if container.running and container.health == "unhealthy":
        return WasUnhealthy(service=service, container=name, output=container.health_output)
    return None


def readable(container: Container, info: EngineInfo) -> bool:
    """Whether the engine can read a container's log: since 20.10 it keeps a copy for all logging drivers but `none`."""
    driver = container.log_driver
    copies = tuple(int(part) for part in info.api_version.split(".")) >= _COPIES_LOGS
    return driver != "none" and (copies or driver in ("", *_READABLE))


def no_worse(before: str, now: Problem) -> bool:
    """Whether a service with this problem at the gate is no worse than it was before the update."""
    return before in WORSE and now.code in _RANKS and _RANKS[now.code] <= WORSE.index(before)
