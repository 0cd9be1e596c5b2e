"""The cases of a sweep, shared among several processes that have an engine each.

A sweep is a program that tries the cases named after `--only`, and says of each `[N/TOTAL] NAME (SECONDS s): WHAT`,
where WHAT is FAILED or begins with how it ended.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


CLOSING = "closing:\n"
"""what a process says before its closing lines"""


@dataclass
class Result:
    """What came of the cases so far."""

    total: int
    ways: Counter[str] = field(default_factory=Counter)
    """how they ended"""
    failed: list[str] = field(default_factory=list)
    done: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def complete(self) -> bool:
        """Whether all were tried, and none failed."""
        return not self.failed and self.done == self.total

    def add(self, name: str, what: str, seconds: float, problem: str = "") -> None:
        """Count and tell one case."""
        self._count(name, "FAILED" if problem else what.partition(":")[0])
        said = f"FAILED\n{problem}" if problem else what
        say(f"[{self.done}/{self.total}] {name} ({seconds:.1f} s): {said}")

    def read(self, child: subprocess.Popen[str]) -> None:
        """Count and tell what another process has tried; its own closing lines are left out."""
        assert child.stdout
        closing = False
        for line in child.stdout:
            told = re.fullmatch(r"\[\d+/\d+\] (\S+) (\(.*?\)): (\w[^:]*)(.*)\n", line)
            closing = not told and (closing or line == CLOSING)
            with self.lock:
                if told:
                    self._count(told[1], told[3])
                    say(f"[{self.done}/{self.total}] {told[1]} {told[2]}: {told[3]}{told[4]}")
                elif not closing:
                    say(line.rstrip("\n"))

    def _count(self, name: str, way: str) -> None:
        self.done += 1
        if way == "FAILED":
            self.failed.append(name)
        else:
            self.ways[way] += 1


def names(script: str, *options: str) -> list[str]:
    """Ask a sweep for the names of its cases."""
    command = _again(script, "--list", *options)
    return subprocess.run(command, env=outside(), stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def together(script: str, cases: Sequence[str], lanes: int, *options: str) -> Result:
    """Share cases among several engines, each with a namespace of its own."""
    mixed = random.Random(0).sample(cases, len(cases))
    say(f"{len(mixed)} cases on {lanes} engines")
    result = Result(len(mixed))
    shares = [share for n in range(lanes) if (share := mixed[n::lanes])]
    work = [_again(script, "--lanes=1", *options, "--only", *share) for share in shares]
    children = [subprocess.Popen(command, env=outside(), stdout=subprocess.PIPE, text=True) for command in work]
    try:
        threads = [threading.Thread(target=result.read, args=(child,)) for child in children]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for child in children:
            child.terminate()
            child.wait()
    return result


def one_by_one(cases: Sequence[str], run: Callable[[str], str]) -> Result:
    """Try cases on one engine; `run` returns what came of one, and whatever it raises is a failure of that one."""
    result = Result(len(cases))
    for name in cases:
        began = time.monotonic()
        what = problem = ""
        try:
            what = run(name)
        except Exception:  # noqa: BLE001 - whatever it is, the next case is to be tried
            problem = traceback.format_exc()
        result.add(name, what, time.monotonic() - began, problem)
    return result


def closing(script: Path, *options: str, within: float) -> str:
    """Run a proof, which has engines and a namespace of its own, and return its last line; it must not fail."""
    command = _again(str(script), *options)
    done = subprocess.run(command, env=outside(), stdout=subprocess.PIPE, text=True, timeout=within, check=False)
    assert done.returncode == 0, done.stdout[-8000:]
    return done.stdout.splitlines()[-1]


def outside() -> dict[str, str]:
    """Return an environment that does not say that we are in a namespace for tests already."""
    return {name: value for name, value in os.environ.items() if name != isolation._MARK}


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _again(script: str, *arguments: str) -> list[str]:
    return [sys.executable, script, *arguments]
