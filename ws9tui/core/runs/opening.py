"""Opens a run: finds the engine and the project, and takes the project's lock."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from ws9tui.core.compose import inputs, locate
from ws9tui.core.compose.locate import Ambiguous, Known, Request
from ws9tui.core.compose.same import same_place, shares_file
from ws9tui.core.data import save_reader
from ws9tui.core.images import bundle_file, offline
from ws9tui.core.inspect import reach
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.projects import views
from ws9tui.core.inspect.survey import inspected
from ws9tui.core.journal import events as e
from ws9tui.core.model.bundle import Bundle
from ws9tui.core.model.observed import Container, EngineInfo
from ws9tui.core.model.options import Options
from ws9tui.core.model.project_view import ProjectView
from ws9tui.core.model.release import Release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Choice, Question, Verb
from ws9tui.core.releases import fetch, form, install, of_bundle
from ws9tui.core.runs import detect
from ws9tui.core.session import Session
from ws9tui.core.store import generation, home
from ws9tui.core.store.lock import Lock, holder
from ws9tui.core.store.store import Home
from ws9tui.errors import Refused, UsageError
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import (
    ProjectAmbiguous,
    ProjectDiffers,
    ProjectNone,
    ProjectOfTheseFiles,
    ProjectOtherName,
)
from ws9tui.problems.release import ReleaseSourceUnknown
from ws9tui.problems.upgrade import NoRelease

_WITHOUT_FILES = (Verb.WIZARD, Verb.ROLLBACK, Verb.RECOVER)
"""verbs that work even if Compose cannot read the project's files"""
_BY_GENERATION = (Verb.ROLLBACK, Verb.RECOVER)
"""verbs that go to a recorded generation, whatever the files are"""


class Around(NamedTuple):
    """The engine, and the projects that it has or that are recorded of it."""

    info: EngineInfo
    networks: frozenset[str]
    containers: Sequence[Container]
    known: Known


async def open_engine(session: Session) -> tuple[EngineInfo, str]:
    """Finds the engine and Compose, emits what they are, and returns the engine's facts and Compose's version."""
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
            compose=session.compose.command,
            id=info.identity,
        )
    )
    return info, compose_version


async def open_project(session: Session) -> Opened:
    """Finds the engine and the project, and takes the project's lock.

    Raises `EngineError`, `ComposeError`, `UsageError`, `Refused`, and `Busy` if another run holds the lock.
    """
    info, compose_version = await open_engine(session)
    await detect.refuse_other(session, info)
    containers = await session.engine.containers()
    networks = frozenset(network.id for network in await session.engine.networks())
    around = Around(info, networks, containers, locate.known(containers, _recorded(session, info, networks)))
    if session.attended and len(around.known.names) > 1:
        session.emit(e.ProjectsKnown(names=around.known.names))
    restoring = session.request.verb is Verb.RESTORE
    saved = await save_reader.read(session, session.options.arguments[0]) if restoring else None
    try:
        opened = await _opened(session, around, compose_version, saved.saved.generation.source if saved else None)
    except BaseException:
        if saved is not None:
            saved.close()
        raise
    opened.saved = saved
    return opened


async def _opened(session: Session, around: Around, compose_version: str, known: ProjectSource | None) -> Opened:
    """Opens the requested project, or the ``known`` one of a backup, and takes its lock."""
    installing = session.request.verb is Verb.INSTALL
    bundle = await _bundle(session) if installing else None
    request: Request
    release: Release | None
    if known is not None:
        request, release = Request(known), None
    elif bundle is not None:
        request, release = Request(of_bundle.source(session, bundle)), None
    elif installing and not (session.attended and not session.options.arguments and not session.options.files):
        request, release = await _to_install(session, around)
    elif installing:
        request, release = await _form(session, around)
    else:
        try:
            request, release = await _locate(session, around), None
        except UsageError as error:
            if (
                not isinstance(error.problem, ProjectNone)
                or session.request.verb is not Verb.WIZARD
                or not session.attended
            ):
                raise
            request, release = await _form(session, around)
            installing = True
    if session.options.release and not installing:
        layout = await _layout(session, around, request.source)
        release = await _release(session, session.options.release, "release", layout)
    old_release = None
    if session.options.old_release:
        old_release = await _release(session, session.options.old_release, "old-release")
    source = request.source
    found, lock, number = _taken(session, source.name, around.info, around.networks)
    return Opened(
        around.info,
        compose_version,
        source,
        request.services,
        found,
        lock,
        number,
        release,
        bundle,
        old_release,
        installing=installing,
    )


