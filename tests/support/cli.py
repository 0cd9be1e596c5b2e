"""The command line as a person or a script runs it: a process of its own, against an engine of the tests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

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


@dataclass(frozen=True)
class Cli:
    """Runs `ws9tui` in a folder; `env` are variables of its shell."""

    engine: Dockerd
    state: Path
    folder: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 120) -> Said:
        """Run a command to its end, and its worker's."""
        return self.start(*arguments, env=env).wait(timeout)

    def json(self, command: str, *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 120) -> Said:
        """Run a command with `--yes --json` to its end."""
        return self.run(command, *arguments, "--yes", "--json", env=env, timeout=timeout)

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> Running:
        """Start a command."""
        process = subprocess.Popen(
            [sys.executable, "-m", "ws9tui", *arguments, "--state-dir", str(self.state)],
            cwd=self.folder,
            env=self.engine.env() | dict(self.env) | dict(env or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return Running(process, self.state)

    def runs(self) -> list[Path]:
        """List the folders of the runs that the state directory has, the oldest first."""
        folder = self.state / "runs"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def generations(self) -> list[int]:
        """List the numbers of the recorded generations."""
        return sorted(int(path.parent.name) for path in self.state.glob("projects/*/generations/*/generation.json"))


class Running:
    """A command that has been started."""

    def __init__(self, process: subprocess.Popen[str], state: Path) -> None:
        self._process = process
        self._state = state
        self._seen: list[str] = []

    def wait(self, timeout: float = 120) -> Said:
        """Wait for the end of the command and of its worker."""
        try:
            out, err = self._process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            out, err = self._process.communicate()
            processes.kill(self.workers())
            raise AssertionError(f"not ended after {timeout:g} s:\n{out[-3000:]}\n{err[-2000:]}") from None
        self.gone()
        return Said(self._process.returncode, "".join(self._seen) + out, err)

    def until(self, kind: str, **facts: object) -> Event:
        """Read its output up to an event of a type with these facts, and return that."""
        assert self._process.stdout
        for line in self._process.stdout:
            self._seen.append(line)
            event: Event = json.loads(line)
            if event["type"] == kind and facts.items() <= event.items():
                return event
        raise AssertionError(f"it ended without a {kind}: {''.join(self._seen)[-3000:]}")

    def workers(self) -> list[int]:
        """List the detached workers of its state directory."""
        needles = [b"ws9tui.worker", str(self._state).encode()]

        def ours(entry: Path) -> bool:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            return all(needle in words for needle in needles)

        return processes.select(ours)

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

    def kill(self) -> None:
        """Kill the worker; the command then says so."""
        os.kill(self.worker(), signal.SIGKILL)
