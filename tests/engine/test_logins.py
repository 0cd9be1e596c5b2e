"""A login that is broken, of whatever registry, is named and left out; everything else works."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from support import deployed, images
from support.deployed import NEW, Deployed
from support.registry import PASSWORD, USER, Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.cli import Said
    from support.dockerd import Dockerd

pytestmark = pytest.mark.engine

SECRET = "geheim-4711"
GOOD = {"auth": b64encode(f"{USER}:{PASSWORD}".encode()).decode()}


@pytest.fixture
def logins(clean_engine: Dockerd) -> Iterator[Path]:
    """Return the file of the logins, which is not there yet."""
    file = clean_engine.home / ".docker" / "config.json"
    file.parent.mkdir(exist_ok=True)
    yield file
    file.unlink(missing_ok=True)


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Deployed:
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir)
    pair.offer()
    return pair


def warned(said: Said) -> list[tuple[str, str]]:
    """Return the warnings about logins, as code and registry."""
    assert SECRET not in said.out + said.err
    problems: list[dict[str, Any]] = [event["finding"]["problem"] for event in said.of("found")]
    return [(one["code"], one["facts"].get("registry", "")) for one in problems if one["code"].startswith("login")]


@pytest.mark.sample(1, reason="each case is broken in another way")
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"auths": {"ghcr.io": {"auth": ""}, "quay.io": {"auth": SECRET}}},
            [("login-broken", "ghcr.io"), ("login-broken", "quay.io")],
        ),
        ("{", [("logins-unreadable", "")]),
        ([SECRET], [("logins-unreadable", "")]),
    ],
)
def test_an_update_works_beside_a_login_that_is_broken(
    pair: Deployed, logins: Path, content: object, expected: list[tuple[str, str]]
) -> None:
    logins.write_text(content if isinstance(content, str) else json.dumps(content))
    doctor = pair.cli.run("doctor", "pair", "--json").ended("well", 0)
    assert warned(doctor) == expected
    updated = pair.cli.json("update", "pair", f"app={NEW}", "--monitor", "1s").ended("kept", 0)
    assert warned(updated) == expected
    plain = pair.cli.run("update", "pair", "--yes")
    assert (plain.status, "[warning]" in plain.out + plain.err) == (0, True)


def test_the_login_that_is_well_is_used_beside_one_that_is_broken(pair: Deployed, logins: Path) -> None:
    with Registry(auth=True) as private:
        images.push(private, "app", NEW, images.ImageSpec(NEW))
        logins.write_text(json.dumps({"auths": {"ghcr.io": {"auth": ""}, private.host: GOOD}}))
        file = pair.project.file
        file.write_text(file.read_text().replace(f"{pair.registry.host}/app:", f"{private.host}/app:"))
        said = pair.cli.json("update", "pair", f"app={NEW}", "--monitor", "1s").ended("kept", 0)
        assert warned(said) == [("login-broken", "ghcr.io")]


def test_a_helper_that_is_not_there_is_named_for_the_registry_that_needs_it(pair: Deployed, logins: Path) -> None:
    logins.write_text(json.dumps({"credHelpers": {pair.registry.host: "nowhere", "other.test": "nowhere"}}))
    said = pair.cli.json("update", "pair", f"app={NEW}", "--monitor", "1s").ended("kept", 0)
    assert warned(said) == [("login-helper", pair.registry.host)]
