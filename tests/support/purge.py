"""Upstream's migration from the legacy layout to the modern one, by the effects of its stages, and where it stops."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

from . import execs, volumes, websoft9
from .websoft9 import COMPONENTS, Websoft9

if TYPE_CHECKING:
    from collections.abc import Callable

    from .machine import Machine

BARE = (
    *("apphub_logs", "apphub_media", "apphub_config", "portainer", "portainer_data", "gitea", "gitea_data"),
    *("nginx_data", "nginx_letsencrypt", "nginx_modsec", "nginx_var"),
)
"""the names by which upstream removes volumes, whoever has them"""


class Migration:
    """One migration of an installation; each stage has the effects of those before it."""

    def __init__(self, machine: Machine, site: Websoft9) -> None:
        self.machine = machine
        self.site = site
        self.client: Any = site.engine.client()
        self.legacy = [f"websoft9-{name}" for name in COMPONENTS]
        self.volumes = self._volumes()
        self.modern: Websoft9 | None = None

    def _volumes(self) -> dict[str, str]:
        """The volumes of the four containers, by service and path."""
        return {
            f"{service}:{mount['Destination']}": mount["Name"]
            for service, details in self.site.containers().items()
            for mount in details["Mounts"]
            if mount["Type"] == "volume"
        }

    def until(self, last: str) -> None:
        """Let it come as far as this stage, and stop there."""
        for name, stage in self.stages.items():
            stage()
            if name == last:
                return
        raise AssertionError(f"no stage {last}")

    @property
    def stages(self) -> dict[str, Callable[[], None]]:
        """The stages after which something is different, in their order."""
        return {
            "stopped": self.stop,
            "transformed": self.transform,
            "started": self.start,
            "containers purged": self.purge_containers,
            "volumes purged": self.purge_volumes,
            "folders purged": self.purge_folders,
            "cleaned up": self.clean_up,
        }

    def stop(self) -> None:
        """Stage 5: the four containers are stopped, and nothing is ever started again."""
        for name in self.legacy:
            self.client.containers.get(name).stop(timeout=1)

    def transform(self) -> None:
        """Stage 6: the legacy volumes are copied, some only in part, into the new data root."""
        data = self.machine.root / "opt" / "websoft9" / "data"
        for place, volume in list(self.volumes.items())[::2]:
            shutil.copytree(volumes.path_of(self.site.engine, volume), data / place.replace("/", "_"), symlinks=True)

    def start(self) -> None:
        """Stages 7 to 10: the one container of today has the same project's name, the ports and the network."""
        shutil.rmtree(self.machine.root / "opt")
        self.modern = websoft9.modern(self.site.engine, self.machine.root, self.machine.state, "latest")
        self.modern.compose("up", "-d", "--no-deps", "product")
        (self.modern.folder / "data" / "console.db").write_text("accounts of today\n")

    def purge_containers(self) -> None:
        """Stage 11: the legacy containers go first."""
        for name in self.legacy:
            self.client.containers.get(name).remove(force=True)

    def purge_volumes(self) -> None:
        """Stage 11: volumes by bare names; here those of two services have such, whose content goes."""
        for volume in self.volumes.values():
            if volume in BARE or volume.endswith(("_gitea", "_nginx_data")):
                self.client.volumes.get(volume).remove(force=True)

    def purge_folders(self) -> None:
        """Stage 11: the source folder, and the installer's applications."""
        data = self.machine.root / "data"
        for folder in (data / "websoft9" / "source", data / "apps" / "w9services", data / "apps" / "websoft9"):
            shutil.rmtree(folder, ignore_errors=True)

    def clean_up(self) -> None:
        """What an operator does afterwards: all that is not used goes, images and their tags too."""
        for volume in self.volumes.values():
            found = self.client.volumes.list(filters={"name": volume})
            for one in found:
                one.remove(force=True)
        for image in self.client.images.list():
            if any(tag.startswith("websoft9dev/") and ":latest" not in tag for tag in image.tags):
                self.client.images.remove(image.id, force=True)


def fill(site: Websoft9) -> None:
    """Give an installation data as it has some: databases, repositories, stacks, and one of everything."""
    engine = site.engine
    mounts = {
        (service, mount["Destination"]): mount["Name"]
        for service, details in site.containers().items()
        for mount in details["Mounts"]
        if mount["Type"] == "volume"
    }
    volumes.fill(volumes.path_of(engine, mounts["git", "/data"]))
    for service in ("proxy", "git"):
        database = sqlite3.connect(volumes.path_of(engine, mounts[service, "/data"]) / "database.sqlite")
        with database:
            database.execute("create table hosts (name text)")
            database.executemany("insert into hosts values (?)", [(f"{service}-{n}",) for n in range(500)])
        database.close()
    execs.run(engine, site.ids()["deployment"], "mkdir -p /data/compose/7 && echo services: >/data/compose/7/stack.yml")
    services = site.folder.parents[2] / "apps" / "w9services" / "wordpress"
    services.mkdir(parents=True)
    (services / "docker-compose.yml").write_text("services: {}\n")
    (site.folder / "notes of the operator.txt").write_text("do not lose\n")
