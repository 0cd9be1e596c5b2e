"""An engine fetches few layers at once: an image that waits for others has not stalled, unless they have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from virtual_time import virtual
from ws9tui.core.images.pull import Target, each, pull_all
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import Image, PullEvent
from ws9tui.core.model.reference import Reference

MANY = tuple(Target(ServiceImage(Reference(f"r.test/{n}:1"), f"sha256:{n}"), (str(n),)) for n in range(4))
BIG, SMALL = (
    Target(ServiceImage(Reference(f"r.test/{name}:1"), f"sha256:{name}"), (name,)) for name in ("big", "small")
)
STALL = 120.0


class OneSlot:
    """An engine that gives the big image's layer all there is; nothing comes of it after ``silent`` seconds."""

    def __init__(self, silent: float) -> None:
        self.silent = silent
        self.free = asyncio.Event()
        self.there: set[str] = set()

    async def images(self, repository: str = "") -> list[Image]:  # noqa: ARG002 - it has none in any
        return []

    async def image(self, reference: str) -> Image | None:
        return Image(id=reference) if reference in self.there else None

    async def pull(self, reference: str) -> AsyncIterator[PullEvent]:
        yield PullEvent("Pulling fs layer", "a")
        if reference == SMALL.name:
            yield PullEvent("Waiting", "a")
            await self.free.wait()
        else:
            for second in range(600):
                await asyncio.sleep(1 if second < self.silent else 3600)
                yield PullEvent("Downloading", "a", current=second, total=600)
            self.free.set()
        self.there.add(reference)
        yield PullEvent("Pull complete", "a")


async def pulled(silent: float) -> tuple[set[str], list[Event]]:
    told: list[Event] = []
    engine: Any = OneSlot(silent)
    done, _ = await pull_all(engine, (BIG, SMALL), told.append, existing=(), pull_timeout=1800, stall_timeout=STALL)
    return set(done), told


@virtual
async def test_an_image_that_waits_for_another_has_not_stalled() -> None:
    done, told = await pulled(silent=600)
    assert done == {BIG.name, SMALL.name}
    assert not [event for event in told if isinstance(event, e.PullStalled | e.PullRetried)]


@virtual
@pytest.mark.parametrize("silent", [0, 300])
async def test_one_that_waits_for_a_stalled_one_has_stalled_too(silent: int) -> None:
    _, told = await pulled(silent)
    stalled = {event.reference for event in told if isinstance(event, e.PullStalled)}
    assert stalled == {BIG.reference, SMALL.reference}
    retried = [event.problem.code for event in told if isinstance(event, e.PullRetried) and event.problem]
    assert retried.count("pull-stalled") >= 2


@virtual
async def test_at_the_timeout_all_that_are_late_end_at_once_and_none_starts_any_more() -> None:
    started: list[str] = []
    told: list[Event] = []

    async def get(target: Target) -> Image:
        started.append(target.name)
        try:
            await asyncio.sleep(60 if target is MANY[0] else 3600)
        except asyncio.CancelledError:
            await asyncio.sleep(100 if target is MANY[1] else 5)  # as a pull that has to be ended
            if target is MANY[2]:
                return Image(id=target.name)  # it has arrived all the same
            raise
        return Image(id=target.name)

    before = asyncio.get_running_loop().time()
    done, failed = await each(MANY, 2, get, told.append, within=90)
    assert asyncio.get_running_loop().time() - before == 190
    assert started == [target.name for target in MANY[:3]]
    assert set(done) == {MANY[0].name, MANY[2].name}
    assert set(failed) == {MANY[1].reference, MANY[3].reference}
    assert {event.reference for event in told if isinstance(event, e.PullFailed)} == set(failed)
