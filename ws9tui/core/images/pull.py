"""Pulls images by digest in parallel, detects stalls, retries transient failures, and removes what a run pulled.

A pull has succeeded when the image is found by inspection, not when the engine's stream ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec

from ws9tui.core.fs import files
from ws9tui.core.images.archive import ArchivedImage
from ws9tui.core.images.progress import PullProgress, Rate
from ws9tui.core.journal import events as e
from ws9tui.core.journal import journal
from ws9tui.core.journal.events import Event
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import Image
from ws9tui.core.model.reference import Reference
from ws9tui.core.ports import Engine
from ws9tui.errors import EngineError, RegistryError, Ws9tuiError
from ws9tui.problems.engine import EngineTimeout
from ws9tui.problems.image import NoDataArrives, PullIncomplete, PullTimeout
from ws9tui.problems.problem import Problem
from ws9tui.problems.reach import SshFailed

Emit = Callable[[Event], None]

PARALLEL = 3
"""images at a time; the engine itself fetches three layers of each"""
ATTEMPTS = 4
BACKOFF = (2.0, 5.0, 10.0)
"""seconds before the second, third and fourth attempt"""
REPORT_EVERY = 0.25
"""seconds between two progress events of one image"""
STALL_NOTICE = 10.0
"""seconds without a byte after which a stall is reported, and reported again"""
ANSWER_SECONDS = 3.0
"""seconds that a silent engine has to answer another call, for the registry to be blamed for the stall"""
_TICK = 1.0
IMAGES = "images"
"""file in a run's folder: IDs of the images that existed before the run pulled any"""
_TO_SECONDS = len("2026-01-01T00:00:00")


class Target(msgspec.Struct, frozen=True):
    """An image to fetch, and the services that need it."""

    want: ServiceImage
    services: tuple[str, ...]
    archived: ArchivedImage | None = None
    load_tag: str = ""
    """the wizard's tag, under which an archived image is loaded"""

    @property
    def name(self) -> str:
        """The name by which the engine knows the image once it is local: repository@sha256:… of a pulled one."""
        return self.load_tag or self.want.name

    @property
    def reference(self) -> Reference:
        """The reference as it was asked for, for messages."""
        return self.want.reference


class LayerActivity:
    """The time of the last message about any of the pulls that share this object; monotonic seconds."""

    moved = 0.0


async def pull_all(
    engine: Engine,
    targets: Sequence[Target],
    emit: Emit,
    *,
    existing: Collection[str],
    pull_timeout: float,
    stall_timeout: float,
) -> tuple[dict[str, Image], dict[str, Ws9tuiError]]:
    """Pulls all targets; returns the images that arrived by target name, and the errors of the others by reference.

    All targets are tried to their end, so that every failure is reported at once. ``pull_timeout`` bounds the whole, in
    seconds; ``existing`` are the IDs of the images that existed before the run pulled any.
    """
    shared = LayerActivity()
    return await each(
        targets,
        PARALLEL,
        lambda target: _pull(engine, target, existing, emit, stall_timeout, shared),
        emit,
        pull_timeout,
    )


async def each(
    targets: Sequence[Target], parallel: int, get: Callable[[Target], Awaitable[Image]], emit: Emit, within: float
) -> tuple[dict[str, Image], dict[str, Ws9tuiError]]:
    """Fetches all targets, at most ``parallel`` at a time and within so many seconds; returns what `pull_all` does."""
    slots = asyncio.Semaphore(parallel)
    done: dict[str, Image] = {}
    failed: dict[str, Ws9tuiError] = {}

    async def one(target: Target) -> None:
        async with slots:
            try:
                done[target.name] = await get(target)
            except Ws9tuiError as error:
                failed[target.reference] = error
                emit(e.PullFailed(reference=target.reference, problem=error.problem))

    tasks = {asyncio.create_task(one(target)): target for target in targets}
    try:
        _, late = await asyncio.wait(tasks, timeout=within) if tasks else (set(), set())
        await asyncio.gather(*(_end(task) for task in late))  # all at once: else others would start meanwhile
        for task in late:
            if tasks[task].name in done or tasks[task].reference in failed:
                continue
            error = RegistryError(PullTimeout(reference=tasks[task].reference, seconds=round(within)))
            failed[tasks[task].reference] = error
            emit(e.PullFailed(reference=tasks[task].reference, problem=error.problem))
    finally:
        await asyncio.gather(*(_end(task) for task in tasks))
    for task in tasks:
        if not task.cancelled() and (unexpected := task.exception()):
            raise unexpected
    return done, failed


async def take_back(engine: Engine, taken: Mapping[str, bool], emit: Emit) -> None:
    """Removes the images that a run pulled, as its ledger lists them, and all partial content.

    An image that existed before without any other name keeps its digest reference: untagging would remove the image.
    """
    for by_digest, new in taken.items():
        image = await engine.image(by_digest)
        if image is None:
            continue
        others = [name for name in (*image.tags, *image.digests) if name != by_digest]
        if new or others:
            await engine.untag(by_digest)
            emit(e.Removed(kind="image", subject=by_digest))
    await engine.collect_partial()


async def images_there(engine: Engine) -> frozenset[str]:
    """Returns the IDs of all local images."""
    return frozenset(image.id for image in await engine.images())


def note_images(folder: Path, there: Collection[str]) -> None:
    """Records, in a run's folder, the images that exist before the run pulls."""
    files.replace(folder / IMAGES, msgspec.json.encode(sorted(there)))


