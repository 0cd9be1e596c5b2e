"""Upgrades to a release that are stopped or killed, that bring and drop services, and in folders of every kind."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from support import killing
from support import websoft9_images as look_alikes
from support.cli import QUICK, Cli
from support.machine import Machine, rollback
from support.releases import Release, release_bundle
from support.snapshot import assert_same
from support.websoft9 import Places, Websoft9
from ws9tui.core.model.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cli import Said

TAKEN = ("--compose-file", "release")
HELPER = """  helper:
    image: strangers/thing:1.0.0
    restart: always

"""


def build(machine: Machine, version: str, *, helper: bool = False) -> Release:
    """Build a modern release in its bundle, with its image in the registry."""
    look_alikes.push_modern(machine.registry, version)
    made = release_bundle(
        machine.root.parent / f"release-{version}", version, Places(machine.engine.socket, machine.root)
    )
    if helper:
        text = made.compose_file.read_text()
        made.compose_file.write_text(text.replace("services:\n", f"services:\n{HELPER}", 1))
    return made


def upgrade(site: Websoft9, release: Release, *arguments: str) -> Said:
    return site.cli.json("update", site.project, "--release", str(release.folder), *arguments, *QUICK)


def running(machine: Machine, version: str = "2.3.3") -> Websoft9:
    """Have a modern installation of a version."""
    look_alikes.push_modern(machine.registry, version)
    return machine.modern(version)


def helpers(site: Websoft9) -> list[str]:
    return [service for service in site.containers() if service == "helper"]


def left(site: Websoft9) -> list[str]:
    """List what runs have left unpacked."""
    return [str(path) for path in site.cli.state.rglob("staged-*")]


# --- services, files, folders ------------------------------------------------------------------------------------


def test_a_service_comes_and_goes_and_the_old_release_is_remembered(machine: Machine) -> None:
    """The second upgrade needs no old release; a change of one's own in the Compose file goes along, and stays ours."""
    site = running(machine)
    first, second = build(machine, "2.3.4", helper=True), build(machine, "2.3.5")
    upgrade(site, first, *TAKEN).ended("kept", 0)
    assert site.state() == {"helper": "running", "product": "running"}
    site.assert_no_drift()
    text = site.compose_file.read_text()
    site.compose_file.write_text(f"# ours\n{text}")
    ids = site.ids()

    arguments = ("update", site.project, "--release", str(second.folder), "--plan", "--json")
    planned = site.cli.run(*arguments).ended("planned", 0)
    kinds = {(op["subject"], op["kind"]) for op in planned.of("planned")[-1]["plan"]["operations"]}
    assert {("helper", "remove"), ("product", "recreate")} <= kinds
    assert (site.ids(), site.compose_file.read_text()) == (ids, f"# ours\n{text}")

    upgrade(site, second).ended("kept", 0)
    assert helpers(site) == []
    assert site.versions() == {"product": "2.3.5"}
    assert site.compose_file.read_text() == f"# ours\n{second.compose_file.read_text()}"
    site.assert_no_drift()
    assert upgrade(site, second).ended("up-to-date", 0).of("planned") == []

    rollback(site).ended("kept", 0)
    assert helpers(site) == ["helper"]
    assert site.compose_file.read_text() == f"# ours\n{text}"
    site.assert_no_drift()
    assert left(site) == []
    machine.assert_others_untouched()


def test_what_is_stopped_stays_so(machine: Machine) -> None:
    site = running(machine)
    upgrade(site, build(machine, "2.3.4", helper=True), *TAKEN).ended("kept", 0)
    site.compose("stop", "product")
    upgrade(site, build(machine, "2.3.5", helper=True)).ended("kept", 0)
    assert site.state()["product"] in {"created", "exited"}
    assert site.containers()["product"]["Config"]["Image"].endswith(":2.3.5")


def test_where_a_link_leads_with_paths_that_leave_the_folder(machine: Machine) -> None:
    """The folder is a link, and a service reads a file beside it: what is drafted is what Compose makes of it."""
    release, later = build(machine, "2.3.4", helper=True), build(machine, "2.3.5", helper=True)
    real = machine.root / "real"
    (real / "srv" / "common").mkdir(parents=True)
    (real / "srv" / "common" / "said").write_text("common\n")
    link = machine.root / "link"
    link.symlink_to("real/srv")
    folder = link / "websoft9"
    cli = Cli(machine.engine, machine.state, machine.root.parent)
    cli.json("install", str(release.folder), "--folder", str(folder), *QUICK).ended("kept", 0)
    assert (real / "srv" / "websoft9" / "version.json").exists()
    site = Websoft9(machine.engine, folder, cli)
    site.assert_no_drift()
    own = folder / "docker-compose.override.yml"
    own.write_text("services: {helper: {volumes: ['../common:/common:ro']}}\n")
    site.up()
    upgrade(site, later).ended("kept", 0)
    assert site.versions()["product"] == "2.3.5"
    site.assert_no_drift()
    assert site.inside("helper", "cat /common/said") == "common"
    said = cli.run("doctor", site.project, "--json")
    codes = {finding["finding"]["problem"]["code"] for finding in said.of("found")}
    assert {"websoft9-modern", "websoft9-component"} <= codes


