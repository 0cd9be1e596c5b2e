"""The wizard walked by keys on a real terminal, with a worker on the simulated engine: there, back, and on to the next.

Each key is pressed once its action is on the screen.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from command_line import COMMAND, ENV
from support import processes
from support.terminal import Terminal
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import LEFT_STATUS
from ws9tui.simulation.engine import SimulatedCompose, World
from ws9tui.simulation.scenario import WORLD
from ws9tui.simulation.scenarios import SCENARIOS

pytestmark = pytest.mark.slow

SPEED = 40.0
MOST_KEYS = 5
"""that a normal update may take"""
PATIENCE = 60
"""seconds; a program is slow to start on a machine that has much to do"""


class Walk:
    """A wizard on a terminal, and the keys that were pressed in it."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.keys: list[str] = []

    def press(self, key: str, once: str) -> None:
        """Press a key once a text, or a match of a pattern, is on the screen."""
        self.sees(once)
        self.keys.append(key)
        self.terminal.send(key)

    def type(self, text: str, once: str) -> None:
        """Type a text in place of that which stands there, and enter it."""
        self.sees(once)
        self.terminal.send("ctrl+u", text)
        self.sees(rf"│ {re.escape(text)} +│")
        self.terminal.send("enter")

    def sees(self, pattern: str) -> str:
        """Wait for a match of a pattern; returns the screen."""
        return self.terminal.wait_for(re.compile(pattern), PATIENCE)

    def confirm(self) -> None:
        """Apply the plan."""
        self.press("enter", "Enter Apply")
        self.press("y", "Yes, apply it now")

    def cancel(self) -> None:
        """Cancel the run, and leave."""
        self.press("c", r"\? Help")  # there may be no room for its key
        self.press("y", "Cancel this run")
        self.leave(130)

    def leave(self, status: int) -> None:
        """Leave when the run has ended."""
        self.press("enter", "Enter Leave")
        assert self.terminal.wait_exit(PATIENCE) == status


@contextmanager
def demo(scenario: str, tmp_path: Path, *flags: str, speed: float = SPEED) -> Iterator[Walk]:
    argv = [*COMMAND, "demo", scenario, "--speed", f"{speed:g}", *flags]
    with Terminal(argv, {**ENV, "TMPDIR": str(tmp_path)}) as terminal:
        yield Walk(terminal)


# --- five keys ----------------------------------------------------------------------------------------------------


def test_a_normal_update_takes_five_keys(tmp_path: Path) -> None:
    """From the start to the end; the panes between Images and Confirm have nothing to decide and do not wait."""
    with demo("update", tmp_path) as walk:
        walk.press("enter", "Enter Next")
        walk.press("enter", "Enter Apply")
        walk.press("y", "Yes, apply it now")
        walk.press("k", "K Keep")
        walk.press("enter", "Enter Leave")
        assert walk.terminal.wait_exit(PATIENCE) == 0
        assert "Generation 2 runs: api 2.3.5 and web 1.9.0." in walk.terminal.screen()
    assert len(walk.keys) <= MOST_KEYS


# --- back ---------------------------------------------------------------------------------------------------------


def test_back_from_the_plan_keeps_what_was_pulled_and_registries_can_be_asked_again(tmp_path: Path) -> None:
    with demo("update", tmp_path) as walk:
        walk.press("enter", "Enter Next")
        walk.press("escape", "Enter Apply")
        walk.sees(r"2 of 4 services\s+selected")
        walk.press("enter", "Enter Next")
        walk.press("l", "Enter Apply")
        walk.sees("Log")
        assert walk.sees(r"web:latest is already on").count("already on") == len(("web", "api"))
        walk.press("escape", "Esc Close")
        walk.press("b", "Enter Apply")
        walk.press("r", r"worker .* could not be checked[\s\S]*R Re-check")
        walk.press("l", "L Log|Re-check")
        walk.sees(r"Asking the registries again[\s\S]*web: update to[\s\S]*worker: could not be checked")
        walk.press("escape", "Esc Close")
        walk.cancel()


