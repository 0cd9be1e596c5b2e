"""Recovers an interrupted run: completes it, rolls it back, or leaves all as it is."""

from __future__ import annotations

import msgspec

from ws9tui.core.commit import cleanup
from ws9tui.core.commit.converge import converge
from ws9tui.core.commit.goal import Goal
from ws9tui.core.images import offline
from ws9tui.core.inspect import stops
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Observed
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.terms import Choice, Outcome, Verb
from ws9tui.core.runs import interrupted as runs
from ws9tui.core.runs.interrupted import Interrupted
from ws9tui.core.runs.rollback import roll_back
from ws9tui.core.session import Session
from ws9tui.errors import UsageError
from ws9tui.problems.run import GenerationBroken


async def recover(session: Session, opened: Opened, interrupted: Interrupted) -> e.Finished:
    """Reports the state, asks for the direction unless the command line gives it, and carries it out."""
    opened.announce(session, Verb.RECOVER)
    session.tell_also(interrupted.after.notify)
    session.show_hooks(interrupted.after.hooks)
    if session.options.no_data:
        interrupted = runs.without_data(session, interrupted)
    observed = await stops.settled(session.engine, opened.source.name)
    runs.tell(session, interrupted, observed)
    runs.tell_data(session, interrupted, observed)
    choice = await _choice(session, interrupted)
    if choice is Choice.GO_BACK:
        return await roll_back(session, opened, interrupted, choose=True)
    archives = await session.cancellable(offline.read_archives(session.options.archives))
    session.ledger = interrupted.ledger
    if session.options.plan_only:
        if choice is not Choice.LEAVE:
            session.emit(e.Planned(plan=await _plan(session, choice, interrupted, observed)))
        return e.Finished(outcome=Outcome.PLANNED)
    session.remember()
    if choice is Choice.LEAVE:
        runs.supersede(interrupted.folder, opened.number)
        return e.Finished(outcome=Outcome.LEFT)
    session.commit(recovering=True)
    plan, back = interrupted.plan, choice is Choice.BACK
    if not back:
        plan = runs.plan(choice, interrupted, observed)
        session.emit(e.Planned(plan=plan))
    goal = Goal(
        interrupted.before,
        interrupted.after,
        plan,
        session.options.keep_generations,
        scope=interrupted.plan.services,
        begun=True,
        back=back,
        kept=interrupted.kept,
        data=back and interrupted.data_back,
        archives=archives,
    )
    finished = await converge(session, opened, goal)
    if finished.outcome is not Outcome.NEEDS_RECOVERY:
        runs.settle(session, interrupted.folder, opened.number)
    return finished


async def _plan(session: Session, choice: Choice, interrupted: Interrupted, observed: Observed) -> Plan:
    """Returns the plan of a direction; for a rollback with the removals at its end."""
    made = runs.plan(choice, interrupted, observed)
    if choice is not Choice.BACK:
        return made
    going = {container.id for name in made.services for container in observed.containers.get(name, ())}
    left = await cleanup.leftovers(session, interrupted.before, going)
    return msgspec.structs.replace(made, operations=(*made.operations, *left))


async def _choice(session: Session, interrupted: Interrupted) -> Choice:
    """Returns the chosen direction; without an operator the recommended one."""
    if session.options.recover == "back" and interrupted.before.broken:
        raise UsageError(GenerationBroken(number=interrupted.before.number))
    ways = (Choice.FORWARD,) if interrupted.before.broken else (Choice.BACK, Choice.FORWARD)
    return await runs.way(session, (*ways, Choice.LEAVE, Choice.GO_BACK), interrupted.event.recommended)
