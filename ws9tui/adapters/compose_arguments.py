"""How Compose is called: its arguments, its environment and what it is given to read. Nothing is run here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ws9tui.core.source import ProjectSource

TEXTS = "x-ws9tui-texts"
"""the extension field by which texts pass through Compose's interpolation"""


def project(source: ProjectSource, *, files: Sequence[str] | None = None) -> list[str]:
    """Return the options that name a project, for any verb; ``files`` take the place of the project's own."""
    options = ["--project-name", source.name, "--project-directory", source.folder]
    for flag, values in (
        ("--file", source.files if files is None else files),
        ("--env-file", source.env_files),
        ("--profile", source.profiles),
    ):
        for value in values:
            options += [flag, value]
    return options


def up(
    services: Sequence[str], *, start: bool = True, force: bool = False, scale: Mapping[str, int] | None = None
) -> list[str]:
    """Return the verb that makes or recreates just these services, from what is local."""
    # A project's .env can turn the removal of orphans on.
    options = ["--no-build", "--pull", "never", "--no-deps", "--remove-orphans=false"]
    if force:
        options.append("--force-recreate")
    for service, count in (scale or {}).items():
        options += ["--scale", f"{service}={count}"]
    return ["up", "--detach" if start else "--no-start", *options, *services]


def restart(services: Sequence[str]) -> list[str]:
    """Return the verb that restarts just these services."""
    return ["restart", "--no-deps", *services]


def environment(source: ProjectSource, inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which the project means what was confirmed, whoever's shell this is.

    The docker command's own variables stay, for they say which engine is meant.
    """
    kept = {name: value for name, value in inherited.items() if not name.startswith("COMPOSE_")}
    kept["PWD"] = source.folder
    for name in source.absent:
        kept.pop(name, None)
    return kept | source.environment


def interpolation(texts: Sequence[str]) -> str:
    """Write a Compose file that does nothing but carry texts; JSON is YAML."""
    return json.dumps({TEXTS: list(texts), "services": {"a": {"image": "b"}}})
