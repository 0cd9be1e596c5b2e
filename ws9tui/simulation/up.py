"""One `up` of the simulated Compose.

Its steps are those of Compose, each apart from the next, so that a kill falls between them as it does there: a twin
with a half-made name is created, the old container stopped and removed, the twin renamed and at last started.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import msgspec

from ws9tui.core.model import durations
from ws9tui.core.model.observed import Healthcheck, Mount
from ws9tui.core.model.project import DEFAULT_GRACE
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError
from ws9tui.problems.engine import ComposeFailed
from ws9tui.simulation import project as files
from ws9tui.simulation.life import SimContainer
from ws9tui.simulation.project import Values
from ws9tui.simulation.world import ImageSpec, World

if TYPE_CHECKING:
    from ws9tui.simulation.compose import SimulatedCompose

LABEL = "com.docker.compose."
ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 - the address of a port that is published without one

Report = Callable[[str, str], None]

_POLL = 0.5


def failed(reason: str) -> ComposeError:
    """The error of an `up` that the engine refused."""
    return ComposeError(ComposeFailed(command="up", status=1, reason=reason))


class Up:
    """One `up`: the resolved services, in the order in which they come."""

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
        self.compose, self.world, self.source, self.report = compose, compose.world, source, report
        self.project = files.resolve(source)
        self.name: str = self.project["name"]
        self.services: dict[str, Values] = self.project["services"]
        self.scale = scale
        self.force, self.keep = force, keep
        for name in services:
            if name not in self.services:
                raise failed(f"no such service: {name}")
        wanted = set(services)
        sorter = TopologicalSorter({name: _before(self.services[name]) & wanted for name in sorted(wanted)})
        self.order = list(sorter.static_order())

    def prepare(self) -> None:
        """Makes the networks and volumes that these services need."""
        known = {network.name for network in self.world.networks}
        used = {key for name in self.order for key in self.services[name].get("networks") or {}}
        for key, network in (self.project.get("networks") or {}).items():
            if key not in used or network["name"] in known:
                continue
            if network.get("external"):
                raise failed(f"network {network['name']} declared as external, but could not be found")
            self.world.add_network(network["name"], self.name)
        mounted = {volume.get("source") for name in self.order for volume in self.services[name].get("volumes") or []}
        for key, volume in (self.project.get("volumes") or {}).items():
            if key not in mounted or volume["name"] in self.world.volumes:
                continue
            if volume.get("external"):
                raise failed(f"external volume {volume['name']!r} not found")
            self.world.volumes.append(volume["name"])
        self.world.save()

    async def converge(self, name: str) -> None:
        """Gives a service its number of containers, all up to date."""
        found = sorted(
            of_service(self.world, self.name, name),
            key=lambda container: (self._outdated(name, container), _number(container), -container.created),
        )
        count = self._count(name)
        for container in found[count:]:
            await self._stop(container)
            self.report(container.name, "Removing")
            await self._remove(container)
            self.report(container.name, "Removed")
        kept = found[:count]
        for container in kept:
            if not self.keep and (self.force or self._outdated(name, container)):
                await self._recreate(name, container)
            elif self.compose.look(container).running:
                self.report(container.name, "Running")
        used = {_number(container) for container in kept}
        free = (number for number in itertools.count(1) if number not in used)
        for number in itertools.islice(free, count - len(kept)):
            own_name = self._name(name, number)
            self.report(own_name, "Creating")
            await self._create(name, number, own_name)
            self.report(own_name, "Created")

    async def start(self, name: str) -> None:
        """Starts the containers of a service that do not run, once what they depend on is there."""
        for dependency, entry in (self.services[name].get("depends_on") or {}).items():
            if dependency in self.order:
                await self._wait(dependency, entry["condition"])
        for container in of_service(self.world, self.name, name):
            if self.compose.look(container).state in ("running", "restarting"):
                continue
            self.report(container.name, "Starting")
            await self._meet_at_start(name, container)
            await self.compose.start(container)
            self.report(container.name, "Started")

    async def _meet_at_start(self, name: str, container: SimContainer) -> None:
        fault = self.world.strike("start", name)
        if fault is not None:
            container.error = fault.reason
            self.world.save()
            await fault.happen(name)

    async def _recreate(self, name: str, old: SimContainer) -> None:
        self.report(old.name, "Recreate")
        await self._stop_dependents(name)
        number = _number(old)
        own_name = self._name(name, number)
        twin = await self._create(name, number, f"{old.id[:12]}_{own_name}", replaced=old)
        await asyncio.sleep(self.world.step)
        await self.compose.stop(old)
        await self._remove(old)
        await asyncio.sleep(self.world.step)
        twin.name = own_name
        self.world.save()
        self.report(old.name, "Recreated")

    async def _stop_dependents(self, name: str) -> None:
        for other in self.order:
            if ((self.services[other].get("depends_on") or {}).get(name) or {}).get("restart"):
                for container in of_service(self.world, self.name, other):
                    await self._stop(container)

    async def _stop(self, container: SimContainer) -> None:
        self.report(container.name, "Stopping")
        await asyncio.sleep(self.world.step)
        await self.compose.stop(container)
        self.report(container.name, "Stopped")

    async def _remove(self, container: SimContainer) -> None:
        await asyncio.sleep(self.world.step)
        self.world.containers.pop(container.id, None)
        self.world.save()

    async def _create(
        self, service_name: str, number: int, name: str, replaced: SimContainer | None = None
    ) -> SimContainer:
        await asyncio.sleep(self.world.step)
        service = self.services[service_name]
        image = self.world.find(service.get("image", ""))
        if image is None:
            raise failed(f"Error response from daemon: No such image: {service.get('image', '')}")
        for other in self.world.containers.values():
            if other.name == name:
                raise failed(
                    f'Error response from daemon: Conflict. The container name "/{name}" is already in use by '
                    f'container "{other.id}". You have to remove (or rename) that container to be able to reuse '
                    "that name.",
                )
        made = SimContainer(
            id=self.world.new_id(),
            name=name,
            image_id=image.spec.id,
            image=service["image"],
            labels={**image.spec.labels, **(service.get("labels") or {}), **self._labels(service_name, number)},
            created=self.compose.clock(),
            restart_policy=service.get("restart") or "no",
            healthcheck=_healthcheck(service.get("healthcheck"), image.spec.healthcheck),
            grace=durations.parse(str(service.get("stop_grace_period", DEFAULT_GRACE))),
            networks=tuple(sorted(self._networks(service))),
            network_mode=self._network_mode(service),
            mounts=tuple(self._mounts(service, image.spec, replaced)),
            ports=tuple(_ports(service)),
        )
        made.labels[LABEL + "image"] = image.spec.id
        if replaced is not None:
            own = service.get("container_name") or f"{service_name}-{number}"
            made.labels[LABEL + "replace"] = replaced.labels.get(LABEL + "replace") or own
        self.world.containers[made.id] = made
        self.world.save()
        return made

    def _labels(self, service_name: str, number: int) -> dict[str, str]:
        labels = {
            "project": self.name,
            "service": service_name,
            "container-number": str(number),
            "oneoff": "False",
            "config-hash": self._hash(self.services[service_name]),
            "version": self.world.compose_version,
            "project.working_dir": self.source.folder,
            "project.config_files": ",".join(self.source.files),
        }
        if self.source.env_files:
            labels["project.environment_file"] = ",".join(self.source.env_files)
        return {LABEL + key: value for key, value in labels.items()}

    def _hash(self, service: Values) -> str:
        """The hash on a container: with the ID of the container whose network it joins, as Compose has it."""
        joined = {"network_mode": self._network_mode(service)} if _joins(service) else {}
        return files.config_hash({**service, **joined})

    def _outdated(self, name: str, container: SimContainer) -> bool:
        service = self.services[name]
        image = self.world.find(service.get("image", ""))
        return container.labels.get(LABEL + "config-hash") != self._hash(service) or (
            image is not None and container.labels.get(LABEL + "image") != image.spec.id
        )

    def _network_mode(self, service: Values) -> str:
        target = _joins(service)
        if target:
            found = of_service(self.world, self.name, target)
            return f"container:{found[0].id}" if found else f"container:{target}"
        if mode := service.get("network_mode"):
            return str(mode)
        first = next(iter(service.get("networks") or {}), "default")
        return str(((self.project.get("networks") or {}).get(first) or {}).get("name", first))

    def _networks(self, service: Values) -> Iterable[str]:
        networks = self.project.get("networks") or {}
        return (str((networks.get(key) or {}).get("name", key)) for key in service.get("networks") or {})

    def _mounts(self, service: Values, spec: ImageSpec, replaced: SimContainer | None) -> Iterable[Mount]:
        kept = {mount.target: mount for mount in (replaced.mounts if replaced else ()) if mount.anonymous}
        volumes = service.get("volumes") or []
        for volume in volumes:
            source = volume.get("source")
            if volume["type"] != "volume":
                yield Mount(volume["type"], source or "", volume["target"])
            elif source:
                yield Mount("volume", self.project["volumes"][source]["name"], volume["target"])
        named = {volume["target"] for volume in volumes if volume.get("source") or volume["type"] != "volume"}
        unnamed = {volume["target"] for volume in volumes if volume["type"] == "volume"} | set(spec.volumes)
        for target in sorted(unnamed - named):
            yield kept.get(target) or self._anonymous(target)

    def _anonymous(self, target: str) -> Mount:
        name = self.world.new_id()
        self.world.volumes.append(name)
        return Mount("volume", name, target, anonymous=True)

    def _count(self, name: str) -> int:
        service = self.services[name]
        own: Any = (service.get("deploy") or {}).get("replicas", service.get("scale", 1))
        return self.scale.get(name, int(own))

    def _name(self, name: str, number: int) -> str:
        return str(self.services[name].get("container_name") or f"{self.name}-{name}-{number}")

    async def _wait(self, name: str, condition: str) -> None:
        """Waits for a dependency as Compose does; raises when it can no longer be met."""
        for container in of_service(self.world, self.name, name):
            if condition != "service_started":
                self.report(container.name, "Waiting")
            while not self._met(name, condition, container):  # noqa: ASYNC110 - the state is a function of time
                await asyncio.sleep(_POLL)
            if condition == "service_healthy":
                self.report(container.name, "Healthy")

    def _met(self, name: str, condition: str, container: SimContainer) -> bool:
        now = self.compose.look(container)
        if condition == "service_completed_successfully":
            if now.state == "exited" and now.exit_code:
                raise failed(f'service "{name}" didn\'t complete successfully: exit {now.exit_code}')
            return now.state == "exited"
        if condition == "service_healthy":
            if now.state == "exited":
                reason = f"container {container.name} exited ({now.exit_code})"
                raise failed(f"dependency failed to start: {reason}")
            if not now.health or now.health == "unhealthy":
                reason = "is unhealthy" if now.health else "has no healthcheck configured"
                raise failed(f"dependency failed to start: container {container.name} {reason}")
            return now.health == "healthy"
        return True


def of_service(world: World, project: str, service: str) -> list[SimContainer]:
    """The containers of a service, half-made twins among them."""
    found = [
        container
        for container in world.containers.values()
        if container.labels.get(LABEL + "project") == project
        and container.labels.get(LABEL + "service") == service
        and container.labels.get(LABEL + "oneoff") != "True"
    ]
    return sorted(found, key=_number)


def _number(container: SimContainer) -> int:
    return int(container.labels.get(LABEL + "container-number", "1"))


def _joins(service: Values) -> str:
    kind, _, target = str(service.get("network_mode") or "").partition(":")
    return target if kind == "service" else ""


def _before(service: Values) -> set[str]:
    before = set(service.get("depends_on") or {})
    before |= {str(entry).partition(":")[0] for entry in service.get("volumes_from") or []}
    return before | ({_joins(service)} if _joins(service) else set())


def _ports(service: Values) -> Iterable[str]:
    for port in service.get("ports") or []:
        if port.get("published"):
            yield f"{port.get('host_ip') or ALL_ADDRESSES}:{port['published']}/{port['protocol']}"


def _healthcheck(written: Values | None, own: Healthcheck | None) -> Healthcheck | None:
    """The health check in force: the service's over the image's, which fills what the service leaves out."""
    if written is None:
        return own
    if written.get("disable") or (written.get("test") or [""])[0] == "NONE":
        return None
    times = {key: durations.parse(written[key]) for key in ("interval", "timeout", "start_period") if key in written}
    retries = {"retries": int(written["retries"])} if "retries" in written else {}
    return msgspec.structs.replace(own or Healthcheck(), **times, **retries)
