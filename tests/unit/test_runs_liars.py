"""An engine that says what cannot be: states that nobody knows, containers without an image, times that are none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from bench import OLD, Shop
from virtual_time import now, virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.simulation.engine import Fault

pytestmark = pytest.mark.slow


def lie(shop: Shop, monkeypatch: pytest.MonkeyPatch, which: Callable[[Container], bool], **said: Any) -> None:  # noqa: ANN401 - fields of a container
    """Let the engine say something else of some containers."""
    truth = shop.engine.containers

    async def containers(project: str | None = None) -> list[Container]:
        found = await truth(project)
        return [msgspec.structs.replace(one, **said) if which(one) else one for one in found]

    monkeypatch.setattr(shop.engine, "containers", containers)


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "a state that nobody knows": ({"state": "molten"}, "gate-timeout"),
    "no state": ({"state": ""}, "gate-timeout"),
    "another image": ({"image_id": "sha256:" + "0" * 64}, "somebody-else"),
    "no image": ({"image_id": ""}, "somebody-else"),
    "it never started": ({"state": "created", "started_at": ""}, "gate-timeout"),
    "it is dead": ({"state": "dead", "exit_code": 0}, "exited"),
    "it restarted a million times": ({"restart_count": 10**6}, "crash-looping"),
    "a start at no time": ({"started_at": "whenever", "created_at": "\x1b[2J"}, ""),
    "a health that nobody knows": ({"health": "excellent"}, ""),
    "restarts that cannot be": ({"restart_count": -5}, ""),
}


@virtual
@pytest.mark.parametrize("what", LIES)
async def test_what_is_said_of_the_new_container_decides(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """What cannot be taken for well goes back after its time; what tells nothing is passed over."""
    said, code = LIES[what]
    await shop.install()
    before = shop.left()
    new = shop.publish("r.test/web:latest", "1.1").id
    lie(shop, monkeypatch, lambda one: one.image_id == new, **said)
    began = now()
    told = await shop.run("web")
    assert now() - began < 300
    if code:
        assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, code)
        assert shop.versions() == OLD
        assert shop.left() == before
    else:
        assert (told.outcome, told.code) == (Outcome.KEPT, "")
        assert shop.versions() == OLD | {"web": "1.1"}


@virtual
async def test_lies_about_all_end_in_what_to_do(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """When nothing that is said of the old ones can be believed either, it is not taken for gone back."""
    await shop.offer()

    def lying(_: Container) -> bool:
        return shop.session is not None and shop.session.committed

    lie(shop, monkeypatch, lying, state="molten")
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "rollback-failed")
    assert told.finished.commands[0] == "ws9tui recover shop --back"
    monkeypatch.undo()
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD


@virtual
async def test_labels_of_no_project_are_nobody_s_container(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.install()
    before = shop.everything()
    lie(shop, monkeypatch, lambda _: True, project="", service="")
    told = await shop.run("web", verb=Verb.UPDATE, plan_only=True)
    assert told.outcome in (Outcome.USAGE, Outcome.REFUSED, Outcome.UP_TO_DATE)
    assert shop.everything() == before


SLOW = 150.0


@virtual
@pytest.mark.parametrize("call", ["info", "containers", "images", "image", "networks"])
async def test_an_engine_that_answers_after_minutes_before_the_commit(shop: Shop, call: str) -> None:
    """The adapter gives up long before that; then it is said, and nothing is changed."""
    await shop.offer()
    before = shop.everything()
    shop.world.faults.append(Fault(call=call, seconds=SLOW, code="engine-timeout"))
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.REFUSED, "engine-timeout")
    shop.world.faults.clear()
    assert shop.everything() == before
    assert (await shop.run("web")).outcome is Outcome.KEPT


@virtual
@pytest.mark.parametrize(("minutes", "outcome"), [(2, Outcome.KEPT), (30, Outcome.NEEDS_RECOVERY)])
async def test_an_engine_that_is_paused_during_the_watch(shop: Shop, minutes: int, outcome: Outcome) -> None:
    await shop.offer()
    paused = [Fault(call=call, seconds=30.0, code="engine-timeout") for call in ("containers", "images", "image")]

    async def pause() -> None:
        await shop.until_web("1.1")
        shop.world.faults += paused
        await asyncio.sleep(minutes * 60)
        shop.world.faults.clear()

    pausing = asyncio.create_task(pause())
    began = now()
    told = await shop.run("web")
    assert told.outcome is outcome
    assert now() - began < 1200
    if outcome is Outcome.KEPT:
        assert told.found().count("engine-timeout") == 1
    await pausing
    if outcome is Outcome.NEEDS_RECOVERY:
        assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK
        assert shop.versions() == OLD


@virtual
async def test_notices_of_a_stalled_pull_are_few(shop: Shop) -> None:
    await shop.offer()
    shop.world.faults.append(Fault(call="pull", subject="*/web@*", effect="stall", at=0.5, times=1))
    told = await shop.run("web", stall_timeout=60.0)
    assert told.outcome is Outcome.KEPT
    assert 3 <= len(told.all(e.PullStalled)) <= 6
