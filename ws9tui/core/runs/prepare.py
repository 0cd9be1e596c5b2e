"""Prepare, the first phase: select, pull, check, plan, ask. Until it ends nothing of the project has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.commit import planner, retention
from ws9tui.core.data import mounts
from ws9tui.core.data import plan as data_plan
from ws9tui.core.images import pull, verify
from ws9tui.core.images.archive import Archives
from ws9tui.core.images.fetch import Fetcher
from ws9tui.core.inspect import condition, snapshot, staging, writable
from ws9tui.core.inspect.staging import Staged
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.inspect.trial import Draft
from ws9tui.core.journal import events as e
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import Container, EngineInfo, Observed
from ws9tui.core.model.plan import Kind, Loss, Plan
from ws9tui.core.model.project import Service
from ws9tui.core.model.terms import Choice, Finding, Level, Question
from ws9tui.core.releases import install
from ws9tui.core.runs.selection import Selection
from ws9tui.core.session import DECISION_DEADLINE, Session
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation
from ws9tui.errors import EngineError, Refused, Ws9tuiError
from ws9tui.problems.plan import (
    AnonymousVolume,
    ComposeVersionChanged,
    ComposeVersionDiffers,
    DefinitionEdited,
    OwnLayerFiles,
    ReferenceEdited,
)
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import DefinitionChanged
from ws9tui.problems.run import AdoptedDefinition, RunningImageGone
from ws9tui.problems.upgrade import FileOfRelease

LEFT = "left"
"""file in a run's folder: it could not take back all that it had brought"""
UNDO_PATIENCE = 30.0
"""seconds that an engine may be away while a run takes back what it brought"""
_RETRY_EVERY = 2.0
_SHOWN_PATHS = 20


class Prepared(msgspec.Struct, frozen=True):
    """What the commit needs."""

    plan: Plan
    before: Generation
    after: Generation
    copies: dict[str, bytes]
    """contents of the after generation's files by copy name"""
    wanted: dict[str, ServiceImage]


