"""With Compose 2.26, as Debian 13 has it: it has no `config --environment`, and calls images by their ID."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import images, projects
from support.cli import QUICK, Cli
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
    image: HOST/web:${WEB}
    restart: unless-stopped
    depends_on: [base]
  side:
    image: HOST/side:1.0
    restart: unless-stopped
    depends_on: {web: {condition: service_started}}
    environment: {COLOUR: blue}
  base:
    image: HOST/side:1.0
    restart: unless-stopped
"""


@pytest.fixture
def shop(older: Dockerd, registry: Registry, project_folder: Path) -> Project:
    """Return a project in which one service stands between two others."""
    for repo, tag in (("web", "1.0"), ("web", "1.1"), ("side", "1.0")):
        images.push(registry, repo, tag, ImageSpec(tag))
    text = SHOP.replace("HOST", registry.host)
    project = projects.write(project_folder, text, name="shop", services=("web", "side", "base"))
    project.set_env(WEB="1.0")
    projects.up(older, project)
    return project


@pytest.mark.sample(1, reason="it is Compose that is older, and no engine")
def test_one_service_is_updated_and_rolled_back(older: Dockerd, shop: Project, state_dir: Path) -> None:
    cli = Cli(older, state_dir, shop.folder)
    first = projects.ids(older, "shop")
    said = cli.json("update", "web=1.1", *QUICK).ended("kept", 0)
    assert said.of("engine-found")[0]["compose_version"].startswith("2.26.")
    second = projects.ids(older, "shop")
    assert changed(first, second) == {"shop-web-1"}
    projects.assert_no_drift(older, shop)

    cli.json("rollback", *QUICK).ended("kept", 0)
    third = projects.ids(older, "shop")
    assert changed(second, third) == {"shop-web-1"}
    projects.assert_no_drift(older, shop)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


@pytest.mark.any_store(reason="what a definition is worth is for Compose to say")
def test_an_edited_definition_comes_back(older: Dockerd, shop: Project, state_dir: Path) -> None:
    cli = Cli(older, state_dir, shop.folder)
    cli.run("adopt", "--json").ended("adopted", 0)
    text = shop.file.read_text()
    shop.file.write_text(text.replace("blue", "green"))
    before = projects.up(older, shop)
    cli.json("rollback", *QUICK).ended("kept", 0)
    assert changed(before, projects.ids(older, "shop")) == {"shop-side-1"}
    assert shop.file.read_text() == text
    projects.assert_no_drift(older, shop)
