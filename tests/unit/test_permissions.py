"""The state directory is its owner's alone: from the instant that each part of it is made, and for every other user."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

import sample_run as sample
from sample_run import Played
from support.needs import needs_root
from support.wait import until
from ws9tui.core.fs import files
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import JOURNAL, Journal
from ws9tui.core.model.options import Options
from ws9tui.core.model.project import Project
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor, Verb
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation, StoredFile
from ws9tui.core.store.lock import Lock, holder
from ws9tui.core.store.store import Store
from ws9tui.errors import StateError
from ws9tui.worker.handle import RunHandle

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

NOBODY = 65534


@pytest.fixture
def no_umask() -> Iterator[None]:
    """Have a umask that hides nothing: modes are as wide as they are asked for."""
    before = os.umask(0)
    yield
    os.umask(before)


class Watcher:
    """Looks at a folder again and again, and notes every mode that is wider than its owner's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watcher")
        self.looks = 0
        self.seen: set[str] = set()
        self.wide: set[str] = set()

    def _watch(self) -> None:
        while not self._done.is_set():
            self._look(str(self._folder))
            self.looks += 1

    def _look(self, path: str) -> None:
        with suppress(OSError):
            mode = os.lstat(path).st_mode
            self.seen.add(path)
            if stat.S_IMODE(mode) & 0o077:
                self.wide.add(f"{path} {stat.S_IMODE(mode):o}")
            if stat.S_ISDIR(mode):
                for name in os.listdir(path):  # noqa: PTH208
                    self._look(f"{path}/{name}")

    def __enter__(self) -> Self:
        self._thread.start()
        until(lambda: self.looks, 10, "the watcher looks")
        return self

    def __exit__(self, *_: object) -> None:
        before = self.looks
        until(lambda: self.looks > before + 1, 10, "the watcher has seen the last of it")
        self._done.set()
        self._thread.join()


def recorded(number: int) -> tuple[Generation, dict[str, bytes]]:
    project = Project(ProjectSource("shop", "/srv/shop", ("/srv/shop/compose.yaml",)), {})
    stored = StoredFile("/srv/shop/.env", "0" * 64, 0o666, 0, 0, "0")
    return Generation(number, "2026-08-14T10:00:00Z", 1, project, {}, (stored,)), {"0": b"PASSWORD=word"}


def modes(folder: Path) -> dict[str, str]:
    """Return the mode of each folder and file that is not the owner's alone."""
    paths = [folder, *folder.rglob("*")]
    wanted = {path: 0o700 if path.is_dir() else 0o600 for path in paths}
    found = {path: stat.S_IMODE(path.lstat().st_mode) for path in paths}
    return {str(path): f"{found[path]:o}" for path in paths if found[path] != wanted[path]}


def test_nothing_is_wider_at_any_moment(state_dir: Path, no_umask: None) -> None:  # noqa: ARG001
    with Watcher(state_dir) as watcher:
        for number in range(1, 30):
            shutil.rmtree(state_dir, ignore_errors=True)
            store = Store(state_dir).open()
            with closing(Journal(store.new_run())) as journal:
                journal.append(e.WorkerStarted(pid=1), sync=False)
            folder = store.project("shop")
            lock = Lock(folder / "lock", "shop", str(state_dir))
            lock.acquire(holder(journal.path.parent, 1, Actor("root")))
            entry, contents = recorded(number)
            generation.write(folder, entry, contents)
            generation.update(folder, entry)
            lock.release()
    assert watcher.wide == set()
    assert {str(state_dir), str(state_dir / "runs"), str(folder), str(folder / "lock")} <= watcher.seen
    assert modes(state_dir) == {}


def test_a_whole_run_leaves_nothing_wide(state_dir: Path, monkeypatch: pytest.MonkeyPatch, no_umask: None) -> None:  # noqa: ARG001
    monkeypatch.setenv("DOCKER_HOST", f"unix://{state_dir}/no-engine")
    with Watcher(state_dir) as watcher:
        handle = RunHandle.start(Store(state_dir).open(), Verb.DOCTOR, Options(), attended=False)
        with closing(handle):
            assert handle._worker
            assert handle._worker.wait(60) == 0
            assert isinstance(handle.read()[-1], e.Finished)
    assert watcher.wide == set()
    assert any(path.endswith("worker.log") for path in watcher.seen)


