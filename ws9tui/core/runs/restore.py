"""Restores a project from its backup: data, files, and then its generation, by the commit that every run uses.

Nothing in the file is trusted before all of it was compared with its checksums. Existing data is never replaced
without consent, and data that differs is put aside first. A restore cannot be rolled back: what was there before may be
half a project, or another one. But all its operations can be repeated, so that the same command completes an
interrupted restore.
"""

from __future__ import annotations

from contextlib import suppress

import msgspec

from ws9tui.core.commit import record
from ws9tui.core.commit.back import back_plan
from ws9tui.core.commit.converge import converge
from ws9tui.core.commit.goal import Goal
from ws9tui.core.commit.loading import Loading
from ws9tui.core.commit.record import Present
from ws9tui.core.commit.restore import refuse_unwritable
from ws9tui.core.data import load_plan, save_reader
from ws9tui.core.fs import files
from ws9tui.core.images import offline, resolve
from ws9tui.core.images.archive import Archives
from ws9tui.core.images.fetch import Fetcher
from ws9tui.core.images.verify import platform_offered
from ws9tui.core.inspect import host, stops
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey, recalled
from ws9tui.core.journal import events as e
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import Image
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.terms import Choice, Finding, Level, Outcome, Question, Verb
from ws9tui.core.runs import confirm
from ws9tui.core.runs import interrupted as interrupted_runs
from ws9tui.core.runs.interrupted import Interrupted
from ws9tui.core.runs.prepare import keep_generations
from ws9tui.core.session import Session
from ws9tui.core.store import backup as backups
from ws9tui.core.store import generation, users
from ws9tui.core.store.generation import Generation, GenerationService
from ws9tui.core.store.saved import Saved
from ws9tui.core.store.saved_file import SavedFile
from ws9tui.errors import ComposeError, Refused, StateError, UsageError
from ws9tui.problems.project import NetworkMissing, PathMissing, VolumeMissing
from ws9tui.problems.saved import RestoreImageMissing, RestoreNoWayBack, RestoreOverwrites, SavedPlatform


async def restore(session: Session, opened: Opened, interrupted: Interrupted | None = None) -> e.Finished:
    """Restores the project; with ``interrupted`` completes that run, and settles it."""
    assert opened.saved is not None  # noqa: S101 - it was opened for this
    opened.announce(session, Verb.RESTORE)
    finished = await _Restore(session, opened, opened.saved, agreed=session.request.verb is not Verb.RESTORE).run()
    if interrupted is not None and finished.outcome is Outcome.RESTORED:
        interrupted_runs.settle(session, interrupted.folder, opened.number)
    return finished


async def complete(session: Session, opened: Opened, interrupted: Interrupted) -> e.Finished:
    """Recovers an interrupted restore: repeats it, or leaves all as it is."""
    opened.announce(session, Verb.RECOVER)
    session.emit(msgspec.structs.replace(interrupted.event, recommended=Choice.FORWARD))
    if session.options.recover == "back":
        raise UsageError(RestoreNoWayBack())
    choice = await interrupted_runs.way(session, (Choice.FORWARD, Choice.LEAVE), Choice.FORWARD)
    if choice is Choice.LEAVE:
        if session.options.plan_only:
            return e.Finished(outcome=Outcome.PLANNED)
        session.remember()
        interrupted_runs.supersede(interrupted.folder, opened.number)
        return e.Finished(outcome=Outcome.LEFT)
    opened.saved = await session.cancellable(save_reader.read(session, interrupted.plan.file))
    arguments = (interrupted.plan.file,)
    session.options = msgspec.structs.replace(session.options, arguments=arguments, overwrite=True)
    return await restore(session, opened, interrupted)


