"""A project in one file: saved while it is stopped, and made again from nothing but that and its images."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import images, processes, projects, purge, volumes
from support import websoft9_images as look_alikes
from support.cli import QUICK, Cli
from support.dockerd import STORES, Dockerd
from support.images import ImageSpec
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.deployed import Deployed
    from support.machine import Machine
    from support.registry import Registry
    from support.websoft9 import Websoft9

pytestmark = pytest.mark.engine


def definitions(engine: Dockerd, project: str) -> dict[str, Any]:
    """What each container is made of, without what every container has of its own."""
    found = {}
    for name, details in projects.containers(engine, project).items():
        config, host = details["Config"], details["HostConfig"]
        own = ("com.docker.compose.replace", "com.docker.compose.depends_on")  # the latter is in no order
        labels = {key: value for key, value in config["Labels"].items() if key not in own}
        mounts = sorted((m["Type"], m.get("Name") or m["Source"], m["Destination"], m["RW"]) for m in details["Mounts"])
        anonymous = [(kind, "*" if len(source) == 64 else source, *rest) for kind, source, *rest in mounts]
        found[name] = {
            "image": details["Image"],
            "config": {key: config[key] for key in ("Cmd", "Entrypoint", "User")} | {"Labels": labels},
            "environment": sorted(config["Env"]),
            "ports": host["PortBindings"],
            "restart": host["RestartPolicy"]["Name"] or "no",
            "mounts": anonymous,
            "networks": sorted(details["NetworkSettings"]["Networks"]),
            "running": details["State"]["Running"],
        }
    return found


def trees(folders: list[Path]) -> dict[str, Any]:
    """All that is in these folders; the folders that they are in have times of their own."""
    return {str(folder): volumes.tree(folder) for folder in folders}


def state_of(site: Websoft9) -> dict[str, Any]:
    """Data, files and containers of a Websoft9, without the folder of the application that Portainer has started."""
    engine, root = site.engine, site.folder.parents[3]
    client: Any = engine.client()
    names = [volume.name for volume in client.volumes.list() if volume.name.startswith("websoft9_")]
    data = root / "data"
    places = [data / "websoft9" / "source", data / "apps" / "w9services", root / "compose"]
    found = {
        "definitions": definitions(engine, site.project),
        "volumes": {name: volumes.tree(volumes.path_of(engine, name)) for name in names},
        "labels": {name: client.volumes.get(name).attrs["Labels"] for name in names},
        "folders": trees(places),
    }
    stacks = found["folders"][str(root / "compose")]
    found["folders"][str(root / "compose")] = {name: one for name, one in stacks.items() if name.split("/")[0] != "7"}
    return found


def state_of_application(application: Websoft9) -> dict[str, Any]:
    """What a restore of the platform must leave alone: the containers, and all that they have."""
    volume = volumes.path_of(application.engine, f"{application.project}_wiki")
    return {"containers": application.ids(), "trees": dict(enumerate(trees([volume, application.folder]).values()))}


def assert_state(before: dict[str, Any], after: dict[str, Any], when: str) -> None:
    """Compare part by part, so that a failure names what differs."""
    for part, found in before.items():
        assert found.keys() == after[part].keys(), f"{when}: {part}"
        for name, one in found.items():
            assert after[part][name] == one, f"{when}: {part} {name}"


STOPS = ("started", "applications stopped", "cleaned up")
"""those that leave most different things: both layouts; the applications down after the purge; nothing at all"""


@pytest.mark.parametrize(
    "stops",
    [
        pytest.param(STOPS, id="three"),
        pytest.param(purge.STAGES, id="all", marks=pytest.mark.full(reason="a restore for each stage")),
    ],
)
def test_a_purge_that_stops_anywhere_is_undone_by_a_restore(
    machine: Machine, tmp_path: Path, stops: tuple[str, ...]
) -> None:
    """The migration of upstream, stopped after a stage: data, files and containers are as they were.

    The application that runs beside it, on a volume and in a folder of Portainer's, goes on with what it has now.
    """
    site = machine.legacy("2.2.17")
    look_alikes.push_modern(machine.registry, "2.3.4", "latest")
    application = purge.application(machine, site)
    purge.fill(site)
    before_ids = site.ids()
    file = tmp_path / "disk" / "websoft9.tar"
    file.parent.mkdir()
    said = site.cli.json("backup", site.project, "-o", str(file), *QUICK).ended("backed-up", 0)
    assert site.ids() == before_ids
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    plan = said.of("planned")[-1]["plan"]
    assert {note["code"] for note in plan["notes"]} >= {"left-out-special", "saved-secrets", "saved-others"}
    assert min(plan["downtime"].values()) > 0
    before = state_of(site)
    for name in stops:
        migration = purge.Migration(machine, site, application)
        migration.until(name)
        (application.folder / "src" / f"written after {name}").write_text("later than the backup\n")
        (volumes.path_of(site.engine, f"{application.project}_wiki") / name).touch()
        apart = state_of_application(application)
        if name == "started":
            refused = site.cli.json("restore", str(file), *QUICK).ended("refused", 3)
            assert refused.finished["problem"]["code"] == "restore-overwrites"
        said = site.cli.json("restore", str(file), "--overwrite", *QUICK).ended("restored", 0)
        notes = said.of("planned")[-1]["plan"]["notes"]
        assert {"code": "restore-spares", "facts": {"path": str(application.folder)}} in notes
        site.wait_well()
        assert_state(before, state_of(site), name)
        assert state_of_application(application) == apart, name
        site.assert_no_drift()
        if (migration.data / "console.db").exists():  # what the modern one had written stays
            assert (migration.data / "console.db").read_text() == "accounts of today\n"
        shutil.rmtree(machine.root / "opt", ignore_errors=True)
        application.compose("up", "-d")
    machine.assert_others_untouched()
    application.compose("down", "--volumes")


_PROJECT = """\
name: shop
services:
  db:
    image: {host}/db:1.0.0
    restart: unless-stopped
    volumes: [data:/data, outer:/outer, /anon, ./conf:/conf:ro]
  web:
    image: {host}/web:1.0.0
    depends_on: [db]
    env_file: secret.env
    volumes: [{single}:/etc/single.conf:ro, {outside}:/outside]
    networks: [default, shared]
  side:
    image: {host}/web:1.0.0
    volumes_from: [db]
