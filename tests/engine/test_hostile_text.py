"""Text from labels, logs, health checks, files and registries is shown literally: a terminal obeys none of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from support import behaviours, images, panes, projects
from support.cli import Cli
from support.faults import MANIFESTS
from support.images import VERSION_LABEL, ImageSpec
from support.panes import OLD, PANES
from support.wait import until

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.faultproxy import FaultProxy
    from support.projects import Project
    from support.registry import Registry

pytestmark = pytest.mark.engine

NEW = "next"  # no version, so that the label has nothing to prove
CLIPBOARD = "\x1b]52;c;aGFybQ==\x07"
HOSTILE = (
    f"[red]a[/red] [/foo] \x1b[31mb\x1b[2J\x1b[H {CLIPBOARD}\x1b]0;title\x07\x1bP$q m\x1b\\ \x9b31mc \x9d0;d\x9c"
    "\u202ee\u2066f 漢字 e\u0301\u0301\u0301\u0301\u0301 \x08\x0b\x7f $(id) 100% {0}"
)
LITERAL = "[red]a[/red] [/foo]"
# what the wizard itself writes: colours, places, modes and questions of its own
_OURS = re.compile(
    r"\x1b\[(?:[0-9;]*[mHJK]|\?(?:7|25|100[0-6]|1015|1049|2004|2026|2048)[hl]|\?(?:2026|2048)\$p|>[0-9]+u|<u|2[23];2t)"
    r"|\x1b\]22;[a-z]*\x07|\x1b\](?:2|9);ws9tui[\w ·?:.,%-]*\x07+"
)
_PROJECT = """\
name: vile
services:
  app:
    image: HOST/app:${APP_VERSION}
    labels: {note: "[/foo] \\e[31m"}
    environment: {TEXT: "[red]\\e]52;c;aGFybQ==\\a"}
"""


def assert_harmless(raw: bytes) -> None:
    """Assert that nothing has come to the terminal but printable text and the program's own sequences."""
    text = _OURS.sub("", raw.decode("utf-8")).replace("\r\n", "\n").replace("\n", "")
    strange = {character for character in text if not character.isprintable()}
    assert strange == set(), [text[max(text.find(c) - 60, 0) : text.find(c) + 60] for c in strange]
    assert "aGFybQ==" not in raw.decode() or "\x1b]52" not in raw.decode()
    assert "e" + "\u0301" * 4 not in text


def assert_lines(text: str) -> None:
    """Assert that an output has nothing in it but lines of printable text."""
    assert all(line.isprintable() for line in text.split("\n")), text


def framed(screen: str) -> bool:
    """Tell whether title, rule and keys of a wizard's screen are where they belong."""
    lines = screen.split("\n")
    return lines[0].startswith(" ws9tui  ") and "? Help" in lines[-1] and any({*line} == {"─"} for line in lines)


def says(payload: str) -> str:
    """Return a shell command that prints a text byte by byte, also what is no UTF-8."""
    octal = "".join(f"\\{byte:03o}" for byte in payload.encode("utf-8", "surrogateescape"))
    return f"printf '{octal}\\n'"


NOISE = f"{says(HOSTILE)}; {says(chr(0xDCFF) + chr(0xDCFE) + ' no text')}; head -c 1000000 /dev/zero | tr '\\0' x; echo"


@pytest.fixture
def cli(clean_engine: Dockerd, registry: Registry, proxy: FaultProxy, project_folder: Path, state_dir: Path) -> Cli:
    images.push(registry, "app", OLD)
    project = vile(project_folder, proxy)
    projects.up(clean_engine, project)
    return Cli(clean_engine, state_dir, project_folder)


def vile(folder: Path, proxy: FaultProxy) -> Project:
    project = projects.write(folder, _PROJECT.replace("HOST", proxy.host), name="vile", services=("app",))
    project.set_env(APP_VERSION=OLD)
    return project


def offer(registry: Registry, behaviour: behaviours.Behaviour) -> None:
    labels = {VERSION_LABEL: HOSTILE, "org.opencontainers.image.title": HOSTILE}
    images.push(registry, "app", NEW, ImageSpec("2.0.0", version_label="", labels=labels, behaviour=behaviour))


