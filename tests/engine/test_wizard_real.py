"""The wizard, and the questions line by line, on a real terminal against a real engine."""

from __future__ import annotations

import os
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from support import deployed, images, panes, processes, projects
from support.cli import Cli
from support.images import ImageSpec
from support.panes import NEW, OLD, PANES, Held
from support.snapshot import assert_same, snapshot
from support.terminal import Terminal
from support.wait import until

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine

STEPS = ("--monitor", "1s", "--step-by-step")
BEFORE_COMMIT = ("Images", "Pull", "Versions", "Confirm")
SETTLED = 8  # looks, with growing pauses between them, that find the same screen
ALL_NEW = tuple(f"{name}=1.1.0" for name in projects.STACK)


def whole(screen: str, cols: int, rows: int) -> bool:
    """Tell whether a pane fills the terminal: title, rail, the rule above the safety line, and keys."""
    lines = screen.split("\n")
    ruled = any(len(line) == cols and line[0] + line[-1] == "──" for line in lines)
    return lines[0].startswith(" ws9tui  ") and " Outcome" in lines[1] and ruled and "? Help" in lines[rows - 1]


def framed(terminal: Terminal, cols: int = 80, rows: int = 24) -> str:
    """Return the screen once it is whole; it is drawn in more than one go."""
    return until(lambda: terminal.screen() if whole(terminal.screen(), cols, rows) else "", 20, terminal.screen)


# --- there and back --------------------------------------------------------------------------------------------------


@pytest.mark.always(reason="the main way through the wizard")
@pytest.mark.sample(1, reason="each size is drawn by unit tests")
@pytest.mark.parametrize(("cols", "rows"), [(80, 24), (120, 40)])
def test_the_stack_is_updated_and_kept_or_rolled_back(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path, cols: int, rows: int
) -> None:
    old, new = projects.push_stack(registry), projects.push_stack(registry, "1.1.0")
    project = projects.stack(project_folder, registry.host, needs_init=True)
    projects.up(clean_engine, project)
    text = project.env_file.read_bytes()
    cli = Cli(clean_engine, state_dir, project_folder)
    back = cols > 100
    with panes.wizard(cli, "stack", *ALL_NEW, *STEPS, cols=cols, rows=rows) as terminal:
        for pane, action in (("4 updates found; 4 of 4", "enter"), ("All images passed", "enter")):
            terminal.wait_for(pane)
            framed(terminal, cols, rows)
            terminal.send(action)
        terminal.wait_for(PANES["Confirm"])
        framed(terminal, cols, rows)
        terminal.send("enter")
        terminal.wait_for("Yes, apply it now")
        terminal.send("n")
        terminal.wait_gone("Yes, apply it now")
        terminal.send("enter")
        terminal.wait_for("Yes, apply it now")
        terminal.send("y")
        terminal.wait_for(re.compile(r"Updating: step|Watching \d"))
        terminal.wait_for(PANES["Outcome"], 60)
        framed(terminal, cols, rows)
        terminal.send("r" if back else "k")
        if back:
            terminal.wait_for("Roll back now")
            terminal.send("y")
        terminal.wait_for(re.compile(r"Generation 2 runs|generation 1 runs again"), 60)
        framed(terminal, cols, rows)
        terminal.send("enter")
        assert terminal.wait_exit() == (1 if back else 0)
    expected = old if back else new
    found = {name: details["Image"] for name, details in projects.containers(clean_engine, "stack").items()}
    assert found == {f"stack-{name}-1": image.image_id for name, image in expected.items()}
    assert (project.env_file.read_bytes() == text) is back
    projects.wait_well(clean_engine, project)
    projects.assert_no_drift(clean_engine, project)


FIVE_KEYS = (
    ("2 updates found; 2 of 2 services selected.", "enter"),
    ("Enter Apply", "enter"),
    ("Yes, apply it now", "y"),
    ("K Keep", "k"),
    ("Enter Leave", "enter"),
)
"""all that a normal update takes: what is seen, and the key that is pressed then"""


