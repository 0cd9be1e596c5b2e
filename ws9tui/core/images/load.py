"""Loads archived images into the engine, each under a tag of the wizard's, with the same events as a pull.

No tag of the project moves: the commit gives the image its real name, and only then the load tag is removed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import aclosing

from ws9tui.core.images.archive_writer import ImageStream
from ws9tui.core.images.progress import Rate
from ws9tui.core.images.pull import REPORT_EVERY, STALL_NOTICE, Emit, Target, each, finished, found_here
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import LOAD_REPOSITORY, Image, PullEvent
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.ports import Engine
from ws9tui.core.store import generation
from ws9tui.errors import EngineError, Refused, Ws9tuiError
from ws9tui.problems.archive import (
    ArchiveImageDiffers,
    LoadFinishing,
    LoadIncomplete,
    LoadLeft,
    LoadStalled,
)
from ws9tui.problems.plan import InputChanged
from ws9tui.problems.project import DiskLow

_TICK = 0.1
_QUIET = 3.0
"""seconds for which a load that the engine has to finish is waited for silently"""
_COPIES = 2
"""of an image on the engine's disk at worst: the archive that was sent, and the unpacked image"""
_SENT_SHARE = 0.7
"""of a load's work; the rest is what the engine does with the archive"""


def load_tag(project: str, run: int, number: int) -> Reference:
    """Returns the tag under which a run loads an image."""
    return generation.own_tag(LOAD_REPOSITORY, project, f"{run}-{number}")


async def load_all(
    engine: Engine,
    targets: Sequence[Target],
    emit: Emit,
    *,
    existing: Collection[str],
    pull_timeout: float,
    stall_timeout: float,
) -> tuple[dict[str, Image], dict[str, Ws9tuiError]]:
    """Loads all targets, one after the other; same parameters and result as `pull.pull_all`."""
    return await each(
        targets, 1, lambda target: _load(engine, target, existing, emit, stall_timeout), emit, pull_timeout
    )


async def let_go(engine: Engine, project: str, emit: Emit) -> None:
    """Removes all load tags of a project's images, whichever run made them.

    An image that has its real name by now stays; an image with only the load tag is removed with it.
    """
    repository = load_tag(project, 0, 0).name
    for listed in await engine.images(repository):
        for tag in listed.tags:
            if tag.name == repository and (image := await engine.image(tag)) is not None:
                await engine.untag(tag)
                if image.tags == (tag,):
                    emit(e.Removed(kind="image", subject=image.id))


def cut_off(events: Iterable[e.Event]) -> Iterator[Finding]:
    """Yields a warning for each load that an interrupted run did not finish, as the engine may keep its content."""
    sent: dict[str, int] = {}
    for event in events:
        if isinstance(event, e.PullStarted) and event.archive:
            sent[event.reference] = 0
        elif isinstance(event, e.PullProgressed) and event.reference in sent:
            sent[event.reference] = event.done
        elif isinstance(event, e.PullFinished | e.PullFailed):
            sent.pop(event.reference, None)
    for reference, size in sent.items():
        yield _left(reference, size)


def _left(reference: str, sent: int) -> Finding:
    """Returns the warning that an engine may keep the content of an unfinished load.

    The containerd store (28.5) keeps all that it received for 24 hours, and no API call frees it earlier.
    """
    return Finding(Level.WARNING, LoadLeft(reference=reference, size=sent or None))


async def _load(engine: Engine, target: Target, existing: Collection[str], emit: Emit, stall_timeout: float) -> Image:
    archived, tag = target.archived, target.name
    loop = asyncio.get_running_loop()
    began = loop.time()
    for image_id in archived.ids if archived else (target.name,):
        present = await engine.image(image_id)
        if present is not None:
            emit(found_here(target, present, existing))
            return present
    if archived is None:  # the image was here when it was looked up
        raise Refused(InputChanged(what="image", detail=target.reference))
    room = await engine.disk_free()
    needed = _COPIES * archived.size
    if room is not None and room[0] < needed:
        raise Refused(DiskLow(needed=needed, free=room[0]))
    emit(e.PullStarted(reference=target.reference, digest=tag, services=target.services, archive=archived.file))
    stream = ImageStream(archived, tag)
    await _send(engine, stream, target, emit, stall_timeout)
    image = await engine.image(tag)
    if image is None:
        raise EngineError(LoadIncomplete(reference=target.reference, archive=archived.file))
    new = image.id not in existing
    if not _is_it(image, stream):
        raise Refused(ArchiveImageDiffers(reference=target.reference, path=archived.path))
    emit(finished(target, image, loop.time() - began, new=new))
    return image


def _is_it(image: Image, stream: ImageStream) -> bool:
    """Whether the engine's image is the one that was sent.

    An engine with the containerd store creates a manifest of its own for an archive without one; the content that the
    manifest refers to was verified while it was sent.
    """
    archived = stream.image
    made_there = not archived.documents and any(entry.digest == image.id for entry in image.digests)
    return image.id in archived.ids or made_there


async def _send(engine: Engine, stream: ImageStream, target: Target, emit: Emit, stall_timeout: float) -> None:
    """Runs one load to its end, or to a stall."""
    loop = asyncio.get_running_loop()
    rate = Rate()
    last = reported = noticed = loop.time()
    sent = 0
    extracted: dict[str, PullEvent] = {}
    keeps = (await engine.info()).containerd_store

    async def consume() -> None:
        nonlocal last
        async with aclosing(engine.load(stream)) as messages:
            async for message in messages:
                last = loop.time()
                if message.layer and message.total:
                    extracted[message.layer] = message

    def report(now: float) -> None:
        whole = stream.sent >= stream.total
        unpacked = sum(entry.current for entry in extracted.values()) / stream.total
        fraction = _SENT_SHARE * stream.sent / stream.total + (1 - _SENT_SHARE) * min(unpacked, 1.0)
        emit(
            e.PullProgressed(
                reference=target.reference,
                done=min(stream.sent, stream.total),
                total=stream.total,
                fraction=round(min(fraction, 1.0), 4),
                phase="extracting" if whole else "loading",
                rate=0.0 if whole else round(rate.add(now, stream.sent)),
            )
        )

    task = asyncio.create_task(consume())
    try:
        while not (await asyncio.wait({task}, timeout=_TICK))[0]:
            now = loop.time()
            if stream.sent != sent:
                sent, last = stream.sent, now
            quiet = now - last
            if quiet >= stall_timeout and stream.sent < stream.total:
                raise EngineError(LoadStalled(reference=target.reference, seconds=round(stall_timeout)))
            if quiet >= min(STALL_NOTICE, stall_timeout / 2) and now - noticed >= 1.0:
                noticed = now
                emit(e.PullStalled(reference=target.reference, seconds=round(quiet)))
            elif now - reported >= REPORT_EVERY:
                reported = now
                report(now)
        try:
            task.result()
        except EngineError as error:
            facts = {"reference": target.reference, "archive": stream.image.file}
            error.problem = error.problem.replace(**{name: f for name, f in facts.items() if error.problem.has(name)})
            raise
        report(loop.time())
    finally:
        stream.stop()
        task.cancel()
        if not (await asyncio.wait({task}, timeout=_QUIET))[0]:
            emit(e.Found(finding=Finding(Level.WARNING, LoadFinishing(reference=target.reference))))
            await asyncio.wait({task})
        ended = None if task.cancelled() else task.exception()
        if keeps and isinstance(ended, EngineError) and ended.away:
            emit(e.Found(finding=_left(target.reference, stream.sent)))
