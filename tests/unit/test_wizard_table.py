"""Tables and keys: what is left out or cut where there is not enough room; colours; the characters of a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colours import contrast
from ws9tui.wizard import theme
from ws9tui.wizard.cells import Cell
from ws9tui.wizard.glyphs import Repertoire, replace
from ws9tui.wizard.keyline import Key, fitting
from ws9tui.wizard.table import GAP, Column, widths
from ws9tui.words.text import clean, width

WORDS = st.text(alphabet="ab é搜", min_size=0, max_size=60).map(clean)
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


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        (80, {0: 24, 1: 7, 2: 12, 3: 7, 4: 10}),
        (50, {0: 15, 1: 7, 2: 12, 4: 10}),
        (30, {0: 9, 1: 7, 4: 10}),
        (25, {0: 7, 1: 7, 4: 7}),
    ],
)
def test_a_table_leaves_out_by_rank_and_then_cuts(room: int, expected: dict[int, int]) -> None:
    assert widths(COLUMNS, ROWS, room) == expected


@given(rows=st.lists(st.lists(WORDS.map(Cell), min_size=5, max_size=5), max_size=6), room=st.integers(40, 120))
def test_a_table_fits(rows: list[list[Cell]], room: int) -> None:
    columns = (
        Column("A", most=8, least=4),
        Column("B", least=4),
        Column("C", rank=1),
        Column("D", rank=2, right=True),
        Column("E", least=4),
    )
    taken = widths(columns, rows, room)
    assert sum(taken.values()) + GAP * (len(taken) - 1) <= room


def test_an_empty_column_that_may_go_is_not_shown() -> None:
    assert 2 not in widths(COLUMNS, [[Cell("web"), Cell("1"), Cell(""), Cell("2 days"), Cell("ok")]], 80)


KEYS = [Key("enter", "Enter", "Next"), Key("a", "A", "All"), Key("l", "L", "Log"), Key("q", "Q", "Detach")]


def test_keys_are_given_up_in_their_order() -> None:
    order = [1, 2, 3, 0]
    assert fitting(KEYS, order, 40) == KEYS
    assert [key.label for key in fitting(KEYS, order, 26)] == ["Next", "Log", "Detach"]
    assert [key.label for key in fitting(KEYS, order, 12)] == ["Next"]


@pytest.mark.parametrize(
    ("environment", "colours", "expected"),
    [
        ({}, "truecolor", theme.DARK),
        ({}, "256", theme.DARK),
        ({}, "standard", theme.ANSI),
        ({}, None, theme.ANSI),
        ({"COLORFGBG": "0;15"}, "256", theme.LIGHT),
        ({"COLORFGBG": "0;default;7"}, "256", theme.LIGHT),
        ({"COLORFGBG": "15;0"}, "256", theme.DARK),
        ({"WS9TUI_THEME": "light"}, "256", theme.LIGHT),
        ({"WS9TUI_THEME": "ansi", "COLORFGBG": "0;15"}, "truecolor", theme.ANSI),
        ({"WS9TUI_THEME": "pink"}, "256", theme.DARK),
        ({"NO_COLOR": "1", "WS9TUI_THEME": "dark"}, "truecolor", theme.ANSI),
    ],
)
def test_the_theme_suits_the_terminal(environment: dict[str, str], colours: str | None, expected: str) -> None:
    assert theme.chosen(environment, colours) == expected


@pytest.mark.parametrize("name", [theme.DARK, theme.LIGHT])
@pytest.mark.parametrize("ground", ["background", "raised", "lifted"])
@pytest.mark.parametrize("text", ["foreground", "quiet", "accent", "success", "warning", "error"])
def test_every_text_can_be_read(name: str, ground: str, text: str) -> None:
    found = next(one for one in theme.THEMES if one.name == name)
    colours = {"foreground": found.foreground, "background": found.background, "accent": found.accent}
    colours |= {"success": found.success, "warning": found.warning, "error": found.error} | found.variables
    if quiet := theme.style(name, theme.DIM).color:
        colours["quiet"] = quiet.name
    assert contrast(str(colours[text]), str(colours[ground])) >= 4.5


@given(st.text(max_size=40).map(clean))
def test_replacing_keeps_the_width(text: str) -> None:
    assert width(replace(text, Repertoire.ASCII)) == width(text)
    assert replace(text, Repertoire.ASCII).isascii()
    assert width(replace(text, Repertoire.CONSOLE)) == width(text)
    assert replace(text, Repertoire.FULL) == text


def test_what_is_replaced() -> None:
    assert replace("┌ ✓ ● ○ ✗ … █░ → 搜", Repertoire.ASCII) == "+ + * o x ~ #. > ??"
    assert replace("┌ ✓ ● ○ ✗ … █░ → 搜", Repertoire.CONSOLE) == "┌ √ ■ ○ x ~ █░ → 搜"