def test_an_image_of_hostile_labels_and_logs_in_the_wizard(cli: Cli, registry: Registry) -> None:
    offer(registry, behaviours.shell(NOISE, f"{says(HOSTILE)}; exit 0"))
    with panes.wizard(cli, f"app={NEW}", "--monitor", "1s", "--step-by-step") as terminal:
        terminal.wait_for("1 update found")
        terminal.send("enter")
        terminal.wait_for(re.compile("● Versions"))
        terminal.wait_for("Enter Next")
        terminal.send("enter")
        terminal.wait_for(PANES["Confirm"])
        terminal.send("enter")
        terminal.wait_for("Yes, apply it now")
        terminal.send("y")
        terminal.wait_for(PANES["Outcome"], 60)
        terminal.wait_for("xxxxxxxx")
        until(lambda: framed(terminal.screen()), 10, lambda: f"every line is in its frame:\n{terminal.screen()}")
        terminal.send("l")
        terminal.wait_for("Esc Close")
        terminal.send("home", "pagedown", "end", "escape")
        terminal.wait_gone("Esc Close")
        terminal.send("k")
        terminal.wait_for("Generation 2 runs")
        terminal.send("enter")
        assert terminal.wait_exit() == 0
        assert_harmless(terminal.raw)
    for arguments in (("history",), ("history", "vile", "1"), ("doctor",)):
        assert_lines(cli.run(*arguments).out)


@pytest.mark.sample(1, reason="the same text either way")
@pytest.mark.parametrize("way", ["plain", "json"])
def test_a_failing_one_line_by_line(cli: Cli, registry: Registry, way: str) -> None:
    offer(registry, behaviours.Behaviour(f"#!/bin/sh\n{NOISE}\n{NOISE} >&2\nexit 1\n"))
    said = cli.run("update", f"app={NEW}", "--yes", f"--{way}", "--monitor", "1s")
    assert said.status == 1
    assert_lines(said.out)
    assert_lines(said.err)
    assert len(said.out) < 300_000
    [kept] = cli.state.rglob("*-failed.log")  # how much of so long a log is told depends on when it is read
    assert LITERAL.encode() in kept.read_bytes()
    if way == "json":
        assert said.out.isascii()
    assert_lines(cli.run("history", "vile", "1").out)


def test_registry_errors(cli: Cli, proxy: FaultProxy) -> None:
    for status, code in ((500, "UNKNOWN"), (404, "MANIFEST_UNKNOWN"), (401, "UNAUTHORIZED")):
        proxy.error(status, code, HOSTILE, MANIFESTS)
        for way in ("--plain", "--json"):
            said = cli.run("update", f"app={NEW}", "--yes", way)
            assert_lines(said.out)
            assert_lines(said.err)
        with panes.wizard(cli, f"app={NEW}") as terminal:
            terminal.wait_for("could not be")
            terminal.send("l")
            terminal.wait_for("Esc Close")
            terminal.send("escape")
            terminal.wait_gone("Esc Close")
            panes.cancel(terminal)
            assert_harmless(terminal.raw)
        proxy.clear()


@pytest.mark.sample(1, reason="each case is another file")
@pytest.mark.parametrize(
    "text",
    [
        'services: {app: {image: "[red]\\e[31m[/foo]"}}',
        'services: {app: {image: x, x-ws9tui: {"\\e]52;c;aGFybQ==\\a[/foo]": 1}}}',
        'services: {app: {image: x, x-ws9tui: {monitor: "\\x9b31m[/foo]"}}}',
        "services: {\x1b[31m",
        'services: {app: {image: x, "\\u202e[/foo]": 1}}',
        "services: [\xff",
    ],
)
def test_files_that_cannot_be_read(cli: Cli, text: str) -> None:
    file = cli.folder / "compose.yaml"
    file.write_bytes(text.encode("latin-1") if "\xff" in text else text.encode())
    for way in ("--plain", "--json"):
        said = cli.run("update", "-f", str(file), "-p", "vile", "--yes", way)
        assert said.status in {1, 2, 3}
        assert_lines(said.out)
        assert_lines(said.err)
    with panes.wizard(cli, "-f", str(file), "-p", "vile") as terminal:
        terminal.wait_for("Enter Leave")
        terminal.send("enter")
        assert terminal.wait_exit() in {1, 2, 3}
        assert_harmless(terminal.raw)
