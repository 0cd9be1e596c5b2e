"""Whether this program runs in a container, and what the engine would then take for its own."""

from __future__ import annotations

import platform
from pathlib import Path

import msgspec
import pytest

from ws9tui.core.inspect import reach, within
from ws9tui.core.model.observed import Container, EngineInfo, Mount
from ws9tui.core.model.project import Service
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource

OURS, OTHER = "0123456789ab" * 5 + "cdef", "f" * 64
MOUNT = f"529 512 254:1 /docker/containers/{OURS}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw\n"
OF_THE_HOST = f"60 29 0:51 / /var/lib/docker/containers/{OTHER}/mounts/shm rw - tmpfs shm rw\n"


@pytest.mark.parametrize(
    ("mounts", "groups", "marked", "host", "found"),
    [
        (MOUNT, "0::/\n", False, "server-3", [OURS]),
        ("", f"4:memory:/docker/{OURS}\n0::/\n", False, "server-3", [OURS]),
        ("", f"0::/system.slice/docker-{OURS}.scope\n", False, "server-3", [OURS]),
        ("", "0::/\n", True, OURS[:12], [OURS[:12]]),
        ("", "0::/\n", True, "server-3", []),
        ("", "0::/\n", False, OURS[:12], []),
        (OF_THE_HOST, "0::/init.scope\n", False, "server-3", []),
    ],
)
def test_the_container_that_this_program_runs_in(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mounts: str,
    groups: str,
    marked: bool,
    host: str,
    found: list[str],
) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/mountinfo").write_text(mounts)
    (tmp_path / "proc/self/cgroup").write_text(groups)
    if marked:
        (tmp_path / ".dockerenv").touch()
    monkeypatch.setattr(platform, "node", lambda: host)
    assert list(within.ids(tmp_path)) == found


def test_what_it_runs_in_is_not_updated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its recreation would kill the updater (failure 41)."""
    monkeypatch.setattr(within, "ids", lambda: (OURS[:12],))
    assert within.is_self(OURS)
    assert not within.is_self(OTHER)


def inside(*mounts: Mount, network: str = "bridge") -> EngineInfo:
    """An engine of which we are a container, with these mounts."""
    container = Container(OURS, "updater", "sha256:1", Reference("w:1"), mounts=mounts, network_mode=network)
    facts = ("id", "server", "28", "1.51", "linux", "amd64", "/")
    return EngineInfo(*facts, containerd_store=False, local=False, host="unix:///s", inside=container)


@pytest.mark.parametrize(
    ("mounts", "path", "there"),
    [
        ([], "/w/data", ""),
        ([], "/etc/localtime", None),
        ([Mount("bind", "/srv/app", "/w")], "/w/data", "/srv/app/data"),
        ([Mount("bind", "/w", "/w")], "/w/data", None),
        ([Mount("bind", "/", "/host")], "/host/x", "/x"),
        ([Mount("bind", "/srv", "/w"), Mount("bind", "/w/data", "/w/data")], "/w/data/x", None),
        ([Mount("volume", "work", "/w")], "/w/data", ""),
        ([Mount("bind", "/run/user/1000/docker.sock", "/s")], "/s", None),
    ],
)
def test_a_folder_of_our_container_is_not_the_engines(mounts: list[Mount], path: str, there: str | None) -> None:
    found = list(reach._folders(inside(*mounts), "/w", Service("web", binds=(path,))))
    assert [problem.facts["there"] for problem in found] == ([] if there is None else [there])


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://localhost:8080/", True),
        ("https://127.0.0.1/", True),
        ("http://[::1]:80", True),
        ("http://shop.example/", False),
        ("http://10.0.0.7/", False),
        ("what", False),
    ],
)
def test_a_probe_that_asks_its_own_machine(url: str, loopback: bool) -> None:
    assert reach.on_loopback(url) is loopback


def test_whose_ports_are_ours() -> None:
    """Those of the engine on this machine, also behind a proxy's address, and of a container in the host's network."""
    here = msgspec.structs.replace(inside(), inside=None)
    assert reach._shares_ports(here)
    assert not reach._shares_ports(msgspec.structs.replace(here, elsewhere=True))
    assert not reach._shares_ports(inside())
    assert reach._shares_ports(inside(network="host"))


def test_a_project_in_our_container_is_where_the_engine_has_it_or_nowhere(tmp_path: Path) -> None:
    source = ProjectSource("shop", str(tmp_path), (str(tmp_path / "compose.yaml"),))
    assert reach.misplaced(inside(Mount("bind", str(tmp_path), str(tmp_path))), source) is None
    elsewhere = reach.misplaced(inside(Mount("bind", "/srv/shop", str(tmp_path))), source)
    assert elsewhere is not None
    assert elsewhere.facts == {"path": str(tmp_path), "there": "/srv/shop", "folder": "/srv/shop"}
    nowhere = reach.misplaced(inside(), source)
    assert nowhere is not None
    assert nowhere.there == ""
    gone = ProjectSource("shop", "/nowhere/shop", ("/nowhere/shop/compose.yaml",))
    assert reach.misplaced(inside(), gone) is None, "its files are the server's"
    assert reach.misplaced(msgspec.structs.replace(inside(), inside=None), source) is None
