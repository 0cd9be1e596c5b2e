"""Looks around: what the project is, what runs of it, and what its registries have. Nothing is changed."""

from __future__ import annotations

import asyncio
import os
import platform
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from ws9tui.core import definition, files, inside, locate, namespaces, project, version
from ws9tui.core.condition import failed
from ws9tui.core.definition import Definition, ServiceSettings
from ws9tui.core.events import ReferenceResolved
from ws9tui.core.generation import Generation
from ws9tui.core.observed import Container, EngineInfo, Image, Manifest
from ws9tui.core.planner import Observed
from ws9tui.core.ports import Compose, Engine
from ws9tui.core.project import Project, Service
from ws9tui.core.reference import Reference, digest_of, parse
from ws9tui.core.source import ProjectSource
from ws9tui.core.terms import Availability, ServiceView
from ws9tui.core.verify import platform_offered, shown_version
from ws9tui.errors import Problem, RegistryError, UsageError, Ws9tuiError

ASK_PARALLEL = 6
"""references that are resolved at a time"""
ASK_BACKOFF = (1.0, 2.0)
"""seconds before the second and the third try to resolve one"""


class Survey(msgspec.Struct, frozen=True):
    """A project and what was found of it."""

    project: Project
    definition: Definition
    hashes: dict[str, str]
    """service → config hash by the files as they are, where it can be compared"""
    observed: Observed
    inputs: dict[str, str]
    """every file that Compose reads for it → its hash, empty for one that is not there"""
    networks: tuple[str, ...]
    """IDs of the project's networks"""
    undefined: tuple[str, ...] = ()
    """variables that the files use and nobody sets"""
    unset: tuple[str, ...] = ()
    """variables that secrets and configs are taken from and nobody sets"""
    redefined: tuple[str, ...] = ()
    """services that a release which is not in place yet defines otherwise than the installed files"""
    added: tuple[str, ...] = ()
    """services that such a release brings, and that the installed files have not"""
    layout: str = ""
    """how the product is laid out that this is an installation of; empty for any other project"""
    version: str = ""
    """the product's, where it is known"""
    companions: tuple[str, ...] = ()
    """files that belong to the project though Compose does not read them; they are among the inputs"""
    besides: dict[str, Image] = {}
    """reference → local image, of those that services use besides their own"""
    definitions: dict[str, str] = {}
    """all config hashes by the files as they are"""
    inside: dict[str, bool] = {}
    """service in another's namespace → whether its containers are defined as the files have it"""
    running: tuple[Generation, ...] = ()
    """the recorded generations whose images run"""
    last: Generation | None = None
    """the recorded generation whose images run, else the last one that ran"""
    compose_version: str = ""
    """of the Compose that is here, where that is known"""

    @property
    def source(self) -> ProjectSource:
        """Where it is defined."""
        return self.project.source

    def settings(self, service: str) -> ServiceSettings:
        """`x-ws9tui` of a service."""
        return self.definition.settings.get(service, ServiceSettings())

    def one_shot(self, service: str) -> bool:
        """Whether a service is there to end: by its settings, by who waits for it, or by the last generation.

        Exit status 0 alone does not tell it from a service that somebody stopped.
        """
        said = self.settings(service).one_shot
        if said is not None:
            return said
        return service in self.project.one_shots or (self.last is not None and self.last.one_shot(service))

    def edited(self, service: str) -> bool:
        """Whether a service is defined otherwise than when its containers were made, as far as that can be known.

        Where the containers' hash tells nothing, what generations have of the definition does.
        """
        replicas = self.replicas(service)
        if wanted := self.hashes.get(service):
            return any(replica.config_hash not in ("", wanted) for replica in replicas)
        model = self.project.services.get(service)
        if model is None or any(replica.image != model.reference for replica in replicas if model.reference):
            return False  # another reference alone gives it another hash
        if service in self.inside:
            return not self.inside[service]
        alike = (entry for entry in self.running if entry.compose_version == self.compose_version)
        was = {entry.services[service].definition for entry in alike if service in entry.services} - {""}
        return bool(replicas and was) and self.definitions.get(service, "") not in ("", *was)

    def mount_moved(self, service: str) -> Problem | None:
        """Whether a service's container mounts another image than has that reference by now: Compose would see that."""
        for container in self.containers.get(service, ()):
            for mount in container.mounts:
                image, noted = self.besides.get(mount.name), container.mounted_images.get(mount.target)
                if mount.type == "image" and image and noted and noted not in (image.id, image.manifest):
                    return Problem("mounted-image-moved", {"reference": mount.name, "target": mount.target})
        return None

    def stale(self, service: str) -> bool:
        """Whether a config's or secret's file has another content than when the service's container was made."""
        recorded = {stored.path: stored.sha256 for stored in self.last.files} if self.last else {}
        paths = self.project.services[service].contents if service in self.project.services else ()
        return any(path in recorded and recorded[path] != self.inputs.get(path, "") for path in paths)

    def redefinition(self, service: str) -> Problem:
        """Why containers of a service have another definition's hash than the files: these, or the Compose, changed.

        Where the files are those of the last generation it is Compose; where they are not, they were edited.
        """
        others = [container.compose_version for container in self.replicas(service)]
        old = next((version for version in others if version and version != self.compose_version), "")
        recorded = {stored.path: stored.sha256 for stored in self.last.files} if self.last else {}
        if not old or not self.compose_version or (recorded and recorded != self.inputs):
            return Problem("definition-changed", {"service": service})
        facts = {"service": service, "old": old, "new": self.compose_version}
        return Problem("compose-version-changed", facts if recorded else {**facts, "unsure": "yes"})

    @property
    def first(self) -> bool:
        """Whether nothing of the project is there yet: a first install."""
        return not any(self.containers.get(name) for name in self.project.services)

    def state(self, service: str) -> str:
        """What a generation says of a service: running, stopped, failed, completed, absent."""
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
        """Service → its containers (no one-off runs), also of services that the files do not have."""
        return self.observed.containers

    @property
    def images(self) -> Mapping[str, Image]:
        """Image ID → image, of those that the project's containers use, and of those that their tags name now."""
        return self.observed.images

    def replicas(self, service: str) -> list[Container]:
        """The containers of a service, without half-made twins."""
        return [container for container in self.containers.get(service, []) if not container.twin]

    def container(self, service: str) -> Container | None:
        """The container that stands for a service: the first of those with the image that most replicas run."""
        replicas = self.replicas(service)
        count = Counter(container.image_id for container in replicas)
        return max(replicas, key=lambda container: count[container.image_id], default=None)

    def other_images(self, service: str) -> tuple[str, ...]:
        """The IDs of the images that further replicas of a service run, where not all run the same."""
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
    """Reads a project's definition and looks at what the engine has of it.

    ``source.name`` may be empty: Compose tells the name then. Raises `UsageError`, `ComposeError`, `EngineError`.
    """
    source, found, read = await _define(compose, source, environ)
    inputs = files.hashes(read)
    config, unresolved, hashes, undefined = await asyncio.gather(
        compose.config(source),
        compose.config(source, resolve_env_files=False),
        compose.hashes(source),
        compose.undefined(source),
    )
    observed, networks = await asyncio.gather(observe(engine, source.name), engine.networks())
    model = project.from_config(source, config, unresolved)
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
    """The variables that Compose misses when it makes secrets and configs; set to nothing they are not missing."""
    given = (content for service in model.services.values() for content in service.given)
    tests = {content.variable: content.test for content in given if content.test}
    values = await compose.interpolate(source, list(tests.values()))
    return tuple(name for name, value in zip(tests, values, strict=True) if not value)


