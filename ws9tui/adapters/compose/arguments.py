"""Builds the arguments, the environment and the stdin of a Compose call; runs nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ws9tui.core.model.source import FoundBy, ProjectSource

TEXTS = "x-ws9tui-texts"
"""extension field in which texts pass through Compose's interpolation"""
PROBE = "ws9tui-probe"
"""service that exists only in Compose's output: its mount shows what relative paths are relative to"""
STDIN = "-"
_SEPARATORS = (":", ";", "|", "\n")
_SHOWN = {"COMPOSE_STATUS_STDOUT": "false", "COMPOSE_ANSI": "never", "COMPOSE_MENU": "false"}
"""sets how Compose shows its progress, whatever the project sets; changes nothing of what Compose does"""


def project(source: ProjectSource, *, extra: bool = False) -> list[str]:
    """Returns the options that identify a project, for any verb; with ``extra`` one more file is read from stdin."""
    options = ["--project-name", source.name] if source.name else []
    if source.directory:
        options += ["--project-directory", source.folder]
    files = source.files if source.found_by is FoundBy.FLAG else ()
    if extra and (files or not source.files or source.found_by is FoundBy.FLAG):
        files = (*files, STDIN)
    for flag, values in (("--file", files), ("--env-file", source.env_files), ("--profile", source.profiles)):
        for value in values:
            options += [flag, value]
    return options


def up(
    services: Sequence[str],
    *,
    start: bool = True,
    force: bool = False,
    keep: bool = False,
    alone: bool = True,
    scale: Mapping[str, int] | None = None,
) -> list[str]:
    """Returns the arguments to create or recreate these services, from local images only."""
    # A project's .env can enable the removal of orphans.
    options = ["--no-build", "--pull", "never", *(["--no-deps"] if alone else []), "--remove-orphans=false"]
    if force or keep:
        options.append("--force-recreate" if force else "--no-recreate")
    for service, count in (scale or {}).items():
        options += ["--scale", f"{service}={count}"]
    return ["up", "--detach" if start else "--no-start", *options, *services]


def restart(services: Sequence[str]) -> list[str]:
    """Returns the arguments to restart only these services."""
    return ["restart", "--no-deps", *services]


def environment(source: ProjectSource, inherited: Mapping[str, str], *, extra: bool = False) -> dict[str, str]:
    """Returns the environment in which the project resolves as it was confirmed, whatever the caller's shell sets.

    Keeps the docker command's own variables, which identify the engine. ``extra`` is that of `project`.
    """
    kept = {name: value for name, value in inherited.items() if not name.startswith("COMPOSE_")}
    kept["PWD"] = source.called_in
    for name in source.absent:
        kept.pop(name, None)
    kept |= source.environment | _SHOWN
    if source.files and (source.found_by is FoundBy.VARIABLE or (extra and source.found_by is FoundBy.COMPOSE)):
        files = (*source.files, STDIN) if extra else source.files
        separator = next(mark for mark in _SEPARATORS if not any(mark in file for file in files))
        kept |= {"COMPOSE_FILE": separator.join(files), "COMPOSE_PATH_SEPARATOR": separator}
    return kept


def interpolation(texts: Sequence[str], *, alone: bool) -> str:
    """Returns a Compose file, as JSON, that only carries texts; as the only file (``alone``) it needs a service."""
    return json.dumps({TEXTS: list(texts)} | ({"services": {"a": {"image": "b"}}} if alone else {}))


def probe() -> str:
    """Returns a Compose file with a service that mounts the project's directory."""
    return json.dumps({"services": {PROBE: {"image": "b", "network_mode": "none", "volumes": [".:/ws9tui"]}}})
