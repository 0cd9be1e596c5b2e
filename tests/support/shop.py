"""A shop whose database refuses a newer schema, with data of all kinds, and an application beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import behaviours, images, projects, volumes
from .behaviours import Behaviour
from .cli import Cli
from .images import ImageSpec

if TYPE_CHECKING:
    from pathlib import Path

    from .dockerd import Dockerd
    from .projects import Project
    from .registry import Registry

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
        """The command line in its folder."""
        return Cli(self.engine, self.state, self.folder)

    @property
    def data(self) -> Path:
        """Where its database is on this machine."""
        return volumes.path_of(self.engine, "shop_db-data")

    def trees(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return all that is in its database's volume and in its folder."""
        return volumes.tree(self.data), volumes.tree(self.folder / "config")

    def offer(self, version: str = "2.0.0", behaviour: Behaviour | None = None) -> None:
        """Put a version into the registry that migrates the data to schema 2, and writes into it."""
        made = behaviour or behaviours.migrate(2)
        images.push(self.registry, "db", version, ImageSpec(version, behaviour=made, volumes=("/data",)))

    def images(self) -> set[str]:
        """Return the references that its containers were made from."""
        return {str(details["Config"]["Image"]) for details in projects.containers(self.engine, "shop").values()}

    def backups(self) -> list[dict[str, Any]]:
        """Return the manifests of its backups."""
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
    """Migrate the data, write into it, and give up again and again."""
    migrates = behaviours.migrate(schema).script.partition("httpd")[0]
    return Behaviour(f"{migrates}echo new > /data/written; rm -f /data/hard\necho 'fatal: no table' >&2\nexit 1\n")


def open_shop(engine: Dockerd, registry: Registry, folder: Path, state: Path, *, backup: str = "true") -> Shop:
    """Start it, and fill its database."""
    for name, made in (("db", behaviours.migrate(1)), ("app", behaviours.serve())):
        spec = ImageSpec("1.0.0", behaviour=made, volumes=("/data",) if name == "db" else ())
        images.push(registry, name, "1.0.0", spec)
    text = TEXT.replace("HOST", registry.host).replace("SETTING", backup)
    (folder / "config").mkdir()
    (folder / "config" / "app.ini").write_text("colour = blue\n")
    (folder / "one.conf").write_text("a single file is no data\n")
    project = projects.write(folder, text, name="shop", services=("db", "app"))
    projects.up(engine, project)
    shop = Shop(engine, registry, folder, state, project)
    volumes.fill(shop.data)
    return shop
