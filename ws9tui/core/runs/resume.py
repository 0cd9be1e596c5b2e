"""Starts again what an interrupted backup has stopped: the same containers, as its journal lists them."""

from __future__ import annotations

import msgspec

from ws9tui.core.commit import cleanup, pause, record
from ws9tui.core.commit.goal import Goal
from ws9tui.core.commit.hooks import Hooks
from ws9tui.core.commit.pause import Resumption, Waves
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.journal import events as e
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model import commands
from ws9tui.core.model.hooks import When
from ws9tui.core.model.project import Project
from ws9tui.core.model.terms import Choice, Finding, Level, Outcome, Verb
from ws9tui.core.runs.interrupted import described, settle, way
from ws9tui.core.session import Session
from ws9tui.core.store.store import RunRecord


def find(session: Session, opened: Opened) -> RunRecord | None:
    """Returns the project's last run that paused it for a backup and has not started it again; None if none."""
    for run in session.store.runs_of(opened.home):
        state = run.state
        if state.pause is None or run.live or run.folder == session.folder:
            continue
        unwell = state.finished is not None and state.finished.outcome is Outcome.NEEDS_RECOVERY
        if (state.resumed is not None and not unwell) or state.superseded:
            return None
        return run
    return None


async def resume(session: Session, opened: Opened, halted: RunRecord) -> e.Finished:
    """Reports what is stopped, asks unless the command line decides, and starts the containers."""
    state = halted.state
    assert state.pause is not None  # noqa: S101 - `find` requires it
    order = state.pause.waves
    opened.announce(session, Verb.RECOVER)
    await _tell(session, halted, opened.source.name, order)
    choice = await way(session, (Choice.BACK, Choice.LEAVE), Choice.BACK)
    if session.options.plan_only:
        return e.Finished(outcome=Outcome.PLANNED)
    session.remember()
    if choice is Choice.LEAVE:
        settle(session, halted.folder, opened.number)
        return e.Finished(outcome=Outcome.LEFT)
    session.commit(recovering=True)
    session.emit(e.CommitStarted(before=0, after=0))
    unwell = state.plan.unwell if state.plan else {}
    resumption = Resumption(session, Project(opened.source, {}), order, {}, unwell)
    problem = await session.unless_terminated(resumption.start())
    if problem is None:
        problem = await session.unless_terminated(resumption.watched())
    if problem is not None:
        session.tell(Finding(Level.BLOCKING, problem))
        told = commands.recovery(session.place, forward=False)
        return e.Finished(outcome=Outcome.NEEDS_RECOVERY, problem=problem, commands=told)
    await cleanup.tidy(session, _run_hooks(session, opened, state))
    settle(session, halted.folder, opened.number)
    return e.Finished(outcome=Outcome.KEPT)


async def _run_hooks(session: Session, opened: Opened, state: RunState) -> None:
    """Runs the hooks that the backup was to run once its containers run again."""
    done = {row.finished.key for row in state.hooks if row.finished is not None}
    planned = state.plan.hooks if state.plan else ()
    left = tuple(hook for hook in planned if hook.when is When.AFTER_ROLLBACK and hook.key not in done)
    if not left or state.plan is None:
        return
    found = await opened.survey(session)
    present = (await record.present(session, opened, found)).generation
    target = msgspec.structs.replace(present, hooks=found.definition.hooks)
    plan = msgspec.structs.replace(state.plan, hooks=left)
    await Hooks(session, Goal(present, target, plan, keep_generations=0)).after(When.AFTER_ROLLBACK)


async def _tell(session: Session, halted: RunRecord, project: str, order: Waves) -> None:
    """Emits which run was interrupted, and the state of its services."""
    everything = [one for wave in order for one in wave]
    found = {one.id: await pause.present(session, project, order, one) for one in everything}
    idle = [one for one in everything if (there := found[one.id]) is None or not there.running]
    session.emit(described(halted, [f"start {one.name}" for one in idle], Choice.BACK))
    for name in dict.fromkeys(one.service for one in everything):
        mine = [one for one in everything if one.service == name]
        standing = "missing" if any(found[one.id] is None for one in mine) else "old"
        stopped = standing == "old" and any(one in idle for one in mine)
        session.emit(e.InterruptedService(service=name, state="stopped" if stopped else standing))
