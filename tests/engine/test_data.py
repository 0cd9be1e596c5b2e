"""Data goes back with the image: saved before an update, restored exactly by a rollback, whatever is killed."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, images, projects, volumes
from support.behaviours import Behaviour
from support.cli import Cli, Said
from support.images import ImageSpec
from support.projects import Project

if TYPE_CHECKING:
    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine

QUICK = ("--monitor", "1s")
TEXT = """\
name: shop
services:
  db:
    image: HOST/db:1.0.0
    restart: unless-stopped
    volumes: [db-data:/data, ./config:/config, ./one.conf:/one.conf]
    x-ws9tui: {backup: SETTING}
  app:
    image: HOST/app:1.0.0
    restart: unless-stopped
    volumes: [app-data:/srv]
volumes: {db-data: , app-data: }
"""


@dataclass
class Shop:
    """A database that refuses a newer schema, with data of all kinds, and an application beside it."""

    engine: Dockerd
    registry: Registry
    folder: Path
    state: Path
    project: Project

    @property
    def cli(self) -> Cli:
        return Cli(self.engine, self.state, self.folder)

    @property
    def data(self) -> Path:
        return volumes.path_of(self.engine, "shop_db-data")

    def trees(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return volumes.tree(self.data), volumes.tree(self.folder / "config")

    def offer(self, version: str = "2.0.0", behaviour: Behaviour | None = None) -> None:
        """Put a version into the registry that migrates the data to schema 2, and writes into it."""
        made = behaviour or behaviours.migrate(2)
        images.push(self.registry, "db", version, ImageSpec(version, behaviour=made, volumes=("/data",)))

    def images(self) -> set[str]:
        return {str(details["Config"]["Image"]) for details in projects.containers(self.engine, "shop").values()}

    def backups(self) -> list[dict[str, Any]]:
        return [
            json.loads(path.read_bytes()) for path in sorted(self.state.glob("projects/*/backups/*/*/manifest.json"))
        ]

    def assert_clean(self) -> None:
        """Assert that no holder and no half-made backup is left, and that the project is well."""
        api: Any = self.engine.client().api
        assert api.containers(all=True, filters={"label": "ws9tui.holds"}) == []
        assert all(backup["complete"] for backup in self.backups())
        assert len(list(self.state.glob("projects/*/backups/*/*"))) == len(self.backups())
        projects.wait_well(self.engine, self.project)


def broken(schema: int) -> Behaviour:
    """Migrate the data, write into it, and never be well."""
    return Behaviour(
        behaviours.migrate(schema).script.replace("httpd", "echo new > /data/written; rm -f /data/hard\nhttpd", 1),
        "echo 'cannot read table' >&2; exit 1",
    )


@pytest.fixture
def shop(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Shop:
    for name, made in (("db", behaviours.migrate(1)), ("app", behaviours.serve())):
        spec = ImageSpec("1.0.0", behaviour=made, volumes=("/data",) if name == "db" else ())
        images.push(registry, name, "1.0.0", spec)
    text = TEXT.replace("HOST", registry.host).replace("SETTING", "true")
    (project_folder / "config").mkdir()
    (project_folder / "config" / "app.ini").write_text("colour = blue\n")
    (project_folder / "one.conf").write_text("a single file is no data\n")
    project = projects.write(project_folder, text, name="shop", services=("db", "app"))
    projects.up(clean_engine, project)
    shop = Shop(clean_engine, registry, project_folder, state_dir, project)
    volumes.fill(shop.data)
    return shop


def of(said: Said, kind: str) -> dict[str, Any]:
    [event] = said.of(kind)
    return event


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
    assert "2 files were changed since" in plan.out, plan.out
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
