"""Hooks of a project, and telling of a run elsewhere, on real engines."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import pytest

from support import behaviours, execs, images, processes, projects, stranger, webhook
from support.bench import OneService
from support.cli import QUICK, Said
from support.images import ImageSpec
from support.wait import until
from support.webhook import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine

TEXT = """\
name: p
x-ws9tui: EVERYWHERE
services:
  db:
    image: "HOST/db:1.0"
    restart: always
    volumes: [data:/data]
    x-ws9tui: SETTINGS
volumes: {data: {}}
"""
NOTES = "/data/notes"
WRITES = {name: f"echo {name} >> {NOTES}" for name in ("before_commit", "dump", "after_keep", "after_rollback")}


class Bench(OneService):
    """A project with one service, which has a volume."""

    def write(self, everywhere: object = None, **settings: object) -> None:
        text = TEXT.replace("HOST", self.registry.host).replace("EVERYWHERE", json.dumps(everywhere or {}))
        projects.write(self.folder, text.replace("SETTINGS", json.dumps(settings or {})), name="p", services=("db",))

    def update(self, tag: str = "1.1", *more: str) -> Said:
        return self.cli.json("update", f"db={tag}", *QUICK, *more)

    def container(self) -> str:
        [found] = projects.ids(self.engine, "p").values()
        return found

    def notes(self) -> list[str]:
        """Return what the hooks have written into the volume."""
        return execs.run(self.engine, "p-db-1", f"cat {NOTES} || true").split()

    def journals(self) -> str:
        files = [path for run in self.cli.runs() for path in run.iterdir() if path.is_file()]
        return "\n".join(path.read_text(errors="replace") for path in files)


@pytest.fixture
def bench(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Bench:
    for tag in ("1.0", "1.1"):
        images.push(registry, "db", tag, ImageSpec(tag, behaviour=behaviours.idle()))
    images.push(registry, "db", "1.2", ImageSpec("1.2", behaviour=behaviours.crash()))
    made = Bench(clean_engine, registry, project_folder, state_dir)
    made.write()
    project = projects.write(project_folder, (project_folder / "compose.yaml").read_text(), name="p", services=("db",))
    projects.up(clean_engine, project)
    return made


def hooks(said: Said) -> list[tuple[str, int | None]]:
    return [(event["when"], event["status"]) for event in said.of("hook-finished")]


# --- hooks in a container -----------------------------------------------------------------------------------------


@pytest.mark.sample(1, reason="containers run them alike on both engines")
@pytest.mark.both_stores
def test_hooks_are_run_around_an_update_and_around_one_that_goes_back(bench: Bench) -> None:
    bench.write(backup=True, **WRITES)
    said = bench.update().ended("kept", 0)
    assert hooks(said) == [("before_commit", 0), ("dump", 0), ("after_keep", 0)]
    assert bench.notes() == ["before_commit", "dump", "after_keep"]
    kinds = [event["type"] for event in said.events]
    assert kinds.index("commit-started") > [n for n, kind in enumerate(kinds) if kind == "hook-finished"][1]
    said = bench.update("1.2").ended("rolled-back", 1)
    assert hooks(said) == [("before_commit", 0), ("dump", 0), ("after_rollback", 0)]
    # What the dump wrote was saved with the data, and came back with it.
    assert bench.notes() == ["before_commit", "dump", "after_keep", "before_commit", "dump", "after_rollback"]
    assert bench.runs() == "1.1"
    projects.assert_no_drift(
        bench.engine,
        projects.write(bench.folder, (bench.folder / "compose.yaml").read_text(), name="p", services=("db",)),
    )


@pytest.mark.sample(1, reason="each case fails in another way")
@pytest.mark.parametrize(
    ("hook", "code", "told"),
    [
        ("echo no room; exit 3", "hook-status", "status 3"),
        (["no-such-program"], "hook-status", "failed"),
        ({"run": "sleep 600", "timeout": "1s"}, "hook-endless", "continues in the container"),
        ({"run": "yes", "timeout": "1s"}, "hook-endless", "did not end within 1 s"),
    ],
    ids=["fails", "is not there", "hangs", "prints without end"],
)
def test_one_that_fails_before_the_commit_changes_nothing(bench: Bench, hook: object, code: str, told: str) -> None:
    before, local = bench.container(), sorted(image["Id"] for image in bench.engine.client().api.images())
    bench.write(before_commit=hook, after_rollback=WRITES["after_rollback"])
    said = bench.update()
    if code == "hook-status" and said.finished["problem"]["code"] == "hook-failed-to-start":
        code = "hook-failed-to-start"  # which of both an engine says of a program that is not there is its own affair
    said.ended("refused", 3)
    assert said.finished["problem"]["code"] == code
    assert code == "hook-failed-to-start" or told in said.message
    assert (bench.container(), bench.runs()) == (before, "1.0")
    assert sorted(image["Id"] for image in bench.engine.client().api.images()) == local
    assert bench.cli.generations() == []
    assert bench.notes() == ["after_rollback"]


def test_one_that_prints_much_is_read_to_its_end(bench: Bench) -> None:
    bench.write(before_commit="i=0; while [ $$i -lt 20000 ]; do echo line $$i; i=$$((i+1)); done")
    said = bench.update().ended("kept", 0)
    [finished] = said.of("hook-finished")
    assert finished["status"] == 0
    # An engine under load may lose what an exec prints; what comes is the end of it.
    assert finished["tail"] == [] or finished["tail"][-1].startswith("line 1999")


def test_what_fails_afterwards_is_told_and_takes_nothing_back(bench: Bench) -> None:
    bench.write(after_keep={"run": "exit 4", "timeout": "5s"})
    said = bench.update().ended("kept", 0)
    assert "after_keep hook of db failed" in said.message
    assert bench.runs() == "1.1"


def test_a_secret_of_a_hook_is_nowhere(bench: Bench) -> None:
    (bench.folder / ".env").write_text("DB_PASSWORD=correct-horse-staple\n")
    bench.write(before_commit=["sh", "-c", "echo cannot use $DB_PASSWORD; exit 1"])
    said = bench.update().ended("refused", 3)
    assert "cannot use" in said.message or not said.of("hook-finished")[0]["tail"]
    assert "correct-horse-staple" not in bench.journals() + said.out + said.err
    assert "$DB_PASSWORD" in bench.cli.run("update", "db=1.1", "--plan").out


# --- hooks on this machine ----------------------------------------------------------------------------------------


def test_one_on_this_machine_runs_in_the_project_s_folder_and_is_ended_with_its_children(bench: Bench) -> None:
    script = "pwd > where; env > environment; setsid -f sleep 600; echo begun > begun; sleep 600"
    bench.write({"before_commit": {"run": ["sh", "-c", script], "on": "host", "timeout": "1s"}})
    said = bench.update().ended("refused", 3)
    assert said.finished["problem"]["code"] == "hook-endless"
    assert "was ended with everything that it had started" in said.message
    assert (bench.folder / "where").read_text().strip() == os.path.realpath(bench.folder)
    found = dict(line.split("=", 1) for line in (bench.folder / "environment").read_text().splitlines())
    assert (found["WS9TUI_PROJECT"], found["WS9TUI_HOOK"]) == ("p", "before_commit")
    assert found["DOCKER_HOST"] == bench.engine.env()["DOCKER_HOST"]
    assert marked(bench.cli.runs()[-1].name if bench.cli.runs() else "") == []
    assert bench.runs() == "1.0"


def marked(run: str) -> list[int]:
    """List the processes of a run's hooks."""

    def ours(entry: Path) -> bool:
        return bool(run) and f"WS9TUI_MARK={run} ".encode() in (entry / "environ").read_bytes()

    return processes.select(ours)


