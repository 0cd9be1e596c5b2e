"""Prepare, the first phase: select, pull, check, plan, ask. Until it ends nothing of the project has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core import (
    data_plan,
    generation,
    getting,
    install,
    load,
    offline,
    planner,
    pull,
    record,
    staging,
    upgrade,
    verify,
)
from ws9tui.core import events as e
from ws9tui.core.archive import ArchivedImage, Archives
from ws9tui.core.draft import Draft
from ws9tui.core.events import Availability, Choice, Question, ServiceView
from ws9tui.core.generation import Generation
from ws9tui.core.observed import EngineInfo, Image
from ws9tui.core.plan import Kind, Loss, Plan
from ws9tui.core.pull import Pulled, Target
from ws9tui.core.record import Wanted
from ws9tui.core.reference import Reference, parse
from ws9tui.core.release import Release
from ws9tui.core.session import DECISION_DEADLINE, Session
from ws9tui.core.staging import Staged
from ws9tui.core.survey import Survey, resolve_all, wanted_reference
from ws9tui.errors import EngineError, Problem, Refused, UsageError, Ws9tuiError

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
    wanted: dict[str, Wanted]


class InsteadError(Exception):
    """The operator wants something else than an update: ``choice`` says what; with RELEASE it is the ``release``."""

    def __init__(self, choice: Choice, release: Release | None = None) -> None:
        super().__init__(choice)
        self.choice = choice
        self.release = release


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
        self._views: dict[str, ServiceView] = {}
        self._resolved: dict[str, e.ReferenceResolved] = {}
        self._edited: list[str] = []
        """services whose definition was edited since their containers were made"""
        self._saved: Generation | None = None
        """a generation that this run recorded for what runs now"""
        self.archives: Archives | None = None
        """what is used instead of any registry"""
        self.taken: dict[str, bool] = {}
        self.keep_tags: list[str] = []
        self.instead: tuple[Choice, ...] = ()
        """what else is offered where it is asked what to update"""

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
        await pull.take_back(engine, self.taken, emit)
        await pull.remove_nameless(engine, self._session.folder, emit)
        for tag in self.keep_tags:
            await self._session.engine.untag(tag)
            self._session.emit(e.Removed(kind="keep-tag", subject=tag))
        if self._saved is not None:
            generation.remove(self._state, self._saved.number)

    # --- selection --------------------------------------------------------------------------------------------

    async def select(self, views: Sequence[ServiceView], asked: Mapping[str, str]) -> dict[str, Reference] | None:
        """The services to update with the reference that each is to get; None when there is nothing to do."""
        self._views = {view.name: view for view in views}
        for view in views:
            if view.selectable:
                wanted_reference(view, "")  # a reference in the files that is none is said before anything is asked
        references = {name: text for name, text in asked.items() if text}
        for name in references:
            if not self._views[name].selectable:
                raise self._unselectable(name)
        if not self._session.attended:
            typed = {name: str(wanted_reference(self._views[name], text)) for name, text in references.items()}
            staging.edits(self._found, typed)
        answers = asyncio.create_task(self._ask_registries(views, references))
        try:
            if not self._session.attended:
                await answers
                return self._default_selection(asked, references)
            return await self._ask_selection(answers)
        finally:
            answers.cancel()
            await asyncio.wait({answers})

    async def _ask_registries(self, views: Sequence[ServiceView], references: Mapping[str, str]) -> None:
        engine, info, found = self._session.engine, self._info, self._found
        if self.archives is None:
            await resolve_all(engine, info, found, views, references, self._answered)
        else:
            await offline.resolve_all(engine, self.archives, info, found, views, references, self._answered)

    def _answered(self, answer: e.ReferenceResolved) -> None:
        if answer.reference != self._views[answer.service].reference and answer.problem is None:
            try:
                staging.edits(self._found, {answer.service: answer.reference})
            except UsageError as error:
                answer = msgspec.structs.replace(
                    answer, availability=Availability.UNKNOWN, problem=error.problem, digest="", image_id=""
                )
        self._resolved[answer.service] = answer
        self._session.emit(answer)

    def _default_selection(
        self, asked: Mapping[str, str], references: Mapping[str, str]
    ) -> dict[str, Reference] | None:
        wanted = asked or self._views
        if self.archives is not None:
            offline.refuse(self._resolved[name] for name in wanted if name in self._resolved)
        unknown = [name for name in wanted if name in self._resolved and not self._resolved[name].known]
        if unknown:
            problem = self._resolved[unknown[0]].problem or Problem("unknown")
            raise Ws9tuiError(problem.code, **problem.facts)
        chosen = {
            name: parse(self._resolved[name].reference)
            for name in wanted
            if name in self._resolved and (name in references or self._is_proposed(name, named=name in asked))
        }
        return chosen or None

    def _is_proposed(self, name: str, *, named: bool) -> bool:
        view, answer = self._views[name], self._resolved[name]
        if answer.availability is Availability.NOT_RUNNING:
            return self._first or named
        return view.proposed and answer.availability in (Availability.UPDATE, Availability.CHANGED)

    @property
    def writes(self) -> bool:
        """Whether a release brings files that are not as the installation has them."""
        return self._draft is not None and bool(self._draft.staged.edits)

    @property
    def _first(self) -> bool:
        """Whether nothing of the project is there yet: a first install."""
        return not any(self._found.containers.get(name) for name in self._found.project.services)

    async def _ask_selection(self, answers: asyncio.Task[None]) -> dict[str, Reference] | None:
        choices = (Choice.GO, Choice.CHECK, *self.instead, Choice.CANCEL)
        while True:
            decision = await self._session.ask(
                Question.SELECT, choices, Choice.CANCEL, seconds=DECISION_DEADLINE, cancels=True
            )
            if decision.choice is Choice.RELEASE:
                await self._go_to_release(decision)
                continue
            if decision.choice in self.instead:
                raise InsteadError(decision.choice)
            try:
                wanted = {
                    name: wanted_reference(self._known(name), decision.references.get(name, ""))
                    for name in (*decision.services, *decision.references)
                }
            except UsageError as error:
                self._warn(error)
                continue
            if decision.choice is Choice.CHECK:  # once more, too: a registry that did not answer may do so now
                await self._ask_registries([self._views[name] for name in wanted], decision.references)
                continue
            fresh = [
                self._views[name]
                for name, reference in wanted.items()
                if name not in self._resolved or self._resolved[name].reference != str(reference)
            ]
            if fresh:
                await asyncio.wait({answers})
                await self._ask_registries(fresh, decision.references)
            chosen = {name: wanted[name] for name in decision.services}
            unknown = [name for name in chosen if not self._resolved[name].known]
            if not unknown:
                return chosen or None
            problem = self._resolved[unknown[0]].problem or Problem("unknown")
            self._warn(Ws9tuiError(problem.code, **problem.facts))

    async def _go_to_release(self, decision: e.Decision) -> None:
        """Gets the release that is wanted, and leaves for it; one that cannot be had is told, and no more."""
        session, before = self._session, self._session.options
        source = decision.answers.get("source", "").strip() or (session.releases.product if session.releases else "")
        channel = decision.answers.get("channel", "") or before.channel
        session.options = msgspec.structs.replace(before, release=source, channel=channel)
        try:
            if problem := install.source_problem(source):
                raise UsageError(problem.code, **problem.facts)
            found = await getting.release(session, source)
            if found is None:
                raise UsageError("no-release", source=source)
            upgrade.refuse_other(found, self._found)
        except Ws9tuiError as error:
            session.options = before
            self._warn(error)
            return
        raise InsteadError(Choice.RELEASE, found)

    def _known(self, name: str) -> ServiceView:
        if name not in self._views:
            raise UsageError(
                "service-unknown", service=name, project=self._found.source.name, known=", ".join(self._views)
            )
        if not self._views[name].selectable:
            raise self._unselectable(name)
        return self._views[name]

    def _unselectable(self, name: str) -> UsageError:
        problem = self._views[name].problem or Problem("unknown")
        return UsageError(problem.code, **problem.facts)

    def _warn(self, error: Ws9tuiError) -> None:
        self._session.emit(e.Found(finding=e.Finding(e.Level.WARNING, error.problem)))

    # --- pull -------------------------------------------------------------------------------------------------

    async def present(self, recorded: Sequence[Generation]) -> tuple[Generation, dict[str, bytes]]:
        """The generation that runs now: a recorded one where nothing differs, else a new record with its contents."""
        found = self._installed
        as_it_runs = await staging.as_running(self._session.compose, found, self._session.folder)
        taken = generation.numbers(self._state)  # also those that cannot be read, which are not to be replaced
        number = 0 if self._first and not taken else max(taken, default=0) + 1
        present, copies = record.running(found, number, self._run, self._info, self._compose_version, as_it_runs)
        present = msgspec.structs.replace(present, run_id=self._session.folder.name)
        if self._first:
            paths = {edit.path: edit.content for edit in self._draft.staged.edits} if self._draft else {}
            volumes = tuple(await self._session.engine.volumes_of(found.source.name))
            folders = install.missing_folders(paths, self._found.project)
            present = msgspec.structs.replace(present, missing_folders=folders, volumes=volumes)
        self._edited = self._differently_defined(as_it_runs.hashes)
        reached = [entry for entry in reversed(recorded) if entry.reached]
        same = next((entry for entry in reached if entry.same_deployment(present)), None)
        if same is None and self._edited:
            # The files are no longer those that what runs was made from; a record that has them is what to go back to.
            same = next((entry for entry in reached if entry.services == present.services), None)
        return (same, {}) if same is not None else (present, copies)

    def _differently_defined(self, hashes: Mapping[str, str]) -> list[str]:
        """Services whose containers were made from another definition than the files have, references apart."""
        containers = {name: self._found.container(name) for name in hashes}
        return [
            name
            for name, container in containers.items()
            if container is not None and container.config_hash not in ("", hashes[name])
        ]

    @property
    def edited(self) -> tuple[str, ...]:
        """Services that `present` found made from another definition than the files have."""
        return tuple(self._edited)

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
            tag = generation.keep_tag(self._found.source.name, present.number, service.name)
            if service.image_id and await self._session.engine.image(service.image_id) is None:
                facts = {"service": service.name, "image": service.reference}
                self._warn(Ws9tuiError("running-image-gone", **facts))
                continue
            if service.image_id and self._found.observed.tags.get(tag) != service.image_id:
                self.keep_tags.append(tag)
                await self._session.engine.tag(service.image_id, tag)
            if service.image_id:
                tags.append(tag)
        role = "found" if present.broken else "before"
        self._session.emit(e.GenerationSaved(generation=present.number, role=role, images=tuple(tags)))

    async def pull(self, chosen: Mapping[str, Reference]) -> dict[str, Wanted]:
        """Pulls what the chosen services need; raises the first failure when not all came."""
        targets: dict[str, Target] = {}
        for name, reference in chosen.items():
            target = self._target(name, reference)
            known = targets.get(target.by_digest)
            if known:
                target = msgspec.structs.replace(known, services=(*known.services, name))
            targets[target.by_digest] = target
        images: dict[str, Image] = {}
        await pull.note_images(self._session.engine, self._session.folder)
        while True:
            missing = [target for target in targets.values() if target.by_digest not in images]
            done, failed = await self._bring(missing)
            images |= {entry.target.by_digest: entry.image for entry in done}
            if not failed:
                break
            decision = await self._session.ask(
                Question.PULL_FAILED, (Choice.RETRY, Choice.CANCEL), Choice.CANCEL, seconds=DECISION_DEADLINE
            )
            if decision.choice is Choice.CANCEL:
                raise next(iter(failed.values()))
        result = {}
        for target in targets.values():
            for name in target.services:
                image = images[target.by_digest]
                result[name] = self._wanted(name, chosen[name], image)
        return result

    def _target(self, name: str, reference: Reference) -> Target:
        """What is to be had for a service: by digest, from an archive, or by the ID of what is here already."""
        answer = self._resolved[name]
        if not answer.offline:
            return Target(str(reference), reference.at(answer.digest), (name,))
        archived = self.archives.with_id(answer.image_id) if self.archives and answer.archive else None
        return Target(str(reference), self._load_tag(archived) if archived else answer.image_id, (name,), archived)

    def _load_tag(self, archived: ArchivedImage) -> str:
        number = self.archives.images.index(archived) if self.archives else 0
        return load.load_tag(self._found.source.name, self._run, number)

    def _wanted(self, name: str, reference: Reference, image: Image) -> Wanted:
        answer = self._resolved[name]
        version = verify.shown_version(image, str(reference))
        return Wanted(str(reference), image, answer.digest, version, answer.archive, offline=answer.offline)

    async def _bring(self, targets: Sequence[Target]) -> tuple[list[Pulled], dict[str, Ws9tuiError]]:
        """Pulls or loads these images."""
        options = self._session.options
        way = pull.pull_all if self.archives is None else load.load_all
        return await way(
            self._session.engine,
            targets,
            self.taken,
            self._session.emit,
            pull_timeout=options.pull_timeout,
            stall_timeout=options.stall_timeout,
        )

    async def fetch(self, earlier: Generation) -> None:
        """Brings the images of an earlier generation that are gone from here; mostly there are none.

        They are pulled by digest, or come from the archives that were given.

        A keep tag does not hold an image that no container uses against `docker image prune --all`. Raises `Refused`
        where an image cannot come back as it was.
        """
        targets, missing = [], []
        for service in earlier.services.values():
            if service.name not in earlier.project.services:
                continue  # an orphan of that time
            if not service.image_id or await self._session.engine.image(service.image_id) is not None:
                continue
            if self.archives is not None:
                archived = self.archives.with_id(service.image_id)
                if archived is None:
                    missing.append(service.reference)
                else:
                    targets.append(Target(service.reference, self._load_tag(archived), (service.name,), archived))
                continue
            if not service.digest:
                raise Refused("keep-tag-missing", image=service.reference, service=service.name, number=earlier.number)
            targets.append(Target(service.reference, parse(service.reference).at(service.digest), (service.name,)))
        if missing:
            raise Refused(offline.MISSING, references=", ".join(dict.fromkeys(missing)))
        done, failed = await self._bring(targets)
        if failed:
            raise next(iter(failed.values()))
        for entry in done:
            service = earlier.services[entry.target.services[0]]
            if entry.image.id != service.image_id:
                raise Refused("digest-differs", reference=service.reference, digest=service.digest)

    async def without_pull(self, chosen: Mapping[str, Reference]) -> dict[str, Wanted]:
        """What the chosen services would get, for a plan alone: an image that is not here is known by its digest."""
        result = {}
        for name, reference in chosen.items():
            answer = self._resolved[name]
            known = answer.image_id if answer.offline else reference.at(answer.digest)
            image = await self._session.engine.image(known) or Image(answer.image_id or answer.digest)
            result[name] = Wanted(str(reference), image, answer.digest, answer.version, answer.archive)
        return result

    def _running_image(self, name: str) -> Image | None:
        container = self._found.container(name)
        return self._found.images.get(container.image_id) if container else None

    # --- verification -----------------------------------------------------------------------------------------

    def verify(self, chosen: Mapping[str, Reference], wanted: Mapping[str, Wanted]) -> None:
        """Checks every image; raises `Refused` when a finding blocks."""
        blocking: list[Problem] = []
        for name, want in wanted.items():
            image = want.image
            if image is None:
                continue
            container = self._found.container(name)
            old = self._running_image(name)
            try:
                running = (old, parse(container.image)) if container and old else None
            except UsageError:
                running = None
            expected = verify.expectation(
                chosen[name],
                self._session.options.expect.get(name, ""),
                self._found.settings(name).expect,
                self._draft.versions.get(name, "") if self._draft else "",
            )
            checked = verify.check(
                name,
                chosen[name],
                want.digest,
                image,
                running,
                expected,
                self._info,
                offline=want.offline,
                archive=want.archive,
            )
            self._session.emit(checked)
            blocking += [f.problem for f in checked.findings if f.level is e.Level.BLOCKING]
        if blocking:
            raise Refused(blocking[0].code, **blocking[0].facts)

    # --- plan -------------------------------------------------------------------------------------------------

    async def stage(self, chosen: Mapping[str, Reference]) -> Staged:
        """The edits that the selection needs; raises `UsageError` where the files do not allow them."""
        if self._draft is not None:
            return self._draft.staged
        wanted = {name: str(reference) for name, reference in chosen.items()}
        return await staging.stage(self._session.compose, self._found, wanted, self._session.folder)

    async def plan(
        self,
        chosen: Mapping[str, Reference],
        staged: Staged,
        wanted: Mapping[str, Wanted],
        present: Generation,
        downtime: Mapping[str, float],
    ) -> Prepared:
        """The plan, and the generation that it goes to; ``downtime`` is what earlier runs have measured, in seconds."""
        number = max([present.number, *generation.numbers(self._state)]) + 1
        after, copies = record.next_one(number, self._run, present, self._found, wanted, staged, self._installed.hashes)
        after = msgspec.structs.replace(after, run_id=self._session.folder.name)
        changes = [
            planner.Change(
                edit.path,
                Problem("release-file", {"file": edit.path, "version": self._found.version})
                if self._draft
                else Problem(
                    "reference-edited", {"file": edit.path, "lines": ", ".join(str(n) for n, _, _ in edit.lines)}
                ),
                edit.before,
                tuple(_told(edit.lines)),
            )
            for edit in staged.edits
        ]
        observed = await self._observed_with(wanted)
        stale = [
            name
            for name in chosen
            if self._found.stale(name) or (name in self._found.redefined and not staged.hashes.get(name))
        ]
        plan = planner.make(
            self._found.project,
            after,
            present,
            observed,
            list(chosen),
            changes,
            downtime=downtime,
            stale=stale,
            networks=await self._missing_networks() if self._first else (),
        )
        # A record of an earlier run has the files as they were; one that is made now can have them only as they are.
        edited = self._edited if present.run == self._run else []
        notes = [Problem("definition-edited", {"services": ", ".join(edited)})] if edited else []
        plan = msgspec.structs.replace(
            plan,
            losses=tuple(await self._losses(plan)),
            notes=(*plan.notes, *notes),
            binding=msgspec.structs.replace(plan.binding, files={**self._installed.inputs, **self._found.inputs}),
        )
        plan = await data_plan.with_backups(self._session, self._state, self._found, self._info, plan)
        self._session.emit(e.Planned(plan=plan))
        return Prepared(plan, present, after, copies, dict(wanted))

    async def _missing_networks(self) -> list[str]:
        there = {network.name for network in await self._session.engine.networks()}
        return [name for name in self._found.project.external_networks if name not in there]

    async def _observed_with(self, wanted: Mapping[str, Wanted]) -> planner.Observed:
        observed = self._found.observed
        images = {**observed.images, **{w.image.id: w.image for w in wanted.values() if w.image}}
        return msgspec.structs.replace(observed, images=images)

    async def _losses(self, plan: Plan) -> list[Loss]:
        """What a recreate takes away: files in containers' own layers. Anonymous volumes are told of; they are kept."""
        losses: list[Loss] = []
        for operation in plan.operations:
            if operation.kind is not Kind.RECREATE:
                continue
            for container in self._found.containers.get(operation.subject, []):
                paths = await self._session.engine.changed_files(container.id)
                targets = [mount.target for mount in container.mounts]
                own = [path for path in paths if not any(path == t or path.startswith(f"{t}/") for t in targets)]
                own = [path for path in own if not path.startswith(("/tmp/", "/run/", "/var/run/", "/proc/", "/dev/"))]  # noqa: S108
                if own:
                    problem = Problem("own-layer-files", {"service": operation.subject, "count": str(len(own))})
                    losses.append(Loss(operation.subject, problem, tuple(own[:_SHOWN_PATHS])))
                losses += [
                    Loss(
                        operation.subject,
                        Problem("anonymous-volume", {"target": m.target, "service": operation.subject}),
                    )
                    for m in container.mounts
                    if m.anonymous
                ]
        return losses

    async def confirm(self, plan: Plan) -> Plan:
        """Shows the versions, then the plan, and goes on only when somebody says so (or `--yes` did).

        Gives the plan as it was confirmed, with the backups that were chosen.
        """
        default = Choice.CANCEL if self._session.attended else Choice.GO
        choices = (Choice.GO, Choice.CANCEL)
        await self._session.ask(Question.VERSIONS, choices, default, seconds=DECISION_DEADLINE, cancels=True)
        return await data_plan.confirm(self._session, self._state, plan)


def _told(lines: Iterable[tuple[int, str, str]]) -> Iterator[str]:
    """The lines of an edit as a plan shows them; one that goes has nothing in its place."""
    for _, old, new in lines:
        if old:
            yield f"-{old}"
        if new or not old:
            yield f"+{new}"
