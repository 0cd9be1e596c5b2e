"""Surveys a project: its definition, its containers and images, its networks. Changes nothing."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from ws9tui.core.compose import definition, inputs, inside
from ws9tui.core.compose.definition import Definition
from ws9tui.core.compose.seen import REMOTE
from ws9tui.core.compose.settings import ServiceSettings
from ws9tui.core.fs import files
from ws9tui.core.inspect import entrusted
from ws9tui.core.inspect.condition import failed
from ws9tui.core.model import project_config
from ws9tui.core.model.evidence import shown_version
from ws9tui.core.model.hooks import Hook
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.notices import Receiver
from ws9tui.core.model.observed import Container, Image, Observed
from ws9tui.core.model.project import Project
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.ports import Compose, Engine
from ws9tui.core.store.generation import Generation
from ws9tui.problems.hanging import MountedImageMoved
from ws9tui.problems.plan import ComposeVersionChanged
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import DefinitionChanged


class Survey(msgspec.Struct, frozen=True):
    """A project's definition, and the state in which it was found."""

    project: Project
    definition: Definition
    hashes: dict[str, str]
    """service → config hash by the files as they are, where it can be compared with containers' labels"""
    observed: Observed
    inputs: dict[str, str]
    """every file that Compose reads for the project → its SHA-256, empty for one that does not exist"""
    networks: tuple[str, ...]
    """IDs of the project's networks"""
    undefined: tuple[str, ...] = ()
    """variables that the files use and that are not set"""
    unset: tuple[str, ...] = ()
    """variables that secrets and configs are taken from and that are not set"""
    redefined: tuple[str, ...] = ()
    """services that a release which is not in place yet defines differently from the installed files"""
    added: tuple[str, ...] = ()
    """services that such a release adds to those of the installed files"""
    layout: str = ""
    """layout of the product that this project is an installation of; empty for any other project"""
    version: str = ""
    """version of the product, if known"""
    companions: tuple[str, ...] = ()
    """files that belong to the project though Compose does not read them; they are among `inputs`"""
    besides: dict[str, Image] = {}
    """reference → local image, of the images that services use besides their own"""
    definitions: dict[str, str] = {}
    """all config hashes by the files as they are"""
    inside: dict[str, bool] = {}
    """service in another container's namespace → whether its containers match their definition in the files"""
    running: tuple[Generation, ...] = ()
    """the recorded generations whose images run"""
    last: Generation | None = None
    """the recorded generation whose images run, else the last one that ran"""
    compose_version: str = ""
    """version of the Compose in use, if known"""

    @property
    def source(self) -> ProjectSource:
        """The Compose arguments that identify the project."""
        return self.project.source

    def settings(self, service: str) -> ServiceSettings:
        """Returns the `x-ws9tui` settings of a service."""
        return self.definition.settings.get(service, ServiceSettings())

    def one_shot(self, service: str) -> bool:
        """Whether a service is a one-shot: by its settings, the project's definition, or the last generation.

        Exit status 0 alone does not distinguish it from a service that somebody stopped.
        """
        said = self.settings(service).one_shot
        if said is not None:
            return said
        return service in self.project.one_shots or (self.last is not None and self.last.one_shot(service))

    def edited(self, service: str) -> bool:
        """Whether a service's definition has changed since its containers were created, as far as can be known.

        If the containers' config hash cannot be compared, the definitions recorded in generations decide.
        """
        replicas = self.replicas(service)
        if wanted := self.hashes.get(service):
            return any(replica.config_hash not in ("", wanted) for replica in replicas)
        model = self.project.services.get(service)
        if model is None or any(replica.image != model.reference for replica in replicas if model.reference):
            return False  # the other reference alone changes the hash
        if service in self.inside:
            return not self.inside[service]
        alike = (entry for entry in self.running if entry.compose_version == self.compose_version)
        was = {entry.services[service].definition for entry in alike if service in entry.services} - {""}
        return bool(replicas and was) and self.definitions.get(service, "") not in ("", *was)

    def mount_moved(self, service: str) -> Problem | None:
        """Returns a problem if a service's container mounts an outdated image, as Compose would notice; else None."""
        for container in self.containers.get(service, ()):
            for mount in container.mounts:
                image, noted = self.besides.get(mount.name), container.mounted_images.get(mount.target)
                if mount.type == "image" and image and noted and noted not in (image.id, image.manifest):
                    return MountedImageMoved(reference=mount.name, target=mount.target)
        return None

    def stale(self, service: str) -> bool:
        """Whether a config's or secret's file has changed since the last generation."""
        recorded = self._recorded
        paths = self.project.services[service].contents if service in self.project.services else ()
        return any(path in recorded and recorded[path] != self.inputs.get(path, "") for path in paths)

    @property
    def _recorded(self) -> dict[str, str]:
        """The files of the last generation with their SHA-256."""
        return {stored.path: stored.sha256 for stored in self.last.files} if self.last else {}

    def redefinition(self, service: str) -> DefinitionChanged | ComposeVersionChanged:
        """Returns why a service's containers have another config hash than the files: an edit, or another Compose.

        If the files are those of the last generation, Compose is the cause; if not, the files were edited.
        """
        others = [container.compose_version for container in self.replicas(service)]
        old = next((version for version in others if version and version != self.compose_version), "")
        if not old or not self.compose_version or (self._recorded and self._recorded != self.inputs):
            return DefinitionChanged(service=service)
        unsure = "" if self._recorded else "yes"
        return ComposeVersionChanged(service=service, old=old, new=self.compose_version, unsure=unsure)

    @property
    def first(self) -> bool:
        """Whether nothing of the project exists yet: a first install."""
        return not any(self.containers.get(name) for name in self.project.services)

    def state(self, service: str) -> str:
        """Returns a service's state as a generation records it: running, stopped, failed, completed, absent."""
        containers = self.replicas(service)
        if not containers:
            return "absent"
        if any(container.running for container in containers):
            return "running"
        if self.one_shot(service):
            return "completed"
        return "failed" if any(failed(container) for container in containers) else "stopped"

    @property
    def containers(self) -> Mapping[str, Sequence[Container]]:
        """Service → its containers (no one-off runs), including services that the files do not have."""
        return self.observed.containers

    @property
    def images(self) -> Mapping[str, Image]:
        """Image ID → image, of those that the project's containers use, and of those that their tags name now."""
        return self.observed.images

    def with_companions(self, paths: tuple[str, ...]) -> Survey:
        """Returns the survey with these further files as companions, and among its inputs."""
        return msgspec.structs.replace(self, companions=paths, inputs={**files.hashes(paths), **self.inputs})

    def replicas(self, service: str) -> list[Container]:
        """Returns the containers of a service, without half-created twins."""
        return self.observed.replicas(service)

    def container(self, service: str) -> Container | None:
        """Returns the container that represents a service: the first with the image that most replicas run."""
        replicas = self.replicas(service)
        count = Counter(container.image_id for container in replicas)
        return max(replicas, key=lambda container: count[container.image_id], default=None)

    def image(self, container: Container) -> ServiceImage:
        """Returns the image of a container; only its reference and ID if the engine no longer has the image.

        An image whose tag has moved on may have lost its name, but not its digest.
        """
        local = self.images.get(container.image_id)
        if local is None:
            return ServiceImage(container.image, local=Image(container.image_id))
        digest = container.image.digest_in(local.digests) or local.digest
        return ServiceImage(container.image, digest, local, shown_version(local, container.image, self.images.values()))

    def other_images(self, service: str) -> tuple[str, ...]:
        """Returns the IDs of the images that replicas of a service run besides that of `container`."""
        container = self.container(service)
        ids = dict.fromkeys(replica.image_id for replica in self.replicas(service))
        return tuple(image_id for image_id in ids if container is not None and image_id != container.image_id)


