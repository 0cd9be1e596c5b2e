"""Commit, the second phase: converge, watch, keep; or go back to precisely what ran before.

Both ways use the same verb, `Converger`, with a plan made from a fresh look at the engine, so either can be begun from
any half-way state and be begun again.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.commit import aftermath, cleanup, retention
from ws9tui.core.commit.back import WayBack
from ws9tui.core.commit.converge import Converger
from ws9tui.core.commit.watch import Watch
from ws9tui.core.data.transfer import Mover
from ws9tui.core.fs import files
from ws9tui.core.images import load
from ws9tui.core.inspect import writable
from ws9tui.core.inspect.survey import group, observe
from ws9tui.core.journal import data_state
from ws9tui.core.journal import events as e
from ws9tui.core.journal.data_state import Facts
from ws9tui.core.model import commands, namespaces
from ws9tui.core.model.observed import Observed
from ws9tui.core.model.plan import Kind, Plan
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Choice, Finding, Level, Outcome, Question
from ws9tui.core.session import Session
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation
from ws9tui.errors import EngineError, NeedsRecovery, Refused, Ws9tuiError
from ws9tui.problems.engine import InternalError
from ws9tui.problems.hanging import ForeignFollower
from ws9tui.problems.plan import Drift, InputChanged
from ws9tui.problems.problem import Problem

KEEP_DEADLINE = 3600.0
"""seconds that an operator has to choose after the gate has passed; then the new generation is kept"""
FAILED_DEADLINE = 60.0
"""seconds that an operator has to hold a failed update; then it goes back"""

Refresh = Callable[[], Awaitable[Generation]]


class Commit:
    """Takes one project from one generation to another, or back."""

    def __init__(
        self,
        session: Session,
        state: Path,
        before: Generation,
        after: Generation,
        plan: Plan,
        taken: dict[str, bool],
        *,
        keep_generations: int,
        scope: Sequence[str] = (),
        way_back: bool = True,
        facts: Facts | None = None,
    ) -> None:
        self._session = session
        self._state = state
        self._before = before
        self.after = after
        self._plan = plan
        self._scope = tuple(scope) or plan.services
        """the services that are touched, now or by the run that this one completes; nothing else ever is"""
        self._keep_generations = keep_generations
        self._way_back = way_back
        """whether what was there before can be made again"""
        self._taken = taken
        """what the run pulled, to be taken back with a rollback"""
        self._name = after.source.name
        self._watch = Watch(session.engine, self._name, session.emit)
        self._converger: Converger | None = None
        self._gone: WayBack | None = None
        """the way back that was gone"""
        self._logged: set[str] = set()
        """containers whose logs are saved already"""
        self._mover = Mover(session, state, self._name, before.number, facts or Facts())

    # --- before anything moves --------------------------------------------------------------------------------

    async def recheck(self) -> None:
        """Compares what was confirmed with what is now; raises `Refused` where anything differs."""
        for path, digest in self._plan.binding.files.items():
            if files.sha256(path) != digest:
                raise Refused(InputChanged(what="file", detail=path))
        written = {op.subject for op in self._plan.operations if op.kind is Kind.WRITE}
        files_of = [stored for stored in self.after.files if stored.path in written]
        if (problem := writable.first_problem(files_of, self.after.source)) is not None:
            raise Refused(problem)
        everything = group(await self._session.engine.containers(self._name), self._name)
        present = {c.id: c.image_id for name in self._scope for c in everything.get(name, [])}
        if present != self._plan.binding.containers:
            changed = set(present.items()) ^ set(self._plan.binding.containers.items())
            names = {c.name for entries in everything.values() for c in entries if (c.id, c.image_id) in changed}
            raise Refused(InputChanged(what="container", detail=", ".join(sorted(names)) or "one is gone"))
        for service, image_id in self._plan.binding.images.items():
            if await self._session.engine.image(image_id) is None:
                raise Refused(InputChanged(what="image", detail=f"{service}: {image_id}"))

    async def begin(self, copies: dict[str, bytes]) -> None:
        """Records where it goes and keeps its images; the last thing before the project changes."""
        if copies:
            generation.write(self._state, self.after, copies)
        tags = generation.keep_tags(self.after, self._name)
        for tag, image_id in tags.items():
            await self._session.engine.tag(image_id, tag)
        self._session.emit(e.GenerationSaved(generation=self.after.number, role="after", images=tuple(tags)))

    async def abandon(self) -> None:
        """Takes back what `begin` recorded, when it could not be finished."""
        if self.after.reached:
            return
        for tag in generation.keep_tags(self.after, self._name):
            await self._session.engine.untag(tag)
        generation.remove(self._state, self.after.number)

    # --- forward ----------------------------------------------------------------------------------------------

    async def carry_out(self, way: Coroutine[object, object, e.Finished]) -> e.Finished:
        """Goes one of the two ways; after a way back, looks whether what runs again is well.

        Raises `NeedsRecovery` when it cannot be gone, or when this process is told to end on it.
        """
        finished = await self._session.unless_terminated(way)
        if finished.outcome is Outcome.ROLLED_BACK and self._gone is not None and self._gone.went is not None:
            look = aftermath.look_on(self._session, *self._gone.went, self._scope, self._renewed(), self._before.number)
            with suppress(NeedsRecovery):  # by then it has gone back
                await self._session.unless_terminated(cleanup.tidy(self._session, look))
        if finished.outcome in (Outcome.KEPT, Outcome.ROLLED_BACK):
            await cleanup.tidy(self._session, self._tell_strangers())
        return finished

    async def _tell_strangers(self) -> None:
        """Tells of containers that are not the project's and lived in one that this run has replaced."""
        everything = await self._session.engine.containers()
        gone = self._plan.binding.containers.keys() - {container.id for container in everything}
        told = {loss.problem.container for loss in self._plan.losses if isinstance(loss.problem, ForeignFollower)}
        for container in everything:
            named = container.name in told and container.project != self._name
            if gone.intersection(container.inside) or named:
                self._session.emit(e.Found(finding=Finding(Level.WARNING, namespaces.left(container))))

    async def forward(self, refresh: Refresh) -> e.Finished:
        """Executes the confirmed plan, watches, and keeps or goes back; ``refresh`` looks at what runs in the end."""
        self._session.emit(e.CommitStarted(before=self._before.number, after=self.after.number))
        loop = asyncio.get_running_loop()
        try:
            observed = await observe(self._session.engine, self._name)
            self._mover.tasks = data_state.forward(self._plan, self._mover.facts)
            self._converger = self._to(self.after, observed, self._watch)
            await self._converger.execute(self._plan, self._check)
            self._converger.watch_also(self._scope)
            began = loop.time()
            await self._watch.look()
            self._session.emit(e.WatchStarted(services=self._scope, seconds=round(self._watch.remaining())))
            await self._watch.until(lambda: self._watch.failed() is not None or self._watch.passed())
        except Ws9tuiError as error:
            away = isinstance(error, EngineError)
            return await self._failed(error.problem if away else await self._behind(error.problem))
        except Exception as error:  # noqa: BLE001 - a fault of this program leaves no project half-way either
            traceback.print_exc()
            return await self._failed(InternalError(error=repr(error)))
        problem = self._watch.failed()
        if problem is not None:
            return await self._failed(await self._behind(problem))
        as_before = self._watch.as_before()
        self._session.emit(e.GatePassed(seconds=round(loop.time() - began, 1), as_before=as_before))
        return await self._choose(refresh)

    async def _behind(self, problem: Problem) -> Problem:
        """The problem behind a problem: a service mostly fails because one that it needs has failed before it.

        Compose names no service. What it says of one that cannot start is then less than why another one ended.
        """
        with suppress(EngineError):
            await self._watch.look()
        service = self.after.project.services.get(problem.facts.get("service", ""))
        if service is None:
            return self._watch.ended() or problem
        return next((found for name in service.before if (found := self._watch.ended(name))), problem)

    def _to(self, target: Generation, observed: Observed, watch: Watch) -> Converger:
        return Converger(
            self._session, self._state, target, observed, watch, self._logged, self._mover, self._plan.unwell
        )

    async def _check(self, source: ProjectSource) -> None:
        """Compares the definition, now that its files are in place, with the one that was confirmed."""
        config = await self._session.compose.config(source)
        hashes = self.after.project.comparable(await self._session.compose.hashes(source))
        services = dict(self.after.services)
        for name in self._scope:
            wanted = services.get(name)
            if wanted is None or name not in self.after.project.services:
                continue
            image = str((config.get("services") or {}).get(name, {}).get("image") or "")
            now = hashes.get(name, "")
            # An earlier generation's files are proved byte by byte; its hash may be another Compose version's.
            differs = bool(wanted.config_hash) and wanted.config_hash != now and not self.after.reached
            if image not in ("", wanted.reference) or differs:  # what is built may have no name in the files
                raise Refused(InputChanged(what="definition", detail=name))
            services[name] = msgspec.structs.replace(wanted, config_hash=now)
        self.after = msgspec.structs.replace(self.after, services=services)
        if self.after.number in generation.numbers(self._state) and not self.after.reached:
            generation.update(self._state, self.after)

    async def _choose(self, refresh: Refresh) -> e.Finished:
        """Keep or go back: asked while watching goes on, and answered by time if nobody comes."""
        within = self._session.options.confirm_within
        if not self._way_back or (not self._session.attended and within is None):
            return await self._keep(refresh)
        ways_back = self._mover.ways_back()
        asking = asyncio.create_task(
            self._session.ask(
                Question.OUTCOME,
                (Choice.KEEP, *ways_back),
                Choice.KEEP if within is None else ways_back[0],
                seconds=within if within is not None else KEEP_DEADLINE,
                wait=True,
            )
        )
        watching = asyncio.create_task(self._watch.until(lambda: self._watch.failed() is not None))
        telling = asyncio.create_task(self._mover.tell_written())
        try:
            await asyncio.wait({asking, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (asking, watching, telling):
                if not task.done():
                    task.cancel()
            await asyncio.wait({asking, watching, telling})
        if not asking.cancelled():
            choice = asking.result().choice
            if choice is Choice.KEEP:
                return await self._keep(refresh)
            return await self.back(None, data=choice is Choice.ROLL_BACK_DATA)
        error = watching.exception()
        problem = error.problem if isinstance(error, Ws9tuiError) else self._watch.failed()
        return await self._failed(problem or InternalError())

    async def _keep(self, refresh: Refresh) -> e.Finished:
        """Makes the new generation the one to come back to, and lets go of those that are too old."""
        try:
            reached = await refresh()
        except Ws9tuiError as error:  # what runs is what was confirmed, whether or not that can be written down
            self._session.emit(e.Found(finding=Finding(Level.WARNING, error.problem)))
            return e.Finished(outcome=Outcome.KEPT)
        drift = [
            name
            for name in self._scope
            if name in self.after.services
            and name in reached.services
            and self.after.services[name].config_hash not in ("", reached.services[name].config_hash)
        ]
        for name in drift:
            problem = Drift(service=name)
            self._session.emit(e.Found(finding=Finding(Level.WARNING, problem, name)))
        await cleanup.tidy(self._session, retention.hold(self._session, reached))
        await cleanup.tidy(self._session, load.let_go(self._session.engine, self._name, self._session.emit))
        for number in retention.too_old(self._state, reached.number, self._before.number, self._keep_generations):
            await cleanup.tidy(self._session, retention.let_go(self._session, self._state, self._name, number))
        retention.rotate_backups(self._session, self._state, data_state.folders(self._mover.facts))
        return e.Finished(outcome=Outcome.KEPT)

    async def _failed(self, problem: Problem) -> e.Finished:
        """A failure after the commit began: the logs are saved, then it goes back, unless somebody holds it."""
        try:
            await self._save_failed_logs()
        except Ws9tuiError as error:  # a log that cannot be had stops no way back
            self._session.emit(e.Found(finding=Finding(Level.WARNING, error.problem)))
        self._session.emit(e.Found(finding=Finding(Level.BLOCKING, problem)))
        if not self._way_back:
            told = commands.recovery(self._session.place, back=False)
            return e.Finished(outcome=Outcome.NEEDS_RECOVERY, problem=problem, commands=told)
        ways_back = self._mover.ways_back()
        default = Choice.HOLD if self._on_failure() == "hold" else ways_back[0]
        decision = await self._session.ask(Question.FAILED, (*ways_back, Choice.HOLD), default, seconds=FAILED_DEADLINE)
        if decision.choice is Choice.HOLD:
            told = commands.recovery(self._session.place)
            return e.Finished(outcome=Outcome.NEEDS_RECOVERY, problem=problem, commands=told)
        return await self.back(problem, data=decision.choice is Choice.ROLL_BACK_DATA)

    def _on_failure(self) -> str:
        if self._session.options.on_failure:
            return self._session.options.on_failure
        models = (self.after.project.services.get(name) for name in self._scope)
        return (
            "hold" if any(m is not None and m.failure_action in ("pause", "continue") for m in models) else "rollback"
        )

    async def _save_failed_logs(self) -> None:
        if self._converger is not None:
            ended = self._watch.ended()
            failed = self._watch.failed_services() or ([ended.service] if ended else [])
            failed = failed or self._converger.wave
            await self._converger.save_logs(failed, "failed")

    # --- back -------------------------------------------------------------------------------------------------

    async def back(self, problem: Problem | None, *, data: bool = False) -> e.Finished:
        """Goes back to the generation before, as `WayBack` does."""
        self._gone = WayBack(
            self._session,
            self._state,
            self._before,
            self.after,
            self._plan,
            self._scope,
            self._mover,
            self._taken,
            self._to,
        )
        return await self._gone.go(problem, data=data)

    def _renewed(self) -> list[str]:
        """The services that had another image in the meantime, which may have changed their data."""
        before = self._before.services
        return [
            name
            for name, service in self.after.services.items()
            if name not in before or not service.same_image(before[name])
        ]
