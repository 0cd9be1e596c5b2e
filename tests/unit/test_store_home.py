"""The records of a project are found by engine and name, those of older versions too, whatever the engine's address."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bench import Shop
from virtual_time import virtual
from ws9tui.core.model.project import Project
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.core.store import generation, home
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.store import Home, Store, address_key
from ws9tui.simulation.engine import World

USUAL = "unix:///var/run/docker.sock"
ODD = "unix:////run/docker.sock"
TCP = "tcp://server:2376"


def folder(kept: Store, host: str, engine: str = "", *, network: str = "", when: str = "2026-01-01") -> Path:
    """Make records at an address, of a known engine or of an older version."""
    made = kept.project(address_key("shop", host))
    project = Project(ProjectSource("shop", "/srv", ("/srv/compose.yml",)), {})
    generation.write(made, Generation(1, when, 1, project, {}, (), networks=(network,) if network else ()), {})
    if engine:
        home.settle(home.find(kept, "shop", engine, host))
    return made


def test_an_engine_has_the_same_records_by_every_address(kept: Store) -> None:
    made = folder(kept, TCP, "a")
    assert [home.find(kept, "shop", "a", host).folder for host in (TCP, USUAL, ODD)] == [made] * 3


def test_another_engine_at_the_same_address_has_others(kept: Store) -> None:
    made = folder(kept, TCP, "a")
    other = home.find(kept, "shop", "b", TCP)
    assert other.folder not in (made, home.find(kept, "shop", "b", USUAL).folder)
    assert other.engines == ("b",)


def test_the_machine_s_own_engine_set_up_anew_is_the_same(kept: Store) -> None:
    made = folder(kept, USUAL, "a")
    found = home.find(kept, "shop", "b", "unix:///run/docker.sock")
    assert (found.folder, found.engines) == (made, ("a", "b"))


@pytest.mark.parametrize("host", [USUAL, "unix:///run/docker.sock", ODD, TCP])
def test_records_of_older_versions_are_found_by_their_address(kept: Store, host: str) -> None:
    made = folder(kept, host)
    home.settle(home.find(kept, "shop", "a", host))
    assert home.find(kept, "shop", "a", "unix:///elsewhere").folder == made


def test_records_of_older_versions_are_found_by_another_address(kept: Store) -> None:
    made = folder(kept, USUAL, network="net")
    assert home.find(kept, "shop", "a", TCP, ("net",)).folder == made
    assert home.find(kept, "shop", "a", TCP, ("other",)).folder != made


def test_of_records_that_were_parted_the_latest_are_taken(kept: Store) -> None:
    folder(kept, ODD, network="net")
    latest = folder(kept, USUAL, network="net", when="2026-02-02")
    assert home.find(kept, "shop", "a", ODD, ("net",)).folder == latest
    assert len(home.all_of(kept, "shop")) == 2


def test_an_engine_without_an_id_goes_by_its_address(kept: Store) -> None:
    made = folder(kept, TCP)
    home.settle(home.find(kept, "shop", "", TCP))
    found = home.find(kept, "shop", "", TCP)
    assert (found.folder, found.engines) == (made, ())


def test_a_damaged_note_of_the_engine_is_none(kept: Store) -> None:
    made = folder(kept, USUAL, "a")
    (made / "engine.json").write_text("{")
    found = home.find(kept, "shop", "a", USUAL)
    assert found.folder == made
    home.settle(found)
    assert home.find(kept, "shop", "a", TCP).folder == made


def test_an_engine_with_a_new_identity_is_known_by_its_networks(kept: Store) -> None:
    made = folder(kept, TCP, "a", network="net")
    assert home.find(kept, "shop", "b", TCP, ("net",)) == Home(made, "shop", ("a", "b"))


def test_two_engines_with_one_id_are_told_apart() -> None:
    one = World().info
    assert one.identity != msgspec.structs.replace(one, root="/elsewhere").identity
    assert one.identity == msgspec.structs.replace(one, host=TCP).identity
    assert msgspec.structs.replace(one, id="").identity == ""


@virtual
async def test_history_and_the_way_back_are_one_by_every_address(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    await shop.offer()
    assert (await shop.run()).outcome is Outcome.KEPT
    shop.world.info = msgspec.structs.replace(shop.world.info, host=ODD)
    told = await shop.run(verb=Verb.ROLLBACK)
    assert told.outcome is Outcome.KEPT
    assert [record.number for record in shop.runs()] == [2, 1]
    assert len(list(shop.store.projects_folder.iterdir())) == 1


@virtual
async def test_runs_and_generations_of_an_older_version_go_on(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    await shop.offer()
    told = await shop.run()
    journal = told.folder / "journal.jsonl"
    journal.write_text(journal.read_text().replace(f',"id":"{shop.world.info.identity}"', ""))
    (shop.state / "engine.json").unlink()
    assert [record.number for record in shop.runs()] == [1]
    assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
    assert [record.number for record in shop.runs()] == [2, 1]
