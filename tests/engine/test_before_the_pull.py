"""What an `up` would stumble over is found before a byte is pulled: exit status 3, with the command that helps."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from support import images, projects
from support.attended import attended
from support.cli import Cli
from support.images import ImageSpec
from support.snapshot import assert_same, snapshot
from ws9tui.core import events as e
from ws9tui.core.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.projects import Project
    from support.registry import Registry

_TEXT = """\
name: kinds
services:
  web:
    image: {host}/kinds:1.0.0
    init: true
    stop_grace_period: 1s
    {more}
  other:
    image: {host}/kinds:1.0.0
    init: true
{top}
"""
one_name_twice = pytest.mark.only_store("overlay2", reason="later engines make no second network of a name")


class Kinds:
    """A project of two services whose definition is edited, and the next version of both in the registry."""

    def __init__(self, engine: Dockerd, registry: Registry, folder: Path, state: Path) -> None:
        self.engine, self.host, self.folder = engine, registry.host, folder
        for version in ("1.0.0", "2.0.0"):
            images.push(registry, "kinds", version, ImageSpec(version))
        self.project: Project = projects.write(folder, "", name="kinds", services=("web", "other"))
        self.cli = Cli(engine, state, folder.parent)
        self.write()
        projects.up(engine, self.project)

    @property
    def api(self) -> Any:  # noqa: ANN401  # the SDK's client has no types
        return self.engine.client().api

    def write(self, more: str = "", top: str = "") -> None:
        self.project.file.write_text(_TEXT.format(host=self.host, more=more, top=top))

    def update(self) -> Any:  # noqa: ANN401
        return self.cli.json("update", "kinds", "web=2.0.0", "--monitor", "1s")

    def refused(self, code: str) -> dict[str, str]:
        """Be refused before anything is pulled, by the doctor too; return the facts."""
        before = snapshot(self.engine, self.folder)
        for said in (self.cli.run("doctor", "kinds", "--json"), self.update()):
            said.ended("refused", 3)
            assert said.finished["problem"]["code"] == code, said.message
            assert not said.of("pull_started")
        assert_same(before, snapshot(self.engine, self.folder))
        facts: dict[str, str] = said.finished["problem"]["facts"]
        return facts

    def type(self, message: str, words: str) -> None:
        """Do as a message says: type the one command in it that has these words."""
        (command,) = [part for part in message.split("'")[1::2] if words in part]
        done = subprocess.run(
            ["bash", "-c", command], env=self.engine.env(), cwd="/", check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.fixture
def kinds(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Kinds:
    return Kinds(clean_engine, registry, project_folder, state_dir)


@pytest.mark.parametrize(
    ("more", "top"),
    [
        ("secrets: [s]", "secrets: {s: {file: ./gone}}"),
        ("configs: [s]", "configs: {s: {file: ./gone}}"),
        ("volumes: [{type: bind, source: ./gone, target: /gone, bind: {create_host_path: false}}]", ""),
    ],
)
def test_a_file_that_is_mounted_is_gone(kinds: Kinds, more: str, top: str) -> None:
    kinds.write(more, top)
    gone = kinds.folder / "gone"
    assert kinds.refused("path-missing") == {"service": "web", "path": str(gone)}
    gone.write_text("here again\n")
    kinds.update().ended("kept", 0)


def test_an_external_volume_is_gone(kinds: Kinds) -> None:
    kinds.write("volumes: [data:/data]", "volumes: {data: {external: true, name: kinds_data}}")
    assert kinds.refused("volume-missing") == {"volume": "kinds_data"}
    kinds.type(kinds.update().message, "volume create")
    kinds.update().ended("kept", 0)


def second_network(kinds: Kinds) -> str:
    """Make another network of the name, as a second client can that asks at the same time."""
    made: str = kinds.api.create_network("kinds_default", check_duplicate=False)["Id"]
    return made


@one_name_twice
def test_two_networks_of_one_name(kinds: Kinds) -> None:
    second = second_network(kinds)
    facts = kinds.refused("network-ambiguous")
    assert facts["spare"] == second[:12]
    assert len(facts["ids"].split(", ")) == 2
    said = kinds.update()
    assert all(one in said.message for one in facts["ids"].split(", "))
    kinds.type(said.message, "network rm")
    kinds.update().ended("kept", 0)


@one_name_twice
def test_a_second_network_that_comes_later(kinds: Kinds) -> None:
    """Then neither generation can be reached, and what is told brings the former back."""
    with attended(kinds.cli, Verb.UPDATE, "kinds", monitor=1.0) as run:
        run.answer(Question.SELECT, Choice.GO, ("web", "other"), web="2.0.0", other="2.0.0")
        run.go(Question.VERSIONS)
        run.until(e.Asked, lambda asked: asked.question is Question.CONFIRM)
        second = second_network(kinds)
        run.go(Question.CONFIRM)
        run.answer(Question.FAILED, Choice.ROLL_BACK)
        finished = run.finished
    assert finished.outcome is Outcome.NEEDS_RECOVERY
    assert finished.problem
    assert finished.problem.facts["reason"] == "network-ambiguous"
    assert finished.problem.facts["spare"] == second[:12]
    said = kinds.cli.json("recover", "kinds", "--back").ended("needs-recovery", 5)
    assert second[:12] in said.message
    kinds.type(said.message, "network rm")
    kinds.cli.json("recover", "kinds", "--back").ended("rolled-back", 1)
    projects.wait_well(kinds.engine, kinds.project)
    projects.assert_no_drift(kinds.engine, kinds.project)
