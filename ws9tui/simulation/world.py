"""The state of the simulated engine: a registry, local images, containers, networks and volumes.

It is plain data, which is written to a file after each change and can be read by another process.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import msgspec

from ws9tui.core.model.codec import decoded, encoded
from ws9tui.core.model.definitions import NetworkDefinition, VolumeDefinition
from ws9tui.core.model.observed import EngineInfo, Network
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.trust import Vulnerability
from ws9tui.errors import ComposeError, EngineError, RegistryError, Ws9tuiError
from ws9tui.problems.engine import EngineFailed
from ws9tui.problems.image import (
    ManifestUnknown,
    RegistryProblem,
    RegistryServerError,
    RegistryUnreachable,
    RepositoryUnknown,
)
from ws9tui.problems.problem import KINDS, Problem, read
from ws9tui.simulation.images import ImageSpec, LocalImage, Repository, split
from ws9tui.simulation.life import Behaviour, Moment, SimContainer, moment

TRANSIENT = (RegistryUnreachable, RegistryServerError)
REGISTRY_CALLS = frozenset({"resolve", "pull", "tags", "describe", "members"})
COMPOSE_CALLS = frozenset({"version", "config", "hashes", "interpolate", "up", "start", "restart"})


class Fault(msgspec.Struct, kw_only=True):
    """A failure or delay of matching calls; of several faults that match a call, the first one strikes."""

    call: str
    """name of a port's method, or `start`: the start of a service's container by `up`"""
    subject: str = "*"
    """glob pattern for the reference, service, container or path that the call is about"""
    effect: Literal["error", "stall", "cut", "delay"] = "error"
    """raise ``code``, never return, lose the connection, take ``seconds`` longer"""
    nth: int = 1
    """number of the first matching call that it strikes"""
    times: int = 0
    """number of calls that it strikes from there on; 0 for all"""
    at: float = 0.0
    """pull: fraction of the download at which it strikes; 0 for when the call is made"""
    seconds: float = 0.0
    code: str = ""
    reason: str = ""
    retry_after: float = 0.0
    seen: int = 0
    """number of matching calls so far"""

    async def happen(self, subject: str) -> None:
        """Applies the fault to a call after ``seconds``: never returns, raises its error, or was only a delay."""
        await asyncio.sleep(self.seconds)
        if self.effect == "stall":
            await asyncio.Event().wait()
        if self.effect != "delay":
            raise self.error(subject)

    def error(self, subject: str) -> Ws9tuiError:
        """Returns the error that the fault raises, of the class that the call raises."""
        if self.call in REGISTRY_CALLS:
            code = self.code or ("registry-unreachable" if self.effect == "cut" else "pull-failed")
            kind = KINDS[code]
            assert issubclass(kind, RegistryProblem)  # noqa: S101 - a registry has no other
            return registry_error(kind, subject, self.reason, self.retry_after)
        if self.call in COMPOSE_CALLS:
            command = "up" if self.call == "start" else self.call
            facts = {"command": command, "status": "1", "reason": self.reason}
            return ComposeError(_fitting(self.code or "compose-failed", facts))
        return EngineError(_fitting(self.code or "engine-error", {"call": self.call, "reason": self.reason}))


def registry_error(
    kind: type[RegistryProblem], reference: str, reason: str = "", retry_after: float = 0.0
) -> RegistryError:
    """Returns the error of a registry; its kind decides whether it is transient."""
    problem = kind(reference=reference, registry=Reference(reference).registry, reason=reason)
    return RegistryError(problem, transient=kind in TRANSIENT, retry_after=retry_after)


def _fitting(code: str, facts: Mapping[str, str]) -> Problem:
    """Returns the problem with a code, with those of the facts that are fields of it."""
    return read(code, {name: fact for name, fact in facts.items() if KINDS[code].has(name)})


class SimFile(msgspec.Struct, frozen=True):
    """A file in a volume or a bind mount."""

    text: str
    changed: int = 0
    """modification time, as a Unix time"""


def _engine() -> EngineInfo:
    """Returns a new engine's information; its ID is random, since the lock of a project depends on it."""
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


