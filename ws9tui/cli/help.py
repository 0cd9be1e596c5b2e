"""The help of a command as a page: usage, description, arguments and flags, examples and exit statuses.

`--help`, the manual page and the completions are all derived from these pages and their parsers.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ws9tui.cli import terminal
from ws9tui.words import command_examples, command_help
from ws9tui.words.text import pad, width, wrap

COLUMNS = 80
"""columns of a page that is not written to a terminal"""
WIDEST = 100
_NARROWEST = 40
_TERM = 28
"""maximum columns of a term that has its text beside it"""
_EXAMPLE = 38
_LEAST = 30
"""minimum columns of a text beside its term; if there are fewer, the text goes below"""
_OWN_ROOM = ("commands", "examples", "exits")
_INDENT = 2
_BELOW = 8


class HelpSection(NamedTuple):
    """A titled list of terms and their meanings."""

    name: str
    """a flag group's title, or 'arguments', 'commands', 'examples' or 'exits'"""
    title: str
    rows: tuple[tuple[str, str], ...]


class Page(NamedTuple):
    """The help of one command."""

    command: str
    usage: str
    about: tuple[str, ...]
    sections: tuple[HelpSection, ...]


def page(command: str, parser: argparse.ArgumentParser) -> Page:
    """Returns the help page of a command with this parser."""
    sections = [*_commands(command), *_arguments(parser)]
    for name, rows in (("examples", command_examples.examples(command)), ("exits", command_examples.exits(command))):
        if rows:
            sections.append(HelpSection(name, command_help.group(name), tuple(rows)))
    return Page(command, command_help.usage(command), tuple(command_help.about(command)), tuple(sections))


def _commands(command: str) -> Iterator[HelpSection]:
    """Yields the section of all commands, on the wizard's page only."""
    if command == command_help.WIZARD:
        rows = tuple(
            (f"{name} {command_help.takes(name)}".rstrip(), command_help.summary(name))
            for name in command_help.commands()
        )
        yield HelpSection("commands", command_help.group("commands"), rows)


def _arguments(parser: argparse.ArgumentParser) -> Iterator[HelpSection]:
    """Yields the positional arguments, then the flags by group."""
    for group in parser._action_groups:  # noqa: SLF001 - argparse has no other way to what it was given
        rows = tuple((term(action), _text(action)) for action in group._group_actions)  # noqa: SLF001 - as above
        if rows:
            positional = not group._group_actions[0].option_strings  # noqa: SLF001 - as above
            title = command_help.group("arguments") if positional else group.title or ""
            yield HelpSection("arguments" if positional else title, title, rows)


def term(action: argparse.Action) -> str:
    """Returns a flag as it is typed, with its value, or an argument's name."""
    return ", ".join(action.option_strings) + f" {value(action)}".rstrip() if action.option_strings else value(action)


def value(action: argparse.Action) -> str:
    """Returns the placeholder of a flag's value; empty if the flag takes none."""
    if action.nargs == 0:
        return ""
    if action.choices:
        return "|".join(map(str, action.choices))
    if isinstance(action.metavar, tuple):  # several values
        return " ".join(action.metavar)
    named = action.metavar or action.dest.upper()
    return f"{named}…" if action.nargs == "+" and action.option_strings else named


def _text(action: argparse.Action) -> str:
    return (action.help or "").replace("%%", "%")


def columns() -> int:
    """Returns the width of a page: that of the terminal within limits, else `COLUMNS`."""
    if not terminal.is_terminal(sys.stdout):
        return COLUMNS
    return min(max(shutil.get_terminal_size((COLUMNS, 24)).columns, _NARROWEST), WIDEST)


def plain(told: Page, room: int = COLUMNS) -> str:
    """Returns a page as text of at most that many columns."""
    lines = [part for text in usage_lines(told) for part in wrap(text, room, _BELOW)]
    for paragraph in told.about:
        lines += ["", *wrap(paragraph, room)]
    for section in told.sections:
        lines += ["", command_help.HEADING(title=section.title)]
        beside = term_room(section, told.sections)
        for name, text in section.rows:
            lines += _row(name, text, beside, room)
    if told.command == command_help.WIZARD:
        lines += ["", *wrap(command_help.MORE(), room)]
    return "\n".join([*lines, ""])


def usage_lines(told: Page) -> list[str]:
    """Returns the lines that show how a command is called."""
    first, *more = told.usage.split("\n")
    return [command_help.USAGE(usage=first), *more]


def term_room(section: HelpSection, beside: Sequence[HelpSection]) -> int:
    """Returns the columns for terms with their text beside them: the same for all flags of a page."""
    if section.name in _OWN_ROOM:
        beside = (section,)
    most = _EXAMPLE if section.name == "examples" else _TERM
    terms = (name for other in beside if other is section or other.name not in _OWN_ROOM for name, _ in other.rows)
    return max((size for name in terms if (size := width(name)) <= most), default=0)


def _row(name: str, text: str, beside: int, room: int) -> list[str]:
    if not text:
        return [" " * _INDENT + name]
    left = _INDENT + beside + 2
    if room - left < _LEAST:
        left = _BELOW
    said = [part.strip() for part in wrap(text, room - left)]
    if width(name) > beside or left == _BELOW:
        return [" " * _INDENT + name, *(" " * left + part for part in said)]
    first = " " * _INDENT + pad(name, beside) + "  " + said[0]
    return [first, *(" " * left + part for part in said[1:])]
