#!/usr/bin/env python3
"""Kills updates at every point and looks whether the promises hold: python3 tests/proofs/kill_sweep.py [--quick].

The worker is killed before and after every event that it writes, half-way through writing it, and around every file
that it puts in place; at instants spread over a run's whole length it is the worker, Compose, both, the daemon, or all
of them as when a machine goes down. Then the next run of ws9tui finds what is left: it recovers, back or forward, or
it tidies up where nothing had begun to change. What must hold then is in `Lane.verify_…`. With `--store containerd` the
engine is one of today. With `--deaf` services take no notice of TERM, so that the engine goes on with a stop for 20 s
after whoever asked for it was killed, and what was called well is looked at for 40 s more.

A point is named WHERE/WHEN/WAY for an event (`step-started#3/after/back`), CULPRIT@SECONDS/WAY for an instant
(`machine@4.20/forward`), and again:WHERE/WHEN/WAY when a recovery is killed in its turn. `--only` takes such names.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import behaviours, cleaning, images, isolation, lanes, processes, projects, tools
from support.dockerd import STORES, Dockerd
from support.images import ImageSpec
from support.killing import PUT, RENAME, Point, kind_of
from support.lanes import Result, say
from support.registry import Registry, free_port
from support.snapshot import Snapshot, assert_same, snapshot
from support.wait import until
from ws9tui import __version__
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import Journal, Reader
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Actor, Outcome, Verb
from ws9tui.core.store.store import Store
from ws9tui.words.problems import remedy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from support.behaviours import Behaviour
    from ws9tui.core.journal.events import Event

VERSIONS = ("1.0.0", "1.1.0")
SELECTED = ("db", "init", "server", "side", "spare")
LANES = 2
PATIENCE = 150.0
DEAF_PATIENCE = 600.0
GRACE = 20
"""seconds that deaf services take to stop"""
LATER = 40.0
"""seconds for which a verdict must stay true with them"""
WAYS = ("back", "forward")
# `restart: always` and not `unless-stopped`: an engine 20.10 that was killed takes the latter's containers for stopped,
# whoever may have asked for an update then. The spare one is to stay down, so it has no restart policy.
COMPOSE = """\
name: stack
services:
  db:
    image: HOST/db:${DB_VERSION}
    restart: always
    environment: {DB_PASSWORD: "${DB_PASSWORD}"}
    volumes: [db-data:/data]
  init:
    image: HOST/init:${INIT_VERSION}
    depends_on:
      db: {condition: service_healthy}
  server:
    image: HOST/server:${SERVER_VERSION}
    restart: always
    ports: ["127.0.0.1:${SERVER_PORT}:8080"]
    volumes: [./settings.conf:/settings.conf:ro]
    depends_on:
      db: {condition: service_healthy}
      init: {condition: service_completed_successfully}
  side:
    image: HOST/side:${SIDE_VERSION}
    restart: always
    network_mode: service:server
  spare:
    image: HOST/spare:${SPARE_VERSION}
  other:
    image: HOST/other:${OTHER_VERSION}
    restart: always
volumes:
  db-data:
"""
# a service that the file had once: its container is an orphan
ORPHAN = """\
services:
  gone: {image: HOST/other:1.0.0, restart: always}
"""
NEIGHBOUR = """\
name: neighbour
services:
  app: {image: HOST/other:1.0.0, restart: always, volumes: ["things:/things"]}
