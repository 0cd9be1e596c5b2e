"""Resolves image references at the registries, and compares them with the running images. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import msgspec

from ws9tui.core.images.offers import Offers
from ws9tui.core.images.verify import platform_offered
from ws9tui.core.inspect import within
from ws9tui.core.inspect.survey import Survey, local_name
from ws9tui.core.journal.events import ReferenceResolved, ServiceObserved
from ws9tui.core.model import mirrors, namespaces
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import Container, Image
from ws9tui.core.model.offered import Manifest
from ws9tui.core.model.project import Service
from ws9tui.core.model.reference import Reference, parse
from ws9tui.core.model.terms import Availability, ServiceView
from ws9tui.core.ports import Engine
from ws9tui.core.session import Session
from ws9tui.errors import RegistryError, Ws9tuiError
from ws9tui.problems import reasons
from ws9tui.problems.hanging import Provided
from ws9tui.problems.image import DigestOfMirror, NoDigest, OlderTaken, Pinned, PlatformMissing, TooYoung
from ws9tui.problems.plan import ContentChanged, NotThere, ReplicasDiffer, Twin
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import BuiltAnew, BuiltHere, HasBuild, NotBuilt, PullNever, SelfUpdate, ServiceAdded
from ws9tui.problems.upgrade import ReleaseRedefines

ASK_PARALLEL = 6
"""references that are resolved at a time"""
ASK_BACKOFF = (1.0, 2.0)
"""seconds before the second and the third attempt to resolve a reference"""


def views(found: Survey, services: Sequence[str]) -> list[ServiceView]:
    """Returns each service's view before any registry has answered; ``services`` restricts what is proposed."""
    return [_view(found, service, services) for service in found.project.services.values()]


def show(session: Session, found: Survey, services: Sequence[str] = ()) -> list[ServiceView]:
    """Returns the same views as `views`, and emits them."""
    entries = views(found, services)
    for view in entries:
        session.emit(ServiceObserved(service=view))
    return entries


def _view(found: Survey, service: Service, wanted: Sequence[str]) -> ServiceView:
    container = found.container(service.name)
    runs = found.image(container) if container else ServiceImage(Reference())
    least = max(found.replicas(service.name), key=_trouble, default=None)
    view = ServiceView(
        service.name,
        service.reference,
        running_reference=runs.reference,
        image_id=runs.local.id,
        digest=runs.digest,
        version=_versions(found, service.name),
        created_at=runs.local.created_at,
        state="completed" if found.state(service.name) == "completed" else least.state if least else "",
        health=least.health if least else "",
    )
    if container is not None and within.is_self(container.id):
        return _fixed(view, Availability.UNKNOWN, SelfUpdate(service=service.name))
    if service.provider:
        return _fixed(view, Availability.PROVIDED, Provided(service=service.name))
    if not service.reference or service.pull_policy in ("build", "never"):
        kind = HasBuild if service.build or not service.reference else PullNever
        here = _here(found, view)
        if here.availability is Availability.BUILT:
            return _fixed(view, Availability.BUILT, kind(service=service.name))
        view = msgspec.structs.replace(view, reference=here.reference)
    proposed = not wanted or service.name in wanted
    return msgspec.structs.replace(view, proposed=proposed)


def _versions(found: Survey, service: str) -> str:
    """Returns the running version; all versions if the replicas differ."""
    said = (found.image(replica).version for replica in found.replicas(service))
    return " + ".join(dict.fromkeys(text for text in said if text))


def _trouble(container: Container) -> int:
    """Returns how far a container is from working, so that the worst replica's state is shown; 0 is fine."""
    if container.state == "running":
        return int(container.health == "unhealthy")
    return 2 + int(container.state in ("restarting", "dead"))


def _fixed(view: ServiceView, availability: Availability, problem: Problem) -> ServiceView:
    return msgspec.structs.replace(view, availability=availability, problem=problem, selectable=False)


