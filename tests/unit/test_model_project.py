"""A project as Compose resolves it, the order of its services, and who must follow whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.needs import compose, needs_compose
from ws9tui.core.model.project import DEFAULT_GRACE, Dependency, Mounted, Project, Service
from ws9tui.core.model.project_config import from_config
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource

SOURCE = ProjectSource("shop", "/srv/shop", ("/srv/shop/compose.yml",))
FILE = """\
name: shop
services:
  web:
    image: shop/web:${V:-1}
    ports: ["127.0.0.1:8080:80", "53:53/udp", "9000"]
    env_file: [one.env, {path: none.env, required: false}]
    stop_grace_period: 1m30s
    restart: unless-stopped
    depends_on: {api: {condition: service_healthy, restart: true}, migrate: {condition: service_completed_successfully}}
    deploy: {replicas: 2, update_config: {monitor: 45s, failure_action: pause}}
    networks: [front]
    configs: [c]
    secrets: [s]
  api:
    image: "shop/api"
    build: .
    pull_policy: always
    platform: linux/amd64
    scale: 3
    volumes_from: ["db:ro", "container:x"]
  side: {image: side, network_mode: "service:web", ipc: "service:web", pid: "service:api", profiles: [debug]}
  migrate: {image: "m:1", deploy: {restart_policy: {condition: on-failure}}}
  db: {build: .}
