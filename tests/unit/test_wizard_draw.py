"""Laying out lines: tables, wrapping, windows, bars, and the characters that a terminal has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws9tui.wizard import draw
from ws9tui.wizard.draw import Cell, Column, Window, line
from ws9tui.wizard.glyphs import Repertoire, replace
from ws9tui.words.text import clean, width

WORDS = st.text(alphabet="ab é搜", min_size=0, max_size=60).map(clean)


@given(text=WORDS, room=st.integers(8, 40), first=st.sampled_from(["", "! ", "    "]))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: int, first: str) -> None:
    lines = draw.wrap(text, room, first)
    assert all(width(part) <= room for part in lines)
    assert "".join("".join(lines).split()) == "".join(f"{first}{text}".split())


def test_wrapping_breaks_between_words_and_hangs() -> None:
    assert draw.wrap("one two three", 9, "! ") == ["! one two", "  three"]
    assert draw.wrap("sha256:0123456789", 8) == ["sha256:0", "12345678", "9"]
    assert draw.wrap("", 8) == [""]


COLUMNS = (
    Column("Service", least=6, most=12),
    Column("Version"),
    Column("Digest", rank=1),
    Column("Age", rank=2),
    Column("Status", least=6),
)
ROWS = [
    [Cell("web"), Cell("1.0"), Cell("0123456789ab"), Cell("3 weeks"), Cell("up to date")],
    [Cell("a-very-long-service-name"), Cell("1.0"), Cell(""), Cell(""), Cell("unknown")],
]


def test_a_table_with_room_shows_everything() -> None:
    header, rows = draw.table(COLUMNS, ROWS, 80)
    assert header.plain == "Service                   Version  Digest        Age      Status    "
    assert rows[1].plain.startswith("a-very-long-service-name  1.0")


def test_a_table_leaves_out_by_rank_and_then_cuts() -> None:
    header, rows = draw.table(COLUMNS, ROWS, 50)
    assert header.plain == "Service          Version  Digest        Status    "
    assert rows[1].plain == "a-very-long-se…  1.0                    unknown   "
    header, rows = draw.table(COLUMNS, ROWS, 30)
    assert header.plain == "Service    Version  Status    "
    assert rows[1].plain == "a-very-l…  1.0      unknown   "
    header, rows = draw.table(COLUMNS, ROWS, 25)
    assert [row.plain for row in rows] == ["web      1.0      up to… ", "a-very…  1.0      unknown"]


@given(
    rows=st.lists(st.lists(WORDS.map(Cell), min_size=5, max_size=5), max_size=6),
    room=st.integers(40, 120),
)
def test_a_table_is_aligned_and_fits(rows: list[list[Cell]], room: int) -> None:
    columns = (
        Column("A", most=8, least=4),
        Column("B", least=4),
        Column("C", rank=1),
        Column("D", rank=2, right=True),
        Column("E", least=4),
    )
    header, lines = draw.table(columns, rows, room)
    assert {content.cell_length for content in (header, *lines)} == {header.cell_length}
    assert header.cell_length <= room


def test_an_empty_column_that_may_go_is_not_shown() -> None:
    header, _ = draw.table(COLUMNS, [[Cell("web"), Cell("1"), Cell(""), Cell("2 days"), Cell("ok")]], 80)
    assert "Digest" not in header.plain


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [
        (0.0, ("", "░" * 10)),
        (0.999, ("█" * 9, "░")),
        (1.0, ("█" * 10, "")),
        (7.0, ("█" * 10, "")),
        (-1.0, ("", "░" * 10)),
    ],
)
def test_bar(fraction: float, expected: tuple[str, str]) -> None:
    assert draw.bar(fraction, 10) == expected


def test_percent_is_100_only_at_the_end() -> None:
    assert draw.percent(0.999) == " 99 %"
    assert draw.percent(1.0) == "100 %"


LINES = [line(str(n)) for n in range(10)]


def test_window_follows_the_cursor() -> None:
    window = Window()
    assert [part.plain for part in window.show(LINES, 3, 5)] == ["3", "4", "5"]
    assert [part.plain for part in window.show(LINES, 3, 4)] == ["3", "4", "5"]
    assert [part.plain for part in window.show(LINES, 3, 0)] == ["0", "1", "2"]
    assert window.position(10, 3) == "1-3 / 10"
    assert window.position(3, 3) == ""


def test_window_stays_inside() -> None:
    window = Window()
    window.offset = 99
    assert [part.plain for part in window.show(LINES, 4)] == ["6", "7", "8", "9"]
    assert [part.plain for part in window.show(LINES[:2], 4)] == ["0", "1"]


def test_spread_cuts_the_left_side() -> None:
    shown = draw.spread(line("a long title of a pane"), "1 → 2", 20)
    assert shown.cell_length == 20
    assert shown.plain == "a long title…  1 → 2"


@given(st.text(max_size=40).map(clean))
def test_replacing_keeps_the_width(text: str) -> None:
    assert width(replace(text, Repertoire.ASCII)) == width(text)
    assert replace(text, Repertoire.ASCII).isascii()
    assert width(replace(text, Repertoire.CONSOLE)) == width(text)
    assert replace(text, Repertoire.FULL) == text


def test_what_is_replaced() -> None:
    assert replace("┌ ✓ ● ○ ✗ … █░ → 搜", Repertoire.ASCII) == "+ + * o x ~ #. > ??"
    assert replace("┌ ✓ ● ○ ✗ … █░ → 搜", Repertoire.CONSOLE) == "┌ √ ■ ○ x ~ █░ → 搜"
