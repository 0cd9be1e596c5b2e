"""The registries of the simulated world, as `core.ports.Registries`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from email.utils import formatdate

import msgspec

from ws9tui.core.model.observed import Tags
from ws9tui.core.model.offered import Manifest, OfferedImage
from ws9tui.core.model.reference import Reference
from ws9tui.problems.image import PlatformMissing
from ws9tui.problems.problem import Problem
from ws9tui.simulation.images import LocalImage, manifest_of, view
from ws9tui.simulation.world import World, registry_error


class SimulatedRegistries:
    """The registries of a simulated world, which ask for no login."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def logins(self, registries: Sequence[str]) -> list[Problem]:  # noqa: ARG002 - the port's
        """Returns no problems: simulated registries need no logins."""
        return []

    async def tags(self, reference: str) -> Tags:
        """Returns the tags of a reference's repository, after the world's latency."""
        await asyncio.sleep(self.world.latency)
        await self.world.meet("tags", reference)
        return Tags(tuple(self.world.repository(reference).tags))

    async def heading(self, reference: Reference) -> Manifest:
        """Returns the digest that a reference names, after the world's latency."""
        await asyncio.sleep(self.world.latency)
        await self.world.meet("resolve", reference)
        return Manifest(self.world.lookup(reference).digest)

    async def describe(self, reference: Reference, platform: str) -> OfferedImage:
        """Returns the image that a reference names for a platform; layers are as large compressed as unpacked."""
        await asyncio.sleep(self.world.latency)
        await self.world.meet("describe", reference)
        spec = self.world.lookup(reference)
        if not any(f"{known}/".startswith(f"{platform}/") for known in spec.platforms):
            raise registry_error(PlatformMissing, reference, f"it has {', '.join(spec.platforms)}")
        manifest = manifest_of(spec, platform)
        image = msgspec.structs.replace(view(LocalImage(spec)), manifest=manifest)
        return OfferedImage(spec.digest, manifest, image, spec.layers, spec.platforms)

    async def members(self, reference: str) -> dict[str, str]:
        """Returns the manifests that a reference names, as digest → platform; one for each platform."""
        await asyncio.sleep(self.world.latency)
        await self.world.meet("members", reference)
        spec = self.world.lookup(reference)
        return {manifest_of(spec, platform): platform for platform in spec.platforms}

    async def date(self, registry: str) -> str:  # noqa: ARG002 - the port's
        """Returns the current time as an HTTP date: the clocks of simulated registries are right."""
        return formatdate(usegmt=True)
