"""Tries edits of image references on copies of the files, and has Compose resolve the edited project."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import msgspec

from ws9tui.core.compose import envfile, mirror
from ws9tui.core.compose.edit import Edits, FileEdit
from ws9tui.core.compose.inputs import env_files
from ws9tui.core.fs import files
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.model.project import Service
from ws9tui.core.model.project_config import from_config
from ws9tui.core.model.source import FoundBy, ProjectSource
from ws9tui.core.ports import Compose
from ws9tui.core.store.store import STAGED
from ws9tui.errors import UsageError
from ws9tui.problems import reasons_files
from ws9tui.problems.project import ReferenceNotInFiles, ReferenceShared

_PLAIN = re.compile(r"[A-Za-z0-9_./:@-]*", re.ASCII)
"""a value that needs no quotes in an env file, as the parts of an image reference"""

PREFIX = STAGED
"""of the folder with the copies; one left by a killed run is removed by the next run"""


class Staged(msgspec.Struct, frozen=True):
    """Edits that are not made yet, and the project as they would make it."""

    edits: tuple[FileEdit, ...]
    hashes: dict[str, str]
    """config hashes after the edits, where they can be known and compared with containers' labels"""
    definitions: dict[str, str]
    """all config hashes that can be known"""
    environment: dict[str, str]
    """the shell's variables that go with the edits"""
    models: dict[str, Service] = {}
    """services as the edits would make them; empty if nothing is edited"""


def check(found: Survey, wanted: Mapping[str, str]) -> None:
    """Raises `UsageError` if the files do not allow these references, as far as can be told without Compose."""
    for name, reference in wanted.items():
        first: UsageError | None = None
        for number, _ in enumerate(found.definition.images.get(name, (None,))):
            try:
                edits(found, {name: reference}, picks={name: number})
                break
            except UsageError as error:
                first = first or error
        else:
            if first:
                raise first


def edits(
    found: Survey, wanted: Mapping[str, str], shell: Path | None = None, picks: Mapping[str, int] = MappingProxyType({})
) -> tuple[FileEdit, ...]:
    """Returns the edits that give these services these references; raises `UsageError` if the files do not allow it.

    ``shell`` is an env file with the shell's variables, if those may change as well. ``picks`` maps a service to the
    index of the place to edit among those where its image is written; by default the likeliest, 0.
    """
    present = {name: service.reference for name, service in found.project.services.items()}
    own = env_files(found.source)
    made = Edits(
        (*own, *((str(shell),) if shell else ())),
        {} if shell else found.source.environment,
        present,
        next((path for path in own if Path(path).is_file()), own[0]),
    )
    for name, reference in wanted.items():
        if reference == present[name]:
            continue
        places = found.definition.images.get(name)
        if not places:
            problem = next(iter(found.definition.unread.values()), None)
            if problem is None:
                raise UsageError(ReferenceNotInFiles(service=name, reason="place"))
            raise UsageError(ReferenceNotInFiles(service=name, reason="unread", file=problem.file, line=problem.line))
        made.set_image(name, places[picks.get(name, 0)], reference)
    return made.files


async def stage(compose: Compose, found: Survey, wanted: Mapping[str, str], scratch: Path) -> Staged:
    """Returns the edits for these references, tried on copies in a folder below ``scratch``.

    Raises `UsageError` if any service, selected or not, would get another reference than it should have.
    """
    if all(found.project.services[name].reference == reference for name, reference in wanted.items()):
        return _unedited(found)
    return await _in_right_places(
        found, wanted, lambda made: _tried(compose, found, found.source, made, wanted, scratch)
    )


def _unedited(found: Survey) -> Staged:
    return Staged((), found.hashes, found.definitions, found.source.environment)


async def _in_right_places(
    found: Survey,
    wanted: Mapping[str, str],
    try_out: Callable[[tuple[FileEdit, ...]], Awaitable[Staged]],
    shell: Path | None = None,
) -> Staged:
    """Finds the edits by which each service gets its reference, and returns the outcome of ``try_out`` for them.

    An image may be written in several places (a file and what it extends or includes): the place that Compose takes it
    from is found by trying.
    """
    picks: dict[str, int] = {}
    first: UsageError | None = None
    while True:
        try:
            return await try_out(edits(found, wanted, shell, picks))
        except UsageError as error:
            first = first or error
            if not isinstance(error.problem, ReferenceNotInFiles):
                raise first from None
            service = error.problem.service
            picks[service] = picks.get(service, 0) + 1
            if picks[service] >= len(found.definition.images.get(service, ())):
                raise first from None


