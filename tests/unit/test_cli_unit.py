"""`recover --print-unit`: a unit that systemd accepts, printed and never installed."""

from __future__ import annotations

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


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_finds_nothing_wrong_with_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "ws9tui-recover-shop.service"
    file.write_text(printed(capsys, "shop", "--state-dir", str(tmp_path)).replace("docker.service", "sysinit.target"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, check=False
    )
    assert "ws9tui-recover" not in done.stderr, done.stderr
