"""The engine's disk becomes read-only in the middle of an update, as the kernel makes it after an error on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import deployed
from support.dockerd import Dockerd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.deployed import Deployed
    from support.registry import Registry


@pytest.fixture
def pair(registry: Registry, project_folder: Path, state_dir: Path) -> Iterator[Deployed]:
    """Return a deployment on an engine with a disk of its own."""
    with Dockerd(store=registry.store, storage_size_mb=900) as engine:
        yield deployed.deploy(engine, registry, project_folder, state_dir)


def test_a_commit_ends_with_what_runs_and_what_to_do(pair: Deployed) -> None:
    """No way back is possible: that is seen soon, and told; once the disk is well again, what ran is brought back."""
    pair.offer()
    running = pair.start()
    running.until("container-step", service="db", text="Recreated")
    pair.engine.lock_disk()
    said = running.wait().ended("needs-recovery", 5)
    again = pair.cli.json("recover", "pair", "--back", "--monitor", "1s").ended("needs-recovery", 5)
    db = pair.engine.client().containers.get("pair-db-1")
    db_now = "db runs the new image" if db.status == "running" else "db is stopped"
    for one in (said, again):
        assert one.finished["problem"]["code"] == "rollback-failed"
        assert one.finished["problem"]["facts"]["reason"] == "engine-disk-read-only"
        for words in ("disk is read-only", "check 'dmesg'", db_now, "app runs the old image"):
            assert words in one.message, words
        assert " recover pair --back" in one.finished["commands"][0]
        assert "Traceback" not in one.out + one.err
        assert len(one.of("step-started")) < 12  # it has not been tried again and again
    assert "app runs the old image" in pair.history("1")

    pair.engine.repair_disk()
    pair.cli.json("recover", "pair", "--back", "--monitor", "1s").ended("rolled-back", 1)
    pair.assert_back()


def test_a_pull_changes_nothing(pair: Deployed) -> None:
    """It says why, and what runs goes on."""
    pushed = pair.offer()
    pair.engine.lock_disk()
    said = pair.update()
    assert said.status in (1, 3), said.tail()
    assert said.finished["problem"]["code"] == "engine-disk-read-only"
    assert "Nothing was changed" in said.message
    pair.engine.repair_disk()
    pair.update().ended("kept", 0)
    pair.assert_new(pushed)
