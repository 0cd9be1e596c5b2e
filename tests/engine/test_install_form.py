"""The form of a first install on a real terminal against a real engine, and its answers used again unattended."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from support import panes
from support import websoft9_images as look_alikes
from support.cli import Cli
from support.machine import QUICK
from support.releases import release_modern
from support.snapshot import assert_same, snapshot
from support.websoft9 import Places, Websoft9

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry
    from support.terminal import Terminal

pytestmark = pytest.mark.engine


def enter(terminal: Terminal, field: str, value: str) -> None:
    """Go to a field, and enter a value in place of the one that it has."""
    terminal.send("home")
    for _ in range(12):
        if any(line.startswith("│ ▸ " + field) for line in terminal.screen().split("\n")):
            break
        before = terminal.screen()
        terminal.send("down")
        terminal.wait_gone(before)
    terminal.send("e")
    terminal.wait_for("Enter take it")
    terminal.send("ctrl+u")
    terminal.write(value)
    terminal.wait_for(value[-40:])


def carry_out(terminal: Terminal) -> None:
    """Go from the form to the end of an install that is kept."""
    terminal.send("enter")
    terminal.wait_for("First installation; 1 of 1 service selected.")
    terminal.send("enter")
    terminal.wait_for(panes.PANES["Versions"])
    terminal.send("enter")
    terminal.wait_for(panes.PANES["Confirm"])
    terminal.send("enter")
    terminal.wait_for("Yes, change it now")
    terminal.send("y")
    terminal.wait_for("Keep the new version")
    terminal.send("k")
    terminal.wait_for("Write answers")


def test_the_wizard_installs_and_writes_its_answers(
    clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path
) -> None:
    """Source, folder and a port that is taken are entered; the file that is written makes the same install again."""
    look_alikes.push_modern(registry, "2.3.4")
    root = tmp_path / "root"
    release = release_modern(tmp_path / "release", "2.3.4", Places(clean_engine.socket, root))
    folder, answers = root / "srv", tmp_path / "answers.yml"
    cli = Cli(clean_engine, state_dir, tmp_path)
    with panes.wizard(cli, *QUICK, rows=40) as terminal:
        terminal.wait_for("No project was found here.")
        before = snapshot(clean_engine, root)
        enter(terminal, "Source", str(release.folder))
        terminal.send("enter")
        terminal.wait_for("Release 2.3.4.")
        enter(terminal, "Folder", str(folder))
        terminal.wait_for("can be")
        terminal.send("enter")
        terminal.wait_gone("Enter take it")
        with socket.create_server(("0.0.0.0", 9099)):
            enter(terminal, "CONSOLE_PORT", "9099")
            terminal.wait_for("is taken")
        terminal.send("ctrl+u")
        terminal.write("9098")
        terminal.wait_for("can be")
        terminal.send("enter")
        terminal.wait_for("All of it can be installed so.")
        assert_same(before, snapshot(clean_engine, root))
        carry_out(terminal)
        terminal.send("w")
        terminal.wait_for("Enter take it")
        terminal.send("ctrl+u")
        terminal.write(str(answers))
        terminal.send("enter")
        terminal.wait_gone("Enter take it")
        terminal.send("enter")
        assert terminal.wait_exit() == 0
    site = Websoft9(clean_engine, folder, cli)
    assert site.versions() == {"product": "2.3.4"}
    assert site.env["CONSOLE_PORT"] == "9098"
    site.assert_no_drift()
    text = answers.read_text()
    assert f"source: {release.folder}" in text
    text = text.replace(f"folder: {folder}", f"folder: {root / 'second'}").replace("project: websoft9", "project: two")
    text = text.replace("'9098'", "9097").replace("CONTAINER_NAME: websoft9", "CONTAINER_NAME: second")
    answers.chmod(0o600)
    answers.write_text(text)
    cli.json("install", "--answers", str(answers), *QUICK).ended("kept", 0)
    assert "CONSOLE_PORT=9097" in (root / "second" / ".env").read_text()
