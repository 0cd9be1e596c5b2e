"""The core's interface to a Docker engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from typing import Literal, Protocol

from ws9tui.core.model.observed import Container, EngineInfo, Image, Network, PullEvent, SentSignals
from ws9tui.core.model.offered import Manifest
from ws9tui.core.ports.data import DataAccess, Definitions
from ws9tui.core.ports.registries import Registries
from ws9tui.problems.problem import Problem, Reason

Needs = Literal["resolve", "exec", "load", "data", "make"]
"""groups of engine calls that not every update needs"""


class Engine(Protocol):
    """A Docker engine."""

    @property
    def data(self) -> DataAccess:
        """The data in the engine's volumes and bind mounts."""

    @property
    def definitions(self) -> Definitions:
        """The definitions of the engine's volumes, networks and containers."""

    @property
    def registries(self) -> Registries:
        """The registries, asked without the engine."""

    async def info(self) -> EngineInfo:
        """Returns the engine's identity, versions and capabilities."""

    async def refused(self, more: Collection[Needs] = ()) -> list[Problem]:
        """Returns the calls of an update that a proxy before the engine refuses, as problems; changes nothing.

        ``more`` are calls that not every update needs: for digests from registries, commands inside containers, images
        from archives, data that is backed up or restored, and networks and volumes that are created.
        """

    async def doubts(self) -> list[Problem]:
        """Returns what may end the connection to the engine while a run goes on."""

    async def containers(self, project: str | None = None) -> list[Container]:
        """Returns all containers, stopped ones included, or only those with a Compose project's label."""

    async def container(self, container_id: str) -> Container | None:
        """Inspects a container; None if it is gone."""

    async def image(self, reference: str) -> Image | None:
        """Inspects a local image by ID, tag or repository digest; None if it does not exist."""

    async def images(self, repository: str = "") -> list[Image]:
        """Returns all local images with their ID, tags, digests and size (no configuration).

        With a repository only those that have a tag in it, and possibly only their tags in it: an engine takes about
        10 ms for each image that it lists (measured with 28.5), however few are wanted.
        """

    async def resolve(self, reference: str) -> Manifest:
        """Returns the manifest that the registry has under a reference, without a pull."""

    def pull(self, reference: str) -> AsyncGenerator[PullEvent, None]:
        """Pulls `repository@digest`; closing the generator makes the engine stop the download.

        Messages are passed on as they come. An error inside the stream is raised as `RegistryError`.
        """

    def load(self, archive: Iterable[bytes]) -> AsyncGenerator[PullEvent, None]:
        """Loads an archive of `docker save`, with the tags in it; messages are passed on as they come.

        The archive is iterated in a thread. If the iterator raises one of this program's errors, or the generator is
        closed, the load ends and the engine keeps nothing of it, but finishes what it has received completely; closing
        waits for its answer. Raises `EngineError`, also on closing if there is no answer.
        """

    def save(self, images: Sequence[str]) -> AsyncGenerator[bytes, None]:
        """Yields a `docker save` archive of local images by ID, in chunks; shared layers are in it once."""

    async def tag(self, image_id: str, reference: str) -> None:
        """Gives an image a tag, moving the tag if another image had it."""

    async def untag(self, reference: str) -> None:
        """Removes one tag or repository digest, and the image with its last one; an absent one is no error.

        An image that a container uses is kept, as the engine keeps it.
        """

    async def collect_partial(self) -> None:
        """Makes the engine free the content of aborted pulls; removes no image."""

    async def disk_free(self) -> tuple[int, int] | None:
        """Returns free bytes and free inodes of the engine's root; None if this machine cannot see its file system."""

    async def logs(self, container_id: str, *, tail: int | None = None) -> bytes:
        """Returns the container's last lines, stdout and stderr together, oldest first, as the bytes that it wrote."""

    async def changed_files(self, container_id: str) -> list[str]:
        """Returns the paths that were changed or added in the container's own layer."""

    async def networks(self) -> list[Network]:
        """Returns the networks."""

    async def volumes(self, project: str | None = None) -> list[str]:
        """Returns the names of all volumes, or only of those with a Compose project's label."""

    async def remove_volume(self, name: str) -> None:
        """Removes a volume that a run of this program created. An absent one is no error."""

    async def execute(
        self, container_id: str, command: Sequence[str], *, within: float, to_the_end: bool = False
    ) -> tuple[int | None, str]:
        """Runs a command inside a running container; returns its exit status and its output, stderr included.

        The status is None if the command had not ended after ``within`` seconds, or printed without end. Such a command
        is not stopped: it ends with its container. Output is read up to a limit; with ``to_the_end`` all of it is read,
        and its end is returned.
        """

    async def answers(self, url: str, *, within: float) -> Reason | str:
        """Returns why a URL does not answer within so many seconds; empty if it does, with a status below 400.

        Bounded in time, whatever the server does. Uses the shell's proxies, except for private addresses.
        """

    async def signals(self) -> SentSignals:
        """Returns the signals that the engine remembers sending; it sends a container that it stops its stop signal."""

    async def start(self, container_id: str) -> None:
        """Starts a stopped container; a running one stays as it is."""

    async def stop(self, container_id: str) -> None:
        """Stops a container with its own grace period."""

    async def remove_container(self, container_id: str) -> None:
        """Removes a container that a run of this program created; its volumes stay. An absent one is no error."""

    async def rename(self, container_id: str, name: str) -> None:
        """Renames a container."""

    async def remove_network(self, network_id: str) -> None:
        """Removes a network that a run of this program created. An absent one is no error."""

    async def close(self) -> None:
        """Closes the connection."""