class Preparation:
    """The first phase of one run; `undo` takes back all that it brought."""

    def __init__(
        self,
        session: Session,
        state: Path,
        found: Survey,
        info: EngineInfo,
        compose_version: str,
        run: int,
        draft: Draft | None = None,
        *,
        archives: Archives | None = None,
        instead: tuple[Choice, ...] = (),
    ) -> None:
        self._session = session
        self._state = state
        self._installed = found
        self._draft = draft
        self._found = draft.survey if draft else found
        """the project as it will be; without a draft as it is, but for edited references"""
        self._info = info
        self._compose_version = compose_version
        self._run = run
        self._edited: list[str] = []
        """services whose definition was edited since their containers were made"""
        self._saved: Generation | None = None
        """a generation that this run recorded for what runs now"""
        self.keep_tags: list[str] = []
        self._archives = archives
        self.selection = Selection(session, self._found, info, archives, instead)
        self.images = Fetcher(session, found.source.name, run, archives)

    @property
    def writes(self) -> bool:
        """Whether a release brings files that are not as the installation has them."""
        return self._draft is not None and bool(self._draft.staged.edits)

    async def undo(self) -> None:
        """Takes back the images, keep tags and the record that this run made; nothing else.

        An engine that restarts is waited for; what it does not let be taken back is left to the next run.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + UNDO_PATIENCE
        while True:
            try:
                await self._take_back()
            except Ws9tuiError as error:  # why the run ends is more important than what it could not tidy up
                if isinstance(error, EngineError) and loop.time() < end:
                    await asyncio.sleep(_RETRY_EVERY)
                    continue
                with suppress(OSError):
                    (self._session.folder / LEFT).touch(mode=0o600)
                self._warn(error)
            return

    async def _take_back(self) -> None:
        engine, emit = self._session.engine, self._session.emit
        await pull.take_back(engine, self.images.taken, emit)
        await pull.remove_nameless(engine, self._session.folder, emit)
        for tag in self.keep_tags:
            await self._session.engine.untag(tag)
            self._session.emit(e.Removed(kind="keep-tag", subject=tag))
        if self._saved is not None:
            generation.remove(self._state, self._saved.number)

    def _warn(self, error: Ws9tuiError) -> None:
        self._session.emit(e.Found(finding=Finding(Level.WARNING, error.problem)))

    # --- what runs now ----------------------------------------------------------------------------------------

    async def present(self, recorded: Sequence[Generation]) -> tuple[Generation, dict[str, bytes]]:
        """The generation that runs now: a recorded one where nothing differs, else a new record with its contents."""
        found = self._installed
        as_it_runs = await staging.as_running(self._session.compose, found, self._session.folder)
        taken = generation.numbers(self._state)  # also those that cannot be read, which are not to be replaced
        number = 0 if self._found.first and not taken else self.next_number()
        present, copies = snapshot.running(found, number, self._run, self._info, self._compose_version, as_it_runs)
        present = msgspec.structs.replace(present, run_id=self._session.folder.name)
        if self._found.first:
            paths = {edit.path: edit.content for edit in self._draft.staged.edits} if self._draft else {}
            volumes = tuple(await self._session.engine.volumes_of(found.source.name))
            folders = install.missing_folders(paths, self._found.project)
            present = msgspec.structs.replace(present, missing_folders=folders, volumes=volumes)
        self._edited = self._differently_defined(as_it_runs.hashes)
        reached = [entry for entry in reversed(recorded) if entry.reached]
        same = next((entry for entry in reached if entry.same_deployment(present)), None)
        if same is None and self._edited:
            # The files are no longer those that what runs was made from; a record that has them is what to go back to.
            same = next((entry for entry in reached if entry.same_services(present)), None)
        if same is None:
            return present, copies
        made = {name: service.made for name, service in present.services.items()}
        services = {
            name: msgspec.structs.replace(service, made=made.get(name, "")) for name, service in same.services.items()
        }
        return msgspec.structs.replace(same, services=services), {}

    def next_number(self, present: int = 0) -> int:
        """The first number that no record and no keep tag of anybody has."""
        kept = retention.kept(self._found.observed.tags, self._found.source.name)
        return 1 + max((present, *generation.numbers(self._state), *kept))

    def _differently_defined(self, hashes: Mapping[str, str]) -> list[str]:
        """Services whose containers were made from another definition than the files have, references apart."""
        other = [
            name
            for name, wanted in hashes.items()
            if any(container.config_hash not in ("", wanted) for container in self._found.replicas(name))
        ]
        untold = [name for name in self._found.project.services if name not in hashes and self._found.edited(name)]
        return [*other, *untold]

    def redefined(
        self, edited: type[DefinitionEdited | AdoptedDefinition], services: Sequence[str] | None = None
    ) -> list[Problem]:
        """What is to be known of services that `present` found made from another definition than the files have.

        ``edited`` is said of those of which the files were edited.
        """
        found: dict[bool, list[DefinitionChanged | ComposeVersionChanged]] = {}
        for name in self._edited if services is None else services:
            problem = self._installed.redefinition(name)
            found.setdefault(isinstance(problem, ComposeVersionChanged), []).append(problem)
        notes: list[Problem] = []
        for problems in found.values():
            first, named = problems[0], ", ".join(problem.service for problem in problems)
            if isinstance(first, ComposeVersionChanged):
                notes.append(ComposeVersionDiffers(services=named, old=first.old, new=first.new, unsure=first.unsure))
            else:
                notes.append(edited(services=named))
        return notes

    async def save_present(self, present: Generation, copies: dict[str, bytes]) -> None:
        """Records what runs now and gives its images keep tags, before anything can take them away.

        Those of orphans get none: their containers are left alone, and no file could make them again.
        """
        if present.number not in generation.numbers(self._state):
            generation.write(self._state, present, copies)
            self._saved = present
        tags = []
        kept = [service for service in present.services.values() if service.name in present.project.services]
        for service in kept:
            tag = generation.keep_tag(self._found.source.name, present.number, service.name, present.keeper)
            if service.image_id and await self._session.engine.image(service.image_id) is None:
                self._warn(Ws9tuiError(RunningImageGone(service=service.name, image=service.reference)))
                continue
            if service.image_id and self._found.observed.tags.get(tag) != service.image_id:
                self.keep_tags.append(tag)
                await self._session.engine.tag(service.image_id, tag)
            if service.image_id:
                tags.append(tag)
        besides = generation.keep_tags(present, self._found.source.name)
        for tag, image_id in besides.items():
            known = tag in tags or self._found.observed.tags.get(tag) == image_id
            if not known and await self._session.engine.image(image_id) is not None:
                self.keep_tags.append(tag)
                await self._session.engine.tag(image_id, tag)
        role = "found" if present.broken else "before"
        self._session.emit(e.GenerationSaved(generation=present.number, role=role, images=tuple(tags)))

    async def besides(
        self, staged: Staged, wanted: Mapping[str, ServiceImage], *, pull: bool = True
    ) -> dict[str, ServiceImage]:
        """What is wanted, with the images that these services use besides their own."""
        models = {name: staged.models.get(name, self._found.project.services[name]) for name in wanted}
        used = await self.images.besides(models.values(), pull=pull)
        return {
            name: msgspec.structs.replace(want, used={ref: used[ref] for ref in models[name].besides if ref in used})
            for name, want in wanted.items()
        }

    # --- verification -----------------------------------------------------------------------------------------

    def verify(self, wanted: Mapping[str, ServiceImage]) -> None:
        """Checks every image; raises `Refused` when a finding blocks."""
        blocking: list[Problem] = []
        for name, want in wanted.items():
            container = self._found.container(name)
            known = container is not None and container.image_id in self._found.images
            running = self._found.image(container) if container and known else None
            expected = verify.expectation(
                want.reference,
                self._session.options.expect.get(name, ""),
                self._found.settings(name).expect,
                self._draft.versions.get(name, "") if self._draft else "",
            )
            if expected.source == "tag" and want.offline and self._archives is None:
                expected = verify.Expectation()  # built here: it keeps its name, whatever its version is
            checked = verify.check(
                name,
                want,
                running,
                expected,
                self._info,
                others=(*self._found.images.values(), *(each.local for each in wanted.values())),
            )
            self._session.emit(checked)
            blocking += [f.problem for f in checked.findings if f.level is Level.BLOCKING]
        if blocking:
            raise Refused(blocking[0])

    # --- plan -------------------------------------------------------------------------------------------------

    async def stage(self, chosen: Mapping[str, ServiceImage]) -> Staged:
        """The edits that the selection needs; raises `UsageError` where the files do not allow them."""
        if self._draft is not None:
            return self._draft.staged
        models = self._found.project.services  # what is built without a name of its own is written nowhere
        wanted = {name: want.reference for name, want in chosen.items() if models[name].reference}
        return await staging.stage(self._session.compose, self._found, wanted, self._session.folder)

    async def plan(
        self,
        staged: Staged,
        wanted: Mapping[str, ServiceImage],
        present: Generation,
        downtime: Mapping[str, float],
    ) -> Prepared:
        """The plan, and the generation that it goes to; ``downtime`` is what earlier runs have measured, in seconds."""
        number = self.next_number(present.number)
        after, copies = snapshot.next_one(
            number, self._run, present, self._found, wanted, staged, self._installed.definitions
        )
        after = msgspec.structs.replace(after, run_id=self._session.folder.name)
        changes = [
            planner.Change(
                edit.path,
                FileOfRelease(file=edit.path, version=self._found.version)
                if self._draft
                else ReferenceEdited(file=edit.path, lines=", ".join(str(n) for n, _, _ in edit.lines)),
                edit.before,
                tuple(_told(edit.lines)),
            )
            for edit in staged.edits
        ]
        observed = await self._observed_with(wanted)
        stale = [
            name
            for name in wanted
            if self._found.stale(name) or (name in self._found.redefined and not staged.hashes.get(name))
        ]
        plan = planner.make(
            self._found.project,
            after,
            present,
            observed,
            list(wanted),
            changes,
            downtime=downtime,
            stale=stale,
            explained={name: self._installed.redefinition(name) for name in self._edited},
            networks=await self._missing_networks() if self._found.first else (),
        )
        # A record of an earlier run has the files as they were; one that is made now can have them only as they are.
        edited = self._edited if present.run == self._run else []
        ill = condition.unwell(plan.services, observed.containers, self._info)
        unwell = {problem.service: problem.code for problem in ill}
        notes = [*ill, *self.redefined(DefinitionEdited, edited)]
        notes += writable.notes(operation.subject for operation in plan.operations if operation.kind is Kind.WRITE)
        plan = msgspec.structs.replace(
            plan,
            losses=(*plan.losses, *await self._losses(plan)),
            notes=(*plan.notes, *notes),
            unwell=unwell,
            binding=msgspec.structs.replace(plan.binding, files={**self._installed.inputs, **self._found.inputs}),
        )
        plan = await data_plan.with_backups(self._session, self._state, self._found, self._info, plan)
        self._session.emit(e.Planned(plan=plan))
        return Prepared(plan, present, after, copies, dict(wanted))

    async def _missing_networks(self) -> list[str]:
        there = {network.name for network in await self._session.engine.networks()}
        return [name for name in self._found.project.external_networks if name not in there]

    async def _observed_with(self, wanted: Mapping[str, ServiceImage]) -> Observed:
        observed = self._found.observed
        images = {**observed.images, **{want.local.id: want.local for want in wanted.values()}}
        return msgspec.structs.replace(observed, images=images)

    async def _losses(self, plan: Plan) -> list[Loss]:
        """What a recreate takes away: files in containers' own layers. Anonymous volumes are told of; they are kept."""
        losses: list[Loss] = []
        for operation in plan.operations:
            if operation.kind not in (Kind.RECREATE, Kind.PREPARE):
                continue
            present = self._found.containers.get(operation.subject, ())
            service = self._found.project.services[operation.subject]
            losses += await self._left(service, present)
            if operation.kind is Kind.PREPARE:
                continue
            for container in self._found.containers.get(operation.subject, []):
                paths = await self._session.engine.changed_files(container.id)
                targets = [mount.target for mount in container.mounts]
                own = [path for path in paths if not any(path == t or path.startswith(f"{t}/") for t in targets)]
                own = [path for path in own if not path.startswith(("/tmp/", "/run/", "/var/run/", "/proc/", "/dev/"))]  # noqa: S108
                if own:
                    problem = OwnLayerFiles(service=operation.subject, container=container.name, count=str(len(own)))
                    losses.append(Loss(operation.subject, problem, tuple(own[:_SHOWN_PATHS])))
                losses += [
                    Loss(
                        operation.subject,
                        AnonymousVolume(target=m.target, service=operation.subject),
                    )
                    for m in container.mounts
                    if m.anonymous
                ]
        return losses

    async def _left(self, service: Service, present: Sequence[Container]) -> list[Loss]:
        """The data that a service would see no more; what is in volumes is asked for only where that counts."""
        sizes = dict.fromkeys(await self._session.engine.volumes(), -1)
        found = mounts.left(service, present, sizes, local=self._info.local)
        if any(mounts.UNKNOWN in loss.problem.facts for loss in found):
            with suppress(EngineError):
                sizes |= await self._session.engine.data.volume_sizes()
        return mounts.left(service, present, sizes, local=self._info.local)

    async def confirm(self, plan: Plan) -> Plan:
        """Shows the versions, then the plan, and goes on only when somebody says so (or `--yes` did).

        Gives the plan as it was confirmed, with the backups that were chosen.
        """
        default = Choice.CANCEL if self._session.attended else Choice.GO
        choices = (Choice.GO, Choice.CANCEL)
        left = mounts.not_agreed(plan, self._session.options)
        if left is not None and not self._session.attended:
            raise Refused(left)
        await self._session.ask(Question.VERSIONS, choices, default, seconds=DECISION_DEADLINE, cancels=True)
        plan = await data_plan.confirm(self._session, self._state, plan)
        if left is not None:
            await self._session.ask(Question.LOSS, choices, Choice.CANCEL, seconds=DECISION_DEADLINE, cancels=True)
        return plan


def _told(lines: Iterable[tuple[int, str, str]]) -> Iterator[str]:
    """The lines of an edit as a plan shows them; one that goes has nothing in its place."""
    for _, old, new in lines:
        if old:
            yield f"-{old}"
        if new or not old:
            yield f"+{new}"
