"""The program in one file, as a release has it: on clean systems without Python, and the places that it unpacks to."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import processes, programs, release, tools
from support.needs import need
from support.roots import Root
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.deployed import Deployed

pytestmark = pytest.mark.engine
PROGRAM = "/usr/local/bin/ws9tui"
HOME = "var/lib/ws9tui-program"


@pytest.fixture
def file() -> Path:
    """Return the program in one file, made of the present sources."""
    return release.one_file()


# --- on clean systems --------------------------------------------------------------------------------------------


@pytest.fixture(params=["bullseye", "bookworm", "trixie", "noexec"])
def root(request: pytest.FixtureRequest, tmp_path: Path, pair: Deployed, file: Path) -> Iterator[Root]:
    """Return a system without Python, with the engine's socket, Compose, the project, and the program.

    On one no program can be started from a temporary folder, and /var/lib is full.
    """
    need(release.lacking_roots())
    hard = request.param == "noexec"
    shared = (pair.engine.socket.parent, pair.project.folder, pair.cli.state)
    pair.cli.state.mkdir()
    settings = {"noexec": ("tmp", "var/tmp", "dev/shm"), "small": ("var/lib",)} if hard else {}
    with Root(tmp_path / "root", "bookworm" if hard else request.param, shared, **settings) as made:
        made.put(Path(tools.compose_folder(), "docker-compose"), "usr/local/bin/docker-compose")
        made.put(file, PROGRAM[1:])
        yield made


@pytest.mark.always(reason="it is what most people install")
@pytest.mark.sample(1, reason="each case is another Debian")
def test_an_update_is_killed_recovered_and_done_where_there_is_no_python(root: Root, pair: Deployed) -> None:
    assert subprocess.run(root.command("sh", "-c", "command -v python3"), check=False).returncode == 127
    inside = replace(pair, cli=replace(pair.cli, program=tuple(root.command(PROGRAM)), folder=root.path))
    shown = subprocess.run(root.command(PROGRAM, "demo", "up-to-date"), check=True, capture_output=True, text=True)
    assert "nothing was changed" in shown.stdout
    doctor = inside.cli.run("doctor", str(pair.project.folder))
    assert doctor.status == 0, doctor

    pushed = pair.offer()
    wanted = (str(pair.project.folder), *pair.wanted[1:], "--yes", "--json")
    running = inside.cli.start("update", *wanted)
    running.until("container-step")
    os.kill(running.worker(), signal.SIGKILL)
    assert running.wait().status != 0
    inside.cli.json("recover", str(pair.project.folder), "--back").ended("rolled-back", 1)
    pair.assert_back()

    # The program's folder is deleted, and its file replaced, in the middle of a run: the worker goes on.
    running = inside.cli.start("update", *wanted)
    running.until("planned")
    programs = [root.path / place / "ws9tui-program" for place in ("var/lib", "opt")]
    (home,) = [place for place in programs if place.is_dir()]
    assert home.parent.name == ("opt" if root.small else "lib")
    shutil.rmtree(home)
    (root.path / PROGRAM[1:]).write_text("#!/bin/sh\nexit 99\n")
    running.wait().ended("kept", 0)
    pair.assert_new(pushed)


# --- where it unpacks to -----------------------------------------------------------------------------------------


def start(file: Path | str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it with these variables and no others, in the folder PWD."""
    known = {"PATH": tools.SYSTEM_PATH, "HOME": "/nonexistent"}
    words = [str(file), *arguments]
    return subprocess.run(
        words, check=False, capture_output=True, text=True, env=known | variables, cwd=variables.get("PWD", "/")
    )


