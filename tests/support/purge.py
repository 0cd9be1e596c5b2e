"""Upstream's migration from the legacy layout to the modern one, by the effects of its stages, and where it stops."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
from typing import TYPE_CHECKING, Any

from . import behaviours, execs, images, volumes, websoft9
from .images import ImageSpec
from .websoft9 import COMPONENTS, Websoft9

if TYPE_CHECKING:
    from pathlib import Path

    from .machine import Machine

BARE = (
    *("apphub_logs", "apphub_media", "apphub_config", "portainer", "portainer_data", "gitea", "gitea_data"),
    *("nginx_data", "nginx_letsencrypt", "nginx_modsec", "nginx_var"),
)
"""the names by which upstream removes volumes, whoever has them"""
STAGES = (
    *("backed up", "pulled", "stopped", "transformed", "started", "validated", "rewritten"),
    *("containers purged", "volumes purged", "folders purged", "applications stopped", "applications started"),
    "cleaned up",
)
"""after each of which something is different, in their order"""
_APPLICATION = """\
services:
  wiki:
    image: wiki:1.0
    container_name: $W9_ID
    restart: unless-stopped
    volumes:
      - wiki:/data
      - ./src:/etc/wiki
  init:
    image: wiki-init:1.0
    container_name: $W9_ID-init
    restart: on-failure
volumes:
  wiki:
networks:
  default:
    name: websoft9
    external: true
"""


class Migration:
    """One migration of an installation; each stage has the effects of those before it."""

    def __init__(self, machine: Machine, site: Websoft9, application: Websoft9) -> None:
        self.machine = machine
        self.site = site
        self.application = application
        self.client: Any = site.engine.client()
        self.legacy = [f"websoft9-{name}" for name in COMPONENTS]
        self.volumes = {f"{service}:{path}": name for (service, path), name in _volumes(site).items()}
        self.modern: Websoft9 | None = None

    def until(self, last: str) -> None:
        """Let it come as far as this stage, and stop there."""
        for name in STAGES:
            getattr(self, name.replace(" ", "_"))()
            if name == last:
                return
        raise AssertionError(f"no stage {last}")

    @property
    def data(self) -> Path:
        """The modern layout's data root."""
        return self.machine.root / "opt" / "websoft9" / "data"

    def backed_up(self) -> None:
        """Stage 2: copies of the volumes, made while all runs; nothing looks at whether they are whole."""
        folder = self.machine.root / "var" / "lib" / "websoft9" / "backups" / "legacy-migration-1"
        folder.mkdir(parents=True, exist_ok=True)
        for volume in set(self.volumes.values()):
            with tarfile.open(folder / f"{volume}.tar.gz", "w:gz", compresslevel=1) as tar:
                tar.add(volumes.path_of(self.site.engine, volume), "data")

    def pulled(self) -> None:
        """Stages 3 and 4: the files of today, which reuse the network, and the image."""
        self.modern = websoft9.modern(self.site.engine, self.machine.root, self.machine.state, "latest")
        self.modern.compose("pull", "product")

    def stopped(self) -> None:
        """Stage 5: the four containers are stopped, and nothing is ever started again."""
        for name in self.legacy:
            self.client.containers.get(name).stop(timeout=1)

    def transformed(self) -> None:
        """Stage 6: the legacy volumes are copied, some only in part, into the new data root; so are the stacks."""
        for place, volume in list(self.volumes.items())[::2]:
            copy = self.data / place.replace("/", "_")
            shutil.copytree(volumes.path_of(self.site.engine, volume), copy, symlinks=True)
        shutil.copytree(self.machine.root / "compose", self.data / "compose", symlinks=True)

    def started(self) -> None:
        """Stage 7: the one container of today has the same project's name, the ports and the network."""
        assert self.modern is not None
        self.modern.compose("up", "-d", "--no-deps", "product")

    def validated(self) -> None:
        """Stages 8 and 9: keys are imported, and sessions are made in what the container of today has."""
        (self.data / "config.json").write_text('{"https_enabled": true}\n')
        (self.data / "console.db").write_text("accounts of today\n")

    def rewritten(self) -> None:
        """Stage 10: the addresses of the stacks' repositories, in Portainer's new database."""
        (self.data / "portainer.db").write_text("http://127.0.0.1:3001/websoft9/wiki.git\n")

    def containers_purged(self) -> None:
        """Stage 11: the legacy containers go first."""
        for name in self.legacy:
            self.client.containers.get(name).remove(force=True)

    def volumes_purged(self) -> None:
        """Stage 11: volumes by bare names; here those of two services have such, whose content goes."""
        for volume in self.volumes.values():
            if volume in BARE or volume.endswith(("_gitea", "_nginx_data")):
                self.client.volumes.get(volume).remove(force=True)

    def folders_purged(self) -> None:
        """Stage 11: the source folder, and the installer's applications."""
        data = self.machine.root / "data"
        for folder in (data / "websoft9" / "source", data / "apps" / "w9services", data / "apps" / "websoft9"):
            shutil.rmtree(folder, ignore_errors=True)

    def applications_stopped(self) -> None:
        """Stage 12: Portainer stops each stack, with which its containers go."""
        self.application.compose("down")

    def applications_started(self) -> None:
        """Stage 12: and it starts each: other containers on the same volume and folder."""
        self.application.compose("up", "-d")

    def cleaned_up(self) -> None:
        """What an operator does afterwards: all that is not used goes, images and their tags too."""
        for volume in self.volumes.values():
            found = self.client.volumes.list(filters={"name": volume})
            for one in found:
                one.remove(force=True)
        for image in self.client.images.list():
            if any(tag.startswith("websoft9dev/") and ":latest" not in tag for tag in image.tags):
                self.client.images.remove(image.id, force=True)


