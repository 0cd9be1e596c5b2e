"""Observed state: records of an engine's containers, images and networks, and of a registry's tags.

The adapters create them, with only the facts that the core uses. Times are RFC 3339 strings as the engine gives
them, or empty if there is none (an engine writes year 1 for "never"; the adapters turn that into "").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import inf

import msgspec

from ws9tui.core.model.reference import Reference

KEEP_REPOSITORY = "ws9tui.keep"
"""Repository of the keep tags, which protect a generation's images from every prune."""
LOAD_REPOSITORY = "ws9tui.load"
"""Repository of the tags under which images are loaded from archives, until the commit names them."""


_SHORT_ID = 12
"""hex digits of a short ID"""


class EngineInfo(msgspec.Struct, frozen=True):
    """The engine: its identity, version, and location."""

    id: str
    name: str
    """host name of its machine"""
    version: str
    api_version: str
    os: str
    architecture: str
    """as in an image's platform: amd64, arm64, …"""
    root: str
    """its data root, a path on its own machine"""
    containerd_store: bool
    local: bool
    """whether its paths are this program's paths: reached by a Unix socket, not from inside one of its containers"""
    host: str
    """the endpoint, as in DOCKER_HOST"""
    time: str = ""
    """the engine's own clock"""
    elsewhere: bool = False
    """whether it is on another machine, judged by its address and name"""
    inside: Container | None = None
    """the container of this engine that this program runs in, if any"""

    @property
    def socket(self) -> str:
        """The path of its Unix socket; empty for other addresses."""
        return self.host.removeprefix("unix://") if self.host.startswith("unix://") else ""

    @property
    def identity(self) -> str:
        """The engine's identity, independent of its address; empty if it reports no ID.

        Two engines on one machine may share an ID (20.10 keeps it in /etc/docker), but not a data root.
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
    """the mounted part of a volume; empty for all of it"""


class Container(msgspec.Struct, frozen=True):
    """One container, running or not."""

    id: str
    name: str
    image_id: str
    image: Reference
    """the reference that it was created from"""
    project: str = ""
    service: str = ""
    number: int = 1
    oneoff: bool = False
    config_hash: str = ""
    compose_version: str = ""
    image_label: str = ""
    """com.docker.compose.image, by which Compose sees that a tag has moved: the image's ID, or its manifest"""
    manifest: str = ""
    """digest of the image manifest that it was created from; empty if the engine does not report it"""
    replaces: str = ""
    """com.docker.compose.replace: the container that it replaced; the label stays after the recreate"""
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
    """maximum restarts under `on-failure`; 0: unlimited"""
    oom_killed: bool = False
    created_at: str = ""
    started_at: str = ""
    finished_at: str = ""
    healthcheck: Healthcheck | None = None
    health_output: str = ""
    """output of the last health check"""
    grace: float = 10.0
    """stop grace period in seconds"""
    stop_signal: int = 15
    networks: dict[str, str] = {}
    """networks that it is, or on its start will be, connected to: name → ID, empty if not known yet"""
    network_mode: str = ""
    """HostConfig.NetworkMode; container:ID for a follower"""
    ipc_mode: str = ""
    pid_mode: str = ""
    log_driver: str = ""
    mounts: tuple[Mount, ...] = ()
    mounted_images: dict[str, str] = {}
    """path in it → digest of the image mounted there, as recorded by Compose"""
    ports: tuple[str, ...] = ()
    """published ports as HOSTIP:PORT/PROTOCOL"""

    @property
    def twin(self) -> bool:
        """Whether it is the half-created twin of a recreate, which Compose has not renamed yet."""
        return re.match(r"[0-9a-f]{12}_", self.name) is not None

    @property
    def inside(self) -> tuple[str, ...]:
        """The containers whose network, IPC or PID namespace it joined: IDs, or names if the engine has those."""
        modes = (mode.partition(":") for mode in (self.network_mode, self.ipc_mode, self.pid_mode))
        return tuple(dict.fromkeys(target for kind, _, target in modes if kind == "container"))

    def called(self, name: str) -> bool:
        """Whether a name or an ID, even a shortened one, denotes this container."""
        return name in (self.name, self.id) or (len(name) >= _SHORT_ID and self.id.startswith(name))

    @property
    def own_name(self) -> str:
        """Its final name, without the prefix that Compose uses during a recreate."""
        return re.sub(r"^(?:[0-9a-f]{12}_)+", "", self.name)

    def runs(self, image: Image) -> bool:
        """Whether it was created from this image, by ID or manifest."""
        return Image(self.image_id, manifest=self.manifest).same(image)

    @property
    def running(self) -> bool:
        """Whether its process exists, or the engine is restarting it."""
        return self.state in ("running", "paused", "restarting")


