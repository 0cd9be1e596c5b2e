"""Saves the logs of the containers that a run replaces, and of those that failed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ws9tui.core.fs import files
from ws9tui.core.inspect.survey import containers_of
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container
from ws9tui.core.session import Session
from ws9tui.core.store.store import writing
from ws9tui.errors import Ws9tuiError
from ws9tui.problems.engine import EngineFailed
from ws9tui.problems.reach import LogUnreadable

LINES_KEPT = 2000
"""last lines of a log saved in the run's folder"""
TAIL_LINES = 15
"""lines of a failed container's log that go into the journal"""
TAIL_BYTES = 16 * 1024
LOGS = "logs"


def unreadable(error: Ws9tuiError, service: str, container: Container) -> LogUnreadable | None:
    """Returns the problem if the error means that the logging driver cannot be read; None for other errors."""
    if isinstance(error.problem, EngineFailed) and "logging driver" in str(error.problem.reason):
        return LogUnreadable(service=service, driver=container.log_driver)
    return None


class Logs:
    """Saves each container's log once per run."""

    def __init__(self, session: Session, project: str) -> None:
        self._session = session
        self._project = project
        self._saved: set[str] = set()
        """IDs of containers"""

    async def save(self, services: Sequence[str], role: str) -> None:
        """Saves the last log lines of these services' containers in the run's folder; a failure is only reported."""
        everything = await containers_of(self._session.engine, self._project)
        for service in services:
            for container in everything.get(service, []):
                if container.id in self._saved:
                    continue
                try:
                    await self._save(service, container, role)
                except Ws9tuiError as error:
                    self._session.warn(unreadable(error, service, container) or error.problem, service)

    async def _save(self, service: str, container: Container, role: str) -> None:
        text = await self._session.engine.logs(container.id, tail=LINES_KEPT)
        folder = self._session.folder / LOGS
        with writing(folder):
            folder.mkdir(mode=0o700, exist_ok=True)
        name = f"{re.sub(r'[^A-Za-z0-9_.-]', '_', container.name)}-{container.id[:12]}-{role}.log"
        files.replace(folder / name, text)
        self._saved.add(container.id)
        tail = text[-TAIL_BYTES:].decode("utf-8", "replace").splitlines()[-TAIL_LINES:] if role == "failed" else ()
        self._session.emit(
            e.LogsSaved(
                service=service,
                container=container.name,
                name=f"{LOGS}/{name}",
                size=len(text),
                role=role,
                tail=tuple(tail),
            )
        )