volumes: {things: {}}
"""
_OURS = rf"^container stack-({'|'.join(SELECTED)})-1"
# what going back or forward changes of the selected services' containers
# (one that has not been started yet has its networks without their IDs)
ANEW = rf"{_OURS}/(id|started|restarts|labels|state)$|^container stack-spare-1/networks$|^file .*/mtime$"
# what a daemon that was killed does to every container when it starts again; its own bridge it makes anew
REVIVED = r"^container .*/(started|restarts)$|^container foreign/networks$"


@dataclass(frozen=True)
class Case:
    """One kill."""

    name: str
    way: str
    """of the recovery, if one is due"""
    point: Point | None = None
    culprit: str = ""
    """at an instant: worker, compose, both, engine, machine"""
    instant: float = 0.0
    again: Point | None = None
    """of the recovery, which is killed in its turn"""

    @property
    def daemon(self) -> bool:
        """Whether the daemon is killed."""
        return self.culprit in {"engine", "machine"}

    @classmethod
    def parse(cls, name: str) -> Case:
        """Read one as it is printed."""
        where, _, way = name.rpartition("/")
        if way not in WAYS:
            raise ValueError(f"no kill point: {name}")
        if where.startswith("again:"):
            return cls(name, way, point=MIDDLE, again=Point.parse(where.removeprefix("again:")))
        if "@" in where:
            culprit, _, instant = where.partition("@")
            return cls(name, way, culprit=culprit, instant=float(instant))
        return cls(name, way, point=Point.parse(where))


MIDDLE = Point("container-step", 3, "after")
"""where the run is killed whose recovery is killed then"""


class Run:
    """A run that was asked for, and its worker, to which anything may happen."""

    def __init__(self, lane: Lane, verb: Verb, options: Options, kill: Point | None = None) -> None:
        folder = Store(lane.state).open().new_run()
        request = e.RunRequested(
            verb=verb,
            options=options,
            actor=Actor("tester"),
            version=__version__,
            folder=str(lane.folder),
            attended=False,
        )
        with closing(Journal(folder)) as journal:
            journal.append(request)
        self._reader = Reader(folder)  # a run that leaves no history has no folder in the end
        module = ["support.killing", str(kill)] if kill else ["ws9tui.worker"]
        log = os.open(folder / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *module, str(lane.state), folder.name],
                cwd=Path(__file__).parents[1],
                env=lane.engine.env(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        finally:
            os.close(log)
        self.began = time.monotonic()
        self.events: list[Event] = []
        self._patience = lane.patience

    def children(self) -> list[int]:
        """List the commands that the worker runs now."""
        return processes.select(lambda entry: processes.parent(int(entry.name)) == self.process.pid)

    def ended_before(self, instant: float) -> bool:
        """Wait for an instant of its life; tell whether it ended before."""
        try:
            self.process.wait(max(self.began + instant - time.monotonic(), 0))
        except subprocess.TimeoutExpired:
            return False
        return True

    def wait(self) -> list[Event]:
        """Wait for the worker's end and return what the journal has."""
        try:
            self.process.wait(self._patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            self.events += self._reader.read()
            raise AssertionError(f"did not finish within {self._patience:g} s: {self.tail()}") from None
        self.events += self._reader.read()
        self._reader.close()
        return self.events

    @property
    def committed(self) -> bool:
        """Whether it had begun to commit."""
        return any(isinstance(event, e.CommitStarted) for event in self.events)

    @property
    def finished(self) -> e.Finished | None:
        """How it ended, if it says so."""
        return next((event for event in self.events if isinstance(event, e.Finished)), None)

    def tail(self) -> str:
        """Return what it wrote last, for a failure's message."""
        return "\n".join(str(e.to_builtins(event))[:1200] for event in self.events[-12:])


class Lane:
    """An engine with the project and its neighbours, on which one case comes after the other."""

    def __init__(self, engine: Dockerd, registry: Registry, folder: Path, *, deaf: bool = False) -> None:
        self.engine = engine
        self.registry = registry
        self.deaf = deaf
        self.patience = DEAF_PATIENCE if deaf else PATIENCE
        self.base = folder
        self.folder = folder / "stack"
        self.state = folder / "state"
        self.project = projects.Project(self.folder, "stack", SELECTED, 0)
        self.at = 0
        """index of the version that runs"""
        self.ready = False

    # --- what is there before -------------------------------------------------------------------------------------

    def deploy(self) -> None:
        """Make everything anew."""
        cleaning.empty(self.engine)
        shutil.rmtree(self.base, ignore_errors=True)
        self.at = 0
        host = self.registry.host
        neighbour = projects.write(
            self.base / "neighbour", NEIGHBOUR.replace("HOST", host), name="neighbour", services=("app",)
        )
        projects.up(self.engine, neighbour)
        text = COMPOSE.replace("HOST", host)
        if self.deaf:
            text = text.replace("restart: always\n", f"restart: always\n    stop_grace_period: {GRACE}s\n")
        self.project = projects.write(self.folder, text, name="stack", services=SELECTED, port=free_port())
        (self.folder / "settings.conf").write_text("colour = blue\n")
        self.project.env_file.write_text("# versions\n")
        self.project.env_file.chmod(0o640)
        self.project.set_env(
            **{f"{name.upper()}_VERSION": VERSIONS[0] for name in (*SELECTED, "other")},
            SERVER_PORT=str(self.project.port),
            DB_PASSWORD="word-of-db",
        )
        orphan = self.folder / "orphan.yaml"
        orphan.write_text(ORPHAN.replace("HOST", host))
        projects.compose(self.engine, self.folder, "-f", "compose.yaml", "-f", "orphan.yaml", "up", "-d", "gone")
        orphan.unlink()
        projects.compose(self.engine, self.folder, "up", "-d")
        made = self.api.create_container(
            f"{host}/other:1.0.0",
            name="foreign",
            host_config=self.api.create_host_config(restart_policy={"Name": "always"}),
        )
        self.api.start(made["Id"])
        self._stop_spare()
        self._wait_well()
        for mark in self._volumes():
            (mark / "mark").write_text(f"of {mark.parent.name}\n")
        self.ready = True

    def reset(self) -> Snapshot:
        """Forget all runs and the images of the next version; returns what is there now."""
        if not self.ready:
            self.deploy()
        self._wait_well()
        shutil.rmtree(self.state, ignore_errors=True)
        for image in self.api.images():
            kept = [tag for tag in image["RepoTags"] or [] if tag.startswith("ws9tui.keep/")]
            for tag in kept:
                self.api.remove_image(tag, noprune=False)
        running = {details["Image"] for details in self._containers().values()}
        for image in self.api.images():
            if image["Id"] not in running:
                self.api.remove_image(image["Id"], force=True)
        return self.look()

    def look(self) -> Snapshot:
        """Look at everything: the engine, the project's files, and what its volumes hold."""
        facts = dict(snapshot(self.engine, self.folder).facts)
        for volume in self._volumes():
            for path in sorted(volume.iterdir()):
                facts[f"content {volume.parent.name}/{path.name}"] = path.read_text()
        return Snapshot(facts)

    @property
    def api(self) -> Any:  # noqa: ANN401  # types-docker is not exact enough
        """The engine's API."""
        return self.engine.client().api

    def _volumes(self) -> list[Path]:
        return sorted(self.engine.data_root.glob("volumes/*/_data"))

    def _containers(self) -> dict[str, dict[str, Any]]:
        found = [self.api.inspect_container(entry["Id"]) for entry in self.api.containers(all=True)]
        return {str(details["Name"]).lstrip("/"): details for details in found}

    def _stop_spare(self) -> None:
        self.api.stop("stack-spare-1", timeout=10)

    def _wait_well(self) -> None:
        """Wait until all that is to run is well."""

        def ill() -> list[str]:
            found = self._containers()
            return [name for name, details in found.items() if name != "stack-spare-1" and not projects.well(details)]

        until(lambda: not ill(), 60, lambda: f"all is well but {ill()}")

    # --- a case ---------------------------------------------------------------------------------------------------

    def run(self, case: Case) -> str:
        """Kill, recover, look; returns what came of it, or raises `AssertionError`."""
        before = self.reset()
        ready, self.ready = self.ready, False
        new = 1 - self.at
        run = self.killed(case)
        finished = run.finished
        due = run.committed and (finished is None or finished.outcome is Outcome.NEEDS_RECOVERY)
        said = finished.outcome if finished else "killed"
        if due:
            if case.again:
                self.killed_recovery(case.again)
            said = self.recover(case)
            forward = case.way == "forward" and said != Outcome.ROLLED_BACK
        elif run.committed:
            forward = finished is not None and finished.outcome is Outcome.KEPT
            assert finished
            assert finished.outcome in {Outcome.KEPT, Outcome.ROLLED_BACK}, run.tail()
        else:
            self.verify_untouched(before, case)
            self.ready = ready
            return f"before the commit: {said}"
        if self.deaf:
            self.verify_lasting()
        reached = any(isinstance(event, e.GatePassed) for event in run.events)
        if forward:
            self.verify_new(before, case, new)
            self.at = new
        else:
            self.verify_old(before, case, reached=reached)
        self.ready = ready
        return f"{'forward' if forward else 'back'}: {said}"

    def update(self, kill: Point | None = None) -> Run:
        """Start the update."""
        wanted = VERSIONS[1 - self.at]
        arguments = ("stack", *(f"{name}={wanted}" for name in SELECTED))
        return Run(self, Verb.UPDATE, Options(arguments=arguments, assume_yes=True, monitor=0.5), kill)

    def killed(self, case: Case) -> Run:
        """Do an update and kill what the case says."""
        run = self.update(case.point)
        if case.point:
            run.wait()
            if case.point.kind in {RENAME, PUT}:  # of events those that a clock makes may come less often
                assert run.process.returncode == -signal.SIGKILL, f"it never came to {case.point}: {run.tail()}"
            return run
        if run.ended_before(case.instant):
            run.wait()
            return run
        children = run.children()
        if case.culprit == "compose":
            until(lambda: run.children() or run.process.poll() is not None, self.patience, "Compose runs")
            children = run.children()
        if case.culprit in {"worker", "both", "machine"}:
            run.process.kill()
        if case.culprit in {"compose", "both", "machine"}:
            processes.kill(children)
        if case.culprit == "engine":
            self.engine.kill()
        if case.culprit == "machine":
            self.engine.power_off()
        if case.daemon:
            self.engine.start()
        run.wait()
        if case.daemon and (not run.committed or self._found_stopped("side")):
            self._start_side()
        return run

    def _found_stopped(self, service: str) -> bool:
        """Tell whether the run found a service stopped, and so left it."""
        for path in self.state.glob("projects/*/generations/1/generation.json"):
            state: str = json.loads(path.read_text())["services"][service]["state"]
            return state == "stopped"
        return False

    def _start_side(self) -> None:
        """Start what an engine 20.10 leaves down: it tries once to start a container in another's network, too early.

        Where nothing has been committed, or the run came only then, that is nobody's to mend but the operator's.
        """
        side, server = (f"stack-{name}-1" for name in ("side", "server"))
        until(lambda: self._containers()[server]["State"]["Running"], 60, "the server runs again")
        self.api.start(side)

    def killed_recovery(self, point: Point) -> None:
        """Begin a recovery back and kill it."""
        self._unless_busy(Verb.RECOVER, Options(arguments=("stack",), recover="back"), point)

    def recover(self, case: Case) -> str:
        """Recover; returns the outcome."""
        options = Options(arguments=("stack",), recover=case.way, assume_yes=True, monitor=0.5)
        run = self._unless_busy(Verb.RECOVER, options)
        wanted = {"back": {Outcome.ROLLED_BACK}, "forward": {Outcome.KEPT}}[case.way]
        leaked = case.daemon and run.finished is not None and self.leaked_port(run.finished)
        if leaked:
            self.engine.restart()  # as the words for it say
            run = self._unless_busy(Verb.RECOVER, options)
        if case.again or leaked:
            # The way back may have taken the new images away already: then there is no way forward.
            wanted.add(Outcome.ROLLED_BACK)
        assert run.finished, f"the recovery did not end well:\n{run.tail()}"
        if run.finished.outcome is Outcome.USAGE:
            # A recovery back that was killed when all was done but its own last words: nothing is left to be done.
            assert case.again
            assert run.finished.problem
            assert run.finished.problem.code == "nothing-to-recover", run.tail()
            return Outcome.ROLLED_BACK
        assert run.finished.outcome in wanted, run.tail()
        return str(run.finished.outcome)

    def leaked_port(self, finished: e.Finished) -> bool:
        """Tell whether the engine holds the port for a container that is gone; then only its restart helps.

        An engine 20.10 restores the ports of the endpoints that it finds in its store when it starts, and then removes
        an endpoint that had not come into a sandbox when the power went, without giving its ports back.
        """
        if not finished.problem or "port is already allocated" not in finished.problem.facts.get("detail", ""):
            return False
        assert "restart the engine" in remedy(finished.problem)
        assert "Removing stale endpoint stack-server-1" in self.engine.log_tail(10_000)
        return True

    def _unless_busy(self, verb: Verb, options: Options, kill: Point | None = None) -> Run:
        """Do a run; where a Compose that has outlived its worker holds the project, once that has ended."""
        while True:
            run = Run(self, verb, options, kill)
            run.wait()
            if not run.finished or run.finished.outcome is not Outcome.BUSY:
                return run
            until(self.lock_is_free, self.patience, "the Compose that outlived its worker ends")

    def lock_is_free(self) -> bool:
        """Tell whether nobody holds the project."""
        for path in self.state.glob("projects/*/lock"):
            with path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return False
        return True

    # --- what must hold -------------------------------------------------------------------------------------------

    def verify_untouched(self, before: Snapshot, case: Case) -> None:
        """I1: once the next run has tidied up, all is as it was, the disk's usage included."""
        run = self._unless_busy(Verb.UPDATE, Options(arguments=("stack",), plan_only=True, assume_yes=True))
        assert run.finished, run.tail()
        assert run.finished.outcome in {Outcome.UP_TO_DATE, Outcome.PLANNED}, run.tail()
        pattern = REVIVED if case.daemon else "^$"
        self._wait_well()
        assert_same(before.without(pattern), self.look().without(pattern))
        assert not list(self.state.glob("projects/*/generations/[0-9]*")), "a generation is left"
        self._verify_state()

    def verify_lasting(self) -> None:
        """See that what was called well stays as it is: no stop that the engine had accepted takes effect later."""

        def seen() -> dict[str, tuple[str, ...]]:
            found = self._containers().items()
            return {name: (d["Id"], d["State"]["Status"], d["State"]["StartedAt"]) for name, d in found}

        def lasts() -> bool:
            now = seen()
            assert now == before, f"after the verdict: {before}\nlater: {now}"
            return time.monotonic() > end

        before, end = seen(), time.monotonic() + LATER
        until(lasts, LATER + 20)

    def verify_old(self, before: Snapshot, case: Case, *, reached: bool) -> None:
        """I3, back: exactly what ran before, nothing else; a generation that was reached may keep its images."""
        self._wait_well()
        after = _without_keep_tags(self.look())
        pattern = ANEW + (f"|{REVIVED}" if case.daemon else "")
        if reached:
            known = set(before.facts)
            after = Snapshot({name: v for name, v in after.facts.items() if name in known or "image " not in name})
            pattern += "|^disk/layers$"
        assert_same(_without_keep_tags(before).without(pattern), after.without(pattern))
        self._verify_common(before, self.at)

    def verify_new(self, before: Snapshot, case: Case, new: int) -> None:
        """I3, forward: exactly the new generation, and nothing else is touched."""
        self._wait_well()
        after = _without_keep_tags(self.look())
        pattern = ANEW + r"|^disk/layers$|^file \.env/sha256$" + (f"|{REVIVED}" if case.daemon else "")
        expected = dict(_without_keep_tags(before).facts)
        for name in SELECTED:
            image = self._pushed(name, new)
            expected[f"container stack-{name}-1/image"] = image.image_id
            expected[f"image {image.image_id}/tags"] = image.reference
            expected[f"image {image.image_id}/digests"] = image.by_digest
        assert_same(Snapshot(expected).without(pattern), after.without(pattern))
        self._verify_common(before, new)

    def _verify_common(self, before: Snapshot, version: int) -> None:
        env = self.project.env_file.read_text()
        lines = [f"{name.upper()}_VERSION={VERSIONS[version]}" for name in SELECTED]
        assert env.splitlines()[:8] == ["# versions", *lines, "OTHER_VERSION=1.0.0", env.splitlines()[7]], env
        spare = self._containers()["stack-spare-1"]["State"]["Status"]
        assert spare in {"created", "exited"}, f"what did not run is {spare}"  # I4
        assert before.facts["container stack-spare-1/state"] in {"created", "exited"}
        again = Run(self, Verb.RECOVER, Options(arguments=("stack",), recover="back", assume_yes=True))
        again.wait()
        assert again.finished, again.tail()
        assert again.finished.problem, again.tail()
        assert again.finished.problem.code == "nothing-to-recover", again.tail()
        self._verify_keep_tags()
        self._verify_state()
        projects.assert_no_drift(self.engine, self.project)  # I5
        self._stop_spare()

    def _verify_keep_tags(self) -> None:
        """I3: the images of every generation that is recorded cannot be taken away."""
        tags = {tag: image["Id"] for image in self.api.images() for tag in image["RepoTags"] or []}
        for path in self.state.glob("projects/*/generations/[0-9]*"):
            for service in SELECTED:
                tag = f"ws9tui.keep/stack:{path.name}-{service}"
                assert tag in tags, f"{tag} is missing; there are {sorted(tags)}"

    def _verify_state(self) -> None:
        """I6, I8: nobody holds the project, and others see nothing of its state."""
        assert self.lock_is_free(), "somebody holds the project"
        for path in (self.state, *self.state.rglob("*")):
            mode = path.stat().st_mode & 0o777
            assert mode == (0o700 if path.is_dir() else 0o600), f"{path}: {mode:o}"
            assert not path.name.startswith("staged-"), f"{path} is left"
            if path.is_file() and "generations" not in path.parts:
                assert b"word-of-db" not in path.read_bytes(), path

    def _pushed(self, name: str, version: int) -> images.Pushed:
        return PUSHED[name, VERSIONS[version]]


PUSHED: dict[tuple[str, str], images.Pushed] = {}


def push(registry: Registry, *, deaf: bool = False) -> None:
    """Put both versions of all images into the registry."""

    def image(version: str, behaviour: Behaviour, **more: Any) -> ImageSpec:  # noqa: ANN401  # as of `ImageSpec`
        if not deaf:
            return ImageSpec(version, behaviour=behaviour, **more)
        # Most of a deaf case is waiting, which health checks at the usual pace would make the dearest part of it.
        health = behaviours.health(behaviour.healthcheck, interval=2) if behaviour.healthcheck else None
        return ImageSpec(version, behaviour=behaviours.deaf(behaviour), healthcheck=health, **more)

    for version in VERSIONS:
        made = {
            "db": image(version, behaviours.migrate(1), volumes=("/data",), size_kb=64),
            "init": ImageSpec(version, behaviour=behaviours.exit0()),
            "server": image(version, behaviours.serve(), expose=(8080,), size_kb=64),
            "side": image(version, behaviours.idle(), volumes=("/cache",)),
            "spare": ImageSpec(version, behaviour=behaviours.idle(), labels={"name": "spare"}),
            "other": ImageSpec(version, behaviour=behaviours.idle(), labels={"name": "other"}),
        }
        PUSHED.update({(name, version): images.push(registry, name, version, spec) for name, spec in made.items()})


def _without_keep_tags(seen: Snapshot) -> Snapshot:
    def words(value: str) -> str:
        return " ".join(word for word in value.split() if not word.startswith("ws9tui.keep/"))

    return Snapshot(
        {
            name: words(v) if name.startswith("image ") and name.endswith("/tags") else v
            for name, v in seen.facts.items()
        }
    )


# --- the points --------------------------------------------------------------------------------------------------


def events_of(lane: Lane, way: str = "") -> tuple[list[str], float]:
    """Do an update, or a recovery of one that was killed, without killing it: its events' types, and its length."""
    lane.reset()
    if way:
        lane.update(MIDDLE).wait()
        run = Run(lane, Verb.RECOVER, Options(arguments=("stack",), recover=way, assume_yes=True, monitor=0.5))
    else:
        run = lane.update()
    run.wait()
    seconds = time.monotonic() - run.began
    assert run.finished, run.tail()
    assert run.finished.outcome in {Outcome.KEPT, Outcome.ROLLED_BACK}, run.tail()
    if run.finished.outcome is Outcome.KEPT:
        lane.at = 1 - lane.at
    kinds = [kind_of(event) for event in run.events if not isinstance(event, e.RunRequested)]
    return kinds, seconds


def numbered(kinds: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Number the events of each type; of those that a clock makes only the first."""
    count: Counter[str] = Counter()
    for kind in kinds:
        count[kind] += 1
        if kind not in {"pull-progressed", "log-line", "service-watched"} or count[kind] <= 4:
            yield kind, count[kind]


def all_cases(lane: Lane, instants: int) -> list[str]:
    """Make the points of the full sweep."""
    kinds, seconds = events_of(lane)
    back, _ = events_of(lane, "back")
    names = []
    for culprit in ("worker", "compose", "both", "engine", "machine"):
        names += [f"{culprit}@{seconds * (n + 0.5) / instants:.2f}" for n in range(instants)]
    names += [f"again:{kind}#{number}/after" for kind, number in list(numbered(back))[::3]]
    names += [f"{RENAME}#{number}/{when}" for number in range(1, 17) for when in ("before", "after")]
    names += [f"{PUT}#1/{when}" for when in ("before", "after", "before", "after")]
    names += [f"{kind}#{number}/torn" for kind, number in list(numbered(kinds))[::4]]
    for kind, number in numbered(kinds):
        names += [f"{kind}#{number}/{when}" for when in ("before", "after")]
    return [f"{name}/{WAYS[index % 2]}" for index, name in enumerate(names)]


QUICK = (
    "worker-started#1/after",
    "reference-resolved#2/before",
    "generation-saved#1/torn",
    "pull-started#1/after",
    "pull-finished#3/before",
    "planned#1/torn",
    "decided#2/before",
    "generation-saved#2/before",
    "commit-started#1/before",
    "commit-started#1/after",
    "step-started#1/after",
    "step-finished#2/torn",
    "step-started#7/after",
    "container-step#1/before",
    "container-step#4/after",
    "container-step#9/torn",
    "watch-started#1/before",
    "gate-passed#1/after",
    "finished#1/torn",
    f"{RENAME}#5/before",
    f"{PUT}#1/before",
    "again:step-started#2/after",
    "again:rollback-verified#1/after",
)
QUICK_INSTANTS = {"worker": 0.55, "compose": 0.65, "both": 0.75, "engine": 0.65, "machine": 0.6}


def quick_cases(lane: Lane) -> list[str]:
    """Make the points of the quick sweep."""
    _, seconds = events_of(lane)
    names = [*QUICK]
    names += [f"{culprit}@{seconds * part:.2f}" for culprit, part in QUICK_INSTANTS.items()]
    # With --share an engine has every other one, and it is to have both ways.
    return [f"{name}/{WAYS[index // 2 % 2]}" for index, name in enumerate(names)]


# --- the program -------------------------------------------------------------------------------------------------


def alone(arguments: argparse.Namespace) -> Result | list[str]:
    """Work on one engine: list the points, or try them."""
    if lacking := tools.missing() or isolation.problem():
        raise SystemExit(lacking)
    with Registry(store=arguments.store) as registry, Dockerd(store=arguments.store) as engine:
        push(registry, deaf=arguments.deaf)
        lane = Lane(engine, registry, engine.root / "lane", deaf=arguments.deaf)
        names = arguments.only or (quick_cases(lane) if arguments.quick else all_cases(lane, arguments.instants))
        names = names[STORES.index(arguments.store) :: len(STORES)] if arguments.share else names
        return names if arguments.list else lanes.one_by_one(names, lambda name: lane.run(Case.parse(name)))


def main() -> int:
    """Sweep, and return 0 if all promises held."""
    parser = lanes.parser(__doc__, "point", LANES)
    parser.add_argument(
        "--deaf", action="store_true", help="services that take 20 s to stop; verdicts are seen to last"
    )
    parser.add_argument("--instants", type=int, default=12, help="of each culprit, in the full sweep")
    arguments = parser.parse_args()
    began = time.monotonic()
    more = [f"--instants={arguments.instants}", *(["--deaf"] if arguments.deaf else [])]
    result = lanes.sweep(__file__, arguments, alone, *more)
    if result is None:
        return 0
    for name in result.failed:
        deaf = " --deaf" if arguments.deaf else ""
        say(f"failed; to try it again: {sys.argv[0]} --store {arguments.store}{deaf} --only {name}")
    ways = result.ways
    kind = f"{arguments.store}, deaf" if arguments.deaf else arguments.store
    say(
        f"kill sweep ({kind}): {result.done} kill points, {ways['back']} back, {ways['forward']} forward, "
        f"{ways['before the commit']} before the commit, {len(result.failed)} failed, {time.monotonic() - began:.0f} s"
    )
    return 0 if result.complete else 1


if __name__ == "__main__":
    sys.exit(main())
