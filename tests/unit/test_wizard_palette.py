"""The palette: what it offers, and where it leads."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from recordings import Story
from wizards import Driven, wizard
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice
from ws9tui.worker.next_run import ToProject

pytestmark = pytest.mark.slow


async def test_the_palette_offers_what_the_keys_do(tmp_path: Path) -> None:
    async with wizard("keep", tmp_path) as driven:
        assert titles(driven) == ["Keep", "Roll back", "Roll back + data", "Log", "Help", "Detach", "Light colours"]


def titles(driven: Driven) -> list[str]:
    """What the palette offers."""
    return [command.title for command in driven.app.get_system_commands(driven.app.screen)]


async def choose(driven: Driven, *typed: str) -> None:
    """Type into the palette, and take what it finds."""
    await driven.press("ctrl+p")
    await driven.shows("Actions and projects")
    await driven.press(*typed)
    found = driven.app.screen.query_one(OptionList)
    await driven.until(lambda: found.option_count == 1)
    await driven.press("enter")


async def test_the_palette_is_searched_and_does_what_is_chosen(tmp_path: Path) -> None:
    async with wizard("keep", tmp_path) as driven:
        await driven.press("ctrl+p", *"no such thing")
        await driven.shows("Nothing matches.")
        await driven.press("enter", "escape")
        assert driven.decisions() == []
        await choose(driven, *"keep")
        assert driven.decision().choice is Choice.KEEP


HOSTILE = "[red]x[/]\x1b[2J[@click=app.quit]y"


@pytest.mark.parametrize("name", ["watching", "keep"])
async def test_the_palette_has_all_other_projects_and_a_live_run_is_left_to_go_on(name: str, tmp_path: Path) -> None:
    async with wizard(name, tmp_path) as driven:
        await driven.tell(e.ProjectsKnown(names=("blog", "websoft9", HOSTILE)))
        assert [title for title in titles(driven) if title.startswith("Project")] == [
            *("Project blog", "Project [red]x[/][@click=app.quit]y")
        ]
        await driven.press("ctrl+p")
        await driven.shows("Project [red]x[/][@click=app.quit]y")
        await driven.press(*"[red]")
        await driven.shows("Project [red]x[/][@click=app.quit]y")
        await driven.press("escape", "escape")
        await choose(driven, *"blog")
        await driven.shows("Leave this run for project blog?")
        await driven.press("escape")
        assert driven.app.is_running
        await choose(driven, *"blog")
        await driven.press("enter")
        assert (driven.app.return_value, driven.app.wanted) == (129, ToProject("blog"))
        assert driven.decisions() == []
        assert b'"detached"' in driven.journal.path.read_bytes()


async def test_the_run_may_be_cancelled_for_another_project(tmp_path: Path) -> None:
    async with wizard(Story("images").say(e.ProjectsKnown(names=("blog", "websoft9"))), tmp_path) as driven:
        await choose(driven, *"blog")
        await driven.press("c")
        assert driven.decision().choice is Choice.CANCEL
        assert (driven.app.return_value, driven.app.wanted) == (130, ToProject("blog"))


async def test_from_a_run_that_has_ended_one_goes_at_once(tmp_path: Path) -> None:
    async with wizard(Story("kept").say(e.ProjectsKnown(names=("blog", "websoft9"))), tmp_path) as driven:
        await choose(driven, *"blog")
        assert (driven.app.return_value, driven.app.wanted) == (0, ToProject("blog"))


async def test_where_a_project_is_asked_for_the_palette_answers(tmp_path: Path) -> None:
    async with wizard(Story("project").say(e.ProjectsKnown(names=("websoft9", "gone"))), tmp_path) as driven:
        await choose(driven, *"project websoft9")
        assert driven.decision().project == "websoft9"


async def test_a_demo_has_no_other_project(tmp_path: Path) -> None:
    known = e.ProjectsKnown(names=("blog", "websoft9"))
    async with wizard(Story("images").say(known), tmp_path, demo=("--world", "w")) as driven:
        assert not [title for title in titles(driven) if title.startswith("Project")]