def test_a_normal_update_takes_five_keys(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir)
    offered = pair.offer()
    with panes.wizard(pair.cli, *pair.wanted) as terminal:
        for text, key in FIVE_KEYS:
            terminal.wait_for(text, 60)
            terminal.send(key)
        assert terminal.wait_exit() == 0
    pair.assert_new(offered)


def test_what_follows_on_a_run_and_another_project_from_a_live_one(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    blog = deployed.deploy(clean_engine, registry, project_folder / "blog", state_dir, name="blog")
    shop = deployed.deploy(clean_engine, registry, project_folder / "shop", state_dir, name="shop")
    cli = Cli(clean_engine, state_dir, project_folder)
    with panes.wizard(cli, "shop") as terminal:
        terminal.wait_for(re.compile(r"ws9tui  shop[\s\S]*Enter Finish"), 60)
        terminal.send("ctrl+p")
        terminal.wait_for("Actions and projects")
        terminal.send("project blog")  # of which nothing is recorded: the engine knows it
        terminal.wait_gone("explain this pane")
        terminal.send("enter")
        terminal.wait_for("Leave this run for project blog?")
        terminal.send("enter")  # the run of shop goes on
        terminal.wait_for(re.compile(r"ws9tui  blog[\s\S]*Enter Finish"), 60)
        assert len(processes.workers(state_dir)) == len((blog, shop))
        terminal.send("s")
        terminal.wait_for("P Another project", 60)
        terminal.send("p")
        terminal.wait_for(re.compile(r"Which project\?[\s\S]*shop"), 60)
        terminal.send("/", "shop")
        terminal.wait_gone(re.compile(r"blog$", re.MULTILINE))
        terminal.send("enter")
        terminal.wait_for("You are watching run 1", 60)
        terminal.wait_for("Enter Finish")
        terminal.send("enter")
        terminal.wait_for("A Again", 60)
        terminal.send("a")
        terminal.wait_for("Enter Finish", 60)
        terminal.send("s")
        terminal.wait_for("H History", 60)
        terminal.send("h")
        assert terminal.wait_exit() == 0
        assert "Recorded the current state as generation 1" in " ".join(terminal.screen().split())
    until(lambda: not processes.workers(state_dir), 60, "no worker is left")
    for deployment in (blog, shop):
        projects.assert_no_drift(clean_engine, deployment.project)


def test_a_cancel_in_each_pane_before_the_commit_changes_nothing(held: Held) -> None:
    for pane in BEFORE_COMMIT:
        held.hold()
        with held.wizard() as terminal:
            held.walk(terminal, pane)
            terminal.send("c")
            terminal.wait_for("Cancel this run?")
            terminal.send("enter")  # no, go on with it
            terminal.wait_gone("Cancel this run?")
            if pane == "Images":  # leaving and cancelling at once, too
                terminal.send("q")
                terminal.wait_for("Leave the wizard?")
                terminal.send("c")
            else:
                terminal.send("c")
                terminal.wait_for("Cancel this run?")
                terminal.send("y")
                terminal.wait_for("Enter Leave")
                terminal.send("enter")
            assert terminal.wait_exit() == 130, pane
        held.gone()
        held.proxy.clear()
        held.assert_untouched()


def test_a_typed_tag_is_looked_up(held: Held) -> None:
    def enter(reference: str) -> None:
        terminal.send("e")
        terminal.wait_for("Another image for app")
        terminal.wait_for(re.compile(r"app:\d\.\d\.\d +│"))  # the entry has the focus once it shows what there is
        terminal.send("ctrl+u")
        terminal.wait_gone(re.compile(r"app:\d\.\d\.\d +│"))
        terminal.send(reference, "enter")
        terminal.wait_gone("Another image for app")

    with held.wizard(held.project.name, "--step-by-step") as terminal:
        terminal.wait_for("No update found")
        terminal.wait_for("0 of 2 services selected")
        enter("9.9.9")
        terminal.wait_for("app:9.9.9")
        terminal.wait_for(re.compile(r"▸ \[ \]  app .* \? could not be"))
        terminal.wait_for("0 of 2 services selected")
        enter("")  # what the files say, after all
        terminal.wait_for(re.compile(r"▸ \[ \]  app .* = newer: "))
        enter(OLD)  # again, and it is answered again
        terminal.wait_for(re.compile(r"▸ \[ \]  app .* = newer: "))
        enter(NEW)
        terminal.wait_for(PANES["Images"])
        terminal.wait_for(re.compile(r"▸ \[x\]  app .* ↑ update"))
        held.leave("Images", terminal)
        held.leave("Pull", terminal)
        terminal.wait_for(PANES["Versions"])
        terminal.wait_for(f"{NEW} (tag)")
        panes.cancel(terminal)
    held.gone()
    held.assert_untouched()


@pytest.mark.sample(1, reason="with and without the verb")
@pytest.mark.parametrize("arguments", [(), ("install", ".")])
def test_a_first_install(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path, arguments: tuple[str, ...]
) -> None:
    pushed = images.push(registry, "app", OLD)
    project = projects.single(project_folder, pushed.reference)
    cli = Cli(clean_engine, state_dir, project_folder)
    with panes.wizard(cli, *arguments, *STEPS) as terminal:
        terminal.wait_for(re.compile(r"\[x\] +app"))
        terminal.send("enter")
        terminal.wait_for(PANES["Versions"])
        terminal.send("enter")
        terminal.wait_for(PANES["Confirm"])
        terminal.send("enter")
        terminal.wait_for("Yes, apply it now")
        terminal.send("y")
        terminal.wait_for(PANES["Outcome"])
        terminal.send("k")
        terminal.wait_for("Enter Leave")
        terminal.send("enter")
        assert terminal.wait_exit() == 0
    projects.wait_well(clean_engine, project)
    assert [found["Image"] for found in projects.containers(clean_engine, "single").values()] == [pushed.image_id]
    projects.assert_no_drift(clean_engine, project)


@pytest.mark.always(reason="it is what people type first")
def test_root_types_the_one_word_in_the_project_s_folder(held: Held) -> None:
    """State is then in /var/lib, which is another one for this command alone."""
    shell = 'mount -t tmpfs tmpfs /var/lib && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", shell, "sh", sys.executable, "-m", "ws9tui"]
    with Terminal(command, held.engine.env() | dict(held.cli.env), 80, 24, cwd=held.project.folder) as terminal:
        terminal.wait_for(re.compile(r"▸ \[ \]  app "))
        terminal.wait_for("Enter Finish")
        terminal.send("enter")
        terminal.wait_for("Tags unchanged")
        terminal.send("enter")
        assert terminal.wait_exit() == 0
    held.assert_untouched()


def test_nothing_to_update(held: Held) -> None:
    with held.wizard(held.project.name) as terminal:
        terminal.wait_for("No update found")
        terminal.wait_for("0 of 2 services selected")
        terminal.wait_for(re.compile(r"app .* = newer: "))  # of a pinned tag, and so no update
        terminal.wait_for("Enter Finish")
        terminal.send("enter")
        terminal.wait_for("Tags unchanged")
        terminal.send("enter")
        assert terminal.wait_exit() == 0
    held.gone()
    held.assert_untouched()
    assert held.cli.runs() == []  # nothing was decided


def test_a_resize_while_it_runs(held: Held) -> None:
    with held.wizard() as terminal:
        for pane, text in PANES.items():
            terminal.wait_for(text)
            for cols, rows in ((120, 40), (30, 8), (80, 24)):
                terminal.resize(cols, rows)
                if cols > 30:
                    framed(terminal, cols, rows)
                    terminal.wait_for(text)
                else:  # too small for much; it lives
                    terminal.wait_for(re.compile(rf"● {pane} · step \d of 6$", re.MULTILINE))
            held.leave(pane, terminal)
        terminal.wait_for("Enter Leave")
        terminal.send("enter")
        assert terminal.wait_exit() == 0
    held.assert_new()


# --- the wizard is killed --------------------------------------------------------------------------------------------


def settled(terminal: Terminal, pane: str) -> str:
    """Return the screen once it is drawn to its end: a burst of output may be read in its middle."""
    seen = [""]

    def same() -> bool:
        seen.append(framed(terminal))
        return len(seen) > SETTLED and len({lasting(screen, pane) for screen in seen[-SETTLED:]}) == 1

    until(same, what="the screen stands still")
    return seen[-1]


def lasting(screen: str, pane: str) -> str:
    """Reduce a screen to what is the same whenever it is drawn: no times, no hints, no progress."""
    lines = [line for line in screen.split("\n") if not line.startswith("─")]
    text = "\n".join(lines[:3] if pane in {"Pull", "Recreate"} else lines)
    times = re.sub(
        r"\d+ (?:h|min|s)(?: \d+ (?:min|s))*", "#", text
    )  # a minute is shorter to write than what is near it
    return re.sub(r" +", " ", re.sub(r"\d+", "#", times))


@pytest.mark.sample(1, reason="each case dies by another signal")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_the_wizard_dies_in_each_pane_and_the_next_one_goes_on_from_there(held: Held, number: int) -> None:
    def begun(terminal: Terminal) -> str:
        return terminal.wait_for("Checking what is running")

    held.engine.pause()  # nothing is known yet
    with held.wizard() as terminal:
        begun(terminal)
        terminal.signal(number)
        assert abs(terminal.wait_exit()) % 128 == number
    with held.wizard("attach", held.project.name) as terminal:
        begun(terminal)
        terminal.signal(number)
        assert abs(terminal.wait_exit()) % 128 == number
    held.engine.resume()
    (worker,) = held.workers()
    for turn, (pane, text) in enumerate(PANES.items()):
        comes_back = ("attach", held.project.name) if turn % 2 else (held.project.name,)
        with held.wizard(*comes_back) as terminal:
            terminal.wait_for(text)
            before = settled(terminal, pane)
            terminal.signal(number)
            assert abs(terminal.wait_exit()) % 128 == number
        until(lambda: held.workers() == [worker], 10, lambda: f"only the first worker works: {held.workers()}")
        with held.wizard("attach") as terminal:
            terminal.wait_for(text)
            assert lasting(settled(terminal, pane), pane) == lasting(before, pane)
            held.leave(pane, terminal)
            if pane == "Outcome":
                terminal.wait_for("Generation 2 runs")
                terminal.send("enter")
                assert terminal.wait_exit() == 0
            else:
                terminal.wait_for(list(PANES.values())[turn + 1])
                terminal.send("q")
                terminal.wait_for("Leave the wizard?")
                terminal.send("q")
                assert terminal.wait_exit() == 129
    held.gone()
    held.assert_new()


def test_the_wizard_dies_on_the_way_back_and_the_worker_gets_there(held: Held) -> None:
    with held.wizard() as terminal:
        held.walk(terminal, "Outcome")
        terminal.send("r")
        terminal.wait_for("Roll back now")
        terminal.send("y")
        terminal.wait_gone("Keep what runs now, or roll back?")
        terminal.signal(signal.SIGKILL)
        terminal.wait_exit()
    held.gone()
    assert "rolled back" in held.history()
    found = projects.containers(held.engine, held.project.name)
    assert found["held-app-1"]["Config"]["Image"].endswith(f":{OLD}")
    projects.assert_no_drift(held.engine, held.project)


def test_the_worker_dies_and_the_wizard_dies_in_the_recovery(held: Held) -> None:
    with held.wizard() as terminal:
        held.walk(terminal, "Recreate")
        (worker,) = held.workers()
        os.kill(worker, signal.SIGKILL)
        terminal.wait_for("The worker process has died")
        terminal.send("enter")
        assert terminal.wait_exit() == 5
    for how in (signal.SIGKILL, signal.SIGHUP):
        arguments = ("attach",) if held.workers() else (held.project.name,)
        with held.wizard(*arguments) as terminal:
            terminal.wait_for("B Roll back to generation 1")
            terminal.signal(how)
            terminal.wait_exit()
    with held.wizard("attach", held.project.name) as terminal:
        terminal.wait_for("B Roll back to generation 1")
        terminal.send("b")
        terminal.wait_for("Y  Yes")
        terminal.send("y")
        terminal.wait_for("generation 1 runs again", 60)
        terminal.send("enter")
        assert terminal.wait_exit() == 1
    held.gone()
    found = projects.containers(held.engine, held.project.name)
    assert found["held-app-1"]["Config"]["Image"].endswith(f":{OLD}")
    projects.assert_no_drift(held.engine, held.project)


# --- line by line ----------------------------------------------------------------------------------------------------

QUESTIONS = {
    "Images": ("Selected: app. Press Enter to continue.", ""),
    "Confirm": ("Type 'yes' to apply the plan", "yes"),
    "Outcome": ("Keep what runs now, or roll back?", "keep"),
}


def plain(held: Held, *arguments: str) -> Terminal:
    return panes.wizard(held.cli, *(arguments or held.arguments()), "--plain", cols=100, rows=100)


def test_line_by_line_through_each_question_with_the_terminal_lost_in_each(held: Held) -> None:
    held.proxy.clear()
    held.switch.touch()
    with plain(held, "update", *held.arguments()) as terminal:
        terminal.wait_for(QUESTIONS["Images"][0])
        terminal.hangup()
        assert terminal.wait_exit() == 129
    for turn, (question, answer) in enumerate(QUESTIONS.values()):
        with plain(held, "attach", held.project.name) as terminal:
            terminal.wait_for(question)
            terminal.signal(signal.SIGKILL if turn % 2 else signal.SIGHUP)
            assert abs(terminal.wait_exit()) % 128 == (signal.SIGKILL if turn % 2 else signal.SIGHUP)
        with plain(held, *(("attach",) if turn % 2 else (held.project.name,))) as terminal:
            terminal.wait_for(question)
            terminal.send(answer, "enter")
            if turn + 1 < len(QUESTIONS):
                terminal.wait_for(list(QUESTIONS.values())[turn + 1][0], 60)
                terminal.send("detach", "enter")
                assert terminal.wait_exit() == 129
            else:
                terminal.wait_for("Generation 2 runs", 60)
                assert terminal.wait_exit() == 0
            assert b"\x1b" not in terminal.raw
    held.gone()
    held.assert_new()


def test_line_by_line_another_tag_and_a_cancel(held: Held) -> None:
    held.proxy.clear()
    for question in ("Images", "Confirm"):
        with plain(held, held.project.name) as terminal:
            terminal.wait_for("Press Enter to continue")
            terminal.send("1=9.9.9", "enter")
            terminal.wait_for("] app  1.0.0, could not be checked")
            terminal.send(f"1={NEW}", "enter")
            terminal.wait_for(QUESTIONS["Images"][0])
            if question == "Confirm":
                terminal.send("enter")
                terminal.wait_for(QUESTIONS[question][0])
                terminal.send("y", "enter")  # only the word is a yes
                terminal.wait_for("Only 'yes' applies the plan")
            terminal.send("cancel", "enter")
            assert terminal.wait_exit() == 130
        held.gone()
        held.assert_untouched()


def test_line_by_line_back_at_the_outcome(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    old, new = (images.push(registry, "app", "latest", ImageSpec(seed=seed, size_kb=1)) for seed in ("old", "new"))
    images.push(registry, "app", "latest", ImageSpec(seed="old", size_kb=1))
    project = projects.single(project_folder, old.reference)
    projects.up(clean_engine, project)
    images.push(registry, "app", "latest", ImageSpec(seed="new", size_kb=1))
    before = snapshot(clean_engine, project_folder)
    cli = Cli(clean_engine, state_dir, project_folder)
    with panes.wizard(cli, "--plain", "--monitor", "1s", cols=100, rows=100) as terminal:
        terminal.wait_for("Selected: app. Press Enter to continue.")
        terminal.send("enter")
        terminal.wait_for("Type 'yes' to apply the plan")
        terminal.send("yes", "enter")
        terminal.wait_for("Keep what runs now, or roll back?")
        assert [found["Image"] for found in projects.containers(clean_engine, "single").values()] == [new.image_id]
        terminal.send("2", "enter")
        assert terminal.wait_exit(60) == 1
    fresh = r"^container .*/(id|started|restarts|labels)$|^image .*/(tags|digests)$"
    projects.wait_well(clean_engine, project)
    assert_same(before.without(fresh), snapshot(clean_engine, project_folder).without(fresh))
    projects.assert_no_drift(clean_engine, project)
