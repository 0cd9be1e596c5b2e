"""Finds images in archives and on the engine, for runs that must not ask a registry.

Images are compared by ID. An archive alone does not prove a repository digest, so none is claimed for its images.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from ws9tui.core.blocking import in_thread
from ws9tui.core.images import archive, bundle_file
from ws9tui.core.images.archive import ArchivedImage, Archives
from ws9tui.core.images.resolve import unchanged, wanted_reference
from ws9tui.core.images.verify import platform_offered
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal.events import ReferenceResolved
from ws9tui.core.model.bundle import Bundle
from ws9tui.core.model.evidence import shown_version
from ws9tui.core.model.observed import EngineInfo, Image
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, ServiceView
from ws9tui.core.ports import Engine
from ws9tui.errors import Refused
from ws9tui.problems import reasons
from ws9tui.problems.archive import ArchiveAmbiguous, ArchiveLacks
from ws9tui.problems.bundle import BundleOtherProject, BundlePlatform, BundleServicesUnknown
from ws9tui.problems.engine import RunUnfinished
from ws9tui.problems.image import PlatformMissing
from ws9tui.problems.plan import NotThere
from ws9tui.problems.problem import Problem


async def read_archives(paths: Sequence[str]) -> Archives | None:
    """Reads the given archives in a thread; None if none were given. Raises `UsageError` and `Refused`."""
    if not paths:
        return None
    return await in_thread(
        lambda check: Archives(tuple(image for path in archive.find(paths) for image in bundle_file.read(path, check)))
    )


async def read_bundle(path: str) -> Bundle:
    """Reads the list of a bundle in a thread; raises `Refused` if the file is no bundle."""
    return await in_thread(lambda check: bundle_file.read_list(path, check))


async def read_files(path: str, bundle: Bundle) -> dict[str, bytes]:
    """Reads the project's files in a bundle, by relative path; raises `Refused` if they differ from its list."""
    return await in_thread(lambda check: bundle_file.contents(path, bundle, check))


def refuse_foreign(archives: Archives, info: EngineInfo) -> None:
    """Raises `Refused` if a bundle is for another platform than the engine's."""
    for path, bundle in archives.bundles.items():
        if not platform_offered((bundle.platform,), info):
            raise Refused(BundlePlatform(path=path, platform=bundle.platform, engine=info.platform))


def doubts(archives: Archives, found: Survey) -> Iterator[Problem]:
    """Yields why a bundle may not be meant for this project: another project's name, or unknown services."""
    name = found.source.name
    for path, bundle in archives.bundles.items():
        if bundle.project != name:
            yield BundleOtherProject(path=path, name=bundle.project, project=name)
        if strange := [service for service in bundle.references if service not in found.project.services]:
            yield BundleServicesUnknown(services=", ".join(strange), project=name)


def offered(archives: Archives, found: Survey) -> dict[str, str]:
    """Returns the bundles' references by service, where they differ from those in the project's files."""
    wanted: dict[str, str] = {}
    for bundle in archives.bundles.values():
        for name, image in bundle.references.items():
            service = found.project.services.get(name)
            if service is None or not service.reference:
                continue
            digest, said = service.reference.digest, image.reference
            runs_pinned = digest == image.digest and bool(found.replicas(name))
            if not runs_pinned if digest else not service.reference.same_tag(said):
                wanted[name] = said.tagged
    return wanted


async def resolve_all(
    engine: Engine,
    archives: Archives,
    info: EngineInfo,
    found: Survey,
    entries: Sequence[ServiceView],
    asked: Mapping[str, str],
    answer: Callable[[ReferenceResolved], None],
) -> None:
    """Resolves all selectable services' references from archives, as `resolve.resolve_all` does at registries."""
    for view in entries:
        if view.selectable:
            reference = wanted_reference(view, asked.get(view.name, ""))
            answer(await resolve(engine, archives, info, found, view, reference))


async def resolve(
    engine: Engine, archives: Archives, info: EngineInfo, found: Survey, view: ServiceView, reference: Reference
) -> ReferenceResolved:
    """Looks a service's reference up in the archives, else on the engine, and returns what the service would get."""
    said = ReferenceResolved(service=view.name, reference=reference, offline=True)
    candidates = archives.named(reference)
    fitting = [image for image in candidates if platform_offered((image.local.platform,), info)]
    if len(fitting) > 1:
        archives_of = ", ".join(dict.fromkeys(i.file for i in fitting))
        return _unknown(said, ArchiveAmbiguous(reference=reference, archives=archives_of))
    if candidates and not fitting:
        platforms = ", ".join(dict.fromkeys(image.local.platform for image in candidates))
        reason = reasons.PlatformOfFile(file=candidates[0].file, platforms=platforms, engine=info.platform)
        return _unknown(said, PlatformMissing(reference=reference, reason=reason))
    container = found.container(view.name)
    running = container.image_id if container else ""
    if fitting:
        image = fitting[0]
        said = msgspec.structs.replace(
            said,
            image_id=running if _runs(image, running, found.images.get(running)) else image.ids[0],
            digest=image.proved,
            archive=image.file,
            platforms=(image.local.platform,),
            version=shown_version(image.local, reference),
        )
    else:
        local = await engine.image(reference.at(reference.digest) if reference.digest else reference.tagged)
        if local is None:
            return _unknown(said, ArchiveLacks(references=reference))
        said = msgspec.structs.replace(said, image_id=local.id, version=shown_version(local, reference))
    if container is None:
        return msgspec.structs.replace(said, availability=Availability.NOT_RUNNING, problem=NotThere())
    if said.image_id != running:
        return said
    availability, why = unchanged(found, view, reference)
    return msgspec.structs.replace(said, availability=availability, problem=why)


def _runs(image: ArchivedImage, running: str, local: Image | None) -> bool:
    """Whether an archived image is the running one: by ID, or by the bundle's digest if the engine knows it."""
    return running in image.ids or (local is not None and image.digest in local.known_digests)


def refuse(answers: Iterable[ReferenceResolved]) -> None:
    """Raises `Refused` if an answer is unknown: with all missing references, else with the first problem."""
    unknown = [answer for answer in answers if not answer.known]
    missing = [answer.reference for answer in unknown if isinstance(answer.problem, ArchiveLacks)]
    if missing:
        raise Refused(ArchiveLacks(references=", ".join(dict.fromkeys(missing))))
    if unknown:
        raise Refused(unknown[0].problem or RunUnfinished())


def _unknown(said: ReferenceResolved, problem: Problem) -> ReferenceResolved:
    return msgspec.structs.replace(said, availability=Availability.UNKNOWN, problem=problem)
