"""Asks whether the plan is carried out: the last questions before the project changes."""

from __future__ import annotations

from pathlib import Path

from ws9tui.core.data import mounts
from ws9tui.core.data.plan import room_problem
from ws9tui.core.journal import data_state
from ws9tui.core.journal import events as e
from ws9tui.core.model.plan import Plan, choose, with_data
from ws9tui.core.model.terms import Choice, Finding, Level, Question
from ws9tui.core.session import DECISION_DEADLINE, Session, WentBack
from ws9tui.errors import Refused

_CHOICES = (Choice.GO, Choice.CANCEL)
_AND_BACK = (Choice.GO, Choice.PREVIOUS, Choice.CANCEL)


async def plan_of_update(session: Session, state: Path, made: Plan, *, wait: bool) -> Plan:
    """Shows the versions, then the plan, and goes on only when somebody says so (or `--yes` did).

    Without ``wait`` there is nothing to decide about the versions, and nobody is asked about them. Gives the plan as it
    was confirmed, with the backups that were chosen; raises `WentBack` where the operator goes back further than here.
    """
    left = mounts.not_agreed(made, session.options)
    if left is not None and not session.attended:
        raise Refused(left)
    while True:
        if wait:
            await _ask(session, Question.VERSIONS)
        confirmed = await _confirmed(session, state, made, asks_loss=left is not None)
        if confirmed is not None:
            return confirmed
        if not wait:
            raise WentBack


async def _confirmed(session: Session, state: Path, made: Plan, *, asks_loss: bool) -> Plan | None:
    """The plan once it was agreed to, with all that it loses; None where the operator goes back from it."""
    while True:
        try:
            chosen = await plan(session, state, made, walks=session.walks)
        except WentBack:
            return None
        if not asks_loss:
            return chosen
        try:
            await _ask(session, Question.LOSS, Choice.CANCEL)
        except WentBack:
            made = chosen
        else:
            return chosen


async def _ask(session: Session, question: Question, default: Choice | None = None) -> None:
    """Asks whether it goes on; raises `Cancelled`, and `WentBack` for the step before."""
    decision = await session.ask(
        question,
        _AND_BACK if session.walks else _CHOICES,
        default or (Choice.CANCEL if session.attended else Choice.GO),
        seconds=DECISION_DEADLINE,
        cancels=True,
    )
    if decision.choice is Choice.PREVIOUS:
        raise WentBack


async def plan(session: Session, state: Path, made: Plan, *, walks: bool = False) -> Plan:
    """Asks whether a plan is carried out, and gives it with the data that was chosen to be saved or brought back.

    Raises `Cancelled`, with ``walks`` also `WentBack`, and `Refused` where there is no room for it and nobody to
    choose.
    """
    default = Choice.CANCEL if session.attended else Choice.GO
    choices = _AND_BACK if walks else _CHOICES
    while True:
        decision = await session.ask(Question.CONFIRM, choices, default, seconds=DECISION_DEADLINE, cancels=True)
        if decision.choice is Choice.PREVIOUS:
            raise WentBack
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
