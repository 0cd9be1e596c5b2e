"""Opens a run: finds the engine and the project, takes the project's lock, looks around."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from ws9tui.core import events as e
from ws9tui.core import files, generation, install, locate
from ws9tui.core.blocking import in_thread
from ws9tui.core.events import Choice, Question, Verb
from ws9tui.core.generation import Generation
from ws9tui.core.locate import Ambiguous, Request
from ws9tui.core.observed import Container, EngineInfo
from ws9tui.core.release import Release
from ws9tui.core.session import DECISION_DEADLINE, Session
from ws9tui.core.source import ProjectSource
from ws9tui.core.store import STAGED, Lock, holder, project_key
from ws9tui.core.survey import Survey, inspected, survey
from ws9tui.errors import Problem, UsageError


class Opened(msgspec.Struct):
    """A project that this run has to itself."""

    info: EngineInfo
    compose_version: str
    source: ProjectSource
    asked: dict[str, str]
    """service → reference that the arguments ask for, empty for a bare service"""
    state: Path
    """the folder of the project's state"""
    lock: Lock
    number: int
    """of this run"""
    release: Release | None = None
    """that this run goes to"""
    old_release: Release | None = None
    """that is installed, as the operator has named it"""

    @property
    def generations(self) -> list[Generation]:
        """The generations that are recorded, rising."""
        return generation.read_all(self.state)

    def measured_downtime(self, session: Session) -> dict[str, float]:
        """How long each service was away when it was last recreated, in seconds, by this project's earlier runs."""
        found: dict[str, float] = {}
        for record in session.store.runs_of(self.source.name, self.info.host):
            for name, row in record.state.watched.items():
                if row.downtime is not None:
                    found.setdefault(name, row.downtime)
        return found

    async def survey(self, session: Session) -> Survey:
        """Looks around; raises `UsageError` for services that the project does not have."""
        ran = [recorded for recorded in self.generations if recorded.reached]
        source = self.source
        if not source.profiles and ran:
            source = msgspec.structs.replace(source, profiles=ran[-1].source.profiles)
        # A variable that this shell lacks has the value that it had in the shell of the last run.
        environ = {**ran[-1].source.environment, **os.environ} if ran else os.environ
        found = await survey(session.engine, session.compose, source, environ, ran)
        if ran and ran[-1].companions:
            companions = ran[-1].companions
            inputs = {**files.hashes(companions), **found.inputs}
            found = msgspec.structs.replace(found, inputs=inputs, companions=companions)
        if session.releases is not None:
            containers = [container for entries in found.containers.values() for container in entries]
            layout, version = session.releases.installed(found.source, containers, found.images)
            found = msgspec.structs.replace(found, layout=layout, version=version)
        known = ", ".join(found.project.services)
        for name in (*self.asked, *session.options.expect, *session.options.backup):
            if name not in found.project.services:
                raise UsageError("service-unknown", service=name, project=self.source.name, known=known)
        return found


async def open_project(session: Session) -> Opened:
    """Finds the engine and the project and takes its lock.

    Raises `EngineError`, `ComposeError`, `UsageError`, and `Busy` when another run has the project.
    """
    info = await session.engine.info()
    compose_version = await session.compose.version()
    session.emit(
        e.EngineFound(
            host=info.host,
            server=info.name,
            engine_version=info.version,
            api_version=info.api_version,
            compose_version=compose_version,
            architecture=info.architecture,
        )
    )
    containers = await session.engine.containers()
    installing = session.request.verb is Verb.INSTALL
    release = old_release = None
    if installing and session.options.arguments:
        release = await _fetched(session, session.options.arguments[0], "release")
    if release is not None:
        request = Request(install.source(release, session.options, Path(session.request.folder)))
    else:
        request = await _locate(session, containers, info.host)
    if session.options.release:
        release = await _fetched(session, session.options.release, "release")
        if release is None:
            raise UsageError("no-release", source=session.options.release)
    if session.options.old_release:
        old_release = await _fetched(session, session.options.old_release, "old-release")
        if old_release is None:
            raise UsageError("no-release", source=session.options.old_release)
    source = request.source
    if not source.name:
        config = await session.compose.config(source)
        source = msgspec.structs.replace(source, name=str(config.get("name") or ""))
    state = session.store.project(project_key(source.name, info.host))
    lock = Lock(state / "lock")
    number = 1 + max((run.number for run in session.store.runs_of(source.name, info.host)), default=0)
    lock.acquire(holder(session.folder, number, session.request.actor))
    return Opened(info, compose_version, source, dict(request.services), state, lock, number, release, old_release)


async def _fetched(session: Session, source: str, name: str) -> Release | None:
    """A release from where the operator says; None where it is none."""
    if session.releases is None:
        return None
    releases, options = session.releases, session.options
    there = Path(session.request.folder, source)
    bare = "://" in source or ("/" not in source and not there.exists())  # an address, or a product's name
    folder = session.folder / f"{STAGED}{name}"
    try:
        found = await in_thread(lambda check: releases.fetch(source if bare else str(there), options, folder, check))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if found is not None and name == "release":
        install.refuse_candidate(found, session.options)
    return found


async def _locate(session: Session, containers: Sequence[Container], host: str) -> Request:
    recorded = _recorded(session, host)
    cwd = Path(session.request.folder)
    options = session.options
    try:
        return locate.locate(options, cwd, os.environ, containers, recorded)
    except Ambiguous as ambiguous:
        described = await _described(session, containers)
        session.emit(e.ProjectsFound(projects={name: described.get(name) for name in ambiguous.names}))
        if not session.attended:
            raise UsageError("project-ambiguous", projects=", ".join(ambiguous.names)) from None
        decision = await session.ask(
            Question.PROJECT,
            (Choice.GO, Choice.CANCEL),
            Choice.CANCEL,
            seconds=DECISION_DEADLINE,
            options=ambiguous.names,
            cancels=True,
        )
        options = msgspec.structs.replace(options, project_name=decision.project)
        return locate.locate(options, cwd, os.environ, containers, recorded)


async def _described(session: Session, containers: Sequence[Container]) -> Mapping[str, Problem]:
    """What each project is, as far as something is known of it."""
    if session.releases is None:
        return {}
    projects = [container for container in containers if container.project]
    return session.releases.describe(projects, await inspected(session.engine, {"": projects}))


def _recorded(session: Session, host: str) -> Mapping[str, ProjectSource]:
    """The projects of this engine that have a generation, by name."""
    found: dict[str, ProjectSource] = {}
    for folder in sorted(session.store.projects_folder.iterdir()):
        generations = generation.read_all(folder)
        if generations and folder.name == project_key(generations[-1].source.name, host):
            source = generations[-1].source
            found[source.name] = msgspec.structs.replace(source, environment={}, absent=())
    return found