def test_it_unpacks_once_and_again_after_a_boot_and_clears_up(file: Path, tmp_path: Path) -> None:
    place = tmp_path / "a place"
    assert start(file, "--version", WS9TUI_UNPACK_DIR=str(place)).stdout.startswith("ws9tui ")
    (unpacked,) = place.iterdir()
    inode = unpacked.stat().st_ino
    link = tmp_path / "link"
    link.symlink_to(file)
    assert start(link, "--version", WS9TUI_UNPACK_DIR=str(place)).returncode == 0
    assert [each.stat().st_ino for each in place.iterdir()] == [inode]

    # of another boot, or another version: unused, used a minute ago, running
    names = ("old", "recent", "running")
    unused, recent, busy = (Path(shutil.copytree(unpacked, place / name)) for name in names)
    for folder in (unused, busy):
        for path in (folder / "in-use", folder):
            os.utime(path, (1, 1))
    with subprocess.Popen(
        [busy / "bin/python", "-c", "import sys; print(flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        os.utime(busy / "in-use", (1, 1))
        unpacked.rename(place / "new-1-abandoned")
        os.utime(place / "new-1-abandoned", (1, 1))
        os.utime(place / "new-1-abandoned/in-use", (1, 1))
        assert start(file, "--version", WS9TUI_UNPACK_DIR=str(place)).returncode == 0
        assert {each.name for each in place.iterdir()} == {unpacked.name, recent.name, busy.name}
        process.communicate()


def test_a_folder_is_named_from_where_one_stands(file: Path, tmp_path: Path) -> None:
    said = start(file, "demo", "up-to-date", PWD=str(tmp_path), WS9TUI_UNPACK_DIR="here")
    assert (said.returncode, said.stderr) == (0, "")
    assert (tmp_path / "here").is_dir()


def test_root_unpacks_into_no_folder_of_another_user(file: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    os.chown(home, 1234, 1234)
    script = file.read_bytes().split(b"\nunpack() {")[0].decode().replace("set -eu", "set -eu; user=0")
    for owner, asked in ((1234, False), (0, True)):
        os.chown(home, owner, owner)
        said = subprocess.run(
            ["sh", "-c", f"{script}\nplaces"], check=True, capture_output=True, text=True, env={"HOME": str(home)}
        )
        assert (f"{home}/.cache/ws9tui-program" in said.stdout.splitlines()) == asked


def test_two_first_starts_at_once_share_one_folder(file: Path, tmp_path: Path) -> None:
    variables = {"PATH": tools.SYSTEM_PATH, "WS9TUI_UNPACK_DIR": str(tmp_path)}
    started = [
        subprocess.Popen([str(file), "--version"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [process.communicate() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], said
    assert len(list(tmp_path.iterdir())) == 1


def test_an_interrupted_first_start_leaves_nothing(file: Path, tmp_path: Path) -> None:
    variables = {"PATH": tools.SYSTEM_PATH, "WS9TUI_UNPACK_DIR": str(tmp_path)}
    with subprocess.Popen([str(file), "--version"], env=variables, start_new_session=True) as process:
        until(lambda: any(tmp_path.glob("new-*/lib/*")), 20, "it unpacks")
        os.killpg(process.pid, signal.SIGTERM)
    assert process.returncode == 130
    assert not list(tmp_path.iterdir())


def test_where_it_can_unpack_nowhere_it_says_so_and_leaves_nothing(file: Path, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.mkdir()
    os.chown(others, 1234, 1234)
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / "link").symlink_to(target)
    for place, reason in ((others, "belongs to another user"), (tmp_path / "link", "belongs to another user")):
        said = start(file, "--version", WS9TUI_UNPACK_DIR=str(place))
        assert said.returncode == 3
        assert f"{place}: cannot be made, or {reason}" in said.stderr
        assert "WS9TUI_UNPACK_DIR=FOLDER" in said.stderr
        assert "Nothing has been changed" in said.stderr
    full = tmp_path / "full"
    full.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "none", str(full)], check=True)
    try:
        said = start(file, "--version", WS9TUI_UNPACK_DIR=str(full))
        assert said.returncode == 3
        assert "No space left on device" in said.stderr
        assert not list(full.iterdir())
    finally:
        processes.unmount(full)
    assert not list(target.iterdir())


def test_another_machine_and_half_a_file_are_told(file: Path, tmp_path: Path) -> None:
    half = tmp_path / "half"
    half.write_bytes(file.read_bytes()[:5_000_000])
    half.chmod(0o755)
    said = start(half, "--version", WS9TUI_UNPACK_DIR=str(tmp_path / "x"))
    assert (said.returncode, said.stdout) == (3, "")
    assert "not complete" in said.stderr
    programs.write(tmp_path / "uname", '[ "$1" = -s ] && echo Linux || echo riscv64')
    said = start(file, "--version", PATH=f"{tmp_path}:{tools.SYSTEM_PATH}")
    assert said.returncode == 3
    assert "Linux on riscv64" in said.stderr
    assert not (tmp_path / "x").exists()


def test_it_names_itself_in_the_commands_that_it_prints(file: Path, tmp_path: Path) -> None:
    said = start(file, "recover", "shop", "--print-unit", WS9TUI_UNPACK_DIR=str(tmp_path))
    assert f"ExecStart={file} recover shop" in said.stdout


def test_what_is_inside_is_listed_with_its_licences(file: Path) -> None:
    bill = release.bill()
    names = {component["name"]: component for component in bill["components"]}
    assert {"python", "textual", "docker", "PyYAML", "libc6"} <= names.keys()
    assert all(component["purl"] and component["licenses"] for component in names.values())
    text = release.licences()
    assert all(f"{component['name']} {component['version']}: " in text for component in names.values())
    assert "GNU C Library" in text
    sums = release.sums()
    assert file.name in sums
