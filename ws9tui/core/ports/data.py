"""The core's interface to an engine's data, and to the definitions of its volumes, networks and containers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Any, Protocol

from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.model.definitions import NetworkDefinition, VolumeDefinition
from ws9tui.core.model.observed import Mount


class DataAccess(Protocol):
    """The engine's archive interface, which copies data out of volumes and bind mounts and back into them.

    It works on a *holder*: a container that is created and never started, with mounts at `/ws9tui/0`, `/ws9tui/1`, …;
    :mod:`ws9tui.core.data.transfer` describes what the archives contain.
    """

    async def volume_sizes(self) -> dict[str, int]:
        """Returns the bytes of each volume whose size the engine knows; for that it walks all volumes."""

    async def no_data(self) -> dict[str, str]:
        """Returns volumes whose content is no data, and why: the type of an in-memory file system, or `read-only`."""

    async def is_folder(self, container_id: str, path: str) -> bool:
        """Whether a path in a container exists and is a folder."""

    async def hold(self, image_id: str, mounts: Sequence[Mount], owner: str) -> str:
        """Creates a holder of these mounts from a local image and returns its ID; ``owner`` is the project's name.

        A volume without a name is empty and is removed with the holder: it hides what is below another mount, so that
        nothing of that is read or changed.
        """

    async def held(self, owner: str) -> list[str]:
        """Returns the IDs of a project's holders, including those left by a killed run."""

    async def let_go(self, holder_id: str) -> None:
        """Removes a holder, but none of the volumes that it held. An absent one is no error."""

    def read(self, container_id: str, path: str) -> AsyncGenerator[bytes, None]:
        """Yields the tar archive of a path in chunks; its first entry is the path's last component."""

    async def write(self, container_id: str, path: str, chunks: Iterable[bytes]) -> None:
        """Unpacks a tar archive below a path; the chunks are consumed in another thread."""

    async def empty(self, container_id: str, path: str) -> None:
        """Removes everything in a holder's mount, except the mount's own folder."""

    async def sees(self, container_id: str, path: str) -> bool:
        """Whether this process can access a mount's folder directly on this machine."""

    async def extras(self, container_id: str, path: str) -> tuple[Extras, ...] | None:
        """Returns the metadata that the archive of a mount omits; None if this process cannot access the folder."""

    async def put_extras(self, container_id: str, path: str, extras: Sequence[Extras]) -> tuple[Extras, ...] | None:
        """Sets the extras of a mount's files, removing all others, and returns the extras that they then have.

        None if this process cannot access the folder, or its file system does not support them.
        """


class Definitions(Protocol):
    """The definitions from which an engine's volumes, networks and containers were created."""

    async def volume(self, name: str) -> VolumeDefinition | None:
        """Inspects a volume; None if it does not exist."""

    async def network(self, name: str) -> NetworkDefinition | None:
        """Inspects a network; None if it does not exist."""

    async def container(self, container_id: str) -> dict[str, Any]:
        """Returns a container as the engine describes it, including its secrets; empty if it is gone."""

    async def make_volume(self, wanted: VolumeDefinition) -> None:
        """Creates an empty volume; an existing one of that name stays as it is."""

    async def make_network(self, wanted: NetworkDefinition) -> None:
        """Creates a network, with a label that names this program as its creator."""