async def survey(
    engine: Engine,
    compose: Compose,
    source: ProjectSource,
    environ: Mapping[str, str],
    ran: Sequence[Generation] = (),
) -> Survey:
    """Reads a project's definition, and inspects what the engine has of the project.

    ``source.name`` may be empty: Compose determines the name then. Raises `UsageError`, `ComposeError`, `EngineError`.
    """
    source, found, read = await _define(compose, source, environ)
    inputs = files.hashes(read)
    (config, undefined), unresolved, hashes = await asyncio.gather(
        compose.resolved(source), compose.config(source, resolve_env_files=False), compose.hashes(source)
    )
    observed, networks = await asyncio.gather(observe(engine, source.name), engine.networks())
    model = project_config.from_config(source, config, unresolved)
    running = tuple(recorded for recorded in ran if _runs(recorded, observed))
    more = [*(path for service in model.services.values() for path in service.env_files), *model.referenced]
    return Survey(
        model,
        found,
        model.comparable(hashes),
        observed,
        {**files.hashes(more), **inputs},
        tuple(network.id for network in networks if network.project == source.name),
        tuple(undefined),
        unset=await _unset(compose, source, model),
        besides=await _besides(engine, model),
        definitions=hashes,
        inside=await inside.defined(compose, source, config, model, observed.containers, hashes),
        running=running,
        last=running[-1] if running else ran[-1] if ran else None,
    )


