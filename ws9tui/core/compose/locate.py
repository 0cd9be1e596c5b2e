"""Locates the project as Compose does: by name, path, flags or the working directory.

The order of the contract: a first argument that names a path or a known project; flags; the working directory; else the
only project on the engine. What Compose resolves from a folder (name, directory, files, variables, profiles) is queried
from Compose there (`seen`).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

import msgspec

from ws9tui.core.compose.inputs import OWN, discovered, folder_files
from ws9tui.core.compose.same import same_place
from ws9tui.core.compose.seen import STDIN, absolute, seen
from ws9tui.core.fs import files
from ws9tui.core.model.observed import Container
from ws9tui.core.model.options import Options
from ws9tui.core.model.source import FoundBy, ProjectSource
from ws9tui.core.ports import Compose
from ws9tui.errors import ComposeError, StateError, UsageError
from ws9tui.problems import reasons_files
from ws9tui.problems.engine import NotUnderstood
from ws9tui.problems.project import (
    ProjectFileMissing,
    ProjectFilesElsewhere,
    ProjectFromStdin,
    ProjectNoFolder,
    ProjectNone,
    ProjectUnknown,
)

_OF_A_PLACE = ("COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR", "COMPOSE_PROJECT_NAME", "COMPOSE_ENV_FILES")
"""variables that select the project of the working directory; a named project has its own"""
_ASKS = re.compile(r"[A-Za-z0-9._-]+=")
"""SERVICE=REFERENCE, even if the reference contains slashes"""


class Known(msgspec.Struct, frozen=True):
    """The projects that have containers, and those that have a recorded generation."""

    running: dict[str, tuple[ProjectSource, ...]]
    """name → the sources in its containers' labels, that of most containers first"""
    hashes: dict[str, dict[str, str]]
    """name → service → the config hash of its containers, if all have the same"""
    recorded: Mapping[str, ProjectSource]

    @property
    def names(self) -> tuple[str, ...]:
        """All names, those of running projects first."""
        return tuple(dict.fromkeys((*self.running, *self.recorded)))


class Request(msgspec.Struct, frozen=True):
    """A located project, and the services from the remaining arguments, each with its requested reference or empty."""

    source: ProjectSource
    services: dict[str, str] = {}
    here: bool = False
    """Compose resolves it from a folder; else it was named, and comes from its containers or its generation"""


class Ambiguous(Exception):
    """Several projects run and none was named; ``names`` are the choices."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names


def known(containers: Sequence[Container], recorded: Mapping[str, ProjectSource]) -> Known:
    """Returns the projects known from the engine's containers and from the recorded generations."""
    said: dict[str, Counter[tuple[str, tuple[str, ...], tuple[str, ...]]]] = {}
    hashes: dict[str, dict[str, set[str]]] = {}
    for container in containers:
        if container.project and container.config_files and not container.oneoff:
            env_files = _explicit(container.environment_files, container.working_dir)
            place = (container.working_dir, container.config_files, env_files)
            said.setdefault(container.project, Counter())[place] += 1
            services = hashes.setdefault(container.project, {})
            services.setdefault(container.service, set()).add(container.config_hash)
    return Known(
        {
            name: tuple(ProjectSource(name, *place) for place, _ in counted.most_common())
            for name, counted in sorted(said.items())
        },
        {
            name: {service: next(iter(found)) for service, found in services.items() if len(found) == 1}
            for name, services in hashes.items()
        },
        recorded,
    )


async def locate(
    compose: Compose,
    options: Options,
    cwd: Path,
    environ: Mapping[str, str],
    around: Known,
    *,
    lenient: bool = False,
) -> Request:
    """Returns the project that the arguments mean; raises `UsageError`, `ComposeError`, `StateError`, or `Ambiguous`.

    ``cwd`` is the operator's, with its symbolic links. If Compose cannot read the files there, a ``lenient`` request
    returns the known project that was started from there.
    """
    arguments = list(options.arguments)
    here = _call(options, cwd, environ)
    first = arguments[0] if arguments and not _ASKS.match(arguments[0]) else ""
    named = ""
    for file in here.env_files:
        if not files.there(file):
            raise UsageError(ProjectFileMissing(file=file))
    if first and (_is_path(first, cwd) or _has(cwd / first, here.files, cwd)):
        here = _at_path(here, cwd, arguments.pop(0), around)
    elif first in around.names:
        named = arguments.pop(0)
    elif not _stands_in_one(here):
        named = options.project_name or _of_folder(cwd, around.recorded) or _only(cwd, arguments, around)
        if named not in around.names:
            raise UsageError(ProjectUnknown(name=named, folder=str(cwd), known=", ".join(around.names)))
    services = _services(arguments)
    if named and not options.files:
        return Request(await _by_name(compose, named, here, around), services)
    if named and options.project_name not in ("", named):
        raise UsageError(NotUnderstood(reason=reasons_files.TwoProjects(name=named, other=options.project_name)))
    if named:
        here = msgspec.structs.replace(here, name=named)
    try:
        return Request(await seen(compose, here), services, here=True)
    except (ComposeError, UsageError):
        if lenient and (started := _started_from(here, around)):
            return Request(started, services)
        raise


