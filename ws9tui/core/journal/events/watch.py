"""Events of services under watch, and of their logs."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.problems.problem import Problem


class ServiceWatched(Event, frozen=True):
    """The state of a service under watch; written when it changes."""

    service: str
    container: str
    image_id: str
    state: str
    health: str
    restarts: int
    verdict: str
    """waiting, passed, failed"""
    problem: Problem | None = None
    """why it is judged so, or what is waited for"""
    remaining: float = 0.0
    """seconds until the verdict at the latest"""
    downtime: float | None = None
    """seconds between the old container's end and the new one's start"""


class LogLine(Event, frozen=True):
    """A line that a watched container wrote; it must be sanitised before it is shown."""

    service: str
    line: str


class LogsSaved(Event, frozen=True):
    """A container's log was saved with the run."""

    service: str
    container: str
    name: str
    """of the file in the run's folder"""
    size: int
    role: str
    """old, failed"""
    tail: tuple[str, ...] = ()
    """the last lines of one that failed, which may be shown; the file has them as the container wrote them"""


class WatchStarted(Event, frozen=True):
    """All operations are done; the services that were touched are watched until they are judged."""

    services: tuple[str, ...]
    seconds: float
    """until the last verdict, at the latest"""


class GatePassed(Event, frozen=True):
    """All watched services are well."""

    seconds: float
    as_before: tuple[str, ...] = ()
    """services that are not well, and no worse than before the update"""
