"""The files of a project: those that it includes, with what Compose reads beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import COMPOSE, Shop
from bundles import bundled, listed, shop_with
from virtual_time import virtual
from ws9tui.adapters.compose.compose import ComposeCommand
from ws9tui.core.inspect.survey import survey
from ws9tui.core.model.terms import Outcome
from ws9tui.core.store import generation

pytestmark = pytest.mark.usefixtures("quick")
MORE = "services: {more: {image: 'r.test/more:${MORE:-none}'}}\n"


def included(shop: Shop, *paths: str, env: str | None = None) -> None:
    """Have a project include files."""
    shop.file.write_text(f"{shop.file.read_text()}include: [{', '.join(paths)}]\n")
    for path in paths:
        if ":" not in path:
            (shop.folder / path).parent.mkdir()
            (shop.folder / path).write_text(MORE)
            if env is not None:
                (shop.folder / path).with_name(".env").write_text(env)


@virtual
async def test_local_included_files_belong_to_the_project_whatever_their_names_and_remote_ones_do_not(
    shop: Shop,
) -> None:
    included(shop, "httpd/compose.yml", "oci://r.test/x:1", "git@r.test:x.git", "https://r.test/x.git")
    found = await survey(shop.engine, shop.compose, shop.source, {})
    nested = str(shop.folder / "httpd" / "compose.yml")
    assert found.definition.files == (str(shop.file), nested)
    assert list(found.inputs)[:2] == [str(shop.file), nested]
    assert not [path for path in found.inputs if "r.test" in path]


async def test_compose_reads_the_env_file_beside_an_included_file(shop: Shop, real_compose: ComposeCommand) -> None:
    included(shop, "more/compose.yml")
    found = await survey(shop.engine, real_compose, shop.source, {})
    env = shop.folder / "more" / ".env"
    assert found.project.services["more"].reference == "r.test/more:none"
    assert str(env) not in found.inputs  # recorded as missing, it would be removed by a rollback
    env.write_text("MORE=2\n")
    found = await survey(shop.engine, real_compose, shop.source, {})
    assert found.project.services["more"].reference == "r.test/more:2"
    assert found.inputs[str(env)]


@virtual
async def test_the_env_file_beside_an_included_file_is_in_each_generation(shop: Shop) -> None:
    included(shop, "more/compose.yml", env="MORE=1\n")
    await shop.offer("2.0")
    assert (await shop.run()).outcome is Outcome.KEPT
    path = str(shop.folder / "more" / ".env")
    recorded = [entry for folder in shop.store.projects_folder.iterdir() for entry in generation.read_all(folder)]
    assert len(recorded) > 1
    assert all(path in {stored.path for stored in entry.files} for entry in recorded)


@virtual
async def test_the_env_file_beside_an_included_file_is_in_a_bundle_and_told_as_secret(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here", COMPOSE)
    included(shop, "more/compose.yml", env="MORE=1\n")
    told = await bundled(shop, tmp_path / "shop.tar")
    assert told.outcome is Outcome.BUNDLED
    assert {entry["path"] for entry in listed(tmp_path / "shop.tar")["files"]} >= {"more/compose.yml", "more/.env"}
    [problem] = [entry.problem for entry in told.state.findings if entry.problem.code == "bundle-secrets"]
    assert problem.facts["files"] == ".env, more/.env"
