"""The simulated engine: what `ws9tui demo` and the fast tests run on instead of Docker.

It behaves as engine 20.10 with overlay2 does, which the contract test verifies. Its state is a `World`, shared with
`SimulatedCompose`.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Collection, Iterable, Sequence

import msgspec

from ws9tui.adapters import probe
from ws9tui.core.model.observed import Container, EngineInfo, Image, Network, PullEvent, SentSignals
from ws9tui.core.model.offered import Manifest, OfferedLayer
from ws9tui.core.model.reference import Reference
from ws9tui.core.ports import Needs
from ws9tui.errors import ComposeError, EngineError
from ws9tui.problems.engine import EngineFailed
from ws9tui.problems.image import PlatformMissing
from ws9tui.problems.problem import Problem, Reason, reason_of
from ws9tui.simulation.compose import SimulatedCompose
from ws9tui.simulation.data import SimulatedData
from ws9tui.simulation.definitions import SimulatedDefinitions
from ws9tui.simulation.images import ImageSpec, LocalImage, make_image, packed_images, saved_images, split, view
from ws9tui.simulation.life import Behaviour, Clock, SimContainer, stamp, written
from ws9tui.simulation.registries import SimulatedRegistries
from ws9tui.simulation.world import Fault, World, registry_error

__all__ = ["Behaviour", "Fault", "ImageSpec", "SimulatedCompose", "SimulatedEngine", "World", "make_image"]

_AT_ONCE = 3
"""layers that the engine downloads at the same time"""
_TICK = 0.1
_EXTRACTION = 4.0
"""how much faster a layer is extracted than downloaded"""
_STEPS = 50
_PIECE = 64 * 1024
_NO_COMMAND = 127
_ENDLESS = {"sleep": "", "yes": "y\n" * 1000}
"""programs that every image has and that do not end → what they print first"""
_TERM = 15


class SimulatedEngine:
    """An engine on a simulated world; ``calls`` lists the calls received, as (call, subject)."""

    def __init__(self, world: World, clock: Clock = time.time) -> None:
        self.world = world
        self.clock = clock
        self.data = SimulatedData(world, clock)
        self.definitions = SimulatedDefinitions(world)
        self.registries = SimulatedRegistries(world)
        self.calls: list[tuple[str, str]] = []
        self._pulls = 0

    async def info(self) -> EngineInfo:
        """Returns the world's engine information, with the clock's current time."""
        await self._call("info")
        return msgspec.structs.replace(self.world.info, time=stamp(self.clock()))

    async def refused(self, more: Collection[Needs] = ()) -> list[Problem]:  # noqa: ARG002  # nothing stands before it
        """Returns no refused calls: no proxy stands in front of a simulated engine."""
        await self._call("refused", "")
        return []

    async def doubts(self) -> list[Problem]:
        """Returns no doubts: a simulated engine has no connection to lose."""
        return []

    async def containers(self, project: str | None = None) -> list[Container]:
        """Returns all containers, or those of a project, newest first."""
        await self._call("containers", project or "")
        found = sorted(self.world.containers.values(), key=lambda container: -container.created)
        return [self._view(container) for container in found if project in (None, container.made.project)]

    async def container(self, container_id: str) -> Container | None:
        """Returns a container by ID or name; None if there is none."""
        await self._call("container", container_id)
        found = self.world.find_container(container_id)
        return self._view(found) if found else None

    async def image(self, reference: str) -> Image | None:
        """Returns a local image by ID, tag or repository digest; None if there is none."""
        await self._call("image", reference)
        found = self.world.find(reference)
        return view(found) if found else None

    async def images(self, repository: str = "") -> list[Image]:
        """Returns all images, or those with a tag in a repository, with only the fields that an engine lists."""
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
            if not repository or any(split(tag)[0] == repository for tag in image.tags)
        ]

    async def resolve(self, reference: str) -> Manifest:
        """Returns the digest and platforms that the registry has under a reference, after the world's latency."""
        await asyncio.sleep(self.world.latency)
        await self._call("resolve", reference)
        spec = self.world.lookup(reference)
        return Manifest(spec.digest, spec.platforms)

    async def pull(self, reference: str) -> AsyncGenerator[PullEvent, None]:
        """Downloads and extracts the missing layers; an aborted pull leaves nothing."""
        self.calls.append(("pull", reference))
        fault = self.world.strike("pull", reference)
        if fault is not None and not fault.at:
            await fault.happen(reference)
        await asyncio.sleep(self.world.latency)
        spec = self.world.lookup(reference)
        here = f"{self.world.info.os}/{self.world.info.architecture}"
        if not any(platform == here or platform.startswith(f"{here}/") for platform in spec.platforms):
            raise registry_error(PlatformMissing, reference, f"no matching manifest for {here} in the manifest list")
        name, tag, digest = split(reference)
        yield PullEvent(f"Pulling from {name.partition('/')[2] or name}", f"{name}@{digest}" if digest else tag)
        known = spec.id in self.world.images
        async for event in self._transfer(spec, reference, fault):
            yield event
        self.world.keep(reference, spec)
        yield PullEvent(f"Digest: {spec.digest}")
        yield PullEvent(f"Status: {'Image is up to date' if known else 'Downloaded newer image'} for {reference}")

    async def load(self, archive: Iterable[bytes]) -> AsyncGenerator[PullEvent, None]:
        """Reads an archive to its end at the world's rate, and only then adds its images and tags."""
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

    async def save(self, images: Sequence[str]) -> AsyncGenerator[bytes, None]:
        """Yields an archive of images; raises `EngineError` if one is absent or has no content to save."""
        await self._call("save", ",".join(images))
        found = [image.spec for name in images if (image := self.world.find(name))]
        if len(found) < len(images):
            raise EngineError(EngineFailed(call="save", reason="No such image"))
        archive = packed_images(found)
        for start in range(0, len(archive), _PIECE):
            await asyncio.sleep(_PIECE / self.world.rate if self.world.rate else 0)
            yield archive[start : start + _PIECE]

    async def tag(self, image_id: str, reference: str) -> None:
        """Gives an image a tag."""
        await self._call("tag", reference)
        found = self.world.find(image_id)
        if found is None:
            raise EngineError(EngineFailed(call="tag", reason=f"No such image: {image_id}"))
        self.world.tag(found.spec.id, reference)

    async def untag(self, reference: str) -> None:
        """Removes a reference, and an unused image with its last one."""
        await self._call("untag", reference)
        self.world.untag(reference)

    async def collect_partial(self) -> None:
        """Does nothing: an aborted pull leaves nothing here."""
        await self._call("collect_partial")

    async def disk_free(self) -> tuple[int, int] | None:
        """Returns the world's free bytes and free inodes."""
        await self._call("disk_free")
        return self.world.disk_free

    async def logs(self, container_id: str, *, tail: int | None = None) -> bytes:
        """Returns what a container has written since it was created, or the last ``tail`` lines of it."""
        await self._call("logs", container_id)
        container = self.world.container("logs", container_id)
        lines = [text for _, text in written(container, self.world.behaviour(container), self.clock())]
        return "".join(f"{line}\n" for line in lines[-tail if tail else 0 :] if tail != 0).encode()

    async def changed_files(self, container_id: str) -> list[str]:
        """Returns the changed files that the behaviour names, once the container has started."""
        await self._call("changed_files", container_id)
        container = self.world.container("changed_files", container_id)
        return sorted(self.world.behaviour(container).changed_files) if container.started else []

    async def networks(self) -> list[Network]:
        """Returns all networks."""
        await self._call("networks")
        return list(self.world.networks)

    async def volumes(self, project: str | None = None) -> list[str]:
        """Returns the names of all volumes, or of those that have a project's prefix, as Compose names them."""
        await self._call("volumes", project or "")
        return [name for name in self.world.volumes if project is None or name.startswith(f"{project}_")]

    async def remove_volume(self, name: str) -> None:
        """Removes a volume."""
        await self._call("remove_volume", name)
        self.world.volumes = [volume for volume in self.world.volumes if volume != name]
        self.world.save()

    async def execute(
        self,
        container_id: str,
        command: Sequence[str],
        *,
        within: float,
        to_the_end: bool = False,  # noqa: ARG002 - nothing prints that much
    ) -> tuple[int | None, str]:
        """Returns the status and output that the world or the behaviour has for a command; 127 if neither has it."""
        await self._call("execute", container_id)
        container = self.world.container("execute", container_id)
        if not self.world.look(container, self.clock()).running:
            raise EngineError(EngineFailed(call="execute", reason=f"Container {container.made.id} is not running"))
        if (ran := await self.world.run(container.made.name, command, within)) is not None:
            return ran
        outputs = self.world.behaviour(container).outputs
        if command[0] in _ENDLESS:
            return None, _ENDLESS[command[0]]
        line = " ".join(command)
        for known in (line, line.removeprefix("/bin/sh -c "), command[-1]):
            if known in outputs:
                return 0, outputs[known]
        return _NO_COMMAND, f"{command[0]}: not found\n"

    async def answers(self, url: str, *, within: float) -> Reason | str:
        """Probes the URL for real, since it may exist outside the simulation."""
        return await probe.ask(url, within)

    async def signals(self) -> SentSignals:
        """Returns the stop signals of the containers that are stopping."""
        await self._call("signals")
        now = self.clock()
        ending = [key for key, found in self.world.containers.items() if found.stopped > now]
        return SentSignals(dict.fromkeys(ending, frozenset({_TERM})))

    async def start(self, container_id: str) -> None:
        """Starts a container."""
        await self._call("start", container_id)
        found = self.world.container("start", container_id)
        if self.world.look(found, self.clock()).state not in ("running", "restarting"):
            try:
                await SimulatedCompose(self.world, self.clock).start(found)
            except ComposeError as error:
                reason = reason_of(error.problem)
                raise EngineError(EngineFailed(call="start", reason=reason)) from error

    async def stop(self, container_id: str) -> None:
        """Stops a container."""
        await self._call("stop", container_id)
        if (found := self.world.find_container(container_id)) is not None:
            await SimulatedCompose(self.world, self.clock).stop(found)

    async def remove_container(self, container_id: str) -> None:
        """Removes a container; raises `EngineError` if it runs. An absent one is no error."""
        await self._call("remove_container", container_id)
        found = self.world.find_container(container_id)
        if found is None:
            return
        if self.world.look(found, self.clock()).state in ("running", "restarting"):
            reason = f"You cannot remove a running container {found.made.id}"
            raise EngineError(EngineFailed(call="remove_container", reason=reason))
        del self.world.containers[found.made.id]
        self.world.save()

    async def rename(self, container_id: str, name: str) -> None:
        """Gives a container another name."""
        await self._call("rename", container_id)
        self.world.container("rename", container_id).change(name=name)
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

    def _view(self, container: SimContainer) -> Container:
        now, made = self.world.look(container, self.clock()), container.made
        known = {network.name: network.id for network in self.world.networks}
        ill = now.health in ("starting", "unhealthy")
        return msgspec.structs.replace(
            made,
            state=now.state,
            health=now.health,
            exit_code=now.exit_code,
            restart_count=now.restarts,
            created_at=stamp(container.created),
            started_at=stamp(now.started),
            finished_at=stamp(now.finished),
            health_output=self.world.behaviour(container).health_output if ill else "",
            networks={name: known.get(name, "") for name in made.networks},
        )

    async def _transfer(self, spec: ImageSpec, reference: str, fault: Fault | None) -> AsyncGenerator[PullEvent, None]:
        """Downloads `_AT_ONCE` missing layers in parallel, and extracts them one at a time, the lowest first."""
        present = {layer.digest for image in self.world.images.values() for layer in image.spec.layers}
        missing = [layer for layer in spec.layers if layer.digest not in present]
        for layer in spec.layers:
            yield _event("Already exists" if layer.digest in present else "Pulling fs layer", layer)
        for layer in missing[_AT_ONCE:]:
            yield _event("Waiting", layer)
        got, extracted = dict.fromkeys(missing, 0.0), dict.fromkeys(missing, 0.0)
        strikes_at = fault.at * sum(layer.size for layer in missing) if fault is not None and fault.at else math.inf
        self._pulls += 1
        struck = math.isinf(strikes_at)
        try:
            while any(extracted[layer] < layer.size for layer in missing):
                await asyncio.sleep(_TICK if self.world.rate else 0)
                if fault is not None and sum(got.values()) >= strikes_at:
                    struck = True
                    await fault.happen(reference)
                share = self._share(spec, fault)
                active = [layer for layer in missing if got[layer] < layer.size][:_AT_ONCE]
                for layer in active:
                    got[layer] = min(layer.size, got[layer] + share / len(active))
                    yield _event("Downloading", layer, got[layer])
                    if got[layer] == layer.size:
                        yield _event("Verifying Checksum", layer)
                        yield _event("Download complete", layer)
                share *= _EXTRACTION
                for layer in missing:
                    if got[layer] < layer.size or share <= 0:
                        break
                    step = min(layer.size - extracted[layer], share)
                    if step > 0:
                        extracted[layer] += step
                        share -= step
                        yield _event("Extracting", layer, extracted[layer])
                        if extracted[layer] == layer.size:
                            yield _event("Pull complete", layer)
            if fault is not None and not struck:  # everything came in one tick
                await fault.happen(reference)
        finally:
            self._pulls -= 1

    def _share(self, spec: ImageSpec, fault: Fault | None) -> float:
        """Returns the bytes of one pull per tick; without a rate all, or a step if a fault is to strike midway."""
        if self.world.rate:
            return self.world.rate / self._pulls * _TICK
        return spec.size / _STEPS if fault is not None and fault.at else math.inf


def _event(status: str, layer: OfferedLayer, current: float = 0) -> PullEvent:
    return PullEvent(status, layer.digest.partition(":")[2][:12], int(current), layer.size if current else 0)