def application(machine: Machine, site: Websoft9) -> Websoft9:
    """Have an application run as Portainer deploys it: in its folder, with a volume of its own and a one-shot."""
    folder = machine.root / "compose" / "7"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "wiki.ini").write_text("[wiki]\n")
    specs = {"wiki": behaviours.idle(), "wiki-init": behaviours.exit0()}
    for name, behaviour in specs.items():
        images.push(machine.registry, f"library/{name}", "1.0", ImageSpec("1.0", behaviour=behaviour))
    (folder / "docker-compose.yml").write_text(_APPLICATION)
    (folder / ".env").write_text("W9_ID=wiki_ab12c\n")
    made = Websoft9(machine.engine, folder, site.cli, "wiki_ab12c")
    made.compose("up", "-d")
    return made


def _volumes(site: Websoft9) -> dict[tuple[str, str], str]:
    """The volumes of an installation, by service and path."""
    return {
        (service, mount["Destination"]): mount["Name"]
        for service, details in site.containers().items()
        for mount in details["Mounts"]
        if mount["Type"] == "volume"
    }


def fill(site: Websoft9) -> None:
    """Give an installation data as it has some: databases, repositories, stacks, and one of everything."""
    engine = site.engine
    mounts = _volumes(site)
    volumes.fill(volumes.path_of(engine, mounts["git", "/data"]))
    for service in ("proxy", "git"):
        database = sqlite3.connect(volumes.path_of(engine, mounts[service, "/data"]) / "database.sqlite")
        with database:
            database.execute("create table hosts (name text)")
            database.executemany("insert into hosts values (?)", [(f"{service}-{n}",) for n in range(500)])
        database.close()
    execs.run(engine, site.ids()["deployment"], "mkdir -p /data/compose/5 && echo services: >/data/compose/5/stack.yml")
    services = site.folder.parents[2] / "apps" / "w9services" / "wordpress"
    services.mkdir(parents=True)
    (services / "docker-compose.yml").write_text("services: {}\n")
    (site.folder / "notes of the operator.txt").write_text("do not lose\n")
