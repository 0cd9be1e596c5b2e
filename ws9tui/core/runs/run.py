"""Runs one request to its end: dispatches the verb, and cleans up if the run fails."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec

from ws9tui.core.commit import cleanup
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import observe
from ws9tui.core.journal import events as e
from ws9tui.core.journal.ledger import Ledger
from ws9tui.core.model import commands
from ws9tui.core.model.terms import Choice, Finding, Level, Outcome, Verb
from ws9tui.core.runs import ending, install_hints, interrupted, preflight, resume
from ws9tui.core.runs.adopt import adopt
from ws9tui.core.runs.backup import backup
from ws9tui.core.runs.bundle import bundle
from ws9tui.core.runs.detect import detect
from ws9tui.core.runs.opening import open_engine, open_project
from ws9tui.core.runs.recovery import recover
from ws9tui.core.runs.restore import complete, restore
from ws9tui.core.runs.rollback import roll_back
from ws9tui.core.runs.selection import InsteadError
from ws9tui.core.runs.update import update
from ws9tui.core.session import Session
from ws9tui.errors import (
    ComposeError,
    EngineError,
    NeedsRecovery,
    Refused,
    UsageError,
    Ws9tuiError,
)
from ws9tui.problems.engine import CallRefused, InterruptedRun, NothingToRecover


async def run(session: Session) -> e.Finished:
    """Carries out the request, and emits and returns its outcome."""
    listening = asyncio.create_task(session.listen())
    try:
        finished = await _run(session)
    except Ws9tuiError as error:
        if isinstance(error.problem, CallRefused) and not session.begun:
            await _tell_refused(session)
        outcome = ending.outcome(error, begun=session.begun)
        problem, told = install_hints.explained(error.problem)
        finished = e.Finished(outcome=outcome, problem=problem, commands=told)
    finally:
        listening.cancel()
        await asyncio.wait({listening})
    session.emit(finished)
    return finished


async def _tell_refused(session: Session) -> None:
    """Reports all calls that a proxy before the engine refuses, if it refused one that every run needs."""
    with suppress(EngineError):
        for call in await session.engine.refused(["resolve"]):
            session.tell(Finding(Level.BLOCKING, call))


async def _run(session: Session) -> e.Finished:
    """Opens the project and carries out the verb; holds the lock to the end."""
    if session.request.verb is Verb.DETECT:
        info, _ = await session.cancellable(open_engine(session))
        return await session.cancellable(detect(session, info))
    opened = await session.cancellable(open_project(session))
    session.place = msgspec.structs.replace(session.place, source=opened.source)
    session.compose.keep_open = opened.lock.descriptors  # a Compose that outlives the run keeps the lock
    finished = None
    try:
        finished = await _verb(session, opened)
    except NeedsRecovery as error:
        told = commands.recovery(session.place, back=not session.one_way, data=error.data)
        return e.Finished(outcome=Outcome.NEEDS_RECOVERY, problem=error.problem, commands=told)
    except ComposeError:
        if not opened.announced:  # so that the error is reported with the project's files
            verb = session.request.verb
            opened.announce(session, Verb.UPDATE if verb is Verb.WIZARD else verb)
        raise
    finally:
        try:
            if not (session.ledger.committed or (finished and finished.outcome is Outcome.ADOPTED)):
                await cleanup.undo(session, opened)
        finally:
            opened.lock.release()
            if opened.saved is not None:
                opened.saved.close()
    return finished


async def _verb(session: Session, opened: Opened) -> e.Finished:
    asked = session.request.verb
    if asked is Verb.DOCTOR:
        opened.announce(session, asked)
        return await session.cancellable(preflight.doctor(session, opened))
    await cleanup.clean_abandoned(session, opened)
    finished = await _unfinished(session, opened)
    if finished is not None:
        return finished
    if asked is Verb.RECOVER:
        if session.options.recover:
            raise UsageError(NothingToRecover(project=opened.source.name))
        return await roll_back(session, opened, choose=True)
    if asked is Verb.ROLLBACK:
        return await roll_back(session, opened, choose=session.attended)
    others = {Verb.ADOPT: adopt, Verb.BUNDLE: bundle, Verb.BACKUP: backup, Verb.RESTORE: restore}
    return await others.get(asked, _update_or_instead)(session, opened)


async def _unfinished(session: Session, opened: Opened) -> e.Finished | None:
    """Handles a run that was interrupted during its commit or a backup's pause; None if there is none.

    Raises `Refused` if the requested verb does not deal with such a run.
    """
    asked = session.request.verb
    halted, begun = resume.find(session, opened), interrupted.find(session, opened)
    number = halted.number if halted else begun.event.run if begun else 0
    if not number:
        return None
    completes = begun is not None and begun.restoring and asked is Verb.RESTORE
    elsewhere = halted is not None and session.options.to is not None  # what a backup stopped is started first
    if elsewhere or (not completes and asked not in (Verb.WIZARD, Verb.RECOVER)):
        raise Refused(InterruptedRun(run=number, project=opened.source.name))
    if halted is not None:
        return await resume.resume(session, opened, halted)
    assert begun is not None  # noqa: S101 - it has a number
    if completes:
        return await restore(session, opened, begun)
    if session.options.to is not None:
        interrupted.tell(session, begun, await observe(session.engine, opened.source.name))
        return await roll_back(session, opened, begun, choose=True)
    return await (complete if begun.restoring else recover)(session, opened, begun)


async def _update_or_instead(session: Session, opened: Opened) -> e.Finished:
    while True:
        try:
            return await update(session, opened)
        except InsteadError as instead:
            await cleanup.undo(session, opened)  # the operator may have gone back after images were pulled
            session.ledger = Ledger()
            if instead.choice is Choice.ADOPT:
                return await adopt(session, opened)
            if instead.choice is not Choice.RELEASE:
                return await roll_back(session, opened, choose=True)
            opened.release = instead.release
