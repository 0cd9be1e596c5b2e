"""Executes a plan operation by operation; Compose creates the containers.

A plan is made from a fresh observation, so it can be executed again from any intermediate state: files in place,
correct tags and up-to-date containers are left alone.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from ws9tui.core.commit import beside, cleanup, restore
from ws9tui.core.commit.logs import Logs
from ws9tui.core.commit.rules import Rules
from ws9tui.core.commit.watch import Watch
from ws9tui.core.compose import inputs, inside
from ws9tui.core.data.transfer import Mover
from ws9tui.core.inspect import stops
from ws9tui.core.inspect.gate import dependency_met
from ws9tui.core.inspect.survey import containers_of, observe
from ws9tui.core.journal import events as e
from ws9tui.core.model.definitions import NetworkDefinition
from ws9tui.core.model.observed import Container, Observed
from ws9tui.core.model.plan import DATA_KINDS, LEFTOVERS, OF_CONTAINERS, Kind, Operation, Plan, Task
from ws9tui.core.model.project import Project
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.session import Session
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation
from ws9tui.errors import StateError, Ws9tuiError
from ws9tui.problems.data import BackupDisturbed, DataRestored

_CONTAINER_KINDS = (Kind.RECREATE, Kind.CREATE, Kind.START)


class TurnedBack(Exception):
    """The operator asked for a rollback, and the operation on containers that was in progress has ended."""


class Executor:
    """Executes plans that lead a project to one generation."""

    def __init__(
        self,
        session: Session,
        state: Path,
        rules: Rules,
        observed: Observed,
        mover: Mover,
        logs: Logs,
    ) -> None:
        self._session = session
        self._mover = mover
        self._logs = logs
        self._state = state
        self._observed = observed
        self._rules = rules
        self.target = rules.target
        self._name = self.target.source.name
        self.wave: list[str] = []
        """the services of the current wave"""
        self.watch = Watch(session.engine, self._name, session.emit)
        """watches the services that were touched"""
        self._source = bound_source(state, self.target, os.environ)
        self._forward = False

    async def execute(self, plan: Plan, check: Callable[[ProjectSource], Awaitable[None]] | None = None) -> None:
        """Executes a plan in its order.

        ``check`` is awaited once the files are in place, before any tag or container is touched. Raises `ComposeError`,
        `EngineError`, `StateError`, and `Ws9tuiError` as soon as a service fails its gate; with ``check`` also
        `TurnedBack`.
        """
        self._forward = check is not None
        by_kind = {kind: [op for op in plan.operations if op.kind is kind] for kind in Kind}
        for operation in by_kind[Kind.WRITE]:
            async with self._session.step(operation.kind, operation.subject):
                stored = next((entry for entry in self.target.files if entry.path == operation.subject), None)
                if stored is not None:
                    restore.file(self._state, self.target, stored)
        if check is not None:
            await check(self._source)
        for operation in by_kind[Kind.NETWORK]:
            async with self._session.step(operation.kind, operation.subject):
                if not any(network.name == operation.subject for network in await self._session.engine.networks()):
                    await self._session.engine.definitions.make_network(NetworkDefinition(operation.subject))
        for operation in by_kind[Kind.TAG]:
            async with self._session.step(operation.kind, operation.subject):
                await self._session.engine.tag(operation.detail[0], operation.subject)
        for operation in (op for op in plan.operations if op.kind in (Kind.REMOVE_TWIN, Kind.RENAME_TWIN)):
            await self._finish_recreate(operation)
        for wave in plan.waves:
            self._turn()
            containers = [op for op in wave if op.kind in (*OF_CONTAINERS, *DATA_KINDS)]
            if containers:
                await self._wave(plan, containers)
                if check is not None:  # a rollback does not wait
                    await self._delay([op.subject for op in containers])
        for operation in (op for op in plan.operations if op.kind in LEFTOVERS):
            await cleanup.take_away(self._session, operation)

    def _turn(self) -> None:
        """Raises `TurnedBack` if the operator asked for a rollback; a rollback itself is never interrupted."""
        if self._forward and self._session.way_back is not None:
            raise TurnedBack

    def _go_on(self) -> None:
        """Raises as `_turn` does, and `Ws9tuiError` if a watched service has failed."""
        self._turn()
        if (problem := self.watch.failed()) is not None:
            raise Ws9tuiError(problem)

    async def _finish_recreate(self, operation: Operation) -> None:
        """Completes an interrupted recreate, whose half-created container Compose would never rename.

        A twin next to its original is removed: it has never run. One whose original is gone gets the original's name,
        and so stays linked to the anonymous volumes that Compose has handed on.
        """
        there = {container.name: container for container in await self._session.engine.containers(self._name)}
        twin = there.get(operation.subject)
        if twin is None or (twin.own_name in there) is not (operation.kind is Kind.REMOVE_TWIN):
            return  # resolved by somebody else meanwhile
        async with self._session.step(operation.kind, twin.name):
            if operation.kind is Kind.REMOVE_TWIN:
                await self._session.engine.stop(twin.id)
                await self._session.engine.remove_container(twin.id)
            else:
                await self._session.engine.rename(twin.id, twin.own_name)

    async def _wave(self, plan: Plan, wave: Sequence[Operation]) -> None:
        operations = [op for op in wave if op.kind not in DATA_KINDS]
        names = [op.subject for op in operations]
        await self._await_dependencies(plan, names)
        replaced = [op.subject for op in operations if op.kind is not Kind.START]
        await self._logs.save(replaced, "old")
        self.wave = names
        number = operations[0].wave
        for operation in wave:
            if operation.task is not None:
                await self._move_data(operation.subject, operation.task, number)
        starting = [op for op in operations if op.kind in _CONTAINER_KINDS and not self._stays_idle(op)]
        for force in (False, True):
            services = [op.subject for op in starting if op.force is force]
            if services:
                await self._up(plan, services, number, operations, force=force)
            prepared = [op.subject for op in operations if op.kind is Kind.PREPARE and op.force is force]
            if prepared:
                async with self._session.step(Kind.PREPARE, ", ".join(prepared), number):
                    along = await self._beside(plan, prepared, force=force)
                    await self._make(prepared, along.names, start=False, force=force)
        for operation in operations:
            if operation.kind is Kind.RESTART:
                async with self._session.step(operation.kind, operation.subject, number):
                    longer = self._longer([operation.subject])
                    await self._session.compose.restart(self._source, [operation.subject], longer=longer)
                self.watch.add(self._rules.rule(operation.subject, fresh=False))
            elif operation.kind in (Kind.STOP, Kind.REMOVE):
                async with self._session.step(operation.kind, operation.subject, number):
                    await self._take_down(operation)

    def _stays_idle(self, operation: Operation) -> bool:
        """Whether a service only gets its data back, and does not run in the generation: a start would rerun it."""
        was = self.target.services.get(operation.subject)
        return isinstance(operation.cause, DataRestored) and was is not None and was.state in ("stopped", "completed")

    async def _move_data(self, service: str, task: Task, wave: int) -> None:
        """Saves and restores a service's data while the service is stopped, before it is recreated."""
        self.watch.recreating[service] = (time.time(), asyncio.get_running_loop().time())
        for container in await self._containers(service):
            if container.running:
                await self._session.engine.stop(container.id)
        was = self.target.services.get(service)
        await self._mover.carry_out(service, task, was.image_id if was else "", wave)
        if any(container.running for container in await self._containers(service)):
            raise StateError(BackupDisturbed(service=service))

    async def _containers(self, service: str) -> list[Container]:
        """Returns the current containers of a service."""
        return (await containers_of(self._session.engine, self._name)).get(service, [])

    async def _beside(self, plan: Plan, services: Sequence[str], *, force: bool) -> beside.Beside:
        """Returns the services that may be named to Compose along with these, by a fresh observation."""
        project = self.target.project
        if not any(set(project.services[name].before) - {*services} for name in services if name in project.services):
            return beside.Beside()
        hashes, observed = await asyncio.gather(
            self._session.compose.hashes(self._source), observe(self._session.engine, self._name)
        )
        known = [*plan.services]
        if beside.company(project, services).intersection(project.joining()).difference(known):
            known += await self._as_defined(project, observed, hashes)
        counts = {name: service.replicas for name, service in self.target.services.items()}
        return beside.find(project, services, observed, project.comparable(hashes), counts, known, force=force)

    async def _as_defined(self, project: Project, observed: Observed, hashes: Mapping[str, str]) -> list[str]:
        """Returns the services in others' namespaces whose containers match the files' definition."""
        compose = self._session.compose
        config = await compose.config(self._source)
        found = await inside.defined(compose, self._source, config, project, observed.containers, hashes)
        return [name for name, right in found.items() if right]

    async def _up(
        self, plan: Plan, services: Sequence[str], number: int, operations: Sequence[Operation], *, force: bool
    ) -> None:
        def report(container: str, text: str) -> None:
            service = service_of(container, services, self._observed, self.target.project)
            if service and text == "Recreate":
                self.watch.recreating.setdefault(service, (time.time(), asyncio.get_running_loop().time()))
            if service in ("", *services):
                self._session.emit(e.ContainerStep(service=service, container=container, text=text))

        kinds = {op.kind for op in operations if op.subject in services}
        kind = kinds.pop() if len(kinds) == 1 else Kind.RECREATE
        async with self._session.step(kind, ", ".join(services), number):
            along = await self._beside(plan, services, force=force)
            # A start could affect the services named along: recreate without a start first, then start without naming
            # them.
            if along.names and not along.still:
                await self._make(services, along.names, start=False, force=force, report=report)
                await self._make(services, (), keep=True, report=report)
            else:
                await self._make(services, along.names, force=force, report=report)
        started = {op.subject for op in operations if op.kind is Kind.START}
        for service in services:
            self.watch.add(self._rules.rule(service, fresh=service not in started))

    async def _make(
        self,
        services: Sequence[str],
        along: Sequence[str],
        *,
        start: bool = True,
        force: bool = False,
        keep: bool = False,
        report: Callable[[str, str], None] | None = None,
    ) -> None:
        """Runs Compose's `up` for these services, naming the providers without which they would lack variables."""
        alone = not (force and along)
        providers = () if keep else self.target.project.providers(services)
        named = [*providers, *(along if alone else ()), *services]
        scale = self._scale([*along, *services])
        await self._session.compose.up(
            self._source,
            named,
            start=start,
            force=force,
            keep=keep,
            alone=alone,
            scale=scale,
            longer=self._longer([*along, *services]),
            report=report,
        )

    def _longer(self, services: Sequence[str]) -> float:
        return stops.longest(container for name in services for container in self._observed.containers.get(name, ()))

    async def _delay(self, services: Sequence[str]) -> None:
        """Waits for `update_config.delay` before the next wave; raises if a watched service fails meanwhile."""
        models = (self.target.project.services.get(name) for name in services)
        delay = max((model.delay for model in models if model is not None), default=0.0)
        if not delay:
            return
        loop = asyncio.get_running_loop()
        end = loop.time() + delay

        def over() -> bool:
            self._go_on()
            return loop.time() >= end

        await self.watch.until(over)

    def watch_also(self, services: Sequence[str]) -> None:
        """Also watches these services, which an interrupted run had already brought to their target."""
        for name in services:
            was = self.target.services.get(name)
            if was is not None and was.state in ("running", "completed") and not self.watch.watches(name):
                self.watch.add(self._rules.rule(name, fresh=False))

    async def _take_down(self, operation: Operation) -> None:
        for container in await self._containers(operation.subject):
            await self._session.engine.stop(container.id)
            if operation.kind is Kind.REMOVE:
                await self._session.engine.remove_container(container.id)

    async def _await_dependencies(self, plan: Plan, names: Sequence[str]) -> None:
        """Waits until the dependencies that this run touched meet their conditions."""
        models = self.target.project.services
        wanted = {
            (name, dependency.condition)
            for service in names
            if service in models
            for name, dependency in models[service].depends_on.items()
            if name in plan.services and name not in names
        }

        def met() -> bool:
            if not self._forward and self.watch.failed() is not None:
                return True  # all images go back, even if one does not run well any more, as on migrated data
            self._go_on()
            return all(
                name not in self.watch.seen
                or self.watch.runs_as_before(name)
                or dependency_met(condition, self.watch.seen[name].container)
                for name, condition in wanted
            )

        if wanted:
            await self.watch.until(met)

    def _scale(self, services: Sequence[str]) -> Mapping[str, int]:
        """Returns replica counts that differ from the definition, as an earlier `up --scale` has set them."""
        project = self.target.project
        return {
            name: self.target.services[name].replicas
            for name in services
            if name in project.services and self.target.services[name].replicas != project.services[name].replicas
        }


def service_of(container: str, services: Sequence[str], observed: Observed, project: Project) -> str:
    """Returns a container's service, by the observation, by `container_name`, or by Compose's naming scheme."""
    for name, containers in observed.containers.items():
        if any(entry.name == container or container.endswith(f"_{entry.name}") for entry in containers):
            return name
    for name, model in project.services.items():
        if model.container_name and container in (model.container_name, f"{container[:12]}_{model.container_name}"):
            return name
    match = re.fullmatch(rf"(?:[0-9a-f]{{12}}_)?{re.escape(project.source.name)}[-_](.+)[-_]\d+", container)
    if match and match[1] in project.services:
        return match[1]
    return services[0] if len(services) == 1 else ""


def bound_source(state: Path, target: Generation, environ: Mapping[str, str]) -> ProjectSource:
    """Returns a generation's source with its recorded variables; others of the present shell are unset."""
    contents = (generation.content(state, target, entry) for entry in target.files if entry.copy)
    words = inputs.words(content.decode("utf-8", "replace") for content in contents)
    absent = sorted(
        name
        for name in environ
        if name in words and name not in target.source.environment and not name.startswith("DOCKER_")
    )
    return msgspec.structs.replace(target.source, absent=tuple(absent))
