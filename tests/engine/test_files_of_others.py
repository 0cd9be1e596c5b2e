"""What another user of the machine plants in a project's folders, and files that may not be read or written."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import behaviours, deployed, processes, stranger
from support.cli import Said
from support.deployed import NEW, Deployed
from support.images import ImageSpec
from support.snapshot import assert_same
from support.stranger import STRANGER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.dockerd import Dockerd
    from support.registry import Registry

SECRET = "root=secret\n"
_MORE = "    env_file: data/conf/app.env\n"


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, public: Path, state_dir: Path) -> Deployed:
    """Return a deployment of which one env file lies in a folder of a stranger's."""
    folder = public / "project"
    (folder / "data" / "conf").mkdir(parents=True)
    (folder / "data" / "conf" / "app.env").write_text("SETTING=1\n")
    for path in (folder / "data", folder / "data" / "conf", folder / "data" / "conf" / "app.env"):
        os.chown(path, STRANGER, STRANGER)
    return deployed.deploy(clean_engine, registry, folder, state_dir, more=_MORE)


@pytest.fixture
def victim(public: Path) -> Iterator[Path]:
    """Return a file of root's, and assert afterwards that it, and what is beside it, is as it was."""
    folder = public / "etc"
    folder.mkdir()
    file = folder / "app.env"
    file.write_text(SECRET)
    file.chmod(0o600)
    yield file
    found = file.lstat()
    assert (file.read_text(), found.st_uid, stat.S_IMODE(found.st_mode)) == (SECRET, 0, 0o600)
    assert [path.name for path in folder.iterdir()] == ["app.env"]


def updated(pair: Deployed) -> Path:
    """Update both; returns the stranger's env file, which then has other content than in the first generation."""
    pair.offer()
    pair.update().ended("kept", 0)
    return pair.project.folder / "data" / "conf" / "app.env"


def rolled_back(pair: Deployed) -> Said:
    return pair.cli.json("rollback", "pair", "--to", "1", "--monitor", "1s")


def assert_as_recorded(file: Path) -> None:
    found = file.lstat()
    assert stat.S_ISREG(found.st_mode)
    assert (file.read_text(), found.st_uid, found.st_gid) == ("SETTING=1\n", STRANGER, STRANGER)


def test_a_link_in_the_place_of_a_file_is_refused_with_a_way_on(pair: Deployed, victim: Path) -> None:
    file = updated(pair)
    stranger.does(f"mv app.env aside; ln -s {victim} app.env", file.parent)
    said = rolled_back(pair).ended("refused", 3)
    assert said.finished["problem"]["code"] == "file-led-elsewhere"
    for part in (str(file), str(victim), "nobody"):
        assert part in said.message, said.message
    assert f"rm {file}" in said.message
    file.unlink()
    rolled_back(pair).ended("kept", 0)
    assert_as_recorded(file)


def test_a_link_in_the_place_of_a_folder_is_refused(pair: Deployed, victim: Path) -> None:
    file = updated(pair)
    stranger.does(f"mv conf aside; ln -s {victim.parent} conf", file.parent.parent)
    said = rolled_back(pair).ended("refused", 3)
    assert said.finished["problem"]["code"] == "file-led-elsewhere"
    assert f"rm {file.parent}" in said.message, said.message
    file.parent.unlink()
    rolled_back(pair).ended("kept", 0)
    assert_as_recorded(file)
    assert file.parent.stat().st_uid == STRANGER


def test_a_link_that_comes_in_the_middle_goes_with_the_way_back(pair: Deployed, victim: Path) -> None:
    """Nothing can be refused any more: what was recorded is put in the link's own place."""
    pair.offer(app=ImageSpec(NEW, behaviour=behaviours.crash()))
    file = pair.project.folder / "data" / "conf" / "app.env"
    running = pair.start()
    running.until("container-step", service="db", text="Recreated")
    stranger.does(f"mv app.env aside; ln -s {victim} app.env", file.parent)
    running.wait().ended("rolled-back", 1)
    assert_as_recorded(file)
    (file.parent / "aside").unlink()
    pair.assert_back()


def test_a_link_that_was_there_is_kept(pair: Deployed) -> None:
    """`.env` is a link to a file elsewhere: that is edited and brought back, and the link stays."""
    env = pair.project.env_file
    real = pair.project.folder.parent / "shared.env"
    shutil.move(env, real)
    env.symlink_to(real)
    updated(pair)
    assert f"APP_VERSION={NEW}" in real.read_text()
    rolled_back(pair).ended("kept", 0)
    assert env.readlink() == real
    assert f"APP_VERSION={deployed.OLD}" in real.read_text()


# --- files that may not be written or read --------------------------------------------------------------------------


@contextmanager
def immutable(path: Path) -> Iterator[None]:
    subprocess.run(["chattr", "+i", path], check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", path], check=True, capture_output=True)


@contextmanager
def mounted(path: Path) -> Iterator[None]:
    subprocess.run(["mount", "--bind", path, path], check=True, capture_output=True)
    try:
        yield
    finally:
        processes.unmount(path)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    with mounted(folder):
        subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True, capture_output=True)
        yield


