"""The registries of the simulated world, as `core.ports.Registries`."""

from __future__ import annotations

from collections.abc import Sequence

from ws9tui.adapters.simulated_world import World
from ws9tui.errors import Problem


class SimulatedRegistries:
    """The registries of a simulated world, which ask for no login."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def logins(self, registries: Sequence[str]) -> list[Problem]:  # noqa: ARG002 - the port's
        """Nothing is wrong with logins that nobody needs."""
        return []
