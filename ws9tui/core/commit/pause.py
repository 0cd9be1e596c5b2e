"""Stops a project's containers for a while and starts the same ones again, whatever happened in between.

They are started by their IDs and not through Compose, so that nothing is recreated, whatever the project's files say by
now. The journal lists the running ones before the first is stopped, so that a recovery can start them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from ws9tui.core.commit.watch import ENGINE_PATIENCE, Rule, Watch
from ws9tui.core.compose.settings import ServiceSettings
from ws9tui.core.inspect.gate import dependency_met
from ws9tui.core.inspect.survey import containers_of
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import StoppedContainer
from ws9tui.core.model.observed import PAUSED, Container
from ws9tui.core.model.options import MONITOR
from ws9tui.core.model.project import Project
from ws9tui.core.session import Session
from ws9tui.errors import EngineError, StateError, Ws9tuiError
from ws9tui.problems.data import BackupDisturbed
from ws9tui.problems.problem import Problem, reason_of
from ws9tui.problems.saved import SavedGone, SavedNotStarted

START_PATIENCE = 30.0
"""seconds during which a failing start is retried: its port may be freed meanwhile"""
DEPENDENCY_PATIENCE = 120.0
"""maximum seconds that a container's start waits for the conditions of its dependencies"""
_RETRY_EVERY = 2.0

Waves = tuple[tuple[StoppedContainer, ...], ...]


def waves(project: Project, running: Iterable[Container]) -> Waves:
    """Returns the containers in start order; those of services without a definition come last."""
    by_service: dict[str, list[Container]] = {}
    for container in running:
        by_service.setdefault(container.service, []).append(container)
    ordered = project.waves(name for name in by_service if name in project.services)
    rest = [name for name in by_service if name not in project.services]
    return tuple(
        tuple(StoppedContainer(c.id, c.name, name) for name in names for c in by_service[name])
        for names in (*ordered, *([rest] if rest else []))
    )


async def begin(session: Session, order: Waves) -> None:
    """Stops the containers in reverse order; raises `EngineError`, and `StateError` if one still runs."""
    session.emit(e.PauseStarted(waves=order))
    for wave in reversed(order):
        async with session.step("stop", ", ".join(one.name for one in wave)):
            await asyncio.gather(*(session.engine.stop(one.id) for one in wave))
    await still(session, order)


async def still(session: Session, order: Waves) -> None:
    """Verifies that none of the containers runs; raises `StateError`."""
    for one in (one for wave in order for one in wave):
        found = await session.engine.container(one.id)
        if found is not None and found.running:
            raise StateError(BackupDisturbed(service=one.service))


async def still_paused(session: Session, containers: Iterable[Container]) -> None:
    """Verifies that none of the paused containers was resumed; raises `StateError`."""
    for one in containers:
        found = await session.engine.container(one.id)
        if found is not None and found.running and found.state != PAUSED:
            raise StateError(BackupDisturbed(service=one.service))


async def present(session: Session, project: str, order: Waves, one: StoppedContainer) -> Container | None:
    """Returns a stopped container, or the one that somebody has put in its place since; None if it is gone."""
    if (same := await session.engine.container(one.id)) is not None:
        return same
    listed = {other.id for wave in order for other in wave}
    there = (await containers_of(session.engine, project)).get(one.service, [])
    others = [container for container in there if not container.twin and container.id not in listed]
    named = (container for container in others if container.name == one.name)
    return next(named, None) or next((container for container in others if container.running), None)


class Resumption:
    """Starts the containers again, in their order, and watches them."""

    def __init__(
        self,
        session: Session,
        project: Project,
        order: Waves,
        settings: Mapping[str, ServiceSettings],
        unwell: Mapping[str, str],
    ) -> None:
        self._session = session
        self._project = project
        self._order = order
        self._settings = settings
        self._unwell = unwell
        self._watch = Watch(session.engine, project.source.name, session.emit)

    async def start(self) -> Problem | None:
        """Starts the existing containers that do not run; returns the first failure."""
        failed: Problem | None = None
        for number, wave in enumerate(self._order):
            async with self._session.step("start", ", ".join(one.name for one in wave)):
                found = await asyncio.gather(*(self._started(one) for one in wave))
            failed = failed or next((problem for problem in found if problem is not None), None)
            for name in dict.fromkeys(one.service for one in wave):
                self._watch.add(self._rule(name))
            await self._await_conditions([one.service for later in self._order[number + 1 :] for one in later])
        return failed

    async def watched(self) -> Problem | None:
        """Returns why a service is not healthy again, or worse than before; None if all are."""
        try:
            return await self._watch.gate(tuple(dict.fromkeys(one.service for wave in self._order for one in wave)))
        except EngineError as error:
            return error.problem

    async def _started(self, one: StoppedContainer) -> Problem | None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while True:
            try:
                found = await present(self._session, self._project.source.name, self._order, one)
                if found is None:
                    return SavedGone(container=one.name, service=one.service)
                if not found.running:
                    await self._session.engine.start(found.id)
            except Ws9tuiError as error:
                away = isinstance(error, EngineError) and error.away
                if loop.time() > began + (ENGINE_PATIENCE if away else START_PATIENCE):
                    reason = reason_of(error.problem) or error.problem.code
                    return SavedNotStarted(container=one.name, reason=reason)
                await asyncio.sleep(_RETRY_EVERY)
            else:
                return None

    async def _await_conditions(self, coming: Sequence[str]) -> None:
        """Waits until the dependencies of these services meet their conditions, with a timeout."""
        loop = asyncio.get_running_loop()
        end = loop.time() + DEPENDENCY_PATIENCE
        wanted = {
            (name, dependency.condition)
            for service in coming
            if service in self._project.services
            for name, dependency in self._project.services[service].depends_on.items()
            if self._watch.watches(name) and name not in self._unwell
        }

        def met() -> bool:
            if loop.time() > end or self._watch.failed() is not None:
                return True
            seen = self._watch.seen
            return all(name in seen and dependency_met(condition, seen[name].container) for name, condition in wanted)

        if wanted:
            with suppress(EngineError):  # the later waves are started all the same
                await self._watch.until(met)

    def _rule(self, service: str) -> Rule:
        settings = self._settings.get(service, ServiceSettings())
        model = self._project.services.get(service)
        said = (self._session.options.monitor, settings.monitor, model.monitor if model else None)
        return Rule(
            service,
            replicas=sum(one.service == service for wave in self._order for one in wave),
            was=self._unwell.get(service, ""),
            one_shot=service in self._project.one_shots if settings.one_shot is None else settings.one_shot,
            fresh=False,
            monitor=next((value for value in said if value is not None), MONITOR),
            probe=settings.probe,
            probe_as_written=settings.probe_as_written,
        )
