"""Asks for confirmation of the plan: the last questions before the project changes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ws9tui.core.data import mounts
from ws9tui.core.data.plan import room_problem
from ws9tui.core.journal import data_state
from ws9tui.core.journal import events as e
from ws9tui.core.model.plan import Plan, choose, with_data
from ws9tui.core.model.terms import Choice, Question
from ws9tui.core.session import Session, WentBack
from ws9tui.errors import Refused


async def plan_of_update(session: Session, state: Path, made: Plan, *, wait: bool, local: bool) -> Plan:
    """Shows the versions, then the plan, and returns once the operator (or `--yes`) confirms.

    Without ``wait`` there is nothing to decide about the versions, so that question is skipped. ``local`` tells whether
    the engine's paths are this program's. Returns the plan as confirmed, with the chosen backups; raises `WentBack` if
    the operator goes back to an earlier step.
    """
    left = mounts.not_agreed(made, session.options)
    if left is not None and not session.attended:
        raise Refused(left)
    while True:
        if wait:
            await ask(session, Question.VERSIONS)
        with suppress(WentBack):
            return await _confirmed(session, state, made, asks_loss=left is not None, local=local)
        if not wait:
            raise WentBack


async def _confirmed(session: Session, state: Path, made: Plan, *, asks_loss: bool, local: bool) -> Plan:
    """Returns the plan once it and its losses are accepted; raises `WentBack` if the operator goes back."""
    while True:
        made = await plan(session, state, made, local=local)
        if not asks_loss:
            return made
        with suppress(WentBack):
            await ask(session, Question.LOSS, Choice.CANCEL)
            return made


async def ask(session: Session, question: Question, default: Choice | None = None) -> e.Decision:
    """Asks whether to continue; raises `Cancelled`, and `WentBack` for the previous step."""
    back = (Choice.PREVIOUS,) if session.walks else ()
    default = default or (Choice.CANCEL if session.attended else Choice.GO)
    decision = await session.ask(question, (Choice.GO, *back, Choice.CANCEL), default, cancels=True)
    if decision.choice is Choice.PREVIOUS:
        raise WentBack
    return decision


async def plan(session: Session, state: Path, made: Plan, *, local: bool) -> Plan:
    """Asks whether a plan is carried out, and returns the plan with the data chosen to be saved or restored.

    Raises `Cancelled`, `WentBack`, and `Refused` if the backups cannot be kept and there is nobody to ask.
    """
    while True:
        decision = await ask(session, Question.CONFIRM)
        chosen = choose(made, decision.backups)
        chosen = with_data(chosen, data_state.forward(chosen, session.ledger.data))
        problem = room_problem(session, state, chosen, local=local)
        if problem is None:
            if chosen != made:
                session.emit(e.Planned(plan=chosen))
            return chosen
        if not session.attended:
            raise Refused(problem)
        session.warn(problem)