def refused_before_the_pull(pair: Deployed, code: str, *parts: str) -> None:
    """Assert that an update is refused before anything is pulled, that its plan says so, and that the doctor does."""
    before = pair.now()
    for answer in ("--yes", "--plan"):
        said = pair.cli.run("update", *pair.wanted, answer, "--json").ended("refused", 3)
        assert said.finished["problem"]["code"] == code
        for part in parts:
            assert part in said.message, said.message
        assert not said.of("pull-started")
    told = pair.cli.run("doctor", "pair", "--json")
    assert code in [found["finding"]["problem"]["code"] for found in told.of("found")]
    assert_same(before, pair.now())


def test_an_immutable_env_file(pair: Deployed) -> None:
    pair.offer()
    with immutable(pair.project.env_file):
        refused_before_the_pull(pair, "file-immutable", str(pair.project.env_file), "chattr -ia")
    pair.update().ended("kept", 0)


def test_a_read_only_file_system(pair: Deployed) -> None:
    pair.offer()
    with read_only(pair.project.folder):
        refused_before_the_pull(pair, "file-read-only", str(pair.project.env_file), "remount,rw")
    pair.update().ended("kept", 0)


def test_a_file_that_is_mounted_by_itself(pair: Deployed) -> None:
    pair.offer()
    with mounted(pair.project.env_file):
        refused_before_the_pull(pair, "file-mounted", str(pair.project.env_file))
    pair.update().ended("kept", 0)


def test_a_folder_that_may_not_be_written(pair: Deployed) -> None:
    """As root without its power over files, which is what a member of the group 'docker' is."""
    pair.offer()
    os.chown(pair.project.folder, STRANGER, STRANGER)
    said = powerless(pair, "update", *pair.wanted, "--yes")
    assert said.status == 3, said.out + said.err
    for part in (f"no write permission in {pair.project.folder}", "nobody"):
        assert part in said.out + said.err, said.out + said.err
    os.chown(pair.project.folder, 0, 0)
    pair.assert_untouched()


@pytest.mark.sample(1, reason="each case is another file")
@pytest.mark.parametrize("name", [".env", "compose.yaml", "data/conf/app.env"])
def test_a_file_that_may_not_be_read(pair: Deployed, name: str) -> None:
    pair.offer()
    path = pair.project.folder / name
    found = path.stat()
    os.chown(path, STRANGER, STRANGER)
    path.chmod(0o600)
    for command in (
        ("update", *pair.wanted, "--yes"),
        ("doctor", "pair"),
        ("update", str(pair.project.folder), "--yes"),
    ):
        said = powerless(pair, *command)
        text = said.out + said.err
        assert "internal error" not in text, text
        assert "Traceback" not in text, text
        assert said.status == 3, text
        for part in (str(path), "no permission to read", "nobody", "0600"):
            assert part in text, text
    os.chown(path, found.st_uid, found.st_gid)
    path.chmod(stat.S_IMODE(found.st_mode))


def powerless(pair: Deployed, *arguments: str) -> Said:
    """Run a command as root without its power over files."""
    done = subprocess.run(
        [
            *("setpriv", "--bounding-set=-dac_override,-dac_read_search"),
            *(sys.executable, "-m", "ws9tui", *arguments, "--state-dir", str(pair.cli.state)),
        ],
        cwd=pair.cli.folder,
        env=pair.engine.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return Said(done.returncode, done.stdout, done.stderr)


# --- what a file has besides its content ----------------------------------------------------------------------------

NO_ID = 2**32 - 1
# version 2; user::rw-, user:65534:r--, group::r--, mask::r--, other::---
ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", tag, rights, who)
    for tag, rights, who in (
        (1, 6, 2**32 - 1),
        (2, 4, STRANGER),
        (4, 4, 2**32 - 1),
        (16, 4, 2**32 - 1),
        (32, 0, 2**32 - 1),
    )
)


def dressed(path: Path) -> dict[str, object]:
    found = path.stat()
    return {name: os.getxattr(path, name) for name in os.listxattr(path)} | {
        "mode": stat.S_IMODE(found.st_mode),
        "owner": (found.st_uid, found.st_gid),
    }


def test_attributes_are_kept_and_hard_links_are_told(pair: Deployed) -> None:
    env = pair.project.env_file
    os.chown(env, STRANGER, 4711)
    os.setxattr(env, "user.origin", b"here")
    os.setxattr(env, "system.posix_acl_access", ACL)
    beside = pair.project.folder.parent / "same.env"
    os.link(env, beside)
    before, text = dressed(env), env.read_text()
    assert {"user.origin", "system.posix_acl_access"} <= before.keys()
    pair.offer()
    said = pair.update().ended("kept", 0)
    assert "file-hard-links" in [note["code"] for note in said.of("planned")[-1]["plan"]["notes"]]
    assert dressed(env) == before
    assert beside.read_text() == text
    env.write_text(f"{env.read_text()}# edited\n")
    os.removexattr(env, "user.origin")
    rolled_back(pair).ended("kept", 0)
    assert (dressed(env), env.read_text()) == (before, text)