async def _unset(compose: Compose, source: ProjectSource, model: Project) -> tuple[str, ...]:
    """Returns the unset variables that Compose needs for secrets and configs; an empty value counts as set."""
    given = (content for service in model.services.values() for content in service.given)
    tests = {content.variable: content.test for content in given if content.test}
    values = await compose.interpolate(source, list(tests.values()))
    return tuple(name for name, value in zip(tests, values, strict=True) if not value)


async def _besides(engine: Engine, model: Project) -> dict[str, Image]:
    """Returns the local images that services use besides their own, by reference."""
    references = dict.fromkeys(reference for service in model.services.values() for reference in service.besides)
    return {reference: image for reference in references if (image := await engine.image(reference)) is not None}


async def recalled(engine: Engine, recorded: Generation) -> Survey:
    """Surveys a project by a generation's definition, for when its own files cannot be read."""
    name = recorded.source.name
    observed, networks = await asyncio.gather(observe(engine, name), engine.networks())
    return Survey(
        recorded.project,
        Definition(recorded.source.files, {}, recorded.settings),
        {},
        observed,
        files.hashes(stored.path for stored in recorded.files),
        tuple(network.id for network in networks if network.project == name),
        besides=await _besides(engine, recorded.project),
        last=recorded,
    )


async def _define(
    compose: Compose, source: ProjectSource, environ: Mapping[str, str]
) -> tuple[ProjectSource, Definition, tuple[str, ...]]:
    """Reads the YAML, and adds the project's name and the shell's variables to the source."""
    found = await _nested(compose, source)
    hooks, notify = await _filled_commands(compose, source, found)
    settings = await _filled(compose, source, found.settings)
    found = msgspec.structs.replace(found, settings=settings, hooks=hooks, notify=notify)
    # One that does not exist is no part of the project: a rollback would remove what somebody puts there later.
    more = filter(os.path.isfile, found.include_env_files)
    read = tuple(dict.fromkeys((*found.files, *inputs.overrides(source), *inputs.env_files(source), *more)))
    texts = [content.decode("utf-8", "replace") for path in read if (content := files.read(path)) is not None]
    used = inputs.shell_variables(environ, texts) | inputs.of_compose(source)
    source = msgspec.structs.replace(source, environment=used)
    if not source.name:
        config = await compose.config(source)
        source = msgspec.structs.replace(source, name=str(config.get("name") or ""))
    return source, found, read


