"""Writes a bundle: the project's files, the images as the engine saves them, and the bundle's list of both.

What the engine has written is read back and verified, layer by layer, before the list is added; the file is renamed
to its final name only then, so that a bundle under its final name is always complete.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from pathlib import Path

import msgspec

from ws9tui.core.blocking import Check, in_thread
from ws9tui.core.fs.tar_bounds import headers
from ws9tui.core.fs.tar_members import END, member
from ws9tui.core.fs.whole import whole
from ws9tui.core.images import archive
from ws9tui.core.images.archive_writer import ImageStream
from ws9tui.core.images.pull import REPORT_EVERY, Emit
from ws9tui.core.journal import events as e
from ws9tui.core.model.bundle import FILES, LIST, Bundle
from ws9tui.core.model.codec import readable
from ws9tui.core.ports import Engine
from ws9tui.errors import EngineError, Refused, UsageError, Ws9tuiError
from ws9tui.problems.bundle import BundleExists, BundleNotWhole, BundleUnwritable
from ws9tui.problems.problem import reason_of


async def write(
    engine: Engine, path: Path, bundle: Bundle, contents: Mapping[str, bytes], emit: Emit, *, overwrite: bool
) -> None:
    """Writes a bundle completely or not at all; ``contents`` are the project's files by relative path.

    Raises `UsageError` if the file exists already, `EngineError`, and `Ws9tuiError` if the file cannot be written.
    """
    try:
        with whole(path) as made:
            for file in bundle.files:
                made.write(member(f"{FILES}{file.path}", contents[file.path], file.mode))
            await save(engine, [image.image_id for image in bundle.images], made.write, emit)
            wanted = {image.image_id: image.reference for image in bundle.images}
            end = await in_thread(lambda check: proved(made.path, wanted, check))
            made.cut(end)
            made.write(member(LIST, readable(bundle)) + END)
            size, digest = await in_thread(lambda _: made.synced())
            made.publish(overwrite=overwrite)
    except FileExistsError as error:
        raise UsageError(BundleExists(path=str(path))) from error
    except OSError as error:
        raise Ws9tuiError(BundleUnwritable(path=str(path), reason=error.strerror)) from error
    emit(e.BundleWritten(path=str(path), size=size, sha256=digest))


async def save(engine: Engine, ids: Iterable[str], put: Callable[[bytes], None], emit: Emit) -> None:
    """Passes what the engine saves of the images to ``put``, and emits progress events."""
    loop = asyncio.get_running_loop()
    reported, done = float("-inf"), 0
    async with aclosing(engine.save(list(dict.fromkeys(ids)))) as pieces:
        async for piece in pieces:
            put(piece)
            done += len(piece)
            if loop.time() - reported >= REPORT_EVERY:
                reported = loop.time()
                emit(e.BundleProgressed(done=done))


def proved(path: str, wanted: Mapping[str, str], check: Check) -> int:
    """Reads the written archive back, checks that it holds every wanted image, and returns the offset of its end.

    ``wanted`` maps image IDs to their names for messages. Raises `EngineError` if something is missing or differs.
    """
    try:
        images = archive.read(path, check)
        layers: dict[str, archive.ArchivedLayer] = {}
        for image_id, reference in wanted.items():
            saved = [image for image in images if image_id in image.ids]  # one for each platform that the engine has
            if not saved:
                raise EngineError(BundleNotWhole(reference=reference))
            layers |= {layer.member: layer for image in saved for layer in image.layers}
        for _ in ImageStream(msgspec.structs.replace(images[0], layers=tuple(layers.values())), LIST):
            check()
        with archive.opened(path, check) as tar:
            for _ in headers(tar):
                pass
            return tar.offset
    except Refused as error:
        raise EngineError(BundleNotWhole(reason=reason_of(error.problem))) from error
