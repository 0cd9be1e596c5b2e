"""Hooks that fail: named as the cause on the way forward, and told after a way back, where no hook runs twice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, execs, images, projects
from support.bench import OneProject
from support.cli import QUICK, Said
from support.images import ImageSpec
from support.registry import Registry

if TYPE_CHECKING:
    from support.dockerd import Dockerd

pytestmark = pytest.mark.engine

CHECK = 'post_start: [{command: ["sh", "-c", "test ! -e /data/fail"], user: root}]'


class Hooked(OneProject):
    """A project p whose service web has hooks."""

    def write(self, hooks: str) -> None:
        text = f"""\
name: p
services:
  web:
    image: {self.registry.host}/web:1.0
    volumes: [data:/data]
    {hooks}
  other: {{image: "{self.registry.host}/web:1.0", depends_on: [web]}}
volumes: {{data: {{}}}}
"""
        projects.write(self.folder, text, name="p", services=())

    def started(self) -> int:
        """Return how often a hook of web that says so in its container has run."""
        return execs.attempt(self.engine, "p-web-1", "cat /tmp/hook")[1].count("started")

    def up(self) -> dict[str, str]:
        projects.compose(self.engine, self.folder, "up", "-d")
        return projects.ids(self.engine, "p")

    def states(self) -> dict[str, tuple[str, str]]:
        found = projects.containers(self.engine, "p")
        return {
            name: (made["State"]["Status"], made["Config"]["Image"].rpartition(":")[2]) for name, made in found.items()
        }


@pytest.fixture
def hooked(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Hooked:
    for tag in ("1.0", "1.1"):
        images.push(registry, "web", tag, ImageSpec(tag, behaviour=behaviours.idle()))
    spoils = behaviours.shell("touch /data/fail; exit 1")
    images.push(registry, "web", "1.2", ImageSpec("1.2", behaviour=spoils))
    images.push(registry, "hook", "1", ImageSpec("1", behaviour=behaviours.exit0()))
    images.push(registry, "hook", "2", ImageSpec("2", behaviour=behaviours.crash(status=7)))
    return Hooked(clean_engine, registry, project_folder, state_dir)


def problems(said: Said) -> dict[str, dict[str, Any]]:
    return {entry["finding"]["problem"]["code"]: entry["finding"]["problem"]["facts"] for entry in said.of("found")}


RUNS = {"p-web-1": ("running", "1.0"), "p-other-1": ("running", "1.0")}


def test_a_service_that_is_restarted_with_another_runs_its_hooks(hooked: Hooked) -> None:
    hooked.write(
        """depends_on: {first: {condition: service_started, restart: true}}
    post_start: [{command: ["sh", "-c", "echo started >> /tmp/hook"], user: root}]
  first:
    image: HOST/web:1.0""".replace("HOST", hooked.registry.host)
    )
    before = hooked.up()
    assert hooked.started() == 1
    hooked.cli.json("update", "first=1.1", *QUICK).ended("kept", 0)
    assert hooked.started() == 2
    assert {name for name, made in hooked.up().items() if made != before[name]} == {"p-first-1"}


def test_a_hook_that_fails_on_the_way_back_is_told(hooked: Hooked) -> None:
    hooked.write(CHECK)
    hooked.up()
    said = hooked.cli.json("update", "web=1.2", *QUICK).ended("rolled-back", 1)
    assert hooked.states() == RUNS
    assert problems(said)["back-hook-failed"] == {"service": "web", "status": "1", "reason": ""}
    assert "hook of web failed" in said.message


@pytest.mark.sample(1, reason="each case is another hook")
@pytest.mark.parametrize(
    ("hook", "status"),
    [
        ('post_start: [{command: ["sh", "-c", "exit 3"]}]', "3"),
        pytest.param(
            'post_start: [{command: ["true"]}, {command: ["true"], user: nobody-here}]',
            "126",
            marks=pytest.mark.only_store(
                "overlay2", reason="an engine of today refuses an unknown user before there is a hook that could fail"
            ),
        ),
    ],
)
def test_a_hook_that_fails_on_the_way_forward_is_the_cause(hooked: Hooked, hook: str, status: str) -> None:
    hooked.write("restart: unless-stopped")
    hooked.up()
    hooked.cli.run("adopt", "--json").ended("adopted", 0)
    before = hooked.folder.joinpath("compose.yaml").read_bytes()
    hooked.write(hook)
    said = hooked.cli.json("update", *QUICK).ended("rolled-back", 1)
    assert (said.finished["problem"]["code"], said.finished["problem"]["facts"]["status"]) == ("hook-failed", status)
    assert "hook of web failed" in said.message
    assert "back-hook-failed" not in problems(said)
    assert hooked.states() == RUNS
    assert hooked.folder.joinpath("compose.yaml").read_bytes() == before


def test_what_a_hook_runs_in_is_no_replica(hooked: Hooked) -> None:
    """A hook that ran in a container of its own and failed leaves it there, under the service's name."""
    host = hooked.registry.host
    hooked.write(f"pre_start: [{{image: {host}/hook:1}}]")
    hooked.up()
    hooked.cli.run("adopt", "--json").ended("adopted", 0)
    hooked.write(f"pre_start: [{{image: {host}/hook:2}}]")
    said = hooked.cli.json("update", *QUICK).ended("rolled-back", 1)
    assert (said.finished["problem"]["code"], said.finished["problem"]["facts"]["status"]) == ("hook-failed", "7")
    assert {name: state for name, state in hooked.states().items() if "pre_start" not in name} == RUNS
    hooked.cli.json("update", "web=1.1", *QUICK).ended("kept", 0)
    assert hooked.states()["p-web-1"] == ("running", "1.1")
