"""The world that the simulated engine shows: a registry, local images, containers, networks and volumes.

All of it is data that can be written to a file after each change and read by another process.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from ws9tui.core.model.observed import EngineInfo, Healthcheck, Image, Network
from ws9tui.core.model.reference import Reference
from ws9tui.errors import ComposeError, EngineError, RegistryError, Ws9tuiError
from ws9tui.simulation.life import Behaviour, SimContainer

TRANSIENT = frozenset({"registry-unreachable", "registry-server-error"})
REGISTRY_CALLS = frozenset({"resolve", "pull", "tags"})
COMPOSE_CALLS = frozenset({"version", "config", "hashes", "interpolate", "undefined", "up", "start", "restart"})


class Layer(msgspec.Struct, frozen=True):
    """One layer of an image; images with the same digest share it."""

    digest: str
    size: int


class ImageSpec(msgspec.Struct, frozen=True, kw_only=True):
    """An image as a registry holds it, with the behaviour of its containers."""

    id: str
    digest: str
    layers: tuple[Layer, ...]
    labels: dict[str, str] = {}
    platforms: tuple[str, ...] = ("linux/amd64",)
    created_at: str = ""
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    exposed_ports: tuple[str, ...] = ()
    healthcheck: Healthcheck | None = None
    behaviour: Behaviour = Behaviour()

    @property
    def size(self) -> int:
        """Bytes of all its layers."""
        return sum(layer.size for layer in self.layers)


class Repository(msgspec.Struct):
    """One repository of a registry; a tag names a digest, and a digest stays when its tag moves."""

    tags: dict[str, str] = {}
    manifests: dict[str, ImageSpec] = {}


class LocalImage(msgspec.Struct):
    """An image that the engine has, with the references that it is known by."""

    spec: ImageSpec
    tags: list[str] = []
    digests: list[str] = []


class Fault(msgspec.Struct, kw_only=True):
    """Something that goes wrong when a call is made; the first that fits is the one that strikes."""

    call: str
    """name of a method of the engine or of Compose, or `start`: the start of a service's container by `up`"""
    subject: str = "*"
    """pattern for the reference, service, container or path that the call is about"""
    effect: Literal["error", "stall", "cut", "delay"] = "error"
    """raise `code`, say nothing any more, lose the connection, take `seconds` longer"""
    nth: int = 1
    """the first fitting call that it strikes"""
    times: int = 0
    """how many calls it strikes from there; 0 for all"""
    at: float = 0.0
    """pull: the fraction at which it strikes"""
    seconds: float = 0.0
    code: str = ""
    reason: str = ""
    retry_after: float = 0.0
    seen: int = 0
    """fitting calls so far"""

    async def happen(self, subject: str) -> None:
        """Has its effect on a call, at once or after its delay."""
        await asyncio.sleep(self.seconds)
        if self.effect == "stall":
            await asyncio.Event().wait()
        if self.effect != "delay":
            raise self.error(subject)

    def error(self, subject: str) -> Ws9tuiError:
        """The error that it raises, of the class that the call raises."""
        if self.call in REGISTRY_CALLS:
            code = self.code or ("registry-unreachable" if self.effect == "cut" else "pull-failed")
            return registry_error(code, subject, self.reason, self.retry_after)
        if self.call in COMPOSE_CALLS:
            command = "up" if self.call == "start" else self.call
            return ComposeError(self.code or "compose-failed", command=command, status=1, reason=self.reason)
        return EngineError(self.code or "engine-error", call=self.call, subject=subject, reason=self.reason)


def registry_error(code: str, reference: str, reason: str = "", retry_after: float = 0.0) -> RegistryError:
    """The error of a registry; whether it may pass is a matter of its code."""
    facts = {"reference": reference, "registry": Reference(reference).registry, "reason": reason or code}
    if code == "tls-error":
        facts["clock"] = ""
    return RegistryError(code, transient=code in TRANSIENT, retry_after=retry_after, **facts)


class SimFile(msgspec.Struct, frozen=True):
    """A file in a volume or a bind mount."""

    text: str
    changed: int = 0
    """when, as a Unix time"""


def _engine() -> EngineInfo:
    """An engine that is no other's: its ID is what the lock of a project goes by."""
    return EngineInfo(
        id=f"SIMULATED-{secrets.token_hex(8)}",
        name="server-3",
        version="28.5.2",
        api_version="1.51",
        os="linux",
        architecture="amd64",
        root="/var/lib/docker",
        containerd_store=False,
        local=True,
        host="unix:///var/run/docker.sock",
    )


