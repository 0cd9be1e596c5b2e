"""Interrupted runs, the rollback verb and what is kept: on the simulated engine, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from backups import installed, purge, saved
from bench import ENV, GO, OLD, Shop, always
from updates import KILLS, NEW, killed, step_of, updated
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.model.options import Options
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import EXIT_STATUS, Choice, Outcome, Verb
from ws9tui.core.store import generation
from ws9tui.simulation.engine import Behaviour, Fault, make_image

pytestmark = pytest.mark.slow


@virtual
@pytest.mark.parametrize("way", ["back", "forward", "leave"])
@pytest.mark.parametrize("kill", KILLS)
async def test_an_interrupted_run_is_recovered(shop: Shop, kill: str, way: str) -> None:
    await shop.install()
    before = shop.left()
    await killed(shop, *KILLS[kill])
    there = shop.ids()
    told = await shop.run(verb=Verb.RECOVER, recover=way)
    assert told.state.interruption is not None
    assert {entry.service for entry in told.state.interruption.services} == {"web", "api"}
    if way == "leave":
        assert told.outcome is Outcome.LEFT
        assert shop.ids() == there
    elif way == "back":
        assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "")
        assert shop.versions() == OLD
        assert shop.left() == before
        assert shop.generations == [1]
    else:
        assert (told.outcome, told.code) == (Outcome.KEPT, "")
        assert shop.versions() == NEW
        assert shop.env.read_text() == ENV.replace("1.0", "1.1")
        assert shop.generations == [1, 2]
    if way != "leave":
        assert not await shop.drift()
    nothing = await shop.run(verb=Verb.RECOVER)
    assert (nothing.outcome, nothing.code) == (Outcome.USAGE, "nothing-to-recover")


@virtual
async def test_an_interrupted_run_comes_first(shop: Shop) -> None:
    await shop.install()
    await killed(shop, *KILLS["a twin is there"])
    refused = await shop.run()
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "interrupted-run")
    told = await shop.run(verb=Verb.WIZARD, script=always(recover=Choice.CANCEL))
    assert told.outcome is Outcome.CANCELLED
    told = await shop.run(verb=Verb.WIZARD, script=always(recover=Choice.BACK))
    assert told.asked() == [("recover", "back", "operator")]
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD
    assert (await shop.run("web")).outcome is Outcome.KEPT


@virtual
@pytest.mark.parametrize(("kill", "way", "versions"), [("the watch", "forward", NEW), ("a twin is there", "back", OLD)])
async def test_the_recommended_way_is_taken_where_nobody_is(
    shop: Shop, kill: str, way: str, versions: dict[str, str]
) -> None:
    await shop.install()
    await killed(shop, *KILLS[kill])
    told = await shop.run(verb=Verb.RECOVER)
    assert told.asked()[0] == ("recover", way, "default")
    assert shop.versions() == versions


@virtual
@pytest.mark.parametrize("kill", ["a twin is there", "the watch"])
@pytest.mark.parametrize("way", [None, "back", "forward", "leave"])
async def test_the_plan_of_a_recovery_changes_nothing(shop: Shop, kill: str, way: str | None) -> None:
    await shop.install()
    await killed(shop, *KILLS[kill])
    before, generations = shop.everything(), shop.generations
    told = await shop.run(verb=Verb.RECOVER, recover=way, plan_only=True)
    assert told.outcome is Outcome.PLANNED
    assert (shop.everything(), shop.generations) == (before, generations)
    assert shop.session is not None
    assert not shop.session.remembered
    if way != "leave":
        assert told.state.plan
        wanted = way or ("back" if kill == "a twin is there" else "forward")
        assert told.state.plan.after == (1 if wanted == "back" else 2)
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK


@virtual
async def test_nobody_answers_how_to_recover(shop: Shop) -> None:
    await shop.install()
    await killed(shop, *KILLS["a twin is there"])
    told = await shop.run(verb=Verb.WIZARD, script=lambda _: None)
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "deadline")
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK


@virtual
@pytest.mark.parametrize(
    "when",
    [
        lambda event: isinstance(event, e.GenerationSaved),
        lambda event: isinstance(event, e.PullStarted),
        lambda event: isinstance(event, e.PullFinished),
        lambda event: isinstance(event, e.Planned),
    ],
)
async def test_what_a_run_left_that_died_before_its_commit_is_taken_back(
    shop: Shop, when: Callable[[Event], bool]
) -> None:
    await shop.install()
    before = shop.everything()
    await killed(shop, when)
    told = await shop.run("db")
    assert told.outcome is Outcome.UP_TO_DATE
    assert shop.everything() == before
    assert shop.generations == []


@virtual
async def test_what_a_killed_backup_stopped_comes_before_another_generation(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    assert (await shop.run(verb=Verb.ADOPT)).outcome is Outcome.ADOPTED
    shop.world.step = 2.0
    await shop.kill(Options(output=str(tmp_path / "shop.tar"), monitor=1.0), step_of("save"), 1.0, Verb.BACKUP)
    shop.world.step = 0.0
    refused = await shop.run(verb=Verb.RECOVER, to=1)
    assert (refused.outcome, refused.code, refused.all(e.CommitStarted)) == (Outcome.REFUSED, "interrupted-run", [])
    assert (await shop.run(verb=Verb.RECOVER)).outcome is Outcome.KEPT
    assert shop.versions() == OLD


@virtual
async def test_the_plan_to_leave_a_killed_restore_leaves_it_to_recover(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    purge(shop)
    shop.world.step = 2.0
    await shop.kill(Options(arguments=(str(path),), monitor=1.0), step_of("load"), 0.5, Verb.RESTORE)
    shop.world.step = 0.0
    planned = await shop.run("shop", verb=Verb.RECOVER, recover="leave", plan_only=True)
    assert planned.outcome is Outcome.PLANNED
    assert shop.session is not None
    assert not shop.session.remembered
    left = await shop.run("shop", verb=Verb.RECOVER, recover="leave")
    assert (left.outcome, left.code) == (Outcome.LEFT, "")


@virtual
async def test_rollback(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1", "1.2")
    shop.world.registry.clear()
    told = await shop.run(verb=Verb.ROLLBACK)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions()["api"] == "1.1"
    assert shop.env.read_text() == ENV.replace("1.0", "1.1")
    assert not await shop.drift()
    told = await shop.run(verb=Verb.ROLLBACK, to=1)
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD
    assert shop.env.read_text() == ENV
    told = await shop.run(verb=Verb.ROLLBACK, to=3)
    assert told.outcome is Outcome.KEPT
    assert shop.versions()["api"] == "1.2"
    assert not await shop.drift()


@virtual
async def test_rollback_to_what_is_not_there(shop: Shop) -> None:
    await shop.install()
    told = await shop.run(verb=Verb.ROLLBACK)
    assert (told.outcome, told.code) == (Outcome.USAGE, "nothing-to-roll-back")
    await updated(shop, "1.1")
    told = await shop.run(verb=Verb.ROLLBACK, to=9)
    assert told.code == "generation-unknown"
    told = await shop.run(verb=Verb.ROLLBACK, to=2)
    assert told.outcome is Outcome.UP_TO_DATE


@virtual
async def test_rollback_without_its_image(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    before = shop.ids()
    old = make_image("r.test/api", "1.0").id
    del shop.world.images[old]
    shop.world.faults.append(Fault(call="pull", code="registry-unreachable"))
    told = await shop.run(verb=Verb.ROLLBACK, to=1)
    assert EXIT_STATUS[told.outcome] != 0
    assert shop.ids() == before
    assert old not in shop.world.images
    shop.world.faults.clear()
    assert (await shop.run(verb=Verb.ROLLBACK, to=1)).outcome is Outcome.KEPT
    assert shop.versions() == OLD


@virtual
async def test_only_the_plan_of_a_rollback(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    before, generations = shop.everything(), shop.generations
    told = await shop.run(verb=Verb.ROLLBACK, plan_only=True)
    assert told.outcome is Outcome.PLANNED
    assert shop.everything() == before
    assert shop.generations == generations


@virtual
async def test_a_rollback_is_cancelled(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    before, generations = shop.everything(), shop.generations
    told = await shop.run(verb=Verb.ROLLBACK, to=1, script=always(confirm=Choice.CANCEL))
    assert told.outcome is Outcome.CANCELLED
    assert told.asked()[-1] == ("confirm", "cancel", "operator")
    assert shop.everything() == before
    assert shop.generations == generations


@virtual
async def test_a_rollback_that_fails_goes_forward_again(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    shop.world.faults.append(Fault(call="start", subject="api", times=1, reason="port is already allocated"))
    told = await shop.run(verb=Verb.ROLLBACK)
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions()["api"] == "1.1"
    assert not await shop.drift()
    assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
    assert shop.versions() == OLD


@virtual
async def test_an_orphan_survives_a_rollback(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    other = shop.folder.parent / "other.yml"
    other.write_text("name: shop\nservices: {extra: {image: 'r.test/db:16'}}\n")
    await shop.compose.up(ProjectSource("shop", str(shop.folder), (str(other),)), ["extra"])
    orphan = shop.ids()["shop-extra-1"]
    told = await shop.run(verb=Verb.ROLLBACK)
    assert (told.outcome, told.finished.problem) == (Outcome.KEPT, None)
    assert shop.versions() == OLD | {"extra": "16.1"}
    assert shop.ids()["shop-extra-1"] == orphan


# --- what is kept -------------------------------------------------------------------------------------------------


@virtual
async def test_five_generations_are_kept(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1", "1.2", "1.3", "1.4")
    assert shop.generations == [1, 2, 3, 4, 5]
    shop.world.tag(make_image("r.test/api", "1.1").id, "mine:1")
    shop.world.untag("r.test/api:1.0")
    shop.world.untag("r.test/api:1.1")
    await updated(shop, "1.5")
    assert shop.generations == [2, 3, 4, 5, 6]
    assert make_image("r.test/api", "1.0").id not in shop.world.images
    assert {tag.partition(":")[2].partition("-")[0] for tag in shop.tags(kept=True)} == {"2", "3", "4", "5", "6"}
    await updated(shop, "1.6")
    assert shop.generations == [3, 4, 5, 6, 7]
    assert shop.tags()["mine:1"] == "1.1"
    assert shop.versions() == OLD | {"api": "1.6"}
    assert make_image("r.test/db", "16.1").id in shop.world.images


@virtual
async def test_the_project_says_how_many_are_kept(shop: Shop) -> None:
    shop.file.write_text(shop.file.read_text() + "x-ws9tui: {keep_generations: 2}\n")
    await shop.install()
    await updated(shop, "1.1", "1.2", "1.3")
    assert shop.generations == [3, 4]


@virtual
async def test_a_failed_update_uses_up_no_generation(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    shop.publish("r.test/web:latest", "1.1", behaviour=Behaviour(exits_after=1.0, exit_code=1))
    assert (await shop.run("web")).outcome is Outcome.ROLLED_BACK
    assert shop.generations == [1, 2]
    recorded = generation.read(shop.state, 2)
    assert recorded.reached
    assert {name: service.version for name, service in recorded.services.items()} == OLD | {"api": "1.1"}


@virtual
async def test_another_run_is_told_who_has_the_project(shop: Shop) -> None:
    await shop.offer()
    first = asyncio.create_task(shop.run(script=always(select=Choice.GO, versions=Choice.GO)))
    await asyncio.sleep(60)
    told = await shop.run(script=GO)
    assert (told.outcome, told.code) == (Outcome.BUSY, "busy")
    assert told.finished.problem is not None
    assert told.finished.problem.facts["user"] == "operator"
    await first
