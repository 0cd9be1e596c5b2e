"""A worker that kills itself at will: `python -m support.killing POINT STATE RUN`, as `ws9tui.worker` otherwise.

POINT is TYPE#N/WHEN: the N-th event of a type that the worker appends to any journal; before it is written, after, or
torn, which is with half of it written. TYPE `rename` is a file that is renamed into its place.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self

import msgspec

from ws9tui.core import events
from ws9tui.core.journal import Journal
from ws9tui.worker import __main__ as worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from ws9tui.core.events import AnyEvent

RENAME = "rename"


class Point(msgspec.Struct, frozen=True):
    """A moment in the life of a worker."""

    kind: str
    number: int
    when: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one as it is printed."""
        match = re.fullmatch(r"([a-z-]+)#(\d+)/(before|after|torn)", text)
        if not match:
            raise ValueError(f"no point of a worker's life: {text}")
        return cls(match[1], int(match[2]), match[3])

    def __str__(self) -> str:
        return f"{self.kind}#{self.number}/{self.when}"


def kind_of(event: AnyEvent) -> str:
    """Return an event's type, as it stands in the journal."""
    return str(events.to_builtins(event)["type"])


class Trap:
    """Counts what a worker does, and kills it at a point."""

    def __init__(self, point: Point) -> None:
        self._point = point
        self._left = point.number

    def set(self) -> None:
        """Stand in the way of all that is counted."""
        if self._point.kind == RENAME:
            Path.rename = self._around(Path.rename)  # type: ignore[method-assign]
        else:
            Journal.append = self._append(Journal.append)  # type: ignore[method-assign]

    def _hit(self) -> bool:
        self._left -= 1
        return self._left == 0

    def _around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  # whatever it takes and gives
            hit = self._hit()
            if hit and self._point.when == "before":
                die()
            result = act(*arguments, **options)
            if hit:
                die()
            return result

        return acted

    def _append(self, append: Callable[..., AnyEvent]) -> Callable[..., AnyEvent]:
        killing = self._around(append)

        def appended(journal: Journal, event: AnyEvent, **options: bool) -> AnyEvent:
            if kind_of(event) != self._point.kind:
                return append(journal, event, **options)
            if self._point.when == "torn":
                if self._hit():
                    record = events.encode(event)
                    os.write(journal._fd, record[: len(record) // 2])
                    die()
                return append(journal, event, **options)
            done: AnyEvent = killing(journal, event, **options)
            return done

        return appended


def die() -> NoReturn:
    """End this process as a crash does."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable: nobody survives that")


def main() -> int:
    """Set the trap, then be a worker."""
    Trap(Point.parse(sys.argv.pop(1))).set()
    return worker.main()


if __name__ == "__main__":
    sys.exit(main())
