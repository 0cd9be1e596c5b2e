"""The manual page, as the programs that show it read it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ws9tui.cli import arguments, manual
from ws9tui.cli.arguments import COMMANDS, WIZARD
from ws9tui.cli.main import run


@pytest.fixture
def written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Return the page as a file."""
    assert run(["man"]) == 0
    file = tmp_path / "ws9tui.1"
    file.write_text(capsys.readouterr().out)
    return file


def test_every_flag_and_command_is_in_it(written: Path) -> None:
    text = written.read_text().replace("\\-", "-")
    for name in (WIZARD, *COMMANDS):
        assert f'.SH "ws9tui {name}"' in text or name == WIZARD
        for action in arguments.parser_of(name)._actions:
            for flag in action.option_strings:
                assert flag in text
    assert "130" in text
    assert "/var/lib/ws9tui" in text


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
def test_mandoc_finds_nothing_wrong(written: Path) -> None:
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", written], capture_output=True, text=True, check=False)
    found = [line for line in (done.stdout + done.stderr).splitlines() if "missing date" not in line]
    assert found == []  # a date would be that of a build, and the page another one each day


@pytest.mark.skipif(not shutil.which("man"), reason="man is not installed")
def test_man_shows_it(written: Path) -> None:
    env = {"MANWIDTH": "80", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TERM": "dumb", "MANPAGER": "cat"}
    done = subprocess.run(["man", "--warnings", "-l", written], env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    shown = " ".join(done.stdout.split())
    assert "ws9tui - update a Docker Compose project, and roll back if it fails" in shown
    assert "-f, --file FILE a Compose file; repeatable" in shown


def test_nothing_in_a_text_is_a_request() -> None:
    assert manual._text(".so /etc/passwd") == "\\&.so /etc/passwd"
    assert manual._text("'x' \\fB") == "\\(aqx\\(aq \\efB"
