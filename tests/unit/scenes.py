"""A run that a test plays, and somebody who follows it on the command line."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sample_run import Played
from ws9tui.cli.follow import Follower, Input
from ws9tui.cli.output import JsonOutput, Output, PlainOutput, Writer
from ws9tui.core.journal.events import Event
from ws9tui.core.store.store import Store
from ws9tui.worker.handle import RunHandle


class Typed(Input):
    """What is typed, when the test wants it."""

    def __init__(self, *script: Callable[[], str | None]) -> None:
        read, self._write = os.pipe()
        super().__init__(read)
        self._read = read
        self._script = list(script)
        self.forgotten = 0

    def wait(self, seconds: float) -> list[str]:
        """Do the next thing of the script; it may give a line."""
        _ = seconds
        if not self._script:
            raise AssertionError("the script is at its end, and the run is not")
        line = self._script.pop(0)()
        return [] if line is None else [line]

    def forget(self) -> None:
        self.forgotten += 1

    def close(self) -> None:
        super().close()
        os.close(self._read)
        os.close(self._write)


class Scene:
    """A run, and what is shown of it."""

    def __init__(self, folder: Path) -> None:
        self.run = Played(Store(folder / "state").open())
        self.handle = RunHandle(self.run.folder)
        self.out, self.said = io.StringIO(), io.StringIO()
        self.typed: Typed | None = None

    def follow(
        self,
        *script: Callable[[], str | None],
        asks: bool = True,
        json: bool = False,
        now: Callable[[], datetime] | None = None,
    ) -> int:
        """Follow the run while the script is played, a thing at each look."""
        writer = Writer(self.out)
        output: Output = JsonOutput(writer) if json else PlainOutput(writer)
        say = Writer(self.said)
        self.typed = Typed(*script)
        if asks:
            clock = now or (lambda: datetime.now(UTC))
            return Follower(self.handle, output, say, self.typed, now=clock).follow()
        return Follower(self.handle, output, say, None, pause=self._plays).follow()

    def _plays(self, seconds: float) -> None:
        assert self.typed is not None
        assert self.typed.wait(seconds) == []

    def happens(self, *events: Event) -> Callable[[], None]:
        """A thing of the script: the worker writes."""
        return lambda: self.run.say(*events)

    def close(self) -> None:
        """Let go."""
        self.handle.close()
        self.run.close()
        if self.typed:
            self.typed.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    found = Scene(tmp_path)
    yield found
    found.close()


def types(line: str) -> Callable[[], str]:
    return lambda: line
