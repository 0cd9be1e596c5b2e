"""What a simulated container does: a function of its image's behaviour and of the time since it was started.

Nothing moves by itself, so a container is right after its world was written to a file and read by another process.
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
"""log lines that are remembered of each start, and starts of which lines are remembered"""
_BETWEEN_LINES = 0.25
_HEARTBEAT = 5.0
_LONG_RUN = 10.0
"""seconds after which the engine takes a container for recovered, and begins its backoff anew"""


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What a container of an image does, in seconds since each of its starts."""

    healthy_after: float | None = 0.0
    """None: its health check never passes"""
    unhealthy_after: float | None = None
    exits_after: float | None = None
    """with a restart policy and an exit code this is a crash loop; with code 0 and none a one-shot"""
    exit_code: int = 0
    stop_seconds: float = 0.0
    lines: tuple[str, ...] = ()
    """written after each start, four a second"""
    last_words: str = ""
    """written when it exits by itself"""
    heartbeat: str = ""
    """written every five seconds"""
    health_output: str = ""
    """what its failing health check prints"""
    changed_files: tuple[str, ...] = ()
    writes: dict[str, str] = {}
    """path in a mount → what each start writes there"""
    outputs: dict[str, str] = {}
    """command line, or its last word → what `execute` prints"""


class SimContainer(msgspec.Struct, kw_only=True):
    """A container; times are Unix times, 0 for never."""

    made: Container
    """what it was made as; how it is now follows from its times"""
    created: float = 0.0
    started: float = 0.0
    stopped: float = 0.0
    """when it was told to stop and will have done so; the engine sees to it, whoever had asked"""
    holder_of: str = ""
    """whose data it holds"""
    paused: bool = False
    """somebody has frozen its processes"""

    def change(self, **changes: object) -> None:
        """Makes it another than it was made as: it gets another name, or its start ends with an error."""
        self.made = msgspec.structs.replace(self.made, **changes)


class Moment(msgspec.Struct, frozen=True):
    """How a container is at one moment."""

    state: str
    health: str = ""
    exit_code: int = 0
    restarts: int = 0
    started: float = 0.0
    finished: float = 0.0
    starts: tuple[float, ...] = ()
    """all its starts by the restart policy, the last at the end"""

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self.state == "running"


def moment(container: SimContainer, behaviour: Behaviour, now: float) -> Moment:
    """How a container is now: what its behaviour has come to since it was started."""
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
    """Runs, exits and restarts since the container was started, as its restart policy has them."""
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
    """The result of the checks so far, which are one interval apart."""
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
    """The container's log: when each line was written, and the line."""
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
        # A container that dies at once has said something too.
        if at <= end or exits is not None:
            yield min(at, end), line
    if behaviour.heartbeat:
        beats = int((end - start) / _HEARTBEAT)
        for beat in range(max(1, beats - _LINES), beats + 1):
            yield start + beat * _HEARTBEAT, behaviour.heartbeat
    if exits is not None and end >= exits and behaviour.last_words:
        yield exits, behaviour.last_words


def stamp(at: float) -> str:
    """A time as the engine writes it; empty for never."""
    return datetime.fromtimestamp(at, UTC).isoformat().replace("+00:00", "Z") if at else ""
