"""What several users keep of one project: each has records and keep tags of his own, and nobody touches another's."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import Shop
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.core.store import generation, users
from ws9tui.core.store.store import Store
from ws9tui.words import problems

pytestmark = pytest.mark.slow

ROOT, NOBODY = "", "u65534"


class Users:
    """Users with a state directory each, who take turns at one project."""

    def __init__(self, shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop = shop
        self._folder = folder
        self._monkeypatch = monkeypatch

    def turn(self, keeper: str) -> None:
        """Be another user."""
        self._monkeypatch.setattr(users, "keeper", lambda: keeper)
        self.shop.store = Store(self._folder / f"state-{keeper}").open()

    def kept(self, keeper: str) -> dict[str, str]:
        """Return the keep tags of one with the version that each has."""
        base = f"ws9tui.keep/shop{keeper and '/'}{keeper}:"
        return {tag.removeprefix(base): at for tag, at in self.shop.tags(kept=True).items() if tag.startswith(base)}

    async def update(self, version: str) -> None:
        """Update to what `latest` is now."""
        self.shop.publish("r.test/web:latest", version)
        assert (await self.shop.run()).outcome is Outcome.KEPT


@virtual
async def test_the_keep_tags_of_others_stay_and_numbers_go_on_past_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path)
    both = Users(shop, tmp_path, monkeypatch)
    await shop.install()
    both.turn(ROOT)
    await both.update("1.1")
    assert shop.generations == [1, 2]
    roots = both.kept(ROOT)
    assert (roots["1-web"], roots["2-web"]) == ("1.0", "1.1")
    both.turn(NOBODY)
    for version in range(2, 9):
        await both.update(f"1.{version}")
    assert min(shop.generations) > 2
    assert both.kept(ROOT) == roots
    both.turn(ROOT)
    told = await shop.run(verb=Verb.ROLLBACK, to=1)
    assert told.outcome is Outcome.KEPT
    assert shop.versions()["web"] == "1.0"
    assert both.kept(NOBODY)


@virtual
async def test_the_records_of_others_are_said_to_be_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path)
    both = Users(shop, tmp_path, monkeypatch)
    await shop.install()
    both.turn(NOBODY)
    await both.update("1.1")
    both.turn(ROOT)
    told = await shop.run(verb=Verb.ROLLBACK)
    found = [event.finding.problem for event in told.events if isinstance(event, e.Found)]
    assert [problem.code for problem in found] == ["generations-of-others"]
    assert "nobody has records of this project too: generation 1 and 2" in problems.sentence(found[0])
    assert told.code == "nothing-to-roll-back"
    assert shop.generations == []
    told = await shop.run(verb=Verb.ROLLBACK, to=2)
    assert (told.outcome, told.code) == (Outcome.USAGE, "generation-of-other")
    told = await shop.run(verb=Verb.DOCTOR)
    assert any(
        event.finding.problem.code == "generations-of-others" for event in told.events if isinstance(event, e.Found)
    )


@virtual
async def test_lost_records_of_the_own_are_found_again_and_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path)
    both = Users(shop, tmp_path, monkeypatch)
    await shop.install()
    both.turn(ROOT)
    await both.update("1.1")
    shop.store = Store(tmp_path / "anew").open()
    await both.update("1.2")
    assert shop.generations == [3, 4]
    assert (both.kept(ROOT)["1-web"], both.kept(ROOT)["2-web"]) == ("1.0", "1.1")


@pytest.mark.parametrize("keep", [1, 2, 5])
@virtual
async def test_to_and_fro_between_two_versions_the_way_back_stays(tmp_path: Path, keep: int) -> None:
    """Each update records a generation, and what it goes back to falls behind the latest ones."""
    shop = Shop(tmp_path)
    await shop.offer()
    for _ in range(12):
        assert (await shop.run(keep_generations=keep)).outcome is Outcome.KEPT
        assert shop.versions()["web"] == "1.1"
        assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
        assert shop.versions()["web"] == "1.0"
        assert len(shop.generations) <= keep + 1


def test_keep_tags_tell_whose_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    tags = ["ws9tui.keep/shop:3-web", "ws9tui.keep/shop/u65534:4-web", "ws9tui.keep/shop/u65534:4-db"]
    strange = ["ws9tui.keep/shop-2:9-web", "shop:1-web", "ws9tui.keep/shop/x:9-web", "ws9tui.keep/shop:latest"]
    strange += [f"ws9tui.keep/shop/u{'9' * 40}:1-web", f"ws9tui.keep/shop:{'9' * 100}-web"]
    assert users.kept([*tags, *strange], "shop") == {3: {ROOT}, 4: {NOBODY}}
    monkeypatch.setattr(users, "keeper", lambda: NOBODY)
    assert users.of_others(tags, "shop", ()) == {"root": (3,)}
    assert users.of_others(tags, "shop", (3,)) == {}  # recorded by an older version, which had one name for all
    assert generation.keep_tag("shop", 4, "web", NOBODY) == tags[1]
    assert users.of_keeper("u9999999999") == "uid 9999999999"