def test_a_file_that_is_put_back_is_never_wider_than_it_was(tmp_path: Path, no_umask: None) -> None:  # noqa: ARG001
    path = tmp_path / "project" / ".env"
    path.parent.mkdir(mode=0o700)
    with Watcher(path.parent) as watcher:
        for number in range(100):
            files.replace(path, b"PASSWORD=%d" % number)
    assert watcher.wide == set()


# --- a state directory that is not ours ------------------------------------------------------------------------------


def test_a_folder_that_was_open_to_others_is_closed(state_dir: Path) -> None:
    state_dir.mkdir(mode=0o777)
    state_dir.chmod(0o777)
    Store(state_dir).open()
    assert modes(state_dir) == {}


@pytest.mark.parametrize("part", ["", "runs", "projects", "projects/shop"])
def test_a_link_to_elsewhere_is_refused(state_dir: Path, tmp_path: Path, part: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path = state_dir / part
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(elsewhere)
    with pytest.raises(StateError) as caught:
        Store(state_dir).open().project("shop")
    assert caught.value.problem.code == "state-not-a-folder"
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", [JOURNAL, "lock"])
def test_a_file_that_is_a_link_is_not_followed(tmp_path: Path, name: str) -> None:
    target = tmp_path / "target"
    (tmp_path / name).symlink_to(target)
    with pytest.raises((StateError, OSError)):
        Journal(tmp_path) if name == JOURNAL else Lock(tmp_path / name, "shop", str(tmp_path))
    assert not target.exists()


@needs_root
@pytest.mark.parametrize("part", ["", "runs", "projects", "projects/shop"])
def test_a_strangers_folder_is_refused(state_dir: Path, part: str) -> None:
    path = state_dir / part
    path.mkdir(mode=0o700, parents=True)
    os.chown(path, NOBODY, NOBODY)
    with pytest.raises(StateError) as caught:
        Store(state_dir).open().project("shop")
    assert caught.value.problem.code == "state-foreign"
    assert caught.value.problem.facts["owner"] == str(NOBODY)
    assert list(path.iterdir()) == []


@needs_root
def test_a_strangers_folder_is_refused_on_the_command_line(state_dir: Path) -> None:
    state_dir.mkdir(mode=0o777)
    os.chown(state_dir, NOBODY, NOBODY)
    for command in (["doctor"], ["history"], ["attach"], ["update", "--yes"]):
        done = subprocess.run(
            [sys.executable, "-m", "ws9tui", *command, "--state-dir", str(state_dir)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 3, command
        assert str(state_dir) in done.stderr
    assert list(state_dir.iterdir()) == []


# --- another user ----------------------------------------------------------------------------------------------------

# all is imported before, for this Python may lie in a folder that other users cannot get into
_AS_NOBODY = """
import json, os, sys
from pathlib import Path
from ws9tui.cli import attach, follow, history, main, runs
from ws9tui.core.store.store import Store
from ws9tui.worker.handle import RunHandle

os.setgroups([]); os.setgid({nobody}); os.setuid({nobody})
state, folder = Path({state!r}), Path({folder!r})
def tried(what):
    try:
        what()
    except BaseException as error:
        return type(error).__name__
    return "done"
found = {{
    "list": tried(lambda: list(state.iterdir())),
    "read": tried(lambda: (folder / "journal.jsonl").read_bytes()),
    "attach": tried(lambda: RunHandle(folder)),
    "decide": tried(lambda: open(folder / "journal.jsonl", "ab")),
    "open": tried(lambda: Store(state).open()),
    "lock": tried(lambda: open(state / "projects" / "shop" / "lock", "rb")),
}}
commands = (["attach", "shop"], ["history"], ["update", "--yes"])
statuses = [main.run([*words, "--state-dir", str(state)]) for words in commands]
print(json.dumps([found, statuses]))
"""


@needs_root
def test_another_user_can_neither_read_nor_decide_nor_attach(public: Path) -> None:
    state = public / "state"
    played = Played(Store(state).open())
    try:
        played.say(*sample.looked())
        with (Store(state).project("shop") / "lock").open("x"):
            pass
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY.format(nobody=NOBODY, state=str(state), folder=str(played.folder))],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd="/", env={"PATH": os.defpath},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        assert "shop" not in done.stderr.replace(str(state), "")
        found, statuses = json.loads(done.stdout)
        assert found == {
            "list": "PermissionError",
            "read": "PermissionError",
            "attach": "StateError",
            "decide": "PermissionError",
            "open": "StateError",
            "lock": "PermissionError",
        }
        assert statuses == [3, 3, 3]
        assert played.decisions() == []
    finally:
        played.close()