class World(msgspec.Struct, kw_only=True):
    """All that there is; with a path each change is written there."""

    info: EngineInfo = msgspec.field(default_factory=_engine)
    compose_version: str = "5.6.1"
    registry: dict[str, Repository] = {}
    images: dict[str, LocalImage] = {}
    containers: dict[str, SimContainer] = {}
    networks: list[Network] = []
    volumes: list[str] = []
    data: dict[str, dict[str, SimFile]] = {}
    """volume or path on the machine → path below it → the file there"""
    no_data: dict[str, str] = {}
    """volume → why its content is no data"""
    faults: list[Fault] = []
    taken_ports: list[str] = []
    """host ports that a stranger listens on, as PORT/PROTOCOL"""
    disk_free: tuple[int, int] | None = (40 << 30, 2_000_000)
    rate: float = 0.0
    """bytes a second that all pulls together get; 0 for no limit"""
    latency: float = 0.0
    """seconds that a registry takes to answer"""
    step: float = 0.0
    """seconds that each step of a container's recreation takes"""
    made: int = 0
    """objects made so far; their IDs come from it"""
    path: str = ""

    @classmethod
    def load(cls, path: Path) -> World:
        """Reads the world from its file; changes go back there."""
        world = msgspec.json.decode(path.read_bytes(), type=cls)
        world.path = str(path)
        return world

    def save(self, path: Path | None = None) -> None:
        """Writes the world to its file in one step, so that a killed process leaves it whole."""
        if path is not None:
            self.path = str(path)
        if not self.path:
            return
        target = Path(self.path)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(msgspec.structs.replace(self, path="")))
        Path(name).replace(target)

    def new_id(self) -> str:
        """The next object's ID: 64 hexadecimal digits, the same in every run."""
        self.made += 1
        return hashlib.sha256(f"object {self.made}".encode()).hexdigest()

    def add_network(self, name: str, project: str = "") -> None:
        """Makes a network, for a Compose project or for nobody in particular."""
        self.networks.append(Network(self.new_id(), name, project))
        self.save()

    def strike(self, call: str, subject: str) -> Fault | None:
        """Counts a call and gives the fault that strikes it."""
        hit = None
        for fault in self.faults:
            if fault.call == call and fnmatchcase(subject, fault.subject):
                fault.seen += 1
                late = fault.times and fault.seen >= fault.nth + fault.times
                if hit is None and fault.seen >= fault.nth and not late:
                    hit = fault
                self.save()
        return hit

    async def meet(self, call: str, subject: str) -> None:
        """Counts a call and lets the fault that strikes it happen."""
        fault = self.strike(call, subject)
        if fault is not None:
            await fault.happen(subject)

    def publish(self, reference: str, spec: ImageSpec) -> str:
        """Puts an image into the registry under `repository:tag`, moving the tag; gives `repository@digest`."""
        repository, tag, _ = split(reference)
        held = self.registry.setdefault(repository, Repository())
        held.manifests[spec.digest] = spec
        held.tags[tag] = spec.digest
        self.save()
        return f"{repository}@{spec.digest}"

    def lookup(self, reference: str) -> ImageSpec:
        """What the registry has under a reference; raises `RegistryError`."""
        repository, tag, digest = split(reference)
        held = self.registry.get(repository)
        if held is None:
            raise registry_error("repository-unknown", reference, f"repository {repository} not found")
        spec = held.manifests.get(digest or held.tags.get(tag, ""))
        if spec is None:
            raise registry_error("manifest-unknown", reference, f"manifest for {reference} not found")
        return spec

    def fetch(self, reference: str) -> ImageSpec:
        """Has an image pulled already: by tag with its tag, by digest without one."""
        spec = self.lookup(reference)
        self.keep(reference, spec)
        return spec

    def keep(self, reference: str, spec: ImageSpec) -> None:
        """Records an image that was pulled under a reference."""
        repository, tag, digest = split(reference)
        image = self.images.setdefault(spec.id, LocalImage(spec))
        if (by_digest := f"{repository}@{spec.digest}") not in image.digests:
            image.digests.append(by_digest)
        if digest:
            self.save()
        else:
            self.tag(spec.id, f"{repository}:{tag}")

    def find(self, reference: str) -> LocalImage | None:
        """A local image by ID, tag or repository digest."""
        if (by_id := self.images.get(reference)) is not None:
            return by_id
        repository, tag, digest = split(reference)
        name = f"{repository}@{digest}" if digest else f"{repository}:{tag}"
        return next((image for image in self.images.values() if name in image.tags or name in image.digests), None)

    def tag(self, image_id: str, reference: str) -> None:
        """Gives an image a tag, taking it from another that had it."""
        repository, tag, _ = split(reference)
        name = f"{repository}:{tag}"
        for image in self.images.values():
            if name in image.tags:
                image.tags.remove(name)
        self.images[image_id].tags.append(name)
        self.save()

    def untag(self, reference: str) -> None:
        """Removes a reference as the engine does, and with an image's last one the image."""
        image = self.find(reference)
        if image is None:
            return
        repository, tag, digest = split(reference)
        used = any(container.image_id == image.spec.id for container in self.containers.values())
        if used and _single(image):
            return
        if reference == image.spec.id and not (image.tags or image.digests):
            pass  # by its ID, for it has no name
        elif digest:
            image.digests.remove(f"{repository}@{digest}")
        else:
            image.tags.remove(f"{repository}:{tag}")
            if repository not in _names(image.tags):
                image.digests = [name for name in image.digests if split(name)[0] != repository]
        if not image.tags and not image.digests:
            del self.images[image.spec.id]
        self.save()

    def disk_usage(self) -> int:
        """Bytes of all distinct layers."""
        return sum({layer.digest: layer.size for image in self.images.values() for layer in image.spec.layers}.values())