async def _besides(engine: Engine, model: Project) -> dict[str, Image]:
    """The local images that services use besides their own, by reference."""
    references = dict.fromkeys(reference for service in model.services.values() for reference in service.besides)
    return {reference: image for reference in references if (image := await engine.image(reference)) is not None}


async def recalled(engine: Engine, recorded: Generation) -> Survey:
    """What there is of a project by a generation's definition, where its own files cannot be understood."""
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
    """Reads the YAML, and completes the source with its name and the shell's variables."""
    found = await _nested(compose, source)
    found = msgspec.structs.replace(found, settings=await _filled(compose, source, found.settings))
    inputs = tuple(dict.fromkeys((*found.files, *locate.overrides(source), *locate.env_files(source))))
    texts = [content.decode("utf-8", "replace") for path in inputs if (content := files.read(path)) is not None]
    used = locate.shell_variables(environ, texts) | locate.of_compose(source)
    source = msgspec.structs.replace(source, environment=used)
    if not source.name:
        config = await compose.config(source)
        source = msgspec.structs.replace(source, name=str(config.get("name") or ""))
    return source, found, inputs


async def _nested(compose: Compose, source: ProjectSource) -> Definition:
    """The definition, with all files that those of Compose include and extend, and what these include and extend."""
    paths: dict[tuple[str, str], str] = {}
    found = definition.read(source.files)
    while fresh := [place for place in found.nested if place not in paths]:
        filled = await compose.interpolate(source, [path for _, path in fresh])
        for (file, written), path in zip(fresh, filled, strict=True):
            folder = source.folder if file in source.files else str(Path(file).parent)
            paths[file, written] = "" if path.startswith("http") else os.path.normpath(Path(folder, path))
        found = definition.read(source.files, paths)
    return found


