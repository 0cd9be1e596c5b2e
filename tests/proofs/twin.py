#!/usr/bin/env python3
"""Updates generated projects by plain Compose and by ws9tui, and compares: python3 tests/proofs/twin.py [--projects N].

Some public stacks in small come first. A sample is named SEED-NUMBER or real-NAME; `--only` takes such names. With
`--keep FOLDER` each that differs is left there: its files as they were at the start, and what differs.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import isolation, lanes, tools, twin_real
from support.dockerd import Dockerd, Store
from support.lanes import say
from support.registry import Registry
from support.twin_projects import sample as generate
from support.twin_sample import Sample
from support.twins import Lane, Shelf, UnusableError

WORKERS = 2
ENGINES: dict[str, Store] = {"20.10": "overlay2", "28": "containerd"}


@dataclass
class Tally:
    """What has come of the samples so far."""

    total: int
    done: int = 0
    services: int = 0
    unusable: int = 0
    differing: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, line: str) -> None:
        """Take in what a worker has said of one."""
        said = json.loads(line)
        with self._lock:
            self.done += 1
            self.services += said["services"]
            mark = "ok"
            if said["unusable"]:
                self.unusable += 1
                mark = "unusable"
            elif said["lines"]:
                self.differing.append(f"{said['name']} --engine {said['engine']}")
                mark = "DIFFERS"
            head = f"{self.done}/{self.total} {said['name']} {said['engine']} {mark} {said['seconds']:.1f} s"
            say(f"{head} {said['features']}")
            for text in said["lines"]:
                say(f"    {text}")

    def serve(self, child: subprocess.Popen[str], names: queue.SimpleQueue[str]) -> None:
        """Give a worker one sample after the other, and take in all that it says."""
        assert child.stdin
        assert child.stdout
        with contextlib.suppress(queue.Empty, BrokenPipeError):
            while True:
                child.stdin.write(f"{names.get_nowait()}\n")
                child.stdin.flush()
                for line in child.stdout:
                    if line.startswith("{"):
                        self.add(line)
                        break
                    say(line.rstrip())
        child.communicate()


def work(arguments: argparse.Namespace) -> None:
    """Try samples on one engine, and write a line of JSON of each."""
    if lacking := tools.missing() or isolation.problem():
        raise SystemExit(lacking)
    store = ENGINES[arguments.engine]
    with Registry(store=store) as registry, Dockerd(store=store) as engine:
        lane = Lane(engine, Shelf(registry), isolation.folder() / "lane")
        for line in sys.stdin:
            name = line.strip()
            began = time.monotonic()
            sample = named(name, arguments.engine)
            lines, unusable = [], False
            try:
                lines = lane.run(sample).lines
            except UnusableError as problem:
                lines, unusable = str(problem).splitlines(), True
            except Exception:  # noqa: BLE001 - whatever it is, the next one is to be tried
                lines = traceback.format_exc().splitlines()
            if lines and arguments.keep:
                keep(lane, Path(arguments.keep) / name, lines)
            said = {
                "name": name,
                "engine": arguments.engine,
                "services": sample.services,
                "features": ", ".join(sample.features),
                "lines": lines,
                "unusable": unusable,
                "seconds": time.monotonic() - began,
            }
            say(json.dumps(said))


def named(name: str, engine: str) -> Sample:
    """Return a sample by its name."""
    seed, _, number = name.rpartition("-")
    real = {sample.name: sample for sample in twin_real.SAMPLES}
    return real[name] if name in real else generate(int(number), int(seed), engine)


def keep(lane: Lane, folder: Path, lines: list[str]) -> None:
    """Leave a sample's files for people."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lane.write(folder / "place")
    lane.sample.save(folder)
    (folder / "differences").write_text("\n".join(lines) + "\n")


def together(arguments: argparse.Namespace) -> Tally:
    """Share the samples among workers, each with an engine and a namespace of its own."""
    real = [sample.name for sample in twin_real.SAMPLES]
    names = arguments.only or [*real, *(f"{arguments.seed}-{number}" for number in range(arguments.projects))]
    tally = Tally(len(names))
    left: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        left.put(name)
    engines = [arguments.engine] if arguments.engine else [*ENGINES]
    flags = [f"--keep={arguments.keep}"] if arguments.keep else []
    commands = [
        [sys.executable, __file__, "--work", f"--engine={engines[n % len(engines)]}", *flags]
        for n in range(min(arguments.workers, len(names)))
    ]
    lanes.side_by_side(commands, lambda child: tally.serve(child, left))
    return tally


def main() -> int:
    """Try all, and return 0 if none differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", default="", choices=("", *ENGINES), help="on this one only: 20.10 or 28")
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--only", nargs="+", metavar="SAMPLE", help="these samples, by their names")
    parser.add_argument("--keep", default="", metavar="FOLDER", help="leave those that differ there")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.umask(0o022)
    if arguments.work:
        work(arguments)
        return 0
    began = time.monotonic()
    compileall.compile_dir(Path(__file__).parents[2] / "ws9tui", quiet=2)
    tally = together(arguments)
    for name in tally.differing:
        say(f"differs; to try it again: {sys.argv[0]} --only {name}")
    unusable = f", {tally.unusable} unusable" if tally.unusable else ""
    say(
        f"twins: {tally.done} projects, {tally.services} services, {len(tally.differing)} differ{unusable}, "
        f"{time.monotonic() - began:.0f} s"
    )
    return 1 if tally.differing or tally.unusable or tally.done != tally.total else 0


if __name__ == "__main__":
    sys.exit(main())
