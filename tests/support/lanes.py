"""The cases of a sweep, shared among several processes that have an engine each.

A sweep is a program that tries the cases named after `--only`, and says of each `[N/TOTAL] NAME (SECONDS s): WHAT`,
where WHAT is FAILED or begins with how it ended.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import isolation
from .dockerd import STORES

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


def parser(about: str | None, case: str, lanes: int) -> argparse.ArgumentParser:
    """Return the parser of what any sweep can be told; ``lanes`` are used unless it is told otherwise."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--quick", action="store_true", help=f"some {case}s of every sort")
    made.add_argument("--store", choices=STORES, default=STORES[0], help="the engine, by its image store")
    made.add_argument("--share", action="store_true", help=f"every other {case}: those that the other engine leaves")
    made.add_argument("--only", nargs="+", metavar=case.upper(), help=f"these {case}s, by their names")
    made.add_argument("--lanes", type=int, default=lanes, help="engines that are used at a time")
    made.add_argument("--list", action="store_true", help=f"print the {case}s' names and stop")
    return made


def sweep(
    script: str, arguments: argparse.Namespace, alone: Callable[[argparse.Namespace], Result | list[str]], *more: str
) -> Result | None:
    """Try the cases, on one engine or shared among several; where their names are asked for, print them instead.

    ``more`` is what other processes are to be told besides.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.umask(0o022)
    if arguments.list or arguments.lanes < 2:
        result = alone(arguments)
        if isinstance(result, list):
            say("\n".join(result))
            return None
    else:
        more = (f"--store={arguments.store}", *more)
        listing = [f"--{name}" for name in ("quick", "share") if getattr(arguments, name)]
        cases = arguments.only or names(script, *listing, *more)
        result = together(script, cases, arguments.lanes, *more)
    sys.stdout.write(CLOSING)
    return result


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
    side_by_side(work, result.read)
    return result


def side_by_side(commands: Sequence[Sequence[str]], talk: Callable[[subprocess.Popen[str]], None]) -> None:
    """Run programs at once, outside our namespace, each with a thread that talks with it; then end them."""
    pipe = subprocess.PIPE
    children = [subprocess.Popen(one, env=outside(), stdin=pipe, stdout=pipe, text=True) for one in commands]
    try:
        threads = [threading.Thread(target=talk, args=(child,)) for child in children]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for child in children:
            child.terminate()
            child.wait()


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
