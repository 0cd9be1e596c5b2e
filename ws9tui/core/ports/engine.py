"""What the core needs of a Docker engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from typing import Literal, Protocol

from ws9tui.core.model.observed import Container, EngineInfo, Image, Network, PullEvent, SentSignals
from ws9tui.core.model.offered import Manifest
from ws9tui.core.ports.data import DataAccess, Definitions
from ws9tui.core.ports.registries import Registries
from ws9tui.problems.problem import Problem, Reason

Needs = Literal["resolve", "exec", "load", "data", "make"]
"""what not every update does"""


class Engine(Protocol):
    """A Docker engine."""

    @property
    def data(self) -> DataAccess:
        """Data in its volumes and bind mounts."""

    @property
    def definitions(self) -> Definitions:
        """What its volumes, networks and containers were made from."""

    @property
    def registries(self) -> Registries:
        """The registries, past the engine."""

    async def info(self) -> EngineInfo:
        """Tells what engine this is."""

    async def refused(self, more: Collection[Needs] = ()) -> list[Problem]:
        """Names the calls of an update that something before the engine refuses; asking changes nothing.

        ``more`` are those that not every update needs: for digests from registries, commands inside containers, images
        from archives, data that is saved or brought back, and networks and volumes that are made.
        """

    async def doubts(self) -> list[Problem]:
        """What may end the connection to the engine while a run goes on."""

    async def containers(self, project: str | None = None) -> list[Container]:
        """Lists all containers, stopped ones too, or only those that carry a Compose project's label."""

    async def container(self, container_id: str) -> Container | None:
        """Looks at one container; None when it is gone."""

    async def image(self, reference: str) -> Image | None:
        """Looks at one local image by ID, tag or repository digest; None when it is not there."""

    async def images(self, repository: str = "") -> list[Image]:
        """Lists all local images with their ID, tags, digests and size (no configuration).

        With a repository only those that have a tag in it, and of their tags perhaps only those: an engine of today
        takes about 10 ms for each image that it lists (measured: 28.5), however few are wanted.
        """

    async def resolve(self, reference: str) -> Manifest:
        """Asks the registry what it has under a reference, pulling nothing."""

    def pull(self, reference: str) -> AsyncGenerator[PullEvent, None]:
        """Pulls `repository@digest`; closing the generator makes the engine stop the download.

        Messages are passed on as they come. An error inside the stream is raised as `RegistryError`.
        """

    def load(self, archive: Iterable[bytes]) -> AsyncGenerator[PullEvent, None]:
        """Loads what `docker save` writes, under the tags that it has; messages are passed on as they come.

        The archive is iterated in a thread; an error of this program's that it raises ends the load, as does closing
        the generator, and the engine keeps nothing of it: closing waits for its answer. What it has got whole it also
        finishes. Raises `EngineError`, also on closing where there is no answer.
        """

    def save(self, images: Sequence[str]) -> AsyncGenerator[bytes, None]:
        """What `docker save` writes of local images by ID, in pieces; layers that they share are in it once."""

    async def tag(self, image_id: str, reference: str) -> None:
        """Gives an image a tag, moving the tag if another image had it."""

    async def untag(self, reference: str) -> None:
        """Removes one tag or repository digest, and the image with its last one; absent is no error.

        An image that a container uses is kept, as the engine keeps it.
        """

    async def collect_partial(self) -> None:
        """Lets the engine free the content of aborted pulls; removes no image."""

    async def disk_free(self) -> tuple[int, int] | None:
        """Free bytes and free inodes of the engine's root; None where it cannot be seen from here."""

    async def logs(self, container_id: str, *, tail: int | None = None) -> bytes:
        """The container's last lines, stdout and stderr together, oldest first, in bytes as it wrote them."""

    async def changed_files(self, container_id: str) -> list[str]:
        """Paths changed or added in the container's own layer."""

    async def networks(self) -> list[Network]:
        """Lists the networks."""

    async def volumes(self, project: str | None = None) -> list[str]:
        """Names of all volumes, or only of those that carry a Compose project's label."""

    async def remove_volume(self, name: str) -> None:
        """Removes a volume that this program's run made. Absent is no error."""

    async def execute(
        self, container_id: str, command: Sequence[str], *, within: float, to_the_end: bool = False
    ) -> tuple[int | None, str]:
        """Runs a command inside a running container; its exit status and the beginning of its output.

        The status is None for one that had not ended after ``within`` seconds, or printed without end. Such a command
        is left to itself: it ends with its container. One that is read ``to_the_end`` may print as much as it likes;
        what is given is the end of its output.
        """

    async def answers(self, url: str, *, within: float) -> Reason | str:
        """Why a URL does not answer this program within so many seconds; empty where it does, with a status below 400.

        Bounded in time, whatever the server does. Its proxies are the shell's, but for private addresses.
        """

    async def signals(self) -> SentSignals:
        """What it remembers of signals to containers: one that it stops was sent its stop signal, whoever asked."""

    async def start(self, container_id: str) -> None:
        """Starts a container that was stopped; one that runs stays as it is."""

    async def stop(self, container_id: str) -> None:
        """Stops a container with its own grace period."""

    async def remove_container(self, container_id: str) -> None:
        """Removes a container that this program's run made; its volumes stay. Absent is no error."""

    async def rename(self, container_id: str, name: str) -> None:
        """Gives a container another name."""

    async def remove_network(self, network_id: str) -> None:
        """Removes a network that this program's run made. Absent is no error."""

    async def close(self) -> None:
        """Lets go of the connection."""
