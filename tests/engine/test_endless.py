"""What never ends: a command, an answer, a body. Every wait of a run ends, and its worker leaves."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from support import deployed, programs
from support.deployed import NEW
from support.registry import free_port
from support.tricklers import ENDLESS, trickling

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry


@pytest.mark.sample(2, reason="one that is silent and one that prints are left alike, on both engines")
@pytest.mark.both_stores
@pytest.mark.parametrize("command", ["sleep 1000", "yes"])
def test_a_version_command(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path, command: str
) -> None:
    """It is asked once; that the version is not verified takes the update back."""
    more = f"    x-ws9tui: {{expect: {NEW}, version_command: {command}}}\n"
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=more)
    pair.offer()
    said = pair.update().ended("rolled-back", 1)
    assert said.finished["problem"]["code"] == "version-command-endless"
    assert f"version {NEW} is not verified" in said.message
    pair.assert_back()


def test_an_answer_to_a_probe(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> None:
    beginning = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n"
    with trickling(*ENDLESS["continue"]) as server, trickling(beginning % server.url.encode(), b"") as before:
        more = f"    x-ws9tui: {{probe: '{before.url}'}}\n"
        pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=more)
        pair.offer()
        said = pair.update().ended("rolled-back", 1)
        assert server.asked.is_set()
    assert said.finished["problem"]["code"] == "probe-failed"
    assert "no answer within 5 s" in said.message
    pair.assert_back()


def test_a_worker_that_is_told_to_end_under_a_probe(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    """It leaves, and the command that it tells works at once."""
    with trickling(*ENDLESS["headers"]) as server:
        more = f"    x-ws9tui: {{probe: '{server.url}'}}\n"
        pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=more)
        pair.offer()
        running = pair.start()
        server.asked.wait(60)
        os.kill(running.worker(), signal.SIGTERM)
        said = running.wait().ended("needs-recovery", 5)
        assert " recover pair --back" in said.finished["commands"][0]
    pair.cli.json("recover", "pair", "--back", "--monitor", "1s").ended("rolled-back", 1)
    pair.assert_back()


def test_a_proxy_is_not_asked_for_this_machine(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    more = "    x-ws9tui: {probe: 'http://127.0.0.1:PORT/version'}\n"
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=more)
    pushed = pair.offer()
    nobody = f"http://127.0.0.1:{free_port()}"
    said = pair.cli.json("update", *pair.wanted, env={"http_proxy": nobody, "https_proxy": nobody})
    said.ended("kept", 0)
    pair.assert_new(pushed)


@pytest.mark.full(reason="one that gives no answer at all is left in its turn")
def test_a_compose_that_stands_still_for_a_while(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path, tmp_path: Path
) -> None:
    """As on a machine that has no time for it."""
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir)
    pushed = pair.offer()
    real = f"{clean_engine.compose_folder}/docker-compose"
    slow = programs.write(tmp_path / "bin/docker-compose", f'[ "$*" != --help ] || sleep 35\nexec {real} "$@"')
    path = f"{slow.parent}:{clean_engine.env()['PATH']}"
    pair.cli.json("update", *pair.wanted, env={"PATH": path}, timeout=180).ended("kept", 0)
    pair.assert_new(pushed)
