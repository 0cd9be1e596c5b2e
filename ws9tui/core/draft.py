"""Files that a run means to write, tried before any of them is there: what the project would be with them.

A mirror of this machine's files is made below the run's folder: the folders above each file that is to come, that file
itself, and symbolic links to everything beside. Compose resolves the project in the mirror, so that relative paths lead
where they will, and the mirror is taken out of the paths in its answer. Nothing of the project is changed.
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
        root = Path(folder, "root")
        _mirror(root, Path(source.folder), contents)
        there = _in_mirror(source, root)
        found = await survey(engine, compose, there, environ, ran)
        config = _taken_out(root, await compose.config(there), dict[str, Any])
        present = await compose.config(installed.source) if installed else {}
        hashes = await _hashes(compose, source, config, Path(folder), installed, present) if installed else {}
    model = _taken_out(root, found.project, Project)
    hashes = model.comparable(hashes)
    reads = {path.removeprefix(str(root)) for path in found.inputs}
    inputs = files.hashes((*sorted(reads), *contents))
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
        redefined=_redefined(config, present),
        added=tuple(name for name in model.services if installed and name not in installed.project.services),
        version=version,
        compose_version=installed.compose_version if installed else "",
        companions=tuple(path for path in contents if path not in reads),
    )
    return Draft(drafted, Staged(edits, hashes, model.source.environment), dict(versions or {}))


def _mirror(root: Path, folder: Path, contents: Mapping[str, bytes]) -> None:
    """Makes the mirror: ``contents`` as files, all that is beside them and beside the project's ``folder`` as links."""
    here = {root.joinpath(*Path(path).parts[1:]): content for path, content in contents.items()}
    mirrored = {part for path in (*contents, str(folder / "file")) for part in Path(path).parents}
    for part in sorted(mirrored):
        (root / part.relative_to("/")).mkdir(parents=True, exist_ok=True)
    for path, content in here.items():
        files.replace(path, content, 0o600)
    for part in mirrored:
        for entry in _entries(part):
            beside = root / entry.relative_to("/")
            if not os.path.lexists(beside):
                beside.symlink_to(entry)


def _entries(folder: Path) -> list[Path]:
    """What is in a folder; nothing where it is not there yet, or may not be listed."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _in_mirror(source: ProjectSource, root: Path) -> ProjectSource:
    """A source whose files are those of the mirror; an override file that comes is read as soon as it is there."""
    folder = Path(f"{root}{source.folder}")
    found = tuple(f"{root}{path}" for path in source.files)
    if locate.overrides(source):
        found = locate.folder_files(folder) or found
    env_files = tuple(f"{root}{path}" for path in source.env_files)
    return msgspec.structs.replace(source, folder=str(folder), files=found, env_files=env_files)


def _taken_out(root: Path, value: object, kind: type[T]) -> T:
    """A value whose paths are those outside the mirror."""
    text = msgspec.json.encode(value).replace(msgspec.json.encode(str(root))[1:-1], b"")
    return msgspec.json.decode(text, type=kind)


async def _hashes(
    compose: Compose,
    source: ProjectSource,
    config: Mapping[str, Any],
    scratch: Path,
    installed: Survey,
    present: Mapping[str, Any],
) -> dict[str, str]:
    """The hashes that the services will have in their folder; empty where this Compose does not tell them beforehand.

    Compose hashes what it has resolved, so a resolved project has the hashes of the one that it came from. That holds
    for Compose 5; whether it holds here is tried on the project as it is.
    """
    if installed.project.comparable(await _hashes_of(compose, source, present, scratch)) != installed.hashes:
        return {}
    return await _hashes_of(compose, source, config, scratch)


async def _hashes_of(
    compose: Compose, source: ProjectSource, config: Mapping[str, Any], scratch: Path
) -> dict[str, str]:
    resolved = scratch / "resolved.json"
    files.replace(resolved, json.dumps(config).encode(), 0o600)
    return await compose.hashes(msgspec.structs.replace(source, files=(str(resolved),), env_files=()))


def _redefined(config: Mapping[str, Any], present: Mapping[str, Any]) -> tuple[str, ...]:
    """The services of the installed project that are defined otherwise in the draft."""
    services, before = config.get("services") or {}, present.get("services") or {}
    return tuple(name for name in services if name in before and services[name] != before[name])


def _same(path: str, content: bytes) -> bool:
    try:
        return Path(path).read_bytes() == content
    except OSError:
        return False
