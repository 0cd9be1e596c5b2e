"""Renders a report as Markdown: charts become tables, and all text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ws9tui.words.blocks import Table, used
from ws9tui.words.report import Facts, Lines, Part, Report, Section
from ws9tui.words.report_times import Chart
from ws9tui.words.text import clean

_LONGEST = 4000
"""maximum characters of a text"""
_MARKUP = re.compile(r"[\\`*_\[\]<>|&~#!{}$^]|:(?=//)|/(?=/)|(?<=[Ww]{3})\.|@(?=sha256:)")
"""characters that may be markup; the last one is the @ of a digest"""
_BEGINS = re.compile(r"^(\d{0,9})([-+=.)])")
"""beginnings that would turn a paragraph into a list or a heading"""


def written(report: Report) -> str:
    """Returns the report as Markdown."""
    lines = [f"# {_text(report.title)}", "", f"**{_text(report.headline)}**", "", _paragraph(report.message)]
    for section in report.sections:
        lines += ["", *_section(section)]
    return "\n".join((*lines, "", "---", "", _text(report.footer), ""))


def _section(section: Section) -> Iterator[str]:
    yield f"## {_text(section.title)}"
    for part in section.parts:
        yield ""
        yield from _part(part)


def _part(part: Part) -> Iterator[str]:
    match part:
        case Facts(pairs=pairs):
            yield from (f"- {_text(name)}: {_text(value)}" for name, value in pairs)
        case Lines(title=title, lines=lines):
            yield from (_paragraph(title), "") if title else ()
            yield from _fenced(lines)
        case Table(titles=titles, rows=rows):
            yield from _table(titles, rows)
        case Chart():
            yield from (f"### {_text(part.title)}", "")
            yield from _table(part.titles, [(row.name, row.at, row.text) for row in part.rows])


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    columns = used(rows)
    yield _row([titles[n] for n in columns])
    yield _row(["---"] * len(columns), escaped=True)
    yield from (_row([row[n] for n in columns]) for row in rows)


def _row(cells: Sequence[str], *, escaped: bool = False) -> str:
    return f"| {' | '.join(cell if escaped else _text(cell) for cell in cells)} |"


def _fenced(lines: Sequence[str]) -> Iterator[str]:
    """Yields lines verbatim, in a fence that is longer than any run of backticks in them."""
    shown = [clean(line, _LONGEST) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(longest + 1, 3)
    yield from (f"{fence}text", *shown, fence)


def _paragraph(text: str) -> str:
    """Returns an escaped text that is also safe at the beginning of a line."""
    return _BEGINS.sub(r"\1\\\2", _text(text))


def _text(text: str) -> str:
    """Returns a text without Markdown markup, HTML or links.

    An address would become a link by itself; a word joiner after its @ prevents that, except in a digest.
    """
    told = _MARKUP.sub(r"\\\g<0>", clean(text, _LONGEST))
    return re.sub(r"(?<!\\)@", "&#64;&#8288;", told)
