#!/usr/bin/env python3
"""Lets somebody else work on a project at every step of its update: python3 tests/proofs/others_sweep.py [--quick].

At every event that the worker of an update writes it is held, and somebody does one of five things with the project:
`down`, `up`, `prune` (of containers, images and networks), `rm` (`rm -sf` of a service) or `edit` (of the Compose file,
as `git pull` does). A Compose that the worker runs is not held. Then it goes on. What must hold is in `verify`. With
`--store containerd` the engine is one of today.

A case is named WHAT@EVENT#NUMBER, as in `down@step-started#3`; `--only` takes such names.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import cleaning, deployed, isolation, lanes, projects, tools
from support.attended import operator
from support.deployed import NEW, OLD
from support.dockerd import STORES, Dockerd
from support.killing import kind_of
from support.lanes import Result, say
from support.registry import Registry
from support.wait import until
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from support.deployed import Deployed
    from ws9tui.core.journal.events import Event

LANES = 2
BY_CLOCK = ("pull-progressed", "log-line", "service-watched")
"""events that a clock makes: only the first few of each are points"""
BEFORE = {Outcome.REFUSED, Outcome.UNCHANGED, Outcome.USAGE}
"""how an update may end before its commit: somebody has changed what it was made from, or nothing runs any more"""
AFTER = {Outcome.KEPT, Outcome.ROLLED_BACK}
QUICK = (
    "down@pull-finished#1",
    "prune@planned#1",
    "edit@planned#1",
    "down@commit-started#1",
    "up@step-started#2",
    "rm@container-step#2",
    "prune@step-started#4",
    "down@watch-started#1",
    "edit@watch-started#1",
    "rm@gate-passed#1",
)


def down(pair: Deployed) -> None:
    projects.compose(pair.engine, pair.project.folder, "down", check=False)


def up(pair: Deployed) -> None:
    projects.compose(pair.engine, pair.project.folder, "up", "-d", check=False)


def rm(pair: Deployed) -> None:
    projects.compose(pair.engine, pair.project.folder, "rm", "-sf", "app", check=False)


def prune(pair: Deployed) -> None:
    api: Any = pair.engine.client().api
    api.prune_containers()
    api.prune_networks()
    api.prune_images(filters={"dangling": False})


def edit(pair: Deployed) -> None:
    with pair.project.file.open("a") as file:
        file.write(EDITED)


EDITED = "# edited by somebody else\n"
OTHERS: dict[str, Callable[[Deployed], None]] = {"down": down, "up": up, "prune": prune, "rm": rm, "edit": edit}
REMOVES = ("down", "rm", "prune")
"""what takes containers away, or may"""


class Case:
    """What somebody does, and when."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.what, _, point = name.partition("@")
        self.kind, _, number = point.partition("#")
        self.number = int(number)
        if self.what not in OTHERS:
            raise ValueError(f"nobody does that: {name}")

    def due(self, events: Iterable[Event]) -> bool:
        """Tell whether the update has come to that point."""
        return sum(kind_of(event) == self.kind for event in events) >= self.number