async def remove_nameless(engine: Engine, folder: Path, emit: Emit) -> None:
    """Removes the images without a name that an interrupted pull has left.

    These are images that did not exist before and were created before the run in this folder began: an image that
    somebody builds meanwhile is younger, even if the clock was set back.
    """
    try:
        known = msgspec.json.decode((folder / IMAGES).read_bytes(), type=set[str])
    except (OSError, ValueError):  # the run has pulled nothing yet
        return
    since = min(journal.earliest(folder), journal.now())
    for entry in await engine.images():
        if entry.tags or entry.digests or entry.id in known:
            continue
        image = await engine.image(entry.id)
        if image is not None and "" < image.created_at[:_TO_SECONDS] < since[:_TO_SECONDS]:
            await engine.untag(image.id)
            emit(e.Removed(kind="image", subject=image.id))


async def _pull(
    engine: Engine,
    target: Target,
    existing: Collection[str],
    emit: Emit,
    stall_timeout: float,
    shared: LayerActivity,
) -> Image:
    loop = asyncio.get_running_loop()
    began = loop.time()
    present = await engine.image(target.name)
    if present is not None:
        emit(found_here(target, present, existing))
        return present
    progress = PullProgress()
    problem: Problem
    for attempt in range(1, ATTEMPTS + 1):
        emit(e.PullStarted(reference=target.reference, digest=target.name, services=target.services, attempt=attempt))
        try:
            image = await _attempt(engine, target, progress, emit, stall_timeout, shared)
        except RegistryError as error:
            # The image is pulled by its digest, but was asked for by its tag.
            error.problem = error.problem.replace(reference=target.reference)
            if not error.transient or attempt == ATTEMPTS:
                raise
            wait, problem = max(BACKOFF[attempt - 1], error.retry_after), error.problem
        except EngineError as error:
            # Only the SSH connection to the engine has failed, which may soon work again.
            if not isinstance(error.problem, SshFailed) or attempt == ATTEMPTS:
                raise
            wait, problem = BACKOFF[attempt - 1], error.problem
        else:
            new = image.id not in existing
            emit(finished(target, image, loop.time() - began, new=new))
            return image
        emit(e.PullRetried(reference=target.reference, attempt=attempt + 1, wait=wait, problem=problem))
        await asyncio.sleep(wait)
    raise AssertionError("unreachable: the last attempt returns or raises")


async def _attempt(
    engine: Engine, target: Target, progress: PullProgress, emit: Emit, stall_timeout: float, shared: LayerActivity
) -> Image:
    """Runs one pull to its end, or to a stall; returns the image.

    While the pull is queued behind the layers of other images, it has not stalled as long as those make progress.
    """
    loop = asyncio.get_running_loop()
    rate = Rate()
    last = reported = loop.time()

    def report(now: float) -> None:
        emit(
            e.PullProgressed(
                reference=target.reference,
                done=progress.done,
                total=progress.total,
                fraction=round(progress.fraction, 4),
                phase=progress.phase,
                layers=len(progress.layers),
                layers_done=progress.layers_done,
                rate=round(rate.add(now, progress.done)),
            )
        )

    async def consume() -> None:
        nonlocal last, reported
        async with aclosing(engine.pull(target.name)) as stream:
            async for event in stream:
                progress.add(event)
                last = shared.moved = loop.time()
                if last - reported >= REPORT_EVERY:
                    reported = last
                    report(last)

    task = asyncio.create_task(consume())
    noticed = last
    notice = min(STALL_NOTICE, stall_timeout / 2)
    try:
        while not (await asyncio.wait({task}, timeout=_TICK))[0]:
            quiet = loop.time() - (max(last, shared.moved) if progress.queued else last)
            if quiet >= stall_timeout:
                if not await _answers(engine, target.name):
                    raise EngineError(EngineTimeout(call="pull"))
                raise RegistryError(
                    NoDataArrives(reference=target.reference, seconds=round(stall_timeout)), transient=True
                )
            if quiet >= notice and loop.time() - noticed >= notice:
                noticed = loop.time()
                away = not await _answers(engine, target.name)
                emit(e.PullStalled(reference=target.reference, seconds=round(loop.time() - last), away=away))
        task.result()
        report(loop.time())
    finally:
        await _end(task)
    image = await engine.image(target.name)
    if image is None:
        raise RegistryError(PullIncomplete(reference=target.reference), transient=True)
    return image


async def _answers(engine: Engine, reference: str) -> bool:
    """Whether the engine answers at all."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await engine.image(reference)
    except TimeoutError:
        return False
    except EngineError as error:
        return not error.away
    return True


async def _end(task: asyncio.Task[None]) -> None:
    """Cancels a task and waits for its end; the caller handles any outcome other than success."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()


def found_here(target: Target, image: Image, existing: Collection[str]) -> e.PullFinished:
    """Returns the event of an image that is local already; an image new since the run began counts as pulled by it."""
    came = image.id not in existing
    return msgspec.structs.replace(finished(target, image, 0.0, new=came), again=came)


def finished(target: Target, image: Image, seconds: float, *, new: bool) -> e.PullFinished:
    """Returns the event of an image that is local now."""
    return e.PullFinished(
        reference=target.reference,
        image_id=image.id,
        size=image.size,
        seconds=round(seconds, 2),
        new=new,
        services=target.services,
    )
