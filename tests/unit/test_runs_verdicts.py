"""What a service was before an update, and how the update is judged against that; on the simulated engine."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from bench import CHECK, GO, Shop, go
from virtual_time import virtual
from ws9tui.core.inspect import condition
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container, EngineInfo
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Choice, Outcome, Verb
from ws9tui.core.store.generation import read_all
from ws9tui.problems.problem import read
from ws9tui.simulation.engine import Behaviour
from ws9tui.words import outcome
from ws9tui.words.plan import lines

NOW = "2026-01-01T12:00:00Z"
INFO = EngineInfo("", "", "", "", "linux", "amd64", "", containerd_store=False, local=True, host="", time=NOW)
RUNNING = Container("1", "web-1", "image", Reference("web"), started_at="2026-01-01T10:00:00Z", restart_policy="always")
LATELY = "2026-01-01T11:59:30Z"


# --- what is wrong with a container -------------------------------------------------------------------------------

LIMITED: dict[str, Any] = {"restart_policy": "on-failure", "restart_limit": 3, "state": "exited", "exit_code": 3}
STATES: dict[str, tuple[dict[str, Any], str]] = {
    "it runs": ({}, ""),
    "its attempts are used up": (LIMITED | {"restart_count": 3}, "was-failed"),
    "it was stopped before they were": (LIMITED | {"restart_count": 1, "exit_code": 143}, ""),
    "it ended well by itself": (LIMITED | {"exit_code": 0}, ""),
    "it was stopped, though it is always to run": ({"state": "exited", "exit_code": 1}, ""),
    "it ended, and nothing says that it is to run": ({"state": "exited", "exit_code": 1, "restart_policy": "no"}, ""),
    "it had no memory": (
        {"state": "exited", "exit_code": 137, "oom_killed": True, "restart_policy": "no"},
        "was-failed",
    ),
    "a part of it had no memory, and it runs": ({"oom_killed": True}, ""),
    "its program is not there": ({"state": "exited", "exit_code": 127, "error": "no such file"}, "was-failed"),
    "it could not be started": ({"state": "created", "error": "port is taken"}, "was-failed"),
    "it was made and not started": ({"state": "created"}, ""),
    "the engine could not remove it": ({"state": "dead", "exit_code": 1}, "was-failed"),
    "it is paused": ({"state": "paused"}, ""),
    "it is between two attempts": ({"state": "restarting", "restart_count": 1, "exit_code": 1}, "was-crash-looping"),
    "it was started lately, once more": ({"restart_count": 7, "started_at": LATELY}, "was-crash-looping"),
    "it crashed long ago and runs since": ({"restart_count": 7}, ""),
    "it was started lately, for the first time": ({"started_at": LATELY}, ""),
    "it is unhealthy": ({"health": "unhealthy"}, "was-unhealthy"),
    "it was unhealthy and is stopped": ({"health": "unhealthy", "state": "exited", "exit_code": 0}, ""),
    "it is not healthy yet": ({"health": "starting"}, ""),
}


@pytest.mark.parametrize("name", STATES)
def test_what_is_wrong_with_a_container(name: str) -> None:
    changes, code = STATES[name]
    container = msgspec.structs.replace(RUNNING, **changes)
    assert [problem.code for problem in condition.unwell(["web"], {"web": [container]}, INFO)] == (
        [code] if code else []
    )


def test_the_worst_replica_is_told() -> None:
    ill = msgspec.structs.replace(RUNNING, health="unhealthy", name="web-2")
    loop = msgspec.structs.replace(RUNNING, state="restarting", name="web-3")
    (problem,) = condition.unwell(["web", "db"], {"web": [RUNNING, ill, loop]}, INFO)
    assert (problem.code, problem.facts["container"]) == ("was-crash-looping", "web-3")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("was-unhealthy", "unhealthy", True),
        ("was-unhealthy", "crash-looping", False),
        ("was-crash-looping", "unhealthy", True),
        ("was-crash-looping", "crash-looping", True),
        ("was-crash-looping", "exited", False),
        ("was-failed", "exited", True),
        ("was-failed", "somebody-else", False),
        ("was-failed", "version-command-differs", False),
        ("", "unhealthy", False),
    ],
)
def test_what_is_no_worse(before: str, now: str, expected: bool) -> None:
    assert condition.no_worse(before, read(now, {})) is expected


# --- whole runs ---------------------------------------------------------------------------------------------------


async def unwell(shop: Shop, *, restart: str = "always", **behaviour: Any) -> None:  # noqa: ANN401 - as Behaviour has them
    """Have a db that does so, and a web that is well."""
    shop.file.write_text(shop.file.read_text().replace("r.test/db:16", f'r.test/db:16\n    restart: "{restart}"'))
    await shop.install()
    for image in shop.world.images.values():
        if "r.test/db:16" in image.tags:
            image.spec = msgspec.structs.replace(image.spec, behaviour=Behaviour(**behaviour), healthcheck=CHECK)
    shop.world.container("test", "shop-db-1").change(healthcheck=CHECK)
    await asyncio.sleep(600)


@virtual
async def test_a_service_that_was_unhealthy_before_takes_nothing_back(shop: Shop) -> None:
    await unwell(shop, healthy_after=None)
    shop.publish("r.test/web:latest", "1.1")
    shop.publish("r.test/db:16", "16.2", behaviour=Behaviour(healthy_after=None), healthcheck=CHECK)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == {"api": "1.0", "db": "16.2", "web": "1.1"}
    assert told.state.plan is not None
    assert told.state.plan.unwell == {"db": "was-unhealthy"}
    assert any("db is already unhealthy" in line.text for line in lines(told.state.plan))
    assert told.all(e.GatePassed)[0].as_before == ("db",)
    said = outcome.message(told.finished, told.state)
    assert "Not OK, as before the update: db 16.2." in said
    assert "web 1.1" in said
    assert told.state.safety.ill == ("db",)
    assert outcome.headline(told.finished, told.state) == "Updated, not all OK"


@virtual
async def test_an_operator_is_asked_where_it_is_as_before(shop: Shop) -> None:
    await unwell(shop, healthy_after=None)
    shop.publish("r.test/db:16", "16.2", behaviour=Behaviour(healthy_after=None), healthcheck=CHECK)
    told = await shop.run(script=go(outcome=Choice.ROLL_BACK))
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions()["db"] == "16.1"
    assert "back-as-before" in told.found()
    said = outcome.message(told.finished, told.state)
    assert "not OK, as before the update" in said
    assert "changed its data" not in said


@virtual
async def test_what_gets_worse_goes_back(shop: Shop) -> None:
    await unwell(shop, healthy_after=None)
    shop.publish("r.test/db:16", "16.2", behaviour=Behaviour(exits_after=1.0, exit_code=3), healthcheck=CHECK)
    told = await shop.run()
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions()["db"] == "16.1"
    assert "back-as-before" in told.found()


@virtual
async def test_a_crash_loop_of_before_takes_nothing_back(shop: Shop) -> None:
    await unwell(shop, exits_after=1.0, exit_code=1)
    doctor = await shop.run(verb=Verb.DOCTOR)
    assert "was-crash-looping" in doctor.found()
    shop.publish("r.test/web:latest", "1.1")
    shop.publish("r.test/db:16", "16.2", behaviour=Behaviour(exits_after=1.0, exit_code=1))
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions()["web"] == "1.1"
    assert told.all(e.GatePassed)[0].as_before == ("db",)


@virtual
async def test_a_service_that_gets_well_is_well(shop: Shop) -> None:
    await unwell(shop, healthy_after=None)
    shop.publish("r.test/db:16", "16.2", healthcheck=CHECK)
    told = await shop.run(script=GO)
    assert told.outcome is Outcome.KEPT
    assert told.all(e.GatePassed)[0].as_before == ()
    assert told.state.safety.ill == ()


async def failed(shop: Shop) -> None:
    """Have a db whose attempts are used up."""
    await unwell(shop, restart="on-failure:3", exits_after=1.0, exit_code=3)
    assert (await shop.by_service())["db"].state == "exited"


@virtual
async def test_a_service_that_failed_is_started_with_its_update(shop: Shop) -> None:
    await failed(shop)
    shop.publish("r.test/db:16", "16.2")
    told = await shop.run("db")
    assert told.outcome is Outcome.KEPT
    assert shop.versions()["db"] == "16.2"
    assert [generation.services["db"].state for generation in read_all(shop.state)] == ["failed", "running"]


@virtual
async def test_a_service_that_fails_again_is_not_said_to_run(shop: Shop) -> None:
    await failed(shop)
    shop.publish("r.test/db:16", "16.2", behaviour=Behaviour(exits_after=1.0, exit_code=3))
    told = await shop.run("db")
    assert told.outcome is Outcome.KEPT
    said = outcome.message(told.finished, told.state)
    assert "Not OK, as before the update: db 16.2" in said
    assert "runs: db" not in said
    told = await shop.run(verb=Verb.ROLLBACK)
    assert told.outcome is Outcome.KEPT
    assert "Not OK, as before: db" in outcome.message(told.finished, told.state)


@virtual
async def test_a_service_that_was_stopped_is_not_said_to_run(shop: Shop) -> None:
    await shop.install()
    await shop.compose.stop(shop.world.container("test", "shop-db-1"))
    await asyncio.sleep(60)
    shop.publish("r.test/db:16", "16.2")
    told = await shop.run("db")
    assert told.outcome is Outcome.KEPT
    said = outcome.message(told.finished, told.state)
    assert "Created but not started, as before: db 16.2" in said
    assert "runs: db" not in said


# --- why a definition differs -------------------------------------------------------------------------------------


def made_by(shop: Shop, version: str) -> None:
    """Have db made by another Compose, which describes it differently."""
    shop.world.container("test", "shop-db-1").change(config_hash="other", compose_version=version)


async def causes(shop: Shop) -> tuple[list[str], list[str]]:
    """Return the causes and the notes of the plan."""
    told = await shop.run(plan_only=True)
    assert told.state.plan is not None
    plan = told.state.plan
    return [operation.cause.code for operation in plan.operations], [note.code for note in plan.notes]


@virtual
async def test_a_container_of_another_compose_is_not_said_to_be_edited(shop: Shop) -> None:
    await shop.install()
    made_by(shop, "2.26.1")
    assert await causes(shop) == (["compose-version-changed"], ["compose-version-differs"])
    adopted = await shop.run(verb=Verb.ADOPT)
    assert adopted.found() == ["compose-version-differs"]
    assert await causes(shop) == (["compose-version-changed"], [])
    shop.file.write_text(shop.file.read_text().replace("r.test/db:16\n", "r.test/db:16\n    user: me\n"))
    assert await causes(shop) == (["definition-changed"], [])


@virtual
async def test_an_edited_file_is_said_to_be_edited(shop: Shop) -> None:
    await shop.install()
    made_by(shop, shop.world.compose_version)
    assert await causes(shop) == (["definition-changed"], ["definition-edited"])


# --- pins ---------------------------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize("attended", [False, True])
@pytest.mark.parametrize("tag", [":1.0", ""])
async def test_what_was_pinned_is_pinned_anew(shop: Shop, tag: str, *, attended: bool) -> None:
    old = shop.publish("r.test/api:1.0", "1.0").digest
    shop.file.write_text(shop.file.read_text().replace("r.test/api:${API}", f"r.test/api{tag}@{old}"))
    await shop.install()
    new = shop.publish("r.test/api:1.1", "1.1").digest
    if attended:
        told = await shop.run(script=GO, selection=("api",), references={"api": "1.1"})
    else:
        told = await shop.run("api=1.1")
    assert told.outcome is Outcome.KEPT
    assert f"image: r.test/api:1.1@{new}\n" in shop.file.read_text()
    assert "pinned-anew" in told.found()
    assert shop.versions()["api"] == "1.1"
    assert not await shop.drift()
    told = await shop.run(verb=Verb.ROLLBACK)
    assert told.outcome is Outcome.KEPT
    assert f"image: r.test/api{tag}@{old}\n" in shop.file.read_text()


@virtual
async def test_a_digest_that_is_asked_for_is_written_as_it_is(shop: Shop) -> None:
    old = shop.publish("r.test/api:1.0", "1.0").digest
    shop.file.write_text(shop.file.read_text().replace("r.test/api:${API}", f"r.test/api:1.0@{old}"))
    await shop.install()
    new = shop.publish("r.test/api:1.1", "1.1").digest
    told = await shop.run(f"api={new}")
    assert told.outcome is Outcome.KEPT
    assert f"image: r.test/api@{new}\n" in shop.file.read_text()


# --- data that would not be seen any more -------------------------------------------------------------------------

LEAVE = ("db:/data",)


async def remounted(shop: Shop) -> None:
    """Have files that mount another volume than the db's container has."""
    await shop.install()
    text = shop.file.read_text().replace("source: data", "source: other")
    shop.file.write_text(text.replace("{data: {name: shop_data}}", "{other: {name: shop_other}}"))
    shop.publish("r.test/db:16", "16.2")


