"""A project in a folder on a simulated engine, and runs on it in this process, on virtual time.

The operator is a script: a function that gets the question which is asked and answers with a choice, or with nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from virtual_time import now
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.journal import Journal, Reader
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.observed import Container, Healthcheck
from ws9tui.core.model.options import Options
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor, Choice, Outcome, Question, Reach, Verb
from ws9tui.core.ports import Releases
from ws9tui.core.runs.run import run
from ws9tui.core.session import Session
from ws9tui.core.store import generation, home
from ws9tui.core.store.store import RunRecord, Store
from ws9tui.simulation.engine import Behaviour, ImageSpec, SimulatedCompose, SimulatedEngine, World, make_image
from ws9tui.simulation.images import LocalImage
from ws9tui.simulation.programs import SimulatedPrograms

COMPOSE = """\
name: shop
services:
  web:
    image: r.test/web:latest
    restart: always
    depends_on: {api: {condition: service_started}}
  api:
    image: r.test/api:${API}
    restart: always
  db:
    image: r.test/db:16
    volumes: [{type: volume, source: data, target: /data, volume: {}}]
volumes: {data: {name: shop_data}}
"""
ENV = "# versions\nAPI=1.0\n"
OLD = {"api": "1.0", "db": "16.1", "web": "1.0"}
"""what runs once it is installed"""
CHECK = Healthcheck(interval=2.0, timeout=2.0, retries=3, start_period=4.0)
REFERENCES = ("r.test/web:latest", "r.test/api:1.0", "r.test/db:16")
CRASH = Behaviour(exits_after=2.0, exit_code=3, last_words="fatal: no database")
ME = Actor("operator")

Answer = Choice | e.Decision | None
Script = Callable[[e.Asked], Answer]


def always(**answers: Choice) -> Script:
    """Answers by question, its name in capitals; what is not named goes unanswered."""
    return lambda asked: answers.get(asked.question.name.lower())


def go(**answers: Choice) -> Script:
    """Go on up to the commit, and answer further questions by name."""
    return always(select=Choice.GO, versions=Choice.GO, confirm=Choice.GO, **answers)


GO = go(outcome=Choice.KEEP)


def at_each_event(monkeypatch: pytest.MonkeyPatch, then: Callable[[Session, dict[str, Any]], None]) -> None:
    """Do something after each event that a run writes, which is given as it stands in the journal."""
    emit = Session.emit

    def emitting(session: Session, event: Event) -> None:
        emit(session, event)
        then(session, e.to_builtins(event))

    monkeypatch.setattr(Session, "emit", emitting)


class DeadError(Exception):
    """What a killed worker would still do."""


class Gone(Journal):
    """The journal of a worker that was killed: it says nothing any more, and does nothing either."""

    def append(self, event: Event, *, sync: bool = True) -> Event:
        raise DeadError(event, sync)


class Dead:
    """An engine or a Compose that a killed worker cannot reach any more."""

    def __getattr__(self, name: str) -> None:
        raise DeadError(name)


class Shop:
    """The project, its world, its state."""

    def __init__(self, folder: Path, compose: str = COMPOSE, env: str = ENV) -> None:
        self.folder = folder / "shop"
        self.folder.mkdir()
        self.file = self.folder / "compose.yml"
        self.env = self.folder / ".env"
        self.file.write_text(compose)
        self.env.write_text(env)
        self.stand(World(), Store(folder / "state").open(), ProjectSource("shop", str(self.folder), (str(self.file),)))

    def stand(self, world: World, store: Store, source: ProjectSource) -> None:
        """Have an engine, a state directory and a project."""
        self.world = world
        self.engine = SimulatedEngine(world, now)
        self.compose = SimulatedCompose(world, now)
        self.programs = SimulatedPrograms(world)
        self.store = store
        self.source = source
        self.session: Session | None = None
        self.releases: Releases | None = None
        self.attached: Callable[[], bool] = lambda: True
        """whether an operator is there"""

    # --- the world --------------------------------------------------------------------------------------------

    def publish(self, reference: str, version: str, **changes: Any) -> ImageSpec:  # noqa: ANN401 - as make_image has them
        """Move a tag of the registry to a new image."""
        spec = make_image(reference.rpartition(":")[0], version, base="debian", **changes)
        self.world.publish(reference, spec)
        return spec

    def behave(self, reference: str, version: str, **changes: Any) -> ImageSpec:  # noqa: ANN401 - as Behaviour has them
        """Move a tag to an image that behaves so."""
        return self.publish(reference, version, behaviour=Behaviour(**changes))

    def bring(self, reference: str, version: str, **changes: Any) -> ImageSpec:  # noqa: ANN401 - as make_image has them
        """Move a tag to a new image, and pull it."""
        spec = self.publish(reference, version, **changes)
        self.world.fetch(reference)
        return spec

    def publish_all(self) -> None:
        """Have the image of each service in the registry."""
        for reference in REFERENCES:
            self.publish(reference, "16.1" if "db" in reference else "1.0")

    async def install(self) -> None:
        """Have the project run."""
        self.publish_all()
        for reference in REFERENCES:
            self.world.fetch(reference)
        await self.compose.up(self.source, ["web", "api", "db"])
        self.compose.calls.clear()
        await asyncio.sleep(3600)

    async def offer(self, version: str = "1.1", **changes: Any) -> ImageSpec:  # noqa: ANN401 - as make_image has them
        """Have the project run, and a newer web in the registry."""
        await self.install()
        return self.publish("r.test/web:latest", version, **changes)

    async def until_web(self, version: str) -> None:
        """Wait until this version of web runs."""
        while self.versions().get("web") != version:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.1)

    async def by_service(self) -> dict[str, Container]:
        """Return the first container of each service."""
        return {c.service: c for c in reversed(await self.engine.containers("shop"))}

    def versions(self) -> dict[str, str]:
        """Return what runs now, by the image's version."""
        found = {}
        for one in self.world.containers.values():
            if self.world.look(one, now()).running:
                found[one.made.service] = self.version_of(self.world.images[one.made.image_id])
        return dict(sorted(found.items()))

    def ids(self) -> dict[str, str]:
        """Return the containers by name."""
        return {one.made.name: key for key, one in self.world.containers.items()}

    def tags(self, *, kept: bool = False) -> dict[str, str]:
        """Return the local tags, ours or the others, with the version that each has."""
        return {
            tag: self.version_of(image)
            for image in self.world.images.values()
            for tag in image.tags
            if tag.startswith("ws9tui.keep/") is kept
        }

    @staticmethod
    def version_of(image: LocalImage) -> str:
        """Return an image's version."""
        return image.spec.labels.get("org.opencontainers.image.version", "")

    def everything(self) -> tuple[object, ...]:
        """Return all that a run must leave alone until it is confirmed."""
        images = {key: (sorted(image.tags), sorted(image.digests)) for key, image in self.world.images.items()}
        files = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        return self.ids(), images, files, [net.id for net in self.world.networks], list(self.world.volumes)

    def left(self) -> tuple[object, ...]:
        """Return what a rollback must have left: everything but the containers' IDs and our keep tags."""
        _, images, *others = self.everything()
        assert isinstance(images, dict)
        plain = {key: ([t for t in tags if not t.startswith("ws9tui.keep/")], at) for key, (tags, at) in images.items()}
        return (plain, *others)

    @property
    def state(self) -> Path:
        """The project's state."""
        return self.store.project(self.source.name)

    def runs(self) -> list[RunRecord]:
        """The project's runs, the newest first."""
        info = self.world.info
        return self.store.runs_of(home.find(self.store, "shop", info.identity, info.host))

    @property
    def generations(self) -> list[int]:
        """The recorded generations."""
        return generation.numbers(self.state)

    async def drift(self) -> bool:
        """Tell whether a plain `up` would change anything; it is tried."""
        before = self.ids()
        await self.compose.up(self.source, ["web", "api", "db"])
        return self.ids() != before

    # --- runs -------------------------------------------------------------------------------------------------

    def journal(self, folder: Path) -> Journal:
        """Open a run's journal."""
        return Journal(folder)

    def request(self, verb: Verb, options: Options, *, attended: bool) -> tuple[Path, Session]:
        """Make a run's folder, its journal and its session."""
        folder = self.store.new_run()
        journal = self.journal(folder)
        assert journal.claim()
        request = e.RunRequested(
            verb=verb, options=options, actor=ME, version="1", folder=str(self.folder), attended=attended
        )
        journal.append(request, sync=False)
        session = Session(self.store, folder, request, journal, self.engine, self.compose, self.programs, self.releases)
        session.attached = self.attached
        return folder, session

    async def run(
        self,
        *arguments: str,
        verb: Verb = Verb.UPDATE,
        script: Script | None = None,
        selection: tuple[str, ...] | None = None,
        references: Mapping[str, str] | None = None,
        cancel_after: str = "",
        unasked: Mapping[str, Choice | e.Detached] | None = None,
        **options: Any,  # noqa: ANN401 - fields of Options
    ) -> Told:
        """Do one run; a script makes it attended. ``cancel_after`` cancels at the first event of that type.

        ``unasked`` is what is said at the first event of other types, as an answer to no question.
        """
        says = dict(unasked or {}) | ({cancel_after: Choice.CANCEL} if cancel_after else {})
        made = Options(arguments=arguments, **options)
        folder, session = self.request(verb, made, attended=script is not None)
        self.session = session
        operator = asyncio.create_task(self.operate(folder, script, selection, dict(references or {}), says))
        try:
            finished = await run(session)
        finally:
            operator.cancel()
            await asyncio.wait({operator})
            session._journal.close()
            session.close()
            session._reader.close()
        return Told(folder, finished)

    async def kill(
        self, options: Options, when: Callable[[Event], bool], after: float = 0.0, verb: Verb = Verb.UPDATE
    ) -> Path:
        """Begin a run and kill its worker at an event: nothing of it is tidied up. Gives the run's folder."""
        folder, session = self.request(verb, options, attended=False)
        reader = Reader(folder)
        others = asyncio.all_tasks()
        task = asyncio.create_task(run(session))
        while not any(when(event) for event in reader.read()):
            assert not task.done(), "it ended before it could be killed"
            await asyncio.sleep(0.01)
        await asyncio.sleep(after)
        images, generations = {key: list(image.tags) for key, image in self.world.images.items()}, self.generations
        session._journal.close()
        session._journal = Gone(folder)
        for port in ("engine", "compose"):
            setattr(session, port, Dead())
        parts = asyncio.all_tasks() - others
        task.cancel()
        await asyncio.gather(*parts, return_exceptions=True)  # what a part of it dies of is nobody's error
        reader.close()
        session._reader.close()
        assert {key: list(image.tags) for key, image in self.world.images.items()} == images
        assert self.generations == generations
        return folder

    async def operate(
        self,
        folder: Path,
        script: Script | None,
        selection: tuple[str, ...] | None,
        references: dict[str, str],
        says: dict[str, Choice | e.Detached],
    ) -> None:
        """Answer what is asked, until this is cancelled."""
        state = RunState()
        answered = 0
        with contextlib.closing(Reader(folder)) as reader, contextlib.closing(self.journal(folder)) as journal:
            while True:
                for event in reader.read():
                    state = fold([event], state)
                    said = says.pop(e.to_builtins(event)["type"], None)
                    if said is not None:
                        unasked = e.Decision(ask=0, choice=said, actor=ME) if isinstance(said, Choice) else said
                        journal.append(unasked, sync=False)
                asked = state.asked
                if script and asked and asked.ask > answered and _known(state, asked):
                    answered = asked.ask
                    answer = script(asked)
                    if isinstance(answer, Choice):
                        answer = e.Decision(ask=0, choice=answer, actor=ME)
                        if asked.question is Question.SELECT:
                            proposed = tuple(name for name, row in state.services.items() if row.selected)
                            chosen = proposed if selection is None else selection
                            answer = msgspec.structs.replace(answer, services=chosen, references=references)
                    if answer is not None:
                        journal.append(msgspec.structs.replace(answer, ask=asked.ask), sync=False)
                await asyncio.sleep(0.05)


def _known(state: RunState, asked: e.Asked) -> bool:
    """Whether the operator knows what can be known before the question is answered."""
    if asked.question is Question.SELECT:
        return all(row.resolved or not row.view.selectable for row in state.services.values())
    return Reach.CHECKING not in {found.reach for found in state.generations.values()}


class Told:
    """What a run told."""

    def __init__(self, folder: Path, finished: e.Finished) -> None:
        self.folder = folder
        self.finished = finished
        with contextlib.closing(Reader(folder)) as reader:
            self.events: list[Event] = reader.read()
        self.state = fold(self.events)

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        return self.finished.outcome

    @property
    def code(self) -> str:
        """The code of the problem with which it ended."""
        return self.finished.problem.code if self.finished.problem else ""

    def all(self, kind: type[Event]) -> list[Any]:
        """Return all events of a type."""
        return [event for event in self.events if isinstance(event, kind)]

    def asked(self) -> list[tuple[str, str, str]]:
        """Return the questions, each with what was decided and by whom."""
        return [(d.question.value, d.choice.value, d.by) for d in self.events if isinstance(d, e.Decided)]

    def found(self) -> list[str]:
        """Return the codes of its findings."""
        return [entry.problem.code for entry in self.state.findings]
