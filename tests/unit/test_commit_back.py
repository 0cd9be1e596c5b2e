"""The way back is patient where a failure may pass, bounded where it does not, and tells what was really wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from bench import COMPOSE, CRASH, ENV, OLD, Shop, go
from virtual_time import now, virtual
from ws9tui.core.commit import back, diagnose
from ws9tui.core.commit.watch import ENGINE_PATIENCE
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.errors import EngineError
from ws9tui.problems.problem import read
from ws9tui.simulation.engine import Behaviour, Fault
from ws9tui.words import outcome, safety

pytestmark = pytest.mark.usefixtures("quick")

HELD = "driver failed programming external connectivity: listen tcp 0.0.0.0:80: bind: address already in use"


async def crashing(shop: Shop) -> None:
    await shop.offer(behaviour=CRASH)


@virtual
async def test_a_port_that_a_leftover_holds_for_a_while(shop: Shop) -> None:
    await crashing(shop)
    before = shop.left()
    held = Fault(call="start", subject="web", nth=2, times=4, reason=HELD)
    shop.world.faults.append(held)
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert held.seen == 6  # the new one, four refusals, and the one that it came to
    assert shop.versions() == OLD
    assert shop.left() == before
    assert not await shop.drift()


@virtual
async def test_a_port_that_stays_taken_is_told_in_the_end(shop: Shop) -> None:
    await crashing(shop)
    shop.world.faults.append(Fault(call="start", subject="web", nth=2, reason=HELD))
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "rollback-failed")
    assert told.finished.problem is not None
    assert "already in use" in told.finished.problem.facts["detail"]
    assert told.finished.commands[0] == "ws9tui recover shop --back"
    attempts = [event for event in told.all(e.StepFinished) if event.kind in ("recreate", "start") and event.problem]
    assert 6 <= len(attempts) <= 7
    shop.world.faults.clear()
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD


@virtual
@pytest.mark.parametrize("code", ["compose-file-invalid", "engine-disk-read-only"])
async def test_a_failure_that_will_not_pass_is_tried_just_twice(shop: Shop, code: str) -> None:
    """What it leaves is told: the others are as they were."""
    await crashing(shop)
    refused = Fault(call="start", subject="web", nth=2, code=code, reason="no")
    shop.world.faults.append(refused)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "rollback-failed")
    assert refused.seen == 3
    assert {event.service: event.state for event in told.all(e.InterruptedService)} == {"web": "stopped"}
    assert "Now web is stopped." in outcome.message(told.finished, told.state)


@virtual
@pytest.mark.parametrize(
    ("code", "patience"), [("engine-error", back.BACK_PATIENCE), ("engine-timeout", ENGINE_PATIENCE)]
)
async def test_an_engine_that_answers_with_errors_is_not_away(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, code: str, patience: float
) -> None:
    """One that restarts is waited for far longer."""

    called: list[float] = []

    async def failing(*_: object) -> None:
        called.append(now())
        raise EngineError(read(code, {"call": "start"}))

    await crashing(shop)
    monkeypatch.setattr("ws9tui.core.commit.cleanup.leftovers", failing)
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "rollback-failed")
    assert patience - 5 < called[-1] - called[0] < patience + 15
    monkeypatch.undo()
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD


@virtual
async def test_what_is_left_cannot_be_seen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that stays away says nothing of what runs, and nothing is said of it."""

    async def away(*_: object) -> None:
        raise EngineError(read("engine-unreachable", {"host": "unix:///run/docker.sock"}))

    await crashing(shop)
    for name in ("cleanup.leftovers", "diagnose.observe"):
        monkeypatch.setattr(f"ws9tui.core.commit.{name}", away)
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "rollback-failed")
    assert not told.all(e.InterruptedService)
    assert "It is not known what is running now." in outcome.message(told.finished, told.state)


@virtual
async def test_a_log_that_cannot_be_read_stops_nothing(shop: Shop) -> None:
    """Not every logging driver lets its log be read."""
    await shop.offer()
    shop.world.faults.append(Fault(call="logs", reason="configured logging driver does not support reading"))
    began = now()
    assert (await shop.run("web")).outcome is Outcome.KEPT
    assert now() - began < 60


@virtual
async def test_the_patience_of_a_way_back_is_bounded(shop: Shop) -> None:
    await crashing(shop)
    shop.world.faults.append(Fault(call="start", subject="web", nth=2, reason=HELD))
    await shop.run("web")
    session = shop.session
    assert session is not None
    began = now()
    told = await shop.run(verb=Verb.RECOVER, recover="back")
    assert told.outcome is Outcome.NEEDS_RECOVERY
    assert back.BACK_PATIENCE <= now() - began < back.BACK_PATIENCE + 15


SIDECAR = """\
name: shop
services:
  web:
    image: r.test/web:latest
    restart: RESTART
  api:
    image: r.test/api:${API}
    network_mode: service:web
  db:
    image: r.test/db:16
"""


@virtual
@pytest.mark.parametrize(("restart", "code"), [("always", "crash-looping"), ("'no'", "exited")])
async def test_the_reason_is_the_server_that_died_not_its_follower(tmp_path: Path, restart: str, code: str) -> None:
    """The follower cannot join the network of a container that does not run; that says nothing of why."""
    shop = Shop(tmp_path, SIDECAR.replace("RESTART", restart))
    await shop.offer(behaviour=Behaviour(exits_after=0.05, exit_code=3))
    shop.world.step = 0.2
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, code)
    assert told.finished.problem is not None
    assert told.finished.problem.facts["service"] == "web"
    assert shop.versions() == OLD