def _here(found: Survey, view: ServiceView) -> ReferenceResolved:
    """Returns the local state of a service that is built here, without asking a registry."""
    reference = local_name(found, view.name)
    said = ReferenceResolved(service=view.name, reference=reference, offline=True)
    local = found.observed.tags.get(reference.tagged, "")
    replicas = found.replicas(view.name)
    if not replicas:
        availability = Availability.NOT_RUNNING if local else Availability.BUILT
        problem: Problem = NotThere(service=view.name) if local else NotBuilt(service=view.name)
        return msgspec.structs.replace(said, image_id=local, availability=availability, problem=problem)
    named = found.images.get(local) or Image(local)
    if local and not all(replica.runs(named) for replica in replicas):
        problem = BuiltAnew(service=view.name, reference=reference)
        return msgspec.structs.replace(said, image_id=local, problem=problem)
    availability, why = unchanged(found, view, reference)
    if availability is not Availability.CHANGED:
        availability, why = Availability.BUILT, BuiltHere(service=view.name)
    return msgspec.structs.replace(said, image_id=replicas[0].image_id, availability=availability, problem=why)


async def resolve(offers: Offers, found: Survey, view: ServiceView, reference: Reference) -> ReferenceResolved:
    """Resolves a service's wanted reference at its registry, and returns what the service would get.

    A digest that does not run yet is described, too, and an update is held while it is too young.
    """
    said = ReferenceResolved(service=view.name, reference=reference)
    service = found.project.services[view.name]
    own = reference == local_name(found, view.name)
    if own and (not service.reference or service.pull_policy in ("build", "never")):
        return _here(found, view)
    try:
        manifest = await _ask(offers, found, view, reference)
    except Ws9tuiError as error:
        if own and service.build:  # no registry needs to have it
            return _here(found, view)
        return msgspec.structs.replace(said, availability=Availability.UNKNOWN, problem=error.problem)
    said = msgspec.structs.replace(
        said,
        digest=manifest.digest,
        platforms=manifest.platforms,
        version=reference.version,
        seen_at=offers.seen(reference, manifest.digest),
    )
    if not platform_offered(manifest.platforms, offers.info):
        problem = PlatformMissing(
            reference=reference,
            registry=reference.registry,
            reason=reasons.PlatformOther(platforms=", ".join(manifest.platforms), engine=offers.info.platform),
        )
        return msgspec.structs.replace(said, availability=Availability.UNKNOWN, problem=problem)
    pinned = view.reference.digest and not reference.digest  # a pinned reference stays pinned
    wanted = reference.pinned(manifest.digest) if pinned else reference
    availability, why = _judge(found, view, wanted, manifest)
    said = msgspec.structs.replace(said, availability=availability, problem=why)
    if availability is Availability.UPDATE:
        said = await _aged(offers, found, view, said)
    if said.availability in (Availability.UPDATE, Availability.NOT_RUNNING):
        said = await _mirrored(offers, said, manifest)
    return msgspec.structs.replace(said, reference=reference.pinned(said.digest)) if pinned else said


async def _ask(offers: Offers, found: Survey, view: ServiceView, reference: Reference) -> Manifest:
    """Returns a reference's manifest, described if it does not run yet; asks mirrors, then the engine, on failure."""
    try:
        head = await offers.heading(reference)
    except RegistryError as error:
        told = await offers.by_mirror(reference)
        if told is None:
            return await ask_engine(offers.engine, reference, error)
        head = told
    replicas = found.replicas(view.name)
    if replicas and all(head.digest in _digests(found, container) for container in replicas):
        return head
    offer = offers.told[view.name] = await offers.tell(found, view.name, reference, head)
    if isinstance(offer.problem, PlatformMissing):
        raise RegistryError(offer.problem)
    return msgspec.structs.replace(head, platforms=offer.platforms)


async def _aged(offers: Offers, found: Survey, view: ServiceView, said: ReferenceResolved) -> ReferenceResolved:
    """Returns an update with the minimum age applied: held if too young, or replaced by an older digest."""
    minimum = offers.policy(found, view.name).minimum_age or 0.0
    young = offers.age(said.seen_at)
    if young >= minimum or said.reference.digest:  # a reference with a digest was chosen deliberately
        return said
    running = {digest for container in found.replicas(view.name) for digest in _digests(found, container)}
    older = await offers.old_enough(said.reference, running, minimum)
    if older is None:
        held = TooYoung(reference=said.reference, age=young, minimum=minimum)
        return msgspec.structs.replace(said, availability=Availability.HELD, problem=held)
    digest, seen_at = older
    offers.told[view.name] = await offers.tell(found, view.name, said.reference, Manifest(digest))
    taken = OlderTaken(reference=said.reference, age=offers.age(seen_at), minimum=minimum)
    return msgspec.structs.replace(said, digest=digest, seen_at=seen_at, problem=taken)


