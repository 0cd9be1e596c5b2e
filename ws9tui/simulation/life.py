"""The state, health and log of a simulated container: functions of its image's behaviour and the time since its start.

Nothing is updated in the background, so a container's state stays correct when its world is saved to a file and loaded
by another process.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import msgspec

from ws9tui.core.model.observed import Container, Healthcheck

Clock = Callable[[], float]
"""Unix time; `time.time`, or a test's virtual clock."""

_FIRST_BACKOFF = 0.1
_LONGEST_BACKOFF = 60.0
_LINES = 1000
"""heartbeat lines that are kept of each start, and starts of which lines are kept"""
_BETWEEN_LINES = 0.25
_HEARTBEAT = 5.0
_LONG_RUN = 10.0
"""seconds of running after which the engine resets a container's restart backoff"""


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """The behaviour of an image's containers; times are in seconds since each start."""

    healthy_after: float | None = 0.0
    """None: the health check never passes"""
    unhealthy_after: float | None = None
    exits_after: float | None = None
    """with a restart policy and a nonzero exit code this is a crash loop; with neither, a one-shot"""
    exit_code: int = 0
    stop_seconds: float = 0.0
    lines: tuple[str, ...] = ()
    """log lines written after each start, four per second"""
    last_words: str = ""
    """log line written when the container exits by itself"""
    heartbeat: str = ""
    """log line written every five seconds"""
    health_output: str = ""
    """output of the failing health check"""
    changed_files: tuple[str, ...] = ()
    writes: dict[str, str] = {}
    """path in a mount → content that each start writes there"""
    outputs: dict[str, str] = {}
    """command line, or its last word → what `execute` prints"""


class SimContainer(msgspec.Struct, kw_only=True):
    """A container; times are Unix times, 0 for never."""

    made: Container
    """the container as created; its current state is computed from the times below"""
    created: float = 0.0
    started: float = 0.0
    stopped: float = 0.0
    """when a stop completes or has completed, even if the process that asked for it has ended"""
    holder_of: str = ""
    """name of the project for which this holder was created; empty for other containers"""
    paused: bool = False
    """whether its processes are frozen, as by `docker pause`"""

    def change(self, **changes: object) -> None:
        """Replaces fields of ``made``, such as the name or the error of a failed start."""
        self.made = msgspec.structs.replace(self.made, **changes)


class Moment(msgspec.Struct, frozen=True):
    """The state of a container at one moment."""

    state: str
    health: str = ""
    exit_code: int = 0
    restarts: int = 0
    started: float = 0.0
    finished: float = 0.0
    starts: tuple[float, ...] = ()
    """times of the first start and of each restart, the last at the end"""

    @property
    def running(self) -> bool:
        """Whether the state is `running`, which excludes `restarting` and `paused`."""
        return self.state == "running"


def moment(container: SimContainer, behaviour: Behaviour, now: float) -> Moment:
    """Returns a container's state at a time, computed from its behaviour since it was started."""
    if not container.started:
        return Moment("created", exit_code=128 if container.made.error else 0)
    stopped = container.stopped if container.stopped <= now else 0.0
    lived = _life(container, behaviour, stopped or now)
    if stopped and lived.state in ("running", "restarting"):
        lived = msgspec.structs.replace(lived, state="exited", finished=stopped)
    if container.paused and lived.running:
        lived = msgspec.structs.replace(lived, state="paused")
    check = container.made.healthcheck
    if check is None:
        return lived
    health = _health(check, behaviour, now - lived.started) if lived.running else "unhealthy"
    return msgspec.structs.replace(lived, health=health)


def _life(container: SimContainer, behaviour: Behaviour, now: float) -> Moment:
    """Returns the state after the exits and restarts since the start; stops, pauses and health are left out."""
    starts = [container.started]
    backoff = finished = 0.0
    while behaviour.exits_after is not None and now >= starts[-1] + behaviour.exits_after:
        finished = starts[-1] + behaviour.exits_after
        count = len(starts)
        if not _restarts(container.made, behaviour.exit_code, count):
            return Moment("exited", "", behaviour.exit_code, count - 1, starts[-1], finished, tuple(starts))
        fresh = not backoff or behaviour.exits_after > _LONG_RUN
        backoff = _FIRST_BACKOFF if fresh else min(backoff * 2, _LONGEST_BACKOFF)
        if now < finished + backoff:
            return Moment("restarting", "", behaviour.exit_code, count, starts[-1], finished, tuple(starts))
        starts.append(finished + backoff)
    return Moment("running", "", 0, len(starts) - 1, starts[-1], finished, tuple(starts))


def _restarts(made: Container, exit_code: int, count: int) -> bool:
    if made.restart_policy == "on-failure":
        return exit_code != 0 and (not made.restart_limit or count <= made.restart_limit)
    return made.restart_policy in ("always", "unless-stopped")


def _health(check: Healthcheck, behaviour: Behaviour, age: float) -> str:
    """Returns the health that checks, one interval apart, give ``age`` seconds after a start."""
    interval = check.interval or 30.0
    counted = max(1, math.floor(check.start_period / interval) + 1)
    given_up = (counted + check.retries - 1) * interval
    if behaviour.healthy_after is None:
        return "starting" if age < given_up else "unhealthy"
    first = max(1, math.ceil(behaviour.healthy_after / interval))
    if age < first * interval:
        return "starting" if age < given_up else "unhealthy"
    if behaviour.unhealthy_after is not None:
        failing = max(first + 1, math.ceil(behaviour.unhealthy_after / interval))
        if age >= (failing + check.retries - 1) * interval:
            return "unhealthy"
    return "healthy"


def written(container: SimContainer, behaviour: Behaviour, now: float) -> list[tuple[float, str]]:
    """Returns a container's log lines, each with the time at which it was written."""
    lived = moment(container, behaviour, now)
    return [
        entry
        for start in lived.starts[-_LINES:]
        for entry in _written_since(start, min(container.stopped or now, now), behaviour)
        if entry[0] <= now
    ]


def _written_since(start: float, end: float, behaviour: Behaviour) -> Iterator[tuple[float, str]]:
    exits = None if behaviour.exits_after is None else start + behaviour.exits_after
    end = end if exits is None else min(end, exits)
    for number, line in enumerate(behaviour.lines):
        at = start + number * _BETWEEN_LINES
        # a container that exits at once has written its lines, too
        if at <= end or exits is not None:
            yield min(at, end), line
    if behaviour.heartbeat:
        beats = int((end - start) / _HEARTBEAT)
        for beat in range(max(1, beats - _LINES), beats + 1):
            yield start + beat * _HEARTBEAT, behaviour.heartbeat
    if exits is not None and end >= exits and behaviour.last_words:
        yield exits, behaviour.last_words


def stamp(at: float) -> str:
    """Returns a Unix time as the engine writes times; empty for 0, which means never."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z") if at else ""
