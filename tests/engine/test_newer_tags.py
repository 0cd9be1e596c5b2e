"""Newer tags of what runs, from a real registry: told by the plain front end and the wizard, and never chosen."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from support import deployed, images
from support.deployed import NEW, OLD
from support.faults import Only
from support.images import ImageSpec
from support.registry import PASSWORD, USER, Registry
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.engine import DockerEngine
from ws9tui.errors import RegistryError

if TYPE_CHECKING:
    from pathlib import Path

    from support.cli import Said
    from support.dockerd import Dockerd
    from support.faultproxy import FaultProxy

pytestmark = pytest.mark.engine


def newer(said: Said) -> dict[str, dict[str, Any]]:
    return {event["service"]: event for event in said.of("newer-found")}


def test_a_pinned_tag_is_not_called_up_to_date_while_there_are_newer_ones(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir)
    pair.offer()
    for tag in ("1.1.0", "2.0.0-alpine", "2.1.0-rc1", "latest", "0.9.0"):
        images.push(registry, "app", tag, ImageSpec(tag))
    said = pair.cli.json("update", "pair").ended("up-to-date", 0)
    assert set(newer(said)["app"]["tags"]) >= {"1.1.0", NEW}
    assert {"2.0.0-alpine", "2.1.0-rc1", "latest", "0.9.0"}.isdisjoint(newer(said)["app"]["tags"])
    assert "2.1.0-rc1" in newer(said)["app"]["candidates"]
    assert newer(said)["app"]["problem"] is None
    assert "up to date" not in said.message
    assert "1.1.0" in said.message
    pair.assert_untouched()
    plain = pair.cli.run("update", "pair", "--yes")
    assert "newer than" in plain.out
    assert f"app:{OLD}" in plain.out
    assert "up to date" not in plain.out
    pair.assert_untouched()


def test_a_registry_that_does_not_tell_its_tags_hinders_nothing(
    clean_engine: Dockerd, registry: Registry, proxy: FaultProxy, project_folder: Path, state_dir: Path
) -> None:
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir)
    file = pair.project.file
    file.write_text(file.read_text().replace(f"{registry.host}/app:", f"{proxy.host}/app:"))
    pair.offer()
    proxy.error(405, "UNSUPPORTED", "no", only=Only(path="/tags/list"))
    said = pair.cli.json("update", "pair", f"app={NEW}", "--monitor", "1s").ended("kept", 0)
    again = pair.cli.json("update", "pair").ended("up-to-date", 0)
    assert newer(again)["app"]["problem"]["code"] == "tags-untold"
    assert "Everything is up to date" not in again.message
    assert said.status == 0


async def test_tags_of_a_registry_that_wants_a_login(
    clean_engine: Dockerd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    adapter = DockerEngine(Endpoint(clean_engine.host))
    try:
        with Registry(auth=True) as private:
            for tag in ("1.0", "1.1"):
                images.push(private, "app", tag, ImageSpec(tag))
            with pytest.raises(RegistryError, match="unauthorized"):
                await adapter.registries.tags(f"{private.host}/app:1.0")
            auth = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            logins = {"auths": {private.host: {"auth": auth}, "ghcr.io": {"auth": ""}}}
            (tmp_path / "config.json").write_text(json.dumps(logins))
            found = await adapter.registries.tags(f"{private.host}/app:1.0")
            assert sorted(found.names) == ["1.0", "1.1"]
            assert [one.code for one in await adapter.registries.logins([private.host])] == ["login-broken"]
    finally:
        await adapter.close()


async def test_the_engine_s_mirror_is_asked_where_docker_hub_cannot_be_reached(
    clean_engine: Dockerd, registry: Registry
) -> None:
    for tag in ("1.0", "1.1"):
        images.push(registry, "websoft9dev/newer", tag, ImageSpec(tag))
    adapter = DockerEngine(Endpoint(clean_engine.host))
    try:
        found = await adapter.registries.tags("websoft9dev/newer:1.0")
        assert (sorted(found.names), found.mirror) == (["1.0", "1.1"], registry.host)
    finally:
        await adapter.close()
