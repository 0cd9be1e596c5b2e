"""What volumes, networks and containers of a real engine were made from, and volumes and networks made again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from docker.errors import NotFound

from ws9tui.adapters.engine import records
from ws9tui.core.model.definitions import NetworkDefinition, VolumeDefinition

if TYPE_CHECKING:
    from docker import APIClient

    from ws9tui.adapters.engine.data import Call

T = TypeVar("T")


class EngineDefinitions:
    """The definitions of a real engine, as `core.ports.Definitions`."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def volume(self, name: str) -> VolumeDefinition | None:
        """Inspect the volume."""

        def look(client: APIClient) -> VolumeDefinition | None:
            return _found(lambda: records.volume_definition(client.inspect_volume(name)))

        return await self._call("volume", look)

    async def network(self, name: str) -> NetworkDefinition | None:
        """Inspect the network."""

        def look(client: APIClient) -> NetworkDefinition | None:
            return _found(lambda: records.network_definition(client.inspect_network(name)))

        return await self._call("network", look)

    async def container(self, container_id: str) -> dict[str, Any]:
        """Inspect the container."""

        def look(client: APIClient) -> dict[str, Any]:
            return _found(lambda: dict(client.inspect_container(container_id))) or {}

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


def _found(look: Callable[[], T]) -> T | None:
    try:
        return look()
    except NotFound:
        return None
