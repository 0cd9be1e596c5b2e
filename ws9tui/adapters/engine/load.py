"""Loads an archive of images into the engine; can be aborted at any time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable

from ws9tui.adapters import read_only
from ws9tui.adapters.engine import messages
from ws9tui.adapters.engine.calls import Calls
from ws9tui.adapters.engine.problems import REFUSALS, is_page, refusal
from ws9tui.adapters.engine.pull_stream import AnsweredError, BrokenError, PullStream
from ws9tui.adapters.registry.errors import without_credentials
from ws9tui.core.model.observed import PullEvent
from ws9tui.errors import EngineError
from ws9tui.problems import reasons
from ws9tui.problems.archive import LoadFailed
from ws9tui.problems.engine import EngineDiskReadOnly
from ws9tui.problems.image import DiskFull

_HEADERS = {"Content-Type": "application/x-tar"}


async def load(call: Calls, archive: Iterable[bytes]) -> AsyncGenerator[PullEvent, None]:
    """Loads an archive and yields the engine's messages; closing the generator cuts the archive and ends the load."""
    version = await call("load", lambda client: client.api_version)
    path = f"/v{version}/images/load?quiet=0"
    try:
        async with PullStream(call.url, call.where, path, _HEADERS, archive) as lines:
            async for line in lines:
                event = messages.pull_event(line)
                if event.error:
                    raise load_error(event.error)
                yield event
    except AnsweredError as error:
        if error.status in REFUSALS and is_page(error.said):
            raise refusal("POST", "/images/load", call.where.shown) from error
        if is_page(error.said):
            raise EngineError(LoadFailed(reason=reasons.HttpStatus(status=error.status))) from error
        raise load_error(error.said) from error
    except BrokenError as error:
        raise call.error("load", error) from error


def load_error(said: str) -> EngineError:
    """Returns the error for an engine's text about a failed load."""
    if "no space left on device" in said:
        return EngineError(DiskFull())
    if read_only.disk(said):
        return EngineError(EngineDiskReadOnly(reason=without_credentials(said)))
    return EngineError(LoadFailed(reason=without_credentials(said)))
