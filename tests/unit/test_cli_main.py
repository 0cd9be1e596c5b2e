"""What happens before a run, and where there is nobody to ask."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import sample_run as sample
from command_line import COMMAND, ENV
from sample_run import Played
from support.terminal import Terminal
from ws9tui.cli import runs
from ws9tui.cli.attach import choose
from ws9tui.cli.main import run
from ws9tui.core.store.store import Store
from ws9tui.errors import UsageError

pytestmark = pytest.mark.slow


def call(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env={**ENV, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


NO_TERMINAL = (
    "ws9tui: There is no terminal for questions."
    " Add --yes to accept every default, or --plan to print the plan and stop.\n"
)


@pytest.mark.parametrize("arguments", [[], ["shop"], ["update"], ["install", "x"], ["rollback"], ["recover"]])
def test_without_a_terminal_what_asks_is_refused(arguments: list[str], tmp_path: Path) -> None:
    done = call(*arguments, "--state-dir", str(tmp_path / "state"))
    assert (done.returncode, done.stdout, done.stderr) == (2, "", NO_TERMINAL)
    assert not (tmp_path / "state").exists()


def test_a_command_of_one_word_is_understood() -> None:
    done = call()
    assert (done.returncode, done.stdout, done.stderr) == (2, "", NO_TERMINAL)


def test_an_install_without_a_source_and_without_anybody_to_ask(tmp_path: Path) -> None:
    done = call("install", "--yes", "--state-dir", str(tmp_path / "state"))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ws9tui: No source to install from was given.")
    assert not (tmp_path / "state").exists()


def test_wrong_answers_are_told_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "answers.yml"
    file.write_text("source: websoft9\nport: 1\n")
    done = call("install", "--answers", str(file), "--yes", "--state-dir", str(tmp_path / "state"))
    assert done.returncode == 2
    assert f"{file}, line 2: not a valid answer file: 'port' is not known" in done.stderr


def test_answers_do_not_replace_a_file(tmp_path: Path) -> None:
    file = tmp_path / "answers.yml"
    file.touch()
    done = call("install", "x", "--write-answers", str(file), "--yes", "--state-dir", str(tmp_path / "state"))
    assert done.returncode == 2
    assert f"{file} already exists." in done.stderr


def test_a_password_in_a_source_is_refused_before_it_is_written_down(tmp_path: Path) -> None:
    for arguments in (["install", "https://me:pw@x.test/a.zip"], ["update", "--site", "https://me:pw@x.test/"]):
        done = call(*arguments, "--yes", "--state-dir", str(tmp_path / "state"))
        assert done.returncode == 2
        assert "me:pw" not in done.stderr
    assert not (tmp_path / "state").exists()


def test_a_usage_error_is_one_line_and_one_event() -> None:
    done = call("update", "--json", "--nope")
    assert done.returncode == 2
    event = json.loads(done.stdout)
    assert (event["seq"], event["type"], event["outcome"]) == (1, "finished", "usage")
    assert event["message"]
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_attaching_where_nothing_runs(tmp_path: Path) -> None:
    done = call("attach", "--state-dir", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("ws9tui: No run is in progress.")


def test_a_state_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = call("update", "--yes", "--state-dir", str(tmp_path / "file"))
    assert done.returncode == 3
    assert "should be a folder" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_an_engine_a_run_ends_untouched_and_leaves_no_history(tmp_path: Path) -> None:
    done = call(
        "update", "--yes", "--json", "--state-dir", str(tmp_path / "state"), DOCKER_HOST=f"unix://{tmp_path}/none.sock"
    )
    last = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, last["type"], last["outcome"]) == (3, "finished", "refused")
    assert last["problem"]["code"] == "engine-unreachable"
    assert list((tmp_path / "state" / "runs").iterdir()) == []


def test_where_there_is_no_engine_the_demo_is_offered(tmp_path: Path) -> None:
    argv = [*COMMAND, "--plain", "--state-dir", str(tmp_path / "state")]
    env = {**ENV, "DOCKER_HOST": f"unix://{tmp_path}/none.sock", "TMPDIR": str(tmp_path)}
    with Terminal(argv, env, cols=100, rows=60) as terminal:
        terminal.wait_for("Try the demo with a simulated engine? [y/N]")
        terminal.send("n", "enter")
        assert terminal.wait_exit() == 3
    with Terminal(argv, env, cols=100, rows=60) as terminal:
        terminal.wait_for("Try the demo with a simulated engine? [y/N]")
        terminal.send("y", "enter")
        terminal.wait_for("Which services do you want to update?")
        terminal.send("cancel", "enter")
        assert terminal.wait_exit() == 130


def test_a_closed_pipe_is_quiet(tmp_path: Path) -> None:
    store = Store(tmp_path / "state").open()
    sample.recorded(store, *sample.whole())
    shell = f"{sys.executable} -m ws9tui history 7 --state-dir {store.folder} | head -1"
    done = subprocess.run(["sh", "-c", shell], env=ENV, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.startswith("Run 7 of shop")
    assert done.stderr == ""


def test_a_full_disk_behind_stdout_does_not_change_the_status(tmp_path: Path) -> None:
    store = Store(tmp_path / "state").open()
    sample.recorded(store, *sample.whole())
    command = [*COMMAND, "history", "7", "--state-dir", str(store.folder)]
    env = {**ENV, "PYTHONUNBUFFERED": ""}  # else nothing is left to be flushed at exit
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, env=env, stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_poor_locale_gets_readable_text(tmp_path: Path, encoding: str) -> None:
    store = Store(tmp_path / "state").open()
    sample.recorded(store, *sample.whole())
    done = call("history", "7", "--state-dir", str(store.folder), PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    assert "git: version 1.25.1 ? 1.25.5" in done.stdout


def test_the_command_line_is_there_at_once() -> None:
    """Neither Textual, nor Rich, nor Docker's SDK is loaded to understand a command or to follow a run."""
    code = "import sys, ws9tui.cli.main, ws9tui.cli.history; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=ENV, capture_output=True, text=True, timeout=30, check=True)
    assert not {"textual", "rich", "docker", "asyncio"} & set(done.stdout.split())


