"""A newer version has migrated data that was not saved, and the earlier one refuses it: going back is not well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import behaviours, images, projects
from support.cli import Cli
from support.images import ImageSpec
from support.shop import broken

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine


def test_it_is_told_and_the_newer_version_is_the_way_out(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    projects.push_stack(registry)
    project = projects.stack(project_folder, registry.host)
    projects.up(clean_engine, project)
    for version, behaviour in (("2.0.0", broken(2)), ("2.0.1", behaviours.migrate(2))):
        images.push(registry, "db", version, ImageSpec(version, behaviour=behaviour, volumes=("/data",)))
    cli = Cli(clean_engine, state_dir, project_folder)

    said = cli.json("update", "db=2.0.0", "--no-backup", "--monitor", "1s").ended("rolled-back", 1)
    unwell = [event["finding"] for event in said.of("found") if event["finding"]["problem"]["code"] == "back-unwell"]
    assert [finding["service"] for finding in unwell] == ["db"]
    assert "But db is not OK." in said.message
    logs = {event["role"]: event["name"] for event in said.of("logs-saved") if event["service"] == "db"}
    run = cli.runs()[-1]
    assert "schema 2 is newer than 1" in (run / logs["failed"]).read_text()

    cli.json("update", "db=2.0.1", "--no-backup", "--monitor", "1s").ended("kept", 0)
    projects.wait_well(clean_engine, project)
