"""Backs up a project to one file: stops its services, copies their data, and starts the same containers again.

Before the stop, all that is possible then is done: images are written to the file, files and definitions are read.
After the restart, the file is read back and compared, and then gets its final name. Whatever fails in between, the
containers are started again; if this process is killed, a recovery starts them.
"""

from __future__ import annotations

import asyncio
import os
import traceback
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ws9tui.core.commit import goal, hooks, pause, record
from ws9tui.core.commit.goal import Goal
from ws9tui.core.commit.hooks import Hooks
from ws9tui.core.commit.pause import Resumption, Waves
from ws9tui.core.data import inventory, save_plan
from ws9tui.core.data.inventory import Inventory
from ws9tui.core.data.save_writer import SaveWriter, unwritable
from ws9tui.core.data.saving import Saving
from ws9tui.core.fs import places
from ws9tui.core.fs.whole import whole
from ws9tui.core.images import resolve
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.model import commands
from ws9tui.core.model.hooks import BEFORE, When
from ws9tui.core.model.observed import PAUSED, Container
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.terms import Choice, Finding, Level, Outcome, Question, Verb
from ws9tui.core.runs import confirm
from ws9tui.core.session import Session
from ws9tui.core.store.generation import Generation
from ws9tui.errors import Refused, UsageError, Ws9tuiError
from ws9tui.problems import reasons_files
from ws9tui.problems.bundle import BundleExists, BundleIsFolder
from ws9tui.problems.engine import InternalError, OperatorCancelled
from ws9tui.problems.problem import Problem
from ws9tui.problems.saved import LeftOutLayer, SavedEdited, SavedInside, SavedNothing, SavedOrphan, SavedUnwritable


async def backup(session: Session, opened: Opened) -> e.Finished:
    """Backs up the project; raises what surveys raise, and `Refused` if the backup cannot be made."""
    opened.announce(session, Verb.BACKUP)
    return await _Backup(session, opened).run()


