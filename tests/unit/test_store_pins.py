"""Pinned generations: nothing removes them, their images or their newest data."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import ME, Shop
from updates import updated
from virtual_time import virtual
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.core.store import backup, generation, home, pins
from ws9tui.core.store.backup import Backup
from ws9tui.core.store.lock import Lock, holder
from ws9tui.core.store.store import Home
from ws9tui.errors import Busy, StateError


def home_of(shop: Shop) -> Home:
    (found,) = home.all_of(shop.store, "shop")
    return found


async def kept_two(shop: Shop, *versions: str) -> None:
    """Update, with two generations kept; the setting is part of a generation, too."""
    shop.file.write_text(shop.file.read_text() + "x-ws9tui: {keep_generations: 2}\n")
    await updated(shop, *versions)


@virtual
async def test_a_pinned_generation_survives_the_rotation(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    assert pins.pin(home_of(shop), 1, ME).pinned
    await kept_two(shop, "1.2", "1.3", "1.4")
    assert shop.generations == [1, 5, 6]
    assert pins.pinned(shop.state) == {1}
    assert shop.tags(kept=True)["ws9tui.keep/shop:1-api"] == "1.0"
    told = await shop.run(verb=Verb.ROLLBACK, to=1)
    assert told.outcome is Outcome.KEPT
    assert shop.versions()["api"] == "1.0"
    assert generation.read(shop.state, 1).pinned
    assert not pins.pin(home_of(shop), 1, ME, wanted=False).pinned
    await kept_two(shop, "1.5", "1.6", "1.7")
    assert 1 not in shop.generations
    assert "ws9tui.keep/shop:1-api" not in shop.tags(kept=True)


@virtual
async def test_its_newest_data_is_kept_beyond_all_bounds(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.install()
    await updated(shop, "1.1")
    pins.pin(home_of(shop), 1, ME)
    monkeypatch.setattr(backup, "BYTES_KEPT", -1)
    made = []
    for number in (1, 2):
        begun = backup.begin(shop.state, Backup(number, "db", "before", f"r{number}", "", f"2026-01-0{number}", ""), "")
        made.append(backup.finish(shop.state, begun).folder)
    assert pins.saved_data(shop.state) == {made[0]}
    await updated(shop, "1.2")
    assert made[0] in {saved.folder for saved in backup.all_of(shop.state)}


@virtual
async def test_nothing_is_pinned_while_a_run_has_the_project(shop: Shop, tmp_path: Path) -> None:
    await shop.install()
    await updated(shop, "1.1")
    found = home_of(shop)
    lock = Lock(found.folder / "lock", "shop", found.engines[-1])
    lock.acquire(holder(tmp_path, 9, ME))
    with pytest.raises(Busy):
        pins.pin(found, 1, ME)
    lock.release()
    with pytest.raises(StateError) as error:
        pins.pin(found, 9, ME)
    assert error.value.problem.code == "generation-unknown"
    assert pins.pinned(shop.state) == frozenset()
    pins.pin(found, 1, ME)  # the lock was given back