def _names(references: Iterable[str]) -> set[str]:
    return {split(reference)[0] for reference in references}


def _single(image: LocalImage) -> bool:
    """Whether an image has one reference only; a tag and the digest that came with it are one."""
    if len(image.tags) + len(image.digests) <= 1:
        return True
    repositories = _names(image.digests)
    return len(image.tags) <= 1 and len(repositories) == 1 and _names(image.tags) <= repositories


def split(reference: str) -> tuple[str, str, str]:
    """Repository, tag (latest where there is neither) and digest of a reference."""
    name, _, digest = reference.partition("@")
    slash, colon = name.rfind("/"), name.rfind(":")
    repository, tag = (name[:colon], name[colon + 1 :]) if colon > slash else (name, "" if digest else "latest")
    for prefix in ("docker.io/library/", "index.docker.io/", "docker.io/", "library/"):
        repository = repository.removeprefix(prefix)
    return repository, tag, digest


def make_image(
    name: str,
    version: str,
    *,
    sizes: Iterable[int] = (1000, 2000, 3000),
    base: str = "",
    labels: dict[str, str] | None = None,
    behaviour: Behaviour | None = None,
    healthcheck: Healthcheck | None = None,
    platforms: tuple[str, ...] = ("linux/amd64",),
    created_at: str = "",
    volumes: tuple[str, ...] = (),
    user: str = "",
) -> ImageSpec:
    """An image whose ID and digests follow from its name and version.

    ``sizes`` are its layers' bytes; the first layer is shared by all images of the same ``base``. It has an OCI version
    label unless ``labels`` are given, and its command `version` prints the version.
    """
    behaviour = behaviour or Behaviour()
    behaviour = msgspec.structs.replace(
        behaviour,
        outputs={"version": f"{version}\n", **behaviour.outputs},
        lines=behaviour.lines or (f"{name} {version}: starting", f"{name} {version}: ready for connections"),
    )
    sizes = tuple(sizes)
    seeds = [f"layer {name} {version} {number}" for number in range(len(sizes))]
    if base:
        seeds[0] = f"layer {base}"
    return ImageSpec(
        id=_digest(f"config {name} {version}"),
        digest=_digest(f"manifest {name} {version}"),
        layers=tuple(Layer(_digest(seed), size) for seed, size in zip(seeds, sizes, strict=True)),
        labels={"org.opencontainers.image.version": version} if labels is None else labels,
        platforms=platforms,
        created_at=created_at,
        user=user,
        entrypoint=("/entrypoint",),
        volumes=volumes,
        healthcheck=healthcheck,
        behaviour=behaviour,
    )


def _digest(seed: str) -> str:
    return f"sha256:{hashlib.sha256(seed.encode()).hexdigest()}"


def view(image: LocalImage) -> Image:
    """An image as the engine shows it."""
    spec = image.spec
    system, architecture, *variant = spec.platforms[0].split("/")
    return Image(
        id=spec.id,
        tags=tuple(map(Reference, image.tags)),
        digests=tuple(map(Reference, image.digests)),
        labels=dict(spec.labels),
        os=system,
        architecture=architecture,
        variant=variant[0] if variant else "",
        size=spec.size,
        created_at=spec.created_at,
        user=spec.user,
        entrypoint=spec.entrypoint,
        command=spec.command,
        volumes=spec.volumes,
        layers=tuple(layer.digest for layer in spec.layers),
        exposed_ports=spec.exposed_ports,
        has_healthcheck=spec.healthcheck is not None,
    )
