"""The simulated engine: what `ws9tui demo` and the fast tests run on instead of Docker.

It behaves as an engine 20.10 with overlay2 does, of which the contract test holds it. The state is a `World`;
`SimulatedCompose` works on the same one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Collection, Iterable, Iterator, Sequence

import msgspec

from ws9tui.adapters import probe
from ws9tui.core.model.observed import Container, EngineInfo, Image, Manifest, Network, PullEvent, Signals
from ws9tui.core.model.reference import Reference
from ws9tui.core.ports import Needs
from ws9tui.errors import EngineError
from ws9tui.simulation.compose import SimulatedCompose
from ws9tui.simulation.data import SimulatedData
from ws9tui.simulation.life import Behaviour, Clock, Moment, SimContainer, moment, stamp, written
from ws9tui.simulation.load import saved_images
from ws9tui.simulation.registries import SimulatedRegistries
from ws9tui.simulation.up import LABEL
from ws9tui.simulation.world import Fault, ImageSpec, Layer, LocalImage, World, make_image, registry_error, split, view

__all__ = ["Behaviour", "Fault", "ImageSpec", "SimulatedCompose", "SimulatedEngine", "World", "make_image"]

_AT_ONCE = 3
"""layers that the engine downloads at the same time"""
_TICK = 0.1
_EXTRACTION = 4.0
"""how much faster a layer is extracted than downloaded"""
_STEPS = 50
_NO_COMMAND = 127
_ENDLESS = {"sleep": "", "yes": "y\n" * 1000}
"""programs of each image that do not end, and what they print first"""
_TERM = 15


class SimulatedEngine:
    """An engine on a simulated world; ``calls`` lists what was asked of it."""

    def __init__(self, world: World, clock: Clock = time.time) -> None:
        self.world = world
        self.clock = clock
        self.data = SimulatedData(world, clock)
        self.registries = SimulatedRegistries(world)
        self.calls: list[tuple[str, str]] = []
        self._pulls = 0

    async def info(self) -> EngineInfo:
        """The world's own, with the time that it is there."""
        await self._call("info")
        return msgspec.structs.replace(self.world.info, time=stamp(self.clock()))

    async def refused(self, more: Collection[Needs] = ()) -> list[str]:  # noqa: ARG002  # nothing stands before it
        """Nothing stands before a simulated engine."""
        await self._call("refused", "")
        return []

    async def containers(self, project: str | None = None) -> list[Container]:
        """All containers, the youngest first."""
        await self._call("containers", project or "")
        found = sorted(self.world.containers.values(), key=lambda container: -container.created)
        return [
            self._view(container)
            for container in found
            if project is None or container.labels.get(LABEL + "project") == project
        ]

    async def container(self, container_id: str) -> Container | None:
        """One container by ID or name."""
        await self._call("container", container_id)
        found = self._find(container_id)
        return self._view(found) if found else None

    async def image(self, reference: str) -> Image | None:
        """One image."""
        await self._call("image", reference)
        found = self.world.find(reference)
        return view(found) if found else None

    async def images(self) -> list[Image]:
        """All images, as briefly as an engine lists them."""
        await self._call("images")
        return [
            Image(
                image.spec.id,
                tuple(map(Reference, image.tags)),
                tuple(map(Reference, image.digests)),
                dict(image.spec.labels),
                size=image.spec.size,
            )
            for image in self.world.images.values()
        ]

    async def resolve(self, reference: str) -> Manifest:
        """What the registry has, after its latency."""
        await asyncio.sleep(self.world.latency)
        await self._call("resolve", reference)
        spec = self.world.lookup(reference)
        return Manifest(spec.digest, spec.platforms)

    async def pull(self, reference: str) -> AsyncGenerator[PullEvent, None]:
        """Downloads and extracts the layers that are not there; nothing is kept until the end."""
        self.calls.append(("pull", reference))
        fault = self.world.strike("pull", reference)
        if fault is not None and not fault.at:
            await fault.happen(reference)
        await asyncio.sleep(self.world.latency)
        spec = self.world.lookup(reference)
        here = f"{self.world.info.os}/{self.world.info.architecture}"
        if not any(platform == here or platform.startswith(f"{here}/") for platform in spec.platforms):
            raise registry_error("platform-missing", reference, f"no matching manifest for {here} in the manifest list")
        name, tag, digest = split(reference)
        yield PullEvent(f"Pulling from {name.partition('/')[2] or name}", f"{name}@{digest}" if digest else tag)
        known = spec.id in self.world.images
        async for event in self._transfer(spec, reference, fault):
            yield event
        self.world.keep(reference, spec)
        yield PullEvent(f"Digest: {spec.digest}")
        yield PullEvent(f"Status: {'Image is up to date' if known else 'Downloaded newer image'} for {reference}")

    async def load(self, archive: Iterable[bytes]) -> AsyncGenerator[PullEvent, None]:
        """Takes an archive to its end at the world's rate, and only then has its images."""
        await self._call("load")
        held = bytearray()
        for piece in archive:
            held += piece
            await asyncio.sleep(len(piece) / self.world.rate if self.world.rate else 0)
        for spec, tags in saved_images(bytes(held)):
            for layer in spec.layers:
                yield PullEvent("Loading layer", layer.digest.partition(":")[2][:12], layer.size, layer.size)
            self.world.images.setdefault(spec.id, LocalImage(spec))
            for tag in tags:
                self.world.tag(spec.id, tag)

    async def tag(self, image_id: str, reference: str) -> None:
        """Gives an image a tag."""
        await self._call("tag", reference)
        found = self.world.find(image_id)
        if found is None:
            raise EngineError("engine-error", call="tag", reason=f"No such image: {image_id}")
        self.world.tag(found.spec.id, reference)

    async def untag(self, reference: str) -> None:
        """Removes a reference, and an unused image with its last one."""
        await self._call("untag", reference)
        self.world.untag(reference)

    async def collect_partial(self) -> None:
        """Does nothing: an aborted pull leaves nothing here."""
        await self._call("collect_partial")

    async def disk_usage(self) -> int:
        """Bytes of the distinct layers."""
        await self._call("disk_usage")
        return self.world.disk_usage()

    async def disk_free(self) -> tuple[int, int] | None:
        """The world's own."""
        await self._call("disk_free")
        return self.world.disk_free

    async def logs(self, container_id: str, *, tail: int | None = None, since: float = 0.0) -> bytes:
        """What the container has written since it was made."""
        await self._call("logs", container_id)
        container = self._existing("logs", container_id)
        behaviour = self.world.images[container.image_id].spec.behaviour
        lines = [text for at, text in written(container, behaviour, self.clock()) if at >= since]
        return "".join(f"{line}\n" for line in lines[-tail if tail else 0 :] if tail != 0).encode()

    async def changed_files(self, container_id: str) -> list[str]:
        """What the behaviour names, once the container has run."""
        await self._call("changed_files", container_id)
        container = self._existing("changed_files", container_id)
        return sorted(self.world.images[container.image_id].spec.behaviour.changed_files) if container.started else []

    async def networks(self) -> list[Network]:
        """All networks."""
        await self._call("networks")
        return list(self.world.networks)

    async def create_network(self, name: str) -> None:
        """Makes a network of ours."""
        await self._call("create_network", name)
        self.world.networks.append(Network(f"net-{name}", name, ours=True))
        self.world.save()

    async def volumes_of(self, project: str) -> list[str]:
        """The volumes named as Compose names a project's."""
        await self._call("volumes_of", project)
        return [name for name in self.world.volumes if name.startswith(f"{project}_")]

    async def remove_volume(self, name: str) -> None:
        """Removes a volume."""
        await self._call("remove_volume", name)
        self.world.volumes = [volume for volume in self.world.volumes if volume != name]
        self.world.save()

    async def volumes(self) -> list[str]:
        """All volumes."""
        await self._call("volumes")
        return list(self.world.volumes)

    async def execute(
        self,
        container_id: str,
        command: Sequence[str],
        *,
        within: float,  # noqa: ARG002 - nobody waits here
    ) -> tuple[int | None, str]:
        """Prints what the behaviour has for this command."""
        await self._call("execute", container_id)
        container = self._existing("execute", container_id)
        if not self._look(container).running:
            raise EngineError("engine-error", call="execute", reason=f"Container {container.id} is not running")
        outputs = self.world.images[container.image_id].spec.behaviour.outputs
        if command[0] in _ENDLESS:
            return None, _ENDLESS[command[0]]
        line = " ".join(command)
        for known in (line, line.removeprefix("/bin/sh -c ")):
            if known in outputs:
                return 0, outputs[known]
        return _NO_COMMAND, f"{command[0]}: not found\n"

    async def answers(self, url: str, *, within: float) -> str:
        """Asks it: it may well be there."""
        return await probe.ask(url, within)

    async def signals(self) -> Signals:
        """The stop signals of those that are to have stopped later."""
        await self._call("signals")
        now = self.clock()
        ending = [found.id for found in self.world.containers.values() if found.stopped > now]
        return Signals(dict.fromkeys(ending, frozenset({_TERM})))

    async def stop(self, container_id: str) -> None:
        """Stops a container."""
        await self._call("stop", container_id)
        found = self._find(container_id)
        if found is not None:
            await SimulatedCompose(self.world, self.clock).stop(found)

    async def remove_container(self, container_id: str) -> None:
        """Removes a container that does not run."""
        await self._call("remove_container", container_id)
        found = self._find(container_id)
        if found is None:
            return
        if self._look(found).state in ("running", "restarting"):
            reason = f"You cannot remove a running container {found.id}"
            raise EngineError("engine-error", call="remove_container", reason=reason)
        del self.world.containers[found.id]
        self.world.save()

    async def rename(self, container_id: str, name: str) -> None:
        """Gives a container another name."""
        await self._call("rename", container_id)
        found = self._find(container_id)
        if found is None:
            raise EngineError("engine-error", call="rename", reason=f"No such container: {container_id}")
        found.name = name
        self.world.save()

    async def remove_network(self, network_id: str) -> None:
        """Removes a network."""
        await self._call("remove_network", network_id)
        self.world.networks = [net for net in self.world.networks if network_id not in (net.id, net.name)]
        self.world.save()

    async def close(self) -> None:
        """Does nothing: there is no connection."""

    async def _call(self, call: str, subject: str = "") -> None:
        self.calls.append((call, subject))
        await self.world.meet(call, subject)

    def _find(self, container_id: str) -> SimContainer | None:
        by_id = self.world.containers.get(container_id)
        return by_id or next((one for one in self.world.containers.values() if one.name == container_id), None)

    def _existing(self, call: str, container_id: str) -> SimContainer:
        found = self._find(container_id)
        if found is None:
            raise EngineError("engine-error", call=call, reason=f"No such container: {container_id}")
        return found

    def _look(self, container: SimContainer) -> Moment:
        return moment(container, self.world.images[container.image_id].spec.behaviour, self.clock())

    def _view(self, container: SimContainer) -> Container:
        now = self._look(container)
        labels = {key.removeprefix(LABEL): value for key, value in container.labels.items() if key.startswith(LABEL)}
        behaviour = self.world.images[container.image_id].spec.behaviour
        known = {network.name: network.id for network in self.world.networks}
        return Container(
            id=container.id,
            name=container.name,
            image_id=container.image_id,
            image=Reference(container.image),
            project=labels.get("project", ""),
            service=labels.get("service", ""),
            number=int(labels.get("container-number", "1")),
            oneoff=labels.get("oneoff") == "True",
            config_hash=labels.get("config-hash", ""),
            compose_version=labels.get("version", ""),
            image_label=labels.get("image", ""),
            replaces=labels.get("replace", ""),
            working_dir=labels.get("project.working_dir", ""),
            config_files=_listed(labels.get("project.config_files", "")),
            environment_files=_listed(labels.get("project.environment_file", "")),
            state=now.state,
            health=now.health,
            exit_code=now.exit_code,
            error=container.error,
            restart_count=now.restarts,
            restart_policy=container.restart_policy.partition(":")[0],
            restart_limit=int(container.restart_policy.partition(":")[2] or 0),
            created_at=stamp(container.created),
            started_at=stamp(now.started),
            finished_at=stamp(now.finished),
            healthcheck=container.healthcheck,
            health_output=behaviour.health_output if now.health in ("starting", "unhealthy") else "",
            grace=container.grace,
            networks={name: known.get(name, "") for name in container.networks},
            network_mode=container.network_mode,
            mounts=container.mounts,
            ports=container.ports,
        )

    async def _transfer(self, spec: ImageSpec, reference: str, fault: Fault | None) -> AsyncGenerator[PullEvent, None]:
        transfer = _Transfer(
            spec, {layer.digest for image in self.world.images.values() for layer in image.spec.layers}
        )
        self._pulls += 1
        try:
            for event in transfer.begin():
                yield event
            while not transfer.done:
                await asyncio.sleep(_TICK if self.world.rate else 0)
                if fault is not None and fault.at and transfer.fraction >= fault.at:
                    await fault.happen(reference)
                for event in transfer.advance(self._share(spec, fault)):
                    yield event
        finally:
            self._pulls -= 1

    def _share(self, spec: ImageSpec, fault: Fault | None) -> float:
        """The bytes that one pull gets in one tick; without a limit all, or steps in which a fault can strike."""
        if self.world.rate:
            return self.world.rate / self._pulls * _TICK
        return spec.size / _STEPS if fault is not None and fault.at else float("inf")


