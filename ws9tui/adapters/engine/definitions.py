"""What volumes, networks and containers of a real engine were made from, and volumes and networks made again."""

from __future__ import annotations

from typing import Any

from docker import APIClient

from ws9tui.adapters.engine import definition_records as records
from ws9tui.adapters.engine.calls import Calls, found
from ws9tui.core.model.definitions import NetworkDefinition, VolumeDefinition


class EngineDefinitions:
    """The definitions of a real engine, as `core.ports.Definitions`."""

    def __init__(self, call: Calls) -> None:
        self._call = call

    async def volume(self, name: str) -> VolumeDefinition | None:
        """Inspect the volume."""

        def look(client: APIClient) -> VolumeDefinition | None:
            return found(lambda: records.volume_definition(client.inspect_volume(name)))

        return await self._call("volume", look)

    async def network(self, name: str) -> NetworkDefinition | None:
        """Inspect the network."""

        def look(client: APIClient) -> NetworkDefinition | None:
            return found(lambda: records.network_definition(client.inspect_network(name)))

        return await self._call("network", look)

    async def container(self, container_id: str) -> dict[str, Any]:
        """Inspect the container."""

        def look(client: APIClient) -> dict[str, Any]:
            return found(lambda: dict(client.inspect_container(container_id))) or {}

        return await self._call("container", look)

    async def make_volume(self, wanted: VolumeDefinition) -> None:
        """Create the volume; an engine takes one that is there for done."""

        def make(client: APIClient) -> None:
            client.create_volume(wanted.name, wanted.driver, wanted.options or None, wanted.labels or None)

        await self._call("make_volume", make)

    async def make_network(self, wanted: NetworkDefinition) -> None:
        """Create the network, with a label of ours."""
        body = records.network_request(wanted)
        await self._call("make_network", lambda client: client.create_network(**body))
