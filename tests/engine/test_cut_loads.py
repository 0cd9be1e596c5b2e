"""A load that is cut off gives back the disk that it took, and stands in the way of no other one."""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from support import archives
from support.wait import until
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.engine import DockerEngine
from ws9tui.core.images import archive
from ws9tui.core.images.archive_writer import ImageStream
from ws9tui.errors import Refused
from ws9tui.problems.problem import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.dockerd import Dockerd

pytestmark = [pytest.mark.engine, pytest.mark.both_stores]
MB = 1 << 20


def stream(folder: Path, version: str, size: int) -> ImageStream:
    """Return one of an archive as engines up to 24 write it, in which layers have no names of their own."""
    path = folder / f"{version}.tar"
    content = random.Random(version).randbytes(size)
    path.write_bytes(archives.packed(archives.legacy(f"cut:{version}", version=version, content=content)))
    [image] = archive.read(str(path), lambda: None)
    return ImageStream(image, f"ws9tui.load/cut:{version}")


def cut(pieces: ImageStream) -> Iterator[bytes]:
    """Half of an archive, and then an error."""
    for piece in pieces:
        yield piece
        if pieces.sent > 12 * MB:
            raise Refused(read("archive-damaged", {"path": "cut.tar"}))


async def load(engine: DockerEngine, pieces: Iterator[bytes] | ImageStream) -> None:
    async with aclosing(engine.load(pieces)) as events:
        async for event in events:
            assert not event.error


async def test_after_a_load_that_was_cut_another_archive_loads(clean_engine: Dockerd, tmp_path: Path) -> None:
    engine = DockerEngine(Endpoint(clean_engine.host))
    with pytest.raises(Refused):
        await load(engine, cut(stream(tmp_path, "1.0", 24 * MB)))
    await load(engine, stream(tmp_path, "2.0", 6 * MB))
    assert await engine.image("ws9tui.load/cut:2.0")
    await load(engine, stream(tmp_path, "1.0", 24 * MB))
    assert await engine.image("ws9tui.load/cut:1.0")
    await engine.close()


async def assert_given_back(adapter: DockerEngine, engine: Dockerd, before: int) -> None:
    """Assert it as after every run that ends: one of today collects by itself only when it has not just done so."""
    await adapter.collect_partial()
    until(lambda: engine.on_disk < before + MB, 30, lambda: f"{engine.on_disk - before} bytes more than before")
    assert engine.client().images.list(all=True) == []


@pytest.mark.parametrize("size", [12 * MB, 24 * MB])
async def test_a_load_that_is_left_gives_back_what_it_took(clean_engine: Dockerd, tmp_path: Path, size: int) -> None:
    """In the midst of the first layer, and between the layers."""
    engine = DockerEngine(Endpoint(clean_engine.host))
    pieces = stream(tmp_path, f"left-{size}", 24 * MB)
    reached, left = threading.Event(), threading.Event()

    def watched() -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            if pieces.sent > size and not reached.is_set():
                reached.set()
                left.wait(30)

    before = clean_engine.on_disk
    task = asyncio.create_task(load(engine, watched()))
    await asyncio.to_thread(reached.wait, 30)
    await asyncio.to_thread(until, lambda: clean_engine.on_disk > before + size - MB, 30)
    task.cancel()
    await asyncio.sleep(0)
    left.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    await assert_given_back(engine, clean_engine, before)
    await engine.close()


async def test_an_archive_that_fails_gives_back_what_it_took(clean_engine: Dockerd, tmp_path: Path) -> None:
    engine = DockerEngine(Endpoint(clean_engine.host))
    pieces = stream(tmp_path, "failing", 24 * MB)
    before = clean_engine.on_disk
    with pytest.raises(Refused):
        await load(engine, cut(pieces))
    await assert_given_back(engine, clean_engine, before)
    await engine.close()