async def _mirrored(offers: Offers, said: ReferenceResolved, manifest: Manifest) -> ReferenceResolved:
    """Sets the mirror to pull from; holds the image if only a mirror vouches for the digest, unless accepted."""
    if manifest.mirror not in mirrors.of(offers.mirrors, said.reference):  # the registry, or a mirror of the engine's
        return msgspec.structs.replace(said, mirror=await offers.source(said.reference, said.digest))
    said = msgspec.structs.replace(said, mirror=manifest.mirror)
    if offers.trusts_mirror or said.reference.digest == said.digest:
        return said
    problem = DigestOfMirror(reference=said.reference, registry=said.reference.registry, mirror=manifest.mirror)
    return msgspec.structs.replace(said, availability=Availability.HELD, problem=problem)


async def ask_registry(engine: Engine, reference: Reference) -> Manifest:
    """Returns a reference's manifest by a HEAD request, which is no pull; asks the engine if the registry refuses."""
    try:
        return await engine.registries.heading(reference)
    except RegistryError as error:
        return await ask_engine(engine, reference, error)


async def ask_engine(engine: Engine, reference: str, failed: RegistryError) -> Manifest:
    """Returns the manifest as the engine resolves it, after the direct request ``failed``; retries transient errors."""
    for wait in ASK_BACKOFF[int(failed.transient) :]:
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
    other = [container for container in replicas if manifest.digest not in _digests(found, container)]
    if not other:
        return unchanged(found, view, reference)
    if len(other) < len(replicas):
        return Availability.UPDATE, ReplicasDiffer(service=view.name)
    image = found.images.get(other[0].image_id)
    named = image is None or image.known_digests
    if not named and not _moved_away(found, view.reference, other[0]):
        return Availability.UNKNOWN, NoDigest(reference=other[0].image)
    return Availability.UPDATE, None


def _digests(found: Survey, container: Container) -> set[str]:
    """Returns the repository digests of a container's image, and of images that are the same on this platform."""
    return {digest for other in found.images.values() if container.runs(other) for digest in other.known_digests}


def _moved_away(found: Survey, reference: Reference, container: Container) -> bool:
    """Whether the tag names another local image than the running one: pulled, but the container was not recreated."""
    return found.observed.tags.get(reference.tagged, container.image_id) != container.image_id


def unchanged(found: Survey, view: ServiceView, reference: Reference) -> tuple[Availability, Problem | None]:
    """Returns what remains to be done for a service that runs the wanted image, and why."""
    container = found.container(view.name)
    if container is None:
        return _without_container(found, view.name)
    if view.name in found.redefined:
        return Availability.CHANGED, ReleaseRedefines(service=view.name, version=found.version)
    if found.other_images(view.name):
        return Availability.UPDATE, ReplicasDiffer(service=view.name)
    if found.edited(view.name):
        return Availability.CHANGED, found.redefinition(view.name)
    if moved := found.mount_moved(view.name):
        return Availability.CHANGED, moved
    if lost := namespaces.astray(
        namespaces.attached(found.project, found.containers), view.name, found.containers, found.observed.foreign
    ):
        return Availability.CHANGED, lost
    if found.stale(view.name):
        return Availability.CHANGED, ContentChanged(service=view.name)
    if any(other.twin for other in found.containers.get(view.name, ())):
        return Availability.CHANGED, Twin(container=container.name)
    if reference.digest:
        return Availability.PINNED, Pinned(reference=reference)
    return Availability.CURRENT, None


def _without_container(found: Survey, name: str) -> tuple[Availability, Problem | None]:
    """Returns the state of a service without containers: started if a release adds it, else left alone."""
    if name in found.added:
        return Availability.CHANGED, ServiceAdded(service=name)
    return Availability.NOT_RUNNING, NotThere()


async def resolve_all(
    offers: Offers,
    found: Survey,
    entries: Sequence[ServiceView],
    asked: Mapping[str, str],
    answer: Callable[[ReferenceResolved], None],
) -> None:
    """Resolves all selectable services' references, a few at a time, and passes each answer on as it arrives."""
    slots = asyncio.Semaphore(ASK_PARALLEL)

    async def one(view: ServiceView) -> None:
        async with slots:
            answer(await resolve(offers, found, view, wanted_reference(view, asked.get(view.name, ""))))

    await asyncio.gather(*(one(view) for view in entries if view.selectable))


def wanted_reference(view: ServiceView, asked: str) -> Reference:
    """Returns a service's wanted reference: what was asked for, applied to the reference in the project's files."""
    present = parse(view.reference)
    return present.asked(asked) if asked else present
