"""The prepare phase: select, pull, verify, plan, confirm. Until it ends nothing of the project has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import msgspec

from ws9tui.core.commit import hooks, planner, record
from ws9tui.core.commit.goal import Goal
from ws9tui.core.commit.record import Present
from ws9tui.core.data import mounts
from ws9tui.core.data import plan as data_plan
from ws9tui.core.images import offline, verify
from ws9tui.core.images.archive import Archives
from ws9tui.core.images.fetch import Fetcher
from ws9tui.core.images.trust import Trust
from ws9tui.core.inspect import acceptance, condition, reach, snapshot, staging, writable
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.staging import Staged
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.inspect.trial import Draft
from ws9tui.core.journal import events as e
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.hooks import BEFORE, When
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import Container
from ws9tui.core.model.plan import Kind, Loss, Plan
from ws9tui.core.model.project import Service
from ws9tui.core.model.terms import Choice, Finding, Level, Question
from ws9tui.core.runs import product
from ws9tui.core.runs.selection import Selection
from ws9tui.core.session import Session, WentBack
from ws9tui.errors import EngineError, Refused
from ws9tui.problems.acceptance import ChecksRequired
from ws9tui.problems.hooks import NotifySet
from ws9tui.problems.image import VersionMismatch, VersionTaken
from ws9tui.problems.plan import (
    AnonymousVolume,
    DefinitionEdited,
    OwnLayerFiles,
    ReferenceEdited,
)
from ws9tui.problems.problem import Problem
from ws9tui.problems.release import ReleaseNoImage

_SHOWN_PATHS = 20


def keep_generations(session: Session, found: Survey) -> int:
    """Returns how many generations keep their images."""
    return found.definition.keep_generations or session.options.keep_generations


class Preparation:
    """The prepare phase of an update or a first install."""

    def __init__(
        self,
        session: Session,
        opened: Opened,
        found: Survey,
        draft: Draft | None,
        *,
        archives: Archives | None,
        instead: tuple[Choice, ...],
    ) -> None:
        self._session = session
        self._opened = opened
        self._installed = found
        self._draft = draft
        self._found = draft.survey if draft else found
        """the project as it will be; without a draft as it is, except edited references"""
        session.tell_also(self._found.definition.notify)
        session.show_hooks(self._found.definition.hooks)
        self._info = opened.info
        self._archives = archives
        offered = offline.offered(archives, found) if archives and draft is None else {}
        fallbacks = opened.release.mirrors if opened.release else ()
        self.selection = Selection(session, self._found, opened.info, archives, instead, offered, fallbacks)
        self.images = Fetcher(session, found.source.name, opened.number, archives)
        self.trust = Trust(session, self._found, opened.info, archives)
        self._checks: dict[str, e.VersionChecked] = {}
        self._consented: set[tuple[str, str]] = set()
        """service and ID of images that the operator accepts though another version is expected"""

    @property
    def writes(self) -> bool:
        """Whether a release or bundle brings files that differ from the installed ones."""
        return self._draft is not None and bool(self._draft.staged.edits)

    async def besides(
        self, staged: Staged, wanted: Mapping[str, ServiceImage], *, pull: bool = True
    ) -> dict[str, ServiceImage]:
        """Adds the further images that these services use to the wanted ones."""
        models = {name: staged.models.get(name, self._found.project.services[name]) for name in wanted}
        used = await self.images.besides(list(models.values()), pull=pull)
        return {
            name: msgspec.structs.replace(want, used={ref: used[ref] for ref in models[name].besides if ref in used})
            for name, want in wanted.items()
        }

    # --- verification -----------------------------------------------------------------------------------------

    async def verify(self, wanted: Mapping[str, ServiceImage]) -> None:
        """Checks every image; if one is not as expected, the operator decides.

        Raises `Refused` for the first if the operator cannot be asked or cancels, and `WentBack`.
        """
        self._checks = {}
        blocking: dict[str, list[Problem]] = {}
        for name, want in wanted.items():
            checked = self._with_consent(self._checked(name, want, wanted), want)
            self._tell(checked)
            if stops := [found.problem for found in checked.findings if found.level is Level.BLOCKING]:
                blocking[name] = stops
        for name, stops in blocking.items():
            if not self._session.walks:
                raise Refused(stops[0])
            await self._decide(name, stops, wanted)

    def _checked(self, name: str, want: ServiceImage, wanted: Mapping[str, ServiceImage]) -> e.VersionChecked:
        container = self._found.container(name)
        running = self._found.image(container) if container and container.image_id in self._found.images else None
        expected = verify.expectation(
            want.reference,
            self._session.options.expect.get(name, ""),
            self._found.settings(name).expect,
            self._draft.versions.get(name, "") if self._draft else "",
        )
        if expected.source == "tag" and want.offline and self._archives is None:
            expected = verify.Expectation()  # built here: its tag says nothing about its version
        return verify.check(
            name,
            want,
            running,
            expected,
            self._info,
            others=(*self._found.images.values(), *(each.local for each in wanted.values())),
        )

    def _tell(self, checked: e.VersionChecked) -> None:
        self._checks[checked.service] = checked
        self._session.emit(checked)

    async def _decide(self, name: str, stops: Sequence[Problem], wanted: Mapping[str, ServiceImage]) -> None:
        """Asks what to do with a service whose image is not as expected."""
        others = (Choice.LEAVE_OUT,) if len(wanted) > 1 else ()
        takes = (Choice.ACCEPT,) if all(isinstance(problem, VersionMismatch) for problem in stops) else ()
        choices = (*others, *takes, Choice.PREVIOUS, Choice.CANCEL)
        decision = await self._session.ask(Question.MISMATCH, choices, Choice.CANCEL, options=(name,))
        if decision.choice is Choice.CANCEL:
            raise Refused(stops[0])
        if decision.choice is not Choice.ACCEPT:
            raise WentBack((name,), without=decision.choice is Choice.LEAVE_OUT)
        self._consented.add((name, wanted[name].local.id))
        self._tell(self._with_consent(self._checks[name], wanted[name]))

    def _with_consent(self, checked: e.VersionChecked, want: ServiceImage) -> e.VersionChecked:
        """Returns the check with a mismatch as a warning, if the operator has accepted the version that was found."""
        if (checked.service, want.local.id) not in self._consented:
            return checked
        findings = tuple(
            Finding(Level.WARNING, _taken(found.problem), found.service)
            if isinstance(found.problem, VersionMismatch)
            else found
            for found in checked.findings
        )
        return msgspec.structs.replace(checked, findings=findings)

    @property
    def undecided(self) -> bool:
        """Whether a check has found anything that the operator should see before the plan."""
        return any(found.level is not Level.OK for found in self._version_findings) or bool(self.trust.warns)

    @property
    def _version_findings(self) -> list[Finding]:
        return [found for checked in self._checks.values() for found in checked.findings]

    # --- plan -------------------------------------------------------------------------------------------------

    async def stage(self, chosen: Mapping[str, ServiceImage]) -> Staged:
        """Returns the edits that the selection needs; raises `UsageError` if the files do not allow them."""
        if self._draft is not None:
            return self._draft.staged
        models = self._found.project.services  # a built image without a name is written nowhere in the files
        wanted = {name: want.reference for name, want in chosen.items() if models[name].reference}
        return await staging.stage(self._session.compose, self._found, wanted, self._session.folder)

    async def plan(self, staged: Staged, wanted: Mapping[str, ServiceImage], here: Present) -> Goal:
        """Returns the goal: the generation to go to, and the plan, which is emitted."""
        present, run = here.generation, self._opened.number
        number = record.next_number(self._opened, self._found, present.number)
        after, copies = snapshot.next_one(
            number, run, present, self._found, wanted, staged, self._installed.definitions
        )
        after = msgspec.structs.replace(after, run_id=self._session.folder.name)
        changes = [
            planner.PlannedWrite(
                edit.path,
                self._draft.cause(edit.path)
                if self._draft
                else ReferenceEdited(file=edit.path, lines=", ".join(str(n) for n, _, _ in edit.lines)),
                edit.before,
                tuple(_told(edit.lines)),
            )
            for edit in staged.edits
        ]
        images = {**self._found.images, **{want.local.id: want.local for want in wanted.values()}}
        observed = msgspec.structs.replace(self._found.observed, images=images)
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
            downtime=self._opened.measured_downtime(self._session),
            stale=stale,
            explained={name: self._installed.redefinition(name) for name in here.edited},
            networks=await self._missing_networks() if self._found.first else (),
        )
        # A record of an earlier run has the files as they were then; one made now can have them only as they are.
        edited = here.edited if present.run == run else ()
        ill = condition.unwell(plan.services, observed.containers, self._info)
        unwell = {problem.service: problem.code for problem in ill}
        checks, of_checks = await self._acceptance(plan)
        notes = [
            *self._of_release(plan),
            *of_checks,
            *ill,
            *record.redefined(self._installed, edited, DefinitionEdited),
        ]
        notes += writable.notes(operation.subject for operation in plan.operations if operation.kind is Kind.WRITE)
        taken = [found.problem for found in self._version_findings if isinstance(found.problem, VersionTaken)]
        plan = msgspec.structs.replace(
            plan,
            losses=(*plan.losses, *await self._losses(plan)),
            notes=(*reach.notes(self._info), *plan.notes, *taken, *notes, *self.trust.found),
            unwell=unwell,
            checks=checks,
            accepted={problem.service: problem.found for problem in taken},
            binding=msgspec.structs.replace(plan.binding, files={**self._installed.inputs, **self._found.inputs}),
        )
        plan = await data_plan.with_backups(self._session, self._opened.state, self._found, self._info, plan)
        whens = (*BEFORE, When.AFTER_KEEP, When.AFTER_ROLLBACK)
        plan = hooks.planned(plan, after.hooks, self._found.containers, whens)
        told = [one.doubt or NotifySet(receiver=one.name) for one in after.notify]
        plan = msgspec.structs.replace(plan, notes=(*plan.notes, *told))
        self._session.emit(e.Planned(plan=plan))
        return Goal(present, after, plan, keep_generations(self._session, self._found), copies)

    async def _acceptance(self, plan: Plan) -> tuple[tuple[AcceptanceCheck, ...], tuple[Problem, ...]]:
        """Returns the product's checks for after this plan, based on which pass now, and the notes on them."""
        session, release = self._session, self._opened.release
        checks = product.told_only(session, self._installed.layout or (release.layout if release else ""))
        if self._found.first:  # nothing has passed yet
            return checks, ()
        kept, told = await acceptance.baseline(session.engine, self._found.containers, checks, plan.services)
        for problem in told:
            if isinstance(problem, ChecksRequired):  # good news, which is not for the plan
                session.tell(Finding(Level.OK, problem))
        return kept, tuple(problem for problem in told if not isinstance(problem, ChecksRequired))

    def _of_release(self, plan: Plan) -> list[Problem]:
        """Returns the notes on a release, and on files whose edits apply to this host only."""
        session, release = self._session, self._opened.release
        found: list[Problem] = []
        if release is not None and not plan.services:
            found.append(ReleaseNoImage(version=release.version))
        if session.releases is not None and any(op.kind is Kind.WRITE for op in plan.operations):
            found += session.releases.notes(self._installed.source, None if self._found.first else release)
        return found

    async def _missing_networks(self) -> list[str]:
        there = {network.name for network in await self._session.engine.networks()}
        return [name for name in self._found.project.external_networks if name not in there]

    async def _losses(self, plan: Plan) -> list[Loss]:
        """Returns what a recreate loses: files in containers' own layers. Anonymous volumes are reported, but kept."""
        losses: list[Loss] = []
        for operation in plan.operations:
            if operation.kind not in (Kind.RECREATE, Kind.PREPARE):
                continue
            present = self._found.containers.get(operation.subject, ())
            losses += await self._left(self._found.project.services[operation.subject], present)
            if operation.kind is Kind.PREPARE:
                continue
            for container in present:
                paths = await self._session.engine.changed_files(container.id)
                targets = [mount.target for mount in container.mounts]
                own = [path for path in paths if not any(path == t or path.startswith(f"{t}/") for t in targets)]
                own = [path for path in own if not path.startswith(("/tmp/", "/run/", "/var/run/", "/proc/", "/dev/"))]  # noqa: S108
                if own:
                    problem = OwnLayerFiles(service=operation.subject, container=container.name, count=str(len(own)))
                    losses.append(Loss(operation.subject, problem, tuple(own[:_SHOWN_PATHS])))
                losses += [
                    Loss(operation.subject, AnonymousVolume(target=mount.target, service=operation.subject))
                    for mount in container.mounts
                    if mount.anonymous
                ]
        return losses

    async def _left(self, service: Service, present: Sequence[Container]) -> list[Loss]:
        """Returns the data that a service would no longer see; volume sizes are requested only if they matter."""
        sizes = dict.fromkeys(await self._session.engine.volumes(), -1)
        found = mounts.left(service, present, sizes, local=self._info.local, root=self._info.root)
        if any(mounts.UNKNOWN in loss.problem.facts for loss in found):
            with suppress(EngineError):
                sizes |= await self._session.engine.data.volume_sizes()
        return mounts.left(service, present, sizes, local=self._info.local, root=self._info.root)


def _taken(problem: VersionMismatch) -> VersionTaken:
    return VersionTaken(service=problem.service, expected=problem.expected, found=problem.found, source=problem.source)


def _told(lines: Iterable[tuple[int, str, str]]) -> Iterator[str]:
    """Yields the lines of an edit as a plan shows them; a removed line has no replacement."""
    for _, old, new in lines:
        if old:
            yield f"-{old}"
        if new or not old:
            yield f"+{new}"
