"""Recovers an interrupted run: goes on to the generation that it went to, or back, or leaves all as it is."""

from __future__ import annotations

import msgspec

from ws9tui.core.commit.converge import converge, go_back
from ws9tui.core.commit.goal import Goal
from ws9tui.core.inspect import stops
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.runs import interrupted as runs
from ws9tui.core.runs.interrupted import Interrupted
from ws9tui.core.runs.rollback import roll_back
from ws9tui.core.session import DECISION_DEADLINE, Session
from ws9tui.errors import UsageError

_ASKED = {"back": Choice.BACK, "forward": Choice.FORWARD, "leave": Choice.LEAVE}
"""what the command line says → the choice"""


async def recover(session: Session, opened: Opened, interrupted: Interrupted) -> e.Finished:
    """Tells what is there, asks which way to go unless the command line says it, and goes it."""
    opened.announce(session, Verb.RECOVER)
    if session.options.no_data:
        runs.tell_without_data(session, interrupted)
        interrupted = runs.without_data(interrupted)
    observed = await stops.settled(session.engine, opened.source.name)
    runs.tell(session, interrupted, observed)
    runs.tell_data(session, interrupted, observed)
    choice = await _choice(session, interrupted)
    if choice is Choice.GO_BACK:
        return await roll_back(session, opened, interrupted, choose=True)
    if session.options.plan_only:
        if choice is not Choice.LEAVE:
            session.emit(e.Planned(plan=runs.plan(choice, interrupted, observed)))
        return e.Finished(outcome=Outcome.PLANNED)
    session.remember()
    if choice is Choice.LEAVE:
        runs.supersede(interrupted, opened.number)
        return e.Finished(outcome=Outcome.LEFT)
    session.ledger = interrupted.ledger
    session.commit(recovering=True)
    goal = Goal(
        interrupted.before,
        interrupted.after,
        interrupted.plan,
        session.options.keep_generations,
        scope=interrupted.plan.services,
        begun=True,
    )
    if choice is Choice.BACK:
        finished = await go_back(session, opened, goal, data=interrupted.data_back)
    else:
        plan = runs.plan(Choice.FORWARD, interrupted, observed)
        session.emit(e.Planned(plan=plan))
        finished = await converge(session, opened, msgspec.structs.replace(goal, plan=plan))
    if finished.outcome is not Outcome.NEEDS_RECOVERY:
        runs.settle(session, interrupted, opened.number)
    return finished


async def _choice(session: Session, interrupted: Interrupted) -> Choice:
    """Which way to go; without an operator the recommended one."""
    wanted = session.options.recover
    if wanted == "back" and interrupted.before.broken:
        raise UsageError("generation-broken", number=interrupted.before.number)
    if wanted:
        choice = _ASKED[wanted]
        session.emit(
            e.Decided(ask=0, question=Question.RECOVER, choice=choice, by="operator", actor=session.request.actor)
        )
        return choice
    default = Choice.CANCEL if session.attended else interrupted.event.recommended
    ways = (Choice.FORWARD,) if interrupted.before.broken else (Choice.BACK, Choice.FORWARD)
    choices = (*ways, Choice.LEAVE, Choice.GO_BACK, Choice.CANCEL)
    decision = await session.ask(Question.RECOVER, choices, default, seconds=DECISION_DEADLINE, cancels=True)
    return decision.choice
