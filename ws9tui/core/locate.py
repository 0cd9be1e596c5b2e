"""Which project is meant: by the engine's labels, by folder, or by file, as Compose itself would find it.

The order of the contract: flags first; a first argument that names a known project or a path; the folder that one
stands in; else the only project on the engine.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from ws9tui.core import envfile
from ws9tui.core.observed import Container
from ws9tui.core.settings import Options
from ws9tui.core.source import ProjectSource
from ws9tui.errors import UsageError

DEFAULT_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""in Compose's order of preference"""
DEFAULT_OVERRIDES = tuple(name.replace("compose.", "compose.override.") for name in DEFAULT_FILES)


class Request(msgspec.Struct, frozen=True):
    """A located project, and the arguments that were not it: services, with the reference asked for if there is one."""

    source: ProjectSource
    """``name`` is empty where only Compose can tell it"""
    services: dict[str, str] = {}


class Ambiguous(Exception):
    """Several projects run and none was named; ``names`` are those to choose from."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names


def locate(
    options: Options,
    cwd: Path,
    environ: Mapping[str, str],
    containers: Sequence[Container],
    recorded: Mapping[str, ProjectSource],
) -> Request:
    """The project that the arguments mean; raises `UsageError`, and `Ambiguous` where the operator must choose.

    ``recorded`` are the projects that have a generation: they are known by name though nothing of them runs.
    """
    running = _running_projects(containers)
    known = {**recorded, **running}
    arguments = list(options.arguments)
    named: ProjectSource | None = None
    if options.files:
        named = _of_list(options.files, cwd, options, environ, known)
    elif arguments and _is_path(arguments[0], cwd):
        named = _of_path(cwd / arguments.pop(0), options, environ, known)
    elif arguments and arguments[0] in known:
        named = known[arguments.pop(0)]
    elif options.project_name in known:
        named = known[options.project_name]
    elif files := _listed(environ.get("COMPOSE_FILE", ""), environ):
        named = _of_list(files, cwd, options, environ, known)
    elif folder_files(cwd):
        named = _of_path(cwd, options, environ, known)
    elif len(here := [source for source in recorded.values() if source.folder == str(cwd)]) == 1:
        named = known[here[0].name]  # its Compose file is gone
    services = {}
    for argument in arguments:
        name, equals, reference = argument.partition("=")
        if not name or (equals and not reference):
            raise UsageError("usage", reason=f"{argument}: SERVICE or SERVICE=REFERENCE is expected")
        services[name] = reference
    if named is None:
        named = _unnamed(options, cwd, arguments, recorded, running)
    return Request(_with_flags(named, options, cwd, environ), services)


def _unnamed(
    options: Options,
    cwd: Path,
    arguments: Sequence[str],
    recorded: Mapping[str, ProjectSource],
    running: Mapping[str, ProjectSource],
) -> ProjectSource:
    """The only project on the engine, or the only recorded one where nothing runs."""
    known = ", ".join({**recorded, **running})
    if options.project_name:
        raise UsageError("project-unknown", name=options.project_name, folder=cwd, known=known)
    if not running and not arguments and len(recorded) == 1:
        return next(iter(recorded.values()))  # its containers are gone
    if not running or (arguments and "=" not in arguments[0] and len(running) > 1):
        raise UsageError(
            "project-unknown" if arguments else "project-none",
            name=arguments[0] if arguments else "",
            folder=cwd,
            known=known,
        )
    if len(running) > 1:
        raise Ambiguous(tuple(running))
    return next(iter(running.values()))


def folder_files(folder: Path) -> tuple[str, ...]:
    """The Compose file of a folder and its override, as Compose would take them; empty where there is none."""
    main = next((folder / name for name in DEFAULT_FILES if (folder / name).is_file()), None)
    if main is None:
        return ()
    override = next((folder / name for name in DEFAULT_OVERRIDES if (folder / name).is_file()), None)
    return (str(main), *((str(override),) if override else ()))


def overrides(source: ProjectSource) -> tuple[str, ...]:
    """The override files that Compose would read as soon as one of them were there."""
    if source.files != folder_files(Path(source.folder))[:1]:
        return ()
    return tuple(str(Path(source.folder, name)) for name in DEFAULT_OVERRIDES)


def env_files(source: ProjectSource) -> tuple[str, ...]:
    """The env files that Compose fills variables from, whether they are there or not."""
    return source.env_files or (str(Path(source.folder) / ".env"),)


def shell_variables(environ: Mapping[str, str], texts: Sequence[str]) -> dict[str, str]:
    """Those of the shell's variables that the texts name: what a later session must set again.

    A name that only looks like one is harmless, so a word is enough.
    """
    words = set().union(*(re.findall(r"[A-Za-z_][A-Za-z0-9_]*", text) for text in texts))
    return {name: value for name, value in environ.items() if name in words and not name.startswith("DOCKER_")}


def _running_projects(containers: Sequence[Container]) -> dict[str, ProjectSource]:
    said: dict[str, Counter[tuple[str, tuple[str, ...], tuple[str, ...]]]] = {}
    for container in containers:
        if container.project and container.config_files:
            env_files = _explicit(container.environment_files, container.working_dir)
            key = (container.working_dir, container.config_files, env_files)
            said.setdefault(container.project, Counter())[key] += 1
    # An orphan was made from other files than the rest: what most of them say is the project's.
    found = {name: ProjectSource(name, *counted.most_common(1)[0][0]) for name, counted in sorted(said.items())}
    return {
        name: msgspec.structs.replace(source, files=_with_override(source.folder, source.files))
        for name, source in found.items()
    }


def _with_override(folder: str, files: tuple[str, ...]) -> tuple[str, ...]:
    """These files, and the override that Compose would find by itself beside the folder's own file."""
    usual = folder_files(Path(folder))
    return usual if files == usual[:1] else files


def _explicit(files: tuple[str, ...], folder: str) -> tuple[str, ...]:
    """Env files without the folder's own .env, which Compose takes by itself and labels all the same."""
    return () if files == (str(Path(folder) / ".env"),) else files


def _is_path(argument: str, cwd: Path) -> bool:
    return (
        "/" in argument or argument in (".", "..") or bool(folder_files(cwd / argument)) or (cwd / argument).is_file()
    )


def _of_path(
    path: Path, options: Options, environ: Mapping[str, str], known: Mapping[str, ProjectSource]
) -> ProjectSource:
    path = Path(os.path.abspath(path))  # noqa: PTH100 - Compose labels keep symbolic links, so they stay
    if path.is_file():
        return _of_files((str(path),), str(path.parent), options, environ, known)
    if not path.is_dir():
        gone = [source for source in known.values() if str(path) in (source.folder, *source.files)]
        if len(gone) == 1 and not options.project_name:
            return gone[0]
        raise UsageError("project-no-folder", folder=path)
    listed = _listed(_dotenv(path, "COMPOSE_FILE"), environ)
    files = tuple(str(_existing(path / file)) for file in listed) or folder_files(path)
    same = [source for source in known.values() if source.folder == str(path)]
    if len(same) == 1 and not listed and not options.project_name:
        return same[0]
    if not files:
        raise UsageError("project-no-file", folder=path, names=", ".join(DEFAULT_FILES))
    return _of_files(files, str(path), options, environ, known)


def _of_list(
    files: tuple[str, ...], cwd: Path, options: Options, environ: Mapping[str, str], known: Mapping[str, ProjectSource]
) -> ProjectSource:
    paths = tuple(str(_existing(cwd / file)) for file in files)
    return _of_files(paths, str(Path(paths[0]).parent), options, environ, known)


def _of_files(
    files: tuple[str, ...],
    folder: str,
    options: Options,
    environ: Mapping[str, str],
    known: Mapping[str, ProjectSource],
) -> ProjectSource:
    name = (
        options.project_name or environ.get("COMPOSE_PROJECT_NAME", "") or _dotenv(Path(folder), "COMPOSE_PROJECT_NAME")
    )
    if not name:
        same = [source for source in known.values() if source.folder == folder and source.files == files]
        name = same[0].name if len(same) == 1 else ""
    return ProjectSource(name, folder, files)


def _with_flags(source: ProjectSource, options: Options, cwd: Path, environ: Mapping[str, str]) -> ProjectSource:
    given = options.env_files or _listed(environ.get("COMPOSE_ENV_FILES", ""), {"COMPOSE_PATH_SEPARATOR": ","})
    profiles = environ.get("COMPOSE_PROFILES") or _dotenv(Path(source.folder), "COMPOSE_PROFILES")
    return msgspec.structs.replace(
        source,
        name=options.project_name or source.name,
        env_files=tuple(str(_existing(cwd / file)) for file in given) or source.env_files,
        profiles=options.profiles or tuple(part.strip() for part in profiles.split(",") if part.strip()),
    )


def _listed(text: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    separator = environ.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
    return tuple(part for part in text.split(separator) if part)


def _dotenv(folder: Path, name: str) -> str:
    try:
        found = envfile.find((folder / ".env").read_text(encoding="utf-8"), name)
    except (OSError, UnicodeDecodeError):
        return ""
    return found.value if found else ""


def _existing(path: Path) -> Path:
    path = Path(os.path.abspath(path))  # noqa: PTH100 - Compose labels keep symbolic links, so they stay
    if not path.is_file():
        raise UsageError("project-file-missing", file=path)
    return path
