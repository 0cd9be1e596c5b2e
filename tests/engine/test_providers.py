"""Services that a provider gives variables to: they have them after an update, as plain Compose gives them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import behaviours, images, programs, projects, unpacked
from support.bench import OneProject
from support.cli import QUICK
from support.images import ImageSpec

if TYPE_CHECKING:
    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine

# as Compose calls it: NAME compose --project-name=P up|down|metadata …
PROVIDER = """\
#!/bin/sh
for word in "$@"; do
    case $word in
    up) echo up >> HERE/calls
        [ ! -e HERE/broken ] || { echo '{"type": "error", "message": "no room"}'; exit 1; }
        echo "{\\"type\\": \\"setenv\\", \\"message\\": \\"URL=db://$(cat HERE/value)\\"}";;
    esac
done
"""
TEXT = """\
name: p
services:
  db: {provider: {type: made-here, options: {size: small}}}
  web: {image: "HOST/web:1.0", depends_on: [db]}
  api: {image: "HOST/web:1.0", depends_on: {db: {condition: service_started}, web: {condition: service_started}}}
  side: {image: "HOST/web:1.0", network_mode: "service:web", depends_on: [db]}
  alone: {image: "HOST/web:1.0"}
"""


@dataclass
class Provided(OneProject):
    """A project p with a provider, and the provider's folder."""

    provider: Path

    def environments(self) -> dict[str, list[str]]:
        """Return what each container has from the provider."""
        found = projects.containers(self.engine, "p")
        return {
            name: [entry for entry in details["Config"]["Env"] if entry.startswith("DB_")]
            for name, details in found.items()
        }

    def hashes(self) -> dict[str, str]:
        """Return by what Compose knows each definition again, what a provider gives included."""
        found = projects.containers(self.engine, "p")
        return {name: made["Config"]["Labels"]["com.docker.compose.config-hash"] for name, made in found.items()}

    def assert_as_plain(self) -> None:
        """Assert that plain Compose, which makes what has a provider's variables anew each time, makes the same."""
        before = (self.environments(), self.hashes())
        self.compose("up", "-d", "db", "web", "api", "alone")
        assert (self.environments(), self.hashes()) == before


@pytest.fixture
def provided(
    clean_engine: Dockerd,
    registry: Registry,
    project_folder: Path,
    state_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Provided:
    for tag in ("1.0", "1.1"):
        images.push(registry, "web", tag, ImageSpec(tag, behaviour=behaviours.idle()))
    images.push(registry, "web", "1.2", ImageSpec("1.2", behaviour=behaviours.crash()))
    here = tmp_path / "provider"
    here.mkdir()
    (here / "value").write_text("one")
    programs.write(here / "made-here", PROVIDER.replace("HERE", str(here)))
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{here}")
    projects.write(project_folder, TEXT.replace("HOST", registry.host), name="p", services=())
    return Provided(clean_engine, registry, project_folder, state_dir, here)


GIVEN = {
    "p-web-1": ["DB_URL=db://one"],
    "p-api-1": ["DB_URL=db://one"],
    "p-side-1": ["DB_URL=db://one"],
    "p-alone-1": [],
}


def test_what_a_provider_gives_is_there_after_an_update_and_a_rollback(provided: Provided) -> None:
    provided.compose("up", "-d")
    assert provided.environments() == GIVEN
    calls = len((provided.provider / "calls").read_text().splitlines())
    said = provided.cli.json("update", *QUICK).ended("up-to-date", 0)
    states = {event["service"]["name"]: event["service"] for event in said.of("service-observed")}
    assert states["db"]["problem"]["code"] == "provided"
    assert len((provided.provider / "calls").read_text().splitlines()) == calls, "nobody asked it before the commit"

    provided.compose("stop", "api")
    provided.cli.json("update", "web=1.1", "api=1.1", *QUICK).ended("kept", 0)
    assert provided.environments() == GIVEN
    api = projects.containers(provided.engine, "p")["p-api-1"]
    assert (api["State"]["Status"], api["Config"]["Image"].rpartition(":")[2]) == ("created", "1.1")
    provided.compose("start", "api")
    provided.assert_as_plain()
    provided.cli.json("rollback", *QUICK).ended("kept", 0)
    assert provided.environments() == GIVEN
    provided.cli.json("update", "web=1.2", *QUICK).ended("rolled-back", 1)
    assert provided.environments() == GIVEN
    projects.compose(provided.engine, provided.folder, "start")
    provided.assert_as_plain()


def test_a_service_that_waits_for_a_job_too_keeps_all_that_compose_notes(
    provided: Provided, registry: Registry
) -> None:
    """The job cannot be named: it would run again. So web is made first and started afterwards, as it is."""
    images.push(registry, "job", "1.0", ImageSpec("1.0", behaviour=behaviours.exit0()))
    job = "{image: HOST/job:1.0}\n  after: {image: HOST/web:1.0, depends_on: {job: {condition: CONDITION}}}"
    text = TEXT.replace("  web:", f"  job: {job}\n  web:", 1).replace(
        "depends_on: [db]}", "depends_on: [db, after]}", 1
    )
    text = text.replace("CONDITION", "service_completed_successfully").replace("HOST", registry.host)
    projects.write(provided.folder, text, name="p", services=())
    provided.compose("up", "-d")
    before = projects.containers(provided.engine, "p")
    provided.cli.json("update", "web=1.1", *QUICK).ended("kept", 0)
    after = projects.containers(provided.engine, "p")
    assert provided.environments() == GIVEN | {"p-job-1": [], "p-after-1": []}
    noted = [found["p-web-1"]["Config"]["Labels"]["com.docker.compose.depends_on"] for found in (before, after)]
    assert sorted(noted[0].split(",")) == sorted(noted[1].split(","))
    assert after["p-job-1"]["State"] == before["p-job-1"]["State"]
    assert after["p-web-1"]["State"]["Running"]


def test_an_update_whose_provider_fails_leaves_what_ran(provided: Provided) -> None:
    provided.compose("up", "-d")
    before = projects.ids(provided.engine, "p")
    (provided.provider / "broken").touch()
    said = provided.cli.json("update", "web=1.1", *QUICK).ended("rolled-back", 1)
    assert "no room" in said.message
    assert projects.ids(provided.engine, "p") == before


def test_a_first_installation_asks_the_provider(provided: Provided) -> None:
    provided.cli.json("install", str(provided.folder), *QUICK).ended("kept", 0)
    assert provided.environments() == GIVEN
    provided.assert_as_plain()
    (provided.provider / "value").write_text("two")
    provided.cli.json("update", "web=1.1", "api=1.1", "side=1.1", *QUICK).ended("kept", 0)
    assert provided.environments()["p-web-1"] == ["DB_URL=db://two"], "what plain Compose would give it now"
    provided.assert_as_plain()


def test_a_compose_without_providers_says_so(provided: Provided) -> None:
    old = unpacked.COMPOSE.folder / unpacked.COMPOSE.program
    said = provided.cli.run("doctor", "--json", env={"PATH": f"{old.parent}:{os.environ['PATH']}"})
    assert said.status == 2
    assert "provider" in said.message