def test_a_service_is_left_out_after_a_failed_pull(tmp_path: Path) -> None:
    with demo("pull-fails", tmp_path) as walk:
        walk.press("enter", "Enter Next")
        walk.press("o", r"api: Not all images could be pulled[\s\S]*O Leave it out +\w")
        walk.sees("Update 1 of 4 services: web 1.8.2 → 1.9.0")
        walk.confirm()
        walk.press("k", "K Keep")
        walk.leave(0)
        assert "Generation 2 runs: web 1.9.0." in walk.terminal.screen()


@pytest.mark.parametrize(("scenario", "key"), [("pull-fails", "escape"), ("version-mismatch", "b")])
def test_another_tag_after_a_failed_pull_or_a_mismatch(scenario: str, key: str, tmp_path: Path) -> None:
    with demo(scenario, tmp_path) as walk:
        walk.press("enter", "Enter Next")
        walk.press(key, r"Esc Another tag")
        walk.press("e", r"▸ \[x\] +api[\s\S]*E Edit")
        walk.type("2.3.6", "Another image for api")
        walk.press("l", r"▸ \[x\] +api +2\.3\.4 +2\.3\.6")
        walk.press("escape", "A decision is needed")  # it has been asked anew
        walk.press("enter", "Enter Next")
        walk.sees("Update 2 of 4 services: api 2.3.4 → 2.3.6, web 1.8.2 → 1.9.0")
        walk.cancel()


def test_a_failed_pull_is_tried_again(tmp_path: Path) -> None:
    with demo("pull-fails", tmp_path) as walk:
        walk.press("enter", "Enter Next")
        walk.press("r", r"R Retry")
        walk.sees("Update 2 of 4 services: api 2.3.4 → 2.3.5, web 1.8.2 → 1.9.0")
        walk.cancel()


def test_a_service_is_left_out_after_a_mismatch(tmp_path: Path) -> None:
    with demo("version-mismatch", tmp_path) as walk:
        walk.press("enter", "Enter Next")
        walk.press("o", r"api: This image is not the expected one[\s\S]*O Leave it out")
        walk.sees("Update 1 of 4 services: web 1.8.2 → 1.9.0")
        walk.cancel()


def test_what_was_found_is_accepted_by_a_deliberate_yes(tmp_path: Path) -> None:
    with demo("version-mismatch", tmp_path) as walk:
        walk.press("enter", "Enter Next")
        walk.press("a", r"A Accept +\w")
        walk.press(
            "enter", r"│ api: This image is not the expected[\s\S]*│ The version that was found[\s\S]*▸ N +No, go back"
        )
        walk.terminal.wait_gone("No, go back")
        walk.press("a", "A Accept")
        walk.press("y", "Yes, continue anyway")
        walk.press("enter", r"2\.2\.9\s+was\s+accepted[\s\S]*Enter Next")
        walk.sees(r"Note +api: .*2\.3 is expected \(by its tag\)")
        walk.confirm()
        walk.press("k", "K Keep")
        walk.leave(0)
        assert "Generation 2 runs: api 2.2.9 and web 1.9.0." in walk.terminal.screen()


def test_roll_back_now_while_services_are_watched(tmp_path: Path) -> None:
    with demo("never-healthy", tmp_path, speed=4) as walk:
        walk.press("enter", "Enter Next")
        walk.confirm()
        walk.press("r", r"Watching \d[\s\S]*R Roll back")
        walk.press("y", r"Y +Roll back now")
        walk.leave(1)
        assert "generation 1 runs again" in " ".join(walk.terminal.screen().split())


# --- what comes next ----------------------------------------------------------------------------------------------

PROGRAM = """
import sys
from ws9tui.cli import main
from ws9tui.worker.handle import RunHandle
start, world = RunHandle.start, sys.argv.pop(1)
RunHandle.start = classmethod(lambda _class, *given, **named: start(*given, **named, demo=("--world", world)))
sys.exit(main.run(sys.argv[1:]))
"""
"""the program itself, but that its workers have the simulated engine"""


