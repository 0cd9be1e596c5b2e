"""Reads the definitions of volumes, networks and containers, and creates volumes and networks again from them."""

from __future__ import annotations

from typing import Any

from ws9tui.adapters.engine import definition_records as records
from ws9tui.adapters.engine.calls import Calls, found
from ws9tui.core.model.definitions import NetworkDefinition, VolumeDefinition


class EngineDefinitions:
    """The definitions of a real engine, as `core.ports.Definitions`."""

    def __init__(self, call: Calls) -> None:
        self._call = call

    async def volume(self, name: str) -> VolumeDefinition | None:
        """Returns a volume's definition; None if it does not exist."""
        return await self._call(
            "volume", lambda client: found(lambda: records.volume_definition(client.inspect_volume(name)))
        )

    async def network(self, name: str) -> NetworkDefinition | None:
        """Returns a network's definition; None if it does not exist."""
        return await self._call(
            "network", lambda client: found(lambda: records.network_definition(client.inspect_network(name)))
        )

    async def container(self, container_id: str) -> dict[str, Any]:
        """Returns a container's inspection; empty if it does not exist."""
        look = await self._call("container", lambda client: found(lambda: client.inspect_container(container_id)))
        return dict(look or {})

    async def make_volume(self, wanted: VolumeDefinition) -> None:
        """Creates a volume; an existing one stays as it is."""
        made = (wanted.name, wanted.driver, wanted.options or None, wanted.labels or None)
        await self._call("make_volume", lambda client: client.create_volume(*made))

    async def make_network(self, wanted: NetworkDefinition) -> None:
        """Creates a network, with this program's label."""
        body = records.network_request(wanted)
        await self._call("make_network", lambda client: client.create_network(**body))
