"""One `up` of the simulated Compose.

Its steps are those of Compose, each saved on its own, so that a kill falls between them as it does there: a twin is
created under a temporary name, the old container is stopped and removed, the twin is renamed and finally started.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from ws9tui.core.model import durations
from ws9tui.core.model.observed import Container, Healthcheck, Mount
from ws9tui.core.model.project import Service
from ws9tui.core.model.project_config import from_config
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError
from ws9tui.problems.engine import ComposeFailed
from ws9tui.simulation import project as files
from ws9tui.simulation.images import ImageSpec
from ws9tui.simulation.life import Moment, SimContainer
from ws9tui.simulation.project import Values

if TYPE_CHECKING:
    from ws9tui.simulation.compose import SimulatedCompose

ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 - the address of a port that is published without one

Report = Callable[[str, str], None]

_POLL = 0.5


def failed(reason: str) -> ComposeError:
    """Returns the error of an `up` that failed."""
    return ComposeError(ComposeFailed(command="up", status=1, reason=reason))


class Up:
    """One `up`: the resolved services, in the order of their dependencies."""

    def __init__(
        self,
        compose: SimulatedCompose,
        source: ProjectSource,
        services: Sequence[str],
        scale: Mapping[str, int],
        report: Report,
        *,
        force: bool = False,
        keep: bool = False,
    ) -> None:
        self.compose, self.world, self.report = compose, compose.world, report
        config = files.resolve(source)
        self.source = msgspec.structs.replace(source, name=config["name"])
        self.written: dict[str, Values] = config["services"]
        self.project = from_config(self.source, config, {})
        self.services = self.project.services
        self.scale = scale
        self.force, self.keep = force, keep
        for name in services:
            if name not in self.services:
                raise failed(f"no such service: {name}")
        self.order = [name for wave in self.project.waves(services) for name in wave]

    def prepare(self) -> None:
        """Creates the services' missing networks and volumes; raises `ComposeError` if an external one is missing."""
        chosen = [self.services[name] for name in self.order]
        known = {network.name for network in self.world.networks}
        for network in dict.fromkeys(network for service in chosen for network in service.networks):
            if network in known:
                continue
            if network in self.project.external_networks:
                raise failed(f"network {network} declared as external, but could not be found")
            self.world.add_network(network, self.source.name)
        mounts = (mount for service in chosen for mount in service.mounts or () if mount.type == "volume")
        for volume in dict.fromkeys(mount.source for mount in mounts if mount.source not in ("", *self.world.volumes)):
            if volume in self.project.external_volumes:
                raise failed(f"external volume {volume!r} not found")
            self.world.volumes.append(volume)
        self.world.save()

    async def converge(self, name: str) -> None:
        """Removes a service's surplus containers, recreates the outdated ones and creates the missing ones."""
        found = sorted(
            self._containers(name),
            key=lambda container: (self._outdated(name, container), container.made.number, -container.created),
        )
        count = self.scale.get(name, self.services[name].replicas)
        for container in found[count:]:
            await self._stop(container)
            self.report(container.made.name, "Removing")
            await self._remove(container)
            self.report(container.made.name, "Removed")
        kept = found[:count]
        for container in kept:
            if not self.keep and (self.force or self._outdated(name, container)):
                await self._recreate(name, container)
            elif self._look(container).running:
                self.report(container.made.name, "Running")
        used = {container.made.number for container in kept}
        free = (number for number in itertools.count(1) if number not in used)
        for number in itertools.islice(free, count - len(kept)):
            own_name = self._name(name, number)
            self.report(own_name, "Creating")
            await self._create(name, number, own_name)
            self.report(own_name, "Created")

    async def start(self, name: str) -> None:
        """Starts the containers of a service that do not run, once its dependencies meet their conditions."""
        for dependency, entry in self.services[name].depends_on.items():
            if dependency in self.order:
                await self._wait(dependency, entry.condition)
        for container in self._containers(name):
            if self._look(container).state in ("running", "restarting"):
                continue
            self.report(container.made.name, "Starting")
            if (fault := self.world.strike("start", name)) is not None:
                container.change(error=fault.reason)
                self.world.save()
                await fault.happen(name)
            await self.compose.start(container)
            self.report(container.made.name, "Started")

    async def _recreate(self, name: str, old: SimContainer) -> None:
        former = old.made
        self.report(former.name, "Recreate")
        for other in self.order:
            dependency = self.services[other].depends_on.get(name)
            for container in self._containers(other) if dependency and dependency.restart else ():
                await self._stop(container)
        own_name = self._name(name, former.number)
        twin = await self._create(name, former.number, f"{former.id[:12]}_{own_name}", replaced=former)
        await asyncio.sleep(self.world.step)
        await self.compose.stop(old)
        await self._remove(old)
        await asyncio.sleep(self.world.step)
        twin.change(name=own_name)
        self.world.save()
        self.report(former.name, "Recreated")

    async def _stop(self, container: SimContainer) -> None:
        self.report(container.made.name, "Stopping")
        await asyncio.sleep(self.world.step)
        await self.compose.stop(container)
        self.report(container.made.name, "Stopped")

    async def _remove(self, container: SimContainer) -> None:
        await asyncio.sleep(self.world.step)
        self.world.containers.pop(container.made.id, None)
        self.world.save()

    async def _create(self, key: str, number: int, name: str, replaced: Container | None = None) -> SimContainer:
        await asyncio.sleep(self.world.step)
        service = self.services[key]
        image = self.world.find(service.reference)
        if image is None:
            raise failed(f"Error response from daemon: No such image: {service.reference}")
        for other in self.world.containers.values():
            if other.made.name == name:
                raise failed(
                    f'Error response from daemon: Conflict. The container name "/{name}" is already in use by '
                    f'container "{other.made.id}". You have to remove (or rename) that container to be able to reuse '
                    "that name.",
                )
        policy, _, limit = (service.restart or "no").partition(":")
        own_name = service.container_name or f"{key}-{number}"
        made = Container(
            self.world.new_id(),
            name,
            image.spec.id,
            service.reference,
            project=self.source.name,
            service=key,
            number=number,
            config_hash=self._hash(key),
            compose_version=self.world.compose_version,
            image_label=image.spec.id,
            replaces=(replaced.replaces or own_name) if replaced else "",
            working_dir=self.source.folder,
            config_files=self.source.files,
            environment_files=self.source.env_files,
            restart_policy=policy,
            restart_limit=int(limit or 0),
            healthcheck=_healthcheck(self.written[key].get("healthcheck"), image.spec.healthcheck),
            grace=service.grace,
            networks=dict.fromkeys(sorted(service.networks), ""),
            network_mode=self._network_mode(key),
            mounts=tuple(self._mounts(service, image.spec, replaced)),
            ports=tuple(f"{host or ALL_ADDRESSES}:{port}/{protocol}" for host, port, protocol in service.ports),
        )
        container = self.world.containers[made.id] = SimContainer(made=made, created=self.compose.clock())
        self.world.save()
        return container

    def _hash(self, name: str) -> str:
        """Returns the config hash for a service's containers, with the ID of the container whose network they join."""
        joined = {"network_mode": self._network_mode(name)} if self.services[name].joined else {}
        return files.config_hash({**self.written[name], **joined})

    def _outdated(self, name: str, container: SimContainer) -> bool:
        image = self.world.find(self.services[name].reference)
        known = image is None or container.made.image_label == image.spec.id
        return not known or container.made.config_hash != self._hash(name)

    def _look(self, container: SimContainer) -> Moment:
        return self.world.look(container, self.compose.clock())

    def _containers(self, name: str) -> list[SimContainer]:
        return self.world.of_service(self.source.name, name)

    def _network_mode(self, name: str) -> str:
        service = self.services[name]
        for leader in service.joined:
            found = self._containers(leader)
            return f"container:{found[0].made.id}" if found else f"container:{leader}"
        return str(self.written[name].get("network_mode") or service.networks[0])

    def _mounts(self, service: Service, spec: ImageSpec, replaced: Container | None) -> Iterable[Mount]:
        kept = {mount.target: mount for mount in (replaced.mounts if replaced else ()) if mount.anonymous}
        named = [mount for mount in service.mounts or () if mount.source or mount.type != "volume"]
        for mount in named:
            yield Mount(mount.type, mount.source, mount.target)
        targets = {mount.target for mount in service.mounts or ()} | set(spec.volumes)
        for target in sorted(targets - {mount.target for mount in named}):
            yield kept.get(target) or self._anonymous(target)

    def _anonymous(self, target: str) -> Mount:
        name = self.world.new_id()
        self.world.volumes.append(name)
        return Mount("volume", name, target, anonymous=True)

    def _name(self, name: str, number: int) -> str:
        return self.services[name].container_name or f"{self.source.name}-{name}-{number}"

    async def _wait(self, name: str, condition: str) -> None:
        """Waits until a dependency meets its condition, as Compose does; raises `ComposeError` if it no longer can."""
        for container in self._containers(name):
            if condition != "service_started":
                self.report(container.made.name, "Waiting")
            while not self._met(name, condition, container):  # noqa: ASYNC110 - the state is a function of time
                await asyncio.sleep(_POLL)
            if condition == "service_healthy":
                self.report(container.made.name, "Healthy")

    def _met(self, name: str, condition: str, container: SimContainer) -> bool:
        now, failure = self._look(container), f"dependency failed to start: container {container.made.name}"
        if condition == "service_completed_successfully":
            if now.state == "exited" and now.exit_code:
                raise failed(f'service "{name}" didn\'t complete successfully: exit {now.exit_code}')
            return now.state == "exited"
        if condition == "service_healthy":
            if now.state == "exited":
                raise failed(f"{failure} exited ({now.exit_code})")
            if now.health in ("", "unhealthy"):
                raise failed(f"{failure} {'is unhealthy' if now.health else 'has no healthcheck configured'}")
            return now.health == "healthy"
        return True


def _healthcheck(written: Values | None, own: Healthcheck | None) -> Healthcheck | None:
    """Returns the effective health check: the service's settings over the image's; None if disabled or absent."""
    if written is None:
        return own
    if written.get("disable") or (written.get("test") or [""])[0] == "NONE":
        return None
    times = {key: durations.parse(written[key]) for key in ("interval", "timeout", "start_period") if key in written}
    retries = {"retries": int(written["retries"])} if "retries" in written else {}
    return msgspec.structs.replace(own or Healthcheck(), **times, **retries)
