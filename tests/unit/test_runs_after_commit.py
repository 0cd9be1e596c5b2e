"""What follows a commit, on the simulated engine, in virtual time: the update is kept, or all goes back."""

from __future__ import annotations

import asyncio

import pytest

from bench import CHECK, CRASH, GO, OLD, Answer, Shop, go
from virtual_time import now, virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.simulation.engine import Behaviour, Fault, make_image
from ws9tui.simulation.life import SimContainer


@virtual
async def test_what_a_container_says_of_secrets_reaches_no_journal(shop: Shop) -> None:
    shop.env.write_text(shop.env.read_text() + "DB_PWD=correct-horse\n")
    await shop.install()
    words = "fatal: no login with correct-horse, Basic cm9vdDpjb3JyZWN0LWhvcnNl"
    shop.publish("r.test/web:latest", "1.1", behaviour=Behaviour(exits_after=2.0, exit_code=3, last_words=words))
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert "fatal: no login with •••, Basic •••" in [line.line for line in told.all(e.LogLine)]
    (saved,) = (log for log in told.all(e.LogsSaved) if log.role == "failed" and log.service == "web")
    assert words in (told.folder / saved.name).read_text()
    assert b"horse" not in (told.folder / "journal.jsonl").read_bytes()


@virtual
async def test_a_crash_loop_goes_back(shop: Shop) -> None:
    await shop.offer(behaviour=CRASH)
    shop.publish("r.test/api:1.0", "1.0.1")
    before = shop.left()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert shop.versions() == OLD
    assert shop.left() == before
    assert shop.generations == [1]
    assert shop.tags(kept=True) == {f"ws9tui.keep/shop:1-{name}": version for name, version in OLD.items()}
    assert not await shop.drift()
    saved = [(log.role, (told.folder / log.name).read_text()) for log in told.all(e.LogsSaved) if log.service == "web"]
    assert [role for role, _ in saved] == ["old", "failed"]
    assert [log.tail[-1:] for log in told.all(e.LogsSaved) if log.service == "web"] == [(), ("fatal: no database",)]
    assert "1.0: ready" in saved[0][1]
    assert "fatal: no database" in saved[1][1]


@virtual
async def test_it_goes_back_without_a_registry(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1", behaviour=CRASH)
    before = shop.left()

    def cut_off(asked: e.Asked) -> Choice:
        if asked.question is Question.CONFIRM:
            shop.world.registry.clear()
        return {Question.FAILED: Choice.ROLL_BACK}.get(asked.question, Choice.GO)

    told = await shop.run(script=cut_off, selection=("api",), references={"api": "1.1"})
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD
    assert shop.left() == before


@virtual
@pytest.mark.parametrize("health", [None, 30.0])
async def test_a_health_check_that_does_not_pass(shop: Shop, health: float | None) -> None:
    await shop.install()
    behaviour = Behaviour(healthy_after=health)
    shop.publish("r.test/web:latest", "1.1", behaviour=behaviour, healthcheck=CHECK)
    told = await shop.run()
    if health is None:
        assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "unhealthy")
        assert shop.versions() == OLD
    else:
        assert told.outcome is Outcome.KEPT
        assert shop.versions()["web"] == "1.1"


@virtual
async def test_a_start_that_the_engine_refuses(shop: Shop) -> None:
    await shop.offer()
    shop.world.faults.append(Fault(call="start", subject="web", times=1, reason="port is already allocated"))
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "compose-failed")
    assert shop.versions() == OLD
    assert not await shop.drift()


@virtual
@pytest.mark.parametrize("unattended", [True, False])
async def test_a_failure_is_held(shop: Shop, *, unattended: bool) -> None:
    await shop.offer(behaviour=CRASH)
    if unattended:
        told = await shop.run(on_failure="hold")
    else:
        told = await shop.run(script=go(failed=Choice.HOLD))
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "crash-looping")
    assert "ws9tui recover shop --back" in told.finished.commands
    web = (await shop.by_service())["web"]
    assert web.image_id == make_image("r.test/web", "1.1").id
    back = await shop.run(verb=Verb.RECOVER, recover="back")
    assert back.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD
    assert not await shop.drift()


@virtual
async def test_a_failure_that_nobody_answers_goes_back_after_a_minute(shop: Shop) -> None:
    await shop.offer(behaviour=CRASH)
    told = await shop.run(script=go())
    assert told.outcome is Outcome.ROLLED_BACK
    assert told.asked()[-1] == ("failed", "rollback", "deadline")


