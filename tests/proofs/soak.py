#!/usr/bin/env python3
"""Updates a project to and fro many times, and looks that nothing grows: python3 tests/proofs/soak.py [--updates N].

Every other update goes to the next version; what goes to the former one is by turns an update and `rollback`, and each
tenth time the next version crashes, so that the update itself goes back. Sampled are the memory, the threads and the
open descriptors of every process of ws9tui and of the daemon, the state directory, and what the engine has; what must
hold at the end is in `bounds`. With `--store containerd` the engine is one of today.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import behaviours, deployed, images, isolation, processes, projects, tools
from support.deployed import NEW, OLD
from support.dockerd import STORES, Dockerd
from support.images import ImageSpec
from support.lanes import say
from support.registry import Registry
from support.wait import until
from ws9tui.core.store.store import RUNS_KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cli import Said
    from support.deployed import Deployed

BROKEN = "3.0.0"
EACH_TENTH = 10
WARM = RUNS_KEPT + 5
"""updates after which nothing is kept in addition"""
TOLERANCE = 1.1
"""how much more a figure of the last updates may be than it was before; a run's journal is never of the same length"""
SLACK = 5
"""by which a count may differ besides, by the instants at which it was looked at"""
SAMPLED = ("memory", "threads", "descriptors")
KEPT = ("state", "files", "images", "containers", "networks", "volumes", "daemon descriptors")


@dataclass
class Sampler:
    """Looks at the processes that name a text in their command line while something runs."""

    text: str
    most: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SAMPLED, 0))

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._over.wait(0.1):
            for pid in processes.select(processes.mentions(self.text)):
                with suppress(OSError, KeyError):  # it has ended
                    self._look(Path("/proc", str(pid)))

    def _look(self, entry: Path) -> None:
        lines = (line.partition(":") for line in (entry / "status").read_text().splitlines())
        status = {name: value.split() for name, _, value in lines}
        found = {
            "memory": int(status["VmHWM"][0]) * 1024,
            "threads": int(status["Threads"][0]),
            "descriptors": len(list((entry / "fd").iterdir())),
        }
        self.most = {name: max(self.most[name], found[name]) for name in SAMPLED}


@dataclass
class Soak:
    """A project that is updated again and again; one row of figures for each time."""

    pair: Deployed
    rows: list[dict[str, int]] = field(default_factory=list)
    rolled_back: int = 0

    def once(self) -> None:
        """Update, forth or back, and look."""
        number = len(self.rows)
        with Sampler(str(self.pair.cli.state)) as sampler:
            if number % EACH_TENTH == EACH_TENTH - 2:
                self._to(BROKEN).ended("rolled-back", 1)
                self.rolled_back += 1
            elif self._runs() == OLD:
                self._to(NEW).ended("kept", 0)
            elif number % 4 == 1:
                self._to(OLD).ended("kept", 0)
            else:
                self.pair.cli.json("rollback", self.pair.project.name, "--monitor", "1s").ended("kept", 0)
        self.rows.append(sampler.most | self._kept())

    def _to(self, version: str) -> Said:
        name = self.pair.project.name
        return self.pair.cli.json("update", name, f"db={version}", f"app={version}", "--monitor", "1s")

    def _runs(self) -> str:
        """Return the version that runs, of both."""
        containers = projects.containers(self.pair.engine, self.pair.project.name)
        (version,) = {details["Config"]["Image"].rpartition(":")[2] for details in containers.values()}
        return str(version)

    def _kept(self) -> dict[str, int]:
        api: Any = self.pair.engine.client().api
        files = [path for path in self.pair.cli.state.rglob("*") if path.is_file()]
        return {
            "state": sum(path.stat().st_size for path in files),
            "files": len(files),
            "images": len(api.images(all=True)),
            "containers": len(api.containers(all=True)),
            "networks": len(api.networks()),
            "volumes": len(api.volumes()["Volumes"] or ()),
            "daemon descriptors": len(list(Path("/proc", str(self.pair.engine.pid), "fd").iterdir())),
        }

    def bounds(self) -> Iterator[str]:
        """Tell what has grown: what a process needs since the first quarter, what is kept since the last but one."""
        quarter = len(self.rows) // 4
        for name in SAMPLED:
            yield from self._grown(name, self.rows[:quarter], self.rows[-quarter:])
        settled = self.rows[WARM:]
        half = len(settled) // 2
        for name in KEPT if half else ():
            yield from self._grown(name, settled[:half], settled[half:])

    def _grown(self, name: str, before: list[dict[str, int]], after: list[dict[str, int]]) -> Iterator[str]:
        was, now = (max(row[name] for row in rows) for rows in (before, after))
        if now > was * TOLERANCE + SLACK:
            yield f"{name}: at most {was} before, {now} at last"

    def verify(self) -> None:
        """Assert that nothing but what is recorded is left, and that all is well."""
        pair = self.pair
        until(lambda: not processes.select(processes.mentions(str(pair.cli.state))), 30, "no process is left")
        assert "@ws9tui/" not in Path("/proc/net/unix").read_text(), "a lock is left"
        assert mark(pair).read_text() == "of db\n"
        projects.wait_well(pair.engine, pair.project)
        projects.assert_no_drift(pair.engine, pair.project)
        said = pair.cli.run("doctor", pair.project.name, "--json")
        assert said.status == 0, said.message

    def figures(self) -> str:
        """Return the most of each figure, over all updates."""
        most = {name: max(row[name] for row in self.rows) for name in (*SAMPLED, *KEPT)}
        sizes = {name: f"{most.pop(name) / 1e6:.1f} MB" for name in ("memory", "state")}
        return ", ".join(f"{name} {value}" for name, value in (sizes | {k: str(v) for k, v in most.items()}).items())


def mark(pair: Deployed) -> Path:
    """Return a file in the data."""
    return pair.engine.data_root / "volumes" / f"{pair.project.name}_db-data" / "_data" / "mark"


def main() -> int:
    """Update again and again, and return 0 if nothing has grown and all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, default=100, metavar="N", help="how many (default: %(default)s)")
    parser.add_argument("--store", choices=STORES, default=STORES[0], help="the engine, by its image store")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.umask(0o022)
    if lacking := tools.missing() or isolation.problem():
        raise SystemExit(lacking)
    began = time.monotonic()
    with (
        Registry(store=arguments.store) as registry,
        Dockerd(store=arguments.store) as engine,
        tempfile.TemporaryDirectory(prefix="ws9-soak-") as folder,
    ):
        pair = deployed.deploy(engine, registry, Path(folder, "project"), Path(folder, "state"))
        pair.offer()
        for service in ("db", "app"):
            images.push(registry, service, BROKEN, ImageSpec(BROKEN, behaviour=behaviours.crash()))
        mark(pair).write_text("of db\n")
        soak = Soak(pair)
        for number in range(1, arguments.updates + 1):
            soak.once()
            say(f"[{number}/{arguments.updates}] {soak.rows[-1]}")
        soak.verify()
        grown = list(soak.bounds())
        for problem in grown:
            say(f"grown: {problem}")
        say(
            f"soak ({arguments.store}): {len(soak.rows)} updates, {soak.rolled_back} of them rolled back by themselves,"
            f" at most {soak.figures()}; {len(grown)} figures grown, {time.monotonic() - began:.0f} s"
        )
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
