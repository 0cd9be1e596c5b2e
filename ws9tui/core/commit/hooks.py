"""Runs a project's hooks: before the commit, where a failure can stop the run, and at its end, where it is reported.

The hooks are those of the target generation that the confirmed plan names. The start of each is journaled first. Before
the commit nothing is recovered: the next run starts over and runs those hooks again. After the commit a recovery runs
the hooks that have not finished, so a hook may run twice, but none is skipped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

import msgspec

from ws9tui.core.commit.goal import Goal
from ws9tui.core.inspect import entrusted
from ws9tui.core.inspect.survey import containers_of
from ws9tui.core.journal import events as e
from ws9tui.core.model.hooks import BEFORE, Hook, Ran, When, process_mark
from ws9tui.core.model.observed import Container
from ws9tui.core.model.plan import Kind, Plan
from ws9tui.core.session import Session
from ws9tui.errors import EngineError, Refused, Ws9tuiError
from ws9tui.problems.hooks import (
    HookCutShort,
    HookEndless,
    HookFailedToStart,
    HookProblem,
    HookStatus,
    HookWithoutBackup,
    HookWithoutContainer,
)
from ws9tui.problems.problem import Problem, reason_of

LINES = 20
"""lines of a hook's output that are kept"""
_WIDTH = 500
_GONE = (Kind.REMOVE, Kind.STOP)
_IDLE = (*_GONE, Kind.PREPARE)


def planned(
    plan: Plan, hooks: Iterable[Hook], containers: Mapping[str, Sequence[Container]], whens: Iterable[When]
) -> Plan:
    """Returns the plan with the hooks that it will run, and with notes on those that it will not.

    A hook of the whole project belongs to every plan, a service's hook to those that touch the service.
    """
    gone = {op.subject for op in plan.of_containers if op.kind in _GONE}
    idle = {op.subject for op in plan.of_containers if op.kind in _IDLE}
    found, notes = [], list(plan.notes)
    for hook in hooks:
        touched = not hook.service or hook.service in plan.services
        if hook.when not in whens or not touched or (hook.service in gone and hook.when not in BEFORE):
            continue
        runs = any(container.running for container in containers.get(hook.service, ()))
        if not hook.host and (hook.service in idle or (hook.when in BEFORE and not runs)):
            notes.append(HookWithoutContainer(when=hook.when, service=hook.service))
        elif not hook.host and hook.when is When.AFTER_ROLLBACK and plan.before == 0:
            continue  # nothing runs then
        elif hook.when is When.DUMP and hook.service and hook.service not in plan.candidates and not plan.saves_all:
            notes.append(HookWithoutBackup(when=hook.when, service=hook.service))
        else:
            found.append(hook.for_plan)
    order = list(When)
    found.sort(key=lambda hook: order.index(hook.when))
    return msgspec.structs.replace(plan, hooks=tuple(found), notes=tuple(notes))


