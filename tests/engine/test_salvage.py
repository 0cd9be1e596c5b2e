"""The state directory is lost: what the engine still has, by its keep tags, leads back to the exact former images."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from support import projects
from support.deployed import NEW, OLD, Deployed

if TYPE_CHECKING:
    pass


def lose_state(pair: Deployed) -> None:
    shutil.rmtree(pair.cli.state)


def kept_tags(pair: Deployed) -> set[str]:
    api: Any = pair.engine.client().api
    return {tag for image in api.images() for tag in image["RepoTags"] or [] if tag.startswith("ws9tui.keep/")}


def is_old(pair: Deployed, images: dict[str, str]) -> None:
    projects.wait_well(pair.engine, pair.project)
    assert pair.images() == images
    env = pair.project.env_file.read_text()
    assert f"APP_VERSION={OLD}" in env
    assert f"DB_VERSION={OLD}" in env
    projects.assert_no_drift(pair.engine, pair.project)


def test_a_rollback_after_the_records_are_lost(pair: Deployed) -> None:
    old = pair.images()
    pushed = pair.offer()
    pair.update().ended("kept", 0)
    lose_state(pair)
    for version in (OLD, NEW):
        pair.registry.delete("app", version)
    said = pair.cli.json("rollback", "pair", "--monitor", "1s").ended("kept", 0)
    told = [found["finding"]["problem"] for found in said.of("found")]
    assert [(problem["code"], problem["facts"]["numbers"]) for problem in told if problem["code"] == "salvaged"] == [
        ("salvaged", "1, 2")
    ]
    is_old(pair, old)
    assert {tag.partition(":")[2] for tag in kept_tags(pair)} >= {"1-app", "1-db", "2-app", "2-db"}
    pair.cli.json("rollback", "pair", "--to", "2", "--monitor", "1s").ended("kept", 0)
    pair.assert_new(pushed)


def test_nothing_is_left_to_recover_from(pair: Deployed) -> None:
    """Without records and keep tags nobody knows of another generation: that is said, and nothing is changed."""
    pair.offer()
    pair.update().ended("kept", 0)
    lose_state(pair)
    for tag in kept_tags(pair):
        pair.engine.client().api.remove_image(tag)
    before = pair.now()
    assert "nothing to recover" in pair.cli.json("recover", "pair", "--back").ended("usage", 2).message
    assert pair.cli.json("rollback", "pair").ended("usage", 2).finished["problem"]["code"] == "nothing-to-roll-back"
    assert pair.now() == before
