"""Updates, rollbacks, kills and recoveries in any order, on projects and images of any sort: what must hold then.

The engine and Compose are the simulated ones, on virtual time. A kill freezes the world and the disk at some instant
or at some call; the next run finds both as they were then. `WS9TUI_DEEP=1` searches long, and elsewhere every time.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar
from unittest import mock

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from draws import (
    AWAY,
    BEHAVIOURS,
    CHECK,
    FAULTS,
    GOOD,
    KILLS,
    NAME,
    NEW,
    NO_KILL,
    SCRIPTS,
    UP_FAULTS,
    Kill,
    Script,
    Service,
    projects,
)
from support import proofs
from virtual_time import START, VirtualLoop
from ws9tui.core.commit.cleanup import LEFT
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.journal import Journal
from ws9tui.core.model.codec import decoded, encoded
from ws9tui.core.model.observed import Container
from ws9tui.core.model.options import Options
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor, Choice, Outcome, Question, Verb
from ws9tui.core.runs.run import run
from ws9tui.core.session import Session
from ws9tui.core.store import generation
from ws9tui.core.store.store import Store
from ws9tui.simulation.engine import Behaviour, Fault, ImageSpec, SimulatedCompose, SimulatedEngine, World, make_image
from ws9tui.simulation.life import SimContainer
from ws9tui.simulation.programs import SimulatedPrograms

pytestmark = pytest.mark.slow


T = TypeVar("T")


UNTOUCHED = {Outcome.UNCHANGED, Outcome.CANCELLED, Outcome.REFUSED, Outcome.UP_TO_DATE, Outcome.USAGE}


class KilledError(BaseException):
    """The process is gone."""


class Facts(NamedTuple):
    """All that there is: as it is stored, so that no time changes it."""

    containers: dict[str, SimContainer]
    shown: dict[str, tuple[Container, ...]]
    images: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    networks: tuple[str, ...]
    volumes: tuple[str, ...]
    files: dict[str, bytes]


class Pending(NamedTuple):
    """An update that was interrupted while it changed the project."""

    before: Facts
    wanted: dict[str, str]
    """service → image ID that it is to have"""
    services: set[str]
    """that it touches"""
    states: dict[str, str]
    """service → running, stopped, completed or absent, as it is to be"""


class Updates(RuleBasedStateMachine):
    """One project, and all that befalls it."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="ws9tui-machine-"))
        self.live = self.root / "live"
        self.project = self.live / "shop"
        self.project.mkdir(parents=True)
        self.base = START
        self.world = World(step=0.2)
        self.services: dict[str, Service] = {}
        self.versions: dict[str, int] = {}
        self.pending: Pending | None = None
        self.frozen: tuple[bytes, float] | None = None
        self.left = 0
        self.kill = NO_KILL
        self.script = Script()
        self.retries = 0
        self.killed: asyncio.Event | None = None
        self.patches = [
            mock.patch.object(os, "fsync"),
            mock.patch.object(os, "fdatasync"),
            mock.patch.object(Journal, "append", self.hooked(Journal.append)),
        ]
        for patch in self.patches:
            patch.start()

    def teardown(self) -> None:
        for patch in self.patches:
            patch.stop()
        shutil.rmtree(self.root)

    # --- time, and death ------------------------------------------------------------------------------------------

    def clock(self) -> float:
        try:
            return self.base + asyncio.get_running_loop().time()
        except RuntimeError:
            return self.base

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something on a clock that goes on where it stood."""
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            loop = runner.get_loop()
            result = runner.run(work)
            elapsed = loop.time()
        self.base += elapsed + 1.0
        return result

    def tick(self) -> None:
        """Count something that is done, and die if it is time."""
        if self.left:
            self.left -= 1
            if not self.left:
                self.die()
                raise KilledError

    def die(self) -> None:
        """Keep world and disk as they are now; whatever still happens is undone."""
        if self.frozen is None:
            self.frozen = (msgspec.json.encode(self.world, enc_hook=encoded), self.clock())
            shutil.copytree(self.live, self.root / "frozen", symlinks=True)
            assert self.killed
            self.killed.set()

    def hooked(self, append: Any) -> Any:  # noqa: ANN401  # a method, wrapped
        def appended(journal: Journal, event: Event, *, sync: bool = True) -> Event:
            self.tick()
            written: Event = append(journal, event, sync=sync)
            if isinstance(event, e.CommitStarted) and self.kill.committed:
                self.left = self.kill.committed
            self.tick()
            if isinstance(event, e.Asked) and self.script.attended:
                self.answer(journal, event, append)
            return written

        return appended

    def answer(self, journal: Journal, asked: e.Asked, append: Any) -> None:  # noqa: ANN401
        """Let the operator decide, a second later."""
        choices = {
            Question.SELECT: Choice.GO,
            Question.PULL_FAILED: self.script.pull_failed,
            Question.VERSIONS: Choice.GO,
            Question.CONFIRM: self.script.confirm,
            Question.FAILED: self.script.failed,
            Question.OUTCOME: self.script.outcome,
        }
        choice = choices.get(asked.question)
        if choice is Choice.RETRY:
            self.retries += 1
            choice = choice if self.retries < 3 else Choice.CANCEL
        if choice is None:
            return
        chosen = self.asked if asked.question is Question.SELECT else {}
        decision = e.Decision(
            ask=asked.ask,
            choice=choice,
            actor=Actor("operator"),
            services=tuple(chosen),
            references={name: text for name, text in chosen.items() if text},
        )
        asyncio.get_running_loop().call_later(1.0, lambda: self.frozen or append(journal, decision))

    # --- a run ----------------------------------------------------------------------------------------------------

    def run(self, verb: Verb, options: Options, kill: Kill = NO_KILL, script: Script = Script()) -> list[Event]:  # noqa: B008
        """Do a run, perhaps to its violent end; returns its journal."""
        self._begin(script, kill)
        store = Store(self.live / "state").open()
        folder = store.new_run()
        request = e.RunRequested(
            verb=verb,
            options=options,
            actor=Actor("operator"),
            version="1",
            folder=str(self.project),
            attended=script.attended,
        )
        journal = Journal(folder)
        journal.append(request)
        engine, compose = Engine(self), Compose(self)
        session = Session(store, folder, request, journal, engine, compose, SimulatedPrograms(World()))
        self.left = kill.ticks
        self.do(self._run(session, kill))
        self.left = 0
        events = [e.decode(line) for line in self._lines(session)]
        session._reader.close()
        journal.close()
        proofs.count("state machine", "runs")
        proofs.count("state machine", "of them recoveries", int(verb is Verb.RECOVER))
        proofs.count("state machine", "of them killed", int(self.frozen is not None))
        proofs.count("state machine", "of them with faults", int(bool(self.world.faults)))
        if self.frozen:
            world, when = self.frozen
            self.world = msgspec.json.decode(world, type=World, dec_hook=decoded)
            shutil.rmtree(self.live)
            (self.root / "frozen").rename(self.live)
            self.base = max(self.base, when) + 1.0
        elif not session.remembered:
            store.remove_run(folder)
        self.world.faults.clear()
        note(f"{verb}: {events[-1]!r}"[:400])
        return events

    def _begin(self, script: Script, kill: Kill) -> None:
        self.script, self.retries, self.frozen = script, 0, None
        self.left, self.kill = 0, kill

    def _lines(self, session: Session) -> list[bytes]:
        frozen = self.root / "frozen" / session.folder.relative_to(self.live)
        folder = frozen if self.frozen else session.folder
        return (folder / "journal.jsonl").read_bytes().splitlines()

    async def _run(self, session: Session, kill: Kill) -> None:
        self.killed = asyncio.Event()
        if kill.seconds:
            asyncio.get_running_loop().call_later(kill.seconds, self.die)
        task = asyncio.create_task(run(session))
        waiting = asyncio.create_task(self.killed.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        alive = self.frozen is None
        for one in (task, waiting):
            one.cancel()
        await asyncio.wait({task, waiting})
        if alive:
            session.close()
            task.result()

    # --- what is there --------------------------------------------------------------------------------------------

    @property
    def source(self) -> ProjectSource:
        return ProjectSource(NAME, str(self.project), (str(self.project / "compose.yaml"),))

    @property
    def state(self) -> Path:
        return self.live / "state" / "projects" / NAME

    def look(self) -> Facts:
        engine = Engine(self)
        containers = [engine._view(one) for one in self.world.containers.values()]
        names = [*self.services, "gone", ""]
        return Facts(
            {key: msgspec.structs.replace(one) for key, one in self.world.containers.items()},
            {name: tuple(one for one in containers if one.service == name) for name in names},
            {key: (tuple(sorted(i.tags)), tuple(sorted(i.digests))) for key, i in self.world.images.items()},
            tuple(sorted(network.id for network in self.world.networks)),
            tuple(sorted(self.world.volumes)),
            {str(path.relative_to(self.project)): path.read_bytes() for path in self.project.iterdir()},
        )

    # --- rules ----------------------------------------------------------------------------------------------------

    @initialize(services=projects(), data=st.data())
    def deploy(self, services: tuple[Service, ...], data: st.DataObject) -> None:
        self.services = {service.name: service for service in services}
        text = "\n".join(service.text(self.services) for service in services)
        (self.project / "compose.yaml").write_text(f"name: {NAME}\nservices:\n{text}\n")
        lines = [f"{service.name.upper()}_VERSION=1.0" for service in services if not service.moving]
        (self.project / ".env").write_text("\n".join(["# versions", *lines]))
        for service in services:
            self.versions[service.name] = 0
            self.publish(service, "good")
            self.world.fetch(f"{service.repository}:{'latest' if service.moving else '1.0'}")
        self.do(Compose(self).up(self.source, list(self.services)))
        first = next(iter(self.world.images))
        for key, project, name in (("gone", NAME, "gone"), ("foreign", "", "")):
            one = Container(key * 16, key, first, Reference("any"), project=project, service=name)
            self.world.containers[one.id] = SimContainer(made=one, started=self.clock())
        leaders = {service.inside for service in services}
        for service in services:
            if service.name not in leaders and data.draw(st.integers(0, 3), label=f"stop {service.name}") == 0:
                self.stop(service.name)
        self.base += 100.0
        note((self.project / "compose.yaml").read_text())

    def publish(self, service: Service, behaviour: str) -> ImageSpec:
        version = f"1.{self.versions[service.name]}"
        does = BEHAVIOURS[behaviour]
        if service.one_shot:
            does = Behaviour(exits_after=0.2, exit_code=0 if behaviour in {"good", "slow"} else 2)
        if behaviour == "exits late" and not service.restart:
            does = GOOD
        spec = make_image(service.repository, version, behaviour=does, healthcheck=CHECK if service.checked else None)
        self.world.publish(f"{service.repository}:{version}", spec)
        if service.moving:
            self.world.publish(f"{service.repository}:latest", spec)
        return spec

    def release(self, service: Service, behaviour: str) -> None:
        """Publish the next version of a service's image."""
        self.versions[service.name] += 1
        self.publish(service, behaviour)

    @precondition(lambda self: self.pending is None)
    @rule(data=st.data())
    def switch(self, data: st.DataObject) -> None:
        """An operator stops or starts a service; one that others live in is left alone."""
        leaders = {service.inside for service in self.services.values()}
        free = sorted(set(self.services) - leaders)
        name = data.draw(st.sampled_from(free), label="service")
        if not self.stop(name) and not self.services[name].one_shot:
            self.do(self._start(name))

    def stop(self, name: str) -> bool:
        found = [one for one in self.look().shown[name] if one.running]
        for one in found:
            self.do(Engine(self).stop(one.id))
        return bool(found)

    async def _start(self, name: str) -> None:
        compose = Compose(self)
        for one in list(self.world.containers.values()):
            if one.made.service == name:
                await compose.start(one)

    @rule()
    def prune(self) -> None:
        """Somebody removes all images that have no tag and no container."""
        used = {one.made.image_id for one in self.world.containers.values()}
        for key, image in list(self.world.images.items()):
            if key not in used and not image.tags:
                del self.world.images[key]

    @precondition(lambda self: self.pending is None)
    @rule(data=st.data(), kill=KILLS, faults=FAULTS, script=SCRIPTS, hold=st.booleans(), everything=st.booleans())
    def update(
        self,
        data: st.DataObject,
        kill: Kill,
        faults: tuple[Fault, ...],
        script: Script,
        hold: bool,
        everything: bool,
    ) -> None:
        names = sorted(self.services)
        chosen = names if everything else data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        for name in chosen:
            if behaviour := data.draw(NEW, label=f"new image of {name}"):
                self.release(self.services[name], behaviour)
        self.asked = {n: "" if self.services[n].moving else f"1.{self.versions[n]}" for n in chosen}
        arguments = [f"{name}={text}" if text else name for name, text in self.asked.items()]
        before = self.look()
        wanted = {}
        for name in chosen:
            tag = self.asked[name] or "latest"
            wanted[name] = self.world.lookup(f"{self.services[name].repository}:{tag}").id
        self.world.faults = [msgspec.structs.replace(fault) for fault in faults]
        options = Options(
            arguments=(NAME, *arguments),
            monitor=5.0,
            stall_timeout=20.0,
            on_failure="hold" if hold else "rollback",
        )
        events = self.run(Verb.UPDATE, options, kill, script)
        self.judge(events, before, wanted, dict.fromkeys({n for n in chosen if not before.shown[n]}, "running"))

    @precondition(lambda self: self.pending is None and len(generation.numbers(self.state)) > 1)
    @rule(kill=KILLS, faults=st.one_of(st.just(()), st.tuples(st.one_of(UP_FAULTS, AWAY))))
    def rollback(self, kill: Kill, faults: tuple[Fault, ...]) -> None:
        before = self.look()
        recorded = generation.read_all(self.state)
        self.world.faults = [msgspec.structs.replace(fault) for fault in faults]
        events = self.run(Verb.ROLLBACK, Options(arguments=(NAME,), monitor=5.0), kill)
        to = next((event.plan.after for event in events if isinstance(event, e.Planned)), 0)
        target = next((one for one in recorded if one.number == to), None)
        services = [one for one in target.services.values() if one.name in self.services] if target else []
        wanted = {one.name: one.image_id for one in services}
        self.judge(events, before, wanted, {one.name: one.state for one in services})

    @precondition(lambda self: self.pending is not None)
    @rule(way=st.sampled_from(["back", "forward"]), kill=KILLS, faults=st.one_of(st.just(()), st.tuples(AWAY)))
    def recover(self, way: Literal["back", "forward"], kill: Kill, faults: tuple[Fault, ...]) -> None:
        pending = self.pending
        assert pending
        self.world.faults = [msgspec.structs.replace(fault) for fault in faults]
        events = self.run(Verb.RECOVER, Options(arguments=(NAME,), recover=way, monitor=5.0), kill)
        finished = self.finished(events)
        early = finished is not None and finished.outcome is Outcome.REFUSED and bool(faults)  # before it had begun
        if finished is None or early or finished.outcome in {Outcome.NEEDS_RECOVERY, Outcome.UNCHANGED}:
            assert finished is None or faults or way == "forward", finished
            return  # it is still there, to be recovered from
        if finished.outcome is Outcome.USAGE:
            assert finished.problem
            assert finished.problem.code == "nothing-to-recover"
            # the recovery before this one was killed when all had been done
            back = self.is_old(pending)
        else:
            back = finished.outcome is Outcome.ROLLED_BACK
            assert back or (finished.outcome is Outcome.KEPT and way == "forward"), finished
        self.pending = None
        self.settled(pending, back=back)

    @precondition(lambda self: self.pending is not None)
    @rule()
    def refuse(self) -> None:
        """An update meets an interrupted one: it is refused, and nothing changes."""
        before = self.look()
        events = self.run(Verb.UPDATE, Options(arguments=(NAME,)))
        finished = self.finished(events)
        assert finished
        if finished.outcome is Outcome.REFUSED and finished.problem and finished.problem.code == "interrupted-run":
            self.same(before, self.look())

    # --- what must hold -------------------------------------------------------------------------------------------

    def finished(self, events: list[Event]) -> e.Finished | None:
        return next((event for event in events if isinstance(event, e.Finished)), None)

    def judge(self, events: list[Event], before: Facts, wanted: dict[str, str], states: dict[str, str]) -> None:
        """Compare how a run ended with what there is now."""
        finished = self.finished(events)
        committed = any(isinstance(event, e.CommitStarted) for event in events)
        if not committed:
            left = any((self.live / "state" / "runs").glob(f"*/{LEFT}"))
            if finished is None or left:  # killed, or the engine stayed away: the next run tidies up
                self.run(Verb.UPDATE, Options(arguments=(NAME,), plan_only=True))
            assert finished is None or finished.outcome in UNTOUCHED, finished
            self.same(before, self.look())
            return
        plan = next(event.plan for event in reversed(events) if isinstance(event, e.Planned))
        touched = {name for name in plan.services if name in self.services}
        pending = Pending(before, wanted, touched, states)
        if finished is None or finished.outcome is Outcome.NEEDS_RECOVERY:
            self.pending = pending
            return
        assert finished.outcome in {Outcome.KEPT, Outcome.ROLLED_BACK}, finished
        self.settled(pending, back=finished.outcome is Outcome.ROLLED_BACK)

    def same(self, before: Facts, after: Facts) -> None:
        """I1: nothing at all is different."""
        assert after._replace(shown={}) == before._replace(shown={})

    def is_old(self, pending: Pending) -> bool:
        now = self.look()
        return all(
            {one.image_id for one in now.shown[name]} == {one.image_id for one in pending.before.shown[name]}
            for name in pending.services
        )

    def settled(self, pending: Pending, *, back: bool) -> None:
        """I3, I4, I5: precisely the old or the new generation, nothing else touched, nothing left to be done."""
        before, after = pending.before, self.look()
        for name in after.shown:
            old, new = before.shown[name], after.shown[name]
            if name not in pending.services:
                assert [one.id for one in new] == [one.id for one in old], f"{name} was not selected"
                continue
            assert not any(one.twin for one in new), f"a twin of {name} is left"
            image = {one.image_id for one in old}
            state = "running" if any(one.running for one in old) else "stopped" if old else "absent"
            if not back:
                image = {pending.wanted[name]} if name in pending.wanted else image
                state = pending.states.get(name, state)
            if state == "absent":
                assert not new
                continue
            assert [one.name for one in new] == [f"{NAME}-{name}-1"]
            assert {one.image_id for one in new} == image, f"{name} runs another image"
            if not self.services[name].one_shot:
                assert new[0].running == (state == "running"), f"{name} is {new[0].state}, and was to be {state}"
        if back:
            assert after.files == before.files
            assert after.volumes == before.volumes
        assert after.files.keys() == before.files.keys()
        assert after.networks == before.networks
        assert all(one.made.image_id in self.world.images for one in self.world.containers.values())
        self.kept()
        self.no_drift()

    def kept(self) -> None:
        """The images of every recorded generation have their keep tags."""
        for recorded in generation.read_all(self.state):
            for service in recorded.services.values():
                tag = generation.keep_tag(NAME, recorded.number, service.name)
                if service.image_id and service.name in recorded.project.services:
                    image = self.world.find(tag)
                    assert image, f"{tag} is missing"
                    assert image.spec.id == service.image_id, f"{tag} is another image"

    def no_drift(self) -> None:
        """A plain `up` recreates nothing."""
        there = self.world
        self.world = msgspec.json.decode(msgspec.json.encode(there, enc_hook=encoded), type=World, dec_hook=decoded)
        present = [name for name in self.services if self.look().shown[name]]
        self.do(Compose(self).up(self.source, present, start=False))
        assert self.world.containers.keys() == there.containers.keys(), "a plain up recreates containers"
        self.world = there


class Engine(SimulatedEngine):
    """The engine of a machine, each call of which may be the last."""

    def __init__(self, machine: Updates) -> None:
        super().__init__(machine.world, machine.clock)
        self.machine = machine

    async def _call(self, call: str, subject: str = "") -> None:
        self.machine.tick()
        await super()._call(call, subject)


class Compose(SimulatedCompose):
    """The Compose of a machine, each call of which may be the last."""

    def __init__(self, machine: Updates) -> None:
        super().__init__(machine.world, machine.clock)
        self.machine = machine

    async def _call(self, call: str, subject: str) -> None:
        self.machine.tick()
        await super()._call(call, subject)


DEEP = bool(os.environ.get("WS9TUI_DEEP"))


TestUpdates = Updates.TestCase


TestUpdates.settings = settings(
    derandomize=not DEEP,
    max_examples=3000 if DEEP else 100,
    stateful_step_count=15 if DEEP else 10,
    deadline=None,
    database=None,
    print_blob=DEEP,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
    phases=[Phase.generate] if os.environ.get("NOSHRINK") else list(Phase),
)