async def _bundle(session: Session) -> Bundle | None:
    """Returns the bundle to install, and adds it to the run's archives; None if the argument is no bundle."""
    named = session.options.arguments[:1]
    path = fetch.place(session, named[0]) if named and not session.options.files else ""
    if not path or "://" in path or not bundle_file.looks_like(path):
        return None
    archives = (path, *session.options.archives)
    session.options = msgspec.structs.replace(session.options, archives=tuple(dict.fromkeys(archives)))
    return await offline.read_bundle(path)


def _taken(session: Session, project: str, info: EngineInfo, networks: Collection[str]) -> tuple[Home, Lock, int]:
    """Returns the project's home, its lock once it is acquired, and the run's number; raises `Busy`."""
    found = home.find(session.store, project, info.identity, info.host, networks)
    lock = Lock(session.store.project(found.folder.name) / home.LOCK, project, info.identity or info.host)
    number = 1 + max((run.number for run in session.store.runs_of(found)), default=0)
    lock.acquire(holder(session.folder, number, session.request.actor))
    now = home.find(session.store, project, info.identity, info.host, networks)
    if now.folder != found.folder:  # a run by another address has just settled in another folder
        lock.release()
        return _taken(session, project, info, networks)
    home.settle(now)
    return now, lock, number


async def _to_install(session: Session, around: Around) -> tuple[Request, Release | None]:
    """Returns what the command line names for installation, without any question."""
    named = session.options.arguments[:1]
    release = await fetch.release(session, named[0]) if named else None
    if release is not None:
        return Request(install.source(release, session.options, Path(session.request.folder))), release
    if named and not session.options.files and not Path(fetch.place(session, named[0])).exists():
        raise UsageError(ReleaseSourceUnknown(source=named[0]))
    return await _locate(session, around), None


async def _form(session: Session, around: Around) -> tuple[Request, Release | None]:
    """Returns what the operator fills in for installation; the form's options become those of the run."""

    async def located(options: Options) -> Request:
        return await _located(session, options, around, readable=True)

    filled = await form.ask(session, around.info, located)
    session.options = filled.options
    if filled.release is not None:
        return Request(install.source(filled.release, filled.options, Path(session.request.folder))), filled.release
    assert filled.request is not None  # noqa: S101 - it is one or the other
    return filled.request, None


async def _layout(session: Session, around: Around, source: ProjectSource) -> str:
    """Returns the product's layout in an installation that is to be upgraded to a release; empty if it is refused."""
    if session.releases is None:
        return ""
    own = [container for container in around.containers if container.project == source.name]
    layout = session.releases.installed(source, own, await inspected(session.engine, own))[0]
    return "" if session.releases.obstacle(layout) else layout  # the refusal is reported later


async def _release(session: Session, source: str, name: str, layout: str = "") -> Release:
    """Returns the release at the operator's source; raises `UsageError` if there is none."""
    found = await fetch.release(session, source, name, layout)
    if found is None:
        raise UsageError(NoRelease(source=source))
    return found


async def _locate(session: Session, around: Around) -> Request:
    options = session.options
    if options.ask_project and (names := around.known.names):
        chosen = await _choose(session, around, dict.fromkeys(names), ProjectAmbiguous(projects=", ".join(names)))
        return await _by_name(session, chosen, {}, around)
    try:
        request = await _located(session, options, around)
    except Ambiguous as ambiguous:
        projects = dict.fromkeys(ambiguous.names)
        chosen = await _choose(session, around, projects, ProjectAmbiguous(projects=", ".join(projects)))
        return await _located(session, msgspec.structs.replace(options, project_name=chosen), around)
    return await _agreed(session, request, around)


