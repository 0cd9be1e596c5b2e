from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import command_line
import sample_run as sample
from every_event import run_of
from ws9tui.core.journal import events as e
from ws9tui.core.model.plan import DataTarget
from ws9tui.core.model.project import Project, Service
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.core.store import backup as backups
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation, GenerationService
from ws9tui.core.store.store import Store
from ws9tui.problems.problem import read

History = Callable[..., tuple[int, str]]


@pytest.fixture
def history(history: command_line.History) -> History:
    """Return a call of `ws9tui history`: its status, and what it writes."""

    def call(*arguments: str) -> tuple[int, str]:
        status, *written = history(*arguments)
        return status, "".join(written)

    return call


def record_generation(kept: Store, number: int, version: str, *, reached: bool = True) -> None:
    services = {
        "git": GenerationService("git", Reference("example.org/git:1"), f"sha256:{version}", version=version),
        "batch": GenerationService("batch", Reference("example.org/batch:1"), sample.OLD, state="stopped"),
    }
    source = ProjectSource("shop", "/srv/shop", ("/srv/shop/compose.yml",))
    models = {name: Service(name, service.reference) for name, service in services.items()}
    recorded = Generation(number, sample.AT, 7, Project(source, models), services, (), reached=reached)
    generation.write(kept.project("shop"), recorded, {})


def test_runs_and_generations_are_listed(kept: Store, history: History) -> None:
    sample.recorded(kept, *sample.whole())
    sample.recorded(kept, *sample.committed(number=8))
    sample.recorded(
        kept,
        *sample.looked(number=9),
        e.Finished(at=sample.AT, outcome=Outcome.REFUSED, problem=read("network-missing", {"network": "shop"})),
    )
    record_generation(kept, 3, "1.25.1")
    record_generation(kept, 4, "1.25.5", reached=False)
    status, written = history()
    assert status == 0
    lines = written.splitlines()
    assert lines[0] == "shop in /srv/shop"
    found = {line.split()[0]: line for line in lines if line.startswith("  ")}
    assert found["7"].endswith("root  update  kept         git 1.25.1 → 1.25.5")
    assert "INTERRUPTED" in found["8"]
    assert found["9"].endswith("refused      network shop does not exist")
    assert found["4"].endswith("git 1.25.5 and batch (stopped); not verified to run")
    assert found["3"].endswith("git 1.25.1 and batch (stopped)")


def test_generations_are_told_by_what_differs_from_what_runs(kept: Store, history: History, state_dir: Path) -> None:
    sample.recorded(kept, *sample.whole())
    for number, version in ((1, "1.25.0"), (2, "1.25.1"), (3, "1.25.5")):
        record_generation(kept, number, version, reached=number != 3)
    assert history("--pin", "1")[0] == 0
    lines = history()[1].splitlines()
    head = next(place for place, line in enumerate(lines) if line == "Generations")
    assert lines[head + 1].endswith("differs from generation 2")
    assert [line.split("  ")[-1] for line in lines[head + 2 : head + 5]] == [
        "git 1.25.5; not verified to run",
        "runs: git 1.25.1 and batch (stopped)",
        "git 1.25.0; pinned",
    ]
    listed = [json.loads(line) for line in history("--json")[1].splitlines()]
    assert [one["pinned"] for one in listed if one["type"] == "generation"] == [True, False, False]
    assert str(state_dir) in history("--pin", "1")[1]


def test_one_run_is_told_in_full(kept: Store, history: History) -> None:
    failed = e.LogsSaved(
        at=sample.AT,
        service="git",
        container="shop-git-1",
        name="logs/git.log",
        size=60,
        role="failed",
        tail=("one", "\x1b[31mpanic: \ufffd no database\x1b[0m"),
    )
    folder = sample.recorded(kept, *sample.whole()[:-2], failed, *sample.KEPT)
    status, written = history("7")
    assert status == 0
    for text in (
        "Run 7 of shop: update",
        "  outcome  kept",
        "  who      root (ssh from 10.0.0.7, /dev/pts/0)",
        "  engine   Docker 28.5.2 on server-3 (amd64), Compose 5.6.1",
        "Decided: git, Next, by root (ssh from 10.0.0.7, /dev/pts/0)",
        "Decided: Apply, by root (ssh from 10.0.0.7, /dev/pts/0)",
        "    recreate  git  image 1.25.1 → 1.25.5",
        "recreate  git                2.0 s  done",
        "git      OK      2.0 s",
        f"  {folder}/logs/git.log (failed container shop-git-1, 60 B)",
        "      | panic: \ufffd no database",
        "Pulled example.org/git:1: 48 MB in 1.3 s",
    ):
        assert text in written, text


