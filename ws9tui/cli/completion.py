"""`ws9tui completion`: what a shell completes, from the same parsers as the help."""

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
"""characters of what is said of a flag"""
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
"""what a value is by its name in the help → what there is to complete it"""


class Value(msgspec.Struct, frozen=True):
    """What may stand somewhere: certain words, or what `kinds` name."""

    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class Flag(msgspec.Struct, frozen=True):
    """A flag of a command."""

    names: tuple[str, ...]
    text: str
    value: Value | None
    """None for one that takes none"""
    named: str = ""
    """its value, as the help calls it"""
    repeatable: bool = False
    without: tuple[str, ...] = ()
    """flags that it excludes"""


class Completed(msgspec.Struct, frozen=True):
    """All that can be completed of a command."""

    name: str
    text: str
    flags: tuple[Flag, ...]
    value: Value
    """what its arguments are"""


def filled(script: str, parts: Mapping[str, str]) -> str:
    """A shell's script with its parts, each in the place of `@NAME@`."""
    for name, part in parts.items():
        script = script.replace(f"@{name}@", part)
    return script


def everything() -> list[Completed]:
    """What can be completed of each command, first of all of none."""
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
    """What is said of a flag, up to its first stop."""
    first = re.split(r"[;(]|\. ", text.replace("%%", "%"))[0].strip()
    return clean(first.replace("\n", " "), _LONGEST)


# --- names that only a state directory knows --------------------------------------------------------------------------


def show(command: Command) -> int:
    """Prints the script of a shell, or the names that such a script asks for."""
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
    """The latest generation of each project; what cannot be read is left out."""
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
    """The services of the project that was typed, else of that where one stands, else of the only one."""

    def meant(word: str) -> list[Generation]:
        return [one for one in known if _means(one.source, word, cwd)]

    of_typed = next((those for word in typed if (those := meant(word))), [])
    found = of_typed or meant(".") or (known if len(known) == 1 else [])
    return list(found[0].services) if found else []


def _means(source: ProjectSource, word: str, cwd: Path) -> bool:
    return bool(word) and not word.startswith("-") and "=" not in word and attach.names(source, word, cwd)
