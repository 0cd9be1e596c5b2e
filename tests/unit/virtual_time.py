"""An event loop whose clock jumps to the next timer instead of waiting for it: half an hour takes milliseconds.

`@virtual` makes an asynchronous test run on it; `now` is the time that goes with it, for the simulated engine's clock.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, TypeVarTuple

if TYPE_CHECKING:
    from _typeshed import FileDescriptorLike

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

START = 1_800_000_000.0
"""the Unix time at which each loop begins"""


class _Selector(selectors.BaseSelector):
    """A selector that lets virtual time pass where another would wait for real time."""

    def __init__(self) -> None:
        self._inner = selectors.DefaultSelector()
        self.elapsed = 0.0
        self.threads = 0
        """calls that run in a thread: for them real time is waited, or their timeouts would strike at once"""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; if nothing is, time jumps to the next timer."""
        jump = timeout is not None and not self.threads
        ready = self._inner.select(0 if jump or timeout == 0 else None)
        if not ready and jump and timeout:
            self.elapsed += timeout
        return ready

    def register(self, fileobj: FileDescriptorLike, events: int, data: object = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: FileDescriptorLike) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop; its `time()` is virtual."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Seconds since the loop was made, as its timers count them."""
        return self._virtual.elapsed

    def run_in_executor(self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Counts what runs in threads."""
        future = super().run_in_executor(executor, func, *args)
        self._virtual.threads += 1
        future.add_done_callback(self._thread_ended)
        return future

    async def shutdown_default_executor(self, *_: object) -> None:
        """Waits for the threads in real time, also where the loop has a timeout for that (Python 3.12)."""
        self._virtual.threads += 1
        await super().shutdown_default_executor()

    def _thread_ended(self, _: object) -> None:
        self._virtual.threads -= 1


def now() -> float:
    """Unix time in step with the running loop; real time on other loops."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return START
    return START + loop.time() if isinstance(loop, VirtualLoop) else time.time()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine on a virtual loop of its own."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def virtual(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Makes a test run on virtual time; plain fixtures work, asynchronous ones do not."""

    @functools.wraps(test)
    def synchronous(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(test(*args, **kwargs))

    return synchronous