def test_a_run_as_events(kept: Store, history: History) -> None:
    sample.recorded(kept, *sample.whole())
    status, written = history("shop", "7", "--json")
    assert status == 0
    events = [json.loads(line) for line in written.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0]["type"] == "run-requested"
    assert events[-1]["message"].startswith("Generation 2 runs")


def test_runs_and_generations_as_json(kept: Store, history: History) -> None:
    sample.recorded(kept, *sample.whole())
    record_generation(kept, 4, "1.25.5")
    _, written = history("--json")
    found = [json.loads(line) for line in written.splitlines()]
    assert [(one["type"], one["number"]) for one in found] == [("run", 7), ("generation", 4)]
    assert found[0]["outcome"] == "kept"
    assert found[1]["services"]["git"]["version"] == "1.25.5"


def test_the_project_is_found_by_name_folder_and_where_one_stands(
    kept: Store, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "blog"
    folder.mkdir()
    sample.recorded(kept, *sample.whole("blog", folder=folder, number=1))
    sample.recorded(kept, *sample.whole())
    assert history()[0] == 2
    told = history()[1]
    assert "There are several projects: " in told
    assert f"blog     {folder}" in told
    assert "shop     /srv/shop" in told
    assert "runs" not in told  # the engine was not asked
    for argument in ("blog", str(folder), f"{folder}/compose.yml", "./blog"):
        assert history(argument)[1].startswith("blog in")
    monkeypatch.chdir(folder)
    assert history()[1].startswith("blog in")
    assert history("1")[1].startswith("Run 1 of blog")
    assert history("shop", "7")[1].startswith("Run 7 of shop")


def test_a_project_whose_name_is_a_number(kept: Store, history: History) -> None:
    sample.recorded(kept, *sample.whole("2048", number=1))
    assert history("2048")[1].startswith("2048 in")
    assert history("2048", "1")[1].startswith("Run 1 of 2048")


def test_what_is_not_there_is_said(kept: Store, history: History) -> None:
    status, written = history()
    assert status == 2
    assert written.startswith("ws9tui: No history is recorded here.")
    sample.recorded(kept, *sample.whole())
    assert history("nope")[0] == 2
    status, written = history("99")
    assert status == 2
    assert "There is no run 99 of shop." in written


def test_reading_makes_nothing(history: History, state_dir: Path) -> None:
    assert history()[0] == 2
    assert not state_dir.exists()


def test_a_saved_log_is_not_read(kept: Store, history: History) -> None:
    logs = e.LogsSaved(service="git", container="c", name="logs/git.log", size=8, role="failed")
    folder = sample.recorded(kept, *sample.looked(number=1), logs)
    (folder / "logs").mkdir()
    (folder / "logs" / "git.log").write_text("password")  # it has what the container wrote, unmasked
    assert "logs/git.log" in history("1")[1]
    assert "password" not in history("1")[1]


def test_no_text_in_a_journal_does_harm(kept: Store, history: History) -> None:
    hostile = "\x1b[2J\x9b31m\u202e\n[red]"
    events = [event for event in run_of(hostile) if not isinstance(event, e.ProjectFound)]
    sample.recorded(kept, *sample.looked(number=5, verb=Verb.RECOVER), *events)
    for arguments in ((), ("5",), ("5", "--json"), ("--json",)):
        status, written = history(*arguments)
        assert status == 0
        assert all(line.isprintable() for line in written.splitlines())


def test_backups_are_listed_with_their_sizes(kept: Store, history: History, state_dir: Path) -> None:
    record_generation(kept, 4, "1.25.1")
    begun = backups.begin(kept.project("shop"), backups.Backup(4, "git", "before", "r1", sample.OLD, sample.AT, ""), "")
    target = DataTarget("/data", "volume", "shop_git")
    part = backups.Part(target, "0.tar.gz", 3_000_000, "", 1_000_000, "", 12, 0.0)
    made = backups.finish(kept.project("shop"), msgspec.structs.replace(begun, parts=(part,)))
    status, written = history()
    assert status == 0
    command = f"ws9tui rollback shop --to NUMBER --data --state-dir {state_dir}"
    assert f"Backups of data, 1 MB in total; '{command}' restores one" in written
    [row] = [line.split() for line in written.splitlines() if made.folder in line]
    assert row[0] == "4"
    assert "git" in row
    assert "3" in row
    [listed] = [json.loads(line) for line in history("--json")[1].splitlines() if '"backup"' in line]
    assert (listed["service"], listed["size"], listed["stored"]) == ("git", 3_000_000, 1_000_000)
