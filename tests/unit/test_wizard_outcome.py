"""The panes after a commit, and of a recovery: what the operator does in them, and what stands in the journal then."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from recordings import Story, after, open_at, recording
from wizards import LARGE, wizard
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import fold
from ws9tui.core.model.terms import Choice, Question
from ws9tui.problems.engine import WorkerDied
from ws9tui.wizard import ending
from ws9tui.wizard.cells import Cell
from ws9tui.wizard.route import Step

pytestmark = pytest.mark.slow


# --- the outcome ----------------------------------------------------------------------------------------------------


async def test_keep(tmp_path: Path) -> None:
    async with wizard("keep", tmp_path) as driven:
        assert driven.says("Auto-keep in 59 min 59 s.")
        await driven.press("k")
        assert driven.decision().choice is Choice.KEEP
        await driven.shows("waiting for the worker")
        await driven.goes_on("kept")
        await driven.shows("Updated")
        await driven.press("enter")
        assert driven.app.return_value == 0
        assert "ws9tui rollback websoft9" in driven.app.farewell()[0]


async def test_roll_back_asks_once_more(tmp_path: Path) -> None:
    async with wizard("keep", tmp_path) as driven:
        await driven.press("r")
        await driven.shows("Generation 1 runs again")
        assert driven.decisions() == []
        await driven.press("y")
        assert driven.decision().choice is Choice.ROLL_BACK


async def test_a_failed_update_shows_the_service_that_is_ill(tmp_path: Path) -> None:
    async with wizard("failed", tmp_path, size=LARGE) as driven:
        shown = driven.text()
        assert "unable to open database" in shown
        assert "▸ ✗  deployment" in shown
        assert "Auto-rollback with data in 59 s." in shown
        await driven.press("down")
        await driven.shows("Last log lines of git")
        await driven.press("h")
        assert driven.decision().choice is Choice.HOLD


async def test_what_was_taken_away_is_not_said_to_run(tmp_path: Path) -> None:
    async with wizard("install-taken-back", tmp_path) as driven:
        assert driven.text().count("removed") >= 3
        assert driven.says("Nothing of this project is running.")


async def test_a_service_that_could_not_be_started_says_why(tmp_path: Path) -> None:
    async with wizard("port-taken", tmp_path, size=LARGE) as driven:
        shown = driven.text()
        assert "✗  deployment" in shown
        assert "✗  git" in shown
        assert "Bind for 0.0.0.0:80 failed" in shown


async def test_the_last_log_line_is_always_shown(tmp_path: Path) -> None:
    async with wizard("hostile-logs", tmp_path) as driven:
        assert driven.says("[/not] [a] tag")
        await driven.pilot.resize_terminal(80, 20)
        await driven.hides("link")  # the older ones give way
        await driven.shows("[/not] [a] tag")


async def test_a_choice_that_is_not_offered_has_no_key(tmp_path: Path) -> None:
    async with wizard("port-taken", tmp_path) as driven:
        assert not driven.says("Keep")
        await driven.press("k", "y")
        assert driven.decisions() == []


async def test_watching_goes_on_while_it_is_asked(tmp_path: Path) -> None:
    async with wizard("keep", tmp_path) as driven:
        watched = [event for event in recording("rolled-back") if isinstance(event, e.ServiceWatched)]
        ill = next(event for event in watched if event.verdict == "failed")
        await driven.tell(msgspec.structs.replace(ill, service="git", container="websoft9-git"))
        await driven.shows("▸ ✗  git")
        assert driven.app.screen.STEP is Step.OUTCOME  # type: ignore[attr-defined]


# --- a recovery ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "choice", "title"),
    [
        ("b", Choice.BACK, "Roll back to generation 1?"),
        ("f", Choice.FORWARD, "Continue to generation 2?"),
        ("s", Choice.LEAVE, "Leave everything as it is?"),
    ],
)
async def test_recovery(key: str, choice: Choice, title: str, tmp_path: Path) -> None:
    async with wizard("recovery", tmp_path) as driven:
        await driven.press(key)
        await driven.shows(title)
        await driven.press("n")
        assert driven.decisions() == []
        await driven.press(key, "y")
        assert driven.decision().choice is choice


async def test_another_generation(tmp_path: Path) -> None:
    for name in ("recovery", "nothing-to-do"):
        async with wizard(name, tmp_path / name) as driven:
            await driven.press("g")
            assert driven.decision().choice is Choice.GO_BACK


async def test_a_generation_is_chosen(tmp_path: Path) -> None:
    async with wizard("generations", tmp_path, size=LARGE) as driven:
        await driven.shows("3 generations are available")
        await driven.press("end", "enter")
        await driven.shows("is not available")
        assert driven.decisions() == []
        await driven.press("home", "down")
        await driven.shows("CONSOLE_PORT")
        await driven.press("enter")
        decision = driven.decision()
        assert (decision.choice, decision.generation, decision.ask) == (Choice.GO, 3, 1)


async def test_a_rollback_says_which_versions_come(tmp_path: Path) -> None:
    async with wizard("generations", tmp_path, size=(109, 40)) as driven:  # the widest without details beside the table
        await driven.goes_on(open_at(Question.CONFIRM))
        await driven.shows("Roll back from generation 5 to generation 3: deployment, git, proxy, apphub 0.2.8 → 0.2.7")
        await driven.goes_on(after(e.GatePassed))
        await driven.until(lambda: re.search(r"apphub +0\.2\.8 +0\.2\.7 +running", driven.text()) is not None)


async def test_what_runs_is_only_recorded(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.shows("S Save")
        await driven.press("s")
        assert driven.decision().choice is Choice.ADOPT


async def test_a_recovery_may_wait(tmp_path: Path) -> None:
    async with wizard("recovery", tmp_path) as driven:
        await driven.press("c")
        await driven.shows("offered again at the next")
        await driven.press("y")
        decision = driven.decision()
        assert (decision.choice, decision.ask) == (Choice.CANCEL, 1)


@pytest.mark.parametrize("one_way", [False, True])
def test_a_worker_that_dies_suggests_a_rollback_only_where_one_is_possible(one_way: bool) -> None:
    state = fold(Story("committing").events)
    assert state.plan is not None
    state = msgspec.structs.replace(state, plan=msgspec.structs.replace(state.plan, one_way=one_way))
    lines = ending.lines(state, WorkerDied(status="-9", log="/x/worker.log"))
    told = [line.text.split()[-1] for line in lines if isinstance(line, Cell) and "recover" in line.text.split()]
    assert told == (["--forward"] if one_way else ["--back", "--forward"])