def _services(arguments: Sequence[str]) -> dict[str, str]:
    services = {}
    for argument in arguments:
        name, equals, reference = argument.partition("=")
        if not name or (equals and not reference):
            raise UsageError(NotUnderstood(reason=reasons_files.ServiceExpected(argument=argument)))
        services[name] = reference
    return services


# --- the project of the working directory ----------------------------------------------------------------------------


def _call(options: Options, cwd: Path, environ: Mapping[str, str]) -> ProjectSource:
    """Returns the call by the flags, from the operator's working directory."""
    listed = options.env_files or tuple(part for part in environ.get("COMPOSE_ENV_FILES", "").split(",") if part)
    return ProjectSource(
        options.project_name,
        str(cwd),
        tuple(file if file == STDIN else absolute(cwd, file) for file in options.files),
        env_files=tuple(absolute(cwd, file) for file in listed),
        profiles=options.profiles,
        environment={name: value for name, value in environ.items() if name.startswith(OWN)},
        cwd=str(cwd),
        found_by=FoundBy.FLAG if options.files else FoundBy.COMPOSE,
        directory=False,
    )


def _at_path(call: ProjectSource, cwd: Path, argument: str, around: Known) -> ProjectSource:
    """Returns the call for a PROJECT that is a file, as with -f, or a folder, as if it were the working directory."""
    path = Path(absolute(cwd, argument))
    sources = [source for _, all_ in _all(around) for source in all_]
    gone = not files.there(path)
    if path.is_file() or (gone and any(str(path) in source.files for source in sources)):
        return msgspec.structs.replace(call, files=(str(path), *call.files), found_by=FoundBy.FLAG)
    if not path.is_dir() and not any(str(path) == source.folder for source in sources):
        raise UsageError(ProjectNoFolder(folder=str(path)))
    call = msgspec.structs.replace(call, folder=str(path), cwd=str(path))
    if not call.files:
        return call
    given = tuple(_in_either(file, cwd, path) for file in call.files)
    return msgspec.structs.replace(call, files=given, directory=str(Path(given[0]).parent) != str(path))


def _has(folder: Path, files: Sequence[str], cwd: Path) -> bool:
    """Whether a folder is the parent of one of the files given with -f."""
    inside = os.path.isdir(folder)  # noqa: PTH112 - False for one that is closed to this user
    return inside and any(str(Path(_in_either(file, cwd, folder)).parent) == str(folder) for file in files)


def _in_either(file: str, cwd: Path, folder: Path) -> str:
    """Returns a file given with -f next to a folder: relative to the working directory, else to that folder."""
    inside = folder / Path(file).relative_to(cwd) if Path(file).is_relative_to(cwd) else Path(file)
    return str(inside) if not os.path.exists(file) and os.path.exists(inside) else file  # noqa: PTH110 - as above


def _stands_in_one(call: ProjectSource) -> bool:
    """Whether flags, a variable or the files of the working directory lead to a project."""
    place = Path(call.called_in)
    named = call.files or call.environment.get("COMPOSE_FILE") or _sets_file((*call.env_files, str(place / ".env")))
    return bool(named or discovered(place))


def _sets_file(env_files: Sequence[str]) -> bool:
    """Whether one of these env files may set COMPOSE_FILE; Compose then tells its value."""
    for file in env_files:
        with suppress(StateError):
            if re.search(rb"^\s*(export\s+)?COMPOSE_FILE\s*[=:]", files.read(file) or b"", re.MULTILINE):
                return True
    return False


def _is_path(argument: str, cwd: Path) -> bool:
    path = cwd / argument
    return (
        "/" in argument
        or argument in (".", "..")
        or os.path.isfile(path)  # noqa: PTH113 - as above
        or (os.path.isdir(path) and (bool(folder_files(path)) or _sets_file((str(path / ".env"),))))  # noqa: PTH112
    )


# --- a named project -----------------------------------------------------------------------------------------------


async def _by_name(compose: Compose, name: str, flags: ProjectSource, around: Known) -> ProjectSource:
    """Returns a named project's source, with the call by which Compose resolves what runs.

    Labels name the project's directory and files, but not the working directory of the call, which decides what `.env`
    Compose reads. Of the calls that lead to these files, the one is chosen that matches the config hash of most
    services' containers.
    """
    labels = around.running.get(name)
    recorded = around.recorded.get(name)
    if not labels:
        assert recorded is not None  # noqa: S101 - a known name is one or the other
        return _flagged(recorded, flags)
    said = labels[0]
    if missing := [file for file in said.files if not files.there(file)]:
        if recorded is not None and recorded.files == said.files:
            return _flagged(recorded, flags)
        if STDIN in missing:
            raise UsageError(ProjectFromStdin(project=name))
        raise UsageError(ProjectFilesElsewhere(project=name, files=", ".join(missing)))
    found: list[ProjectSource] = []
    for call in _calls(said, flags, recorded):
        with suppress(ComposeError, UsageError):
            source = await seen(compose, call)
            if same_place(source, said):
                found.append(source)
    if not found:
        return _flagged(said, flags)
    wanted = around.hashes.get(name, {})
    agreeing = [await _agreeing(compose, source, wanted) for source in found] if len(found) > 1 else [0]
    return found[agreeing.index(max(agreeing))]


