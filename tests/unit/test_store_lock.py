"""The lock of a project: one for all users, addresses and state directories, freed by the death of its holder."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from support.needs import needs_root
from ws9tui.core.model.terms import Actor
from ws9tui.core.store.lock import Lock, holder, read_holder, socket_name
from ws9tui.errors import Busy
from ws9tui.problems.problem import Problem
from ws9tui.words import problems

ME = Actor("me", "here")
NOBODY = 65534
HOLD = """\
import os, pathlib, subprocess, sys
from ws9tui.core.model.terms import Actor
from ws9tui.core.store.lock import Lock, holder
path, engine, child = sys.argv[1:]
lock = Lock(pathlib.Path(path), "shop", engine)
lock.acquire(holder(pathlib.Path("/run"), 7, Actor("she", "there")))
if child:
    subprocess.Popen(["sleep", "600"], pass_fds=lock.descriptors, stdout=subprocess.DEVNULL)
print("held", flush=True)
sys.stdin.read()
"""
SQUAT = """\
import os, socket, sys
os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
taken = socket.socket(socket.AF_UNIX)
taken.bind("\\0" + sys.argv[1])
if sys.argv[2]:
    taken.listen(int(sys.argv[2]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def engine(tmp_path: Path) -> str:
    """Return the ID of an engine that no other test has."""
    return str(tmp_path)


@contextmanager
def running(script: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a script until it holds something."""
    with subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"held\n"
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def refused(path: Path, engine: str) -> Problem:
    """Return why the lock cannot be had."""
    with pytest.raises(Busy) as busy:
        Lock(path, "shop", engine).acquire(holder(path.parent, 8, ME))
    return busy.value.problem


def take_and_give_back(path: Path, engine: str) -> None:
    lock = Lock(path, "shop", engine)
    lock.acquire(holder(path.parent, 8, ME))
    lock.release()


def test_one_process_has_the_lock_and_its_death_releases_it(tmp_path: Path, engine: str) -> None:
    path = tmp_path / "lock"
    with running(HOLD, str(path), engine, "") as other:
        problem = refused(path, engine)
        assert (problem.code, problem.facts["project"]) == ("busy", "shop")
        facts = problem.facts
        assert (facts["user"], facts["origin"], facts["number"], facts["pid"]) == ("she", "there", "7", str(other.pid))
    mine = Lock(path, "shop", engine)
    mine.acquire(holder(tmp_path, 8, ME))
    found = read_holder(path)
    assert found is not None
    assert (found.actor, found.number, found.pid) == (ME, 8, os.getpid())
    mine.release()
    assert read_holder(path) is None


def test_it_is_the_same_from_another_state_directory(tmp_path: Path, engine: str) -> None:
    with running(HOLD, str(tmp_path / "theirs"), engine, "") as other:
        problem = refused(tmp_path / "mine", engine)
        user = pwd.getpwuid(os.geteuid()).pw_name
        facts = problem.facts
        assert (problem.code, facts["user"], facts["pid"]) == ("busy-elsewhere", user, str(other.pid))
        age = datetime.now().astimezone() - datetime.fromisoformat(facts["since"])
        assert abs(age.total_seconds()) < 60
        assert f"User {user} is updating this project (process" in problems.sentence(problem)
        assert problem == refused(tmp_path / "mine", engine)
    take_and_give_back(tmp_path / "mine", engine)


def test_other_projects_and_engines_have_locks_of_their_own(tmp_path: Path, engine: str) -> None:
    locks = [
        Lock(tmp_path / str(n), *whose) for n, whose in enumerate((("shop", engine), ("shop", "b"), ("a", engine)))
    ]
    for lock in locks:
        lock.acquire(holder(tmp_path, 8, ME))
    for lock in locks:
        lock.release()


def test_what_outlives_the_holder_holds_it_on(tmp_path: Path, engine: str) -> None:
    with running(HOLD, str(tmp_path / "theirs"), engine, "child") as other:
        other.kill()
        other.wait()
        assert refused(tmp_path / "theirs", engine).facts["user"] == "she"
        problem = refused(tmp_path / "mine", engine)
        assert (problem.code, problem.facts["pid"], problem.facts["since"]) == ("busy-elsewhere", "", "")
        assert problem.facts["user"]


@needs_root
@pytest.mark.parametrize("listens", ["", "0", "1"])
def test_a_user_without_rights_who_takes_the_name_is_named(tmp_path: Path, engine: str, listens: str) -> None:
    """One who does not listen, or not enough, is not known by name; the command that is told finds him."""
    name = socket_name("shop", engine)
    with running(SQUAT.format(nobody=NOBODY), name, listens) as squatter:
        problems_ = [refused(tmp_path / "lock", engine) for _ in range(4)]
        users = [problem.facts["user"] or None for problem in problems_]
        assert (
            users == {"": [None] * 4, "0": ["nobody", None, None, None], "1": ["nobody", "nobody", None, None]}[listens]
        )
        told = problems.sentence(problems_[-1])
        assert "Another run of this project is in progress" in told
        command = ["ss", "--unix", "--all", "--processes", "src", f"@{name}"]
        assert " ".join(command) in problems.remedy(problems_[-1])
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        assert f"pid={squatter.pid}," in found.stdout
    take_and_give_back(tmp_path / "lock", engine)


def test_a_name_tells_nothing_of_the_project(engine: str) -> None:
    assert "shop" not in socket_name("shop", engine)
    assert socket_name("shop", "a") != socket_name("shop", "b")
    with socket.socket(socket.AF_UNIX) as probe:
        probe.bind(f"\0{socket_name('shop', engine)}")