async def _filled(
    compose: Compose, source: ProjectSource, settings: Mapping[str, ServiceSettings]
) -> dict[str, ServiceSettings]:
    """`x-ws9tui` with its variables filled in; Compose drops a service's extension fields from what it prints."""
    texts = [text for entry in settings.values() for text in (entry.expect, entry.probe, *entry.version_command)]
    if not any("$" in text for text in texts):
        return dict(settings)
    filled = iter(await compose.interpolate(source, texts))
    return {
        name: msgspec.structs.replace(
            entry,
            expect=next(filled),
            probe=next(filled),
            probe_as_written=entry.probe,
            version_command=tuple(next(filled) for _ in entry.version_command),
        )
        for name, entry in settings.items()
    }


def group(containers: Sequence[Container], name: str) -> dict[str, list[Container]]:
    """The containers of a project by service, one-off runs left out."""
    found: dict[str, list[Container]] = {}
    for container in sorted(containers, key=lambda c: (c.service, c.number, c.created_at)):
        if container.project == name and not container.oneoff:
            found.setdefault(container.service, []).append(container)
    return found


def _runs(recorded: Generation, observed: Observed) -> bool:
    """Whether all that runs has a generation's images."""
    return all(
        name in recorded.services
        and (recorded.services[name].runs_in(container) or container.image_id in recorded.services[name].others)
        for name, containers in observed.containers.items()
        for container in containers
        if name in recorded.project.services
    )


async def observe(engine: Engine, name: str) -> Observed:
    """What the engine has now of a project, by the project's name alone."""
    everything, images = await asyncio.gather(engine.containers(), engine.images())
    containers = group(everything, name)
    foreign = [container for container in everything if container.project != name]
    tags = {tag: image.id for image in images for tag in image.tags}
    named = [tags.get(_tag_of(container), "") for entries in containers.values() for container in entries]
    return Observed(containers, tags, await inspected(engine, containers, named), foreign)


def _tag_of(container: Container) -> str:
    """The tag that a container was made by; empty where it was made by a digest or an ID."""
    try:
        return parse(container.image).tagged
    except UsageError:
        return ""


async def inspected(
    engine: Engine, containers: Mapping[str, Sequence[Container]], more: Sequence[str] = ()
) -> dict[str, Image]:
    """The images that containers use, and these more, by ID; one that is gone is left out."""
    ids = sorted({container.image_id for entries in containers.values() for container in entries} | set(more) - {""})
    images = await asyncio.gather(*(engine.image(image_id) for image_id in ids))
    return {image.id: image for image in images if image is not None}


def views(found: Survey, services: Sequence[str]) -> list[ServiceView]:
    """What the Images pane says before any registry has answered; ``services`` restricts what is proposed."""
    return [_view(found, service, services) for service in found.project.services.values()]


def _view(found: Survey, service: Service, wanted: Sequence[str]) -> ServiceView:
    container = found.container(service.name)
    image = found.images.get(container.image_id) if container else None
    running = container.image if container else ""
    least = max(found.replicas(service.name), key=_trouble, default=None)
    view = ServiceView(
        service.name,
        service.reference,
        running_reference=running,
        image_id=container.image_id if container else "",
        digest=running_digest(container, image),
        version=_versions(found, service.name),
        created_at=image.created_at if image else "",
        state="completed" if found.state(service.name) == "completed" else least.state if least else "",
        health=least.health if least else "",
    )
    if container is not None and _is_self(container):
        return _fixed(view, Availability.UNKNOWN, Problem("self-update", {"service": service.name}))
    if service.provider:
        return _fixed(view, Availability.PROVIDED, Problem("provided", {"service": service.name}))
    if not service.reference or service.pull_policy in ("build", "never"):
        code = "has-build" if service.build or not service.reference else "pull-never"
        here = _here(found, view)
        if here.availability is Availability.BUILT:
            return _fixed(view, Availability.BUILT, Problem(code, {"service": service.name}))
        view = msgspec.structs.replace(view, reference=here.reference)
    proposed = not wanted or service.name in wanted
    return msgspec.structs.replace(view, proposed=proposed)


