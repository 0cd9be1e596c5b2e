"""The registries, asked by this program itself, as `core.ports.Registries`."""

from __future__ import annotations

from collections.abc import Sequence

from ws9tui.adapters.logins import Logins
from ws9tui.errors import Problem


class RegistryAccess:
    """The registries that an engine uses, with the logins of this program's user."""

    def __init__(self, logins: Logins) -> None:
        self._logins = logins

    async def logins(self, registries: Sequence[str]) -> list[Problem]:
        """Look at config.json, and ask the helpers that know these logins."""
        return await self._logins.problems(registries)