@virtual
async def test_data_is_left_behind_only_by_name(shop: Shop) -> None:
    await remounted(shop)
    before = shop.ids()
    told = await shop.run(assume_yes=True)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "data-left-behind")
    assert shop.ids() == before
    assert told.finished.problem is not None
    assert told.finished.problem.facts["flags"] == "--leave-data db:/data"
    planned = await shop.run(plan_only=True)
    assert (planned.outcome, planned.code) == (Outcome.REFUSED, "data-left-behind")
    assert planned.state.plan is not None
    assert any(
        "/data: shop_data → shop_other, which is new and empty" in line.text for line in lines(planned.state.plan)
    )
    assert (await shop.run(assume_yes=True, leave_data=LEAVE)).outcome is Outcome.KEPT


@virtual
async def test_an_operator_is_asked_about_data_that_is_left_behind(shop: Shop) -> None:
    await remounted(shop)
    told = await shop.run(script=GO)
    assert told.outcome is Outcome.CANCELLED
    assert told.asked()[-1] == ("loss", "cancel", "deadline")
    leave = go(loss=Choice.GO, outcome=Choice.KEEP)
    assert (await shop.run(script=leave)).outcome is Outcome.KEPT


@virtual
async def test_who_has_agreed_is_not_asked(shop: Shop) -> None:
    await remounted(shop)
    told = await shop.run(script=GO, leave_data=LEAVE)
    assert told.outcome is Outcome.KEPT
    assert "loss" not in {question for question, _, _ in told.asked()}
