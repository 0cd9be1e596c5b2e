"""What the core needs of the Compose command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ws9tui.core.model.masking import Mask
from ws9tui.core.model.source import ProjectSource


class Compose(Protocol):
    """The Compose command, version 2 or later."""

    keep_open: tuple[int, ...]
    """descriptors that its processes inherit"""
    command: tuple[str, ...]
    """as it is typed; known once the version was asked for"""
    mask: Mask
    """knows the secrets of each project that was asked about, from before Compose is asked"""

    async def version(self) -> str:
        """Compose's version, without a leading v. Raises `ComposeError` where there is none or it is version 1."""

    async def config(self, source: ProjectSource, *, resolve_env_files: bool = True) -> dict[str, Any]:
        """The resolved project as `config --format json` gives it.

        Without ``resolve_env_files`` the services name their env files instead of holding their content.
        """

    async def hashes(
        self, source: ProjectSource, instead: Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, str]:
        """Each service's config hash, as Compose writes it on the containers that it makes.

        ``instead`` has parts of services that are to be others than the files say: service → as in a Compose file.
        """

    async def interpolate(self, source: ProjectSource, texts: Sequence[str]) -> list[str]:
        """Fills the variables in texts with the values that the project's files would get."""

    async def placed(self, source: ProjectSource) -> tuple[dict[str, Any], str]:
        """The resolved project as `config` gives it, and the directory that Compose takes for the project's.

        A source without files is what Compose finds by itself, which cannot be placed.
        """

    async def resolved(self, source: ProjectSource) -> tuple[dict[str, Any], list[str]]:
        """The resolved project as `config` gives it, and the variables in its files without a default and a value."""

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
        """Makes or recreates just these services: `up --no-build --pull never --no-deps`.

        Without ``start`` their containers are made and not started; with ``force`` they are made anew in any case,
        with ``keep`` in none. Not ``alone``, what they depend on is brought up to date besides; that is for where it is
        so already. It has ``longer`` seconds more than is usual, for what it stops and waits for.
        ``report`` gets each step as (container name, what happens to it).
        """

    async def restart(self, source: ProjectSource, services: Sequence[str], *, longer: float = 0.0) -> None:
        """Restarts just these services, keeping their containers; ``longer`` is as for `up`."""
