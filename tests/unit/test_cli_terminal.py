"""The plain front end on a real terminal: with a test as the worker, and with the demo's own."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import sample_run as sample
from command_line import COMMAND, ENV
from sample_run import Played
from support.terminal import Terminal
from support.wait import until
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import LEFT_STATUS, Choice, Outcome
from ws9tui.core.store.store import Store

pytestmark = pytest.mark.slow


@pytest.fixture
def played(state_dir: Path) -> Iterator[Played]:
    """Return a live run that the test plays."""
    run = Played(Store(state_dir).open())
    yield run
    run.close()


def attach(state_dir: Path, *flags: str, term: str = "dumb") -> Terminal:
    return Terminal([*COMMAND, "attach", "--state-dir", str(state_dir), *flags], ENV, cols=100, rows=100, term=term)


def test_a_live_run_is_attached_to_and_its_decisions_are_taken(played: Played, state_dir: Path) -> None:
    played.say(*sample.looked())
    with attach(state_dir) as terminal:
        terminal.wait_for("Selected: git. Press Enter to continue.")
        terminal.send("2 3", "enter")
        terminal.wait_for("Selected: db and git.")
        terminal.send("enter")
        decision = until(played.decisions, 10, "a decision is made")[0]
        assert (decision.ask, decision.choice, decision.services) == (1, Choice.GO, ("db", "git"))
        assert decision.actor.origin.startswith("/dev/")
        played.say(*sample.PREPARED)
        terminal.wait_for("Type 'yes' to apply the plan")
        terminal.send("yes", "enter")
        until(played.decisions, 10, "a decision is made")
        played.say(*sample.COMMITTED, *sample.WELL)
        terminal.wait_for("Keep what runs now, or roll back?")
        terminal.send("1", "enter")
        assert until(played.decisions, 10, "a decision is made")[0].choice is Choice.KEEP
        played.say(*sample.KEPT)
        assert terminal.wait_exit() == 0
        assert "Generation 2 runs: git 1.25.5." in terminal.screen()
        assert b"\x1b" not in terminal.raw
        assert b"\r" not in terminal.raw.replace(b"\r\n", b"")


def test_ctrl_c_cancels_before_the_commit(played: Played, state_dir: Path) -> None:
    played.say(*sample.looked())
    with attach(state_dir) as terminal:
        terminal.wait_for("Press Enter to continue.")
        terminal.send("ctrl+c")
        terminal.wait_for("Cancelling")
        decision = until(played.decisions, 10, "a decision is made")[0]
        assert (decision.ask, decision.choice) == (0, Choice.CANCEL)
        played.say(e.Finished(outcome=Outcome.CANCELLED))
        assert terminal.wait_exit() == 130


def test_ctrl_c_leaves_after_the_commit(played: Played, state_dir: Path) -> None:
    played.say(*sample.committed())
    with attach(state_dir) as terminal:
        terminal.wait_for("Watching git")
        terminal.send("ctrl+c")
        assert terminal.wait_exit() == LEFT_STATUS
        assert "To return: ws9tui attach shop" in terminal.screen()
    assert played.decisions() == []


@pytest.mark.parametrize("how", ["end of input", "lost terminal"])
def test_who_is_gone_leaves(played: Played, state_dir: Path, how: str) -> None:
    played.say(*sample.looked())
    with attach(state_dir) as terminal:
        terminal.wait_for("Press Enter to continue.")
        terminal.send("ctrl+d") if how == "end of input" else terminal.hangup()
        assert terminal.wait_exit() == LEFT_STATUS
    assert played.decisions() == []


def test_what_is_typed_ahead_answers_nothing(played: Played, state_dir: Path) -> None:
    played.say(*sample.looked())
    with attach(state_dir) as terminal:
        terminal.wait_for("git: update to")
        terminal.send("yes")  # not yet a line
        played.say(*sample.PREPARED)
        terminal.wait_for("Type 'yes' to apply the plan")
        terminal.send("enter")
        terminal.wait_for("Only 'yes' applies the plan")
        assert played.decisions() == []


def test_json_on_a_terminal_asks_on_stderr(played: Played, state_dir: Path, tmp_path: Path) -> None:
    played.say(*sample.looked())
    out = tmp_path / "out"
    shell = ["sh", "-c", f'exec "$@" >{out}', "-", *COMMAND, "attach", "--json", "--state-dir", str(state_dir)]
    with Terminal(shell, ENV, cols=100, rows=60) as terminal:
        terminal.wait_for("Press Enter to continue.")
        terminal.send("enter")
        until(played.decisions, 10, "a decision is made")
        played.say(e.Finished(outcome=Outcome.UP_TO_DATE))
        assert terminal.wait_exit() == 0
    events = [json.loads(line) for line in out.read_text().splitlines()]
    assert events[-1]["type"] == "finished"
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))


def test_without_a_terminal_a_run_is_only_watched(played: Played, state_dir: Path) -> None:
    played.say(*sample.looked())
    with subprocess.Popen(
        [*COMMAND, "attach", "--state-dir", str(state_dir)],
        env=ENV, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as watching:  # fmt: skip
        assert watching.stderr
        told = watching.stderr.readline() + watching.stderr.readline()
        played.say(e.Finished(outcome=Outcome.REFUSED))
        said, errors = watching.communicate(timeout=30)
    assert watching.returncode == 3
    assert "Stopped before any change." in said
    assert re.fullmatch(r"A decision is needed: .*\nAuto-\w+ in .*\n", told + errors)


def demo(scenario: str, tmp_path: Path, *flags: str) -> Terminal:
    argv = [*COMMAND, "demo", scenario, "--plain", "--speed", "40", *flags]
    return Terminal(argv, {**ENV, "TMPDIR": str(tmp_path)}, cols=100, rows=200)


def test_the_demo_from_end_to_end(tmp_path: Path) -> None:
    with demo("update", tmp_path) as terminal:
        terminal.wait_for("Selected: api and web. Press Enter to continue.")
        terminal.send("enter")
        terminal.wait_for("Type 'yes' to apply the plan")
        terminal.send("yes", "enter")
        terminal.wait_for("Keep what runs now, or roll back?")
        terminal.send("keep", "enter")
        assert terminal.wait_exit() == 0
        assert "Generation 2 runs: api 2.3.5 and web 1.9.0." in terminal.screen()
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_is_recovered_in_the_demo(tmp_path: Path) -> None:
    with demo("interrupted", tmp_path) as terminal:
        terminal.wait_for("An earlier run was interrupted. What now?")
        terminal.send("back", "enter")
        terminal.wait_exit()
        assert "generation 1 runs again, verified by image ID." in terminal.screen()
    assert list(tmp_path.iterdir()) == []


def test_a_demo_that_is_left_leaves_nothing(tmp_path: Path) -> None:
    with demo("update", tmp_path) as terminal:
        terminal.wait_for("Press Enter to continue.")
        terminal.send("detach", "enter")
        assert terminal.wait_exit() == LEFT_STATUS
        assert "The demo ends here" in terminal.screen()
    assert list(tmp_path.iterdir()) == []
