"""A migration to the modern layout: where one has stopped, and what one would do; all by mounts, nothing by names."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from releases import MODERN_COMPOSE, close, container, legacy, legacy_containers, put
from ws9tui.core.model.observed import Container, Host, Mount
from ws9tui.core.model.terms import Level
from ws9tui.problems.problem import Problem
from ws9tui.websoft9 import layout, migration, upstream
from ws9tui.websoft9.migration import Traces
from ws9tui.websoft9.profile import Websoft9
from ws9tui.words import problems

MOUNTS = {
    "apphub": {"apphub_logs": "/var/log/supervisor", "apphub_config": "/websoft9/apphub/src/config"},
    "deployment": {"portainer": "/data"},
    "git": {"gitea": "/data"},
    "proxy": {"nginx_data": "/data", "nginx_letsencrypt": "/etc/letsencrypt", "nginx_modsec": "/etc/modsec"},
}
VOLUMES = {f"websoft9_{name}" for names in MOUNTS.values() for name in names}
SIZES = dict.fromkeys(VOLUMES, 100)
PRODUCT = container("product", "websoft9dev/websoft9:2.3.4", name="websoft9")
NAMES = "websoft9-deployment, websoft9-git, websoft9-proxy, websoft9-apphub"
BEGUN = Traces("/opt/websoft9", backup="/var/lib/websoft9/backups/legacy-migration-1")


def four(state: str = "running", folder: str = "") -> list[Container]:
    """The four containers of old with their volumes."""
    return [
        msgspec.structs.replace(
            one,
            state=state,
            mounts=tuple(Mount("volume", f"websoft9_{name}", target) for name, target in MOUNTS[one.service].items()),
        )
        for one in legacy_containers(folder)
    ]


def stopped(one: Container) -> Container:
    return msgspec.structs.replace(one, state="exited")


def host(*containers: Container, volumes: set[str] = VOLUMES, own: set[str] = VOLUMES) -> Host:
    return Host(containers, {}, True, "websoft9", tuple(volumes), tuple(own))


def stage(left: Traces, *containers: Container, own: set[str] = VOLUMES) -> Problem | None:
    found = layout.recognise(containers, {}, [])
    return migration.stage(found, host(*containers, own=own), left)


# --- where one has stopped ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "containers", "code", "at"),
    [
        (Traces(), four(), None, None),
        (BEGUN, four(), "migration-prepared", None),
        (Traces(), four("exited"), None, None),  # somebody has stopped it
        (BEGUN, four("exited"), "migration-stopped", "5"),
        (msgspec.structs.replace(BEGUN, copied=True), four("exited"), "migration-stopped", "6"),
        (BEGUN, [*four("exited"), stopped(PRODUCT)], "migration-half", "7"),
        (BEGUN, [*four("exited"), PRODUCT], "migration-half", "8 to 10"),
        (BEGUN, [*four(), PRODUCT], "migration-both", None),
        (BEGUN, [*four("exited")[2:], PRODUCT], "migration-purging", None),
        (BEGUN, [PRODUCT], "migration-left", None),
    ],
)
def test_each_stage_is_recognised(left: Traces, containers: list[Container], code: str, at: str | None) -> None:
    found = stage(left, *containers)
    assert (found.code if found else None) == code
    if found is None:
        return
    assert found.facts.get("stage") == at
    if "containers" in found.facts:
        assert found.facts["containers"] == NAMES
    said = problems.sentence(found)
    assert BEGUN.backup in said
    if code in {"migration-stopped", "migration-half", "migration-both"}:
        assert f"docker start {NAMES.replace(',', '')}" in said
        assert "Do not run Websoft9's script here" in said


def test_volumes_that_a_migration_left_are_those_of_the_project_that_nobody_mounts() -> None:
    found = stage(Traces(), PRODUCT, own={"websoft9_gitea", "websoft9_portainer"})
    assert found is not None
    assert found.facts["volumes"] == "websoft9_gitea, websoft9_portainer"
    used = msgspec.structs.replace(PRODUCT, mounts=(Mount("volume", "websoft9_gitea", "/data"),))
    found = stage(Traces(), used, own={"websoft9_gitea"})
    assert found is None
    assert stage(Traces(), PRODUCT, own=set()) is None


def test_traces_are_looked_for_where_the_script_leaves_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(layout.USUAL_FOLDERS, "modern", str(tmp_path / "opt"))
    monkeypatch.setattr(migration, "BACKUPS", str(tmp_path / "backups"))
    monkeypatch.setattr(migration, "_UNITS", str(tmp_path / "units"))
    assert migration.traces() == Traces()
    env = f"WEBSOFT9_DATA_ROOT={tmp_path}/data\n"
    put(
        tmp_path,
        {
            "opt/docker-compose.yml": MODERN_COMPOSE,
            "opt/.env": env,
            "units/multi-user.target.wants/websoft9.service": "",
        },
    )
    for name in ("modern-upgrade-3", "legacy-migration-1", "legacy-migration-2"):
        (tmp_path / "backups" / name).mkdir(parents=True)
    found = migration.traces()
    assert found == Traces(
        str(tmp_path / "opt"), False, f"{tmp_path}/backups/legacy-migration-2", ("websoft9.service",)
    )
    (tmp_path / "data" / "gitea").mkdir(parents=True)
    assert migration.traces().copied
    close(tmp_path / "opt", monkeypatch)
    close(tmp_path / "data", monkeypatch)
    assert migration.traces() == Traces(backup=found.backup, units=found.units)
    close(tmp_path, monkeypatch)
    assert migration.places().keys() == {str(tmp_path / "opt"), str(tmp_path / "backups")}, "by the folder above"


# --- what one would do --------------------------------------------------------------------------------------------


def assessed(
    *others: Container, volumes: set[str] = VOLUMES, sizes: dict[str, int] = SIZES, version: str = "2.2.19", **env: str
) -> dict[str, Problem]:
    """Return what is told of a legacy installation, by code; of volumes the last one of each kind."""
    installation = layout.running(four(), {})[0]
    installation = msgspec.structs.replace(installation, version=version, folder=env.get("folder", ""))
    free = {"/opt/websoft9": (1, 1000), "/var/lib/websoft9/backups": (1, 1000)}
    found = migration.assessment(installation, host(*four(), *others, volumes=volumes), sizes, free)
    return {one.problem.code: one.problem for one in found}


def test_volumes_are_known_by_the_containers_mounts() -> None:
    """Upstream: `gitea_ab1cd_gitea`, an application's, comes first in the list and is taken for Gitea's."""
    renamed = [
        msgspec.structs.replace(one, mounts=(Mount("volume", "forge", "/data"),)) if one.service == "git" else one
        for one in four()
    ]
    found = migration.roles(renamed, "websoft9")
    assert (found["gitea"], found["portainer"], found["nginx_modsec"]) == (
        "forge",
        "websoft9_portainer",
        "websoft9_nginx_modsec",
    )
    more = VOLUMES | {"gitea_ab1cd_gitea", "portainer_data"}
    told = [
        one.problem.facts
        for one in migration.assessment(layout.running(four(), {})[0], host(*four(), volumes=more), SIZES, {})
        if one.problem.code == "migration-wrong-volume"
    ]
    assert told == [
        {"role": "portainer", "volume": "websoft9_portainer", "taken": "portainer_data"},
        {"role": "gitea", "volume": "websoft9_gitea", "taken": "gitea_ab1cd_gitea"},
    ]
    assert "migration-wrong-volume" not in assessed()


def test_what_its_purge_would_remove_besides() -> None:
    """By nine names of containers, and nine of volumes, whosever they are."""
    foreign = container("redis", "redis:7", "shop", name="websoft9-redis")
    found = assessed(foreign, volumes=VOLUMES | {"gitea", "nginx_data", "shop_gitea"})
    assert found["migration-removes"].facts == {"names": "websoft9-redis, gitea, nginx_data"}
    assert "migration-removes" not in assessed()


def test_the_room_that_backup_and_copy_take() -> None:
    """Seven volumes of 100 bytes, saved and copied, on one file system; and the files of all applications."""
    room = assessed()["migration-no-room"]
    assert room.facts == {"path": "/opt/websoft9, /var/lib/websoft9/backups", "needed": "1400", "free": "1000"}
    assert "migration-room" in assessed(sizes=dict.fromkeys(VOLUMES, 10))
    unknown = assessed(sizes=SIZES | {"websoft9_gitea": -1})
    assert unknown["migration-room-unknown"].facts == {"volumes": "websoft9_gitea"}
    compose = Mount("bind", "/srv/compose", "/data/compose")
    site = [
        msgspec.structs.replace(one, mounts=(*one.mounts, compose)) for one in four() if one.service == "deployment"
    ]
    free = {"/opt/websoft9": (1, 1000), "/var/lib/websoft9/backups": (2, 150)}
    found = migration.assessment(layout.running(site, {})[0], host(*site), SIZES | {"/srv/compose": 60}, free)
    assert [(one.problem.code, one.problem.facts) for one in found if "needed" in one.problem.facts] == [
        ("migration-room", {"path": "/opt/websoft9", "needed": "160", "free": "1000"}),
        ("migration-no-room", {"path": "/var/lib/websoft9/backups", "needed": "160", "free": "150"}),
    ]


def test_what_is_lost_and_what_changes(tmp_path: Path) -> None:
    stack = str(put(tmp_path / "portainer" / "compose" / "7", {".env": "W9_ID=x\n"}))
    beside = container("wordpress", "wordpress:6.8", "wordpress_ab12c", stack)
    beside = msgspec.structs.replace(beside, mounts=(Mount("bind", f"{stack}/src/php.ini", "/etc/php.ini"),))
    apart = container("ghost", "ghost:5", "ghost_xy34z", stack.replace("7", "8"))
    apart = msgspec.structs.replace(apart, mounts=(Mount("bind", "/srv/data", "/data"),))
    put(tmp_path / "docker", {".env": "CONSOLE_PORT=9090\n"})
    found = assessed(beside, apart, folder=str(tmp_path / "docker"))
    assert found["migration-lost"].facts == {"volumes": "websoft9_nginx_modsec"}
    assert found["migration-binds"].facts == {"projects": "wordpress_ab12c"}
    assert found["migration-https"].facts == {"port": "9090"}
    assert "ws9tui backup websoft9" in problems.sentence(found["migration-save"])
    assert "migration-bridge" not in found
    assert assessed()["migration-https"].facts == {"port": ""}


@pytest.mark.parametrize(("version", "told"), [("2.2.9", True), ("2.2.15", True), ("2.2.16", False), ("", False)])
def test_an_older_one_is_brought_to_the_last_legacy_version_first(version: str, told: bool) -> None:
    found = assessed(version=version)
    assert ("migration-bridge" in found) is told
    if told:
        assert "ws9tui update" in problems.sentence(found["migration-bridge"])


# --- what upstream would make of a host ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "volumes", "taken"),
    [
        ("gitea", {"websoft9_gitea"}, "websoft9_gitea"),
        ("gitea", {"websoft9_gitea", "gitea_ab1cd_gitea"}, "gitea_ab1cd_gitea"),
        ("gitea", {"websoft9_gitea", "gitea_data"}, "gitea_data"),
        ("portainer", {"a_portainer_data", "portainer_old"}, "a_portainer_data"),
        ("nginx_var", {"nginx_data"}, ""),
    ],
)
def test_its_search_for_a_volume(role: str, volumes: set[str], taken: str) -> None:
    assert upstream.taken_for(role, volumes) == taken


def test_a_plain_host_is_no_legacy_one_and_a_modern_one_is_not_mixed() -> None:
    """Upstream: `portainer_data` alone makes a host `legacy`, an app-store Gitea makes a modern one `mixed`."""
    assert upstream.legacy_signs([], {"portainer_data"}) == ("portainer_data",)
    profile = Websoft9()
    plain = container("portainer", "portainer/portainer-ce:2", "portainer", name="websoft9-portainer")
    plain = msgspec.structs.replace(plain, mounts=(Mount("volume", "portainer_data", "/data"),))
    assert profile.findings(Host([plain], {}, False, "portainer", ("portainer_data",))) == ()
    app = container("gitea", "gitea/gitea:1", "gitea_ab1cd", name="gitea_ab1cd")
    first, told, *_ = profile.findings(Host([PRODUCT, app], {}, False, "websoft9", ("gitea_ab1cd_gitea",)))
    assert first.problem.code == "websoft9-modern"
    assert (told.level, told.problem.code) == (Level.WARNING, "upstream-mixed")
    assert told.problem.facts == {"names": "gitea_ab1cd_gitea"}
    for plain_one in (
        Host([PRODUCT], {}, False, "websoft9"),
        Host([PRODUCT, app], {}, False, "shop", ("gitea_ab1cd_gitea",)),
    ):
        assert "upstream-mixed" not in {one.problem.code for one in profile.findings(plain_one)}
    (_, *others) = profile.findings(Host([PRODUCT], {}, False, "websoft9"))
    assert "upstream-mixed" not in {one.problem.code for one in others}


def test_a_mixed_one_is_not_changed_and_told_where_it_stopped(tmp_path: Path) -> None:
    folder = str(legacy(tmp_path) / "docker")
    profile = Websoft9()
    first, second, *_ = profile.findings(Host([*four("exited", folder), PRODUCT], {}, False, "websoft9"))
    assert (first.problem.code, second.problem.code) == ("websoft9-mixed", "migration-half")
    obstacle = profile.obstacle("mixed")
    assert obstacle is not None
    assert profile.obstacle("legacy") is None
