"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def until(
    condition: Callable[[], T],
    timeout: float = 30,
    what: str | Callable[[], str] = "the condition holds",
) -> T:
    """Return the first truthy value of `condition`, or raise AssertionError that tells `what` was awaited."""
    end = time.monotonic() + timeout
    pause = 0.01
    while True:
        value = condition()
        if value:
            return value
        left = end - time.monotonic()
        if left <= 0:
            text = what if isinstance(what, str) else what()
            raise AssertionError(f"not so after {timeout:g} s: {text} (last: {value!r})")
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, 0.2)
