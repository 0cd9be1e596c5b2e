"""What all panes share: log, help, leaving, the worker's death, another run in the way."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from textual.geometry import Region
from textual.widget import Widget

from recordings import MOMENTS, Story, after, open_at, recording, whole
from takes import TAKES
from wizards import wizard
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import Journal
from ws9tui.core.model.terms import EXIT_STATUS, Choice, Finding, Level, Outcome, Question
from ws9tui.problems.problem import read
from ws9tui.wizard import actions, followed, palette
from ws9tui.wizard import app as wizard_app
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.versions import VersionsPane
from ws9tui.words import panes as words
from ws9tui.worker.next_run import Next

pytestmark = pytest.mark.slow


def test_the_engine_is_not_imported() -> None:
    code = (
        "import sys, ws9tui.wizard.app;"
        "found = [name for name in sys.modules if name.startswith(('docker.', 'ws9tui.adapters'))];"
        "sys.exit(' '.join(found) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


# --- the log --------------------------------------------------------------------------------------------------------


def unscrolled(text: str) -> str:
    """The text without the thumbs of scrollbars."""
    return re.sub(" *[▁▂▃▄▅▆▇]$", "", text, flags=re.MULTILINE)


@pytest.mark.sample(6, reason="each case is another pane of the same frame")
@pytest.mark.parametrize("name", MOMENTS)
async def test_log_and_help_open_everywhere(name: str, tmp_path: Path) -> None:
    async with wizard(name, tmp_path) as driven:
        before = driven.text()
        await driven.press("l")
        await driven.shows("Esc Close")
        await driven.press("escape")
        await driven.hides("Esc Close")
        await driven.pilot.resize_terminal(80, 60)
        screen = driven.app.screen
        assert isinstance(screen, Pane)
        keys = screen.shown_keys()
        await driven.press("question_mark")
        await driven.shows("Help: ")
        for key in keys:
            assert f"{key.label}: " in driven.text(), key
        await driven.press("pagedown", "escape")
        await driven.hides("Help: ")
        await driven.pilot.resize_terminal(80, 24)
        await driven.until(lambda: unscrolled(driven.text()) == unscrolled(before))


async def test_the_log_follows_until_one_scrolls(tmp_path: Path) -> None:
    async with wizard("watching", tmp_path) as driven:
        passed = [event for event in recording("kept") if isinstance(event, e.ServiceWatched) and not event.remaining]
        await driven.press("l")
        await driven.shows("Watching deployment, git, proxy and apphub")
        await driven.tell(passed[0])
        await driven.shows("deployment: OK")
        await driven.press("home")
        await driven.shows("Wizard started by root")
        await driven.tell(passed[1])
        await driven.shows("Wizard started by root")
        await driven.press("end")
        await driven.shows("git: OK")
        await driven.tell(passed[2])
        await driven.shows("proxy: OK")


async def test_the_log_says_that_a_decision_waits(tmp_path: Path) -> None:
    async with wizard("keep", tmp_path) as driven:
        await driven.press("l")
        await driven.shows("A decision is needed")
        assert driven.says("Rollback is ready")


async def test_the_pane_that_comes_after_the_log_is_the_current_one(tmp_path: Path) -> None:
    async with wizard("watching", tmp_path) as driven:
        await driven.press("l")
        await driven.shows("Esc Close")
        await driven.goes_on(open_at(Question.OUTCOME))
        await driven.press("escape")
        await driven.shows("Keep what runs now, or roll back?")


# --- keys -----------------------------------------------------------------------------------------------------------


async def test_ctrl_c_only_hints(tmp_path: Path) -> None:
    async with wizard("pull", tmp_path) as driven:
        await driven.press("ctrl+c")
        await driven.shows("Ctrl+C does nothing here")
        assert driven.decisions() == []


@pytest.mark.parametrize("cover", ["l", "ctrl+p"])
async def test_a_pane_that_was_covered_answers_no_other_question(cover: str, tmp_path: Path) -> None:
    """Enter goes on from the versions; pressed too late it must not apply the plan, which takes a yes."""
    async with wizard("versions", tmp_path) as driven:
        driven.decisions()
        await driven.press(cover)
        await driven.goes_on("confirm")
        pane = driven.app.screen_stack[-2]
        assert isinstance(pane, VersionsPane)
        assert not pane.can("go")
        next(command.callback for command in palette.offered(driven.app, pane) if command.title == "Log")()
        assert len(driven.app.screen_stack) == len(("default", "pane", "cover"))
        await driven.press("escape")
        await driven.shows("Enter Apply")
        assert driven.decisions() == []


@pytest.mark.parametrize(
    ("key", "wanted"), [("a", Next.AGAIN), ("h", Next.HISTORY), ("p", Next.OTHER_PROJECT), ("enter", None)]
)
async def test_what_is_wanted_at_the_end(key: str, wanted: Next | None, tmp_path: Path) -> None:
    async with wizard("rolled-back", tmp_path) as driven:
        for label in ("A Again", "H History", "P Another project", "Enter Leave"):
            assert driven.says(label), label
        await driven.press(key)
        assert (driven.app.return_value, driven.app.wanted) == (1, wanted)


@pytest.mark.parametrize("pane", wizard_app.PANES.values())
def test_no_key_of_all_panes_is_lost_where_a_pane_gives_it_another_meaning(pane: type[Pane]) -> None:
    bound = pane._merge_bindings().key_to_bindings
    for action in (*pane.ACTIONS, *actions.MOVES, *actions.COMMON, *actions.AT_THE_END):
        for key in action.keys.split(","):
            assert action.name in [binding.action for binding in bound[key]], (action.name, key)


@pytest.mark.parametrize("key", ["a", "h", "p"])
async def test_nothing_else_begins_while_the_run_is_live(key: str, tmp_path: Path) -> None:
    async with wizard("watching", tmp_path) as driven:
        await driven.press(key)
        assert driven.app.is_running
        assert (driven.app.wanted, driven.decisions()) == (None, [])


# --- leaving --------------------------------------------------------------------------------------------------------


async def test_detach_says_what_goes_on(tmp_path: Path) -> None:
    async with wizard("watching", tmp_path) as driven:
        await driven.press("q")
        await driven.shows("Leave the wizard?")
        assert driven.says("ws9tui attach websoft9")
        await driven.press("escape")
        await driven.hides("Leave the wizard?")
        await driven.press("q", "q")
        assert driven.app.return_value == 129
        assert driven.decisions() == []
        assert driven.app.farewell() == ["The run continues in the background.", "To return: ws9tui attach websoft9"]


async def test_detach_tells_of_the_default(tmp_path: Path) -> None:
    async with wizard("failed", tmp_path) as driven:
        await driven.press("q")
        await driven.shows("answers the open question in time")


async def test_leaving_may_cancel_before_the_commit(tmp_path: Path) -> None:
    async with wizard("images", tmp_path) as driven:
        await driven.press("q", "c")
        assert driven.decision().choice is Choice.CANCEL
        assert driven.app.return_value == 130


async def test_the_demo_does_not_promise_to_go_on(tmp_path: Path) -> None:
    async with wizard("images", tmp_path, demo=("--world", "w")) as driven:
        assert driven.says(" demo ")
        await driven.press("q")
        await driven.shows("The demo ends here")
        assert not driven.says("ws9tui attach")


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.BUSY])
async def test_the_status_is_the_runs(outcome: Outcome, tmp_path: Path) -> None:
    async with wizard(Story("pull").say(e.Finished(outcome=outcome, problem=read("internal", {}))), tmp_path) as driven:
        assert not driven.says("Q Detach")
        await driven.press("q")
        assert driven.app.return_value == EXIT_STATUS[outcome]
        assert driven.app.farewell()[0]


async def test_next_commands_are_on_lines_of_their_own(tmp_path: Path) -> None:
    async with wizard("needs-recovery", tmp_path) as driven:
        assert driven.says("  ws9tui recover websoft9 --back")
        farewell = driven.app.farewell()
        assert "  ws9tui recover websoft9 --back" in farewell


# --- the worker is gone, or works for somebody else -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("story", "status", "said"),
    [
        (Story("pull"), 1, "Nothing was changed"),
        (Story("committing"), 5, "ws9tui recover websoft9"),
        (Story("rolling-back").on(after(e.RollbackVerified)), 5, "ws9tui recover websoft9"),
    ],
    ids=["pulling", "committing", "rolled back"],
)
async def test_the_worker_died(
    story: Story, status: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed, "SILENCE", 0.0)
    async with wizard(story, tmp_path, live=False) as driven:
        await driven.shows("The worker process has died")
        await driven.shows(said)
        await driven.press("enter")
        assert driven.app.return_value == status


async def test_a_live_worker_that_is_silent_is_not_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed, "SILENCE", 0.0)
    async with wizard("pull", tmp_path) as driven:
        for _ in range(5):
            await driven.settle()
        assert driven.app.followed.died is None


async def test_the_run_in_the_way_is_followed(tmp_path: Path) -> None:
    other = Story("keep").write(tmp_path / "runs" / "other")
    journal = Journal(other)
    journal.claim()
    busy = read("busy", {"run": str(other), "user": "alice", "number": "7", "since": "", "pid": "1", "origin": ""})
    async with wizard(Story("engine").say(e.Finished(outcome=Outcome.BUSY, problem=busy)), tmp_path) as driven:
        await driven.shows("watching run 7, started by alice")
        await driven.shows("Keep what runs now, or roll back?")
        await driven.press("k")
        decisions = [event for event in driven.app.followed.handle.read() if isinstance(event, e.Decision)]
        assert driven.decisions() == []
        assert not decisions or decisions[0].choice is Choice.KEEP
    journal.close()
    assert b'"choice":"keep"' in journal.path.read_bytes()


async def test_a_run_in_the_way_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    busy = read("busy", {"run": str(tmp_path / "gone"), "user": "alice", "number": "7", "since": "", "pid": "1"})
    async with wizard(Story("engine").say(e.Finished(outcome=Outcome.BUSY, problem=busy)), tmp_path) as driven:
        assert driven.says("Another run is in progress")
        await driven.press("enter")
        assert driven.app.return_value == 4


# --- traffic ----------------------------------------------------------------------------------------------------------


def progress(story: Story, reference: str, fraction: float) -> e.PullProgressed:
    """How far a pull is by now, once it was heard of."""
    found = [event for event in story.events if isinstance(event, e.PullProgressed) and reference in event.reference]
    return msgspec.structs.replace(found[-1], fraction=fraction, at="")


async def test_a_storm_is_shown_once(tmp_path: Path) -> None:
    async with wizard("pull", tmp_path) as driven:
        before = len(driven.app.followed.log_events)
        await driven.tell(*(progress(driven.story, "deployment", 0.5 + n / 4000) for n in range(1201)))
        await driven.shows("80 %")
        assert len(driven.app.followed.log_events) == before


async def test_what_does_not_change_is_not_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with wizard("pull-trouble", tmp_path) as driven:
        drawn: list[str] = []
        refresh = Widget.refresh

        def counted(widget: Widget, *regions: Region, **options: bool) -> Widget:
            drawn.append(type(widget).__name__)
            return refresh(widget, *regions, **options)

        await driven.settle()
        monkeypatch.setattr(Widget, "refresh", counted)
        for _ in range(3):
            await driven.settle()
        assert drawn == []
        await driven.tell(progress(driven.story, "apphub", 0.5))
        assert set(drawn) <= {"Rows", "Block", "ProgressBar", "Bar", "PercentageStatus"}


@pytest.mark.parametrize("name", TAKES)
def test_every_default_is_told(name: str) -> None:
    for event in recording(name):
        if isinstance(event, e.Asked):
            soon = msgspec.structs.replace(event, seconds=60.0)
            said = words.default_line(soon, event.at, datetime.fromisoformat(event.at))
            assert said.startswith(("Auto-", "If nobody", "Time is up"))


async def test_what_could_not_be_checked_is_not_marked_as_well(tmp_path: Path) -> None:
    async with wizard(Story("nothing-to-do").on(whole), tmp_path) as driven:
        await driven.shows("! Not everything could be checked")


async def test_all_that_was_in_the_way_stands_at_the_end(tmp_path: Path) -> None:
    first, second = read("volume-missing", {"volume": "data"}), read("volume-missing", {"volume": "more"})
    found = [e.Found(finding=Finding(Level.BLOCKING, problem)) for problem in (first, second)]
    story = Story("images").say(*found, e.Finished(outcome=Outcome.REFUSED, problem=first))
    async with wizard(story, tmp_path) as driven:
        await driven.shows("The external volume data does not exist.")
        await driven.shows("✗ The external volume more does not exist")
