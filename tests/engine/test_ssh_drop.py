"""The operator's connection is lost: the worker goes on, and the next login comes back to the same pane."""

from __future__ import annotations

import os
import re
import signal
import termios
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import panes, processes, projects, proofs, sshd
from support.needs import need
from support.panes import OLD, PANES, Held
from support.sshd import Sshd
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.terminal import Terminal

pytestmark = pytest.mark.engine


@pytest.fixture
def server(held: Held) -> Iterator[Sshd]:  # noqa: ARG001  # it says what is missing, and is cleaned up after this
    need(sshd.missing())
    with Sshd() as started:
        yield started


def login(server: Sshd, held: Held, *arguments: str) -> Terminal:
    command = panes.command(held.cli, *(arguments or held.stepwise()))
    return server.login(command, held.engine.env(), held.cli.folder)


def wizards(held: Held) -> list[int]:
    """List the wizards that run, not their workers, clients or shells."""
    start = b"\0".join([b"-m", b"ws9tui", b""])

    def ours(entry: Path) -> bool:
        words = (entry / "cmdline").read_bytes()
        return start in words and str(held.cli.state).encode() in words

    return processes.select(ours)


def test_the_connection_breaks_in_each_pane_and_the_next_login_goes_on(server: Sshd, held: Held) -> None:
    """Cut by the client's death, then by its silence, which the server notices by itself."""
    came: tuple[str, ...] = ()
    with ExitStack() as silent:
        for pane, text in PANES.items():
            with login(server, held, *came) as killed:
                killed.wait_for(text)
                killed.signal(signal.SIGKILL)
                killed.wait_exit()
                proofs.count("SSH drop", "connections killed")
            came = ("attach", held.project.name)
            (worker,) = held.workers()
            stalled = silent.enter_context(login(server, held, *came))
            stalled.wait_for(text)
            if pane in {"Images", "Pull", "Versions", "Confirm"}:
                stalled.wait_for(re.compile("Nothing has been changed|nothing else has been"))
            os.kill(stalled.pid, signal.SIGSTOP)
            proofs.count("SSH drop", "gone silent")
            silent.callback(os.kill, stalled.pid, signal.SIGKILL)
            with login(server, held, *came) as terminal:
                terminal.wait_for(text)
                assert held.workers() == [worker]
                held.leave(pane, terminal)
                terminal.wait_for([*PANES.values(), "Generation 2 runs"][list(PANES).index(pane) + 1])
                if pane == "Outcome":
                    terminal.send("enter")
                    assert terminal.wait_exit() == 0
        held.gone()
        until(lambda: not wizards(held), 30, lambda: f"every wizard has ended: {wizards(held)}")
    held.assert_new()


def test_a_run_that_nobody_comes_back_to_ends_by_its_default(server: Sshd, held: Held) -> None:
    with login(server, held, *held.stepwise(), "--confirm-within", "2s") as terminal:
        held.walk(terminal, "Recreate")
        terminal.signal(signal.SIGKILL)
        terminal.wait_exit()
    until(lambda: not wizards(held), 20, "the wizard has ended")
    assert held.workers()
    held.leave("Recreate", terminal)
    held.gone()
    assert "rolled back" in held.history()
    found = projects.containers(held.engine, held.project.name)
    assert found["held-app-1"]["Config"]["Image"].endswith(f":{OLD}")
    projects.assert_no_drift(held.engine, held.project)


def test_a_run_before_its_commit_waits_for_the_next_login(server: Sshd, held: Held) -> None:
    with login(server, held) as terminal:
        held.walk(terminal, "Confirm")
        terminal.hangup()
        terminal.signal(signal.SIGKILL)
        terminal.wait_exit()
    until(lambda: not wizards(held), 20, "the wizard has ended")
    assert held.workers()
    with login(server, held, "attach") as terminal:
        terminal.wait_for(PANES["Confirm"])
        panes.cancel(terminal)
    held.gone()
    held.proxy.clear()
    held.assert_untouched()


def test_a_terminal_that_nobody_reads_holds_nothing_up(server: Sshd, held: Held) -> None:
    with login(server, held) as first:
        held.walk(first, "Pull")
        (wizard,) = wizards(held)
        carrier = sshd.session_of(wizard)
        os.kill(carrier, signal.SIGSTOP)
        try:
            with login(server, held, "attach") as second:
                second.wait_for(PANES["Pull"])
                for pane in ("Pull", "Versions", "Confirm", "Recreate", "Outcome"):
                    second.wait_for(PANES[pane])
                    held.leave(pane, second)
                second.wait_for("Generation 2 runs")
                second.send("enter")
                assert second.wait_exit() == 0
            held.gone()
            held.assert_new()
        finally:
            processes.kill([carrier])
        until(lambda: not processes.alive(wizard), 20, "the first wizard ends with its terminal")
        first.wait_exit()


# --- the terminal that is left ----------------------------------------------------------------------------------------


def modes(raw: bytes) -> dict[int, bool]:
    """Return the terminal's private modes as a program has left them."""
    found: dict[int, bool] = {}
    for numbers, how in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", raw):
        found |= {int(number): how == b"h" for number in numbers.split(b";")}
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, None])
def test_the_terminal_that_is_left_is_as_it_was(held: Held, number: int | None) -> None:
    with held.wizard() as terminal:
        before = termios.tcgetattr(terminal._fd)
        terminal.wait_for(PANES["Images"])
        assert termios.tcgetattr(terminal._fd) != before
        assert modes(terminal.raw)[1049]
        if number is None:
            terminal.send("q")
            terminal.wait_for("Leave the wizard?")
            terminal.send("q")
            assert terminal.wait_exit() == 129
        else:
            terminal.signal(number)
            assert terminal.wait_exit() == 128 + number
        left = modes(terminal.raw)
        assert left.pop(25), "the cursor is shown"
        assert left.pop(7, True), "long lines wrap"
        assert {1049, 2004} <= left.keys()
        assert [mode for mode, on in left.items() if on] == []
        assert len(re.findall(rb"\x1b\[>\d+u", terminal.raw)) == terminal.raw.count(b"\x1b[<u")  # the keyboard's
        assert termios.tcgetattr(terminal._fd) == before
    with held.wizard("attach", "--plain") as terminal:
        terminal.wait_for("Which services do you want to update?")
        terminal.send("cancel", "enter")
        assert terminal.wait_exit() == 130
    held.gone()
