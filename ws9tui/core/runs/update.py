"""Updates a project, or installs it for the first time: from references in its files, a release or a bundle."""

from __future__ import annotations

import msgspec

from ws9tui.core.commit.converge import converge
from ws9tui.core.commit.goal import Goal
from ws9tui.core.compose import locate
from ws9tui.core.fs import files
from ws9tui.core.images import offline, resolve
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.inspect.trial import Draft, tried
from ws9tui.core.journal import events as e
from ws9tui.core.model import release
from ws9tui.core.model.bundle import Bundle
from ws9tui.core.model.release import Release, path_in
from ws9tui.core.model.terms import Choice, Outcome, Verb
from ws9tui.core.releases import fetch, install, upgrade
from ws9tui.core.runs import product
from ws9tui.core.runs.prepare import Preparation
from ws9tui.core.runs.selection import InsteadError
from ws9tui.core.runs.walk import Walk
from ws9tui.core.session import Session
from ws9tui.core.store import known_releases
from ws9tui.errors import ComposeError, UsageError
from ws9tui.problems.project import (
    AlreadyInstalled,
    FileNotUnderstood,
    ProjectNotRunning,
    ServiceUnknown,
    VariableUndefined,
)


async def update(session: Session, opened: Opened) -> e.Finished:
    """Updates or installs the project; raises `InsteadError` if the operator chooses something else."""
    return await _Update(session, opened).run()