class _Backup:
    """The backup of one project."""

    def __init__(self, session: Session, opened: Opened) -> None:
        self._session = session
        self._opened = opened
        self._frozen: list[Container] = []
        """containers that the operator has paused: they stay paused, as a stop would lose their memory"""

    async def run(self) -> e.Finished:
        """Surveys the project, shows the plan, and carries it out."""
        session, opened = self._session, self._opened
        found = await session.cancellable(opened.survey(session))
        resolve.show(session, found)
        here = await session.cancellable(record.present(session, opened, found))
        taken = await session.cancellable(self._taken(found))
        if not taken.items or not any(found.containers.values()):
            raise UsageError(SavedNothing(project=opened.source.name))
        there = [c for entries in found.containers.values() for c in entries if c.running and not c.twin]
        running = [container for container in there if container.state != PAUSED]
        self._frozen = [container for container in there if container.state == PAUSED]
        order = pause.waves(found.project, running)
        self._choose_path()
        present = here.generation
        planned = await session.cancellable(save_plan.plan(session, found, opened.info, present, taken, order))
        if edited := [f.path for f in present.files if found.inputs.get(f.path, f.sha256) != f.sha256]:
            planned = msgspec.structs.replace(planned, notes=(*planned.notes, SavedEdited(files=", ".join(edited))))
        own = found.definition.hooks
        planned = hooks.planned(planned, own, found.containers, (*BEFORE, When.AFTER_ROLLBACK))
        session.emit(e.Planned(plan=planned))
        await self._possible(planned, taken)
        keys = {hook.key for hook in planned.hooks}
        for doubt in (hook.doubt for hook in own if hook.key in keys):
            if doubt is not None:
                raise Refused(doubt)
        if session.options.plan_only:
            return e.Finished(outcome=Outcome.PLANNED)
        await confirm.ask(session, Question.CONFIRM)
        await session.cancellable(goal.same_containers(session, found.source.name, planned.binding))
        session.remember()
        return await self._make(found, present, here.copies, taken, order, planned)

    async def _taken(self, found: Survey) -> Inventory:
        info = self._opened.info
        return await save_plan.sized(self._session, await inventory.take(self._session, found, info), info)

    def _choose_path(self) -> None:
        """Sets the path of the backup file: as given, else in the operator's working directory."""
        session = self._session
        if not session.options.output:
            stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            name = f"{self._opened.source.name}-{stamp}.ws9backup.tar"
            session.options = msgspec.structs.replace(session.options, output=f"{session.request.folder}/{name}")

    async def _possible(self, planned: Plan, taken: Inventory) -> None:
        """Raises `UsageError` or `Refused` if the backup could not be carried out."""
        session = self._session
        path = Path(session.options.output)
        if path.is_dir():
            raise UsageError(BundleIsFolder(path=str(path)))
        if path.exists() and not path.is_file():  # a file would take a device's place
            raise Refused(SavedUnwritable(path=str(path), reason=reasons_files.NotAFile()))
        if os.path.lexists(path) and not session.options.overwrite:
            raise UsageError(BundleExists(path=str(path)))
        if (reason := places.closed(path.parent)) is not None:
            raise Refused(SavedUnwritable(path=str(path), reason=reason))
        real = places.real(path)
        for item in taken.items:
            if item.target.type == "bind" and (real == item.path or real.startswith(f"{item.path}/")):
                raise UsageError(SavedInside(path=str(path), folder=item.path))
        if (problem := save_plan.no_room(planned)) is not None:
            raise Refused(problem)
        for refused in await session.engine.refused(["data"]):
            raise Refused(refused)

    # --- carrying it out ------------------------------------------------------------------------------------------

    async def _make(
        self,
        found: Survey,
        present: Generation,
        copies: dict[str, bytes],
        taken: Inventory,
        order: Waves,
        planned: Plan,
    ) -> e.Finished:
        """Stops, saves, starts and verifies; the file gets its final name only if all of it succeeds."""
        session, path = self._session, Path(self._session.options.output)
        target = msgspec.structs.replace(present, hooks=found.definition.hooks)
        own = Hooks(session, Goal(present, target, planned, keep_generations=0))
        try:
            with whole(path) as made:
                writer = SaveWriter(made, path)
                saving = Saving(session, self._opened, found, writer)
                notes = [*taken.left_out, *(n for n in planned.notes if isinstance(n, LeftOutLayer | SavedOrphan))]
                await session.cancellable(saving.prepare(present, copies, taken, notes))
                await own.commit(lambda: goal.same_containers(session, found.source.name, planned.binding))
                failure, unwell = await self._paused(saving, found, taken, order, planned)
                if unwell is None:
                    await own.after(When.AFTER_ROLLBACK)
                if failure is not None:
                    return self._ended(failure, unwell)
                return await self._published(saving, unwell)
        except OSError as error:
            raise unwritable(path, error) from error

    async def _paused(
        self, saving: Saving, found: Survey, taken: Inventory, order: Waves, planned: Plan
    ) -> tuple[Problem | None, Problem | None]:
        """Saves while the services are stopped; returns the failure, if any, and what is unhealthy afterwards."""
        session = self._session
        loop = asyncio.get_running_loop()
        began = loop.time()
        failure: Problem | None = None
        try:
            with session.offering(lambda: (Choice.ROLL_BACK,)):
                await session.unless_terminated(session.unless_unwanted(self._saved(saving, taken, order)))
        except Ws9tuiError as error:
            failure = error.problem
        except Exception as error:  # noqa: BLE001 - not even a bug of this program may leave services stopped
            traceback.print_exc()
            failure = InternalError(error=repr(error))
        resumption = Resumption(session, found.project, order, found.definition.settings, planned.unwell)
        unwell = await resumption.start()
        if unwell is None:
            session.emit(e.PauseEnded(seconds=round(loop.time() - began, 1)))
            unwell = await resumption.watched()
        return failure, unwell

    async def _saved(self, saving: Saving, taken: Inventory, order: Waves) -> None:
        await pause.begin(self._session, order)
        await saving.data(taken)
        await pause.still(self._session, order)
        await pause.still_paused(self._session, self._frozen)

    async def _published(self, saving: Saving, unwell: Problem | None) -> e.Finished:
        session, path = self._session, self._session.options.output
        try:
            saved, size, digest = await session.unless_terminated(saving.finish())
        except FileExistsError:
            return self._ended(BundleExists(path=path), unwell)
        except Ws9tuiError as error:
            return self._ended(error.problem, unwell)
        session.emit(e.SaveWritten(path=path, size=size, sha256=digest, data=saved.size))
        return self._ended(None, unwell)

    def _ended(self, failure: Problem | None, unwell: Problem | None) -> e.Finished:
        session = self._session
        if unwell is not None:
            for problem in (failure, unwell):
                if problem is not None:
                    session.tell(Finding(Level.BLOCKING, problem))
            told = commands.recovery(session.place, forward=False)
            return e.Finished(outcome=Outcome.NEEDS_RECOVERY, problem=unwell, commands=told)
        if failure is None:
            return e.Finished(outcome=Outcome.BACKED_UP)
        cancelled = isinstance(failure, OperatorCancelled)
        return e.Finished(outcome=Outcome.CANCELLED if cancelled else Outcome.UNCHANGED, problem=failure)
