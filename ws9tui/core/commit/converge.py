"""Converges a project to a generation: the one verb behind update, install, rollback and recovery.

It brings the project from any state to the wanted generation, watches it, and keeps it or rolls back to exactly what
ran before. Each direction executes a plan made from a fresh observation of the engine, so that either can start from
any intermediate state and can be repeated.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Coroutine
from contextlib import suppress

from ws9tui.core.commit import cleanup, diagnose, goal, record
from ws9tui.core.commit.back import WayBack
from ws9tui.core.commit.execute import Executor, TurnedBack
from ws9tui.core.commit.goal import Goal
from ws9tui.core.commit.hooks import Hooks
from ws9tui.core.commit.logs import Logs
from ws9tui.core.commit.rules import Rules
from ws9tui.core.data.transfer import Mover
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import observe
from ws9tui.core.journal import events as e
from ws9tui.core.model import commands, namespaces
from ws9tui.core.model.observed import Observed
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Choice, Finding, Level, Outcome, Question
from ws9tui.core.session import Session
from ws9tui.core.store import generation, known_releases
from ws9tui.core.store.generation import Generation
from ws9tui.errors import EngineError, NeedsRecovery, Ws9tuiError
from ws9tui.problems.engine import InternalError
from ws9tui.problems.hanging import ForeignFollower
from ws9tui.problems.plan import Drift
from ws9tui.problems.problem import Problem

KEEP_DEADLINE = 3600.0
"""seconds that an operator has to decide after the gate has passed; then the new generation is kept"""
FAILED_DEADLINE = 60.0
"""seconds that an operator has to decide about a failed update; then the default choice applies"""


async def converge(session: Session, opened: Opened, wanted: Goal) -> e.Finished:
    """Converges the project to the wanted generation and keeps it, or rolls back.

    Raises `Refused` if anything differs from what was confirmed, and `NeedsRecovery` if neither generation can be
    reached, or this process is terminated.
    """
    hooks = Hooks(session, wanted)
    session.one_way = not wanted.way_back
    if not wanted.begun:
        await session.cancellable(goal.recheck(session, wanted))
        await hooks.commit(lambda: goal.recheck(session, wanted))
        try:
            await _record(session, opened, wanted)
        except Ws9tuiError:
            await hooks.undo()
            raise
    session.emit(e.CommitStarted(before=wanted.before.number, after=wanted.after.number))
    converging = _Converging(session, opened, wanted, hooks)
    return await converging.carry_out(converging.back(None, data=wanted.data) if wanted.back else converging.forward())


async def _record(session: Session, opened: Opened, wanted: Goal) -> None:
    """Records the target generation and tags its images: the last step before the project changes."""
    if wanted.copies:
        if opened.release is not None:
            known_releases.remember(opened.state, opened.release)
        generation.write(opened.state, wanted.after, wanted.copies)
    tags = await record.keep(session, wanted.after)
    session.emit(e.GenerationSaved(generation=wanted.after.number, role="after", images=tags))


class _Converging:
    """One run in progress."""

    def __init__(self, session: Session, opened: Opened, wanted: Goal, hooks: Hooks) -> None:
        self._session = session
        self._opened = opened
        self._goal = wanted
        self._hooks = hooks
        self._executor: Executor | None = None
        self._way_back: WayBack | None = None
        """the rollback, if there was one"""
        self._logs = Logs(session, wanted.name)
        self._mover = Mover(session, opened.state, wanted.name, wanted.before.number)

    async def carry_out(self, way: Coroutine[object, object, e.Finished]) -> e.Finished:
        """Runs one direction to its end; after a rollback, checks the health of what runs.

        Raises `NeedsRecovery` if it cannot be completed, or if this process is terminated during it.
        """
        session = self._session
        finished = await session.unless_terminated(way)
        back = self._way_back
        if finished.outcome is Outcome.ROLLED_BACK and back is not None and back.executor is not None:
            look = diagnose.look_on(session, back.executor, self._logs, self._goal)
            with suppress(NeedsRecovery):  # the rollback is complete by then
                await session.unless_terminated(cleanup.tidy(session, look))
        if finished.outcome in (Outcome.KEPT, Outcome.ROLLED_BACK):
            await cleanup.tidy(session, self._tell_strangers())
        return finished

    async def _tell_strangers(self) -> None:
        """Reports containers outside the project whose shared container this run has replaced."""
        plan = self._goal.plan
        everything = await self._session.engine.containers()
        gone = plan.binding.containers.keys() - {container.id for container in everything}
        told = {loss.problem.container for loss in plan.losses if isinstance(loss.problem, ForeignFollower)}
        for container in everything:
            named = container.name in told and container.project != self._goal.name
            if gone.intersection(container.inside) or named:
                self._session.warn(namespaces.left(container))

    # --- forward ----------------------------------------------------------------------------------------------

    async def forward(self) -> e.Finished:
        """Executes the confirmed plan, watches the services, and keeps the generation or rolls back."""
        session, wanted = self._session, self._goal
        problem: Problem | None = None
        with session.offering(lambda: self._mover.ways_back() if wanted.way_back else ()):
            try:
                observed = await observe(session.engine, wanted.name)
                executor = self._executor = self._to(wanted.after, observed)
                await executor.execute(wanted.plan, self._check)
                executor.watch_also(wanted.services)
                problem = await executor.watch.gate(wanted.services, lambda: session.way_back is not None)
            except TurnedBack:
                pass  # handled below
            except Ws9tuiError as error:
                away = isinstance(error, EngineError)
                return await self._failed(error.problem if away else await self._behind(error.problem))
            except Exception as error:  # noqa: BLE001 - a fault of this program leaves no project half-way either
                traceback.print_exc()
                return await self._failed(InternalError(error=repr(error)))
        if session.way_back is not None:
            await self._save_logs()
            return await self.back(None, data=session.way_back is Choice.ROLL_BACK_DATA)
        if problem is not None:
            return await self._failed(await self._behind(problem))
        return await self._choose(executor)

    def _to(self, target: Generation, observed: Observed) -> Executor:
        session, plan = self._session, self._goal.plan
        forward = target.number == self._goal.after.number
        accepted, checks = (plan.accepted, plan.checks) if forward else ({}, ())
        rules = Rules(target, session.options, session.request.verb, plan.unwell, accepted, checks)
        return Executor(session, self._opened.state, rules, observed, self._mover, self._logs)

    async def _check(self, source: ProjectSource) -> None:
        """Compares the definition with the confirmed one once its files are in place, and records its hashes."""
        self._goal = await goal.defined(self._session, self._goal, source)
        after, state = self._goal.after, self._opened.state
        if after.number in generation.numbers(state) and not after.reached:
            generation.update(state, after)
        if self._goal.first is not None:
            await self._goal.first()

    async def _behind(self, problem: Problem) -> Problem:
        """Returns the root cause of a problem: a service often fails because one of its dependencies has failed.

        Compose names no service; its message about one that cannot start says less than why a dependency ended.
        """
        if self._executor is None:
            return problem
        watch = self._executor.watch
        with suppress(EngineError):
            await watch.look()
        service = self._goal.after.project.services.get(problem.facts.get("service", ""))
        if service is None:
            return watch.ended() or problem
        return next((found for name in service.before if (found := watch.ended(name))), problem)

    async def _choose(self, executor: Executor) -> e.Finished:
        """Asks whether to keep or roll back while watching continues; a timeout answers if nobody does."""
        session, watch = self._session, executor.watch
        within = session.options.confirm_within
        if not self._goal.way_back or (not session.attended and within is None):
            return await self._keep()
        ways_back = self._mover.ways_back()
        asking = asyncio.create_task(
            session.ask(
                Question.OUTCOME,
                (Choice.KEEP, *ways_back),
                Choice.KEEP if within is None else ways_back[0],
                seconds=within if within is not None else KEEP_DEADLINE,
                wait=True,
            )
        )
        watching = asyncio.create_task(watch.until(lambda: watch.failed() is not None))
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
                return await self._keep()
            return await self.back(None, data=choice is Choice.ROLL_BACK_DATA)
        error = watching.exception()
        problem = error.problem if isinstance(error, Ws9tuiError) else watch.failed()
        return await self._failed(problem or InternalError())

    # --- keep -------------------------------------------------------------------------------------------------

    async def _keep(self) -> e.Finished:
        """Keeps the new generation, then runs the hooks for a kept one."""
        finished = await self._kept()
        await self._hooks.after(self._goal.kept)
        return finished

    async def _kept(self) -> e.Finished:
        """Records the new generation as the one to roll back to later, and removes expired generations."""
        session, wanted, after = self._session, self._goal, self._goal.after
        try:
            reached = await record.reached(session, self._opened, after)
        except Ws9tuiError as error:  # what runs is what was confirmed, whether or not it can be recorded
            session.warn(error.problem)
            return e.Finished(outcome=Outcome.KEPT)
        if wanted.earlier:
            self._prove(reached)
        for name in wanted.services:
            was, now = after.services.get(name), reached.services.get(name)
            if was is not None and now is not None and was.config_hash not in ("", now.config_hash):
                session.warn(Drift(service=name), name)
        await cleanup.retain(session, self._opened, reached, wanted.before.number, wanted.keep_generations)
        return e.Finished(outcome=Outcome.KEPT)

    def _prove(self, reached: Generation) -> None:
        """Emits `RollbackVerified` if the services run the image IDs of the earlier generation."""
        target = self._goal.after
        wanted = {name: service for name, service in target.services.items() if service.image_id}
        runs = {name: service for name, service in reached.services.items() if not service.others}
        defined = [name for name in wanted if name in target.project.services]
        if all(name in runs and wanted[name].same_image(runs[name]) for name in defined):
            services = tuple(name for name in self._goal.plan.services if name in wanted)
            self._session.emit(e.RollbackVerified(to=target.number, services=services))

    # --- roll back --------------------------------------------------------------------------------------------

    async def _failed(self, problem: Problem) -> e.Finished:
        """Handles a failure after the commit began: saves the logs, then rolls back unless the operator holds it."""
        session = self._session
        await self._save_logs()
        session.tell(Finding(Level.BLOCKING, problem))
        if not self._goal.way_back:
            told = commands.recovery(session.place, back=False)
            return e.Finished(outcome=Outcome.NEEDS_RECOVERY, problem=problem, commands=told)
        ways_back = self._mover.ways_back()
        default = Choice.HOLD if self._on_failure() == "hold" else ways_back[0]
        decision = await session.ask(Question.FAILED, (*ways_back, Choice.HOLD), default, seconds=FAILED_DEADLINE)
        if decision.choice is Choice.HOLD:
            told = commands.recovery(session.place)
            return e.Finished(outcome=Outcome.NEEDS_RECOVERY, problem=problem, commands=told)
        return await self.back(problem, data=decision.choice is Choice.ROLL_BACK_DATA)

    def _on_failure(self) -> str:
        if self._session.options.on_failure:
            return self._session.options.on_failure
        models = (self._goal.after.project.services.get(name) for name in self._goal.services)
        return (
            "hold" if any(m is not None and m.failure_action in ("pause", "continue") for m in models) else "rollback"
        )

    async def _save_logs(self) -> None:
        """Saves the logs of what failed or was being recreated; an unreadable one blocks no rollback."""
        if self._executor is None:
            return
        watch = self._executor.watch
        ended = watch.ended()
        failed = watch.failed_services() or ([ended.service] if ended else [])
        try:
            await self._logs.save(failed or self._executor.wave, "failed")
        except Ws9tuiError as error:
            self._session.warn(error.problem)

    async def back(self, problem: Problem | None, *, data: bool = False) -> e.Finished:
        """Rolls back to the generation before, as `WayBack` does."""
        self._way_back = WayBack(self._session, self._opened, self._goal, self._mover, self._hooks, self._to)
        return await self._way_back.go(problem, data=data)
