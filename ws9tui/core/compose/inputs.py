"""The files and variables that Compose reads for a project besides those that it was given."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ws9tui.core.model.source import FoundBy, ProjectSource

DEFAULT_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""in Compose's order of preference"""
DEFAULT_OVERRIDES = tuple(name.replace("compose.", "compose.override.") for name in DEFAULT_FILES)
OWN = "COMPOSE_"
"""prefix of Compose's own variables"""


def discovered(folder: Path) -> tuple[str, ...]:
    """Returns the Compose file and override that Compose finds from a folder: there, or in the nearest one above."""
    return next((files for part in (folder, *folder.parents) if (files := folder_files(part))), ())


def folder_files(folder: Path) -> tuple[str, ...]:
    """Returns a folder's Compose file and override, as Compose chooses them; empty if there is none."""
    main, override = (
        next((path for name in names if os.path.isfile(path := str(folder / name))), "")  # noqa: PTH113 - never raises
        for names in (DEFAULT_FILES, DEFAULT_OVERRIDES)
    )
    return tuple(filter(None, (main, override))) if main else ()


def overrides(source: ProjectSource) -> tuple[str, ...]:
    """Returns the override files that Compose would read if one of them existed."""
    given = source.found_by is FoundBy.FLAG and not source.directory  # then Compose looks for no other
    if given or len(source.files) != 1 or source.files != folder_files(Path(source.files[0]).parent)[:1]:
        return ()
    return tuple(str(Path(source.files[0]).with_name(name)) for name in DEFAULT_OVERRIDES)


def env_files(source: ProjectSource) -> tuple[str, ...]:
    """Returns the env files that Compose interpolates from, existing or not; the last one takes precedence."""
    if source.env_files:
        return source.env_files
    folders = (source.folder, source.called_in) if source.found_by is not FoundBy.FLAG else (source.folder,)
    return tuple(dict.fromkeys(str(Path(folder, ".env")) for folder in folders))


def shell_variables(environ: Mapping[str, str], texts: Sequence[str]) -> dict[str, str]:
    """Returns the shell variables named in the texts, which a later session must set again.

    A name that only looks like a variable is harmless, so any word counts. Compose's own variables come with the
    source.
    """
    named = words(texts)
    return {name: value for name, value in environ.items() if name in named and not name.startswith(("DOCKER_", OWN))}


def words(texts: Iterable[str]) -> set[str]:
    """Returns everything in these texts that could be a variable's name."""
    return set().union(*(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text) for text in texts))


def of_compose(source: ProjectSource) -> dict[str, str]:
    """Returns Compose's own variables that a source was called with."""
    return {name: value for name, value in source.environment.items() if name.startswith(OWN)}
