"""A first install: where to, with which settings, and what is in the way; from a release and from a plain folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench import Shop
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.options import Options
from ws9tui.core.model.plan import Kind
from ws9tui.core.model.project import Project, Service
from ws9tui.core.model.release import Release, Setting
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.core.releases import fetch, install
from ws9tui.errors import Refused, UsageError
from ws9tui.simulation.engine import Behaviour

RELEASE = Release(
    "shop",
    "/srv/shop",
    "1.0",
    "release",
    candidate=False,
    verified=True,
    compose_file="compose.yml",
    compose=b"services: {}\n",
    env=b"# ports\nPORT=80 # http\nOTHER=81\nDATA=/data\nNAME=shop\n",
    others={"../version.json": b"{}", "conf/x.conf": b"x"},
    settings=(
        Setting("PORT", "80", "port"),
        Setting("OTHER", "81", "port"),
        Setting("DATA", "/data", "folder"),
        Setting("NAME", "shop", "text"),
    ),
    console="PORT",
)


def test_where_to(tmp_path: Path) -> None:
    found = install.source(RELEASE, Options(folder="a/b"), tmp_path)
    assert (found.name, found.folder) == ("shop", str(tmp_path / "a" / "b"))
    assert found.files == (str(tmp_path / "a" / "b" / "compose.yml"),)
    assert install.source(RELEASE, Options(project_name="mine", folder=str(tmp_path / "x")), Path("/")).name == "mine"
    assert install.source(RELEASE, Options(), tmp_path).folder == "/srv/shop"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert install.source(RELEASE, Options(folder="~/shop"), tmp_path).folder == str(tmp_path / "home" / "shop")
    assert install.source(RELEASE, Options(folder="~nobody2/a"), tmp_path).folder == str(tmp_path / "~nobody2" / "a")


def test_what_cannot_be_looked_at_is_not_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = os.stat

    def closed(path: int | str | Path, **how: Any) -> os.stat_result:  # noqa: ANN401 - as os.stat has them
        if str(path).startswith(f"{tmp_path}/closed/"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return found(path, **how)

    (tmp_path / "closed").mkdir()
    service = Service("web", binds=(f"{tmp_path}/closed/volumes", f"{tmp_path}/data"))
    project = Project(ProjectSource("shop", str(tmp_path), ()), {"web": service})
    monkeypatch.setattr(os, "stat", closed)
    made = install.missing_folders({f"{tmp_path}/srv/compose.yml": b""}, project)
    monkeypatch.undo()
    assert made == (f"{tmp_path}/data", f"{tmp_path}/srv")


def test_what_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "empty").mkdir()
    found = {name: install.folder_problem(tmp_path / name) for name in ("file", "file/below", "full", "empty", "a/b")}
    assert found == {"file": "no-folder", "file/below": "no-folder", "full": "not-empty", "empty": "", "a/b": ""}
    with pytest.raises(UsageError, match="install-folder"):
        install.source(RELEASE, Options(folder="full"), tmp_path)


def test_settings_change_their_values_and_nothing_else(tmp_path: Path) -> None:
    folder = str(tmp_path / "a" / "docker")
    found = install.contents(RELEASE, folder, {"PORT": "8080", "DATA": "/mnt/data"})
    assert set(found) == {
        f"{folder}/compose.yml",
        f"{folder}/.env",
        f"{folder}/conf/x.conf",
        str(tmp_path / "a" / "version.json"),
    }
    env = found[f"{folder}/.env"]
    assert env == b"# ports\nPORT=8080 # http\nOTHER=81\nDATA=/mnt/data\nNAME=shop\n"
    assert install.address(RELEASE, found, folder).endswith(":8080")
    assert install.address(msgspec.structs.replace(RELEASE, console="NONE"), found, folder) == ""


def test_the_address_is_the_one_that_was_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = install.contents(RELEASE, str(tmp_path), {})
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.9 5000 192.0.2.1 22")
    assert install.address(RELEASE, found, str(tmp_path)) == "http://192.0.2.1:80"
    monkeypatch.setenv("SSH_CONNECTION", "2001:db8::9 5000 2001:db8::1 22")
    assert install.address(RELEASE, found, str(tmp_path)) == "http://[2001:db8::1]:80"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("NONE", "1", "setting-unknown"),
        ("PORT", "0", "setting-invalid"),
        ("PORT", "65536", "setting-invalid"),
        ("PORT", "٣", "setting-invalid"),
        ("PORT", "81", "setting-invalid"),
        ("DATA", "relative", "setting-invalid"),
        ("NAME", "", "setting-invalid"),
        ("NAME", "a b", "setting-invalid"),
        ("NAME", "$(x)", "setting-invalid"),
    ],
)
def test_values_that_cannot_be(tmp_path: Path, name: str, value: str, code: str) -> None:
    with pytest.raises(UsageError, match=code):
        install.contents(RELEASE, str(tmp_path), {name: value})


def test_a_candidate_is_asked_for_by_its_channel() -> None:
    candidate = msgspec.structs.replace(RELEASE, candidate=True)
    with pytest.raises(Refused, match="release-candidate"):
        fetch.refuse_other(candidate, Options())
    fetch.refuse_other(candidate, Options(channel="rc"))
    fetch.refuse_other(RELEASE, Options())
    with pytest.raises(Refused, match="release-version-other"):
        fetch.refuse_other(RELEASE, Options(release_version="2.0"))


# --- of a plain folder --------------------------------------------------------------------------------------------

PLAIN = """\
name: shop
services:
  web:
    image: r.test/web:latest
    restart: always
networks:
  default: {name: shared, external: true}
"""


@pytest.fixture
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    request.getfixturevalue("quick")
    return Shop(tmp_path, PLAIN)


@virtual
async def test_a_missing_external_network_is_made_and_named_in_the_plan(shop: Shop) -> None:
    shop.publish("r.test/web:latest", "1.0")
    told = await shop.run(verb=Verb.INSTALL)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    operations = told.all(e.Planned)[-1].plan.operations
    assert [op.subject for op in operations if op.kind is Kind.NETWORK] == ["shared"]
    assert "shared" in {network.name for network in shop.world.networks}


@virtual
async def test_it_goes_again_where_the_install_fails(shop: Shop) -> None:
    shop.publish("r.test/web:latest", "1.0", behaviour=Behaviour(exit_code=1, exits_after=1.0))
    told = await shop.run(verb=Verb.INSTALL)
    assert told.outcome is Outcome.ROLLED_BACK
    assert "shared" not in {network.name for network in shop.world.networks}
    assert shop.ids() == {}
    assert shop.generations == []