@virtual
async def test_a_dependency_that_restarts_is_the_reason_of_what_needs_it(tmp_path: Path) -> None:
    shop = Shop(tmp_path, COMPOSE.replace("  db:", "  zdb:").replace("depends_on: {api:", "depends_on: {zdb:"), ENV)
    for reference in ("r.test/web:latest", "r.test/api:1.0", "r.test/db:16"):
        shop.bring(reference, "1.0")
    await shop.compose.up(shop.source, ["web", "api", "zdb"])
    shop.publish("r.test/db:16", "1.1", behaviour=Behaviour(exits_after=40.0, exit_code=3))
    shop.publish("r.test/web:latest", "1.1", behaviour=Behaviour(exits_after=0.2, exit_code=4))
    told = await shop.run("web", "zdb", monitor=120.0)
    assert told.outcome is Outcome.ROLLED_BACK
    assert told.code == "crash-looping"
    assert told.finished.problem is not None
    assert told.finished.problem.facts["service"] == "web"  # zdb was well when web died


@virtual
@pytest.mark.parametrize("running", [True, False])
async def test_a_follower_comes_along_when_only_the_second_attempt_can_start_its_leader(
    tmp_path: Path, *, running: bool
) -> None:
    """The first one has made the leader anew; the follower's own container is right but for whom it follows."""
    shop = Shop(tmp_path, SIDECAR.replace("RESTART", "always"))
    await shop.install()
    if not running:
        await shop.engine.stop((await shop.by_service())["api"].id)
    before = {name: one.running for name, one in (await shop.by_service()).items()}
    shop.publish("r.test/web:latest", "1.1")
    shop.world.faults.append(Fault(call="start", subject="web", times=2, reason=HELD))
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "compose-failed")
    assert {name: one.running for name, one in (await shop.by_service()).items()} == before
    there = await shop.by_service()
    assert there["api"].network_mode == f"container:{there['web'].id}"


@virtual
async def test_what_is_not_well_after_a_way_back_is_told(shop: Shop) -> None:
    """The newer version has migrated the data, and the earlier one refuses it: its image runs, and is no success."""
    await shop.install()
    earlier = next(image for image in shop.world.images.values() if "r.test/web:latest" in image.tags)

    def migrated(asked: e.Asked) -> Choice | e.Decision | None:
        if asked.question is Question.CONFIRM:
            earlier.spec = msgspec.structs.replace(earlier.spec, behaviour=Behaviour(exits_after=0.5, exit_code=1))
        return go()(asked)

    shop.publish("r.test/web:latest", "1.1", behaviour=CRASH)
    told = await shop.run("web", script=migrated)
    assert told.outcome is Outcome.ROLLED_BACK
    assert [finding.service for finding in told.state.findings if finding.problem.code == "back-unwell"] == ["web"]
    assert [event.role for event in told.all(e.LogsSaved)] == ["old", "failed", "failed"]
    assert "But web is not OK." in outcome.message(told.finished, told.state)
    assert outcome.headline(told.finished, told.state) == "Rolled back, not OK"
    assert "not OK: web" in safety.line(told.state)
    assert safety.tone(told.state) is safety.SafetyTone.WARNING


@virtual
async def test_a_shutdown_while_it_is_looked_on_takes_nothing_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await crashing(shop)

    async def shut_down(*_: object) -> None:
        assert shop.session
        shop.session.terminate()
        await asyncio.Event().wait()

    monkeypatch.setattr(diagnose, "look_on", shut_down)
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert shop.versions() == OLD


@virtual
async def test_dependencies_that_are_ill_again_keep_no_other_service_on_the_new_version(tmp_path: Path) -> None:
    """The older versions refuse the migrated data; what needs them goes back all the same."""
    needs = "${API}\n    depends_on: {db: {condition: service_started}}"
    shop = Shop(tmp_path, COMPOSE.replace("${API}", needs).replace("db:16", "db:16\n    restart: always"))
    await shop.install()
    earlier = {tag: image for image in shop.world.images.values() for tag in image.tags}

    def migrated(asked: e.Asked) -> Choice | e.Decision | None:
        if asked.question is Question.CONFIRM:
            for tag in ("r.test/db:16", "r.test/api:1.0"):
                ill = Behaviour(exits_after=0.0, exit_code=1)
                earlier[tag].spec = msgspec.structs.replace(earlier[tag].spec, behaviour=ill)
        return go()(asked)

    shop.publish("r.test/db:16", "16.2")
    shop.publish("r.test/api:1.1", "1.1")
    shop.publish("r.test/web:latest", "1.1", behaviour=CRASH)
    told = await shop.run("web", "api=1.1", "db", script=migrated, references={"api": "1.1"})
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert shop.versions() == {"web": "1.0"}
    images = {name: container.image_id for name, container in (await shop.by_service()).items()}
    assert images["db"] == earlier["r.test/db:16"].spec.id
    assert images["api"] == earlier["r.test/api:1.0"].spec.id
    assert "back-unwell" in told.found()