class Signed(msgspec.Struct, frozen=True):
    """What cosign reports about an image's signature."""

    by: str = ""
    """key or identity that signed the image; empty for none"""
    unreachable: str = ""
    """why cosign cannot ask the registry; empty if it can"""


class SimCommand(msgspec.Struct, frozen=True):
    """The result of a command, in a container or on the machine."""

    status: int = 0
    output: str = ""
    seconds: float = 0.0


class World(msgspec.Struct, kw_only=True):
    """The whole state of a simulation; with a ``path``, each change is written there."""

    info: EngineInfo = msgspec.field(default_factory=_engine)
    compose_version: str = "5.6.1"
    registry: dict[str, Repository] = {}
    images: dict[str, LocalImage] = {}
    containers: dict[str, SimContainer] = {}
    networks: list[Network] = []
    volumes: list[str] = []
    data: dict[str, dict[str, SimFile]] = {}
    """volume or path on the machine → path below it → the file there"""
    volume_definitions: dict[str, VolumeDefinition] = {}
    """definitions of the volumes that were created from one; the others have the defaults"""
    network_definitions: dict[str, NetworkDefinition] = {}
    no_data: dict[str, str] = {}
    """volume → why its content is no data"""
    faults: list[Fault] = []
    disk_free: tuple[int, int] | None = (40 << 30, 2_000_000)
    rate: float = 0.0
    """bytes per second that all pulls share; 0 for no limit"""
    latency: float = 0.0
    """seconds that a registry takes to answer"""
    programs: list[str] = []
    """installed programs besides Docker's own"""
    signatures: dict[str, Signed] = {}
    """repository@digest → what cosign reports; any other image is unsigned"""
    vulnerabilities: dict[str, tuple[Vulnerability, ...]] = {}
    """image ID → vulnerabilities that a scanner finds in it"""
    commands: dict[str, SimCommand] = {}
    """command line → its result; takes precedence over the outputs of an image's behaviour"""
    ran: list[str] = []
    """those commands that were run, each after its container's name, or `host`"""
    step: float = 0.0
    """seconds that each step of a container's recreation takes"""
    made: int = 0
    """number of objects created so far, from which their IDs are derived"""
    path: str = ""

    @classmethod
    def load(cls, path: Path) -> World:
        """Reads a world from its file, to which changes are then written."""
        world = msgspec.json.decode(path.read_bytes(), type=cls, dec_hook=decoded)
        world.path = str(path)
        return world

    def save(self, path: Path | None = None) -> None:
        """Writes the world to its file atomically; does nothing if it has no path."""
        if path is not None:
            self.path = str(path)
        if not self.path:
            return
        target = Path(self.path)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(msgspec.structs.replace(self, path=""), enc_hook=encoded))
        Path(name).replace(target)

    async def run(self, place: str, command: Sequence[str], within: float) -> tuple[int | None, str] | None:
        """Returns a command's status, None if it times out, and output; None if the world has no such command."""
        line = " ".join(command).removeprefix("/bin/sh -c ")
        if (found := self.commands.get(line)) is None:
            return None
        self.ran.append(f"{place}: {line}")
        await asyncio.sleep(min(found.seconds, within))
        return None if found.seconds > within else found.status, found.output

    def new_id(self) -> str:
        """Returns the next object's ID: 64 hexadecimal digits, the same in every run."""
        self.made += 1
        return hashlib.sha256(f"object {self.made}".encode()).hexdigest()

    def container(self, call: str, container_id: str) -> SimContainer:
        """Returns a container by ID or name; raises `EngineError` if there is none."""
        found = self.find_container(container_id)
        if found is None:
            raise EngineError(EngineFailed(call=call, reason=f"No such container: {container_id}"))
        return found

    def find_container(self, container_id: str) -> SimContainer | None:
        """Returns a container by ID or name; None if there is none."""
        return next((one for one in self.containers.values() if one.made.called(container_id)), None)

    def of_service(self, project: str, service: str) -> list[SimContainer]:
        """Returns the containers of a service by number, the twins of an unfinished recreation included."""
        found = (one for one in self.containers.values() if (one.made.project, one.made.service) == (project, service))
        return sorted(found, key=lambda container: container.made.number)

    def behaviour(self, container: SimContainer) -> Behaviour:
        """Returns the behaviour of a container's image."""
        return self.images[container.made.image_id].spec.behaviour

    def look(self, container: SimContainer, now: float) -> Moment:
        """Returns the state of a container at a time."""
        return moment(container, self.behaviour(container), now)

    def add_network(self, name: str, project: str = "") -> None:
        """Creates a network, of a Compose project or of none."""
        self.networks.append(Network(self.new_id(), name, project))
        self.save()

    def strike(self, call: str, subject: str) -> Fault | None:
        """Counts a call at the faults that match it, and returns the one that strikes; None if there is none."""
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
        """Counts a call and applies the fault that strikes it."""
        fault = self.strike(call, subject)
        if fault is not None:
            await fault.happen(subject)

    def publish(self, reference: str, spec: ImageSpec) -> str:
        """Puts an image into the registry under `repository:tag`, moving the tag; returns `repository@digest`."""
        repository, tag, _ = split(reference)
        held = self.registry.setdefault(repository, Repository())
        held.manifests[spec.digest] = spec
        held.tags[tag] = spec.digest
        self.save()
        return f"{repository}@{spec.digest}"

    def repository(self, reference: str) -> Repository:
        """Returns the repository of a reference; raises `RegistryError` if there is none."""
        name, _, _ = split(reference)
        if name not in self.registry:
            raise registry_error(RepositoryUnknown, reference, f"repository {name} not found")
        return self.registry[name]

    def lookup(self, reference: str) -> ImageSpec:
        """Returns the image that the registry has under a reference; raises `RegistryError` if there is none."""
        held = self.repository(reference)
        _, tag, digest = split(reference)
        spec = held.manifests.get(digest or held.tags.get(tag, ""))
        if spec is None:
            raise registry_error(ManifestUnknown, reference, f"manifest for {reference} not found")
        return spec

    def fetch(self, reference: str) -> ImageSpec:
        """Adds an image of the registry as a completed pull does: by tag with its tag, by digest without one."""
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
        """Returns a local image by ID, tag or repository digest; None if there is none."""
        if (by_id := self.images.get(reference)) is not None:
            return by_id
        repository, tag, digest = split(reference)
        name = f"{repository}@{digest}" if digest else f"{repository}:{tag}"
        return next((image for image in self.images.values() if name in image.tags or name in image.digests), None)

    def tag(self, image_id: str, reference: str) -> None:
        """Gives an image a tag, which any other image loses."""
        repository, tag, _ = split(reference)
        name = f"{repository}:{tag}"
        for image in self.images.values():
            if name in image.tags:
                image.tags.remove(name)
        self.images[image_id].tags.append(name)
        self.save()

    def untag(self, reference: str) -> None:
        """Removes a reference, and the image with its last one, which is kept while a container uses the image."""
        image = self.find(reference)
        if image is None:
            return
        repository, tag, digest = split(reference)
        used = any(container.made.image_id == image.spec.id for container in self.containers.values())
        if used and _single(image):
            return
        if digest:
            image.digests.remove(f"{repository}@{digest}")
        elif reference != image.spec.id:
            image.tags.remove(f"{repository}:{tag}")
            if repository not in _names(image.tags):
                image.digests = [name for name in image.digests if split(name)[0] != repository]
        if not image.tags and not image.digests:
            del self.images[image.spec.id]
        self.save()

    def disk_usage(self) -> int:
        """Returns the total size of all distinct layers in bytes."""
        return sum({layer.digest: layer.size for image in self.images.values() for layer in image.spec.layers}.values())


def _names(references: Iterable[str]) -> set[str]:
    return {split(reference)[0] for reference in references}


def _single(image: LocalImage) -> bool:
    """Whether an image has only one reference; a tag and the digest that was pulled with it count as one."""
    if len(image.tags) + len(image.digests) <= 1:
        return True
    repositories = _names(image.digests)
    return len(image.tags) <= 1 and len(repositories) == 1 and _names(image.tags) <= repositories
