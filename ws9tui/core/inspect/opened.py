"""The project that a run has locked, and the survey of that project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ws9tui.core.compose import locate
from ws9tui.core.inspect.survey import Survey, survey
from ws9tui.core.journal import events as e
from ws9tui.core.model.bundle import Bundle
from ws9tui.core.model.observed import EngineInfo
from ws9tui.core.model.release import Release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Finding, Level, Verb
from ws9tui.core.session import Session
from ws9tui.core.store import generation, home, users
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.lock import Lock
from ws9tui.core.store.saved_file import SavedFile
from ws9tui.core.store.store import Home
from ws9tui.errors import UsageError
from ws9tui.problems.project import ServiceUnknown

_COMMANDS = (
    *("update", "install", "rollback", "recover", "attach", "cancel"),
    *("history", "doctor", "adopt", "bundle", "backup", "restore", "demo"),
)


class Opened(msgspec.Struct):
    """The project that this run has locked."""

    info: EngineInfo
    compose_version: str
    source: ProjectSource
    asked: dict[str, str]
    """service → reference from the arguments, empty for a bare service name"""
    home: Home
    """the folder of the project's records"""
    lock: Lock
    number: int
    """number of this run"""
    release: Release | None = None
    """release that this run goes to"""
    bundle: Bundle | None = None
    """bundle whose project is installed, in the first of the run's archives"""
    old_release: Release | None = None
    """installed release, as the operator named it"""
    installing: bool = False
    """the operator asked for a first install; False: for an update, which may turn out to be a first install"""
    saved: SavedFile | None = None
    """backup that the project is restored from"""
    announced: bool = False
    """the journal names the project already"""

    @property
    def state(self) -> Path:
        """The folder of the project's records."""
        return self.home.folder

    @property
    def generations(self) -> list[Generation]:
        """The recorded generations, in ascending order."""
        return generation.read_all(self.state)

    def announce(self, session: Session, verb: Verb, version: str = "") -> None:
        """Emits which project the run has and what it does with it; the values of its variables are left out."""
        self.announced = True
        generations = self.generations
        session.emit(
            e.ProjectFound(
                source=msgspec.structs.replace(self.source, environment=dict.fromkeys(self.source.environment, "")),
                verb=verb,
                number=self.number,
                generation=generations[-1].number if generations else 0,
                version=version or (generations[-1].version if generations else ""),
            )
        )

    def measured_downtime(self, session: Session) -> dict[str, float]:
        """Returns, by service, the seconds of downtime at its last recreate, from this project's earlier runs."""
        found: dict[str, float] = {}
        for record in session.store.runs_of(self.home):
            for name, row in record.state.watched.items():
                if row.downtime is not None:
                    found.setdefault(name, row.downtime)
        return found

    def of_others(self) -> Iterator[Finding]:
        """Yields what other users have recorded of the project, as of the last survey."""
        for problem in home.of_others(self.home):
            yield Finding(Level.OK, problem)

    async def survey(self, session: Session) -> Survey:
        """Surveys the project; raises `UsageError` for services that it does not have."""
        ran = [recorded for recorded in self.generations if recorded.reached]
        source = self.source
        if not source.profiles and ran:
            source = msgspec.structs.replace(source, profiles=ran[-1].source.profiles)
        # A variable that this shell lacks keeps its value from the shell of the last run.
        environ = {**ran[-1].source.environment, **os.environ} if ran else dict(os.environ)
        found = await survey(session.engine, session.compose, source, environ, ran)
        found = msgspec.structs.replace(found, compose_version=self.compose_version)
        session.tell_also(found.definition.notify)
        session.show_hooks(found.definition.hooks)
        if ran:
            found = found.with_companions(ran[-1].companions)
        if session.releases is not None:
            containers = [container for entries in found.containers.values() for container in entries]
            layout, version = session.releases.installed(found.source, containers, found.images)
            found = msgspec.structs.replace(found, layout=layout, version=version)
        others = users.of_others(found.observed.tags, self.source.name, generation.numbers(self.state))
        self.home = msgspec.structs.replace(self.home, others=others)
        home.settle(self.home)
        known = ", ".join(found.project.services)
        for name in (*self.asked, *session.options.expect, *session.options.backup):
            if name not in found.project.services:
                near = locate.close(name, (*found.project.services, *_COMMANDS))
                raise UsageError(ServiceUnknown(service=name, project=self.source.name, known=known, near=near))
        return found
