"""The core's interface to the Compose command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ws9tui.core.model.masking import Mask
from ws9tui.core.model.source import ProjectSource


class Compose(Protocol):
    """The Compose command, version 2 or later."""

    keep_open: tuple[int, ...]
    """descriptors that Compose processes inherit"""
    command: tuple[str, ...]
    """the words that call Compose; known once `version` was called"""
    mask: Mask
    """knows the secrets of each project before Compose is run on it"""

    async def version(self) -> str:
        """Returns Compose's version without a leading v; raises `ComposeError` if there is none or it is version 1."""

    async def config(self, source: ProjectSource, *, resolve_env_files: bool = True) -> dict[str, Any]:
        """Returns the resolved project as `config --format json` prints it.

        Without ``resolve_env_files`` the services name their env files instead of holding their content.
        """

    async def hashes(
        self, source: ProjectSource, instead: Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, str]:
        """Returns each service's config hash, as Compose writes it in the labels of the containers that it creates.

        ``instead`` overrides parts of services: service → keys as in a Compose file.
        """

    async def interpolate(self, source: ProjectSource, texts: Sequence[str]) -> list[str]:
        """Returns texts with their variables interpolated by the values that the project's files would get."""

    async def placed(self, source: ProjectSource) -> tuple[dict[str, Any], str]:
        """Returns the resolved project as `config` does, and the project directory that Compose uses.

        A source without files is one that Compose discovers itself, for which the directory cannot be determined.
        """

    async def resolved(self, source: ProjectSource) -> tuple[dict[str, Any], list[str]]:
        """Returns the resolved project as `config` does, and the variables in its files without default and value."""

    async def up(
        self,
        source: ProjectSource,
        services: Sequence[str],
        *,
        start: bool = True,
        force: bool = False,
        keep: bool = False,
        alone: bool = True,
        scale: Mapping[str, int] | None = None,
        longer: float = 0.0,
        report: Callable[[str, str], None] | None = None,
    ) -> None:
        """Creates or recreates just these services: `up --no-build --pull never --no-deps`.

        Without ``start`` containers are created and not started; ``force`` recreates them in any case, ``keep`` never.
        Without ``alone`` their dependencies are brought up to date as well, for cases in which they already are.
        ``longer`` seconds are added to the usual timeout, for what Compose stops and waits for.
        ``report`` gets each step as (container name, what happens to it).
        """

    async def restart(self, source: ProjectSource, services: Sequence[str], *, longer: float = 0.0) -> None:
        """Restarts just these services, keeping their containers; ``longer`` is as for `up`."""
