"""What an engine calls an image, and what Compose notes on a container: one or two things, by the image store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support import images, projects
from support.cli import QUICK, Cli, Said
from support.images import ImageSpec

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.projects import Project
    from support.registry import Registry

pytestmark = [pytest.mark.engine, pytest.mark.both_stores]

SHOP = """\
name: shop
services:
  web:
    image: HOST/web:1.0
    restart: unless-stopped
  side:
    image: HOST/side:1.0
    restart: unless-stopped
    environment: {COLOUR: blue}
"""


@pytest.fixture
def shop(clean_engine: Dockerd, registry: Registry, project_folder: Path) -> Project:
    """Two services, of which one may go to 1.1."""
    for repo, tag in (("web", "1.0"), ("web", "1.1"), ("side", "1.0")):
        images.push(registry, repo, tag, ImageSpec(tag))
    text = SHOP.replace("HOST", registry.host)
    project = projects.write(project_folder, text, name="shop", services=("web", "side"))
    projects.up(clean_engine, project)
    return project


@pytest.fixture
def cli(clean_engine: Dockerd, state_dir: Path, project_folder: Path) -> Cli:
    return Cli(clean_engine, state_dir, project_folder)


def causes(said: Said) -> dict[str, str]:
    operations: list[dict[str, Any]] = said.of("planned")[-1]["plan"]["operations"]
    return {op["subject"]: op["cause"]["code"] for op in operations if op["kind"] == "recreate"}


def offered(said: Said) -> dict[str, str]:
    return {event["service"]: event["availability"] for event in said.of("reference-resolved")}


@pytest.mark.sample(1, reason="one engine or the other")
def test_a_rollback_recreates_only_what_was_updated(clean_engine: Dockerd, cli: Cli, shop: Project) -> None:
    before = projects.ids(clean_engine, "shop")
    cli.json("update", "web=1.1", *QUICK).ended("kept", 0)
    said = cli.json("rollback", *QUICK).ended("kept", 0)
    after = projects.ids(clean_engine, "shop")
    assert causes(said) == {"web": "image-changed"}
    assert (before["shop-side-1"] == after["shop-side-1"], before["shop-web-1"] == after["shop-web-1"]) == (True, False)
    projects.assert_no_drift(clean_engine, shop)


@pytest.mark.sample(1, reason="a definition has no part in the image store")
def test_an_edited_definition_is_called_that(clean_engine: Dockerd, cli: Cli, shop: Project) -> None:
    cli.run("adopt", "--json").ended("adopted", 0)
    shop.file.write_text(shop.file.read_text().replace("blue", "green"))
    projects.up(clean_engine, shop)
    said = cli.json("rollback", *QUICK).ended("kept", 0)
    assert causes(said) == {"side": "definition-changed"}
    projects.assert_no_drift(clean_engine, shop)


@pytest.mark.sample(1, reason="which image runs is asked of both alike")
def test_what_was_pulled_by_hand_is_an_update(
    clean_engine: Dockerd, registry: Registry, cli: Cli, shop: Project
) -> None:
    old = projects.containers(clean_engine, "shop")["shop-web-1"]["Image"]
    new = images.push(registry, "web", "1.0", ImageSpec("1.0", seed="new", size_kb=1))
    projects.compose(clean_engine, shop.folder, "pull")
    side = projects.ids(clean_engine, "shop")["shop-side-1"]
    said = cli.json("update", *QUICK).ended("kept", 0)
    assert offered(said) == {"web": "update", "side": "current"}
    found = projects.containers(clean_engine, "shop")
    assert (found["shop-web-1"]["Image"], found["shop-side-1"]["Id"]) == (new.image_id, side)
    projects.assert_no_drift(clean_engine, shop)
    cli.json("rollback", *QUICK).ended("kept", 0)
    assert projects.containers(clean_engine, "shop")["shop-web-1"]["Image"] == old
    projects.assert_no_drift(clean_engine, shop)


@pytest.mark.sample(1, reason="one engine or the other")
def test_an_image_that_was_only_attested_anew_replaces_no_container(
    clean_engine: Dockerd, registry: Registry, cli: Cli, shop: Project
) -> None:
    """Compose sees no difference: what the container is made of is the same."""
    before = projects.ids(clean_engine, "shop")
    images.push(registry, "web", "1.0", ImageSpec("1.0"), build="again")
    said = cli.json("update", *QUICK)
    assert said.status == 0, said.out
    assert projects.ids(clean_engine, "shop") == before
    projects.assert_no_drift(clean_engine, shop)
    again = cli.json("update", *QUICK).ended("up-to-date", 0)
    assert offered(again) == {"web": "current", "side": "current"}
    cli.json("update", "web=1.1", *QUICK).ended("kept", 0)
    cli.json("rollback", *QUICK).ended("kept", 0)
    projects.assert_no_drift(clean_engine, shop)
