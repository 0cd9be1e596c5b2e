"""Sends an archive of images to the engine, so that it can be ended at any moment."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

from ws9tui.adapters import read_only
from ws9tui.adapters.engine import messages
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.problems import REFUSALS, is_page, refusal
from ws9tui.adapters.engine.pull_stream import AnsweredError, PullStream
from ws9tui.adapters.registry.errors import without_credentials
from ws9tui.core.model.observed import PullEvent
from ws9tui.errors import EngineError
from ws9tui.problems import reasons
from ws9tui.problems.archive import LoadFailed
from ws9tui.problems.engine import EngineDiskReadOnly
from ws9tui.problems.image import DiskFull

_HEADERS = {"Content-Type": "application/x-tar"}


async def load(url: str, where: Endpoint, version: str, archive: Iterable[bytes]) -> AsyncGenerator[PullEvent, None]:
    """Loads an archive and gives what the engine says; raises `EngineError`, or `BrokenError` for a lost connection."""
    try:
        async with PullStream(url, where, f"/v{version}/images/load?quiet=0", _HEADERS, archive) as lines:
            async for line in lines:
                event = messages.pull_event(line)
                if event.error:
                    raise load_error(event.error)
                yield event
    except AnsweredError as error:
        said = messages.message(error.body.decode(errors="replace"))
        if error.status in REFUSALS and is_page(said):
            raise refusal("POST", "/images/load", where.shown) from error
        if is_page(said):
            raise EngineError(LoadFailed(reason=reasons.HttpStatus(status=error.status))) from error
        raise load_error(said) from error


def load_error(said: str) -> EngineError:
    """The problem behind what an engine says of a load that failed."""
    if "no space left on device" in said:
        return EngineError(DiskFull())
    if read_only.disk(said):
        return EngineError(EngineDiskReadOnly(reason=without_credentials(said)))
    return EngineError(LoadFailed(reason=without_credentials(said)))