def test_several_compose_files_and_an_env_file_elsewhere(machine: Machine) -> None:
    """The release's own files are those that move; what the others say stays on top."""
    site = running(machine)
    release = build(machine, "2.3.4")
    elsewhere = site.folder.parent / "settings.env"
    elsewhere.write_bytes(site.env_file.read_bytes())
    site.env_file.unlink()
    more = site.folder / "more.yml"
    more.write_text("services: {product: {labels: {ours: kept}}}\n")
    options = ("--env-file", str(elsewhere), "-f", "docker-compose.yml", "-f", "more.yml")
    site.compose(*options, "up", "-d")
    site.wait_well()
    text = more.read_bytes()
    upgrade(site, release, "--compose-file", "release").ended("kept", 0)
    assert site.versions() == {"product": "2.3.4"}
    assert "IMAGE_TAG=2.3.4\n" in elsewhere.read_text()
    assert (more.read_bytes(), site.env_file.exists()) == (text, False)
    assert site.containers()["product"]["Config"]["Labels"]["ours"] == "kept"
    ids = site.ids()
    site.compose(*options, "up", "-d")
    assert site.ids() == ids


# --- stopped and killed ------------------------------------------------------------------------------------------


class Stalling:
    """Answers each request with the beginning of a file, and then with nothing more."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.asked = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/websoft9-2.3.4.zip"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 1000)
            self._open.append(connection)
            self.asked.set()

    def close(self) -> None:
        """Close everything."""
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for connection in self._open:
            connection.close()


@pytest.fixture
def stalling() -> Iterator[Stalling]:
    made = Stalling()
    yield made
    made.close()


def test_a_download_that_stalls_is_stopped_at_once(machine: Machine, stalling: Stalling) -> None:
    """By a signal to the worker, and by its death: nothing is changed, nothing is left, and the next run works."""
    site = running(machine)
    before = site.now()
    arguments = ("update", site.project, "--release", stalling.url, "--checksum", "0" * 64, "--yes", "--json")
    for number in (signal.SIGTERM, signal.SIGKILL):
        stalling.asked.clear()
        command = site.cli.start(*arguments, *QUICK)
        assert stalling.asked.wait(30)
        began = time.monotonic()
        os.kill(command.worker(), number)
        said = command.wait(20)
        assert time.monotonic() - began < 5
        if number == signal.SIGTERM:
            said.ended("cancelled", 130)
            assert left(site) == []
        assert_same(before, site.now())
    site.cli.json("update", site.project).ended("up-to-date", 0)
    assert left(site) == []


def killed(site: Websoft9, release: Release, point: str) -> None:
    """Do an upgrade whose worker dies there."""
    options = Options(
        arguments=(site.project,), release=str(release.folder), compose_file="release", monitor=1.0, assume_yes=True
    )
    killing.killed(site.engine, site.cli.state, site.folder, options, point)


@pytest.mark.sample(1, reason="each case is another moment before the commit")
@pytest.mark.parametrize("point", ["release-found#1/after", "merge-proposed#1/after", "planned#1/after"])
def test_killed_before_the_commit_nothing_is_left(machine: Machine, point: str) -> None:
    site = running(machine)
    before = site.now()
    release = build(machine, "2.3.4", helper=True)
    killed(site, release, point)
    assert site.cli.json("recover", site.project).status == 2  # there is nothing to recover
    site.cli.json("update", site.project).ended("up-to-date", 0)
    assert_same(before, site.now())
    assert left(site) == []
    assert site.cli.generations() == []


@pytest.mark.sample(1, reason="each case is another way out")
@pytest.mark.parametrize("point", ["put#1/after", "step-started#3/after"])
def test_killed_in_the_commit_both_ways_are_open(machine: Machine, point: str) -> None:
    site = running(machine)
    files = contents(site)
    release = build(machine, "2.3.4", helper=True)
    killed(site, release, point)
    site.cli.json("recover", site.project, "--back", *QUICK).ended("rolled-back", 1)
    assert contents(site) == files
    assert site.versions() == {"product": "2.3.3"}
    assert helpers(site) == []
    site.assert_no_drift()

    killed(site, release, point)
    site.cli.json("recover", site.project, "--forward", *QUICK).ended("kept", 0)
    assert site.versions()["product"] == "2.3.4"
    assert helpers(site) == ["helper"]
    site.assert_no_drift()
    rollback(site).ended("kept", 0)
    assert contents(site) == files
    assert helpers(site) == []


def contents(site: Websoft9) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in site.folder.iterdir() if path.is_file()}