class Lane:
    """An engine, on which one case comes after the other, each from the beginning."""

    def __init__(self, engine: Dockerd, registry: Registry) -> None:
        self.engine = engine
        self.registry = registry
        self.folder = engine.root / "lane"

    def deploy(self) -> Deployed:
        """Make everything anew."""
        cleaning.empty(self.engine)
        shutil.rmtree(self.folder, ignore_errors=True)
        pair = deployed.deploy(self.engine, self.registry, self.folder / "project", self.folder / "state")
        pair.offer()
        self.mark(pair).write_text("of db\n")
        return pair

    def mark(self, pair: Deployed) -> Path:
        """Return a file in the data."""
        return self.engine.data_root / "volumes" / f"{pair.project.name}_db-data" / "_data" / "mark"

    def run(self, case: Case | None) -> tuple[str, list[Event]]:
        """Update, and let somebody else do something; returns how it ended, or raises `AssertionError`."""
        pair = self.deploy()
        running = pair.start()
        folder = pair.cli.begun()
        left: dict[str, str] = {}
        with operator(folder) as run:
            if case is not None:

                def come() -> bool:
                    run.events += run.handle.read()
                    return case.due(run.events) or any(isinstance(event, e.Finished) for event in run.events)

                until(come, 60, f"it comes to {case.name}")
                with held(run.pid):
                    run.events += run.handle.read()
                    OTHERS[case.what](pair)
                    left = projects.ids(self.engine, pair.project.name)
            seen = len(run.events)
            finished = run.finished
            said = running.wait()
            events = run.events
        assert said.finished["outcome"] == finished.outcome, said.tail()
        if case is None:
            assert finished.outcome is Outcome.KEPT, said.tail()
        else:
            try:
                self.verify(pair, case, events, seen, left)
            except AssertionError:
                say(said.tail(40))
                raise
        return str(finished.outcome), events

    def verify(self, pair: Deployed, case: Case, events: list[Event], seen: int, left: dict[str, str]) -> None:
        """What must hold, whoever did what; ``seen`` events were written before, and these containers were left."""
        finished = next(event for event in events if isinstance(event, e.Finished))
        committed = any(isinstance(event, e.CommitStarted) for event in events)
        assert finished.outcome in (AFTER if committed else BEFORE), finished
        # What somebody does after the last look is theirs, as is what they did before anything was begun.
        judged = any(isinstance(event, e.GatePassed | e.RollbackVerified) for event in events[:seen])
        if not committed:
            assert projects.ids(self.engine, pair.project.name) == left, "what came back was fought"
        elif not (judged and case.what in REMOVES):
            projects.wait_well(self.engine, pair.project)
            version = NEW if finished.outcome is Outcome.KEPT else OLD
            running = {d["Config"]["Image"] for d in projects.containers(self.engine, pair.project.name).values()}
            host = self.registry.host
            assert running == {f"{host}/db:{version}", f"{host}/app:{version}"}, running
            projects.assert_no_drift(self.engine, pair.project)  # I5
        if finished.outcome is Outcome.KEPT and case.what == "edit":
            assert EDITED in pair.project.file.read_text(), "somebody's edit is lost"
        pair.cli.json("recover", pair.project.name, "--back").ended("usage", 2)
        projects.up(self.engine, pair.project)  # whatever it is, it can be brought up
        assert self.mark(pair).read_text() == "of db\n"
        networks: Any = self.engine.client().api.networks()
        ours = [network["Name"] for network in networks if network["Name"].startswith(pair.project.name)]
        assert ours == [f"{pair.project.name}_default"]


@contextlib.contextmanager
def held(pid: int) -> Iterator[None]:
    """Hold a worker, if it has not ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def all_cases(lane: Lane) -> list[str]:
    """Name each thing at each event of an update that nobody disturbs."""
    _, events = lane.run(None)
    count: Counter[str] = Counter()
    points = []
    begun = False
    for event in events:
        kind = kind_of(event)
        count[kind] += 1
        begun = begun or isinstance(event, e.WorkerStarted)
        if begun and not isinstance(event, e.Finished) and (kind not in BY_CLOCK or count[kind] <= 2):
            points.append(f"{kind}#{count[kind]}")
    return [f"{what}@{point}" for point in points for what in OTHERS]


def alone(arguments: argparse.Namespace) -> Result | list[str]:
    """Work on one engine: list the cases, or try them."""
    if lacking := tools.missing() or isolation.problem():
        raise SystemExit(lacking)
    with Registry(store=arguments.store) as registry, Dockerd(store=arguments.store) as engine:
        lane = Lane(engine, registry)
        names = arguments.only or (list(QUICK) if arguments.quick else all_cases(lane))
        names = names[STORES.index(arguments.store) :: len(STORES)] if arguments.share else names
        return names if arguments.list else lanes.one_by_one(names, lambda name: lane.run(Case(name))[0])


def main() -> int:
    """Try all, and return 0 if all promises held."""
    arguments = lanes.parser(__doc__, "case", LANES).parse_args()
    began = time.monotonic()
    result = lanes.sweep(__file__, arguments, alone)
    if result is None:
        return 0
    for name in result.failed:
        say(f"failed; to try it again: {sys.argv[0]} --store {arguments.store} --only {name}")
    outcomes = ", ".join(f"{count} {what}" for what, count in sorted(result.ways.items()))
    say(
        f"others at work ({arguments.store}): {result.done} cases, {outcomes}, {len(result.failed)} failed, "
        f"{time.monotonic() - began:.0f} s"
    )
    return 0 if result.complete else 1


if __name__ == "__main__":
    sys.exit(main())
