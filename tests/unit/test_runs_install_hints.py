"""How Docker is installed, by the distribution: the commands are shown, and fit what is there."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from ws9tui.core.runs import install_hints
from ws9tui.problems.problem import read
from ws9tui.words import problems

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\n'
UBUNTU = 'PRETTY_NAME="Ubuntu 24.04 LTS"\nID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\n'
MINT = "ID=linuxmint\nID_LIKE='ubuntu debian'\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n"
ROCKY = 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n'
ENGINES = {
    DEBIAN: ("linux/debian bookworm stable", "docker-compose-plugin"),
    UBUNTU: ("linux/ubuntu noble stable", "docker-compose-plugin"),
    MINT: ("linux/ubuntu noble stable", "docker-compose-plugin"),
    "ID=lmde\nID_LIKE=debian\nDEBIAN_CODENAME=bookworm\n": ("linux/debian bookworm stable", "docker-compose-plugin"),
    ROCKY: ("--add-repo https://download.docker.com/linux/centos/docker-ce.repo", "systemctl enable --now docker"),
    "ID=rhel\nVERSION_ID=9.4\n": ("--add-repo https://download.docker.com/linux/rhel/docker-ce.repo", "systemctl"),
    "ID=fedora\nVERSION_ID=42\n": ("addrepo --from-repofile=", "docker-compose-plugin"),
    "ID=fedora\nVERSION_ID=40\n": ("--add-repo ", "docker-compose-plugin"),
    "ID=alpine\nVERSION_ID=3.20.0\n": ("apk add docker docker-cli-compose", "rc-service docker start"),
    "ID=arch\n": ("pacman -Syu docker docker-compose", "systemctl enable --now docker"),
    'ID="opensuse-leap"\n': ("zypper install docker docker-compose", "systemctl enable --now docker"),
}


@pytest.mark.parametrize("text", ENGINES, ids=lambda text: text.partition("\n")[0])
def test_an_engine(text: str) -> None:
    commands = install_hints.engine_commands(install_hints.os_release(text))
    for part in ENGINES[text]:
        assert part in " && ".join(commands)


@pytest.mark.parametrize("text", ["", "ID=nixos\n", "ID=centos\nVERSION_ID=7\n", "ID=debian\n", "ID=amzn\n", 'ID="x\n'])
def test_none_where_none_are_known(text: str) -> None:
    assert install_hints.engine_commands(install_hints.os_release(text)) == ()


def test_hostile_values_get_into_no_command() -> None:
    release = {"ID": "debian", "VERSION_CODENAME": "x; rm -rf /"}
    assert install_hints.engine_commands(release) == ()


@pytest.mark.parametrize(
    ("text", "own", "said"),
    [
        (DEBIAN, True, "apt install -y docker-compose-plugin"),
        (DEBIAN, False, "curl -fSL https://github.com/docker/compose/releases/latest/"),
        (UBUNTU, False, "apt install -y docker-compose-v2"),
        (MINT, True, "apt install -y docker-compose-plugin"),
        (ROCKY, True, "dnf install -y docker-compose-plugin"),
        (ROCKY, False, "curl -fSL"),
        ("ID=alpine\n", False, "apk add docker-cli-compose"),
        ("ID=arch\n", False, "pacman -Syu docker-compose"),
        ("ID=opensuse-tumbleweed\n", False, "zypper install docker-compose"),
    ],
)
def test_compose_beside_an_engine(text: str, said: str, *, own: bool) -> None:
    commands = install_hints.compose_commands(install_hints.os_release(text), dockers_own=own)
    assert any(command.startswith(said) for command in commands)


def machine(root: Path, text: str, *programs: str) -> Path:
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "os-release").write_text(text)
    for program in programs:
        (root / program).parent.mkdir(parents=True, exist_ok=True)
        (root / program).touch()
    return root


SYSTEMD = "run/systemd/system/some.conf"
AWAY = read("engine-unreachable", {"host": "unix:///var/run/docker.sock", "reason": "No such file or directory"})


def test_an_engine_that_is_not_there_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    told, commands = install_hints.explained(AWAY, machine(tmp_path, DEBIAN))
    assert told.code == "engine-missing"
    assert all(command.startswith("sudo ") for command in commands)
    said = problems.sentence(told)
    assert "https://docs.docker.com/engine/install/" in said
    assert "for Debian GNU/Linux 12 (bookworm)" in said
    told, commands = install_hints.explained(AWAY, machine(tmp_path / "other", "ID=nixos\nNAME=NixOS\n"))
    assert commands == ()
    assert "commands below" not in problems.sentence(told)


@pytest.mark.parametrize("program", ["usr/bin/dockerd", "run/docker.sock", "usr/bin/podman"])
def test_one_that_is_there_is_only_away(tmp_path: Path, program: str) -> None:
    assert install_hints.explained(AWAY, machine(tmp_path, DEBIAN, program, SYSTEMD)) == (AWAY, ())


@pytest.mark.parametrize(
    ("text", "there", "command"),
    [
        (UBUNTU, ("snap/bin/docker", SYSTEMD), "snap start docker"),
        (DEBIAN, ("usr/sbin/dockerd",), "service docker start"),
        ("ID=alpine\n", ("usr/bin/dockerd",), "rc-service docker start"),
    ],
)
def test_one_that_systemd_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, there: tuple[str, ...], command: str
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    told, commands = install_hints.explained(AWAY, machine(tmp_path, text, *there))
    assert (told.code, commands) == ("engine-stopped", (command,))
    assert "systemctl" not in problems.sentence(told)


def test_one_elsewhere_is_only_away(tmp_path: Path) -> None:
    other = read("engine-unreachable", {"host": "unix:///srv/docker.sock"})
    assert install_hints.explained(other, machine(tmp_path, DEBIAN)) == (other, ())


def test_compose_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    root = machine(tmp_path, UBUNTU, "etc/apt/sources.list.d/docker.list")
    told, commands = install_hints.explained(read("compose-v1", {"version": "1.29.2"}), root)
    assert commands == ("apt update", "apt install -y docker-compose-plugin")
    assert "for Ubuntu 24.04 LTS" in problems.sentence(told)


@pytest.mark.parametrize(
    ("host", "code", "said"),
    [
        ("tcp://10.0.0.1:2375", "address-silent", "DOCKER_HOST"),
        ("unix:///run/user/1000/docker.sock", "rootless-silent", "systemctl --user start docker"),
        ("unix:///srv/docker.sock", "engine-unreachable", "systemctl start docker"),
    ],
)
def test_what_starts_an_engine_that_does_not_answer(tmp_path: Path, host: str, code: str, said: str) -> None:
    found, _ = install_hints.explained(read("engine-unreachable", {"host": host, "reason": "x"}), tmp_path)
    assert found.code == code
    assert said in problems.remedy(found)


@pytest.mark.parametrize("code", ["engine-unreachable", "engine-permission"])
def test_a_rootless_engine_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """The docker command does not look for it either, without a context or DOCKER_HOST."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    facts = {"host": "unix:///var/run/docker.sock", "reason": "", "user": ""}
    problem = read(code, {name: facts[name] for name in ("host", "reason" if "unreach" in code else "user")})
    assert install_hints.explained(problem, tmp_path)[0].code != "engine-rootless"
    folder = tmp_path / "run/user/1000"
    folder.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder)  # a socket's path has 108 bytes at most
        listening.bind("docker.sock")
        found, commands = install_hints.explained(problem, tmp_path)
        assert (found.code, found.facts["found"], commands) == (
            "engine-rootless", "unix:///run/user/1000/docker.sock", ()
        )  # fmt: skip
        assert "DOCKER_HOST=unix:///run/user/1000/docker.sock" in problems.remedy(found)
        monkeypatch.setattr("os.geteuid", lambda: 0)
        assert install_hints.rootless({"SUDO_UID": "1000", "SUDO_USER": "joe"}, tmp_path)[1] == "joe"
        assert install_hints.rootless({}, tmp_path) == ("", "")


def test_a_folder_that_may_not_be_searched_has_no_rootless_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `su` without a login, which keeps the variables of the other user."""

    def refused(path: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_socket", refused)
    assert install_hints.rootless({"XDG_RUNTIME_DIR": "/run/user/1000"}, tmp_path) == ("", "")