async def _nested(compose: Compose, source: ProjectSource) -> Definition:
    """Reads the definition with all files that Compose's files include and extend, directly or indirectly."""
    paths: dict[tuple[str, str], str] = {}
    found = definition.read(source.files)
    while fresh := [place for place in found.nested if place not in paths]:
        filled = await compose.interpolate(source, [path for _, path in fresh])
        for (file, written), path in zip(fresh, filled, strict=True):
            folder = source.folder if file in source.files else str(Path(file).parent)
            paths[file, written] = "" if REMOTE.match(path) else os.path.normpath(Path(folder, path))
        found = definition.read(source.files, paths)
    return found


async def _filled(
    compose: Compose, source: ProjectSource, settings: Mapping[str, ServiceSettings]
) -> dict[str, ServiceSettings]:
    """Returns `x-ws9tui` with its variables interpolated; `compose config` omits a service's extension fields."""
    texts = [text for entry in settings.values() for text in entry.texts]
    if not any("$" in text for text in texts):
        return dict(settings)
    filled = iter(await compose.interpolate(source, texts))
    return {name: entry.filled(list(islice(filled, len(entry.texts)))) for name, entry in settings.items()}


async def _filled_commands(
    compose: Compose, source: ProjectSource, found: Definition
) -> tuple[tuple[Hook, ...], tuple[Receiver, ...]]:
    """Returns hooks and receivers with variables interpolated, and with whether they are trusted on this machine."""
    hooks, receivers = found.hooks, found.notify
    texts = [*(word for hook in hooks for word in hook.command), *(one.text for one in receivers)]
    if any("$" in text for text in texts):
        filled = iter(await compose.interpolate(source, texts))
        hooks = tuple(msgspec.structs.replace(hook, command=tuple(islice(filled, len(hook.command)))) for hook in hooks)
        receivers = tuple(msgspec.structs.replace(one, text=next(filled)) for one in receivers)
    return entrusted.hooks(hooks, source), entrusted.receivers(receivers, source)


def group(containers: Sequence[Container], name: str) -> dict[str, list[Container]]:
    """Returns the containers of a project by service, without one-off runs."""
    found: dict[str, list[Container]] = {}
    for container in sorted(containers, key=lambda c: (c.service, c.number, c.created_at)):
        if container.project == name and not container.oneoff:
            found.setdefault(container.service, []).append(container)
    return found


async def containers_of(engine: Engine, name: str) -> dict[str, list[Container]]:
    """Returns the current containers of a project by service, without one-off runs."""
    return group(await engine.containers(name), name)


def _runs(recorded: Generation, observed: Observed) -> bool:
    """Whether all containers of a generation's services run that generation's images."""
    return all(
        name in recorded.services
        and (recorded.services[name].runs_in(container) or container.image_id in recorded.services[name].others)
        for name, containers in observed.containers.items()
        for container in containers
        if name in recorded.project.services
    )


async def observe(engine: Engine, name: str) -> Observed:
    """Returns what the engine has of a project now, by the project's name alone."""
    everything, images = await asyncio.gather(engine.containers(), engine.images())
    containers = group(everything, name)
    foreign = [container for container in everything if container.project != name]
    tags: dict[str, str] = {tag: image.id for image in images for tag in image.tags}
    own = [container for entries in containers.values() for container in entries]
    named = [tags.get(container.image.tagged, "") for container in own]
    return Observed(containers, tags, await inspected(engine, own, named), foreign)


async def inspected(engine: Engine, containers: Iterable[Container], more: Sequence[str] = ()) -> dict[str, Image]:
    """Returns the images that containers use, and those with the IDs ``more``, by ID; missing ones are left out."""
    ids = sorted({container.image_id for container in containers} | set(more) - {""})
    images = await asyncio.gather(*(engine.image(image_id) for image_id in ids))
    return {image.id: image for image in images if image is not None}


def local_name(found: Survey, name: str) -> Reference:
    """Returns the name by which Compose finds a service's local image; a built one without a name has Compose's."""
    container = found.container(name)
    written = found.project.services[name].reference
    return written or (container.image if container else Reference(f"{found.source.name}-{name}"))