class _Restore:
    """The restore of one backup."""

    def __init__(self, session: Session, opened: Opened, file: SavedFile, *, agreed: bool) -> None:
        self._session = session
        self._opened = opened
        self._file = file
        self._saved: Saved = file.saved
        self._agreed = agreed
        """the restore was confirmed already, by the interrupted run"""

    async def run(self) -> e.Finished:
        """Surveys the project, shows the plan, fetches the images, and carries the plan out."""
        session, opened, saved = self._session, self._opened, self._saved
        session.emit(e.SaveRead(path=self._file.path, made_at=saved.made_at, host=saved.host, size=saved.size))
        if not platform_offered((saved.platform,), opened.info):
            told = SavedPlatform(path=self._file.path, platform=saved.platform, engine=opened.info.platform)
            raise Refused(told)
        known = await session.cancellable(recalled(session.engine, saved.generation))
        resolve.show(session, known)
        here, found = await session.cancellable(self._here(known))
        target = self._target(here.generation)
        plan = await session.cancellable(self._plan(target, here.generation, found))
        session.emit(e.Planned(plan=plan))
        await session.cancellable(self._possible(target, plan, found, known))
        if session.options.plan_only:
            return e.Finished(outcome=Outcome.PLANNED)
        overwrites = load_plan.in_the_way(plan)
        if overwrites and not (session.attended or session.options.overwrite or self._agreed):
            raise Refused(RestoreOverwrites(what=", ".join(overwrites), file=self._file.path))
        fetched = await session.cancellable(self._fetched(target))
        if fetched != target:
            target = fetched
            plan = await session.cancellable(self._plan(target, here.generation, found))
            session.emit(e.Planned(plan=plan))
        if not self._agreed:
            await confirm.ask(session, Question.CONFIRM)
        session.remember()
        return await self._carry_out(target, here, plan, found)

    # --- present and target ---------------------------------------------------------------------------------------

    async def _here(self, recalled_: Survey) -> tuple[Present, Survey]:
        """Returns the present state, surveyed by the project's own files, else by those of the backup."""
        session, opened = self._session, self._opened
        with suppress(UsageError, ComposeError, StateError):
            found = self._with_files(await opened.survey(session))
            return await record.present(session, opened, found), found
        found = self._with_files(recalled_)
        here = record.ruin(session, opened, found)
        if found.observed.containers or generation.numbers(opened.state):
            return here, found
        return Present(msgspec.structs.replace(here.generation, number=0, broken=False), here.copies), found

    def _with_files(self, found: Survey) -> Survey:
        """Adds the backup's files to the survey's inputs, so that what they replace is recorded."""
        stored = (*self._saved.generation.files, *self._saved.files)
        return msgspec.structs.replace(found, inputs={**files.hashes(one.path for one in stored), **found.inputs})

    def _target(self, here: Generation) -> Generation:
        """Returns the backup's generation: an equal one that is recorded already, else with the next number."""
        saved = self._saved.generation
        recorded = (entry for entry in self._opened.generations if entry.reached)
        known = next((entry for entry in recorded if entry.same_deployment(saved)), None)
        if known is not None:
            return known
        number = 1 + max((here.number, *generation.numbers(self._opened.state)))
        return msgspec.structs.replace(
            saved,
            number=number,
            run=self._opened.number,
            run_id=self._session.folder.name,
            keeper=users.keeper(),
            reached=True,
            pinned=False,
            before=0,
            hooks=(),
            notify=(),
        )

    async def _plan(self, target: Generation, present: Generation, found: Survey) -> Plan:
        """Returns the plan, from a fresh observation of the engine."""
        session, state = self._session, self._opened.state
        observed = await stops.settled(session.engine, found.source.name)
        plan = back_plan(target, present, observed, tuple(dict.fromkeys((*target.services, *present.services))))
        inputs = {stored.path: found.inputs.get(stored.path, "") for stored in target.files}
        plan = msgspec.structs.replace(plan, binding=msgspec.structs.replace(plan.binding, files=inputs))
        aside = str(backups.folder_for(state, ""))
        return await load_plan.with_data(session, plan, self._saved, observed, self._opened.info, aside)

    async def _possible(self, target: Generation, plan: Plan, found: Survey, known: Survey) -> None:
        """Raises `Refused` if the plan cannot be carried out; ``known`` is the survey by the backup's definition."""
        session, info = self._session, self._opened.info
        if not self._agreed:  # an interrupted restore may have emptied such a folder already: it stays possible
            load_plan.refuse_inside(session, self._saved, found.observed, info)
        await load_plan.refuse_impossible(session, self._saved, found.observed, info)
        refuse_unwritable(target)
        for problem in await session.engine.refused(["data", "make"]):
            raise Refused(problem)
        made = [op.subject for op in plan.of_containers if op.subject in target.project.services]
        async for finding in host.surroundings(session, known, made, local=info.local, makes_networks=False):
            if finding.level is Level.BLOCKING and not self._brings(finding):
                raise Refused(finding.problem)

    def _brings(self, finding: Finding) -> bool:
        """Whether the backup contains what the finding reports missing."""
        problem, saved = finding.problem, self._saved
        match problem:
            case NetworkMissing():
                return any(each.definition.name == problem.network for each in saved.networks)
            case VolumeMissing():
                return any(volume.name == problem.volume for volume in saved.volumes)
            case PathMissing():
                paths = [each.path for each in saved.parts] + [stored.path for stored in saved.files]
                return any(problem.path == path or problem.path.startswith(f"{path}/") for path in paths)
        return False

    # --- images ---------------------------------------------------------------------------------------------------

    async def _fetched(self, target: Generation) -> Generation:
        """Returns the generation with its images local: missing ones are loaded from archives, or pulled by digest.

        An engine with another image store has another ID for the same image.
        """
        session = self._session
        paths = (*((self._file.path,) if self._saved.images_inside else ()), *session.options.archives)
        archives = await offline.read_archives(paths)
        loads: dict[str, ServiceImage] = {}
        pulls: dict[str, ServiceImage] = {}
        for name, service in target.services.items():
            if name not in target.project.services or not service.image_id:
                continue
            if await session.engine.image(service.image_id) is not None:
                continue
            archived = archives.with_id(service.image_id) if archives else None
            if archived is not None:
                local = Image(service.image_id)
                loads[name] = ServiceImage(service.reference, service.digest, local, archive=archived.file)
            elif service.digest:
                pulls[name] = ServiceImage(service.reference, service.digest)
            else:
                raise Refused(RestoreImageMissing(image=service.reference, service=name))
        got: dict[str, ServiceImage] = {}
        for wanted, source in ((loads, archives), (pulls, None)):
            if wanted:
                got |= await self._fetcher(source).pull(wanted)
        services = target.services | {name: target.services[name].having(want) for name, want in got.items()}
        return msgspec.structs.replace(target, services=await self._with_used(target, services, archives))

    async def _with_used(
        self, target: Generation, services: dict[str, GenerationService], archives: Archives | None
    ) -> dict[str, GenerationService]:
        """Returns the services with the further images that they use (in hooks, as mounts) made local, too."""
        found: dict[str, GenerationService] = {}
        for name, service in services.items():
            used = dict(service.used)
            for reference, one in service.used.items() if name in target.project.services else ():
                if await self._session.engine.image(one.image_id) is not None:
                    continue
                inside = archives is not None and archives.with_id(one.image_id) is not None
                if not (inside or one.digest):
                    raise Refused(RestoreImageMissing(image=reference, service=name))
                used[reference] = await self._fetcher(archives if inside else None).beside(reference, one, name)
            found[name] = msgspec.structs.replace(service, used=used)
        return found

    def _fetcher(self, archives: Archives | None) -> Fetcher:
        return Fetcher(self._session, self._opened.source.name, self._opened.number, archives)

    # --- carrying it out ------------------------------------------------------------------------------------------

    async def _carry_out(self, target: Generation, here: Present, plan: Plan, found: Survey) -> e.Finished:
        session, opened = self._session, self._opened
        await record.save(session, opened, found, here)
        copies: dict[str, bytes] = {}
        if target.number not in generation.numbers(opened.state):
            copies = {stored.copy: self._file.content(stored.copy) for stored in target.files if stored.copy}
        before = msgspec.structs.replace(here.generation, broken=True)
        loading = Loading(session, opened.state, self._file, before, target, plan)
        kept = keep_generations(session, found)
        wanted = Goal(before, target, plan, kept, copies, first=loading.carry_out, earlier=True)
        finished = await converge(session, opened, wanted)
        if finished.outcome is Outcome.KEPT:
            return msgspec.structs.replace(finished, outcome=Outcome.RESTORED)
        return finished
