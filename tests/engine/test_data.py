"""Data goes back with the image: saved before an update, restored exactly by a rollback, whatever is killed."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import projects, volumes
from support.cli import QUICK
from support.dockerd import Dockerd
from support.registry import free_port
from support.shop import Shop, broken, open_shop

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from support.cli import Said
    from support.registry import Registry

pytestmark = pytest.mark.engine


@pytest.fixture
def shop(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Shop:
    return open_shop(clean_engine, registry, project_folder, state_dir)


def of(said: Said, kind: str) -> dict[str, Any]:
    [event] = said.of(kind)
    return event


@pytest.mark.always(reason="data comes back with a generation")
def test_a_failed_update_goes_back_with_its_data(shop: Shop) -> None:
    before = shop.trees()
    ids = projects.ids(shop.engine, "shop")
    shop.offer(behaviour=broken(2))

    said = shop.cli.json("update", "db=2.0.0", *QUICK).ended("rolled-back", 1)

    assert shop.trees() == before
    assert shop.images() == {f"{shop.registry.host}/db:1.0.0", f"{shop.registry.host}/app:1.0.0"}
    shop.assert_clean()
    assert projects.ids(shop.engine, "shop")["shop-app-1"] == ids["shop-app-1"]
    plan = said.of("planned")[-1]["plan"]
    [planned] = plan["backups"]
    assert [target["target"] for target in planned["targets"]] == ["/config", "/data"]
    assert all(target["size"] > 0 for target in planned["targets"])
    saved, aside = said.of("backup-made")
    assert (saved["role"], aside["role"]) == ("before", "after")
    restored = of(said, "restore-finished")
    assert restored["folder"] == saved["folder"]
    kinds = [event["type"] for event in said.events]
    assert kinds.index("backup-made") < kinds.index("container-step") < kinds.index("restore-started")
    # What the new version had written was put aside.
    written = [backup for backup in shop.backups() if backup["role"] == "after"]
    [part] = [part for part in written[0]["parts"] if part["target"]["target"] == "/data"]
    archive = zlib.decompress((Path(written[0]["folder"]) / part["archive"]).read_bytes(), 31)
    assert b"/written" in archive
    assert hashlib.sha256(archive).hexdigest() == part["sha256"]


def test_weeks_later_the_data_goes_back_and_forward_again(shop: Shop) -> None:
    before = shop.trees()
    shop.offer()
    shop.cli.json("update", "db=2.0.0", *QUICK).ended("kept", 0)
    assert (shop.data / "schema").read_text() == "2\n"
    (shop.data / "order-77").write_text("paid\n")
    migrated = shop.trees()

    only = shop.cli.json("rollback", "--to", "1", *QUICK).ended("rolled-back", 1)
    assert "newer" not in only.message
    assert shop.trees() == migrated, "image only: the old version refuses the data, and the new one runs again"

    plan = shop.cli.run("rollback", "--to", "1", "--data", "--plan")
    assert "2 files have changed since" in plan.out, plan.out
    said = shop.cli.json("rollback", "--to", "1", "--data", *QUICK).ended("kept", 0)
    assert shop.trees() == before
    shop.assert_clean()
    assert of(said, "restore-finished")["service"] == "db"
    projects.assert_no_drift(shop.engine, shop.project)

    history = shop.cli.run("history").out
    assert "Backups" in history, history
    newest = max(backup["generation"] for backup in shop.backups())
    shop.cli.json("rollback", "--to", str(newest), "--data", *QUICK).ended("kept", 0)
    assert shop.trees() == migrated
    shop.assert_clean()


@pytest.fixture
def elsewhere(registry: Registry, project_folder: Path, state_dir: Path) -> Iterator[tuple[Shop, Mapping[str, str]]]:
    """A shop on a disk with a file system of its own, and the variables by which its engine is on another machine."""
    port = free_port()
    flags = [f"--host=tcp://127.0.0.1:{port}", "--tls=false"]
    with Dockerd(store=registry.store, storage_size_mb=900, flags=flags) as engine:
        yield open_shop(engine, registry, project_folder, state_dir), {"DOCKER_HOST": f"tcp://127.0.0.1:{port}"}


def test_extended_attributes_and_holes_need_the_engines_own_machine(
    elsewhere: tuple[Shop, Mapping[str, str]],
) -> None:
    shop, far = elsewhere
    shop.offer(behaviour=broken(2))
    before = shop.trees()
    shop.cli.json("update", "db=2.0.0", *QUICK).ended("rolled-back", 1)
    assert shop.trees() == before

    said = shop.cli.json("update", "db=2.0.0", *QUICK, env=far).ended("rolled-back", 1)
    [note] = [note for note in of(said, "planned")["plan"]["notes"] if note["code"] == "extras-not-saved"]
    assert note["facts"] == {"service": "db", "target": "/config, /data"}
    told = [found["finding"]["problem"] for found in said.of("found")]
    assert {problem["facts"]["target"] for problem in told if problem["code"] == "extras-not-saved"} == {
        "/config",
        "/data",
    }
    assert [volumes.carried(tree) for tree in shop.trees()] == [volumes.carried(tree) for tree in before]
    assert shop.trees() != before
