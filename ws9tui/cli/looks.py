"""Renders output for a colour terminal with Rich.

Colour is never the only carrier of information, and the colours are readable on dark and on light backgrounds.
All text is literal: no Rich markup, no highlighting, and already cleaned (`words.text.clean`) by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from ws9tui.cli.help import WIDEST, HelpSection, Page, term_room, usage_lines
from ws9tui.words import command_help
from ws9tui.words.blocks import Block, Fact, Heading, Note, Table, Timed, Tone, used
from ws9tui.words.plan_line import LineKind, PlanLine
from ws9tui.words.text import clock, pad, width, wrap

GREEN, ORANGE, RED, BLUE = "color(28)", "color(130)", "color(160)", "color(32)"
"""of the 256 colours those with similar contrast to black and white; Rich falls back to a terminal's nearest ones"""
TITLE = "bold"
QUIET = "dim"
STYLES = {Tone.PLAIN: "", Tone.GOOD: GREEN, Tone.WARNING: ORANGE, Tone.BAD: f"bold {RED}", Tone.QUIET: QUIET}
LEVELS = {
    LineKind.HEADING: TITLE,
    LineKind.ADDED: GREEN,
    LineKind.TAKEN: RED,
    LineKind.LOSS: f"bold {RED}",
    LineKind.DETAIL: QUIET,
}
_TERM = f"bold {BLUE}"
_HANG = 4
_NAME = 9


def console(stream: TextIO) -> Console:
    """Returns a Rich console that writes to a stream."""
    return Console(file=stream, markup=False, highlight=False, emoji=False)


def hanging(
    text: str, room: int, *, style: str = "", before: str = "", before_style: str = "", hang: int = _HANG
) -> Text:
    """Returns a text wrapped to ``room`` columns; a quoted command is never broken, so that it can be copied.

    ``before`` precedes the first line; with it, further lines align with the text, else they are indented by ``hang``.
    """
    left = width(before)
    first, *others = wrap(text, max(room - left, 1), 0 if before else hang, quoted=True)
    told = Text(before, before_style)
    told.append(first, style)
    for line in others:
        told.append("\n" + " " * left)
        told.append(line, style)
    return told


def shown(blocks: Iterable[Block], room: int) -> Iterator[RenderableType]:
    """Yields the renderable of each block, for a terminal of that many columns."""
    for block in blocks:
        match block:
            case Heading(text=text):
                yield hanging(text, room, style=TITLE)
            case Note(text=text, tone=tone, depth=depth):
                yield hanging(text, room, style=STYLES[tone], before=" " * depth, hang=_HANG)
            case Fact(name=name, text=text, tone=tone):
                yield hanging(text, room, style=STYLES[tone], before=f"  {pad(name, _NAME)}", before_style=QUIET)
            case Timed(at=at, text=text):
                yield timed(at, text, room, indent=2)
            case PlanLine():
                yield planned(block, room, indent=2)
            case Table() if block.rows:
                yield table(block)


def timed(at: str, text: str, room: int, style: str = "", *, indent: int = 0) -> Text:
    """Returns a line with the time of an event."""
    return hanging(text, room, style=style, before=f"{' ' * indent}{clock(at)}  ", before_style=QUIET)


def planned(line: PlanLine, room: int, *, indent: int = 0) -> Text:
    """Returns a line of the plan."""
    return hanging(" " * indent + line.text, room, style=LEVELS.get(line.level, ""))


def table(told: Table) -> RichTable:
    """Returns a table with column titles; cells that do not fit are folded, nothing is cut."""
    grid = RichTable(box=SIMPLE_HEAD, header_style=TITLE, pad_edge=False, show_edge=False, padding=(0, 1))
    columns = used(told.rows)
    for number in columns:
        grid.add_column(Text(told.titles[number]), overflow="fold")
    for number, row in enumerate(told.rows):
        style = STYLES[told.tones[number]] if told.tones else ""
        grid.add_row(*(Text(row[one], style if one == told.toned else "") for one in columns))
    return grid


def help_page(told: Page, stream: TextIO) -> None:
    """Writes the help of a command."""
    out = console(stream)
    room = min(out.width, WIDEST)
    for part in _page(told, room):
        out.print(part, soft_wrap=isinstance(part, Text), width=room)


def _page(told: Page, room: int) -> Iterator[RenderableType]:
    for text in usage_lines(told):
        yield hanging(text, room, style=TITLE)
    for paragraph in told.about:
        yield ""
        yield hanging(paragraph, room, hang=0)
    for section in told.sections:
        yield ""
        yield Text(section.title, "bold underline")
        yield from _rows(section, term_room(section, told.sections))
    if told.command == command_help.WIZARD:
        yield ""
        yield hanging(command_help.MORE(), room, hang=0)


def _rows(section: HelpSection, beside: int) -> Iterator[RenderableType]:
    """Yields terms with their texts beside them, or below a term that is too long."""
    for name, text in section.rows:
        grid = RichTable.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=beside + 2)
        grid.add_column(overflow="fold")
        long = width(name) > beside
        if long:
            yield Text(f"  {name}", _TERM)
        grid.add_row(Text("" if long else f"  {name}", _TERM), Text(text))
        yield grid