def _versions(found: Survey, service: str) -> str:
    """The version that runs; all of them where not all replicas run the same."""
    said = (
        shown_version(found.images[replica.image_id], replica.image, found.images.values())
        for replica in found.replicas(service)
        if replica.image_id in found.images
    )
    return " + ".join(dict.fromkeys(text for text in said if text))


def _trouble(container: Container) -> int:
    """How little a container does what it is there for, to tell of the one that does least."""
    if container.state == "running":
        return int(container.health == "unhealthy")
    return 2 + int(container.state in ("restarting", "dead"))


def _fixed(view: ServiceView, availability: Availability, problem: Problem) -> ServiceView:
    return msgspec.structs.replace(view, availability=availability, problem=problem, selectable=False)


def running_digest(container: Container | None, image: Image | None) -> str:
    """The repository digest of what a container runs; empty where it has none or its reference is a bare ID.

    An image whose tag has moved on may have lost its name, but not its digest.
    """
    if container is None or image is None:
        return ""
    try:
        return digest_of(image.digests, parse(container.image).name) or image.digest
    except UsageError:
        return ""


def _is_self(container: Container) -> bool:
    """Whether this very program runs in that container, whose recreation would kill it."""
    return Path("/.dockerenv").exists() and container.id.startswith(platform.node()) and len(platform.node()) >= 12  # noqa: PLR2004


def local_name(found: Survey, name: str) -> str:
    """The name by which Compose finds a service's image here; what it builds for a service without one has its own."""
    container = found.container(name)
    written = found.project.services[name].reference
    return written or (container.image if container else f"{found.source.name}-{name}")


def _here(found: Survey, view: ServiceView) -> ReferenceResolved:
    """What this engine has for a service that is built here, and what that means for it; no registry is asked."""
    reference = parse(local_name(found, view.name))
    said = ReferenceResolved(service=view.name, reference=str(reference), offline=True)
    local = found.observed.tags.get(reference.tagged, "")
    replicas = found.replicas(view.name)
    if not replicas:
        availability = Availability.NOT_RUNNING if local else Availability.BUILT
        problem = Problem("not-there" if local else "not-built", {"service": view.name})
        return msgspec.structs.replace(said, image_id=local, availability=availability, problem=problem)
    named = found.images.get(local)
    if local and not all(replica.runs(local, named.manifest if named else "") for replica in replicas):
        problem = Problem("built-anew", {"service": view.name, "reference": str(reference)})
        return msgspec.structs.replace(said, image_id=local, problem=problem)
    availability, why = unchanged(found, view, reference)
    if availability is not Availability.CHANGED:
        availability, why = Availability.BUILT, Problem("built-here", {"service": view.name})
    return msgspec.structs.replace(said, image_id=replicas[0].image_id, availability=availability, problem=why)


async def resolve(
    engine: Engine, info: EngineInfo, found: Survey, view: ServiceView, reference: Reference
) -> ReferenceResolved:
    """Asks the registry about a service's wanted reference, and says what that means for the service."""
    said = ReferenceResolved(service=view.name, reference=str(reference))
    service = found.project.services[view.name]
    own = str(reference) == str(parse(local_name(found, view.name)))
    if own and (not service.reference or service.pull_policy in ("build", "never")):
        return _here(found, view)
    try:
        manifest = await ask_registry(engine, str(reference))
    except Ws9tuiError as error:
        if own and service.build:  # no registry has to have it
            return _here(found, view)
        return msgspec.structs.replace(said, availability=Availability.UNKNOWN, problem=error.problem)
    said = msgspec.structs.replace(
        said,
        digest=manifest.digest,
        platforms=manifest.platforms,
        version=reference.tag if version.parse(reference.tag) else "",
    )
    if view.reference and parse(view.reference).digest and not reference.digest:  # what was pinned stays so
        reference = msgspec.structs.replace(reference, digest=manifest.digest)
        said = msgspec.structs.replace(said, reference=str(reference))
    if not platform_offered(manifest.platforms, info):
        problem = Problem(
            "platform-missing",
            {
                "reference": str(reference),
                "registry": reference.registry,
                "reason": f"it has {', '.join(manifest.platforms)}; this engine is {info.os}/{info.architecture}",
            },
        )
        return msgspec.structs.replace(said, availability=Availability.UNKNOWN, problem=problem)
    availability, why = _judge(found, view, reference, manifest)
    return msgspec.structs.replace(said, availability=availability, problem=why)


