"""A state directory on a file system that is read-only or full, before a run and in the middle of its commit."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from test_recovery import composes

from support import behaviours, deployed, processes
from support.attended import operator
from support.deployed import NEW, Deployed
from support.images import ImageSpec
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry

ROOM_MB = 48


@pytest.fixture
def disk(clean_engine: Dockerd, tmp_path: Path) -> Iterator[Path]:  # noqa: ARG001  # it says whether mounts are possible
    """Return a small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM_MB}m,mode=700", "ws9tui-test", folder], check=True)
    try:
        yield folder
    finally:
        processes.unmount(folder)


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, project_folder: Path, disk: Path) -> Deployed:
    return deployed.deploy(clean_engine, registry, project_folder, disk / "state")


def fill(disk: Path) -> Path:
    """Write until nothing more can be written."""
    file = disk / "filler"
    with file.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(bytes(1 << 16))
    with file.open("ab", buffering=0) as out, contextlib.suppress(OSError):
        while True:
            out.write(b"0")
    return file


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


def test_a_read_only_state_directory(pair: Deployed, disk: Path) -> None:
    """Refused before anything is looked at; what is recorded can still be read."""
    pair.offer()
    pair.update().ended("kept", 0)
    before = pair.now()
    remount(disk, "ro")
    try:
        for arguments in (("update", *pair.wanted), ("rollback", "pair"), ("recover", "pair", "--back")):
            said = pair.cli.run(*arguments, "--yes")
            assert said.status == 3, (said.out, said.err)
            assert "The state directory cannot be written" in said.err
            assert "Read-only file system" in said.err
            assert "Traceback" not in said.out + said.err
        assert "kept" in pair.history()
    finally:
        remount(disk, "rw")
    assert pair.now() == before
    pair.cli.json("rollback", "pair", "--monitor", "1s").ended("kept", 0)


def test_a_state_directory_without_room(pair: Deployed, disk: Path) -> None:
    """With too little room it is refused, with none the journal cannot be begun; both before any change."""
    pair.offer()
    before = pair.now()
    (disk / "much").write_bytes(bytes(30 << 20))
    said = pair.update().ended("refused", 3)
    assert said.finished["problem"]["code"] == "state-disk-low"
    fill(disk)
    said = pair.cli.run("update", *pair.wanted, "--yes")
    assert said.status == 3, (said.out, said.err)
    assert "cannot be written" in said.err
    assert "No space left on device" in said.err
    assert pair.now() == before
    for name in ("much", "filler"):
        (disk / name).unlink()
    pair.update().ended("kept", 0)


@pytest.mark.sample(1, reason="each case goes another way")
@pytest.mark.parametrize("way", ["back", "forward"])
def test_a_recovery_on_a_full_disk(pair: Deployed, disk: Path, way: str) -> None:
    """The interrupted run had set room aside: that is what the recovery is written with."""
    pushed = pair.offer()
    running = pair.start()
    with operator(pair.cli.begun()) as run:
        run.until(e.ContainerStep, lambda step: step.service == "app" and step.text == "Recreate")
        os.kill(run.pid, signal.SIGKILL)
        processes.kill(composes(pair))
    running.wait().ended("needs-recovery", 5)
    fill(disk)
    said = pair.cli.json("recover", "pair", f"--{way}", "--monitor", "1s")
    if way == "back":
        said.ended("rolled-back", 1)
        pair.assert_back()
    else:
        said.ended("kept", 0)
        pair.assert_new(pushed)
    (disk / "filler").unlink()
    assert "nothing to recover" in pair.cli.json("recover", "pair").ended("usage", 2).message


@pytest.mark.sample(1, reason="each case fills it at another step")
@pytest.mark.parametrize("good", [True, False], ids=["on", "back"])
def test_a_disk_that_fills_up_in_the_middle_of_a_commit(pair: Deployed, disk: Path, *, good: bool) -> None:
    """Neither the way on nor the way back is stopped, and how it ended is in the journal."""
    pushed = pair.offer(**({} if good else {"app": ImageSpec(NEW, behaviour=behaviours.crash())}))
    running = pair.start()
    with operator(pair.cli.begun()) as run:
        run.until(e.StepStarted, lambda step: step.subject == "db")
        fill(disk)
        assert run.finished.outcome is (Outcome.KEPT if good else Outcome.ROLLED_BACK)
    said = running.wait()
    assert said.status == (0 if good else 1), said.tail()
    if good:
        pair.assert_new(pushed)
    else:
        pair.assert_back()
    (disk / "filler").unlink()
    assert os.statvfs(disk).f_bavail
    again = pair.update()
    assert again.finished["outcome"] == ("up-to-date" if good else "rolled-back"), again.tail()