def test_one_in_a_file_that_a_stranger_may_write_is_refused(bench: Bench) -> None:
    bench.write({"before_commit": {"run": ["touch", "ran"], "on": "host"}})
    os.chown(bench.folder / "compose.yaml", stranger.STRANGER, stranger.STRANGER)
    said = bench.update().ended("refused", 3)
    assert said.finished["problem"]["code"] == "hook-not-entrusted"
    assert said.of("pull-started") == []
    assert not (bench.folder / "ran").exists()
    os.chown(bench.folder / "compose.yaml", 0, 0)
    bench.update().ended("kept", 0)
    assert (bench.folder / "ran").exists()


# --- a worker that is killed in one -------------------------------------------------------------------------------


def test_killed_in_one_before_the_commit_the_next_run_begins_anew(bench: Bench) -> None:
    wait = "echo begun >> log; test -e free || sleep 600"
    bench.write({"before_commit": {"run": ["sh", "-c", wait], "on": "host", "timeout": "2m"}})
    before = bench.container()
    running = bench.cli.start("update", "db=1.1", *QUICK, "--yes", "--json")
    running.until("hook-started")
    run = bench.cli.runs()[-1].name
    until(lambda: len(marked(run)) == 2, 20, lambda: f"the hook runs: {marked(run)}")
    os.kill(running.worker(), signal.SIGKILL)
    running.wait()
    assert len(marked(run)) == 2
    (bench.folder / "free").touch()
    said = bench.cli.json("recover", "--back").ended("usage", 2)
    assert [f["finding"]["problem"]["code"] for f in said.of("found")] == ["hook-uncertain"]
    assert marked(run) == []
    assert (bench.container(), bench.runs()) == (before, "1.0")
    bench.update().ended("kept", 0)
    assert (bench.folder / "log").read_text().split() == ["begun", "begun"]


