"""The simulated Compose command, which acts on a `World` and reads a project's real files."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ws9tui.core.compose import sensitive
from ws9tui.core.model.masking import Mask
from ws9tui.core.model.source import ProjectSource
from ws9tui.simulation import project as files
from ws9tui.simulation.data import write_data
from ws9tui.simulation.life import Clock, SimContainer
from ws9tui.simulation.up import ALL_ADDRESSES, Up, failed
from ws9tui.simulation.world import World


class SimulatedCompose:
    """Compose on a simulated world; ``calls`` lists the calls received, as (call, subject)."""

    def __init__(self, world: World, clock: Clock = time.time) -> None:
        self.world = world
        self.clock = clock
        self.calls: list[tuple[str, str]] = []
        self.keep_open: tuple[int, ...] = ()
        self.command: tuple[str, ...] = ("docker", "compose")
        self.mask = Mask()

    async def version(self) -> str:
        """Returns the world's Compose version."""
        await self._call("version", "")
        return self.world.compose_version

    async def config(self, source: ProjectSource, *, resolve_env_files: bool = True) -> dict[str, Any]:
        """Returns the resolved project, read from its files."""
        await self._call("config", source.name)
        sensitive.read(self.mask, source, os.environ)
        project: dict[str, Any] = files.printed(files.resolve(source, env_files=resolve_env_files))
        sensitive.resolved(self.mask, project)
        return project

    async def hashes(
        self, source: ProjectSource, instead: Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, str]:
        """Returns the config hash of each service, from the files and ``instead``."""
        await self._call("hashes", source.name)
        services = files.resolve(source)["services"]
        return {
            name: files.config_hash({**service, **(instead or {}).get(name, {})}) for name, service in services.items()
        }

    async def interpolate(self, source: ProjectSource, texts: Sequence[str]) -> list[str]:
        """Fills in the variables of texts from the env files and the shell."""
        await self._call("interpolate", source.name)
        values = files.variables(source)
        return [files.fill(text, values) for text in texts]

    async def placed(self, source: ProjectSource) -> tuple[dict[str, Any], str]:
        """Returns the resolved project and the project directory."""
        return await self.config(source), files.placed(source).folder

    async def resolved(self, source: ProjectSource) -> tuple[dict[str, Any], list[str]]:
        """Returns the resolved project and the variables that its files use without a value or a default."""
        return await self.config(source), files.undefined(source)

    async def up(
        self,
        source: ProjectSource,
        services: Sequence[str],
        *,
        start: bool = True,
        force: bool = False,
        keep: bool = False,
        alone: bool = True,  # noqa: ARG002  # dependencies that nothing is to be done to are left alone either way
        scale: Mapping[str, int] | None = None,
        longer: float = 0.0,  # noqa: ARG002  # nothing takes too long here
        report: Callable[[str, str], None] | None = None,
    ) -> None:
        """Creates missing containers, recreates outdated ones, starts those not running; without ``services``, none."""
        run = Up(self, source, services, scale or {}, report or (lambda _name, _text: None), force=force, keep=keep)
        run.prepare()
        for name in run.order:
            await self._call("up", name)
            await run.converge(name)
        if start:
            for name in run.order:
                await run.start(name)

    async def restart(
        self,
        source: ProjectSource,
        services: Sequence[str],
        *,
        longer: float = 0.0,  # noqa: ARG002  # as above
    ) -> None:
        """Stops and starts the containers of these services."""
        project = files.resolve(source)["name"] if services else ""
        for name in services:
            await self._call("restart", name)
            for container in self.world.of_service(project, name):
                await self.stop(container)
                await self.start(container)

    async def stop(self, container: SimContainer) -> None:
        """Stops a container, which takes the ``stop_seconds`` of its image's behaviour."""
        seconds = self.world.behaviour(container).stop_seconds
        if self.world.look(container, self.clock()).state in ("running", "restarting"):
            container.stopped = self.clock() + seconds
            self.world.save()
            await asyncio.sleep(seconds)
            container.stopped = min(container.stopped, self.clock())

    async def start(self, container: SimContainer) -> None:
        """Starts a container; raises `ComposeError` if a port is taken or the container to join does not run."""
        reason = self._obstacle(container)
        if reason:
            container.change(error=reason)
            self.world.save()
            raise failed(f"Error response from daemon: {reason}")
        await asyncio.sleep(self.world.step)
        container.started, container.stopped = self.clock(), 0.0
        container.change(error="")
        write_data(self.world, container, self.world.behaviour(container).writes, self.clock())
        self.world.save()

    async def _call(self, call: str, subject: str) -> None:
        self.calls.append((call, subject))
        await self.world.meet(call, subject)

    def _obstacle(self, container: SimContainer) -> str:
        made, now = container.made, self.clock()
        running = [one.made for one in self.world.containers.values() if self.world.look(one, now).running]
        kind, _, leader = made.network_mode.partition(":")
        if kind == "container" and leader not in self.world.containers:
            return f"No such container: {leader}"
        if kind == "container" and leader not in (one.id for one in running):
            return f"cannot join network of a non running container: {leader}"
        used = {port for one in running if one is not made for port in one.ports}
        for port in made.ports:
            address, _, number = port.rpartition(":")
            if port in used or f"{ALL_ADDRESSES}:{number}" in used:
                return (
                    f"driver failed programming external connectivity on endpoint {made.name} ({made.id}): "
                    f"Bind for {address}:{number.partition('/')[0]} failed: port is already allocated"
                )
        return ""
