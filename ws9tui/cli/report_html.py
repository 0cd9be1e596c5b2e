"""Renders a report as one self-contained HTML page: inline style and charts, no scripts, no external resources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from ws9tui.cli.report_style import STYLE
from ws9tui.words.blocks import Table, used
from ws9tui.words.report import Facts, Lines, Part, Report, Section
from ws9tui.words.report_times import Chart, Row
from ws9tui.words.text import clean

_LONGEST = 4000
"""maximum characters of a text"""
_SHORT = 24
"""maximum characters of a cell that is not wrapped"""
_NARROW = 0.4
"""minimum width of a bar, in percent"""


def written(report: Report) -> str:
    """Returns the report as an HTML page."""
    return "\n".join(
        (
            "<!DOCTYPE html>",
            f'<html lang="{_text(report.language)}">',
            "<head>",
            '<meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            '<meta name="generator" content="ws9tui">',
            f"<title>{_text(report.title)}: {_text(report.headline)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            "<header>",
            f"<h1>{_text(report.title)}</h1>",
            f'<p class="end {report.tone}"><strong>{_text(report.headline)}</strong></p>',
            f"<p>{_text(report.message)}</p>",
            "</header>",
            "<main>",
            *(line for section in report.sections for line in _section(section)),
            "</main>",
            f"<footer>{_text(report.footer)}</footer>",
            "</body>",
            "</html>",
            "",
        )
    )


def _section(section: Section) -> Iterator[str]:
    yield "<section>"
    yield f"<h2>{_text(section.title)}</h2>"
    for part in section.parts:
        yield from _part(part)
    yield "</section>"


def _part(part: Part) -> Iterator[str]:
    match part:
        case Facts(pairs=pairs):
            yield "<dl>"
            yield from (f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in pairs)
            yield "</dl>"
        case Lines(title=title, lines=lines):
            yield from (f"<h3>{_text(title)}</h3>",) if title else ()
            shown = "\n".join(map(_text, lines))
            yield f"<pre>{shown}</pre>"
        case Table(titles=titles, rows=rows):
            yield from _table(titles, rows)
        case Chart():
            yield from _chart(part)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yields a table; empty columns are left out."""
    columns = used(rows)
    yield '<div class="wide"><table>'
    yield f"<thead><tr>{''.join(f'<th>{_text(titles[n])}</th>' for n in columns)}</tr></thead>"
    yield "<tbody>"
    yield from (f"<tr>{''.join(_cell(row[n]) for n in columns)}</tr>" for row in rows)
    yield "</tbody></table></div>"


def _cell(text: str) -> str:
    """Returns a cell; a short one is not wrapped."""
    return f"<td{' class=short' if len(text) <= _SHORT else ''}>{_text(text)}</td>"


# --- bars -------------------------------------------------------------------------------------------------------


def _chart(chart: Chart) -> Iterator[str]:
    yield f"<h3>{_text(chart.title)}</h3>"
    yield '<div class="chart" role="table">'
    for row in chart.rows:
        yield from _row(row, chart)
    yield '<div class="axis"><span></span><span class="track">'
    yield from (f'<i style="left:{tick.place:.2%}">{_text(tick.text)}</i>' for tick in chart.ticks)
    yield "</span><span></span></div>"
    yield "</div>"
    yield '<p class="legend">'
    yield from (f'<span><b class="bar {what.value}"></b> {_text(name)}</span>' for what, name in chart.legend)
    yield from (f'<span><b class="break"></b> {_text(one.text)}</span>' for one in chart.breaks)
    yield "</p>"


def _row(row: Row, chart: Chart) -> Iterator[str]:
    yield '<div class="row" role="row">'
    yield f'<span class="name" role="cell">{_text(row.name)}</span>'
    yield '<span class="track" aria-hidden="true">'
    yield from (f'<b class="break" style="left:{one.place:.2%}" title="{_text(one.text)}"></b>' for one in chart.breaks)
    for bar in row.bars:
        left = min(bar.start, 1 - _NARROW / 100) * 100
        width = max((bar.end - bar.start) * 100, _NARROW)
        place = f"left:{left:.2f}%;width:{width:.2f}%"
        yield f'<b class="bar {bar.what.value}" style="{place}" title="{_text(bar.text)}"></b>'
    yield "</span>"
    yield f'<span class="told" role="cell">{_text(row.text)}</span>'
    yield "</div>"


def _text(text: str) -> str:
    """Returns a text cleaned and escaped for HTML."""
    return escape(clean(text, _LONGEST), quote=True)
