"""What the core needs of an engine's data, and of what its volumes, networks and containers were made from."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from typing import Any, Protocol

from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.model.definitions import NetworkDefinition, VolumeDefinition
from ws9tui.core.model.observed import Mount


class DataAccess(Protocol):
    """The engine's archive interface, by which data goes out of volumes and bind mounts and back into them.

    It works on a *holder*: a container that is made and never started, with the mounts at `/ws9tui/0`, `/ws9tui/1`, …;
    :mod:`ws9tui.core.data.transfer` tells what the archives carry.
    """

    async def volume_sizes(self) -> dict[str, int]:
        """Bytes of each volume, of which the engine knows it; it walks them all for that."""

    async def no_data(self) -> dict[str, str]:
        """Volumes whose content is no data, and why: the kind of file system that is in memory, or `read-only`."""

    async def is_folder(self, container_id: str, path: str) -> bool:
        """Whether a path in a container is there and is a folder."""

    async def hold(self, image_id: str, mounts: Sequence[Mount], owner: str) -> str:
        """Makes a holder of these mounts from a local image and gives its ID; ``owner`` is the project's name.

        A volume without a name is empty and goes with the holder: it hides what is below another mount, so that nothing
        of that is read, and nothing changes.
        """

    async def held(self, owner: str) -> list[str]:
        """The IDs of a project's holders, those that a killed run left among them."""

    async def let_go(self, holder_id: str) -> None:
        """Removes a holder, and nothing of what it held. Absent is no error."""

    def read(self, container_id: str, path: str) -> AsyncGenerator[bytes, None]:
        """The tar archive of a path, in chunks; its first entry is the path's last part."""

    async def write(self, container_id: str, path: str, chunks: Iterable[bytes]) -> None:
        """Unpacks a tar archive below a path; the chunks are taken in another thread."""

    async def empty(self, container_id: str, path: str) -> None:
        """Removes all that is in a holder's mount, but not the mount's own folder."""

    async def sees(self, container_id: str, path: str) -> bool:
        """Whether a mount's folder is one that we can look into on this machine, past the archives."""

    async def extras(self, container_id: str, path: str) -> tuple[Extras, ...] | None:
        """What the archive of a mount leaves out of its files; None where it cannot be seen."""

    async def put_extras(self, container_id: str, path: str, extras: Sequence[Extras]) -> tuple[Extras, ...] | None:
        """Gives a mount's files these extras and no others, and looks what they then have.

        None where they cannot be seen, or their file system knows no such.
        """


class Definitions(Protocol):
    """What an engine's volumes, networks and containers were made from."""

    async def volume(self, name: str) -> VolumeDefinition | None:
        """Looks at one volume; None where it is not there."""

    async def network(self, name: str) -> NetworkDefinition | None:
        """Looks at one network; None where it is not there."""

    async def container(self, container_id: str) -> dict[str, Any]:
        """A container as the engine describes it, with its secrets; empty where it is gone."""

    async def make_volume(self, wanted: VolumeDefinition) -> None:
        """Makes an empty volume; one of that name that is there stays as it is."""

    async def make_network(self, wanted: NetworkDefinition) -> None:
        """Makes a network, with a label that says that this program did."""
