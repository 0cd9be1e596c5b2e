"""Whole updates on the simulated engine, in virtual time, where all goes well: what is there afterwards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench import COMPOSE, CRASH, GO, OLD, Shop
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.simulation.engine import make_image


@virtual
async def test_a_good_update(shop: Shop) -> None:
    await shop.install()
    before = shop.ids()
    shop.publish("r.test/web:latest", "1.1")
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == OLD | {"web": "1.1"}
    after = shop.ids()
    assert {name for name in after if after[name] != before[name]} == {"shop-web-1"}
    assert shop.generations == [1, 2]
    assert shop.tags(kept=True) == {
        **{f"ws9tui.keep/shop:1-{name}": version for name, version in OLD.items()},
        **{f"ws9tui.keep/shop:2-{name}": version for name, version in (OLD | {"web": "1.1"}).items()},
    }
    assert shop.tags()["r.test/web:latest"] == "1.1"
    assert not await shop.drift()
    assert told.asked() == [("confirm", "go", "default")]


@virtual
async def test_an_operator_decides_each_step(shop: Shop) -> None:
    await shop.offer()
    told = await shop.run(script=GO)
    assert told.outcome is Outcome.KEPT
    assert told.asked() == [
        ("select", "go", "operator"),
        ("confirm", "go", "operator"),
        ("outcome", "keep", "operator"),
    ]


@virtual
async def test_another_tag_is_written_into_the_files(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")
    told = await shop.run("api=1.1")
    assert told.outcome is Outcome.KEPT
    assert shop.env.read_text() == "# versions\nAPI=1.1\n"
    assert shop.versions() == OLD | {"api": "1.1"}
    assert not await shop.drift()


@virtual
async def test_an_operator_asks_for_another_tag_in_the_pane(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")
    told = await shop.run(script=GO, selection=("api",), references={"api": "1.1"})
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"api": "1.1"}


@virtual
async def test_a_digest_is_asked_for(shop: Shop) -> None:
    await shop.install()
    digest = shop.publish("r.test/api:1.1", "1.1").digest
    told = await shop.run(f"api={digest}")
    assert (told.outcome, told.code) == (Outcome.USAGE, "reference-not-in-files")
    shop.file.write_text(shop.file.read_text().replace("r.test/api:${API}", "r.test/api:1.0"))
    told = await shop.run(f"api={digest}")
    assert told.outcome is Outcome.KEPT
    assert f"image: r.test/api@{digest}\n" in shop.file.read_text()
    assert shop.versions()["api"] == "1.1"
    assert not await shop.drift()


@virtual
async def test_up_to_date(shop: Shop) -> None:
    await shop.install()
    before = shop.everything()
    told = await shop.run()
    assert told.outcome is Outcome.UP_TO_DATE
    assert shop.everything() == before
    assert shop.generations == []


@virtual
async def test_a_changed_definition_is_applied(shop: Shop) -> None:
    await shop.install()
    before = shop.ids()
    shop.file.write_text(shop.file.read_text().replace("r.test/db:16\n", "r.test/db:16\n    user: me\n"))
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert {name for name, made in shop.ids().items() if before[name] != made} == {"shop-db-1"}
    assert not await shop.drift()


@virtual
async def test_only_a_plan(shop: Shop) -> None:
    await shop.offer()
    before = shop.everything()
    told = await shop.run(plan_only=True)
    assert told.outcome is Outcome.PLANNED
    assert told.state.plan is not None
    assert told.state.plan.services == ("web",)
    assert shop.everything() == before
    assert shop.generations == []
    assert not told.all(e.PullStarted)


@virtual
async def test_a_first_install(shop: Shop) -> None:
    shop.publish_all()
    told = await shop.run(verb=Verb.INSTALL)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == OLD
    assert shop.generations[-1] == 1
    assert not await shop.drift()


@virtual
async def test_a_container_is_known_by_the_name_that_its_file_gives_it(shop: Shop) -> None:
    text = shop.file.read_text()
    for name, tag, version in (("web", "latest", "1.0"), ("api", "1.0", "1.0"), ("db", "16", "16.1")):
        shop.publish(f"r.test/{name}:{tag}", version)
        text = text.replace(f"  {name}:\n", f"  {name}:\n    container_name: my-{name}\n")
    shop.file.write_text(text)
    told = await shop.run(verb=Verb.INSTALL)
    assert told.outcome is Outcome.KEPT
    steps = {(event.service, event.container) for event in told.all(e.ContainerStep)}
    assert steps == {(name, f"my-{name}") for name in ("web", "api", "db")}
    assert set(told.state.watched) == {"web", "api", "db"}


@virtual
async def test_a_first_install_that_fails_leaves_nothing(shop: Shop) -> None:
    for reference in ("r.test/web:latest", "r.test/db:16"):
        shop.publish(reference, "16.1" if "db" in reference else "1.0")
    shop.publish("r.test/api:1.0", "1.0", behaviour=CRASH)
    before = shop.everything()
    told = await shop.run(verb=Verb.INSTALL)
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == {}
    assert shop.everything()[:4] == before[:4]
    assert shop.world.volumes == []  # it held no data


@pytest.mark.slow
@virtual
async def test_what_does_not_run_is_not_updated(shop: Shop) -> None:
    """Nor after a `down`; once it is installed again, the way back is to what ran before, and not to nothing."""
    shop.publish_all()
    before = shop.everything()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.USAGE, "project-not-running")
    assert shop.everything() == before
    assert (await shop.run(verb=Verb.INSTALL)).outcome is Outcome.KEPT
    shop.publish("r.test/web:latest", "1.1")
    assert (await shop.run()).outcome is Outcome.KEPT
    shop.world.containers.clear()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.USAGE, "project-not-running")
    assert shop.versions() == {}
    assert (await shop.run(verb=Verb.INSTALL)).outcome is Outcome.KEPT
    assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
    assert shop.versions() == OLD


@virtual
async def test_a_stopped_service_is_not_started(shop: Shop) -> None:
    await shop.install()
    await shop.engine.stop((await shop.by_service())["web"].id)
    shop.publish("r.test/web:latest", "1.1")
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    web = (await shop.by_service())["web"]
    assert (web.running, web.image_id) == (False, make_image("r.test/web", "1.1").id)


@virtual
async def test_what_has_completed_by_the_time_it_is_looked_at_was_started(tmp_path: Path) -> None:
    """A one-shot on whose start alone another service depends."""
    text = COMPOSE.replace("${API}\n    restart: always", "${API}\n    x-ws9tui: {one_shot: true}")
    shop = Shop(tmp_path, text)
    await shop.offer()
    shop.behave("r.test/api:1.1", "1.1", exits_after=0.0)
    async with asyncio.timeout(3600):
        told = await shop.run("web", "api=1.1")
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == {"db": "16.1", "web": "1.1"}


@virtual
async def test_a_service_scaled_to_nothing_gets_no_container_and_fails_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, COMPOSE.replace("r.test/db:16", "r.test/db:16\n    scale: 0"))
    await shop.offer()
    told = await shop.run("web", "db")
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == {"api": "1.0", "web": "1.1"}
