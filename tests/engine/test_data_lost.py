"""Data that cannot be brought back is not the end: what is no data is left alone, and the images go back without."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from support import behaviours, images, projects, volumes
from support.attended import attended
from support.cli import QUICK, Cli
from support.images import ImageSpec
from support.shop import Shop, broken, open_shop
from support.socketproxy import socket_proxy
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine
MEMORY = """\
name: memory
services:
  db:
    image: HOST/memory:1.0.0
    restart: unless-stopped
    volumes: [cache:/cache, data:/data]
    x-ws9tui: {backup: true}
volumes:
  cache: {driver_opts: {type: tmpfs, device: tmpfs, o: size=1m}}
  data:
"""


@pytest.mark.sample(1, reason="what is in memory is no matter of the image store")
@pytest.mark.both_stores
def test_a_volume_in_memory_is_no_data(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    """It is told in the plan; what else there is of data is saved, and goes back."""
    for version, script in (
        ("1.0.0", "echo 1 > /cache/warm; [ -e /data/schema ] || echo 1 > /data/schema"),
        ("2.0.0", "echo 2 > /data/schema; exit 1"),
    ):
        images.push(registry, "memory", version, ImageSpec(version, behaviour=behaviours.shell(script)))
    text = MEMORY.replace("HOST", registry.host)
    project = projects.write(project_folder, text, name="memory", services=("db",))
    projects.up(clean_engine, project)
    said = Cli(clean_engine, state_dir, project_folder).json("update", "db=2.0.0", *QUICK).ended("rolled-back", 1)
    plan = said.of("planned")[0]["plan"]
    assert [target["target"] for backup in plan["backups"] for target in backup["targets"]] == ["/data"]
    [told] = [note["facts"] for note in plan["notes"] if note["code"] == "volume-not-data"]
    assert told == {"service": "db", "volume": "memory_cache", "kind": "tmpfs"}
    assert (volumes.path_of(clean_engine, "memory_data") / "schema").read_text() == "1\n"
    projects.wait_well(clean_engine, project)


@pytest.mark.sample(1, reason="where data comes from is no matter of the image store")
@pytest.mark.both_stores
def test_where_no_data_comes_back_the_images_do(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    """The first command that is told is that way, and works as pasted, though the data still cannot be written."""
    shop: Shop = open_shop(clean_engine, registry, project_folder, state_dir)
    shop.offer(behaviour=broken(2))
    with socket_proxy(clean_engine) as proxy:
        cli = Cli(clean_engine, state_dir, project_folder, {"DOCKER_HOST": proxy.address})
        with attended(cli, Verb.UPDATE, "shop", monitor=1.0) as run:
            run.go(Question.SELECT, Question.VERSIONS, db="2.0.0")
            run.until(e.Asked, lambda asked: asked.question is Question.CONFIRM)
            proxy.refuses = "PUT /containers/[^/]+/archive"
            run.go(Question.CONFIRM)
            run.answer(Question.FAILED, Choice.ROLL_BACK_DATA)
            finished = run.finished
        assert finished.outcome is Outcome.NEEDS_RECOVERY
        first, second, *_ = (
            cli.json("recover", "shop", "--back", *QUICK).ended("needs-recovery", 5).finished["commands"]
        )
        assert "--back --no-data" in first
        assert "--back" in second
        env = {"PATH": clean_engine.env()["PATH"], "HOME": clean_engine.env()["HOME"]}
        done = subprocess.run(
            ["sh", "-c", first], cwd="/", env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1, done.stdout
    assert "is not restored" in done.stdout
    assert shop.images() == {f"{registry.host}/db:1.0.0", f"{registry.host}/app:1.0.0"}
