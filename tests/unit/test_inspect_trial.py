"""A project as it would be with files that are not there yet, as the real Compose resolves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import Shop
from ws9tui.adapters.compose.compose import ComposeCommand
from ws9tui.core.inspect.survey import Survey, survey
from ws9tui.core.inspect.trial import Draft, tried
from ws9tui.core.model.source import ProjectSource

COMPOSE = """\
name: shop
services:
  web:
    image: r.test/web:${WEB_VERSION}
    env_file: [.env, ../common/common.env]
    volumes:
      - ./data:/data
      - ../beside:/beside
      - /srv/absolute:/absolute
"""
NEW = COMPOSE.replace("/absolute:/absolute", "/absolute:/absolute:ro")


pytestmark = pytest.mark.usefixtures("real_compose", "quick")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "common.env").write_text("COMMON=1\n")
    return Shop(tmp_path, COMPOSE, "WEB_VERSION=1.0\n")


async def installed(shop: Shop, source: ProjectSource | None = None) -> Survey:
    return await survey(shop.engine, ComposeCommand(), source or shop.source, {})


async def drafted(shop: Shop, contents: dict[Path, str], found: Survey | None, source: ProjectSource) -> Draft:
    """Try some files, and see that nothing was changed."""
    there = sorted((path, path.read_bytes()) for path in shop.folder.parent.rglob("*") if path.is_file())
    scratch = shop.folder.parent.parent / f"{shop.folder.parent.name}-scratch-ü"
    scratch.mkdir(exist_ok=True)
    texts = {str(path): text.encode() for path, text in contents.items()}
    made = await tried(shop.engine, ComposeCommand(), source, texts, scratch, installed=found, environ={}, version="2")
    assert sorted((p, p.read_bytes()) for p in shop.folder.parent.rglob("*") if p.is_file()) == there
    assert list(scratch.iterdir()) == []
    scratch.rmdir()
    assert b"staged-" not in str(made).encode()
    return made


async def test_relative_paths_lead_where_they_will(shop: Shop) -> None:
    found = await installed(shop)
    contents = {shop.file: NEW, shop.env: "WEB_VERSION=2.0\n", shop.folder.parent / "version.json": "{}"}
    made = await drafted(shop, contents, found, shop.source)
    web = made.survey.project.services["web"]
    root = shop.folder.parent
    assert web.reference == "r.test/web:2.0"
    assert set(web.binds) == {str(shop.folder / "data"), str(root / "beside"), "/srv/absolute"}
    assert set(web.env_files) == {str(shop.env), str(root / "common" / "common.env")}
    assert made.survey.redefined == ("web",)
    assert made.survey.added == ()
    assert made.survey.source == shop.source
    assert {edit.path for edit in made.staged.edits} == {str(path) for path in contents}
    assert made.survey.companions == (str(root / "version.json"),)
    assert made.survey.inputs[str(root / "version.json")] == ""  # what is confirmed is that it is not there


async def test_files_that_are_as_they_will_be_are_not_written(shop: Shop) -> None:
    found = await installed(shop)
    made = await drafted(shop, {shop.file: COMPOSE, shop.env: "WEB_VERSION=1.0\n"}, found, shop.source)
    assert made.staged.edits == ()
    assert made.survey.redefined == ()
    assert made.survey.hashes == found.hashes


async def test_a_service_that_comes_is_known_as_such(shop: Shop) -> None:
    found = await installed(shop)
    made = await drafted(shop, {shop.file: f"{COMPOSE}  new:\n    image: r.test/new:1\n"}, found, shop.source)
    assert made.survey.added == ("new",)


async def test_a_folder_that_is_not_there_yet(shop: Shop) -> None:
    folder = shop.folder.parent / "a" / "b"
    file = folder / "compose.yml"
    contents = {file: "services: {web: {image: 'r.test/web:1', volumes: ['./d:/d']}}\n", folder / ".env": "X=1\n"}
    made = await drafted(shop, contents, None, ProjectSource("fresh", str(folder), (str(file),)))
    assert made.survey.project.services["web"].binds == (str(folder / "d"),)
    assert made.survey.added == ()


async def test_links_stay_links(shop: Shop) -> None:
    link = shop.folder.parent / "link"
    link.symlink_to(shop.folder)
    source = ProjectSource("shop", str(link), (str(link / "compose.yml"),))
    found = await installed(shop, source)
    made = await drafted(shop, {link / "compose.yml": NEW, link / ".env": "WEB_VERSION=2.0\n"}, found, source)
    assert made.survey.source.files == (str(link / "compose.yml"),)
    assert made.survey.project.services["web"].reference == "r.test/web:2.0"


async def test_an_override_that_comes_is_read(shop: Shop) -> None:
    found = await installed(shop)
    beside = shop.folder / "compose.override.yml"
    made = await drafted(shop, {beside: "services: {web: {image: 'r.test/web:9'}}\n"}, found, shop.source)
    assert made.survey.project.services["web"].reference == "r.test/web:9"
    assert made.survey.source.files == (str(shop.file), str(beside))


async def test_files_and_env_files_that_lie_elsewhere(shop: Shop) -> None:
    other = shop.folder.parent / "other"
    other.mkdir()
    (other / "base.yml").write_text(COMPOSE)
    (other / "my.env").write_text("WEB_VERSION=1.0\n")
    files = (str(other / "base.yml"), str(shop.folder / "more.yml"))
    (shop.folder / "more.yml").write_text("services: {web: {restart: always}}\n")
    source = ProjectSource("shop", str(shop.folder), files, env_files=(str(other / "my.env"),))
    found = await installed(shop, source)
    contents = {other / "base.yml": NEW, other / "my.env": "WEB_VERSION=2.0\n"}
    made = await drafted(shop, contents, found, source)
    assert made.survey.project.services["web"].reference == "r.test/web:2.0"
    assert made.survey.source.files == files
    assert made.survey.source.env_files == source.env_files
