"""Where Compose is: in each folder of plugins, beside no docker command, in a snap, or only for somebody else."""

from __future__ import annotations

import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from support import programs
from ws9tui.adapters.compose import places
from ws9tui.adapters.registry import logins


def program(path: Path) -> Path:
    return programs.write(path, "echo 2.3.3")


@pytest.mark.parametrize("folder", [*places._FOLDERS, "/home/joe/.docker/cli-plugins"])
def test_a_plugin_is_found_in_each_of_its_places(tmp_path: Path, folder: str) -> None:
    program(tmp_path / f".{folder}/docker-compose")
    environment = {"PATH": str(tmp_path), "HOME": "/home/joe"}
    assert list(places.elsewhere(environment, tmp_path)) == [(f"{folder}/docker-compose",)]
    (tmp_path / f".{folder}/docker-compose").chmod(0o644)
    assert list(places.elsewhere(environment, tmp_path)) == []


def test_the_docker_snap_is_found_where_the_path_leaves_it_out(tmp_path: Path) -> None:
    program(tmp_path / "snap/bin/docker")
    assert list(places.elsewhere({"PATH": "/nowhere"}, tmp_path)) == [("/snap/bin/docker", "compose")]
    program(tmp_path / "bin/docker")
    assert list(places.elsewhere({"PATH": f"{tmp_path}/bin"}, tmp_path)) == []


def test_a_plugin_of_who_has_called_sudo_is_told_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwnam", {"joe": SimpleNamespace(pw_dir=str(tmp_path))}.__getitem__)
    assert places.of_another({"SUDO_USER": "joe"}) == ""
    found = program(tmp_path / ".docker/cli-plugins/docker-compose")
    assert places.of_another({"SUDO_USER": "joe"}) == str(found)
    assert places.of_another({}) == ""
    assert list(places.elsewhere({"SUDO_USER": "joe", "HOME": "/root", "PATH": "/nowhere"}, tmp_path / "no")) == []


@pytest.mark.parametrize(
    ("folder", "hidden"),
    [
        ("/srv/app", True), ("/opt", True), ("/home/joe/app", False), ("/home/joe/.config/app", True),
        ("/root/app", False), ("/root/.x", True),
    ],
)  # fmt: skip
def test_what_a_docker_command_sees_that_is_a_snap(folder: str, hidden: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "which", lambda _name, path: f"{path}/docker")
    assert places.hidden_from_snap("docker", folder, {"PATH": "/snap/bin"}) is hidden
    assert not places.hidden_from_snap("docker", folder, {"PATH": "/usr/bin"})


def test_the_docker_snap_keeps_its_logins_in_a_home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setattr(logins, "which", lambda _name, path: f"{path}/docker")
    assert logins.folder({"PATH": "/snap/bin"}) == tmp_path / ".docker"
    (tmp_path / "snap/docker/current").mkdir(parents=True)
    assert logins.folder({"PATH": "/snap/bin"}) == tmp_path / "snap/docker/current/.docker"
    assert logins.folder({"PATH": "/usr/bin"}) == tmp_path / ".docker"
    assert logins.folder({"PATH": "/snap/bin", "DOCKER_CONFIG": "/x"}) == Path("/x")
