"""The state directory is lost: what the engine still has, by its keep tags, leads back to the exact former images."""

from __future__ import annotations

import os
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest
from test_recovery import composes

from support import deployed, processes, projects
from support.attended import operator
from support.deployed import NEW, OLD, Deployed
from support.wait import until
from ws9tui.core import events as e

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Deployed:
    return deployed.deploy(clean_engine, registry, project_folder, state_dir)


def lose_state(pair: Deployed) -> None:
    shutil.rmtree(pair.cli.state)


def kept_tags(pair: Deployed) -> set[str]:
    api: Any = pair.engine.client().api
    return {tag for image in api.images() for tag in image["RepoTags"] or [] if tag.startswith("ws9tui.keep/")}


def half_way(pair: Deployed) -> None:
    """Have an update killed between the two containers."""
    running = pair.start()
    folder = until(lambda: pair.cli.runs()[-1:], 20, "there is a run")[0]
    until((folder / "journal.jsonl").exists, 10, "it has a journal")
    with operator(folder) as run:
        run.until(e.ContainerStep, lambda step: step.service == "app" and step.text == "Recreate")
        os.kill(run.pid, signal.SIGKILL)
        processes.kill(composes(pair))
    assert running.wait().status == 5


def is_old(pair: Deployed, images: dict[str, str]) -> None:
    projects.wait_well(pair.engine, pair.project)
    assert pair.images() == images
    env = pair.project.env_file.read_text()
    assert f"APP_VERSION={OLD}" in env
    assert f"DB_VERSION={OLD}" in env
    projects.assert_no_drift(pair.engine, pair.project)


def test_a_rollback_after_the_records_are_lost(pair: Deployed) -> None:
    old = pair.images()
    pushed = pair.offer()
    pair.update().ended("kept", 0)
    lose_state(pair)
    for version in (OLD, NEW):
        pair.registry.delete("app", version)
    said = pair.cli.json("rollback", "pair", "--monitor", "1s").ended("kept", 0)
    told = [found["finding"]["problem"] for found in said.of("found")]
    assert [(problem["code"], problem["facts"]["numbers"]) for problem in told if problem["code"] == "salvaged"] == [
        ("salvaged", "1, 2")
    ]
    is_old(pair, old)
    assert {tag.partition(":")[2] for tag in kept_tags(pair)} >= {"1-app", "1-db", "2-app", "2-db"}
    pair.cli.json("rollback", "pair", "--to", "2", "--monitor", "1s").ended("kept", 0)
    pair.assert_new(pushed)


@pytest.mark.parametrize("way", ["back", "forward"])
def test_a_recovery_after_the_records_are_lost(pair: Deployed, way: str) -> None:
    old = pair.images()
    pushed = pair.offer()
    half_way(pair)
    lose_state(pair)
    said = pair.cli.json("recover", "pair", f"--{way}", "--monitor", "1s").ended("kept", 0)
    assert "salvaged" in {found["finding"]["problem"]["code"] for found in said.of("found")}
    if way == "back":
        is_old(pair, old)
    else:
        pair.assert_new(pushed)
    assert "nothing to recover" in pair.cli.json("recover", "pair").ended("usage", 2).message
    pair.cli.json("update", *pair.wanted).ended("kept" if way == "back" else "up-to-date", 0)
    pair.assert_new(pushed)


def test_nothing_is_left_to_recover_from(pair: Deployed) -> None:
    """Without records and keep tags nobody knows of another generation: that is said, and nothing is changed."""
    pair.offer()
    pair.update().ended("kept", 0)
    lose_state(pair)
    for tag in kept_tags(pair):
        pair.engine.client().api.remove_image(tag)
    before = pair.now()
    assert "nothing to recover" in pair.cli.json("recover", "pair").ended("usage", 2).message
    assert pair.cli.json("rollback", "pair").ended("usage", 2).finished["problem"]["code"] == "nothing-to-roll-back"
    assert pair.now() == before