async def as_running(compose: Compose, found: Survey, scratch: Path) -> Staged:
    """Returns edits by which the files name the running images, if references were edited since the containers' start.

    The files of a generation must restore it. If no edit makes them name all running images, none is returned.
    """
    source = found.source
    wanted = {
        name: container.image
        for name, service in found.project.services.items()
        if (container := found.container(name)) is not None and service.reference not in ("", container.image)
    }
    if not wanted:
        return _unedited(found)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=scratch) as folder:
        shell = Path(folder, "shell.env")
        plain = {name: value for name, value in source.environment.items() if _PLAIN.fullmatch(value)}
        files.replace(shell, "".join(f"{name}={value}\n" for name, value in plain.items()).encode())

        async def tried(made: tuple[FileEdit, ...]) -> Staged:
            """Tries the edits of the project's own files; edits of the shell's variables go to the environment."""
            text = next((edit.content.decode() for edit in made if edit.path == str(shell)), "")
            changed = {entry.name: entry.value for entry in envfile.assignments(text)}
            there = msgspec.structs.replace(source, environment=source.environment | changed)
            own = tuple(edit for edit in made if edit.path != str(shell))
            return await _tried(compose, found, there, own, wanted, scratch)

        try:
            return await _in_right_places(found, wanted, tried, shell)
        except UsageError:
            return _unedited(found)


async def _tried(
    compose: Compose,
    found: Survey,
    source: ProjectSource,
    made: tuple[FileEdit, ...],
    wanted: Mapping[str, str],
    scratch: Path,
) -> Staged:
    """Resolves the project with the edits made; raises `UsageError` if the references then are not as wanted.

    A service that reads an edited file as its `env_file` gets its hash only from the file in place: it is left out.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=scratch) as folder:
        contents = {edit.path: edit.content for edit in made}
        if found.definition.nested:
            config, hashes = await mirror.resolved(compose, source, contents, Path(folder))
        else:
            staged = _copies(source, made, Path(folder))
            config, hashes = await asyncio.gather(compose.config(staged), compose.hashes(staged))
    for name, service in found.project.services.items():
        resolved = str((config.get("services") or {}).get(name, {}).get("image") or "")
        if resolved == wanted.get(name, service.reference) or (name not in wanted and not found.containers.get(name)):
            continue
        file, line = (made[0].path, made[0].lines[0][0]) if made else ("", None)
        if name in wanted:
            reason = reasons_files.TagWouldBecome(value=resolved)
            raise UsageError(ReferenceNotInFiles(service=name, reason=reason, file=file, line=line))
        leader = next(iter(wanted))
        raise UsageError(ReferenceShared(service=leader, other=name, reference=resolved, file=file, line=line))
    edited = {edit.path for edit in made}
    known = {
        name: value
        for name, value in hashes.items()
        if name in found.project.services and not edited.intersection(found.project.services[name].env_files)
    }
    models = from_config(source, config, config).services
    return Staged(made, found.project.comparable(known), known, source.environment, models)


def _copies(source: ProjectSource, made: Sequence[FileEdit], folder: Path) -> ProjectSource:
    """Returns the source with edited files replaced by copies; requires that no file includes or extends another."""
    copies: dict[str, str] = {}
    for index, edit in enumerate(made):
        copies[edit.path] = str(folder / f"{index}-{Path(edit.path).name}")
        files.replace(Path(copies[edit.path]), edit.content)
    # Files that Compose finds by default must not be named if they do not exist.
    variables = tuple(copies.get(path, path) for path in env_files(source) if path in copies or Path(path).is_file())
    return msgspec.structs.replace(
        source,
        files=tuple(copies.get(path, path) for path in source.files),
        env_files=variables,
        found_by=FoundBy.FLAG,
        directory=True,
    )
