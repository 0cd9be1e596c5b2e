"""Events of the health gate: watched services and their logs."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.problems.problem import Problem


class ServiceWatched(Event, frozen=True):
    """The state of a watched service; emitted when it changes."""

    service: str
    container: str
    image_id: str
    state: str
    health: str
    restarts: int
    verdict: str
    """waiting, passed, failed, as-before"""
    problem: Problem | None = None
    """the reason for the verdict, or what is waited for"""
    remaining: float = 0.0
    """seconds until the deadline of the verdict"""
    downtime: float | None = None
    """seconds between the old container's end and the new one's start"""


class LogLine(Event, frozen=True):
    """A log line of a watched container; it must be sanitised before it is shown."""

    service: str
    line: str


class LogsSaved(Event, frozen=True):
    """A container's log was saved in the run's folder."""

    service: str
    container: str
    name: str
    """file name in the run's folder"""
    size: int
    role: str
    """old, failed"""
    tail: tuple[str, ...] = ()
    """the last lines of a failed container's log, masked; the file has them as the container wrote them"""


class WatchStarted(Event, frozen=True):
    """All operations are done; the affected services are watched until each has a verdict."""

    services: tuple[str, ...]
    seconds: float
    """until the deadline of the last verdict"""


class GatePassed(Event, frozen=True):
    """The health gate has passed: all watched services are healthy, or no worse than before the update."""

    seconds: float
    as_before: tuple[str, ...] = ()
    """services that are unhealthy, but no worse than before the update"""
