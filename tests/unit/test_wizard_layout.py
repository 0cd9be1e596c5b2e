"""Every pane in every recorded run: it fits its terminal, and its title, safety line and keys are whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from textual.screen import Screen
from textual.widget import Widget

from recordings import MOMENTS, OF_EACH_PANE
from wizards import LARGE, SMALL, Driven, wizard
from ws9tui.wizard import frame
from ws9tui.wizard.cells import Cell
from ws9tui.wizard.choices import ChoiceButton
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.glyphs import Repertoire
from ws9tui.wizard.table import Rows
from ws9tui.words import safety
from ws9tui.words.text import width

pytestmark = pytest.mark.slow

SIZES = (SMALL, LARGE, (110, 24), (160, 24))
LEAST = (40, 12)
_ALIKE = pytest.mark.full(reason="another moment of the same pane is tried always, and this one's picture compared")
_EACH_PANE = [name if name in OF_EACH_PANE else pytest.param(name, marks=_ALIKE) for name in MOMENTS]


@pytest.mark.parametrize("name", _EACH_PANE)
async def test_a_pane_is_at_rest_and_fits(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with wizard(name, tmp_path) as driven:
        await is_at_rest(driven, monkeypatch)
        for size in SIZES:
            await driven.pilot.resize_terminal(*size)
            await driven.until(partial(is_whole, driven, size))
            await driven.until(partial(shows_its_keys, driven))
            for word in safety.line(driven.app.state).split():
                assert driven.says(word), word
        await keeps_its_question(driven)


async def is_at_rest(driven: Driven, monkeypatch: pytest.MonkeyPatch) -> None:
    """Assert that what drawing a table sets off does not have it drawn again."""
    await driven.settle()
    screen, drawn = driven.app.screen, [0]
    assert isinstance(screen, Pane)
    follow = screen.follow

    def counted() -> None:
        drawn[0] += 1
        follow()

    with monkeypatch.context() as patch:
        patch.setattr(screen, "follow", counted)
        for _ in range(30):
            await driven.pilot.pause()
    assert drawn[0] < 100  # it is drawn twice a second, and was thousands of times


async def keeps_its_question(driven: Driven) -> None:
    """Assert that the question and its key are there at the least size."""
    before = driven.app.screen
    assert isinstance(before, Pane)
    await driven.pilot.resize_terminal(*LEAST)
    await driven.until(partial(is_whole, driven, LEAST))
    await driven.settle()
    first = [line.text if isinstance(line, Cell) else line[-1].text for line in before.lead.shown][:1]
    for said in first:
        assert driven.says(said[:30]), said
    primary = [key for key in before.shown_keys() if key.key == "enter"]
    assert all(f"{key.shown} {key.label}" in driven.text().split("\n")[-1] for key in primary)
    assert all(button.is_on_screen for button in list(before.query(ChoiceButton))[:2])


def shows_its_keys(driven: Driven) -> bool:
    """Whether the last row has every key that the pane answers to."""
    assert isinstance(driven.app.screen, Pane)
    last = driven.text().split("\n")[-1]
    return all(f"{key.shown} {key.label}" in last for key in driven.app.screen.shown_keys())


def is_whole(driven: Driven, size: tuple[int, int]) -> bool:
    """Whether the pane has been laid out in this size, and no row of a table is wider than its place."""
    columns, height = size
    rows = driven.text().split("\n")
    tables = [table for table in driven.app.screen.query(Rows) if table.is_on_screen]
    fits = all(table.virtual_size.width <= table.size.width for table in tables)
    return fits and len(rows) == height and "? Help" in rows[-1] and all(width(row) <= columns for row in rows)


@pytest.mark.parametrize("known", [Repertoire.ASCII, Repertoire.CONSOLE])
@pytest.mark.parametrize("name", _EACH_PANE)
async def test_only_characters_that_the_terminal_has(name: str, known: Repertoire, tmp_path: Path) -> None:
    async with wizard(name, tmp_path, known=known) as driven:
        shown = driven.text()
        if known is Repertoire.ASCII:
            assert shown.isascii()
        else:
            assert not set(shown) & set("✓✗●▸▾…╸╺━▋▌▍▎▏▂▅▆▇")


@pytest.mark.parametrize("name", ["hostile", "hostile-logs"])
async def test_nothing_from_outside_is_obeyed(name: str, tmp_path: Path) -> None:
    async with wizard(name, tmp_path) as driven:
        assert driven.says("[/red][bold]owned")
        assert not {c for c in driven.text() if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}
        await driven.press("l")
        await driven.shows("Log")
        assert not {c for c in driven.text() if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"}


@pytest.mark.sample(3, reason="each case is another pane")
@pytest.mark.parametrize("name", ["images-mixed", "pull-twelve", "failed", "needs-recovery", "recovery", "confirm"])
async def test_odd_sizes_do_no_harm(name: str, tmp_path: Path) -> None:
    async with wizard(name, tmp_path) as driven:
        for size in ((40, 10), (20, 6), (10, 3), (300, 80)):
            await driven.pilot.resize_terminal(*size)
            await driven.press("down", "l", "escape", "question_mark", "escape")
            await driven.pilot.resize_terminal(*SMALL)
            await driven.shows(driven.app.headline()[:8])


async def test_pulls_that_are_under_way_are_not_below_those_that_are_done(tmp_path: Path) -> None:
    async with wizard("pull-twelve", tmp_path) as driven:
        await driven.pilot.resize_terminal(80, 17)

        def signs() -> list[str]:
            return [row[4] for row in driven.text().split("\n") if row[4:5] in ("●", "✓")]

        await driven.until(lambda: signs()[:3] == [*"●●✓"])


# --- beside the pane ----------------------------------------------------------------------------------------------


async def test_details_stand_below_the_table_and_from_110_columns_on_beside_it(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        for size, beside in ((SMALL, False), ((110, 24), True)):
            await driven.pilot.resize_terminal(*size)
            await driven.until(partial(is_whole, driven, size))
            await driven.until(partial(stands_beside, driven, beside=beside))


def stands_beside(driven: Driven, *, beside: bool) -> bool:
    """Whether the details are to the right of the table, or as it is asked, are not."""
    table, detail = driven.app.screen.query_one("#main"), driven.app.screen.query_one("#detail")
    return (detail.region.x > table.region.right - 1) is beside


@pytest.mark.parametrize(("name", "size", "open_"), [("images", (159, 24), False), ("images", (160, 24), True)])
async def test_the_log_stays_open_from_160_columns_on(
    name: str, size: tuple[int, int], open_: bool, tmp_path: Path
) -> None:
    async with wizard(name, tmp_path, size=size) as driven:
        await driven.until(lambda: driven.app.screen.query_one("#log").is_on_screen is open_)
        assert driven.says("git: update to") is open_


# --- the mouse ----------------------------------------------------------------------------------------------------


async def test_a_click_on_a_row_points_at_it_and_on_its_box_selects_it(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        table = driven.app.screen.query_one(Rows)
        await driven.pilot.click(table, offset=(12, 3))
        await driven.shows("▸ [x]  git")
        await driven.pilot.click(table, offset=(4, 4))
        await driven.shows("▸ [x]  proxy")
        await driven.pilot.click(table, offset=(4, 4))
        await driven.shows("▸ [ ]  proxy")


async def test_a_key_of_the_key_line_can_be_clicked(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        at = driven.text().split("\n")[-1].index("Enter Next")
        await driven.pilot.click(offset=(at + 2, 23))
        await driven.settle()
        assert driven.decision().services == ("apphub", "deployment", "git")


async def test_answers_are_buttons(tmp_path: Path) -> None:
    async with wizard("keep", tmp_path) as driven:
        await driven.pilot.click("ChoiceButton")
        await driven.settle()
        assert driven.decision().choice == "keep"


async def test_an_answer_of_a_dialog_can_be_clicked_and_beside_the_box_it_is_closed(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("c")
        await driven.pilot.click(offset=(1, 1))
        await driven.hides("Cancel this run?")
        assert driven.decisions() == []
        await driven.press("c")
        await driven.pilot.click("#answers AnswerButton:last-of-type")
        await driven.settle()
        assert driven.decision().choice == "cancel"


def kinds(of: type[Widget]) -> Iterator[type[Widget]]:
    """A class and all that are made from it."""
    yield of
    for kind in of.__subclasses__():
        yield from kinds(kind)


def test_every_widget_is_there_that_a_stylesheet_or_a_focus_names() -> None:
    """A selector that fits nothing is no error to Textual: what it is for would just not be there."""
    sheets = [path.read_text() for path in Path(frame.__file__).parent.glob("*.tcss")]
    named = [re.sub(r"/\*.*?\*/|\{.*?\}", "", sheet, flags=re.DOTALL) for sheet in sheets]
    for screen in kinds(Screen):
        named += [str(getattr(screen, "AUTO_FOCUS", "")), str(getattr(screen, "FOCUS", ""))]
    names = set(re.findall(r"(?<![\w.#-])[A-Z]\w+", "\n".join(named)))
    assert len(names) > 20
    assert names - {kind.__name__ for kind in kinds(Widget)} - {"None"} == set()
