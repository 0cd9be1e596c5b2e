"""Goes to a recorded generation, whatever the present state: for rollback and manual recovery.

What runs now is recorded first, so that this step can be rolled back, too. If the project's files are gone or broken,
the last generation's definition is used instead: the present state is recorded as found, and as Compose could not
recreate it, a failure then leaves the chosen generation in place instead of going back.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress

import msgspec

from ws9tui.core.commit import hooks, record, restore
from ws9tui.core.commit.back import back_plan
from ws9tui.core.commit.converge import converge
from ws9tui.core.commit.goal import Goal
from ws9tui.core.commit.record import Present
from ws9tui.core.data import plan as data_plan
from ws9tui.core.images import offline, resolve
from ws9tui.core.images.archive import Archives
from ws9tui.core.images.fetch import Fetcher
from ws9tui.core.inspect import condition, entrusted, host, reach, stops, writable
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey, recalled
from ws9tui.core.journal import data_state
from ws9tui.core.journal import events as e
from ws9tui.core.model.hooks import BEFORE, When
from ws9tui.core.model.plan import Kind, Plan, with_data
from ws9tui.core.model.terms import Choice, Level, Outcome, Question, Reach, Verb
from ws9tui.core.ports import Needs
from ws9tui.core.runs import confirm, product, reachable, salvage
from ws9tui.core.runs import interrupted as interrupted_runs
from ws9tui.core.runs.interrupted import Interrupted
from ws9tui.core.runs.prepare import keep_generations
from ws9tui.core.session import Session, WentBack
from ws9tui.core.store import differences, generation
from ws9tui.core.store.generation import Generation
from ws9tui.errors import ComposeError, Refused, UsageError
from ws9tui.problems.engine import NothingToRecover
from ws9tui.problems.run import (
    BindMissing,
    FilesLost,
    GenerationBroken,
    GenerationOfOther,
    GenerationUnknown,
    NothingToRollBack,
)

_MAKES = (Kind.RECREATE, Kind.CREATE, Kind.PREPARE)


async def roll_back(
    session: Session, opened: Opened, interrupted: Interrupted | None = None, *, choose: bool
) -> e.Finished:
    """Goes to a recorded generation; with ``interrupted`` this replaces that run's recovery.

    With ``choose`` the operator chooses among the reachable generations, unless one was named.
    """
    opened.announce(session, Verb.ROLLBACK)
    planned = await _Rollback(session, opened, interrupted).prepare(choose=choose)
    if isinstance(planned, e.Finished):
        if interrupted is not None and planned.outcome is Outcome.UP_TO_DATE and not session.options.plan_only:
            session.remember()  # this run is what the interrupted one's journal names
            interrupted_runs.settle(session, interrupted.folder, opened.number)
        return planned
    finished = await converge(session, opened, planned)
    if interrupted is not None and finished.outcome is Outcome.KEPT:
        interrupted_runs.settle(session, interrupted.folder, opened.number)
    return finished


class _Rollback:
    """The prepare phase of a rollback: the target generation, and the plan that leads to it."""

    def __init__(self, session: Session, opened: Opened, interrupted: Interrupted | None) -> None:
        self._session = session
        self._opened = opened
        self._interrupted = interrupted
        self._lost = False
        """Compose cannot read the project's files"""
        self._recorded = False
        """what runs now is recorded"""

    async def prepare(self, *, choose: bool) -> e.Finished | Goal:
        """Returns the confirmed goal; or how the run ends without one."""
        session, opened = self._session, self._opened
        found = await session.cancellable(self._survey())
        resolve.show(session, found)
        choose = choose and session.options.to is None
        if not self._lost and (choose or not opened.generations):
            await salvage.from_keep_tags(session, opened, found)
        if choose or not opened.generations:
            for finding in opened.of_others():
                session.tell(finding)
        archives = await session.cancellable(offline.read_archives(session.options.archives))
        here = record.ruin(session, opened, found) if self._lost else await record.present(session, opened, found)
        present = here.generation
        if not choose:
            return await self._towards(self._named(present), here, found, archives)
        while True:
            target = await self._chosen(present, found, archives)
            with suppress(WentBack):
                return await session.walkable(self._towards(target, here, found, archives))

    async def _towards(
        self, target: Generation, here: Present, found: Survey, archives: Archives | None
    ) -> e.Finished | Goal:
        """Returns the confirmed goal for that generation; raises `WentBack` to choose another one."""
        session, opened, present = self._session, self._opened, here.generation
        if self._interrupted is not None and not session.options.no_data:
            # An unfinished restore is completed, whichever generation is chosen.
            same = target.number == self._interrupted.before.number
            unfinished = data_state.unfinished(self._interrupted.ledger.data, back=same)
            session.ledger = msgspec.structs.replace(session.ledger, data=unfinished)
        restore.refuse_unwritable(target)
        fetcher = Fetcher(session, found.source.name, opened.number, archives)
        await session.cancellable(fetcher.fetch(target, plan_only=session.options.plan_only))
        plan = await session.cancellable(self._plan(target, present, found))
        if not plan.operations:
            return e.Finished(outcome=Outcome.UP_TO_DATE)
        await session.cancellable(self._unobstructed(target, plan))
        if session.options.plan_only:
            await session.cancellable(data_plan.check_restores(opened.state, plan))
            return e.Finished(outcome=Outcome.PLANNED)
        session.remember()
        if not self._recorded:
            await record.save(session, opened, found, here)
            self._recorded = True
        plan = await session.cancellable(confirm.plan(session, opened.state, plan, local=opened.info.local))
        await session.cancellable(data_plan.check_restores(opened.state, plan))
        return Goal(present, target, plan, keep_generations(session, found), kept=When.AFTER_ROLLBACK, earlier=True)

    # --- present state ----------------------------------------------------------------------------------------

    async def _survey(self) -> Survey:
        """Surveys the project; by the last generation's definition if Compose cannot read the files."""
        try:
            return await self._opened.survey(self._session)
        except (UsageError, ComposeError) as error:
            usable = [recorded for recorded in self._opened.generations if not recorded.broken]
            if not usable:
                raise
            last = next((recorded for recorded in reversed(usable) if recorded.reached), usable[-1])
            self._lost = True
            self._session.tell_also(last.notify)
            for told in (error.problem, FilesLost(number=last.number)):
                self._session.warn(told)
            return await recalled(self._session.engine, last)

    # --- target generation ------------------------------------------------------------------------------------

    def _named(self, present: Generation) -> Generation:
        wanted = self._session.options.to
        if wanted is None:
            earlier = differences.previous(self._opened.generations, present)
            if earlier is None:
                raise UsageError(NothingToRollBack(project=self._opened.source.name))
            return earlier
        numbers = generation.numbers(self._opened.state)
        for user in (user for user, others in self._opened.home.others.items() if wanted in others):
            raise UsageError(GenerationOfOther(number=wanted, user=user))
        if wanted not in numbers:
            raise UsageError(GenerationUnknown(number=wanted, known=", ".join(str(n) for n in numbers)))
        target = generation.read(self._opened.state, wanted)
        if target.broken:
            raise UsageError(GenerationBroken(number=wanted))
        return target

    async def _chosen(self, present: Generation, found: Survey, archives: Archives | None) -> Generation:
        """Shows the reachable generations and asks for one; raises `UsageError` if nobody can be asked."""
        session = self._session
        known = {entry.number: entry for entry in self._opened.generations if not entry.empty}
        if not known:
            raise UsageError(NothingToRollBack(project=self._opened.source.name))
        numbers = tuple(str(number) for number in known)
        entries: dict[int, e.GenerationFound] = {}

        def tell(entry: e.GenerationFound) -> None:
            entries[entry.number] = entry
            session.emit(entry)

        state, before = self._opened.state, differences.previous(self._opened.generations, present)
        for one in known.values():
            usual = before is not None and one.number == before.number
            tell(
                await reachable.describe(session.engine, state, one, present, found.observed, archives, previous=usual)
            )
        checking = asyncio.create_task(reachable.check(session.engine, tuple(entries.values()), tell))
        try:
            if not session.attended:
                await checking
                raise UsageError(NothingToRecover(project=self._opened.source.name, known=", ".join(numbers)))
            choices = (Choice.GO, Choice.CANCEL)
            while True:
                asked = session.ask(Question.GENERATION, choices, Choice.CANCEL, options=numbers, cancels=True)
                number = (await asked).generation
                chosen = entries.get(number)
                if chosen is not None and chosen.reach not in (Reach.GONE, Reach.BROKEN):
                    return known[number]
                session.warn((chosen and chosen.problem) or GenerationUnknown(number=number))
        finally:
            checking.cancel()
            await asyncio.wait({checking})

    # --- plan --------------------------------------------------------------------------------------

    async def _plan(self, target: Generation, present: Generation, found: Survey) -> Plan:
        scope = tuple(dict.fromkeys((*target.services, *present.services)))
        observed = await stops.settled(self._session.engine, target.source.name)
        downtime = self._opened.measured_downtime(self._session)
        plan = back_plan(target, present, observed, scope, downtime=downtime)
        plan = msgspec.structs.replace(plan, one_way=present.broken)
        unwell = condition.unwell(plan.services, observed.containers, self._opened.info)
        codes = {name: "was-failed" for name, was in target.services.items() if was.state == "failed"}
        codes |= {problem.service: problem.code for problem in unwell}
        kept = writable.notes(operation.subject for operation in plan.operations if operation.kind is Kind.WRITE)
        checks = product.told_only(self._session, found.layout)
        notes = (*plan.notes, *reach.notes(self._opened.info), *unwell, *kept)
        plan = msgspec.structs.replace(plan, unwell=codes, checks=checks, notes=notes)
        inputs = {stored.path: found.inputs.get(stored.path, "") for stored in target.files} | found.inputs
        plan = msgspec.structs.replace(plan, binding=msgspec.structs.replace(plan.binding, files=inputs))
        plan = await data_plan.with_restores(self._session, self._opened.state, plan, target, observed.containers)
        plan = with_data(plan, data_state.forward(plan, self._session.ledger.data))
        self._session.show_hooks(target.hooks)
        plan = hooks.planned(plan, target.hooks, observed.containers, (*BEFORE, When.AFTER_ROLLBACK))
        doubts = [doubt for hook in target.hooks if (doubt := entrusted.skipped(hook, target.source)) is not None]
        plan = msgspec.structs.replace(plan, notes=(*plan.notes, *doubts))
        self._session.emit(e.Planned(plan=plan))
        return plan

    async def _unobstructed(self, target: Generation, plan: Plan) -> None:
        """Raises `Refused` if Compose could not carry out the plan: a missing network, a name or port that is taken.

        Bind mounts are not part of a generation: a missing source is only warned of.
        """
        made = [op.subject for op in plan.operations if op.kind in _MAKES and op.subject in target.project.services]
        if not made:
            return
        more: list[Needs] = ["data"] if plan.restored else []
        for call in await self._session.engine.refused(more):
            raise Refused(call)
        for name in made if self._opened.info.local else ():
            for path in target.project.services[name].binds:
                if not os.path.lexists(path):
                    self._session.warn(BindMissing(service=name, path=path), name)
        there = await recalled(self._session.engine, target)
        local = self._opened.info.local
        for placed in reach.findings(self._opened.info, there, made, str(self._session.store.folder)):
            if placed.level is Level.BLOCKING:
                raise Refused(placed.problem)
        async for finding in host.surroundings(self._session, there, made, local=local, makes_networks=False):
            if finding.level is Level.BLOCKING:
                raise Refused(finding.problem)