async def ask_registry(engine: Engine, reference: str) -> Manifest:
    """What the registry has; where another try may help, it is tried again."""
    for wait in ASK_BACKOFF:
        try:
            return await engine.resolve(reference)
        except RegistryError as error:
            if not error.transient:
                raise
            await asyncio.sleep(max(wait, error.retry_after))
    return await engine.resolve(reference)


def _judge(
    found: Survey, view: ServiceView, reference: Reference, manifest: Manifest
) -> tuple[Availability, Problem | None]:
    replicas = found.replicas(view.name)
    if not replicas:
        return _without_container(found, view.name)
    other = [container for container in replicas if not _has_digest(found, container, manifest.digest)]
    if not other:
        return unchanged(found, view, reference)
    if len(other) < len(replicas):
        return Availability.UPDATE, Problem("replicas-differ", {"service": view.name})
    image = found.images.get(other[0].image_id)
    named = image is None or image.digests or image.digest
    if not named and not _moved_away(found, view.reference, other[0]):
        return Availability.UNKNOWN, Problem("no-digest", {"reference": other[0].image})
    return Availability.UPDATE, None


def _has_digest(found: Survey, container: Container, digest: str) -> bool:
    """Whether a container runs what a registry has by that digest, or what is the same on this platform."""
    alike = [other for other in found.images.values() if container.runs(other.id, other.manifest)]
    return any(digest == entry.rpartition("@")[2] for other in alike for entry in (*other.digests, other.digest))


def _moved_away(found: Survey, reference: str, container: Container) -> bool:
    """Whether the tag names another image here than the one that runs: something was pulled, and not recreated."""
    return found.observed.tags.get(parse(reference).tagged, container.image_id) != container.image_id


def unchanged(found: Survey, view: ServiceView, reference: Reference) -> tuple[Availability, Problem | None]:
    """What there is to do for a service that runs the wanted image."""
    container = found.container(view.name)
    if container is None:
        return _without_container(found, view.name)
    if view.name in found.redefined:
        return Availability.CHANGED, Problem("release-redefines", {"service": view.name, "version": found.version})
    if found.other_images(view.name):
        return Availability.UPDATE, Problem("replicas-differ", {"service": view.name})
    if found.edited(view.name):
        return Availability.CHANGED, found.redefinition(view.name)
    if moved := found.mount_moved(view.name):
        return Availability.CHANGED, moved
    if lost := namespaces.astray(
        namespaces.attached(found.project, found.containers), view.name, found.containers, found.observed.foreign
    ):
        return Availability.CHANGED, lost
    if found.stale(view.name):
        return Availability.CHANGED, Problem("content-changed", {"service": view.name})
    if any(other.twin for other in found.containers.get(view.name, ())):
        return Availability.CHANGED, Problem("twin", {"container": container.name})
    if reference.digest:
        return Availability.PINNED, Problem("pinned", {"reference": str(reference)})
    return Availability.CURRENT, None


def _without_container(found: Survey, name: str) -> tuple[Availability, Problem | None]:
    """A service that comes with a release is started with it; one that is not there otherwise is left alone."""
    if name in found.added:
        return Availability.CHANGED, Problem("service-added", {"service": name})
    return Availability.NOT_RUNNING, Problem("not-there")


async def resolve_all(
    engine: Engine,
    info: EngineInfo,
    found: Survey,
    entries: Sequence[ServiceView],
    asked: Mapping[str, str],
    answer: Callable[[ReferenceResolved], None],
) -> None:
    """Asks about all these services, a few at a time, and passes each answer on as it comes."""
    slots = asyncio.Semaphore(ASK_PARALLEL)

    async def one(view: ServiceView) -> None:
        async with slots:
            answer(await resolve(engine, info, found, view, wanted_reference(view, asked.get(view.name, ""))))

    await asyncio.gather(*(one(view) for view in entries if view.selectable))


def wanted_reference(view: ServiceView, asked: str) -> Reference:
    """The reference that a service is to get: what was asked for, on top of what the files say."""
    present = parse(view.reference)
    return present.asked(asked) if asked else present
