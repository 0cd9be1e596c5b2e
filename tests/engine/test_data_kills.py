"""Wherever a run is killed while it copies data, a recovery brings the data back or forward, and whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import killing
from support.cli import QUICK
from support.shop import Shop, broken, open_shop
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Verb

if TYPE_CHECKING:
    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine

UPDATE = Options(arguments=("db=2.0.0",), monitor=1.0, assume_yes=True)


@pytest.fixture
def shop(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Shop:
    return open_shop(clean_engine, registry, project_folder, state_dir)


def killed(shop: Shop, verb: Verb, options: Options, point: str) -> None:
    """Do a run that dies at a point."""
    killing.killed(shop.engine, shop.state, shop.folder, options, point, verb)


RARELY = pytest.mark.full(reason="a point of the same transfer is tried in its turn")


# Two mounts: each has an event of progress when it is saved, and when restored one after it was emptied, one when read.
@pytest.mark.sample(1, reason="each case is another moment of the same transfer")
@pytest.mark.parametrize(
    "point", ["data-moved#2/before", pytest.param("backup-made#1/before", marks=RARELY), "backup-made#1/after"]
)
def test_while_data_is_saved(shop: Shop, point: str) -> None:
    before = shop.trees()
    shop.offer()
    killed(shop, Verb.UPDATE, UPDATE, point)
    shop.cli.json("recover", "--back", *QUICK).ended("rolled-back", 1)
    assert shop.trees() == before
    shop.assert_clean()

    killed(shop, Verb.UPDATE, UPDATE, point)
    shop.cli.json("recover", "--forward", *QUICK).ended("kept", 0)
    assert (shop.data / "schema").read_text() == "2\n"
    shop.assert_clean()
    shop.cli.json("rollback", "--to", "1", "--data", *QUICK).ended("kept", 0)
    assert shop.trees() == before


@pytest.mark.sample(1, reason="each case is another moment of the same transfer")
@pytest.mark.parametrize(
    "point",
    [
        "backup-made#1/after",
        pytest.param("restore-started#1/after", marks=RARELY),
        "data-moved#3/before",
        pytest.param("data-moved#5/before", marks=RARELY),
        "restore-finished#1/before",
        pytest.param("restore-finished#1/after", marks=RARELY),
    ],
)
def test_while_a_rollback_brings_data_back(shop: Shop, point: str) -> None:
    before = shop.trees()
    shop.offer()
    shop.cli.json("update", "db=2.0.0", *QUICK).ended("kept", 0)
    (shop.data / "order").write_text("77\n")
    migrated = shop.trees()
    way = Options(to=1, data=True, monitor=1.0, assume_yes=True)
    killed(shop, Verb.ROLLBACK, way, point)
    shop.cli.json("recover", "--back", *QUICK).ended("rolled-back", 1)
    assert shop.trees() == migrated
    shop.assert_clean()

    killed(shop, Verb.ROLLBACK, way, point)
    shop.cli.json("recover", "--forward", *QUICK).ended("kept", 0)
    assert shop.trees() == before
    shop.assert_clean()


@pytest.mark.sample(1, reason="each case is another moment of the same transfer")
@pytest.mark.parametrize(
    "point", ["data-moved#3/before", pytest.param("restore-started#1/after", marks=RARELY), "data-moved#7/before"]
)
def test_while_a_failed_update_goes_back_with_its_data(shop: Shop, point: str) -> None:
    before = shop.trees()
    shop.offer(behaviour=broken(2))
    killed(shop, Verb.UPDATE, UPDATE, point)
    shop.cli.json("recover", "--back", *QUICK).ended("rolled-back", 1)
    assert shop.trees() == before
    shop.assert_clean()

    killed(shop, Verb.UPDATE, UPDATE, point)
    forward = shop.cli.json("recover", "--forward", *QUICK).ended("rolled-back", 1)
    assert shop.trees() == before
    shop.assert_clean()
    if not point.startswith("data-moved#3"):
        first = next(event for event in forward.of("restore-finished"))
        assert "-after-" in first["folder"], "forward, what the new version had written came back first"


def test_a_killed_recovery_is_recovered_from(shop: Shop) -> None:
    before = shop.trees()
    shop.offer(behaviour=broken(2))
    killed(shop, Verb.UPDATE, UPDATE, "restore-started#1/after")
    killed(shop, Verb.RECOVER, Options(recover="back", monitor=1.0, assume_yes=True), "data-moved#3/before")
    shop.cli.json("recover", "--back", *QUICK).ended("rolled-back", 1)
    assert shop.trees() == before
    shop.assert_clean()
