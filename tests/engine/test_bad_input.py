"""What cannot be done is said in a sentence, with the status of the contract, and nothing is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import deployed, images, programs, projects
from support.cli import Cli, Said
from support.deployed import NEW, OLD, Deployed
from support.images import ImageSpec
from support.snapshot import assert_same, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.dockerd import Dockerd
    from support.registry import Registry

NOBODY = 65534


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Iterator[Deployed]:
    """Return a deployment that has an update to take, and assert afterwards that it has not taken it."""
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir)
    pair.offer()
    before = pair.now().without("^file ")
    yield pair
    assert_same(before, pair.now().without("^file "))
    assert not pair.cli.generations()
    assert not pair.cli.runs()


def says(said: Said, status: int, *parts: str) -> Said:
    """Assert how a command ended, and that it says why in plain words."""
    text = said.out + said.err
    assert "Traceback" not in text, text
    assert "internal error" not in text, text
    assert said.status == status, text
    for part in parts:
        assert part in text, text
    return said


def plain(pair: Deployed, *arguments: str) -> Said:
    return pair.cli.run("update", str(pair.project.folder), *arguments, "--yes")


def test_arguments_that_cannot_be_understood(pair: Deployed) -> None:
    run = pair.cli.run
    says(run("update", "pair", "--frobnicate", "--yes"), 2, "--frobnicate")
    says(run("update", "pair", "--monitor", "soon", "--yes"), 2, "--monitor", "soon")
    says(run("update", "pair", "--stall-timeout", "0s", "--yes"), 2, "--stall-timeout")
    says(run("update", "pair", "--on-failure", "pray", "--yes"), 2, "pray")
    says(run("update", "pair", "--expect", "app", "--yes"), 2, "SERVICE=VERSION")
    says(run("rollback", "pair", "--to", "first", "--yes"), 2, "first")
    says(run("frobnicate", "--yes"), 2, "frobnicate")
    says(run("update", "pair"), 2, "--yes")


def test_what_is_named_and_not_there(pair: Deployed) -> None:
    says(plain(pair, "nothing"), 2, "nothing", "app", "db")
    says(plain(pair, "--expect", "nothing=1"), 2, "nothing")
    says(plain(pair, "app=Not A Reference"), 2, "Not A Reference")
    says(plain(pair, "app=a/UPPER:1"), 2, "a/UPPER:1")
    says(plain(pair, "app="), 2, "app=")
    says(plain(pair, "app=9.9.9"), 3, "9.9.9")
    says(pair.cli.run("update", "elsewhere", f"app={NEW}", "--yes"), 2, "elsewhere")
    says(pair.cli.run("update", "/nowhere/at/all", "--yes"), 2, "/nowhere/at/all")
    says(pair.cli.run("update", "-f", "missing.yaml", "--yes"), 2, "missing.yaml")
    says(pair.cli.run("rollback", "pair", "--to", "99", "--yes"), 2, "99")
    says(pair.cli.run("rollback", "pair", "--yes"), 2)
    says(pair.cli.run("recover", "pair", "--back"), 2, "nothing to recover")
    says(pair.cli.run("attach", "pair"), 2)
    says(pair.cli.run("history", "pair"), 2)


def test_json_says_the_same(pair: Deployed) -> None:
    pair.cli.json("update", "pair", "nothing").ended("usage", 2)
    pair.cli.json("update", "pair", "--monitor", "soon").ended("usage", 2)
    pair.cli.json("rollback", "pair", "--to", "99").ended("usage", 2)


def test_definitions_that_cannot_be_read(pair: Deployed) -> None:
    """Each message names the file and the line."""
    file = pair.project.file
    good = file.read_text()
    settings = "    depends_on:\n      db: {condition: service_healthy}\n"
    assert settings in good

    def with_settings(text: str) -> str:
        return good.replace(settings, f"{settings}    x-ws9tui: {text}\n")

    line = good[: good.index(settings)].count("\n") + 3
    for text, status, parts in (
        (good.replace("    image", "   - image", 1), 2, (f"{file}, line ",)),
        (good + "\tx: y\n", 2, (f"{file}, line ",)),
        (with_settings("{expcet: '2'}"), 2, (f"{file}, line {line}", "expcet", "expect")),
        (with_settings("{monitor: soon}"), 2, (f"{file}, line {line}", "monitor")),
        (with_settings("{probe: 'ftp://x'}"), 2, (f"{file}, line {line}", "probe")),
        (with_settings("[expect]"), 2, (f"{file}, line {line}",)),
        (good.replace("db-data:/data", "other:/data"), 2, ("other",)),
        (good.replace("/app:${APP_VERSION}", ":app:x"), 2, (":app:x",)),
        (good.replace("${APP_VERSION}", "${APP_VERSION:?set it}"), 0, ()),
        (good.replace("${APP_VERSION}", "${NOT_THERE:?set it please}"), 2, ("NOT_THERE", "set it please")),
        ("", 2, (str(file), "empty compose file")),
    ):
        file.write_text(text)
        says(pair.cli.run("update", str(pair.project.folder), f"app={NEW}", "--plan"), status, *parts)
    file.write_text(good)


def test_an_undefined_variable_is_told(pair: Deployed) -> None:
    file = pair.project.file
    good = file.read_text()
    file.write_text(good.replace("    depends_on", "    environment: ['A=$NOT_THERE']\n    depends_on", 1))
    said = pair.cli.run("update", str(pair.project.folder), f"app={NEW}", "--plan")
    says(said, 0, "NOT_THERE", "is not set")
    file.write_text(good)


def test_a_version_that_the_shell_sets(pair: Deployed) -> None:
    """It would be written to no file, so the next `up` would take it back."""
    said = pair.cli.run("update", "pair", f"app={NEW}", "--yes", env={"APP_VERSION": OLD})
    says(said, 2, "APP_VERSION", "shell")


def test_several_projects_and_none_named(clean_engine: Dockerd, registry: Registry, tmp_path: Path) -> None:
    images.push(registry, "app", OLD, ImageSpec(OLD))
    for name in ("one", "two"):
        projects.up(clean_engine, projects.single(tmp_path / name, f"{registry.host}/app:{OLD}", name=name))
    before = snapshot(clean_engine)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    cli = Cli(clean_engine, tmp_path / "state", elsewhere)
    says(cli.run("update", "--yes"), 2, "one", "two")
    cli.json("update").ended("usage", 2)
    assert_same(before, snapshot(clean_engine))


def test_no_engine(pair: Deployed, tmp_path: Path) -> None:
    host = f"unix://{tmp_path}/nobody.sock"
    says(pair.cli.run("update", "pair", "--yes", env={"DOCKER_HOST": host}), 3, host)
    says(pair.cli.run("doctor", "pair", env={"DOCKER_HOST": host}), 3, host)
    said = pair.cli.json("update", "pair", env={"DOCKER_HOST": host}).ended("refused", 3)
    assert said.finished["problem"]["code"] == "engine-unreachable"


def test_an_address_that_is_none(pair: Deployed) -> None:
    says(pair.cli.run("update", "pair", "--yes", env={"DOCKER_HOST": "what://is this"}), 3, "what://is this")


def test_no_permission_for_the_engine(pair: Deployed) -> None:
    """The socket is somebody else's, and we are without root's power over files."""
    socket = pair.engine.socket
    found = socket.stat()
    os.chown(socket, NOBODY, NOBODY)
    try:
        done = subprocess.run(
            [
                *("setpriv", "--bounding-set=-dac_override,-dac_read_search"),
                *(sys.executable, "-m", "ws9tui", "update", "pair", "--yes", "--state-dir", str(pair.cli.state)),
            ],
            cwd=pair.project.folder,
            env=pair.engine.env(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    finally:
        os.chown(socket, found.st_uid, found.st_gid)
    says(Said(done.returncode, done.stdout, done.stderr), 3, "has no permission to use the Docker engine")


def test_state_that_cannot_be_kept(pair: Deployed, tmp_path: Path) -> None:
    def update(state: Path) -> Said:
        return Cli(pair.engine, state, pair.project.folder).run("update", "--yes")

    file = tmp_path / "file"
    file.touch()
    says(update(file), 3, str(file))
    says(update(file / "below"), 3, str(file))
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    shutil.chown(theirs, NOBODY)
    says(update(theirs), 3, str(theirs))
    assert theirs.stat().st_uid == NOBODY
    assert not list(theirs.iterdir())
    link = tmp_path / "link"
    link.symlink_to(theirs)
    says(update(link), 3, str(link))
    full = Path("/proc/ws9tui")
    says(update(full), 3, str(full))


def test_no_compose(pair: Deployed, tmp_path: Path) -> None:
    says(pair.cli.run("update", "pair", "--yes", env={"PATH": str(tmp_path)}), 3, "Compose")


def test_compose_1(pair: Deployed, tmp_path: Path) -> None:
    script = "[ \"$2\" = --short ] && echo 1.29.2 || echo 'docker-compose version 1.29.2, build unknown'"
    programs.write(tmp_path / "docker-compose", script)
    says(pair.cli.run("update", "pair", "--yes", env={"PATH": f"{tmp_path}:/bin"}), 3, "1.29.2")