def test_panes_need_a_terminal_that_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    from ws9tui.cli import arguments, terminal  # noqa: PLC0415 - beside what is tested

    monkeypatch.setattr(terminal, "is_terminal", lambda _: True)
    for term, panes in (("xterm-256color", True), ("vt100", True), ("dumb", False), ("", False)):
        monkeypatch.setenv("TERM", term)
        assert runs.wants_panes(arguments.parse(["shop"])) is panes
    monkeypatch.setenv("TERM", "xterm")
    for typed, panes in (
        ("rollback", True), ("recover", True), ("install x", True), ("demo", True), ("attach", True),
        ("update", False), ("doctor", False), ("rollback --plain", False), ("recover --back", False),
        ("rollback --yes", False), ("install x --plan", False), ("attach --json", False),
    ):  # fmt: skip
        assert runs.wants_panes(arguments.parse(typed.split())) is panes, typed


def test_a_fault_is_told_without_its_text(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> None:
        raise ValueError("password=hunter2")

    monkeypatch.setattr("ws9tui.cli.attach.attach", fails)
    assert run(["attach"]) == 1
    written = capsys.readouterr().err
    assert "ws9tui has an internal error: ValueError at" in written
    assert "hunter2" not in written


def test_which_live_run_is_meant(tmp_path: Path) -> None:
    store = Store(tmp_path / "state").open()
    played = [Played(store), Played(store)]
    folder = tmp_path / "blog"
    folder.mkdir()
    played[0].say(*sample.looked("shop"))
    played[1].say(*sample.looked("blog", folder=folder))
    live = [record for record in store.runs() if record.live]
    assert len(live) == 2
    for name, cwd in (("blog", tmp_path), (str(folder), tmp_path), ("", folder), ("blog/compose.yml", tmp_path)):
        assert choose(live, name, cwd).project == "blog"
    with pytest.raises(UsageError, match="project-ambiguous"):
        choose(live, "", tmp_path)
    with pytest.raises(UsageError, match="no-live-run"):
        choose(live, "wiki", tmp_path)
    for run_played in played:
        run_played.close()
