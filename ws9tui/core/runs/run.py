"""One run from its request to its end: which verb it is, and the phases of each."""

from __future__ import annotations

import asyncio

import msgspec

from ws9tui.core.commit.commit import Commit
from ws9tui.core.compose import locate
from ws9tui.core.fs import files
from ws9tui.core.images import offline
from ws9tui.core.images.resolve import views
from ws9tui.core.inspect import snapshot, staging, stops
from ws9tui.core.inspect.survey import Survey, observe
from ws9tui.core.inspect.trial import Draft, tried
from ws9tui.core.journal import events as e
from ws9tui.core.model import commands, release
from ws9tui.core.model.release import Release
from ws9tui.core.model.terms import Choice, Finding, Level, Outcome, Question, Verb
from ws9tui.core.releases import fetch, install, upgrade
from ws9tui.core.runs import ending, install_hints, preflight, recovery
from ws9tui.core.runs.adopt import adopt
from ws9tui.core.runs.opening import Opened, open_project
from ws9tui.core.runs.prepare import Preparation
from ws9tui.core.runs.recovery import Interrupted
from ws9tui.core.runs.rollback import Rollback
from ws9tui.core.runs.selection import InsteadError
from ws9tui.core.session import DECISION_DEADLINE, Session
from ws9tui.core.store import generation, known_releases
from ws9tui.core.store.generation import Generation
from ws9tui.errors import (
    ComposeError,
    NeedsRecovery,
    Refused,
    StateError,
    UsageError,
    Ws9tuiError,
)
from ws9tui.problems.engine import InterruptedRun, NothingToRecover
from ws9tui.problems.project import (
    AlreadyInstalled,
    FileNotUnderstood,
    ProjectNotRunning,
    ServiceUnknown,
    VariableUndefined,
)
from ws9tui.problems.run import GenerationBroken


async def run(session: Session) -> e.Finished:
    """Does what the request asks for and writes how it ended."""
    listening = asyncio.create_task(session.listen())
    try:
        finished = await Run(session).run()
    except Ws9tuiError as error:
        outcome = ending.outcome(error, begun=session.begun)
        problem, told = install_hints.explained(error.problem)
        finished = e.Finished(outcome=outcome, problem=problem, commands=told)
    finally:
        listening.cancel()
        await asyncio.wait({listening})
    session.emit(finished)
    return finished