networks: {front: {external: true, name: shared}}
configs: {c: {file: ./c.txt}}
secrets: {s: {file: ./s.txt}}
"""


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("", ""),
        ("linux", ""),
        ("linux/amd64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("Linux/AMD64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("x86-64", "linux/amd64"),
        ("arm64", "linux/arm64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm/v7", "linux/arm/v7"),
        ("armhf", "linux/arm/v7"),
        ("windows/amd64", "windows/amd64"),
    ],
)
def test_a_platform_by_any_of_its_names_is_the_one_that_registries_list(written: str, listed: str) -> None:
    config = {"services": {"web": {"image": "web", "platform": written}}}
    assert from_config(SOURCE, config, config).services["web"].platform == listed


def resolved(folder: Path, *flags: str) -> dict[str, Any]:
    config: dict[str, Any] = json.loads(compose(folder, "--profile", "debug", "config", *flags, "--format", "json"))
    return config


@needs_compose
def test_the_project_in_what_compose_resolves(tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(FILE)
    for name in ("one.env", "c.txt", "s.txt"):
        (tmp_path / name).touch()
    found = from_config(SOURCE, resolved(tmp_path), resolved(tmp_path, "--no-env-resolution"))
    assert found.source == SOURCE
    assert found.external_networks == ("shared",)
    assert found.referenced == (str(tmp_path / "c.txt"), str(tmp_path / "s.txt"))
    assert found.one_shots == {"migrate"}
    assert set(found.services) == {"web", "api", "side", "migrate", "db"}
    assert found.services["web"] == Service(
        "web",
        reference=Reference("shop/web:1"),
        depends_on={
            "api": Dependency("service_healthy", restart=True),
            "migrate": Dependency("service_completed_successfully"),
        },
        replicas=2,
        grace=90,
        restart="unless-stopped",
        ports=(("127.0.0.1", "8080", "tcp"), ("", "53", "udp")),
        env_files=(str(tmp_path / "one.env"), str(tmp_path / "none.env")),
        contents=(str(tmp_path / "c.txt"), str(tmp_path / "s.txt")),
        monitor=45,
        failure_action="pause",
        networks=("shared",),
        mounts=(),
    )
    api, side = found.services["api"], found.services["side"]
    assert (api.reference, api.build, api.pull_policy, api.platform) == ("shop/api", True, "always", "linux/amd64")
    assert (api.replicas, api.volumes_from, api.before) == (3, ("db",), ("db",))
    assert (side.joined, side.profiles, set(side.before)) == (("web", "api"), ("debug",), {"web", "api"})
    assert (found.services["migrate"].restart, found.services["migrate"].grace) == ("on-failure", DEFAULT_GRACE)
    assert (found.services["db"].reference, found.services["db"].build) == ("", True)


def test_mounts_have_the_names_that_the_engine_knows() -> None:
    volumes = [
        {"type": "volume", "source": "data", "target": "/d", "volume": {"subpath": "part"}},
        {"type": "bind", "source": "/srv/data", "target": "/b", "read_only": True},
        {"type": "volume", "target": "/anonymous"},
        {"type": "tmpfs", "target": "/t"},
    ]
    config = {"services": {"a": {"volumes": volumes}}, "volumes": {"data": {"name": "p_data"}, "other": None}}
    assert from_config(SOURCE, config, {}).services["a"].mounts == (
        Mounted("volume", "p_data", "/d", "part"),
        Mounted("bind", "/srv/data", "/b"),
        Mounted("volume", "", "/anonymous"),
        Mounted("tmpfs", "", "/t"),
    )


def test_a_project_of_nothing() -> None:
    assert from_config(SOURCE, {}, {}) == Project(SOURCE, {})
    assert from_config(SOURCE, {"services": {"a": None}}, {"services": None}).services == {"a": Service("a", mounts=())}


@pytest.mark.parametrize(
    ("entry", "replicas"),
    [
        ({"scale": 0}, 0),
        ({"deploy": {"replicas": 0}}, 0),
        ({"scale": 2, "deploy": {}}, 2),
        ({"deploy": None}, 1),
        ({}, 1),
    ],
)
def test_the_number_of_containers(entry: dict[str, Any], replicas: int) -> None:
    assert from_config(SOURCE, {"services": {"a": entry}}, {}).services["a"].replicas == replicas


@pytest.mark.parametrize(
    ("entry", "grace"), [("0s", 0), ("1h0m0s", 3600), (None, DEFAULT_GRACE), ("soon", DEFAULT_GRACE)]
)
def test_the_stop_grace_period(entry: str | None, grace: float) -> None:
    config = {"services": {"a": {"stop_grace_period": entry}}}
    assert from_config(SOURCE, config, {}).services["a"].grace == grace


def test_depends_on_as_a_list() -> None:
    config = {"services": {"a": {"depends_on": ["b", "c"]}, "b": {}, "c": {}}}
    assert from_config(SOURCE, config, {}).services["a"].before == ("b", "c")


@pytest.mark.parametrize(
    ("restart", "name", "one_shot"),
    [
        ("on-failure", "ghost_ab1cd-init", True),
        ("on-failure:5", "ghost_ab1cd-init", True),
        ("always", "ghost_ab1cd-init", False),
        ("on-failure", "ghost_ab1cd-web", False),
        ("on-failure", "other-init", False),
        ("on-failure", "", False),
    ],
)
def test_what_prepares_another_container_and_says_so_by_its_name_is_there_to_end(
    restart: str, name: str, one_shot: bool
) -> None:
    services = {
        "ghost": Service("ghost", container_name="ghost_ab1cd", restart="unless-stopped"),
        "more": Service("more", container_name=name, restart=restart),
    }
    assert Project(SOURCE, services).one_shots == ({"more"} if one_shot else set())


def project(**before: str) -> Project:
    """Services and what they need: a name for `depends_on`, `name!` with restart, `name+` joined, `name*` volumes."""
    services = {}
    for name, text in before.items():
        words = text.split()
        services[name] = Service(
            name,
            depends_on={
                word.rstrip("!"): Dependency(restart=word.endswith("!")) for word in words if word[-1] not in "+*"
            },
            joined=tuple(word[:-1] for word in words if word.endswith("+")),
            volumes_from=tuple(word[:-1] for word in words if word.endswith("*")),
        )
    return Project(SOURCE, services)


@pytest.mark.parametrize(
    ("before", "names", "waves"),
    [
        ({"a": "", "b": ""}, ["b", "a"], [["a", "b"]]),
        ({"web": "api", "api": "db", "db": ""}, ["web", "api", "db"], [["db"], ["api"], ["web"]]),
        ({"web": "api", "api": "db", "db": ""}, ["web", "db"], [["db"], ["web"]]),
        ({"web": "gone", "db": ""}, ["web", "db"], [["web", "db"]]),
        (
            {"side": "vpn+", "vpn": "", "copy": "data*", "data": ""},
            ["side", "vpn", "copy"],
            [["vpn"], ["side", "copy"]],
        ),
        ({"a": "b c", "b": "d", "c": "", "d": ""}, ["a", "b", "c", "d"], [["c", "d"], ["b"], ["a"]]),
        ({"a": ""}, [], []),
    ],
)
def test_waves(before: dict[str, str], names: list[str], waves: list[list[str]]) -> None:
    assert project(**before).waves(names) == waves


@pytest.mark.parametrize(
    ("before", "moved", "followers"),
    [
        ({"web": "db", "db": ""}, ["db"], {}),
        ({"web": "db!", "db": ""}, ["db"], {"web": ("db", False)}),
        ({"side": "vpn+", "vpn": ""}, ["vpn"], {"side": ("vpn", True)}),
        ({"side": "vpn! vpn+", "vpn": ""}, ["vpn"], {"side": ("vpn", True)}),
        ({"copy": "data*", "data": ""}, ["data"], {"copy": ("data", True)}),
        ({"side": "vpn+", "vpn": ""}, ["side"], {}),
        ({"side": "vpn+", "vpn": ""}, ["side", "vpn"], {}),
        ({"a": "b+", "b": "c+", "c": ""}, ["c"], {"b": ("c", True), "a": ("b", True)}),
        ({"a": "b!", "b": "c!", "c": ""}, ["c"], {"b": ("c", False), "a": ("b", False)}),
        ({"a": "b+", "b": "c!", "c": ""}, ["c"], {"b": ("c", False)}),
        ({"a": "b+", "b": "c! d+", "c": "", "d": "c!"}, ["c"], {"b": ("c", False), "d": ("c", False)}),
        ({"a": "b! c+", "b": "", "c": ""}, ["b", "c"], {"a": ("c", True)}),
        ({"b": "a", "a": ""}, ["orphan"], {}),
        ({"d": "b+", "b": "a! c+", "c": "a+", "a": ""}, ["a"], {"b": ("c", True), "c": ("a", True), "d": ("b", True)}),
    ],
)
def test_followers(before: dict[str, str], moved: list[str], followers: dict[str, tuple[str, bool]]) -> None:
    assert project(**before).followers(moved) == followers


def test_hashes_that_can_be_compared() -> None:
    found = project(a="", b="a+", c="a*", d="a!")
    hashes = dict.fromkeys(("a", "b", "c", "d", "orphan"), "h")
    assert found.comparable(hashes) == {"a": "h", "d": "h"}


@pytest.mark.parametrize("more", [{"use_api_socket": True}, {"models": {"llm": None}}])
def test_hashes_of_what_compose_adds_to_cannot_be_compared(more: dict[str, object]) -> None:
    found = from_config(SOURCE, {"services": {"a": more, "b": {}}}, {})
    assert found.comparable({"a": "h", "b": "h"}) == {"b": "h"}
