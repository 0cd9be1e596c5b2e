"""A worker that kills itself at will: `python -m support.killing POINT STATE RUN`, as `ws9tui.worker` otherwise.

POINT is TYPE#N/WHEN: the N-th event of a type that the worker appends to any journal; before it is written, after, or
torn, which is with half of it written. TYPE `rename` is a file of the state that is renamed into its place, and `put`
a file of the project.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Self, TypeVar

import msgspec

from ws9tui import __version__
from ws9tui.core.journal import events
from ws9tui.core.journal.journal import Journal
from ws9tui.core.model.terms import Actor, Verb
from ws9tui.core.store.store import Store
from ws9tui.worker import work as worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.dockerd import Dockerd
    from ws9tui.core.journal.events import Event
    from ws9tui.core.model.options import Options

T = TypeVar("T")
RENAME, PUT = "rename", "put"


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


def kind_of(event: Event) -> str:
    """Return an event's type, as it stands in the journal."""
    return str(events.to_builtins(event)["type"])


def killed(engine: Dockerd, state: Path, folder: Path, options: Options, point: str, verb: Verb = Verb.UPDATE) -> None:
    """Do a run in a folder whose worker dies at a point."""
    run = Store(state).open().new_run()
    request = events.RunRequested(
        verb=verb, options=options, actor=Actor("tester"), version=__version__, folder=str(folder), attended=False
    )
    with closing(Journal(run)) as journal:
        journal.append(request)
    done = subprocess.run(
        [sys.executable, "-m", "support.killing", str(Point.parse(point)), str(state), run.name],
        cwd=Path(__file__).parents[1],
        env=engine.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, f"{point}: it was not killed: {done.returncode}\n{done.stderr.decode()}"


class Trap:
    """Counts what a worker does, and kills it at a point."""

    def __init__(self, point: Point, state: Path) -> None:
        self._point = point
        self._state = state
        self._left = point.number

    def set(self) -> None:
        """Stand in the way of all that is counted."""
        if self._point.kind in {RENAME, PUT}:
            os.rename = self._rename(os.rename)
        else:
            Journal.append = self._append(Journal.append)  # type: ignore[method-assign]

    def _around(self, act: Callable[[], T]) -> T:
        """Do something, and die before or after it if it is what the point says."""
        self._left -= 1
        if self._left == 0 and self._point.when == "before":
            die()
        result = act()
        if self._left == 0:
            die()
        return result

    def _rename(self, rename: Callable[..., None]) -> Callable[..., None]:
        def renamed(path: str | Path, target: str | Path, **folders: int) -> None:
            folder = Path(f"/proc/self/fd/{folders['dst_dir_fd']}").readlink() if folders else ""
            kind = RENAME if Path(folder, target).is_relative_to(self._state) else PUT
            if kind != self._point.kind:
                rename(path, target, **folders)
            else:
                self._around(lambda: rename(path, target, **folders))

        return renamed

    def _append(self, append: Callable[..., Event]) -> Callable[..., Event]:
        def half(journal: Journal, event: Event) -> None:
            record = events.encode(event)
            os.write(journal._fd, record[: len(record) // 2])

        def appended(journal: Journal, event: Event, **options: bool) -> Event:
            if kind_of(event) != self._point.kind:
                return append(journal, event, **options)
            if self._point.when == "torn" and self._left == 1:
                half(journal, event)
                die()
            return self._around(lambda: append(journal, event, **options))

        return appended


def die() -> NoReturn:
    """End this process as a crash does."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable: nobody survives that")


def main() -> NoReturn:
    """Set the trap, then be a worker."""
    Trap(Point.parse(sys.argv.pop(1)), Path(sys.argv[1])).set()
    worker.main()


if __name__ == "__main__":
    main()