class Run:
    """A run at work."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._told = False
        """which project it is"""

    async def run(self) -> e.Finished:
        """Opens the project and does the verb; the lock is held to the end."""
        opened = await self._session.cancellable(open_project(self._session))
        self._session.place = msgspec.structs.replace(self._session.place, source=opened.source)
        self._session.hold_open(opened.lock.descriptors)
        try:
            return await self._verb(opened)
        except NeedsRecovery as error:
            told = commands.recovery(self._session.place, data=error.data)
            return e.Finished(outcome=Outcome.NEEDS_RECOVERY, problem=error.problem, commands=told)
        except ComposeError:
            if not self._told:  # so that what is said of it names its files
                self._found(
                    opened, Verb.UPDATE if self._session.request.verb is Verb.WIZARD else self._session.request.verb
                )
            raise
        finally:
            opened.lock.release()

    async def _verb(self, opened: Opened) -> e.Finished:
        session = self._session
        asked = session.request.verb
        if asked is not Verb.DOCTOR:
            await recovery.clean_abandoned(session, opened)
        interrupted = recovery.find(session, opened)
        verb = asked
        if interrupted is not None and asked in (Verb.WIZARD, Verb.RECOVER):
            verb = Verb.RECOVER
        elif interrupted is not None and asked is not Verb.DOCTOR:
            raise Refused(InterruptedRun(run=interrupted.event.run, project=opened.source.name))
        elif asked is Verb.RECOVER and session.options.recover:
            raise UsageError(NothingToRecover(project=opened.source.name))
        if verb is Verb.RECOVER:
            if interrupted is None or session.options.to is not None:
                if interrupted is not None:
                    recovery.tell(session, interrupted, await observe(session.engine, opened.source.name))
                return await self._go_back(opened, interrupted, choose=True)
            self._found(opened, verb)
            return await self._recover(opened, interrupted)
        if verb is Verb.ROLLBACK:
            return await self._go_back(opened, choose=session.attended)
        if verb is Verb.ADOPT:
            return await self._adopt(opened)
        if verb is Verb.DOCTOR:
            self._found(opened, verb)
            return await preflight.doctor(session, opened)
        return await self._forward_or_instead(opened)

    async def _forward_or_instead(self, opened: Opened) -> e.Finished:
        while True:
            try:
                return await self._forward(opened)
            except InsteadError as instead:
                if instead.choice is Choice.ADOPT:
                    return await self._adopt(opened)
                if instead.choice is not Choice.RELEASE:
                    return await self._go_back(opened, choose=True)
                opened.release = instead.release

    async def _forward(self, opened: Opened) -> e.Finished:
        """An update or a first install; raises `InsteadError` where the operator wants something else."""
        session = self._session
        if opened.release is not None:
            return await self._release(opened, opened.release)
        try:
            found = await session.cancellable(opened.survey(session))
        except (UsageError, ComposeError) as error:
            typed = isinstance(error.problem, ServiceUnknown)
            if session.request.verb is Verb.WIZARD and session.attended and opened.generations and not typed:
                raise InsteadError(Choice.GO_BACK) from None  # broken files: what can be reached is shown
            raise
        empty = not any(found.containers.get(name) for name in found.project.services)
        if empty and session.request.verb is Verb.UPDATE:
            raise UsageError(ProjectNotRunning(project=opened.source.name, folder=locate.argument(opened.source)))
        if opened.installing and not empty:
            raise UsageError(AlreadyInstalled(project=opened.source.name))
        self._found(opened, Verb.INSTALL if empty else Verb.UPDATE, found.version)
        if empty:
            self._settled(opened)
        return await self._update(opened, found)

    async def _release(self, opened: Opened, coming: Release) -> e.Finished:
        """A first install from a release, or the upgrade of an installation to one."""
        session = self._session
        if opened.installing:
            return await self._install(opened, coming)
        found = await session.cancellable(opened.survey(session))
        if not any(found.containers.values()) and session.request.verb is Verb.UPDATE:
            raise UsageError(ProjectNotRunning(project=opened.source.name, folder=locate.argument(opened.source)))
        self._found(opened, Verb.UPDATE, found.version)
        upgrade.announce(session, coming, found, opened.old_release)
        installed = found.version or next((g.version for g in reversed(opened.generations) if g.version), "")
        known = opened.old_release
        old = release.texts(known) if known else known_releases.recall(opened.state, installed)
        upgraded = await session.cancellable(upgrade.merge(session, found, coming, old))
        draft = await session.cancellable(self._draft(opened, coming, upgraded, found))
        inputs = {**files.hashes(upgraded.contents), **found.inputs}
        found = msgspec.structs.replace(found, inputs=inputs, companions=draft.survey.companions)
        return await self._update(opened, found, draft)

    async def _install(self, opened: Opened, coming: Release) -> e.Finished:
        session = self._session
        contents = install.contents(coming, opened.source.folder, session.options.values)
        draft = await session.cancellable(self._draft(opened, coming, upgrade.Upgraded(contents, {}), None))
        if any(draft.survey.containers.get(name) for name in draft.survey.project.services):
            raise UsageError(AlreadyInstalled(project=opened.source.name))
        self._found(opened, Verb.INSTALL)
        session.emit(upgrade.release_found(coming, session.options.arguments[0], ""))
        self._settled(opened)
        finished = await self._update(opened, draft.survey, draft)
        if finished.outcome is not Outcome.KEPT:
            return finished
        return msgspec.structs.replace(finished, address=install.address(coming, contents, opened.source.folder))

    def _settled(self, opened: Opened) -> None:
        """Tells how it is installed, where a file of answers can say that."""
        options, source = self._session.options, opened.source
        if options.files or options.profiles or options.env_files:
            return
        given = options.arguments[0] if opened.installing and options.arguments else ""
        named = fetch.place(self._session, given) if given else source.folder
        self._session.emit(install.settled(options, named, source.name, opened.release, source.folder))

    async def _draft(
        self, opened: Opened, coming: Release, upgraded: upgrade.Upgraded, installed: Survey | None
    ) -> Draft:
        session = self._session
        return await tried(
            session.engine,
            session.compose,
            installed.source if installed else opened.source,
            upgraded.contents,
            session.folder,
            installed=installed,
            ran=[recorded for recorded in opened.generations if recorded.reached],
            shown=upgraded.lines,
            version=coming.version,
            versions=coming.services,
        )

    def _found(self, opened: Opened, verb: Verb, version: str = "") -> None:
        self._told = True
        generations = opened.generations
        source = msgspec.structs.replace(opened.source, environment=dict.fromkeys(opened.source.environment, ""))
        self._session.emit(
            e.ProjectFound(
                source=source,
                verb=verb,
                number=opened.number,
                generation=generations[-1].number if generations else 0,
                version=version or (generations[-1].version if generations else ""),
            )
        )

    # --- update and install -----------------------------------------------------------------------------------

    async def _update(self, opened: Opened, found: Survey, draft: Draft | None = None) -> e.Finished:
        session = self._session
        instead: list[Choice] = []
        if opened.generations:
            instead.append(Choice.GO_BACK)
        elif any(found.containers.values()):
            instead.append(Choice.ADOPT)
        if draft is None and found.version:  # an installation of a product that has releases
            instead.append(Choice.RELEASE)
        preparation = Preparation(
            session,
            opened.state,
            found,
            opened.info,
            opened.compose_version,
            opened.number,
            draft,
            archives=await session.cancellable(offline.read_archives(session.options.archives)),
            instead=tuple(instead),
        )
        committing = False
        try:
            result = await session.cancellable(self._prepare(opened, draft.survey if draft else found, preparation))
            if isinstance(result, e.Finished):
                return result
            commit, copies = result
            await session.cancellable(commit.recheck())
            session.commit()
            await self._begin(commit, copies, opened)
            committing = True
        finally:
            if not committing:
                await preparation.undo()
        return await commit.carry_out(commit.forward(lambda: self._reached(opened, commit.after)))

    async def _begin(self, commit: Commit, copies: dict[str, bytes], opened: Opened) -> None:
        try:
            if opened.release is not None:
                known_releases.remember(opened.state, opened.release)
            await commit.begin(copies)
        except Ws9tuiError:
            await commit.abandon()
            raise

    async def _prepare(
        self, opened: Opened, found: Survey, preparation: Preparation
    ) -> e.Finished | tuple[Commit, dict[str, bytes]]:
        session = self._session
        for name in found.undefined:
            undefined = VariableUndefined(variable=name, file=found.source.files[0])
            session.emit(e.Found(finding=Finding(Level.WARNING, undefined)))
        for unread in found.definition.unread.values():
            problem = FileNotUnderstood(file=unread.file, line=unread.line, reason=unread.reason)
            session.emit(e.Found(finding=Finding(Level.WARNING, problem)))
        entries = views(found, tuple(opened.asked))
        for view in entries:
            session.emit(e.ServiceObserved(service=view))
        chosen = await preparation.selection.select(entries, opened.asked)
        if chosen is None and preparation.writes:  # nothing but files that no container was made from
            chosen = {}
        if chosen is None:
            return e.Finished(outcome=Outcome.UP_TO_DATE)
        staged = await preparation.stage(chosen)
        present, copies = await preparation.present(opened.generations)
        downtime = opened.measured_downtime(session)
        if session.options.plan_only:
            known = await preparation.images.without_pull(chosen)
            known = await preparation.besides(staged, known, pull=False)
            planned = (await preparation.plan(staged, known, present, downtime)).plan
            refusal = await preflight.refusal(session, opened, found, tuple(chosen), planned)
            return e.Finished(outcome=Outcome.REFUSED if refusal else Outcome.PLANNED, problem=refusal)
        session.remember()
        await preflight.before_pull(session, opened, found, tuple(chosen), [edit.path for edit in staged.edits])
        await preparation.save_present(present, copies)
        wanted = await preparation.images.pull(chosen)
        wanted = await preparation.besides(staged, wanted)
        preparation.verify(wanted)
        prepared = await preparation.plan(staged, wanted, present, downtime)
        if not prepared.plan.operations:
            preparation.images.keep_names()
            session.forget()
            return e.Finished(outcome=Outcome.UP_TO_DATE)
        preflight.before_commit(opened, found, prepared.plan)
        plan = await preparation.confirm(prepared.plan)
        commit = Commit(
            session,
            opened.state,
            prepared.before,
            prepared.after,
            plan,
            preparation.images.taken,
            keep_generations=_keep(session, found),
        )
        return commit, prepared.copies

    async def _reached(self, opened: Opened, after: Generation) -> Generation:
        """Records the generation as it really runs now, which is what one comes back to later."""
        # An override file may have come or gone with it.
        source = msgspec.structs.replace(opened.source, files=after.source.files)
        found = await msgspec.structs.replace(opened, source=source).survey(self._session)
        inputs = {**files.hashes(after.companions), **found.inputs}
        found = msgspec.structs.replace(found, inputs=inputs, companions=after.companions)
        as_it_runs = await staging.as_running(self._session.compose, found, self._session.folder)
        reached, copies = snapshot.running(
            found, after.number, after.run, opened.info, opened.compose_version, as_it_runs
        )
        reached = msgspec.structs.replace(reached, run_id=after.run_id, keeper=after.keeper)
        reached = snapshot.with_origins(reached, after)
        generation.write(opened.state, reached, copies)
        return reached

    # --- other ways -------------------------------------------------------------------------------------------

    async def _go_back(self, opened: Opened, interrupted: Interrupted | None = None, *, choose: bool) -> e.Finished:
        self._found(opened, Verb.ROLLBACK)
        rollback = Rollback(self._session, opened, lambda target: self._reached(opened, target), interrupted)
        return await rollback.run(choose=choose)

    async def _adopt(self, opened: Opened) -> e.Finished:
        self._found(opened, Verb.ADOPT)
        return await adopt(self._session, opened)

    # --- recovery ---------------------------------------------------------------------------------------------

    async def _recover(self, opened: Opened, interrupted: Interrupted) -> e.Finished:
        session = self._session
        before, after = interrupted.before, interrupted.after
        if session.options.no_data:
            recovery.tell_without_data(session, interrupted)
            interrupted = recovery.without_data(interrupted)
        observed = await stops.settled(session.engine, opened.source.name)
        recovery.tell(session, interrupted, observed)
        recovery.tell_data(session, interrupted, observed)
        wanted = session.options.recover
        if wanted == "back" and before.broken:
            raise UsageError(GenerationBroken(number=before.number))
        if wanted:
            choice = {"back": Choice.BACK, "forward": Choice.FORWARD, "leave": Choice.LEAVE}[wanted]
            session.emit(
                e.Decided(ask=0, question=Question.RECOVER, choice=choice, by="operator", actor=session.request.actor)
            )
        else:
            recommended = interrupted.event.recommended
            default = Choice.CANCEL if session.attended else recommended
            ways = (Choice.FORWARD,) if before.broken else (Choice.BACK, Choice.FORWARD)
            choices = (*ways, Choice.LEAVE, Choice.GO_BACK, Choice.CANCEL)
            decision = await session.ask(Question.RECOVER, choices, default, seconds=DECISION_DEADLINE, cancels=True)
            choice = decision.choice
        if choice is Choice.GO_BACK:
            return await self._go_back(opened, interrupted, choose=True)
        if session.options.plan_only:
            if choice is not Choice.LEAVE:
                session.emit(e.Planned(plan=recovery.plan(choice, interrupted, observed)))
            return e.Finished(outcome=Outcome.PLANNED)
        session.remember()
        if choice is Choice.LEAVE:
            recovery.supersede(interrupted, opened.number)
            return e.Finished(outcome=Outcome.LEFT)
        session.commit(recovering=True)
        if choice is Choice.BACK:
            commit = Commit(
                session,
                opened.state,
                before,
                after,
                interrupted.plan,
                interrupted.taken,
                keep_generations=session.options.keep_generations,
                facts=interrupted.facts,
            )
            session.emit(e.CommitStarted(before=before.number, after=after.number))
            finished = await commit.carry_out(commit.back(None, data=interrupted.data_back))
        else:
            plan = recovery.plan(Choice.FORWARD, interrupted, observed)
            session.emit(e.Planned(plan=plan))
            commit = Commit(
                session,
                opened.state,
                before,
                after,
                plan,
                interrupted.taken,
                keep_generations=session.options.keep_generations,
                facts=interrupted.facts,
                scope=interrupted.plan.services,
            )
            finished = await commit.carry_out(commit.forward(lambda: self._reached(opened, after)))
        if finished.outcome is not Outcome.NEEDS_RECOVERY:
            self._supersede(opened, interrupted)
        return finished

    def _supersede(self, opened: Opened, interrupted: Interrupted) -> None:
        """Notes that the interrupted run has been dealt with; a full disk does not change how this one ended."""
        for room_left in (True, False):
            try:
                recovery.supersede(interrupted, opened.number)
            except StateError as error:
                self._session.close()
                if not room_left:
                    self._session.emit(e.Found(finding=Finding(Level.WARNING, error.problem)))
            else:
                return


def _keep(session: Session, found: Survey) -> int:
    """How many generations keep their images."""
    return found.definition.keep_generations or session.options.keep_generations