@pytest.mark.sample(1, reason="each case is another way out")
@pytest.mark.parametrize(("way", "runs"), [("forward", "1.1"), ("back", "1.0")])
def test_killed_in_one_after_the_commit_the_recovery_runs_the_rest(bench: Bench, way: str, runs: str) -> None:
    bench.write(
        after_keep=f"echo after_keep >> {NOTES}; test -e /data/free || sleep 600",
        after_rollback=WRITES["after_rollback"],
    )
    running = bench.cli.start("update", "db=1.1", *QUICK, "--yes", "--json")
    running.until("hook-started")
    until(lambda: bench.notes() == ["after_keep"], 20, "the hook runs")
    os.kill(running.worker(), signal.SIGKILL)
    running.wait()
    execs.run(bench.engine, "p-db-1", "touch /data/free")
    said = bench.cli.json("recover", f"--{way}", *QUICK)
    assert said.of("run-interrupted")[0]["recommended"] == "forward"
    assert said.finished["outcome"] == {"forward": "kept", "back": "rolled-back"}[way]
    assert bench.notes() == ["after_keep", "after_keep" if way == "forward" else "after_rollback"]
    assert bench.runs() == runs
    assert bench.cli.json("recover", f"--{way}").finished["outcome"] == "usage"


# --- told elsewhere -----------------------------------------------------------------------------------------------


def test_a_url_and_a_command_are_told_of_failures_and_ends(bench: Bench) -> None:
    with webhook.serving() as server:
        bench.update("1.1", "--notify", server.url, "--notify", "sh -c 'cat >> told.jsonl; echo >> told.jsonl'").ended(
            "kept", 0
        )
        end = server.wait("end")
        assert (end["project"], end["run"], end["outcome"]) == ("p", 1, "kept")
        events = [json.loads(line) for line in (bench.cli.runs()[-1] / "journal.jsonl").read_text().splitlines()]
        assert events[end["seq"] - 1]["type"] == "finished"
        until((bench.folder / "told.jsonl").exists, 20, "the command is told")
        told = [json.loads(line) for line in (bench.folder / "told.jsonl").read_text().splitlines()]
        assert told == [end]
        said = bench.update("1.2", "--notify", server.url).ended("rolled-back", 1)
        until(lambda: [n["event"] for n in server.got] == ["end", "failure", "end"], 20, lambda: str(server.got))
        assert server.got[-1]["outcome"] == "rolled-back"
    everything = bench.journals() + said.out + said.err + bench.cli.run("history", "p", "2").out
    assert TOKEN not in everything


def test_a_question_that_waits_is_told_though_nobody_is_there(bench: Bench) -> None:
    bench.write({"notify": "$TELL"})
    with webhook.serving() as server:
        (bench.folder / ".env").write_text(f"TELL={server.url}\n")
        bench.update("1.1", "--confirm-within", "6s").ended("rolled-back", 1)
        asked, end = server.wait("decision"), server.wait("end")
    assert (asked["question"], asked["default"], end["outcome"]) == ("outcome", "rollback", "rolled-back")
    assert TOKEN not in bench.journals()
    assert "127.0.0.1" in bench.cli.run("doctor", "p").out


@pytest.mark.sample(1, reason="each case is another receiver")
@pytest.mark.parametrize("how", ["down", "slow", "redirecting", "failing"])
def test_one_that_cannot_be_told_is_a_warning_and_holds_nothing_up(bench: Bench, how: str) -> None:
    does = {
        "down": webhook.well,
        "slow": webhook.hangs,
        "redirecting": webhook.redirects(307, "https://127.0.0.1:1/there"),
        "failing": webhook.redirects(500, ""),
    }[how]
    with webhook.serving(does) as server:
        if how == "down":
            server.server_close()
        running = bench.cli.start("update", "db=1.1", *QUICK, "--yes", "--json", "--notify", server.url)
        said = running.wait().ended("kept", 0)
    assert bench.runs() == "1.1"
    told = [json.loads(line) for line in (bench.cli.runs()[-1] / "journal.jsonl").read_text().splitlines()]
    [notified] = [event for event in told if event["type"] == "notified"]
    assert notified["problem"]["code"] == "notify-failed"
    facts = notified["problem"]["facts"]
    why = {
        "down": ("Connection refused", None),
        "slow": (None, "no-answer-within"),
        "redirecting": (None, "redirects-to-other-scheme"),
        "failing": (None, "http-status"),
    }
    facts = notified["problem"]["facts"]
    assert (facts.get("reason"), facts.get("reason_code")) == why[how]
    assert said.events[-1]["type"] == "finished"
    assert "could not be notified" in bench.cli.run("history", "p", "1").out
    assert TOKEN not in bench.journals()
