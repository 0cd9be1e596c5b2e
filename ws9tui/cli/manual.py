"""`ws9tui man`: the manual page as roff, derived from the help pages."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

from ws9tui import __version__
from ws9tui.cli import arguments
from ws9tui.cli import help as help_page
from ws9tui.cli.arguments import COMMANDS, WIZARD, Command
from ws9tui.cli.help import HelpSection, Page
from ws9tui.words import command_help
from ws9tui.words import manual as words

_REPEATED = ("output", "general")
"""groups that are printed once for all commands"""


def show(_command: Command) -> int:
    """Prints the manual page."""
    sys.stdout.write(page())
    return 0


def page() -> str:
    """Returns the manual page of all commands."""
    first = help_page.page(WIZARD, arguments.parser_of(WIZARD))
    others = [help_page.page(name, arguments.parser_of(name)) for name in COMMANDS]
    once = [section for name in _REPEATED for section in _of(first, command_help.group(name))]
    lines = [
        f'.TH WS9TUI 1 "" "ws9tui {__version__}" "{_text(words.MANUAL())}"',
        *_heading(words.NAME()),
        rf"ws9tui \- {_text(words.WHAT())}",
        *_heading(words.SYNOPSIS()),
        *_usage([first, *others]),
        *_heading(words.DESCRIPTION()),
        *_paragraphs(first.about),
        *_sections(_of(first, "commands")),
    ]
    for told in others:
        own = [section for section in told.sections if section.name not in ("examples", "exits")]
        lines += [*_heading(f"ws9tui {told.command}"), *_paragraphs(told.about)]
        lines += _sections([section for section in own if section not in once])
        lines += _sections(_of(told, "examples"))
        if _of(told, "exits") != _of(first, "exits"):
            lines += _sections(_of(told, "exits"))
    lines += [*_heading(words.COMMON()), *_sections(once), *_heading(words.EXITS())]
    lines += [line for section in _of(first, "exits") for line in _terms(section.rows)]
    lines += [*_heading(words.FILES()), *_terms(words.files()), *_heading(words.ENVIRONMENT())]
    lines += _terms(words.environment())
    return "\n".join([*lines, ""])


def _of(told: Page, name: str) -> list[HelpSection]:
    return [section for section in told.sections if section.name == name]


def _sections(sections: Sequence[HelpSection]) -> Iterator[str]:
    for section in sections:
        yield f'.SS "{_text(section.title)}"'
        yield from _terms(section.rows)


def _terms(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, text in rows:
        yield ".TP"
        yield rf"\fB{_text(name)}\fR"
        yield _text(text)


def _usage(pages: Sequence[Page]) -> Iterator[str]:
    for number, line in enumerate(line for told in pages for line in told.usage.split("\n")):
        if number:
            yield ".br"
        yield _text(line.strip())


def _paragraphs(texts: Sequence[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number:
            yield ".PP"
        yield _text(text)


def _heading(text: str) -> list[str]:
    return [f'.SH "{_text(text)}"']


def _text(text: str) -> str:
    """Returns a text without roff requests: backslashes, dashes and quotes are escaped."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq").replace("'", r"\(aq")
    return re.sub(r"^(?=[.'])", r"\\&", escaped)
