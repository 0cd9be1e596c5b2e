"""Rolls back: converges to the generation before, from any state, and verifies it by image IDs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress

from ws9tui.core.commit import cleanup, diagnose, planner, record, restore
from ws9tui.core.commit.execute import Executor
from ws9tui.core.commit.goal import Goal
from ws9tui.core.commit.hooks import Hooks
from ws9tui.core.commit.watch import ENGINE_PATIENCE
from ws9tui.core.data.transfer import Mover
from ws9tui.core.images import load
from ws9tui.core.images.fetch import Fetcher
from ws9tui.core.inspect import host, stops
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import recalled
from ws9tui.core.journal import data_state
from ws9tui.core.journal import events as e
from ws9tui.core.model.hooks import When
from ws9tui.core.model.observed import Container, Observed
from ws9tui.core.model.plan import Plan, with_data
from ws9tui.core.model.terms import Outcome
from ws9tui.core.session import Session
from ws9tui.core.store.generation import Generation
from ws9tui.errors import EngineError, NeedsRecovery, Ws9tuiError
from ws9tui.problems.engine import ComposeFailed, EngineFailed
from ws9tui.problems.hanging import BackHookFailed, HookFailed
from ws9tui.problems.plan import FileRestored
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import RollbackFailed, RollbackImagesDiffer

BACK_DEADLINE = 60.0
"""seconds for services to start again after a rollback"""
BACK_PATIENCE = 30.0
"""seconds from the first failed attempt during which a rollback is retried, if the failure may be transient"""
_ATTEMPTS = 2
_RETRY_EVERY = 2.0
_LONGEST_PAUSE = 8.0
"""maximum seconds between two attempts; the first two are `_RETRY_EVERY` apart"""

To = Callable[[Generation, Observed], Executor]
"""creates the executor for a generation from an observation"""


class WayBack:
    """The rollback of a project, as a whole, from the generation after to the one before."""

    def __init__(self, session: Session, opened: Opened, goal: Goal, mover: Mover, hooks: Hooks, to: To) -> None:
        self._session = session
        self._opened = opened
        self._before = goal.before
        self._after = goal.after
        self._scope = goal.services
        self._unwell = goal.plan.unwell
        self._archives = goal.archives
        self._mover = mover
        self._hooks = hooks
        self._to = to
        self._name = goal.name
        self.executor: Executor | None = None
        """the executor of the last attempt, whose `watch` observes the services afterwards"""

    async def go(self, problem: Problem | None, *, data: bool = False) -> e.Finished:
        """Rolls back to the generation before, as a whole, and verifies it by the running image IDs.

        With ``data`` the data that this run saved is restored too; the present data is put aside first. Needs no
        network, unless somebody has removed an image meanwhile: then a second attempt pulls it by its digest, or loads
        it from the goal's archives. That attempt starts from what the first has left. More follow, for half a minute,
        if the engine refused something, which is often transient: a port still held by a dead daemon's helper, a name
        whose container is being removed. A hook that fails is not repeated, since its container runs by then; it is
        reported at the end.

        Raises `NeedsRecovery` if the generation cannot be reached.
        """
        self._session.emit(e.RollbackStarted(to=self._before.number, problem=problem, data=data))
        loop = asyncio.get_running_loop()
        end = 0.0
        attempts, patience = 0, 0.0
        hooks: dict[str, HookFailed] = {}
        while True:
            attempts += 1
            pause = min(_RETRY_EVERY**attempts, _LONGEST_PAUSE)
            away = may_pass = False
            try:
                if attempts > 1:
                    fetcher = Fetcher(self._session, self._name, self._before.number, self._archives)
                    await fetcher.fetch(self._before, self._scope)
                await self._converge_back(data=data)
                differing = await self._differences()
                if not differing:
                    break
                failure: Problem = RollbackImagesDiffer(services=", ".join(differing))
            except Ws9tuiError as error:
                failure = error.problem
                away = isinstance(error, EngineError) and error.away
                may_pass = isinstance(failure, ComposeFailed | EngineFailed | HookFailed)
                if isinstance(failure, HookFailed) and failure.service not in hooks:
                    hooks[failure.service] = failure
                    attempts = 0
                if away:  # wait for a daemon that restarts
                    attempts, pause = attempts - 1, _RETRY_EVERY
                    # Time that the engine spent working, as on copies of data, does not count.
                    end = max(end or loop.time() + ENGINE_PATIENCE, self._mover.ended + ENGINE_PATIENCE)
                else:
                    patience, end = patience or loop.time() + BACK_PATIENCE, 0.0
            given_up = not away and attempts >= _ATTEMPTS and not (may_pass and loop.time() < patience)
            if given_up or (away and loop.time() > end):
                failure = (isinstance(failure, ComposeFailed) and await self._lacking()) or failure
                await diagnose.tell_left(self._session, self._before, self._after, self._scope)
                left = bool(data_state.back(self._mover.facts, data=data))
                raise NeedsRecovery(RollbackFailed(cause=failure), data=left)
            await asyncio.sleep(pause)
        await cleanup.tidy(self._session, cleanup.rotate_backups(self._session, self._opened))
        services = tuple(name for name in self._scope if name in self._before.services)
        self._session.emit(e.RollbackVerified(to=self._before.number, services=services))
        for service, hook in hooks.items():
            self._session.warn(BackHookFailed(service=service, status=hook.status, reason=hook.reason), service)
        # As long as the generation after exists, a run killed here can be recovered.
        await self._hooks.after(When.AFTER_ROLLBACK)
        if self._archives is not None:  # an image that was loaded has no name yet that stays
            await cleanup.tidy(self._session, record.keep(self._session, self._before))
            await cleanup.tidy(self._session, load.let_go(self._session.engine, self._name, self._session.emit))
        await cleanup.tidy(self._session, cleanup.forget(self._session, self._opened, self._before, self._after))
        return e.Finished(outcome=Outcome.ROLLED_BACK, problem=problem)

    async def _lacking(self) -> Problem | None:
        """Returns the first problem that keeps the services from being created: missing or in the way."""
        with suppress(Ws9tuiError):
            there = await recalled(self._session.engine, self._before)
            local = (await self._session.engine.info()).local
            names = [name for name in self._scope if name in there.project.services]
            async for finding in host.lacking(self._session, there, names, local=local):
                return finding.problem
        return None

    async def _converge_back(self, *, data: bool) -> None:
        observed = await stops.settled(self._session.engine, self._name)
        plan = back_plan(self._before, self._after, observed, self._scope)
        plan = with_data(plan, data_state.back(self._mover.facts, data=data))
        self.executor = self._to(self._before, observed)
        watch = self.executor.watch
        await self.executor.execute(plan)
        loop = asyncio.get_running_loop()
        end = loop.time() + BACK_DEADLINE
        await watch.until(
            lambda: (
                loop.time() > end
                or all(seen.container is not None and seen.container.state != "created" for seen in watch.seen.values())
            )
        )
        left = await cleanup.leftovers(self._session, self._before)
        await self.executor.execute(Plan(plan.before, plan.after, left))

    async def _differences(self) -> list[str]:
        """Returns the services in scope that do not run what the generation records."""
        observed = await stops.settled(self._session.engine, self._name)
        return [
            name
            for name in self._scope
            if not self._is_back(name, observed.containers.get(name, []), observed.stopping)
        ]

    def _is_back(self, name: str, containers: Sequence[Container], stopping: Collection[str]) -> bool:
        was = self._before.services.get(name)
        if was is None or was.state == "absent":
            return not containers
        same = len(containers) >= max(was.replicas, 1) and all(was.runs_in(c) and not c.twin for c in containers)
        idle = was.state != "running" or name in self._unwell
        return same and (idle or any(c.running and c.id not in stopping for c in containers))


def back_plan(
    before: Generation,
    after: Generation,
    observed: Observed,
    scope: Sequence[str],
    *,
    downtime: Mapping[str, float] | None = None,
) -> Plan:
    """Returns the plan that leads to ``before``: its files, its tags, and the containers of the services in scope.

    ``downtime`` is what earlier runs have measured, in seconds.
    """
    changes = [
        planner.PlannedWrite(stored.path, FileRestored(file=stored.path), present)
        for stored in before.files
        if (present := restore.present(stored)) != stored.sha256
    ]
    return planner.make(before.project, before, after, observed, scope, changes, downtime=downtime)
