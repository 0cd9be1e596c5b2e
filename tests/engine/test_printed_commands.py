"""Each command that is printed is pasted into another shell, in another folder, and does there what was said of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from support import deployed, projects
from support.attended import beside
from support.cli import Said
from support.deployed import NEW, Deployed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry

TICKED = re.compile(r"`([^`]+)`")
QUOTED = re.compile(r"'([^']* [^']*)'")
PROGRAMS = ("ws9tui ", "docker ", "docker-compose ")


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, tmp_path: Path) -> Deployed:
    """Return a deployment in a folder with an odd name, and whose state is in another one."""
    pair = deployed.deploy(clean_engine, registry, tmp_path / "my project", tmp_path / "state of it")
    pair.offer()
    return pair


def printed(*texts: str) -> list[str]:
    """Return all commands in what was printed: those in quotes, and those on lines of their own."""
    found: list[str] = []
    for text in texts:
        for line in text.splitlines():
            own = line.strip() if line.startswith("    ") and line[4:5].strip() else ""
            found += [own] if own else TICKED.findall(line) + QUOTED.findall(TICKED.sub("", line))
    return [command for command in found if any(program in f"{command} " for program in PROGRAMS)]


def one(commands: Sequence[str], part: str) -> str:
    """Return the command that has this part."""
    found = list(dict.fromkeys(command for command in commands if part in command))
    assert len(found) == 1, f"{part}: {commands}"
    return found[0]


def paste(pair: Deployed, command: str, *, answers: str = "") -> Said:
    """Type a command in a fresh shell that knows nothing, elsewhere; ``answers`` stand for somebody who is asked."""
    env = {"PATH": pair.engine.env()["PATH"], "HOME": pair.engine.env()["HOME"]}
    assert "DOCKER_HOST" not in env
    done = subprocess.run(
        ["sh", "-c", f"{command} {answers}".strip()],
        cwd="/", env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def test_the_way_back_and_the_history(pair: Deployed) -> None:
    said = pair.cli.run("update", *pair.wanted, "--yes")
    assert said.status == 0, said.out
    commands = printed(said.out)
    by_number = paste(pair, one(commands, "rollback pair --to 1"), answers="--plan")
    assert by_number.status == 0, by_number
    # The text says that it brings generation 1 back; the plan says it, too.
    told = printed(by_number.out)
    assert paste(pair, one(told, "rollback pair --to 2"), answers="--plan").status == 0
    back = paste(pair, one(commands, "rollback pair --state-dir"), answers="--yes --monitor 1s")
    assert back.status == 0, back
    projects.wait_well(pair.engine, pair.project)
    assert NEW not in pair.project.env_file.read_text()
    listed = pair.cli.run("history", "pair")
    run = paste(pair, one(printed(listed.out), "history pair RUN").replace("RUN", "1"))
    assert run.status == 0, run
    assert "Run 1 of pair" in run.out


def test_a_run_that_was_killed(pair: Deployed) -> None:
    """What the front end of a dead worker prints, and what the next ones do."""
    running = pair.cli.start("update", *pair.wanted, "--yes", "--json")
    running.until("container-step")
    os.kill(running.worker(), signal.SIGKILL)
    said = running.wait()
    assert said.status == 5, said.tail()
    commands = said.finished["commands"]
    assert all(f"'{command}'" in said.message or command in said.message for command in commands)
    refused = pair.cli.run("update", *pair.wanted, "--yes")
    assert refused.status == 3, refused
    seen = paste(pair, one(printed(refused.out), "recover pair"), answers="--back --plan")
    assert seen.status == 0, seen
    back = paste(pair, one(commands, "--back"), answers="--monitor 1s")
    assert back.status == 1, back
    projects.wait_well(pair.engine, pair.project)
    pair.assert_back()
    nothing = paste(pair, one(commands, "--forward"))
    assert nothing.status == 2, nothing
    for command in printed(nothing.out):
        again = paste(pair, command.replace("--to N", "--to 1"), answers="--plan" if "recover" in command else "")
        assert again.status == 0, f"{command}: {again}"
    assert paste(pair, one(commands, "history")).status == 0


def test_a_live_run_is_attached_to(pair: Deployed) -> None:
    running = pair.cli.start("update", *pair.wanted, "--yes", "--json", "--monitor", "15s")
    running.until("watch-started")
    busy = beside(pair.cli.start("update", *pair.wanted, "--yes"))
    assert busy.status == 4, busy
    watched = paste(pair, one(printed(busy.out), "attach pair"))
    assert watched.status == 0, watched
    assert "Updated" in watched.out
    running.wait().ended("kept", 0)
    over = paste(pair, one(printed(busy.out), "attach pair"))
    assert over.status == 2
    assert paste(pair, one(printed(over.err), "history pair")).status == 0


def test_what_stops_an_update_is_mended_by_what_is_printed(pair: Deployed) -> None:
    file = pair.project.file
    good = file.read_text()
    file.write_text(good.replace("    image", "   - image", 1))
    said = pair.cli.run("update", "--yes")
    assert said.status == 2, said
    command = one(printed(said.out), " config ")
    assert paste(pair, command).status != 0
    file.write_text(good)
    mended = paste(pair, command)
    assert mended.status == 0, mended

    more = good.replace("  app:\n", "  app:\n    networks: [default, outer]\n", 1)
    file.write_text(more + "networks: {outer: {external: true, name: pair-outer}}\n")
    said = pair.cli.run("doctor", "pair")
    assert said.status == 3, said
    made = paste(pair, one(printed(said.out), "network create"))
    assert made.status == 0, made
    try:
        assert "pair-outer does not exist" not in pair.cli.run("doctor", "pair").out
        plan = pair.cli.run("update", "pair", "--plan")
        assert plan.status == 0, plan
    finally:
        subprocess.run(
            ["docker", "network", "rm", "pair-outer"], env=pair.engine.env(), check=True, capture_output=True
        )


def test_a_project_that_is_known_from_nowhere(pair: Deployed, tmp_path: Path) -> None:
    """Nothing of it is recorded, and it has no containers: it is named by its files."""
    folder = tmp_path / "other place"
    folder.mkdir()
    (folder / "compose.yaml").write_text(pair.project.file.read_text().replace("name: pair", "name: other"))
    (folder / ".env").write_text("NOTHING=1\n")
    (folder / "compose.yaml").write_text("name: other\nservices:\n  web: {image: 'nowhere.invalid/x:1', build: .}\n")
    cli = replace(pair.cli, folder=folder)
    said = cli.run("doctor")
    for command in printed(said.out):
        done = paste(pair, re.sub(r"\)?$", r" --help\g<0>", command, count=1))
        assert done.status == 0, f"{command}: {done}"
    refused = cli.run("install", str(folder), "--yes")
    assert refused.status == 3, refused
    command = one(printed(refused.out), " build web")
    asked = paste(pair, command.replace(" build web", " ps --all --quiet"))  # it needs the engine, and no builder
    assert (asked.status, asked.out) == (0, ""), asked