async def _agreeing(compose: Compose, source: ProjectSource, wanted: Mapping[str, str]) -> int:
    """Returns the number of services whose containers have the config hash of this source."""
    hashes = await compose.hashes(source)
    return sum(hashes.get(service) == value for service, value in wanted.items())


def _calls(said: ProjectSource, flags: ProjectSource, recorded: ProjectSource | None) -> list[ProjectSource]:
    """Returns the calls that could have led to these labels, the likeliest first."""
    plain = _flagged(msgspec.structs.replace(said, directory=False, cwd=said.folder), flags)
    by_itself = msgspec.structs.replace(plain, files=(), found_by=FoundBy.COMPOSE)
    above = [folder for folder in Path(said.folder).parents if _sets_file((str(folder / ".env"),))]
    calls = [by_itself, *(msgspec.structs.replace(by_itself, cwd=str(folder)) for folder in above)]
    if folder_files(Path(said.folder))[:1] != said.files[:1] and not above:
        calls.insert(0, plain)
    if recorded is not None and recorded.cwd and same_place(recorded, said):
        files = recorded.files if recorded.found_by is FoundBy.FLAG else ()
        calls.insert(0, _flagged(msgspec.structs.replace(recorded, files=files), flags))
    return calls


def _flagged(source: ProjectSource, flags: ProjectSource) -> ProjectSource:
    """Returns a named project's source with the flags of this call."""
    own = {name: value for name, value in flags.environment.items() if name not in _OF_A_PLACE}
    return msgspec.structs.replace(
        source,
        env_files=flags.env_files or source.env_files,
        profiles=flags.profiles or source.profiles,
        environment=own | source.environment,
    )


def _only(cwd: Path, arguments: Sequence[str], around: Known) -> str:
    """Returns the only project on the engine, or the only recorded one if nothing runs."""
    running = around.running
    if not running and not arguments and len(around.recorded) == 1:
        return next(iter(around.recorded))  # its containers no longer exist
    if not running or (arguments and not _ASKS.match(arguments[0]) and len(running) > 1):
        if not arguments:
            raise UsageError(ProjectNone(folder=str(cwd)))
        known, near = ", ".join(around.names), close(arguments[0], around.names)
        raise UsageError(ProjectUnknown(name=arguments[0], folder=str(cwd), known=known, near=near))
    if len(running) > 1:
        raise Ambiguous(tuple(running))
    return next(iter(running))


def close(word: str, names: Sequence[str]) -> str:
    """Returns the name that is closest to a mistyped word; empty if none is similar."""
    return next(iter(get_close_matches(word, names, 1)), "")


def _started_from(call: ProjectSource, around: Known) -> ProjectSource | None:
    """Returns the known project that was started from a folder whose files Compose can no longer read."""
    folder, files = os.path.realpath(call.folder), {os.path.realpath(file) for file in call.files}
    found = [
        sources[0]
        for name, sources in _all(around)
        if call.name in ("", name)
        and any(
            files <= {os.path.realpath(file) for file in source.files}
            if files
            else folder in (os.path.realpath(source.folder), os.path.realpath(source.called_in))
            for source in sources
        )
    ]
    return found[0] if len(found) == 1 else None


def _of_folder(cwd: Path, recorded: Mapping[str, ProjectSource]) -> str:
    """Returns the recorded project of a folder whose Compose file is gone; empty unless there is exactly one."""
    here = [name for name, source in recorded.items() if str(cwd) in (source.folder, source.called_in)]
    return here[0] if len(here) == 1 else ""


def _all(around: Known) -> list[tuple[str, tuple[ProjectSource, ...]]]:
    """Returns all known projects, each with its recorded source first and then those in its labels."""
    recorded = {name: (source,) for name, source in around.recorded.items()}
    return [(name, (*recorded.get(name, ()), *around.running.get(name, ()))) for name in around.names]


def argument(source: ProjectSource) -> str:
    """Returns the PROJECT argument that leads to a source resolved from a folder: the folder, or its first file."""
    return source.called_in if source.found_by is FoundBy.COMPOSE else source.files[0]


def _explicit(files: tuple[str, ...], folder: str) -> tuple[str, ...]:
    """Returns the env files without the folder's own .env, which Compose reads by default but labels too."""
    return () if files == (str(Path(folder) / ".env"),) else files
