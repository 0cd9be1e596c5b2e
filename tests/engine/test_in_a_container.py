"""ws9tui in a container that has the engine's socket: which paths are the server's, and which are its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import contained, deployed

if TYPE_CHECKING:
    from pathlib import Path

    from support.deployed import Deployed
    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine


@pytest.fixture
def updater(clean_engine: Dockerd, registry: Registry) -> str:
    return contained.image(clean_engine, registry)


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path, updater: str) -> Deployed:  # noqa: ARG001  # it is there before
    (project_folder / "data").mkdir()
    return deployed.deploy(clean_engine, registry, project_folder, state_dir, more="    volumes: ['./data:/d']\n")


def test_a_folder_that_the_engine_has_elsewhere_is_refused(pair: Deployed, updater: str, state_dir: Path) -> None:
    """At its own path the project can be updated from in there."""
    engine, folder, pushed = pair.engine, pair.project.folder, pair.offer()
    state_dir.mkdir()
    arguments = ("update", "db=2.0.0", "app=2.0.0", "--monitor", "1s", "--yes", "--json", "--state-dir", "/state")
    said = contained.run(engine, updater, arguments, mounts={folder: "/inside"}, folder="/inside")
    problem = said.ended("refused", 3).finished["problem"]
    assert problem["code"] == "folder-inside"
    assert problem["facts"] == {"path": "/inside", "there": str(folder), "folder": str(folder)}
    assert f"-v {folder}:{folder}" in said.message
    mounts = {folder: str(folder), state_dir: str(folder / "data")}
    said = contained.run(engine, updater, arguments, mounts=mounts, folder=str(folder))
    problem = said.ended("refused", 3).finished["problem"]
    assert (problem["facts"]["service"], problem["facts"]["there"]) == ("app", str(state_dir))
    pair.assert_untouched()

    mounts = {folder: str(folder), state_dir: "/state"}
    doctor = contained.run(engine, updater, ("doctor", "--json"), mounts={folder: str(folder)}, folder=str(folder))
    found = {event["finding"]["problem"]["code"]: event["finding"]["level"] for event in doctor.of("found")}
    assert (found["inside-container"], found["state-inside"]) == ("ok", "warning")
    contained.run(engine, updater, arguments, mounts=mounts, folder=str(folder)).ended("kept", 0)
    pair.assert_new(pushed)
