"""Blocking work in a thread: it gives its result, its error, or way."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from ws9tui.core.blocking import PATIENCE, Check, StoppedError, in_thread
from ws9tui.errors import Refused
from ws9tui.problems.problem import read


async def test_its_result_and_its_error() -> None:
    assert await in_thread(lambda _check: threading.current_thread().daemon)

    def fail(_check: Check) -> None:
        raise Refused(read("download-cut", {}))

    with pytest.raises(Refused):
        await in_thread(fail)


async def cancelled(started: threading.Event, work: asyncio.Task[None]) -> float:
    """Cancel once it has begun; the seconds that this took."""
    await asyncio.to_thread(started.wait, 10)
    began = time.monotonic()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    return time.monotonic() - began


async def test_a_cancel_is_waited_for_while_the_work_tidies_up() -> None:
    started, tidied = threading.Event(), threading.Event()

    def work(check: Check) -> None:
        started.set()
        try:
            while True:
                check()
                time.sleep(0.01)
        except StoppedError:
            tidied.set()
            raise

    assert await cancelled(started, asyncio.ensure_future(in_thread(work))) < PATIENCE
    assert tidied.is_set()


async def test_work_that_hangs_is_left_behind() -> None:
    started, end = threading.Event(), threading.Event()

    def work(_check: Check) -> None:
        started.set()
        end.wait(30)

    try:
        assert await cancelled(started, asyncio.ensure_future(in_thread(work))) < PATIENCE + 1
    finally:
        end.set()