class _Update:
    """One update or first install."""

    def __init__(self, session: Session, opened: Opened) -> None:
        self._session = session
        self._opened = opened

    async def run(self) -> e.Finished:
        """Runs the update or the first install; raises `InsteadError` if the operator chooses something else."""
        session, opened = self._session, self._opened
        if opened.release is not None:
            return await self._release(opened.release)
        if opened.bundle is not None:
            return await self._bundle(opened.bundle)
        try:
            found = await session.cancellable(opened.survey(session))
        except (UsageError, ComposeError) as error:
            typed = isinstance(error.problem, ServiceUnknown)
            if session.request.verb is Verb.WIZARD and session.attended and opened.generations and not typed:
                raise InsteadError(Choice.GO_BACK) from None  # broken files: show the reachable generations
            raise
        if found.first and session.request.verb is Verb.UPDATE:
            raise UsageError(ProjectNotRunning(project=opened.source.name, folder=locate.argument(opened.source)))
        if opened.installing and not found.first:
            raise UsageError(AlreadyInstalled(project=opened.source.name))
        opened.announce(session, Verb.INSTALL if found.first else Verb.UPDATE, found.version)
        product.refuse(session, found)
        if found.first:
            self._settled()
        return await self._update(found)

    async def _release(self, coming: Release) -> e.Finished:
        """Installs a release, or upgrades an installation to one."""
        session, opened = self._session, self._opened
        if opened.installing:
            return await self._install(coming)
        found = await session.cancellable(opened.survey(session))
        if not any(found.containers.values()) and session.request.verb is Verb.UPDATE:
            raise UsageError(ProjectNotRunning(project=opened.source.name, folder=locate.argument(opened.source)))
        opened.announce(session, Verb.UPDATE, found.version)
        product.refuse(session, found)
        upgrade.announce(session, coming, found, opened.old_release)
        installed = found.version or next((g.version for g in reversed(opened.generations) if g.version), "")
        known = opened.old_release
        old = release.texts(known) if known else known_releases.recall(opened.state, installed)
        upgraded = await session.cancellable(upgrade.merge(session, found, coming, old))
        draft = await session.cancellable(self._draft(coming, upgraded, found))
        inputs = {**files.hashes(upgraded.contents), **found.inputs}
        found = msgspec.structs.replace(found, inputs=inputs, companions=draft.survey.companions)
        return await self._update(found, draft)

    async def _install(self, coming: Release) -> e.Finished:
        session, opened = self._session, self._opened
        contents = install.contents(coming, opened.source.folder, session.options.values)
        draft = await session.cancellable(self._draft(coming, upgrade.Upgraded(contents, {}), None))
        if not draft.survey.first:
            raise UsageError(AlreadyInstalled(project=opened.source.name))
        opened.announce(session, Verb.INSTALL)
        session.emit(upgrade.release_found(coming, session.options.arguments[0], ""))
        self._settled()
        finished = await self._update(draft.survey, draft)
        if finished.outcome is not Outcome.KEPT:
            return finished
        return msgspec.structs.replace(finished, address=install.address(coming, contents, opened.source.folder))

    async def _bundle(self, coming: Bundle) -> e.Finished:
        """Installs the project of a bundle."""
        session, opened = self._session, self._opened
        bodies = await session.cancellable(offline.read_files(session.options.archives[0], coming))
        contents = {path_in(opened.source.folder, name): body for name, body in bodies.items()}
        trial = tried(session.engine, session.compose, opened.source, contents, session.folder)
        draft = await session.cancellable(trial)
        if not draft.survey.first:
            raise UsageError(AlreadyInstalled(project=opened.source.name))
        opened.announce(session, Verb.INSTALL)
        if not (session.options.profiles or session.options.env_files):
            archives, source = session.options.archives, opened.source
            settled = e.InstallSettled(source=archives[0], folder=source.folder, project=source.name, archives=archives)
            session.emit(settled)
        modes = {path_in(opened.source.folder, file.path): file.mode & 0o755 | 0o400 for file in coming.files}
        return await self._update(draft.survey, msgspec.structs.replace(draft, modes=modes))

    def _settled(self) -> None:
        """Emits how the project is installed, unless options were given that a file of answers cannot express."""
        opened = self._opened
        options, source = self._session.options, opened.source
        if options.files or options.profiles or options.env_files:
            return
        given = options.arguments[0] if opened.installing and options.arguments else ""
        named = fetch.place(self._session, given) if given else source.folder
        self._session.emit(install.settled(options, named, source.name, opened.release, source.folder))

    async def _draft(self, coming: Release, upgraded: upgrade.Upgraded, installed: Survey | None) -> Draft:
        session, opened = self._session, self._opened
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

    # --- the first phase, then the commit -------------------------------------------------------------------------

    async def _update(self, found: Survey, draft: Draft | None = None) -> e.Finished:
        session, opened = self._session, self._opened
        instead: list[Choice] = []
        if opened.generations:
            instead.append(Choice.GO_BACK)
        elif any(found.containers.values()):
            instead.append(Choice.ADOPT)
        if draft is None and found.version:  # an installation of a product that has releases
            instead.append(Choice.RELEASE)
        archives = await session.cancellable(offline.read_archives(session.options.archives))
        if archives is not None:
            offline.refuse_foreign(archives, opened.info)
            for problem in offline.doubts(archives, found) if opened.bundle is None else ():
                session.warn(problem)
        preparation = Preparation(session, opened, found, draft, archives=archives, instead=tuple(instead))
        planned = await session.cancellable(self._prepare(found, draft, preparation))
        return planned if isinstance(planned, e.Finished) else await converge(session, opened, planned)

    async def _prepare(self, found: Survey, draft: Draft | None, preparation: Preparation) -> e.Finished | Goal:
        """Returns the goal, with images fetched and verified and the plan confirmed; or how a run without one ends."""
        session, opened, coming = self._session, self._opened, draft.survey if draft else found
        for name in coming.undefined:
            session.warn(VariableUndefined(variable=name, file=coming.source.files[0]))
        for unread in coming.definition.unread.values():
            session.warn(FileNotUnderstood(file=unread.file, line=unread.line, reason=unread.reason))
        entries = resolve.show(session, coming, tuple(opened.asked))
        return await Walk(session, opened, preparation, found, draft).go(entries)
