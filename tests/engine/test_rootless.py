"""A rootless engine of a user who is not root: it is found by its context, and told where nothing names it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from support import images, others, rootless
from support.images import ImageSpec
from support.needs import need
from support.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.engine, pytest.mark.only_store("overlay2", reason="it is the machine's own engine")]


@pytest.fixture
def machines(store: str, public: Path) -> Iterator[Registry]:  # noqa: ARG001  # it says on which engine this runs
    need(rootless.missing())
    with Registry() as started:
        yield started


def test_an_update_on_a_rootless_engine(machines: Registry, public: Path) -> None:
    for tag in ("1.0.0", "2.0.0"):
        images.push(machines, "app", tag, ImageSpec(tag))
    folder = public / "shop"
    (folder / "data").mkdir(parents=True)
    services = {"app": {"image": rootless.reference(machines, "app:1.0.0"), "volumes": ["./data:/data"]}}
    (folder / "compose.yaml").write_text(json.dumps({"services": services}))
    others.give(folder)
    with rootless.rootless(public, machines) as engine:
        said = engine.ws9tui("doctor", "--json", folder=folder).ended("refused", 3)
        assert said.finished["problem"]["code"] == "engine-rootless"
        assert f"Set DOCKER_HOST={engine.host}" in said.message

        assert engine.compose("up", "-d", folder=folder).status == 0
        docker = engine.home / ".docker"
        meta = docker / "contexts/meta" / sha256(b"rootless").hexdigest() / "meta.json"
        meta.parent.mkdir(parents=True)
        meta.write_text(json.dumps({"Name": "rootless", "Endpoints": {"docker": {"Host": engine.host}}}))
        (docker / "config.json").write_text('{"currentContext": "rootless"}')
        engine.ws9tui("doctor", "--json", folder=folder).ended("well", 0)
        for arguments in (("update", "app=2.0.0"), ("rollback",)):
            engine.ws9tui(*arguments, "--monitor", "1s", "--yes", "--json", folder=folder).ended("kept", 0)
        assert engine.compose("down", folder=folder).status == 0
