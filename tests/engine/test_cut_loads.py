"""A load that is cut off leaves nothing that stands in the way of another one."""

from __future__ import annotations

import random
import threading
from contextlib import aclosing
from typing import TYPE_CHECKING

import pytest

from support import archives
from ws9tui.adapters.endpoint import Endpoint
from ws9tui.adapters.engine import DockerEngine
from ws9tui.core import archive
from ws9tui.core.archive_stream import ImageStream
from ws9tui.errors import Refused

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
    [image] = archive.read(str(path), threading.Event())
    return ImageStream(image, f"ws9tui.load/cut:{version}")


async def load(engine: DockerEngine, pieces: Iterator[bytes] | ImageStream) -> None:
    async with aclosing(engine.load(pieces)) as events:
        async for event in events:
            assert not event.error


async def test_after_a_load_that_was_cut_another_archive_loads(clean_engine: Dockerd, tmp_path: Path) -> None:
    engine = DockerEngine(Endpoint(clean_engine.host))
    first = stream(tmp_path, "1.0", 24 * MB)

    def cut() -> Iterator[bytes]:
        for piece in first:
            yield piece
            if first.sent > 12 * MB:
                raise Refused("archive-damaged", path="1.0.tar")

    with pytest.raises(Refused):
        await load(engine, cut())
    await load(engine, stream(tmp_path, "2.0", 6 * MB))
    assert await engine.image("ws9tui.load/cut:2.0")
    await load(engine, stream(tmp_path, "1.0", 24 * MB))
    assert await engine.image("ws9tui.load/cut:1.0")
    await engine.close()
