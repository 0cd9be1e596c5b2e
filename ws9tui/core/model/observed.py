"""What is there: records of an engine's containers, images and networks, and of a registry's manifests.

They are made by the adapters and hold only what the core decides by. Times are RFC 3339 strings as the engine
gives them, or empty where it gives none (an engine writes year 1 for "never"; the adapters turn that into "").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import inf

import msgspec

from ws9tui.core.model.reference import Reference

KEEP_REPOSITORY = "ws9tui.keep"
"""Repository of the tags that keep a generation's images from every prune."""
LOAD_REPOSITORY = "ws9tui.load"
"""Repository of the tags under which images are loaded from archives, until the commit names them."""


_SHORT_ID = 12
"""hex digits of an ID as people copy it"""


class EngineInfo(msgspec.Struct, frozen=True):
    """The engine itself."""

    id: str
    name: str
    """host name of the machine that it runs on"""
    version: str
    api_version: str
    os: str
    architecture: str
    """as in an image's platform: amd64, arm64, …"""
    root: str
    """its data root, a path on its own machine"""
    containerd_store: bool
    local: bool
    """whether its paths are ours: it is reached by a Unix socket, and not out of one of its containers"""
    host: str
    """the endpoint, as in DOCKER_HOST"""
    time: str = ""
    """the engine's own clock"""
    elsewhere: bool = False
    """it is on another machine, as far as its address and its name tell"""
    inside: Container | None = None
    """its container that this program runs in"""

    @property
    def socket(self) -> str:
        """The path of its socket; empty where it has another address."""
        return self.host.removeprefix("unix://") if self.host.startswith("unix://") else ""

    @property
    def identity(self) -> str:
        """What tells it from all others, whatever its address; empty where it tells no ID.

        Two on one machine may share an ID (20.10 keeps it in /etc/docker), but no data root.
        """
        return self.id and f"{self.id} {self.root}"

    @property
    def platform(self) -> str:
        """os/architecture."""
        return f"{self.os}/{self.architecture}"


class Healthcheck(msgspec.Struct, frozen=True):
    """A container's effective health check; durations in seconds."""

    interval: float = 30.0
    timeout: float = 30.0
    retries: int = 3
    start_period: float = 0.0


PAUSED = "paused"
"""state of a container whose processes are frozen"""


class Mount(msgspec.Struct, frozen=True):
    """One mount of a container."""

    type: str
    """volume, bind, tmpfs, …"""
    name: str
    """the volume's name, or the bind's source"""
    target: str
    anonymous: bool = False
    read_only: bool = False
    subpath: str = ""
    """of a volume of which only a part is mounted"""


class Container(msgspec.Struct, frozen=True):
    """One container, running or not."""

    id: str
    name: str
    image_id: str
    image: Reference
    """the reference that it was made from"""
    project: str = ""
    service: str = ""
    number: int = 1
    oneoff: bool = False
    config_hash: str = ""
    compose_version: str = ""
    image_label: str = ""
    """com.docker.compose.image, by which Compose sees that a tag has moved: the image's ID, or its manifest"""
    manifest: str = ""
    """digest of the manifest, of all that its image has, that it was made from; empty where the engine does not say"""
    replaces: str = ""
    """com.docker.compose.replace: what it took the place of; it stays on a container that was recreated"""
    working_dir: str = ""
    config_files: tuple[str, ...] = ()
    environment_files: tuple[str, ...] = ()
    state: str = "running"
    """created, running, paused, restarting, removing, exited, dead"""
    health: str = ""
    """starting, healthy, unhealthy; empty without a health check"""
    exit_code: int = 0
    error: str = ""
    restart_count: int = 0
    restart_policy: str = "no"
    restart_limit: int = 0
    """restarts after which `on-failure` gives up; 0 for never"""
    oom_killed: bool = False
    created_at: str = ""
    started_at: str = ""
    finished_at: str = ""
    healthcheck: Healthcheck | None = None
    health_output: str = ""
    """what the last health check printed"""
    grace: float = 10.0
    """seconds that it has to stop, before it is killed"""
    stop_signal: int = 15
    networks: dict[str, str] = {}
    """networks that it is connected to, or will be when it starts: name → ID, empty where that is not known yet"""
    network_mode: str = ""
    """HostConfig.NetworkMode; container:ID for a follower"""
    ipc_mode: str = ""
    pid_mode: str = ""
    log_driver: str = ""
    mounts: tuple[Mount, ...] = ()
    mounted_images: dict[str, str] = {}
    """path in it → digest of the image that is mounted there, as Compose notes it"""
    ports: tuple[str, ...] = ()
    """published ports as HOSTIP:PORT/PROTOCOL"""

    @property
    def twin(self) -> bool:
        """Whether it is the half-made twin of a recreate: Compose has not given it its own name yet."""
        return re.match(r"[0-9a-f]{12}_", self.name) is not None

    @property
    def inside(self) -> tuple[str, ...]:
        """The containers whose network, IPC or PID namespace it lives in: IDs, or names where the engine has those."""
        modes = (mode.partition(":") for mode in (self.network_mode, self.ipc_mode, self.pid_mode))
        return tuple(dict.fromkeys(target for kind, _, target in modes if kind == "container"))

    def called(self, name: str) -> bool:
        """Whether an engine takes a name or an ID for this container."""
        return name in (self.name, self.id) or (len(name) >= _SHORT_ID and self.id.startswith(name))

    @property
    def own_name(self) -> str:
        """The name that Compose means it to have in the end."""
        return re.sub(r"^(?:[0-9a-f]{12}_)+", "", self.name)

    def runs(self, image: Image) -> bool:
        """Whether it runs an image."""
        return Image(self.image_id, manifest=self.manifest).same(image)

    @property
    def running(self) -> bool:
        """Whether its process is there now, or the engine is bringing it back."""
        return self.state in ("running", "paused", "restarting")


