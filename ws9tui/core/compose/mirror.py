"""Mirrors a project with some files changed, so that Compose can resolve it before the originals are changed.

A mirror holds the folders above each changed file, that file itself, and symbolic links to everything beside. Relative
paths resolve as in the original, and the mirror's root is removed from the paths in Compose's answer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ws9tui.core.compose import inputs
from ws9tui.core.fs import files
from ws9tui.core.model.codec import decoded, encoded
from ws9tui.core.model.source import FoundBy, ProjectSource
from ws9tui.core.ports import Compose

T = TypeVar("T")


async def resolved(
    compose: Compose, source: ProjectSource, contents: Mapping[str, bytes], scratch: Path
) -> tuple[dict[str, Any], dict[str, str]]:
    """Returns what `config` and `hashes` would give for a project with ``contents`` (path → content) in place.

    The hashes are empty if this Compose version hashes a resolved project differently from its source files.
    """
    root = scratch / "root"
    make(root, source, contents)
    config = taken_out(root, await compose.config(inside(source, root)), dict[str, Any])
    if await hashes(compose, source, await compose.config(source), scratch) != await compose.hashes(source):
        return config, {}
    return config, await hashes(compose, source, config, scratch)


def make(root: Path, source: ProjectSource, contents: Mapping[str, bytes]) -> None:
    """Creates the mirror: ``contents`` as files, everything beside them and beside the project's files as links."""
    here = {root.joinpath(*Path(path).parts[1:]): content for path, content in contents.items()}
    places = (f"{source.folder}/file", f"{source.called_in}/file")
    mirrored = {part for path in (*contents, *places) for part in Path(path).parents}
    for part in sorted(mirrored):
        (root / part.relative_to("/")).mkdir(parents=True, exist_ok=True)
    for path, content in here.items():
        files.replace(path, content)
    for part in mirrored:
        for entry in _entries(part):
            beside = root / entry.relative_to("/")
            if not os.path.lexists(beside):
                beside.symlink_to(entry)


def inside(source: ProjectSource, root: Path) -> ProjectSource:
    """Returns a source that reads the mirror's files, including an override file that ``contents`` adds."""
    folder = Path(f"{root}{source.folder}")
    found = tuple(f"{root}{path}" for path in source.files)
    if inputs.overrides(source):
        found = inputs.folder_files(Path(found[0]).parent) or found
    return msgspec.structs.replace(
        source,
        folder=str(folder),
        files=found,
        env_files=tuple(f"{root}{path}" for path in source.env_files),
        cwd=f"{root}{source.called_in}",
        found_by=FoundBy.FLAG if source.found_by is FoundBy.FLAG else FoundBy.VARIABLE,
    )


def taken_out(root: Path, value: object, kind: type[T]) -> T:
    """Returns a value with the mirror's root removed from its paths."""
    text = msgspec.json.encode(value, enc_hook=encoded).replace(msgspec.json.encode(str(root))[1:-1], b"")
    return msgspec.json.decode(text, type=kind, dec_hook=decoded)


async def hashes(compose: Compose, source: ProjectSource, config: Mapping[str, Any], scratch: Path) -> dict[str, str]:
    """Returns the config hashes of a resolved project, which replaces the files of its source.

    Compose 5 hashes the resolved form, so that these are the hashes of the original project.
    """
    written = scratch / "resolved.json"
    files.replace(written, json.dumps(config).encode())
    there = msgspec.structs.replace(source, files=(str(written),), env_files=(), found_by=FoundBy.FLAG, directory=True)
    return await compose.hashes(there)


def _entries(folder: Path) -> list[Path]:
    """Returns the entries of a folder; none if it does not exist or cannot be listed."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []
