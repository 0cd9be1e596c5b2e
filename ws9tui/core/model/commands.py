"""Builds the command lines that are suggested to the operator, so that each works when pasted, in any folder.

A command names the program as it was called, the project so that it is found from any folder, the state directory and
the engine if those are not the defaults, and is quoted for a shell.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

import msgspec

from ws9tui.core.model.source import FoundBy, ProjectSource

BY_NAME = ("attach", "history")
"""verbs that find projects in the records of runs, and accept only a project name"""

DEMO = "demo"
"""the verb that has a temporary state directory of its own"""


class Caller(msgspec.Struct, frozen=True):
    """The parts of a call of ws9tui that suggested commands must repeat."""

    program: tuple[str, ...] = ("ws9tui",)
    state_dir: str = ""
    """empty if it is the default"""
    environment: dict[str, str] = {}
    """the variables that select the engine"""
    sudo: bool = False
    """whether the operator's own shell is not root's"""


class CommandScope(msgspec.Struct, frozen=True):
    """The project that a command is about, and the call that it is derived from."""

    caller: Caller = Caller()
    project: str = ""
    source: ProjectSource | None = None
    asked: ProjectSource | None = None
    """the Compose arguments of the operator's call, until the project is known; its name may be empty"""
    known: bool = True
    """whether the project is found by its name alone, as it has records or containers"""
    compose: tuple[str, ...] = ("docker", "compose")


def writable(word: str) -> bool:
    """Whether a word can be an argument of a command: non-empty, printable, and not mistaken for a flag."""
    return bool(word) and word.isprintable() and not word.startswith("-")


def ours(place: CommandScope, verb: str, words: Sequence[str] = (), *, project: bool = True) -> str:
    """Returns a command of ws9tui; ``project``: with the project as its argument."""
    named = _project(place, verb) if project else []
    state = ["--state-dir", place.caller.state_dir] if place.caller.state_dir and verb != DEMO else []
    said = [*place.caller.program, *([verb] if verb else []), *named, *words, *state]
    return _written(said, place.caller.environment, sudo=place.caller.sudo)


def theirs(place: CommandScope, words: Sequence[str], *, engine: bool = True, root: bool = True) -> str:
    """Returns a command of another program; ``engine``: it uses the engine; ``root``: it needs this call's rights."""
    return _written(words, place.caller.environment if engine else {}, sudo=root and place.caller.sudo)


def of_compose(place: CommandScope, words: Sequence[str]) -> str:
    """Returns a Compose command for the project, with its Compose arguments; empty if these are not known."""
    source = place.source or place.asked
    if source is None:
        return ""
    options = ["--project-name", source.name] if source.name else []
    if source.directory and source.folder != source.called_in:
        options += ["--project-directory", source.folder]
    files = () if source.found_by is FoundBy.COMPOSE else source.files
    for flag, values in (("--file", files), ("--env-file", source.env_files), ("--profile", source.profiles)):
        for value in values:
            options += [flag, value]
    said = _written([*place.compose, *options, *words], place.caller.environment, sudo=place.caller.sudo)
    return f"(cd {shlex.quote(source.called_in)} && {said})"


def recovery(place: CommandScope, *, back: bool = True, forward: bool = True, data: bool = False) -> tuple[str, ...]:
    """Returns the commands to suggest when neither generation could be reached.

    ``back``, ``forward``: whether the run can be rolled back, and completed; ``data``: whether a rollback also restores
    data, so that one without data is suggested too.
    """
    without = [["--back", "--no-data"]] if back and data else []
    ways = [*without, *([["--back"]] if back else []), *([["--forward"]] if forward else [])]
    return (*(ours(place, "recover", way) for way in ways), ours(place, "history"))


def _project(place: CommandScope, verb: str) -> list[str]:
    name = place.source.name if place.source else place.project
    if not writable(name):
        return []
    if place.known or verb in BY_NAME or place.source is None:
        return [name]
    return ["-p", name, *(word for file in place.source.files for word in ("-f", file))]


def _written(words: Sequence[str], environment: Mapping[str, str], *, sudo: bool) -> str:
    set_ = [f"{name}={shlex.quote(value)}" for name, value in environment.items()]
    said = shlex.join(words)
    if sudo:
        return " ".join(["sudo", *(["env", *set_] if set_ else []), said])
    return " ".join([*set_, said])
