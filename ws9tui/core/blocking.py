"""Work that blocks, in a thread of its own that a cancelled run does not wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 1.0
"""seconds that a cancelled run gives the thread to tidy up; then it ends with the process"""

Check = Callable[[], None]
"""called now and then by the work; raises where the run is cancelled"""


class StoppedError(Exception):
    """The work is not wanted any more."""


async def in_thread(work: Callable[[Check], T]) -> T:
    """What ``work`` returns or raises; it is told to stop when this is cancelled."""
    loop = asyncio.get_running_loop()
    stop, done = threading.Event(), asyncio.Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def check() -> None:
        if stop.is_set():
            raise StoppedError

    def body() -> None:
        try:
            results.append(work(check))
        except BaseException as error:  # noqa: BLE001 - it is raised where the work is waited for
            errors.append(error)
        with suppress(RuntimeError):  # nobody waits any more, and the loop is closed
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=body, daemon=True, name="blocking").start()
    try:
        await done.wait()
    except asyncio.CancelledError:
        stop.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), PATIENCE)
        raise
    if errors:
        raise errors[0]
    return results[0]
