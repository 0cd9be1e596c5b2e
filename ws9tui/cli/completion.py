"""`ws9tui completion`: what a shell completes, derived from the same parsers as the help."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import msgspec

from ws9tui.cli import arguments, attach
from ws9tui.cli import help as help_page
from ws9tui.cli.arguments import COMMANDS, HELP, WIZARD, Command
from ws9tui.cli.output import Writer
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.store import Store, default_folder
from ws9tui.errors import StateError
from ws9tui.words import command_help
from ws9tui.words.text import clean

_LONGEST = 70
"""maximum characters of a flag's description"""
_KINDS = {
    "FILE": "files",
    "ARCHIVE": "files",
    "SOURCE": "files",
    "DIR": "folders",
    "PROJECT": "projects",
    "SERVICE": "services",
    "SCENARIO": "scenarios",
    "SHELL": "shells",
}
"""metavar in the help → kind of completion"""


class Value(msgspec.Struct, frozen=True):
    """The possible values of an argument: fixed words, or the kinds of names to complete."""

    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class Flag(msgspec.Struct, frozen=True):
    """A flag of a command."""

    names: tuple[str, ...]
    text: str
    value: Value | None
    """None for a flag without a value"""
    named: str = ""
    """the value's name in the help"""
    repeatable: bool = False
    without: tuple[str, ...] = ()
    """flags that this one excludes"""


class Completed(msgspec.Struct, frozen=True):
    """All that can be completed after one command."""

    name: str
    text: str
    flags: tuple[Flag, ...]
    value: Value
    """of the command's positional arguments"""


def filled(script: str, parts: Mapping[str, str]) -> str:
    """Returns a shell's script with each `@NAME@` replaced by its part."""
    for name, part in parts.items():
        script = script.replace(f"@{name}@", part)
    return script


def everything() -> list[Completed]:
    """Returns what can be completed after each command, the wizard (no command) first."""
    found = [_completed(name) for name in (WIZARD, *COMMANDS)]
    return [*found, Completed(HELP, command_help.summary(HELP), (), Value(words=COMMANDS))]


def _completed(name: str) -> Completed:
    parser = arguments.parser_of(name)
    excluded = {
        id(action): [other for other in group._group_actions if other is not action]  # noqa: SLF001 - no other way
        for group in parser._mutually_exclusive_groups  # noqa: SLF001 - as above
        for action in group._group_actions  # noqa: SLF001 - as above
    }
    flags = tuple(
        Flag(
            names=tuple(action.option_strings),
            text=_brief(action.help or ""),
            value=None if action.nargs == 0 else _value(action),
            named=help_page.value(action),
            repeatable=isinstance(action.default, list),
            without=tuple(string for other in excluded.get(id(action), ()) for string in other.option_strings),
        )
        for action in parser._actions  # noqa: SLF001 - as above
        if action.option_strings
    )
    positional = [_value(action) for action in parser._actions if not action.option_strings]  # noqa: SLF001 - as above
    summary = "" if name == WIZARD else command_help.summary(name)
    return Completed(name, summary, flags, positional[0] if positional else Value())


def _value(action: argparse.Action) -> Value:
    if action.choices:
        return Value(words=tuple(map(str, action.choices)))
    if action.dest == "project_name":
        return Value(kinds=("projects",))
    named = [_KINDS[word] for word in re.findall(r"[A-Z]+", help_page.value(action)) if word in _KINDS]
    if "shells" in named:
        return Value(words=arguments.COMPLETED[:3])
    if "scenarios" in named:
        scenarios: Sequence[str] = import_module("ws9tui.cli.demo").names()
        return Value(words=tuple(scenarios))
    return Value(kinds=tuple(dict.fromkeys((*named, *(["folders"] if "projects" in named else [])))))


def _brief(text: str) -> str:
    """Returns a flag's description up to its first stop."""
    first = re.split(r"[;(]|\. ", text.replace("%%", "%"))[0].strip()
    return clean(first.replace("\n", " "), _LONGEST)


# --- names from the state directory -----------------------------------------------------------------------------------


def show(command: Command) -> int:
    """Prints a shell's script, or the names that such a script asks for."""
    wanted, *more = command.options.arguments
    out = Writer(sys.stdout)
    if wanted in ("projects", "services"):
        known = recorded(Store(command.state_dir or default_folder()))
        names = [one.source.name for one in known] if wanted == "projects" else services(known, more, Path.cwd())
        for name in sorted(set(names)):
            out.line(clean(name))
        return 0
    script: str = import_module(f"ws9tui.cli.completion_{wanted}").script(everything())
    sys.stdout.write(script)
    return 0


def recorded(store: Store) -> list[Generation]:
    """Returns the latest generation of each project; unreadable ones are left out."""
    found: list[Generation] = []
    try:
        folders = sorted(store.projects_folder.iterdir())
    except OSError:
        return found
    for folder in folders:
        for number in sorted(generation.numbers(folder), reverse=True)[:1]:
            try:
                found.append(generation.read(folder, number))
            except (StateError, OSError):
                continue
    return found


def services(known: Sequence[Generation], typed: Sequence[str], cwd: Path) -> list[str]:
    """Returns the services of the typed project, else of the project in this folder, else of the only known one."""

    def meant(word: str) -> list[Generation]:
        return [one for one in known if _means(one.source, word, cwd)]

    of_typed = next((those for word in typed if (those := meant(word))), [])
    found = of_typed or meant(".") or (known if len(known) == 1 else [])
    return list(found[0].services) if found else []


def _means(source: ProjectSource, word: str, cwd: Path) -> bool:
    return bool(word) and not word.startswith("-") and "=" not in word and attach.names(source, word, cwd)