class SentSignals(msgspec.Struct, frozen=True):
    """What an engine remembers of signals that it has sent; a stop under way shows nowhere else."""

    sent: dict[str, frozenset[int]]
    """container ID → the signals that it was sent, and did not end by"""
    seconds: float = inf
    """for which it remembers all of them"""


class Image(msgspec.Struct, frozen=True):
    """One local image."""

    id: str
    tags: tuple[Reference, ...] = ()
    digests: tuple[Reference, ...] = ()
    """repository digests, as repository@sha256:…"""
    labels: dict[str, str] = {}
    os: str = "linux"
    architecture: str = ""
    variant: str = ""
    size: int = 0
    """bytes"""
    created_at: str = ""
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    has_healthcheck: bool = False
    digest: str = ""
    """its own, under whichever repository; empty where the engine's store does not keep it"""
    manifest: str = ""
    """digest of the manifest for this platform; empty where the engine does not say"""
    layers: tuple[str, ...] = ()
    """what its file system is made of, the base's first"""

    @property
    def known_digests(self) -> set[str]:
        """The digests by which registries may know it, in whichever repository."""
        return {self.digest, *(name.digest for name in self.digests)} - {""}

    @property
    def platform(self) -> str:
        """os/architecture, with the variant where there is one."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def same(self, other: Image) -> bool:
        """Whether both are one: by the ID, or by the manifest for this platform, which another index may share."""
        return self.id == other.id or (self.manifest != "" and self.manifest == other.manifest)


class Tags(msgspec.Struct, frozen=True):
    """The tags of a repository, in no order."""

    names: tuple[str, ...]
    complete: bool = True
    """False where there are more than anybody wants to read"""
    mirror: str = ""
    """the mirror that told them, which may be behind; empty: the registry itself"""


class Network(msgspec.Struct, frozen=True):
    """One network of the engine."""

    id: str
    name: str
    project: str = ""
    """the Compose project that made it, by its label"""
    ours: bool = False
    """this program made it, by its label"""
    key: str = ""
    """what that project's files called it, by its label"""
    hashed: bool = False
    """whether Compose has noted what definition it was made from"""
    driver: str = ""
    internal: bool = False
    attachable: bool = False
    ipv6: bool = False
    options: dict[str, str] = {}
    labels: dict[str, str] = {}
    """without those of Compose"""
    subnets: tuple[str, ...] = ()


class PullEvent(msgspec.Struct, frozen=True):
    """One message of a pull, as the engine sends it."""

    status: str = ""
    layer: str = ""
    current: int = 0
    total: int = 0
    error: str = ""


class Host(msgspec.Struct, frozen=True):
    """All of an engine by which a product may be recognised."""

    containers: Sequence[Container]
    images: Mapping[str, Image]
    """image ID → image, of those that Compose's containers use"""
    local: bool
    """whether this machine's folders are the engine's"""
    project: str = ""
    """that is asked about"""
    volumes: tuple[str, ...] = ()
    own_volumes: tuple[str, ...] = ()
    """those that carry that project's label"""


class Observed(msgspec.Struct, frozen=True):
    """What was found on the engine, as far as a plan needs it."""

    containers: Mapping[str, Sequence[Container]]
    """service → its containers, twins of a half-done recreate included"""
    tags: Mapping[str, str]
    """tag → image ID, of all local images"""
    images: Mapping[str, Image]
    """image ID → image"""
    foreign: Sequence[Container] = ()
    """containers of other projects, and those of none"""
    stopping: frozenset[str] = frozenset()
    """IDs of containers that run, and that the engine is stopping, where that was asked"""

    def replicas(self, service: str) -> list[Container]:
        """The containers of a service, without half-made twins."""
        return [container for container in self.containers.get(service, ()) if not container.twin]
