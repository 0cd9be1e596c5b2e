"""`recover --print-unit`: a unit that systemd accepts, printed and never installed."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ws9tui.cli import main


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main.run(["recover", *arguments, "--print-unit"]) == 0
    return capsys.readouterr().out


def command(unit: str) -> list[str]:
    line = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    return shlex.split(line.removeprefix("ExecStart="))


def test_it_recovers_the_named_project_with_the_asked_way(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = command(printed(capsys, "shop", "--back", "--state-dir", str(tmp_path / "a b")))
    assert words[:5] == [sys.executable, "-P", "-m", "ws9tui", "recover"]
    assert words[5:] == ["shop", "--yes", "--plain", "--back", "--state-dir", str(tmp_path / "a b")]


def test_without_a_project_it_is_a_template(capsys: pytest.CaptureFixture[str]) -> None:
    unit = printed(capsys)
    assert command(unit)[5] == "%i"
    assert "ws9tui-recover@.service" in unit


def test_it_carries_all_that_a_shell_gives(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "DOCKER_HOST": "unix:///run/user/1000/docker.sock",
        "DOCKER_CONFIG": str(tmp_path / "con fig"),
        "XDG_STATE_HOME": str(tmp_path / "100%"),
        "PATH": f"{tmp_path}/bin:/usr/bin",
        "HOME": str(tmp_path),
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    unit = printed(capsys, "shop")
    said = [shlex.split(line)[0] for line in unit.splitlines() if line.startswith("Environment=")]
    set_ = dict(entry.removeprefix("Environment=").split("=", 1) for entry in said)
    assert set_.items() >= {**given, "XDG_STATE_HOME": f"{tmp_path}/100%%"}.items()
    assert f"User={pwd.getpwuid(os.geteuid()).pw_name}\n" in unit
    assert "SuccessExitStatus=1 2\n" in unit
    assert "After=user@1000.service " in unit
    assert "docker.service" not in unit


def test_a_folder_is_named_from_anywhere(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my shop").mkdir()
    monkeypatch.chdir(tmp_path / "my shop")
    unit = printed(capsys, ".")
    assert command(unit)[5] == str(tmp_path / "my shop")
    assert "ws9tui-recover-my-shop.service" in unit
    unit = printed(capsys, "-p", "other", "-f", "a.yml")
    assert command(unit)[7:11] == ["--project-name", "other", "--file", str(tmp_path / "my shop" / "a.yml")]


def test_it_carries_all_that_recover_takes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = ["--monitor", "90s", "--confirm-within", "2000000s", "--on-failure", "hold", "--backup-dir", "/b c"]
    given += ["--from", "/a.tar", "--from", "/b.tar", "--notify", "https://a.test/shop", "--notify", "/bin/tell 'a b'"]
    words = command(printed(capsys, "shop", *given, "--state-dir", str(tmp_path)))
    assert words[8:] == [*given, "--state-dir", str(tmp_path)]


@pytest.mark.parametrize(
    "receiver",
    [
        "https://me:secret@tell.test/",
        "https://tell.test/?token",
        "https://tell.test/hooks/aB3dE5gH7jK9",
        "curl https://me:secret@tell.test/",
    ],
)
def test_a_secret_does_not_get_into_a_unit(capsys: pytest.CaptureFixture[str], receiver: str) -> None:
    assert main.run(["recover", "shop", "--notify", receiver, "--print-unit"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "as notify in x-ws9tui" in told.err


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_finds_nothing_wrong_with_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "ws9tui-recover-shop.service"
    file.write_text(printed(capsys, "shop", "--state-dir", str(tmp_path)).replace("docker.service", "sysinit.target"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, check=False
    )
    assert "ws9tui-recover" not in done.stderr, done.stderr