@virtual
async def test_hold_by_the_project_s_own_settings(shop: Shop) -> None:
    await shop.install()
    text = shop.file.read_text().replace(
        "    depends_on:", "    deploy: {update_config: {failure_action: pause}}\n    depends_on:"
    )
    shop.file.write_text(text)
    shop.publish("r.test/web:latest", "1.1", behaviour=CRASH)
    assert (await shop.run("web")).outcome is Outcome.NEEDS_RECOVERY


@virtual
async def test_an_operator_goes_back_though_all_is_well(shop: Shop) -> None:
    await shop.offer()
    before = shop.left()
    told = await shop.run(script=go(outcome=Choice.ROLL_BACK))
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "")
    assert shop.versions() == OLD
    assert shop.left() == before


@virtual
async def test_the_way_back_leaves_another_project_its_image(shop: Shop) -> None:
    """The run pulled the image that the other project has begun to use."""
    new = await shop.offer()

    def used_meanwhile(asked: e.Asked) -> Answer:
        if asked.question is not Question.OUTCOME:
            return GO(asked)
        made = Container("f" * 64, "wiki-wiki-1", new.id, Reference("r.test/web:latest"), "wiki", "wiki")
        shop.world.containers[made.id] = SimContainer(made=made, started=now())
        return Choice.ROLL_BACK

    told = await shop.run(script=used_meanwhile)
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD | {"wiki": "1.1"}
    assert new.id in shop.world.images
    assert shop.tags()["r.test/web:latest"] == "1.0"


@virtual
async def test_nobody_answers_whether_to_keep(shop: Shop) -> None:
    await shop.offer()
    begun = now()
    told = await shop.run(script=go())
    assert told.outcome is Outcome.KEPT
    assert told.asked()[-1] == ("outcome", "keep", "deadline")
    assert 3600 <= now() - begun < 3700


@virtual
@pytest.mark.parametrize("confirmed", [True, False])
async def test_confirm_within(shop: Shop, *, confirmed: bool) -> None:
    await shop.offer()
    script = GO if confirmed else go()
    begun = now()
    told = await shop.run(script=script, confirm_within=600.0)
    assert told.outcome is (Outcome.KEPT if confirmed else Outcome.ROLLED_BACK)
    assert shop.versions()["web"] == ("1.1" if confirmed else "1.0")
    assert (now() - begun > 600) is not confirmed


@virtual
async def test_confirm_within_without_anybody(shop: Shop) -> None:
    await shop.offer()
    told = await shop.run(confirm_within=600.0)
    assert told.outcome is Outcome.ROLLED_BACK
    assert told.asked()[-1] == ("outcome", "rollback", "deadline")


@virtual
async def test_it_dies_while_it_is_asked_whether_to_keep(shop: Shop) -> None:
    await shop.offer(behaviour=Behaviour(exits_after=120.0, exit_code=1))
    told = await shop.run(script=go())
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert told.all(e.GatePassed)
    assert shop.versions() == OLD


@virtual
async def test_the_daemon_is_away_during_the_watch(shop: Shop) -> None:
    await shop.offer()

    async def restart_daemon() -> None:
        await shop.until_web("1.1")
        await asyncio.sleep(5)
        away = Fault(call="containers", code="engine-unreachable")
        shop.world.faults.append(away)
        await asyncio.sleep(120)
        shop.world.faults.remove(away)

    daemon = asyncio.create_task(restart_daemon())
    told = await shop.run()
    await daemon
    assert told.outcome is Outcome.KEPT
    assert told.found().count("engine-unreachable") == 1
    assert shop.versions()["web"] == "1.1"


@virtual
async def test_a_daemon_that_stays_away_needs_recovery(shop: Shop) -> None:
    await shop.offer()

    async def lose_daemon() -> None:
        await shop.until_web("1.1")
        for call in ("containers", "images", "image", "networks"):
            shop.world.faults.append(Fault(call=call, code="engine-unreachable"))

    daemon = asyncio.create_task(lose_daemon())
    told = await shop.run()
    await daemon
    assert told.outcome is Outcome.NEEDS_RECOVERY
    assert "ws9tui recover shop --back" in told.finished.commands
    shop.world.faults.clear()
    back = await shop.run(verb=Verb.RECOVER, recover="back")
    assert back.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD
