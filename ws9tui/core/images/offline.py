"""Finds images in archives and on the engine, where no registry is to be asked.

The image ID is what is compared. A repository digest is not known of an archived image, and is never said to be.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from ws9tui.core.images import archive
from ws9tui.core.images.archive import Archives
from ws9tui.core.images.resolve import unchanged, wanted_reference
from ws9tui.core.images.verify import platform_offered
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal.events import ReferenceResolved
from ws9tui.core.model.evidence import shown_version
from ws9tui.core.model.observed import EngineInfo
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, ServiceView
from ws9tui.core.ports import Engine
from ws9tui.errors import Refused
from ws9tui.problems.archive import ArchiveAmbiguous, ArchiveLacks
from ws9tui.problems.engine import RunUnfinished
from ws9tui.problems.image import PlatformMissing
from ws9tui.problems.plan import NotThere
from ws9tui.problems.problem import Problem


async def read_archives(paths: Sequence[str]) -> Archives | None:
    """The archives that were given, read in a thread; None where none were. Raises `UsageError`, `Refused`."""
    if not paths:
        return None
    stop = threading.Event()

    def work() -> Archives:
        return Archives(tuple(image for path in archive.find(paths) for image in archive.read(path, stop)))

    try:
        return await asyncio.to_thread(work)
    finally:
        stop.set()


async def resolve_all(
    engine: Engine,
    archives: Archives,
    info: EngineInfo,
    found: Survey,
    entries: Sequence[ServiceView],
    asked: Mapping[str, str],
    answer: Callable[[ReferenceResolved], None],
) -> None:
    """Looks for all these services' references, as `resolve.resolve_all` asks registries."""
    for view in entries:
        if view.selectable:
            reference = wanted_reference(view, asked.get(view.name, ""))
            answer(await resolve(engine, archives, info, found, view, reference))


async def resolve(
    engine: Engine, archives: Archives, info: EngineInfo, found: Survey, view: ServiceView, reference: Reference
) -> ReferenceResolved:
    """What a service's reference is in the archives, else on this engine, and what that means for the service."""
    said = ReferenceResolved(service=view.name, reference=reference, offline=True)
    candidates = archives.named(reference)
    fitting = [image for image in candidates if platform_offered((image.local.platform,), info)]
    if len(fitting) > 1:
        archives_of = ", ".join(dict.fromkeys(i.file for i in fitting))
        return _unknown(said, ArchiveAmbiguous(reference=reference, archives=archives_of))
    if candidates and not fitting:
        platforms = ", ".join(dict.fromkeys(image.local.platform for image in candidates))
        reason = f"{candidates[0].file} has {platforms}; this engine is {info.platform}"
        return _unknown(said, PlatformMissing(reference=reference, reason=reason))
    container = found.container(view.name)
    running = container.image_id if container else ""
    if fitting:
        image = fitting[0]
        said = msgspec.structs.replace(
            said,
            image_id=running if running in image.ids else image.ids[0],
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


def refuse(answers: Iterable[ReferenceResolved]) -> None:
    """Raises `Refused` where something is missing, with all that is, or cannot be used."""
    unknown = [answer for answer in answers if not answer.known]
    missing = [answer.reference for answer in unknown if isinstance(answer.problem, ArchiveLacks)]
    if missing:
        raise Refused(ArchiveLacks(references=", ".join(dict.fromkeys(missing))))
    for answer in unknown:
        problem = answer.problem or RunUnfinished()
        raise Refused(problem)


def _unknown(said: ReferenceResolved, problem: Problem) -> ReferenceResolved:
    return msgspec.structs.replace(said, availability=Availability.UNKNOWN, problem=problem)