class Hooks:
    """The hooks of one run."""

    def __init__(self, session: Session, goal: Goal) -> None:
        self._session = session
        self._goal = goal
        session.show_hooks(goal.after.hooks)
        keys = {hook.key for hook in goal.plan.hooks if goal.plan.runs(hook)}
        self._hooks = [hook for hook in goal.after.hooks if hook.key in keys]
        self._begun = False
        """whether a hook before the commit was started"""

    async def commit(self, recheck: Callable[[], Coroutine[object, object, None]]) -> None:
        """Runs the hooks before the commit, and begins the commit if everything is still as it was confirmed.

        Raises `Refused` and `Cancelled`. If a hook was started by then, the hooks for after a rollback run first.
        """
        session = self._session
        try:
            if self._of(*BEFORE):
                await session.cancellable(self._before())
                await session.cancellable(recheck())
            session.commit()
        except Ws9tuiError:
            await self.undo()
            raise

    async def undo(self) -> None:
        """Runs the hooks for after a rollback if a hook before the commit was started, and nothing was changed."""
        if self._begun:
            await self.after(When.AFTER_ROLLBACK)

    async def _before(self) -> None:
        """Raises `Refused` if a hook fails that may stop the run; on the way to an earlier generation none may."""
        for hook in self._of(*BEFORE):
            self._begun = True
            problem = await self._run(hook)
            if problem is None:
                continue
            if not (hook.warns or self._goal.earlier):
                raise Refused(problem)
            self._session.warn(problem, hook.service)

    async def after(self, when: When) -> None:
        """Runs the hooks for one kind of end; failures are reported."""
        done = self._session.ledger.hooks if self._goal.begun else ()
        for hook in self._of(when):
            if hook.key not in done and (problem := await self._run(hook)) is not None:
                self._session.warn(problem, hook.service)

    def _of(self, *whens: When) -> list[Hook]:
        return [hook for when in whens for hook in self._hooks if hook.when is when]

    async def _run(self, hook: Hook) -> Problem | None:
        """Runs one hook; returns its problem, if any."""
        if (problem := self._doubt(hook)) is not None:
            return problem
        try:
            container = None if hook.host else await self._container(hook.service)
        except Ws9tuiError as error:
            return error.problem
        if container is None and not hook.host:
            return HookWithoutContainer(when=hook.when, service=hook.service)
        self._session.emit(
            e.HookStarted(
                when=hook.when,
                service=hook.service,
                host=hook.host,
                container=container.name if container else "",
                seconds=hook.seconds,
                written=hook.written,
            )
        )
        loop = asyncio.get_running_loop()
        began = loop.time()
        ran = Ran()
        problem = HookCutShort(when=hook.when.value, service=hook.service, inside=_inside(hook))
        try:
            ran = await (self._inside(hook, container.id) if container else self._here(hook))
            problem = self._problem(hook, ran)
        finally:
            lines = tuple(line[:_WIDTH] for line in ran.output.rstrip().splitlines()[-LINES:])
            self._session.emit(
                e.HookFinished(
                    when=hook.when,
                    service=hook.service,
                    host=hook.host,
                    seconds=round(loop.time() - began, 2),
                    status=ran.status,
                    tail=lines,
                    problem=problem,
                )
            )
        return problem

    def _doubt(self, hook: Hook) -> Problem | None:
        """Returns why a hook is not run on this machine; a recorded hook that is skipped never blocks a rollback."""
        source = self._goal.after.source
        recorded = self._goal.earlier or self._goal.begun
        return entrusted.skipped(hook, source) if recorded else entrusted.doubt(hook, source)

    @staticmethod
    def _problem(hook: Hook, ran: Ran) -> HookProblem | None:
        if ran.reason:
            return HookFailedToStart(when=hook.when.value, service=hook.service, reason=ran.reason)
        if ran.status is None:
            return HookEndless(when=hook.when.value, service=hook.service, seconds=hook.seconds, inside=_inside(hook))
        if ran.status == 0:
            return None
        said = next((line for line in reversed(ran.output.splitlines()) if line.strip()), "")
        return HookStatus(when=hook.when.value, service=hook.service, status=ran.status, said=said[:_WIDTH].strip())

    async def _container(self, service: str) -> Container | None:
        """Returns the container to run the hook in: the service's first running one."""
        found = await containers_of(self._session.engine, self._goal.name)
        return next((one for one in found.get(service, ()) if one.state == "running" and not one.twin), None)

    async def _inside(self, hook: Hook, container_id: str) -> Ran:
        try:
            status, output = await self._session.engine.execute(
                container_id, hook.command, within=hook.seconds, to_the_end=True
            )
        except EngineError as error:
            return Ran(reason=reason_of(error.problem) or error.problem.code)
        return Ran(status, output)

    async def _here(self, hook: Hook) -> Ran:
        session, goal = self._session, self._goal
        environment = {
            "WS9TUI_HOOK": hook.when.value,
            "WS9TUI_PROJECT": goal.name,
            "WS9TUI_SERVICE": hook.service,
            "WS9TUI_RUN": session.folder.name,
            "WS9TUI_BEFORE": str(goal.before.number),
            "WS9TUI_AFTER": str(goal.after.number),
        }
        return await session.programs.run(
            hook.command,
            folder=goal.after.source.folder,
            environment=environment,
            within=hook.seconds,
            mark=process_mark(session.folder.name, hook.key),
        )


def _inside(hook: Hook) -> str:
    return "" if hook.host else "yes"