volumes:
  data: {{}}
  outer: {{name: of-all, external: true}}
networks:
  shared: {{name: of-all, external: true}}
"""


@pytest.fixture(name="shop")
def shop_of_everything(clean_engine: Dockerd, registry: Registry, tmp_path: Path) -> Iterator[projects.Project]:
    """A project of all kinds of mounts: a volume, an external one, an anonymous one, folders, a single file."""
    for name in ("db", "web"):
        images.push(registry, name, "1.0.0", ImageSpec())
    make_outer(clean_engine)
    outside, folder = tmp_path / "outside", tmp_path / "srv" / "shop"
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "db.ini").write_text("[db]\n")
    (folder / "secret.env").write_text("PASSWORD=hunter2\n")
    outside.mkdir(mode=0o750)
    volumes.fill(outside)
    (tmp_path / "single.conf").write_text("single\n")
    (tmp_path / "single.conf").chmod(0o640)
    text = _PROJECT.format(host=registry.host, single=tmp_path / "single.conf", outside=outside)
    project = projects.write(folder, text, name="shop", services=("db", "web", "side"))
    projects.up(clean_engine, project)
    for volume in ("shop_data", "of-all"):
        volumes.fill(volumes.path_of(clean_engine, volume))
    (anonymous(clean_engine) / "unnamed").write_text("and yet not lost\n")
    yield project
    with contextlib.suppress(Exception):
        clean_engine.client().networks.get("of-all").remove()


def make_outer(engine: Dockerd) -> None:
    """Make what the project takes for given."""
    client: Any = engine.client()
    pool = {"Driver": "default", "Config": [{"Subnet": "10.231.7.0/24", "Gateway": "10.231.7.1"}]}
    client.api.create_network("of-all", "bridge", labels={"owner": "shop"}, ipam=pool)
    client.volumes.create("of-all", labels={"owner": "shop"})


def anonymous(engine: Dockerd) -> Path:
    """The folder of the anonymous volume."""
    details = projects.containers(engine, "shop")["shop-db-1"]
    [name] = [mount["Name"] for mount in details["Mounts"] if mount["Destination"] == "/anon"]
    return volumes.path_of(engine, name)


def shop_state(engine: Dockerd, tmp_path: Path, project: projects.Project) -> dict[str, Any]:
    """Data, files and containers of the shop."""
    places = [volumes.path_of(engine, name) for name in ("shop_data", "of-all")]
    found = [volumes.tree(place) for place in (*places, anonymous(engine), project.folder, tmp_path / "outside")]
    single = (tmp_path / "single.conf").lstat()
    network: Any = engine.client().networks.get("of-all").attrs
    made = definitions(engine, "shop")
    for one in made.values():  # another engine has other image IDs; Compose hashes the ID of a container that is joined
        del one["image"]
        for label in ("image", "config-hash"):
            del one["config"]["Labels"][f"com.docker.compose.{label}"]
    return {
        "trees": dict(enumerate(found)),
        "definitions": made,
        "single": {"mode": single.st_mode, "text": (tmp_path / "single.conf").read_text()},
        "network": {key: network[key] for key in ("Driver", "IPAM", "Internal")}
        | {"owner": network["Labels"]["owner"]},
    }


@pytest.mark.always(reason="it is what a backup is for")
def test_a_project_is_made_again_on_another_host(clean_engine: Dockerd, shop: projects.Project, tmp_path: Path) -> None:
    """Images, volumes, an external network: all comes from the file; a kill in the middle is no matter."""
    file = tmp_path / "shop.tar"
    cli = Cli(clean_engine, tmp_path / "state", tmp_path)
    cli.json("backup", "shop", "-o", str(file), "--images", *QUICK).ended("backed-up", 0)
    before = shop_state(clean_engine, tmp_path, shop)
    projects.compose(clean_engine, shop.folder, "down", "--volumes")
    shutil.rmtree(shop.folder.parent)
    shutil.rmtree(tmp_path / "outside")
    (tmp_path / "single.conf").unlink()
    other_store = next(store for store in STORES if store != clean_engine.store)
    with Dockerd(store=other_store) as other:
        there = Cli(other, tmp_path / "other-state", tmp_path)
        running = there.start("restore", str(file), "--yes", "--json", *QUICK)
        running.until("step-started", subject=str(tmp_path / "outside"))
        os.kill(running.worker(), signal.SIGKILL)
        assert running.wait().status == 5
        there.json("update", "shop").ended("refused", 3)
        there.json("recover", "shop", *QUICK).ended("restored", 0)
        projects.wait_well(other, shop)
        assert_state(before, shop_state(other, tmp_path, shop), "on another host")
        ids = projects.ids(other, "shop")
        projects.compose(other, shop.folder, "up", "-d")
        assert projects.ids(other, "shop") == ids
        again = there.run("restore", str(file), "--plan", "--json").finished
        assert again["outcome"] == "planned"
        projects.compose(other, shop.folder, "down", "--volumes")


def test_a_backup_that_cannot_be_finished_leaves_nothing_stopped(pair: Deployed, tmp_path: Path) -> None:
    """A disk that fills up, and a worker that is killed, while all services are stopped."""
    data = pair.project.folder / "data"
    data.mkdir()
    (data / "random").write_bytes(os.urandom(48 << 20))
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "none", str(disk)], check=True)
    ids = projects.ids(pair.engine, "pair")
    try:
        running = pair.cli.start("backup", "pair", "-o", str(disk / "pair.tar"), "--yes", "--json", *QUICK)
        running.until("pause-started")
        with (disk / "filler").open("wb") as filler, contextlib.suppress(OSError):
            while True:
                os.posix_fallocate(filler.fileno(), filler.tell(), 1 << 20)
                filler.seek(1 << 20, os.SEEK_CUR)
        said = running.wait().ended("unchanged", 1)
        assert said.finished["problem"]["code"] == "saved-unwritable"
        assert projects.ids(pair.engine, "pair") == ids
        projects.wait_well(pair.engine, pair.project)
        assert [entry.name for entry in disk.iterdir()] == ["filler"]
        assert said.of("pause-ended")
    finally:
        processes.unmount(disk)

    running = pair.cli.start("backup", "pair", "-o", str(disk / "pair.tar"), "--yes", "--json", *QUICK)
    running.until("step-started", subject=str(pair.project.folder))
    os.kill(running.worker(), signal.SIGKILL)
    assert running.wait().status == 5
    stopped = projects.containers(pair.engine, "pair")
    assert not any(details["State"]["Running"] for details in stopped.values())
    assert list(disk.iterdir()) == []
    refused = pair.update().ended("refused", 3)
    assert " recover pair" in refused.message
    pair.cli.json("recover", "pair", *QUICK).ended("kept", 0)
    assert projects.ids(pair.engine, "pair") == ids
    projects.wait_well(pair.engine, pair.project)
    until(lambda: not processes.select(processes.mentions("ws9tui-data-")), 10, "no holder is left")
    pair.cli.json("backup", "pair", "-o", str(disk / "pair.tar"), *QUICK).ended("backed-up", 0)
    assert [entry.name for entry in disk.iterdir()] == ["pair.tar"]
