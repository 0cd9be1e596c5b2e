"""What the core needs of the outside world: the engine, the registries behind it, and the Compose command.

The real ones are in :mod:`ws9tui.adapters`; the simulated ones implement the same protocols and are held to the
real ones by a contract test. Every call is bounded in time by its adapter and raises `EngineError`,
`RegistryError` or `ComposeError`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.model.acceptance import Check
from ws9tui.core.model.definitions import NetworkDefinition, VolumeDefinition
from ws9tui.core.model.hooks import Ran
from ws9tui.core.model.masking import Mask
from ws9tui.core.model.observed import (
    Container,
    EngineInfo,
    Host,
    Image,
    Manifest,
    Mount,
    Network,
    PullEvent,
    Signals,
    Tags,
)
from ws9tui.core.model.offered import Heading, Offered
from ws9tui.core.model.options import Options
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.release import Release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Finding
from ws9tui.core.model.trust import Scanned, Signature, Verified
from ws9tui.problems.problem import Problem

NOT_FORWARDED = "the server forbids to forward connections over SSH"
"""why a URL on the engine's own machine does not answer"""
Needs = Literal["resolve", "exec", "load", "data", "make"]
"""what not every update does"""


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


class Registries(Protocol):
    """The registries, as this program asks them itself: with the user's logins, in the ways that the engine has."""

    async def logins(self, registries: Sequence[str]) -> list[Problem]:
        """What is wrong with the user's logins: with all that are kept, and with what knows those at these registries.

        What is wrong is left out where a login is used, and harms no other.
        """

    async def tags(self, reference: str) -> Tags:
        """The tags of a reference's repository. Raises `RegistryError`, in bounded time, whatever the registry does."""

    async def heading(self, reference: Reference) -> Heading:
        """What a reference names, without a pull; raises and is bounded as `tags` is."""

    async def describe(self, reference: Reference, platform: str) -> Offered:
        """The image that a reference names for a platform; raises and is bounded as `tags` is.

        Where a registry counts pulls this is one, or two of an index.
        """

    async def members(self, reference: str) -> dict[str, str]:
        """The images of the index that a reference with a digest names: digest → os/architecture; none of a manifest.

        Raises `RegistryError`, as `tags` does.
        """

    async def date(self, registry: str) -> str:
        """The Date of a registry's answer, whatever else it says; empty where it has none. Bounded as `tags` is."""


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

    async def images(self) -> list[Image]:
        """Lists all local images with their ID, tags, digests and size (no configuration)."""

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

    async def create_network(self, name: str) -> None:
        """Makes a bridge network, with a label that says that this program did."""

    async def volumes(self) -> list[str]:
        """Names of all volumes."""

    async def volumes_of(self, project: str) -> list[str]:
        """Names of the volumes that carry a Compose project's label."""

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

    async def answers(self, url: str, *, within: float) -> str:
        """Why a URL does not answer this program within so many seconds; empty where it does, with a status below 400.

        Bounded in time, whatever the server does. Its proxies are the shell's, but for private addresses.
        """

    async def signals(self) -> Signals:
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


class Programs(Protocol):
    """Programs besides Docker's own that an operator may have, each bounded in time and in what is read of it."""

    async def there(self, program: str) -> bool:
        """Whether one is installed."""

    async def verify(self, reference: str, signature: Signature) -> Verified:
        """Lets cosign verify the signature of `repository@digest` at its registry.

        Verified is what cosign says so of, and names; what it could not ask about is not checked.
        """

    async def scan(self, scanner: str, image_id: str, host: str) -> Scanned:
        """Lets a scanner look for vulnerabilities in a local image of the engine at that address."""

    async def run(
        self, command: Sequence[str], *, folder: str, environment: Mapping[str, str], within: float, mark: str
    ) -> Ran:
        """Runs a command of the project's on this machine, in a folder, without a shell, to its end.

        It gets a clean environment: these variables, the user's, and those by which Docker's own programs find the
        engine. At its limit, or where this is cancelled, it is ended with all that it has started; ``mark`` tells it
        from other processes.
        """

    async def end(self, mark: str) -> int:
        """Ends what a worker that was killed has left of a command with this mark; gives the number of processes."""


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


class Releases(Protocol):
    """What is known of one product's releases and installations."""

    product: str
    """by which its releases are named where its makers publish them: `PRODUCT`, `PRODUCT@VERSION`"""
    channels: tuple[str, ...]
    """where releases are looked for, the usual one first"""
    superseded: str
    """layout of which it is told what a migration to the present one would do; this program does none"""

    def fetch(
        self, source: str, options: Options, into: Path, check: Callable[[], None], layout: str = ""
    ) -> Release | None:
        """Gets a release from a folder, a zip file, a URL or by the product's name; None for what is no release.

        By the name alone it is the newest of the installation's ``layout``, where there is one. What it unpacks is
        below ``into``. Blocks: it is called in a thread, and calls ``check``, which may raise, now and then. Raises
        `Refused` where it is damaged or cannot be had.
        """

    def host_layout(
        self, containers: Sequence[Container], images: Mapping[str, Image], *, local: bool
    ) -> tuple[str, Problem]:
        """The layout of the product that the host has, in a word, and what was found of it."""

    def shipped(self, compose: bytes) -> bool:
        """Whether a Compose file is one that the product's makers have published, and nobody has changed it since."""

    def installed(
        self, source: ProjectSource, containers: Sequence[Container], images: Mapping[str, Image]
    ) -> tuple[str, str]:
        """The layout and the version of the product that a project is an installation of; empty for any other."""

    def checks(self, layout: str) -> tuple[Check, ...]:
        """What must work in an installation of a layout besides its containers' health checks."""

    def folders(self, source: ProjectSource, kind: str) -> tuple[str, ...]:
        """Folders of an installation of that kind of layout besides its project's, which are saved along with it."""

    def describe(self, containers: Sequence[Container], images: Mapping[str, Image]) -> dict[str, Problem]:
        """What each project is that the product is or has deployed, by name; any other is left out."""

    def obstacle(self, layout: str) -> Problem | None:
        """Why an installation of a layout is not changed; None where it is."""

    def notes(self, source: ProjectSource, coming: Release | None) -> tuple[Problem, ...]:
        """What is to be known before a project's files are changed, and of a release what is not changed with it."""

    def findings(self, host: Host) -> tuple[Finding, ...]:
        """The product as the engine and, where it is local, this machine's folders have it: layout, versions."""

    def assessment(self, source: ProjectSource, host: Host, sizes: Mapping[str, int]) -> tuple[Finding, ...]:
        """What a migration of a superseded installation would take, lose and need.

        ``sizes`` are the bytes of volumes, and of folders that it mounts; -1 where they are not known.
        """