async def _located(session: Session, options: Options, around: Around, *, readable: bool = False) -> Request:
    """Returns the requested project; ``readable``: only if Compose can read its files, whichever the verb."""
    folder = Path(session.request.folder)
    lenient = session.request.verb in _WITHOUT_FILES and not readable
    request = await locate.locate(session.compose, options, folder, os.environ, around.known, lenient=lenient)
    misplaced = reach.misplaced(around.info, request.source)
    if misplaced is not None:
        raise Refused(misplaced)
    return request


async def _agreed(session: Session, request: Request, around: Around) -> Request:
    """Returns a request for the project in the working directory once it matches what runs, or the operator decides.

    If other projects run from the same files, `up` here would create a second project on their data.
    """
    if not request.here or session.request.verb is Verb.BUNDLE:
        return request
    source, verb = request.source, session.request.verb
    running = around.known.running.get(source.name, ())
    if any(same_place(source, said) for said in running):
        return request
    if running:
        if verb in _BY_GENERATION:
            return await _by_name(session, source.name, request.services, around)
        here, there = ", ".join(source.files), ", ".join(running[0].files)
        differs = ProjectDiffers(project=source.name, here=here, there=there)
        await _choose(session, around, {source.name: differs}, None)
        return request
    others = {
        name: ProjectOfTheseFiles(project=name, file=source.files[0])
        for name, all_ in around.known.running.items()
        if any(shares_file(source, said) for said in all_)
    }
    if not others or source.name in around.known.recorded or (verb is Verb.INSTALL and session.options.project_name):
        return request
    other = ProjectOtherName(project=source.name, folder=locate.argument(source), projects=", ".join(others))
    chosen = await _choose(session, around, others, other)
    return await _by_name(session, chosen, request.services, around)


async def _by_name(session: Session, name: str, services: dict[str, str], around: Around) -> Request:
    """Returns the request for the project of that name, located as its running containers say."""
    options = msgspec.structs.replace(session.options, arguments=(name,), files=(), project_name="")
    found = await _located(session, options, around)
    return msgspec.structs.replace(found, services=services)


async def _choose(
    session: Session, around: Around, projects: Mapping[str, Problem | None], unclear: Problem | None
) -> str:
    """Asks which project is meant; without a TTY raises `UsageError` for ``unclear``, else `Refused` for the one."""
    why = unclear if isinstance(unclear, ProjectOtherName) else None
    described, found = await _described(session, around, projects)
    projects = {name: projects[name] or described.get(name) for name in found}
    session.emit(e.ProjectsFound(projects=projects, views=found, why=why))
    if not session.attended:
        only = next(iter(projects.values()))
        if unclear is not None or only is None:
            raise UsageError(unclear or ProjectAmbiguous(projects=", ".join(projects)))
        raise Refused(only)
    choices = (Choice.GO, Choice.CANCEL)
    asked = session.ask(Question.PROJECT, choices, Choice.CANCEL, options=tuple(projects), cancels=True)
    return (await asked).project


async def _described(
    session: Session, around: Around, names: Iterable[str]
) -> tuple[Mapping[str, Problem], dict[str, ProjectView]]:
    """Returns what is known of each project, and views of all, the likeliest first."""
    containers = [container for container in around.containers if container.project]
    images = await inspected(session.engine, containers)

    def used_at(name: str) -> str:
        return home.used_at(home.find(session.store, name, around.info.identity, around.info.host, around.networks))

    described = session.releases.describe(containers, images) if session.releases else {}
    cwd = Path(session.request.folder)
    return described, views(names, around.known, containers, images, cwd, used_at)


def _recorded(session: Session, info: EngineInfo, networks: Collection[str]) -> Mapping[str, ProjectSource]:
    """Returns the recorded projects of this engine, by name, as their latest generation defines them."""
    found: dict[str, ProjectSource] = {}
    for folder in sorted(session.store.projects_folder.iterdir()):
        generations = generation.read_all(folder)
        name = generations[-1].source.name if generations else ""
        if name and folder == home.find(session.store, name, info.identity, info.host, networks).folder:
            source = generations[-1].source
            found[source.name] = msgspec.structs.replace(source, environment=inputs.of_compose(source), absent=())
    return found