@contextmanager
def two_projects(tmp_path: Path, *arguments: str) -> Iterator[Walk]:
    """The wizard where the shop and a blog run, both up to date."""
    prepared = SCENARIOS["up-to-date"].prepare(tmp_path, SPEED)
    blog = tmp_path / "blog"
    shutil.copytree(prepared.source.folder, blog)
    file = blog / "docker-compose.yml"
    text = re.sub(r"\bshop(?=$|_)", "blog", file.read_text(), flags=re.MULTILINE)
    file.write_text(text.replace("${SHOP_PORT:-8080}", "8081"))
    world = World.load(tmp_path / WORLD)
    source = ProjectSource("blog", str(blog), (str(file),))
    started = time.time() - 9e5
    ticks = iter(range(0, 900_000, 10))
    asyncio.run(SimulatedCompose(world, lambda: started + next(ticks)).up(source, ["web", "api", "worker", "db"]))
    world.save()
    argv = [sys.executable, "-c", PROGRAM, str(tmp_path / WORLD), *arguments, "--state-dir", str(tmp_path / "state")]
    try:
        with Terminal(argv, ENV, cwd=tmp_path) as terminal:
            yield Walk(terminal)
    finally:
        for worker in processes.workers(tmp_path / "state"):  # of runs that were left
            os.kill(worker, signal.SIGKILL)


def to_project(walk: Walk, name: str) -> None:
    """Choose a project in the command palette."""
    walk.terminal.send("ctrl+p")
    walk.sees("Actions and projects")
    walk.terminal.send(f"project {name}")
    walk.terminal.wait_gone("explain this pane", PATIENCE)
    walk.terminal.send("enter")


def test_again_another_project_and_the_history_at_the_end(tmp_path: Path) -> None:
    with two_projects(tmp_path, "shop") as walk:
        walk.press("enter", r"ws9tui  shop[\s\S]*Enter Finish")
        walk.press("a", r"Again[\s\S]*A Again")
        walk.terminal.wait_gone("Again", PATIENCE)
        walk.press("enter", r"ws9tui  shop[\s\S]*Enter Finish")
        walk.press("p", r"P Another project")
        walk.press("/blog", r"Which project\?[\s\S]*/ Filter")  # in one piece, as a slow line has it
        walk.terminal.wait_gone("shop", PATIENCE)
        walk.terminal.send("enter")
        walk.press("s", r"ws9tui  blog[\s\S]*S Save")
        walk.press("h", r"H History")
        assert walk.terminal.wait_exit(PATIENCE) == 0
        assert "Recorded the current state as generation 1" in " ".join(walk.terminal.screen().split())


def test_the_history_of_a_run_that_left_none(tmp_path: Path) -> None:
    with two_projects(tmp_path, "shop") as walk:
        walk.press("enter", "Enter Finish")
        walk.press("h", "H History")
        assert walk.terminal.wait_exit(PATIENCE) == 0
        assert "left no history" in walk.terminal.screen()


def test_the_palette_leads_to_another_project_and_the_run_that_is_left_goes_on(tmp_path: Path) -> None:
    with two_projects(tmp_path, "shop") as walk:
        walk.sees(r"ws9tui  shop[\s\S]*Enter Finish")
        to_project(walk, "blog")
        walk.press("enter", r"Leave this run for project blog\?[\s\S]*▸ Q")
        walk.sees(r"ws9tui  blog[\s\S]*Enter Finish")
        to_project(walk, "shop")
        walk.press("c", r"Leave this run for project shop\?[\s\S]*C +Cancel")
        walk.sees(r"You are watching run 1[\s\S]*Enter Finish")  # the one that was left before
        walk.press("enter", "Enter Finish")
        walk.sees("Enter Leave")
        to_project(walk, "blog")  # nothing is to be asked any more
        walk.press("q", r"ws9tui  blog[\s\S]*Enter Finish")
        walk.press("q", "Leave the wizard")
        assert walk.terminal.wait_exit(PATIENCE) == LEFT_STATUS
        assert "ws9tui attach shop" in walk.terminal.screen()
        assert "ws9tui attach blog" in walk.terminal.screen()