class _Transfer:
    """The download and extraction of one image's layers."""

    def __init__(self, spec: ImageSpec, present: set[str]) -> None:
        self.layers = spec.layers
        self.present = present
        self.waiting = [layer for layer in spec.layers if layer.digest not in present]
        self.extracting = list(self.waiting)
        self.got: dict[str, float] = {layer.digest: 0.0 for layer in self.waiting}
        self.extracted = 0.0

    @property
    def done(self) -> bool:
        """Whether all layers are extracted."""
        return not self.extracting

    @property
    def fraction(self) -> float:
        """How much of the download is there."""
        total = sum(layer.size for layer in self.layers if layer.digest in self.got)
        return sum(self.got.values()) / total if total else 1.0

    def begin(self) -> Iterator[PullEvent]:
        """What the engine says of each layer before it downloads."""
        for layer in self.layers:
            yield _event("Already exists" if layer.digest in self.present else "Pulling fs layer", layer)
        for layer in self.waiting[_AT_ONCE:]:
            yield _event("Waiting", layer)

    def advance(self, bytes_now: float) -> Iterator[PullEvent]:
        """What happens with so many more bytes."""
        active = self.waiting[:_AT_ONCE]
        for layer in active:
            got = self.got[layer.digest] = min(layer.size, self.got[layer.digest] + bytes_now / len(active))
            yield _event("Downloading", layer, int(got))
            if got >= layer.size:
                self.waiting.remove(layer)
                yield _event("Verifying Checksum", layer)
                yield _event("Download complete", layer)
        yield from self._extract(bytes_now * _EXTRACTION)

    def _extract(self, bytes_now: float) -> Iterator[PullEvent]:
        """Layers are extracted one after the other, the lowest first."""
        while self.extracting and bytes_now > 0 and (layer := self.extracting[0]) not in self.waiting:
            step = min(layer.size - self.extracted, bytes_now)
            self.extracted += step
            bytes_now -= step
            yield _event("Extracting", layer, int(self.extracted))
            if self.extracted >= layer.size:
                self.extracting.pop(0)
                self.extracted = 0.0
                yield _event("Pull complete", layer)


def _event(status: str, layer: Layer, current: int = 0) -> PullEvent:
    return PullEvent(status, layer.digest.partition(":")[2][:12], current, layer.size if current else 0)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)
