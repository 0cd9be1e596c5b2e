"""Commands that people are told to type: made here alone, so that each works as pasted, from wherever.

A command names the program as it was called, the project so that it is found from any folder, the state directory and
the engine where those are not the usual ones, and is quoted for a shell.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

import msgspec

from ws9tui.core.model.source import FoundBy, ProjectSource

BY_NAME = ("attach", "history")
"""verbs that know projects by what is recorded of runs, and take a name alone"""

DEMO = "demo"
"""the verb that has its own state, which vanishes"""


class Caller(msgspec.Struct, frozen=True):
    """How ws9tui was called, as far as the next command must repeat it."""

    program: tuple[str, ...] = ("ws9tui",)
    state_dir: str = ""
    """empty where a plain call would take the same"""
    environment: dict[str, str] = {}
    """the variables by which the engine was found"""
    sudo: bool = False
    """the operator's own shell is not root's"""


class CommandScope(msgspec.Struct, frozen=True):
    """What a command is about, and from where it is given."""

    caller: Caller = Caller()
    project: str = ""
    source: ProjectSource | None = None
    asked: ProjectSource | None = None
    """how Compose is called where the operator stands, as long as the project is not known; its name may be empty"""
    known: bool = True
    """the project is found by its name alone: something of it is recorded, or has containers"""
    compose: tuple[str, ...] = ("docker", "compose")


def writable(word: str) -> bool:
    """Whether a word can stand in a command: nothing in it is invisible, and it cannot be taken for a flag."""
    return bool(word) and word.isprintable() and not word.startswith("-")


def ours(place: CommandScope, verb: str, words: Sequence[str] = (), *, project: bool = True) -> str:
    """A command of ws9tui; ``project``: about the place's project."""
    named = _project(place, verb) if project else []
    state = ["--state-dir", place.caller.state_dir] if place.caller.state_dir and verb != DEMO else []
    said = [*place.caller.program, *([verb] if verb else []), *named, *words, *state]
    return _written(said, place.caller.environment, sudo=place.caller.sudo)


def theirs(place: CommandScope, words: Sequence[str], *, engine: bool = True, root: bool = True) -> str:
    """A command of another program; ``engine``: it talks to the engine, ``root``: it needs the rights that we have."""
    return _written(words, place.caller.environment if engine else {}, sudo=root and place.caller.sudo)


def of_compose(place: CommandScope, words: Sequence[str]) -> str:
    """A command of Compose on the place's project, as Compose is called for it; empty where that is not known."""
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
    """What to type when neither generation could be reached.

    ``back``, ``forward``: whether what was before can be made again, and what was begun be finished; ``data``: whether
    data goes back with it, which may fail again.
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
