"""The command line as a person or a script runs it: a process of its own, against an engine of the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Self

from . import processes
from .wait import until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .dockerd import Dockerd

Event = dict[str, Any]


@dataclass(frozen=True)
class Said:
    """What a command ended with and wrote."""

    status: int
    out: str
    err: str

    @cached_property
    def events(self) -> list[Event]:
        """The JSON events on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def finished(self) -> Event:
        """The last event, which must be the end."""
        last = self.events[-1]
        assert last["type"] == "finished", last
        return last

    @property
    def message(self) -> str:
        """What the end says to people."""
        return str(self.finished["message"])

    def of(self, kind: str) -> list[Event]:
        """Return the events of a type."""
        return [event for event in self.events if event["type"] == kind]

    def ended(self, outcome: str, status: int) -> Self:
        """Assert how it ended; returns itself."""
        found = (self.finished["outcome"], self.status)
        assert found == (outcome, status), f"{found}: {self.message}\n{self.err}\n{self.tail()}"
        return self

    def tail(self, count: int = 25) -> str:
        """Return the last lines of the output, for a failure's message."""
        return "\n".join(line[:600] for line in self.out.splitlines()[-count:])


QUICK = ("--monitor", "1s")
"""flags of a run that does not watch for long"""


@dataclass(frozen=True)
class Cli:
    """Runs `ws9tui` in a folder; `env` are variables of its shell."""

    engine: Dockerd
    state: Path
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: tuple[int, int] | None = None
    """of whom it is run, if not as the tests are: his ID, and that of his group"""
    python: str = sys.executable
    program: tuple[str, ...] = ()
    """the words that start it, if not that Python does"""

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 120) -> Said:
        """Run a command to its end, and its worker's."""
        return self.start(*arguments, env=env).wait(timeout)

    def json(self, command: str, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 120) -> Said:
        """Run a command with `--yes --json` to its end."""
        return self.run(command, *arguments, "--yes", "--json", env=env, timeout=timeout)

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> Running:
        """Start a command."""
        out, err = TemporaryFile(), TemporaryFile()  # noqa: SIM115  # `wait` closes them
        process = subprocess.Popen(
            [*(self.program or (self.python, "-m", "ws9tui")), *arguments, "--state-dir", str(self.state)],
            cwd=self.folder,
            env=self.engine.env() | dict(self.env) | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            user=self.user and self.user[0],
            group=self.user and self.user[1],
            extra_groups=self.user and [self.user[1]],
        )
        return Running(process, self.state, out, err)

    def runs(self) -> list[Path]:
        """List the folders of the runs that the state directory has, the oldest first."""
        folder = self.state / "runs"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def begun(self, after: int = -1) -> Path:
        """Wait until a run has a journal, the newest one or that after so many; returns its folder."""
        folder = until(lambda: self.runs()[after:], 20, "there is a run")[0]
        until((folder / "journal.jsonl").exists, 10, "it has a journal")
        return folder

    def generations(self) -> list[int]:
        """List the numbers of the recorded generations."""
        return sorted(int(path.parent.name) for path in self.state.glob("projects/*/generations/*/generation.json"))


class Running:
    """A command that has been started."""

    def __init__(self, process: subprocess.Popen[bytes], state: Path, out: IO[bytes], err: IO[bytes]) -> None:
        self._process = process
        self._state = state
        self._out = out
        self._err = err
        self._seen = 0

    def wait(self, timeout: float = 120) -> Said:
        """Wait for the end of the command and of its worker."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            processes.kill(self.workers())
            raise AssertionError(f"not ended after {timeout:g} s:\n{self._read()[-3000:]}") from None
        finally:
            out, err = self._read(), self._read(self._err)
            self._out.close()
            self._err.close()
        self.gone()
        return Said(self._process.returncode, out, err)

    def until(self, kind: str, timeout: float = 60, **facts: object) -> Event:
        """Wait for the next event of a type with these facts, and return it."""

        def found() -> Event | None:
            over = self._process.poll() is not None
            for line in self._read().splitlines(keepends=True)[self._seen :]:
                if not line.endswith("\n"):
                    break
                self._seen += 1
                event: Event = json.loads(line)
                if event["type"] == kind and facts.items() <= event.items():
                    return event
            if over:
                raise AssertionError(f"it ended without {kind} {facts}: {self._read()[-3000:]}")
            return None

        try:
            event = until(found, timeout, lambda: f"{kind} {facts} comes: {self._read()[-3000:]}")
        except BaseException:
            processes.kill(self.workers())
            self.wait(10)
            raise
        assert event
        return event

    def _read(self, file: IO[bytes] | None = None) -> str:
        fd = (file or self._out).fileno()
        return os.pread(fd, os.fstat(fd).st_size, 0).decode()

    def workers(self) -> list[int]:
        """List the detached workers of its state directory."""
        return processes.workers(self._state)

    def worker(self) -> int:
        """Return its worker."""
        (found,) = self.workers()
        return found

    def gone(self) -> None:
        """Wait until no worker is left."""
        until(lambda: not self.workers(), 30, lambda: f"the worker ended: {self.workers()}")

    def signal(self, number: int) -> None:
        """Send the command a signal."""
        self._process.send_signal(number)
