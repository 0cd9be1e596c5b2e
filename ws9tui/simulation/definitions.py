"""The definitions from which the simulated world's volumes, networks and containers were created."""

from __future__ import annotations

from typing import Any

import msgspec

from ws9tui.core.model.codec import encoded
from ws9tui.core.model.definitions import NetworkDefinition, VolumeDefinition
from ws9tui.core.model.observed import Network
from ws9tui.simulation.world import World


class SimulatedDefinitions:
    """The definitions of a simulated world, as `core.ports.Definitions`."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def volume(self, name: str) -> VolumeDefinition | None:
        """Returns a volume's definition, with the defaults unless one is recorded; None if there is no such volume."""
        await self.world.meet("volume", name)
        return self.world.volume_definitions.get(name, VolumeDefinition(name)) if name in self.world.volumes else None

    async def network(self, name: str) -> NetworkDefinition | None:
        """Returns a network's definition; None if there is no such network."""
        await self.world.meet("network", name)
        known = self.world.network_definitions.get(name, NetworkDefinition(name))
        return known if any(network.name == name for network in self.world.networks) else None

    async def container(self, container_id: str) -> dict[str, Any]:
        """Returns a container's record in the world; empty if there is no such container."""
        await self.world.meet("container", container_id)
        found = self.world.find_container(container_id)
        return {"Id": found.made.id, **msgspec.to_builtins(found.made, enc_hook=encoded)} if found else {}

    async def make_volume(self, wanted: VolumeDefinition) -> None:
        """Creates a volume; an existing one stays as it is."""
        await self.world.meet("make_volume", wanted.name)
        if wanted.name not in self.world.volumes:
            self.world.volumes.append(wanted.name)
            self.world.volume_definitions[wanted.name] = wanted
        self.world.save()

    async def make_network(self, wanted: NetworkDefinition) -> None:
        """Creates a network that is marked as created by this program."""
        await self.world.meet("make_network", wanted.name)
        project = wanted.labels.get("com.docker.compose.project", "")
        self.world.networks.append(Network(f"net-{wanted.name}", wanted.name, project, ours=True))
        self.world.network_definitions[wanted.name] = wanted
        self.world.save()
