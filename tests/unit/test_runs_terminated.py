"""A worker that is told to end, as when the machine shuts down: in each phase it ends at once, in a defined state."""

from __future__ import annotations

from typing import Any

import pytest

from bench import CRASH, GO, OLD, Shop, at_each_event
from updates import NEW
from virtual_time import now, virtual
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.session import Session
from ws9tui.simulation.engine import Behaviour

pytestmark = pytest.mark.slow

SOON = 60.0
"""seconds in which a service manager kills what has not ended"""


class Terminated:
    """Have the worker told to end when it writes an event; ``told`` is when that was."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
        self.told = 0.0

        def tell(session: Session, event: dict[str, Any]) -> None:
            if not self.told and when in (event["type"], f"{event['type']} {event.get('question')}"):
                self.told = now()
                session.terminate()

        at_each_event(monkeypatch, tell)


async def ready(shop: Shop, behaviour: Behaviour | None = None) -> None:
    await shop.offer(sizes=(1000, 5000), behaviour=behaviour)
    shop.publish("r.test/api:1.1", "1.1")
    shop.world.rate, shop.world.latency, shop.world.step = 1000.0, 1.0, 1.0


BEFORE = [
    "engine-found",
    "project-found",
    "service-observed",
    "asked select",
    "reference-resolved",
    "generation-saved",
    "pull-started",
    "pull-progressed",
    "pull-finished",
    "version-checked",
    "planned",
    "asked versions",
    "asked confirm",
]


@virtual
@pytest.mark.parametrize("when", BEFORE)
async def test_before_the_commit_it_is_as_a_cancel(shop: Shop, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    await ready(shop)
    before = shop.everything()
    ending = Terminated(monkeypatch, when)
    told = await shop.run(script=GO, selection=("web", "api"), references={"api": "1.1"}, step_by_step=True)
    assert ending.told
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "terminated")
    assert now() - ending.told < SOON
    assert shop.everything() == before
    assert shop.generations == []


AFTER = ["commit-started", "step-started", "logs-saved", "container-step", "step-finished", "watch-started"]


@virtual
@pytest.mark.parametrize("way", ["back", "forward"])
@pytest.mark.parametrize("when", [*AFTER, "service-watched", "gate-passed", "asked outcome"])
async def test_in_the_commit_it_is_left_to_a_recovery(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, when: str, way: str
) -> None:
    await ready(shop)
    before = shop.left()
    ending = Terminated(monkeypatch, when)
    told = await shop.run(script=GO, selection=("web", "api"), references={"api": "1.1"})
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "terminated")
    assert now() - ending.told < SOON
    assert told.finished.commands[0] == "ws9tui recover shop --back"
    recovered = await shop.run(verb=Verb.RECOVER, recover=way)
    assert recovered.outcome is (Outcome.ROLLED_BACK if way == "back" else Outcome.KEPT)
    assert shop.versions() == (OLD if way == "back" else NEW)
    assert way == "forward" or shop.left() == before
    assert not await shop.drift()


@virtual
@pytest.mark.parametrize("when", ["asked failed", "rollback-started", "container-step"])
async def test_on_the_way_back_too(shop: Shop, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    await ready(shop, CRASH)
    before = shop.left()
    if when == "container-step":
        failing = await shop.run("web", on_failure="hold")
        assert failing.outcome is Outcome.NEEDS_RECOVERY
        ending = Terminated(monkeypatch, when)
        told = await shop.run(verb=Verb.RECOVER, recover="back")
    else:
        ending = Terminated(monkeypatch, when)
        told = await shop.run("web", script=lambda asked: None if asked.question is Question.FAILED else Choice.GO)
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "terminated")
    assert now() - ending.told < SOON
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD
    assert shop.left() == before
    assert (await shop.run(verb=Verb.RECOVER)).code == "nothing-to-recover"
