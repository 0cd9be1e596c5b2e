"""Files that a run means to write, tried before any of them is there: what the project would be with them.

A mirror of the project's folder is made below the run's own: the files that are to come as copies, everything else by
symbolic links. Compose resolves the project in the mirror, and the mirror's path in its answer is replaced by the
folder's. Nothing of the project is changed.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ws9tui.core import files, locate
from ws9tui.core.edit import FileEdit
from ws9tui.core.generation import Generation
from ws9tui.core.ports import Compose, Engine
from ws9tui.core.project import Project
from ws9tui.core.source import ProjectSource
from ws9tui.core.staging import PREFIX, Staged
from ws9tui.core.survey import Survey, survey

T = TypeVar("T")


class Draft(msgspec.Struct, frozen=True):
    """The project as it would be: its survey, with the containers that there are now, and the edits that lead to it."""

    survey: Survey
    staged: Staged
    versions: dict[str, str] = {}
    """service → version that its image must prove"""


async def tried(
    engine: Engine,
    compose: Compose,
    source: ProjectSource,
    contents: Mapping[str, bytes],
    scratch: Path,
    *,
    installed: Survey | None = None,
    environ: Mapping[str, str] = os.environ,
    ran: Sequence[Generation] = (),
    shown: Mapping[str, tuple[tuple[int, str, str], ...]] | None = None,
    version: str = "",
    versions: Mapping[str, str] | None = None,
) -> Draft:
    """The project of ``source`` once ``contents`` (path → content) are in place.

    ``installed`` is the survey of the project as it is, None before a first install. ``shown`` are the lines of each
    file that the plan shows as changed; ``version`` is the product's that comes, ``versions`` the services'. Raises
    what `survey` raises.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=scratch) as folder:
        mirror = Path(folder, "project")
        _mirror(Path(source.folder), mirror, contents)
        moved = _moved(source, source.folder, str(mirror), ProjectSource)
        if locate.overrides(source):  # one that comes is read as soon as it is there
            moved = msgspec.structs.replace(moved, files=locate.folder_files(mirror))
        found = await survey(engine, compose, moved, environ, ran)
        config = await compose.config(moved)
        there = json.loads(json.dumps(config).replace(str(mirror), source.folder))
        hashes = await _hashes(compose, source, there, Path(folder), installed)
    model = _moved(found.project, str(mirror), source.folder, Project)
    hashes = model.comparable(hashes)
    reads = {path.replace(str(mirror), source.folder) for path in found.inputs}
    inputs = files.hashes((*sorted(reads), *contents))
    redefined = await _redefined(compose, there, installed)
    edits = tuple(
        FileEdit(path, (shown or {}).get(path, ()), content, files.sha256(path))
        for path, content in contents.items()
        if not _same(path, content)
    )
    # References of a release are not edited on top of it: its files are not there yet.
    definition = msgspec.structs.replace(found.definition, images={}, files=tuple(model.source.files))
    drafted = msgspec.structs.replace(
        found,
        project=model,
        definition=definition,
        inputs=inputs,
        hashes=hashes,
        redefined=redefined,
        version=version,
        companions=tuple(path for path in contents if path not in reads),
    )
    return Draft(drafted, Staged(edits, hashes, model.source.environment), dict(versions or {}))


def _mirror(folder: Path, mirror: Path, contents: Mapping[str, bytes]) -> None:
    """Makes the mirror: ``contents`` as files, all else that the folder has as links to it."""
    mirror.mkdir(parents=True)
    coming = {
        Path(path).relative_to(folder): content
        for path, content in contents.items()
        if Path(path).is_relative_to(folder)
    }
    for path, content in coming.items():
        (mirror / path).parent.mkdir(parents=True, exist_ok=True)
        files.replace(mirror / path, content, 0o600)
    for part in sorted({Path(), *(parent for path in coming for parent in path.parents)}):
        for entry in (folder / part).iterdir() if (folder / part).is_dir() else ():
            beside = mirror / part / entry.name
            if not beside.exists():
                beside.symlink_to(entry)


def _moved(value: object, here: str, there: str, kind: type[T]) -> T:
    """A struct with every path below one folder moved to another."""
    text = msgspec.json.encode(value).replace(_quoted(here), _quoted(there))
    return msgspec.json.decode(text, type=kind)


def _quoted(text: str) -> bytes:
    return msgspec.json.encode(text)[1:-1]


async def _hashes(
    compose: Compose, source: ProjectSource, config: Mapping[str, Any], scratch: Path, installed: Survey | None
) -> dict[str, str]:
    """The hashes that the services will have in their folder; empty where this Compose does not tell them beforehand.

    Compose hashes what it has resolved, so a resolved project has the hashes of the one that it came from. That holds
    for Compose 5; whether it holds here is tried on the project as it is.
    """
    if installed is None:
        return {}
    present = await compose.config(installed.source)
    if installed.project.comparable(await _hashes_of(compose, source, present, scratch)) != installed.hashes:
        return {}
    return await _hashes_of(compose, source, config, scratch)


async def _hashes_of(
    compose: Compose, source: ProjectSource, config: Mapping[str, Any], scratch: Path
) -> dict[str, str]:
    resolved = scratch / "resolved.json"
    files.replace(resolved, json.dumps(config).encode(), 0o600)
    return await compose.hashes(msgspec.structs.replace(source, files=(str(resolved),), env_files=()))


async def _redefined(compose: Compose, config: Mapping[str, Any], installed: Survey | None) -> tuple[str, ...]:
    """The services of the installed project that are defined otherwise in the draft."""
    if installed is None:
        return ()
    present = (await compose.config(installed.source)).get("services") or {}
    services = config.get("services") or {}
    return tuple(name for name in services if name in present and services[name] != present[name])


def _same(path: str, content: bytes) -> bool:
    try:
        return Path(path).read_bytes() == content
    except OSError:
        return False
