"""Asks whether the plan is carried out: the last questions before the project changes."""

from __future__ import annotations

from pathlib import Path

from ws9tui.core.data import mounts
from ws9tui.core.data.plan import room_problem
from ws9tui.core.journal import data_state
from ws9tui.core.journal import events as e
from ws9tui.core.model.plan import Plan, choose, with_data
from ws9tui.core.model.terms import Choice, Finding, Level, Question
from ws9tui.core.session import DECISION_DEADLINE, Session
from ws9tui.errors import Refused

_CHOICES = (Choice.GO, Choice.CANCEL)


async def plan_of_update(session: Session, state: Path, made: Plan) -> Plan:
    """Shows the versions, then the plan, and goes on only when somebody says so (or `--yes` did).

    Gives the plan as it was confirmed, with the backups that were chosen.
    """
    left = mounts.not_agreed(made, session.options)
    if left is not None and not session.attended:
        raise Refused(left)
    default = Choice.CANCEL if session.attended else Choice.GO
    await session.ask(Question.VERSIONS, _CHOICES, default, seconds=DECISION_DEADLINE, cancels=True)
    made = await plan(session, state, made)
    if left is not None:
        await session.ask(Question.LOSS, _CHOICES, Choice.CANCEL, seconds=DECISION_DEADLINE, cancels=True)
    return made


async def plan(session: Session, state: Path, made: Plan) -> Plan:
    """Asks whether a plan is carried out, and gives it with the data that was chosen to be saved or brought back.

    Raises `Cancelled`, and `Refused` where there is no room for it and nobody to choose.
    """
    default = Choice.CANCEL if session.attended else Choice.GO
    while True:
        decision = await session.ask(Question.CONFIRM, _CHOICES, default, seconds=DECISION_DEADLINE, cancels=True)
        chosen = choose(made, decision.backups)
        chosen = with_data(chosen, data_state.forward(chosen, session.ledger.data))
        problem = room_problem(session, state, chosen)
        if problem is None:
            if chosen != made:
                session.emit(e.Planned(plan=chosen))
            return chosen
        if not session.attended:
            raise Refused(problem)
        session.emit(e.Found(finding=Finding(Level.WARNING, problem)))
