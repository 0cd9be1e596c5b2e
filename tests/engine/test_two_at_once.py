"""One writer per project, by a kernel lock that ends with its holder."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from support import panes, processes, projects, proofs
from support.panes import Held
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


pytestmark = pytest.mark.engine

MANY = 50


@pytest.fixture
def many(held: Held, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Return as many commands as come at once; they update as soon as they are let go."""
    (tmp_path / "go").unlink(missing_ok=True)
    os.mkfifo(tmp_path / "go")
    command = panes.command(held.cli, "update", *held.arguments(), "--yes")
    started = [
        subprocess.Popen(
            ["sh", "-c", 'read -r _ <"$0"; exec "$@"', str(tmp_path / "go"), *command],
            cwd=held.cli.folder,
            env=held.engine.env(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        for _ in range(MANY)
    ]
    until(lambda: len(waiting(started)) == MANY, 30, "all wait to be let go")
    with (tmp_path / "go").open("w") as gate:  # they read until it is closed
        gate.write("go\n" * MANY)
    yield started
    for process in started:
        if process.stdout and not process.stdout.closed:
            process.kill()
            process.communicate()
    processes.kill(held.workers())


def waiting(started: list[subprocess.Popen[bytes]]) -> list[int]:
    """List those that are shells still."""
    return [process.pid for process in started if process.poll() is None and shell(process.pid)]


def shell(pid: int) -> bool:
    return processes.select(lambda entry: entry.name == str(pid) and (entry / "comm").read_text() == "sh\n") == [pid]


def test_of_many_at_once_one_runs_and_the_others_name_it(held: Held, many: list[subprocess.Popen[bytes]]) -> None:
    until(lambda: sum(process.poll() is not None for process in many) == MANY - 1, 240, "all but one have ended")
    (running,) = [process for process in many if process.poll() is None]
    lost = [process for process in many if process is not running]
    until(held.proxy.sent, 30, "the one pulls")
    until(lambda: len(held.workers()) == 1, 30, "the workers of those that lost have ended too")
    (worker,) = held.workers()
    said = [process.communicate()[0].decode() for process in lost]
    assert {process.returncode for process in lost} == {4}
    proofs.count("two at once", "processes at the same time", MANY)
    proofs.count("two at once", "of them refused with the name of the one", len(lost))
    for text in said:
        assert "root is changing this project" in text.replace("\n", " "), text
        assert f"process {worker}," in text, text
    assert len(held.cli.runs()) == 1  # those who came too late leave no history

    os.kill(worker, signal.SIGKILL)
    assert running.wait(30) == 1
    held.proxy.clear()
    held.switch.touch()
    next_one = held.cli.json(
        "update", *held.arguments()
    )  # the lock is free at once, and what was half done is cleaned up
    next_one.ended("kept", 0)
    held.assert_new()


def test_one_killed_in_its_commit_leaves_the_lock_free_and_a_recovery(held: Held) -> None:
    held.proxy.clear()
    running = held.cli.start("update", *held.arguments(), "--yes", "--json")
    running.until("watch-started")
    os.kill(running.worker(), signal.SIGKILL)
    running.wait().ended("needs-recovery", 5)
    held.cli.json("update", *held.arguments()).ended("refused", 3)  # not busy
    held.switch.touch()
    held.cli.json("recover", held.project.name, "--forward", "--monitor", "1s").ended("kept", 0)
    held.assert_new()
    projects.assert_no_drift(held.engine, held.project)
