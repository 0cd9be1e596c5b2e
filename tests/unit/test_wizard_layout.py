"""Every pane in every recorded run: it fits its terminal, and its frame, safety line and key line are whole."""

from __future__ import annotations

import unicodedata
from functools import partial
from pathlib import Path

import pytest

from recordings import MOMENTS
from wizards import LARGE, SMALL, Driven, wizard
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.glyphs import Repertoire
from ws9tui.wizard.lines import Lines
from ws9tui.words import safety
from ws9tui.words.text import width

SIZES = (SMALL, LARGE, (89, 24), (90, 24), (132, 24))


@pytest.mark.parametrize("name", MOMENTS)
async def test_pane_fits(name: str, tmp_path: Path) -> None:
    async with wizard(name, tmp_path) as driven:
        for size in SIZES:
            await driven.pilot.resize_terminal(*size)
            await driven.until(partial(is_whole, driven, size[0]))
            rows = driven.text().split("\n")
            screen = driven.app.screen
            assert isinstance(screen, Pane)
            for key, label in screen.shown_keys():
                assert f"{key} {label}" in rows[-1]
            said = " ".join(row.strip("│ ") for row in rows[-5:-1])
            for word in safety.line(driven.app.state).split():
                assert word in said


def is_whole(driven: Driven, columns: int) -> bool:
    """Whether the pane has been laid out in so many columns, and nothing is cut."""
    return fits(driven) and is_framed(driven.text(), columns)


def fits(driven: Driven) -> bool:
    """Whether no line is wider, and no part higher, than its place."""
    return all(
        len(lines.shown) <= lines.size.height
        and all(content.cell_length <= lines.content_size.width for content in lines.shown)
        for lines in driven.app.screen.query(Lines)
        if lines.display
    )


def is_framed(text: str, columns: int) -> bool:
    """Whether the frame is closed on all sides."""
    rows = text.split("\n")[1:]
    closed = all(width(row) == columns and row[0] in "┌│├└" and row[-1] in "┐│┤┘" for row in rows)
    return closed and rows[0][0] + rows[-1][0] == "┌└"


@pytest.mark.parametrize("name", MOMENTS)
@pytest.mark.parametrize("known", [Repertoire.ASCII, Repertoire.CONSOLE])
async def test_only_characters_that_the_terminal_has(name: str, known: Repertoire, tmp_path: Path) -> None:
    async with wizard(name, tmp_path, known=known) as driven:
        shown = driven.text()
        if known is Repertoire.ASCII:
            assert shown.isascii()
        else:
            assert not set(shown) & set("✓✗●▸…")


@pytest.mark.parametrize("name", ["hostile", "hostile-logs"])
async def test_nothing_from_outside_is_obeyed(name: str, tmp_path: Path) -> None:
    async with wizard(name, tmp_path) as driven:
        shown = driven.text()
        assert "[/red][bold]owned" in shown
        assert not {c for c in shown if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
        await driven.press("l")
        await driven.shows("Log")
        assert not {c for c in driven.text() if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}


@pytest.mark.parametrize("size", [(40, 10), (20, 6), (10, 3), (300, 80)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", ["images-mixed", "pull-twelve", "failed", "needs-recovery", "recovery"])
async def test_odd_sizes_do_no_harm(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    async with wizard(name, tmp_path) as driven:
        await driven.pilot.resize_terminal(*size)
        await driven.press("down", "l", "escape", "question_mark", "escape")
        await driven.pilot.resize_terminal(*SMALL)
        await driven.shows(driven.app.headline()[:8])


async def test_the_smallest_terminal_shows_rows(tmp_path: Path) -> None:
    async with wizard("images-mixed", tmp_path) as driven:
        await driven.pilot.resize_terminal(40, 10)
        await driven.until(lambda: is_framed(driven.text(), 40))
        assert "apphub" in driven.text()
        assert "? Help" in driven.text()


async def test_pulls_that_are_under_way_are_not_below_those_that_are_done(tmp_path: Path) -> None:
    async with wizard("pull-twelve", tmp_path) as driven:
        await driven.pilot.resize_terminal(80, 13)
        await driven.until(lambda: [row[2] for row in driven.text().split("\n") if row[:2] == "│ "][3:7] == [*"●●✓✓"])
        assert "Total" in driven.text()
