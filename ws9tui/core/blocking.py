"""Runs blocking work in a separate thread, which a cancelled run does not wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")

_GRACE = 1.0
"""seconds that terminated work may take to end before it is abandoned"""
PATIENCE = 1.0
"""seconds that a cancelled run gives the thread to clean up; after that the thread ends with the process"""

Check = Callable[[], None]
"""called by the work now and then; raises if the run is cancelled"""


class StoppedError(Exception):
    """The result of the work is no longer wanted."""


async def in_thread(work: Callable[[Check], T], end: Callable[[], None] | None = None) -> T:
    """Returns or raises what ``work`` does; on cancellation tells it to stop.

    On cancellation ``end`` is called too: it terminates what blocks the work so that it cannot call its check.
    """
    loop = asyncio.get_running_loop()
    stop, done = threading.Event(), asyncio.Event()
    outcome: Future[T] = Future()

    def check() -> None:
        if stop.is_set():
            raise StoppedError

    def body() -> None:
        try:
            outcome.set_result(work(check))
        except BaseException as error:  # noqa: BLE001 - it is raised where the work is waited for
            outcome.set_exception(error)
        with suppress(RuntimeError):  # nobody waits any more, and the loop is closed
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=body, daemon=True, name="blocking").start()
    try:
        await done.wait()
    except asyncio.CancelledError:
        stop.set()
        if end is not None:
            end()
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), PATIENCE)
        raise
    return outcome.result()


async def in_thread_within(seconds: float, work: Callable[[], T], end: Callable[[], None]) -> T:
    """As `in_thread`, but calls ``end`` after so many seconds; raises `TimeoutError` if the work does not end then."""
    timer = asyncio.get_running_loop().call_later(seconds, end)
    try:
        async with asyncio.timeout(seconds + _GRACE):
            return await in_thread(lambda _: work(), end)
    finally:
        timer.cancel()