class SentSignals(msgspec.Struct, frozen=True):
    """The signals in an engine's event history, which alone shows that a container is being stopped."""

    sent: dict[str, frozenset[int]]
    """container ID → the signals that were sent to it and have not ended it"""
    seconds: float = inf
    """the period that the history covers completely"""


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
    """its own digest, in any repository; empty if the engine's image store does not keep it"""
    manifest: str = ""
    """digest of the manifest for this platform; empty if the engine does not report it"""
    layers: tuple[str, ...] = ()
    """its layers, those of the base first"""

    @property
    def known_digests(self) -> set[str]:
        """The digests that it may have in registries, in any repository."""
        return {self.digest, *(name.digest for name in self.digests)} - {""}

    @property
    def platform(self) -> str:
        """os/architecture, with the variant if there is one."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def same(self, other: Image) -> bool:
        """Whether both are the same image: by ID, or by the platform's manifest, which indexes may share."""
        return self.id == other.id or (self.manifest != "" and self.manifest == other.manifest)


class Tags(msgspec.Struct, frozen=True):
    """The tags of a repository, unordered."""

    names: tuple[str, ...]
    complete: bool = True
    """False if the list was cut off because there are too many"""
    mirror: str = ""
    """the mirror that listed them, which may be outdated; empty: the registry itself"""


class Network(msgspec.Struct, frozen=True):
    """One network of the engine."""

    id: str
    name: str
    project: str = ""
    """the Compose project that created it, by its label"""
    ours: bool = False
    """whether this program created it, by its label"""
    key: str = ""
    """its key in that project's files, by its label"""
    hashed: bool = False
    """whether Compose recorded the hash of its definition"""
    driver: str = ""
    internal: bool = False
    attachable: bool = False
    ipv6: bool = False
    options: dict[str, str] = {}
    labels: dict[str, str] = {}
    """without Compose's labels"""
    subnets: tuple[str, ...] = ()


class PullEvent(msgspec.Struct, frozen=True):
    """One message of a pull, as the engine sends it."""

    status: str = ""
    layer: str = ""
    current: int = 0
    total: int = 0
    error: str = ""


class Host(msgspec.Struct, frozen=True):
    """The facts about an engine by which a product's installation is recognised."""

    containers: Sequence[Container]
    images: Mapping[str, Image]
    """image ID → image, of the images that Compose's containers use"""
    local: bool
    """whether the engine's paths are this program's paths"""
    project: str = ""
    """the project in question"""
    volumes: tuple[str, ...] = ()
    own_volumes: tuple[str, ...] = ()
    """the volumes with that project's label"""


class Observed(msgspec.Struct, frozen=True):
    """The engine's state, as far as a plan needs it."""

    containers: Mapping[str, Sequence[Container]]
    """service → its containers, half-created twins included"""
    tags: Mapping[str, str]
    """tag → image ID, of all local images"""
    images: Mapping[str, Image]
    """image ID → image"""
    foreign: Sequence[Container] = ()
    """containers of other projects, and of none"""
    stopping: frozenset[str] = frozenset()
    """IDs of running containers that the engine is stopping, if that was queried"""

    def replicas(self, service: str) -> list[Container]:
        """Returns the containers of a service, without half-created twins."""
        return [container for container in self.containers.get(service, ()) if not container.twin]
