"""Updates of the shop on the simulated engine: whole ones, and ones whose worker is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bench import Shop
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Outcome
from ws9tui.simulation.engine import Fault

NEW = {"api": "1.1", "db": "16.1", "web": "1.1"}


async def killed(shop: Shop, when: Callable[[Event], bool], after: float = 0.0) -> None:
    """Begin an update of web and api and kill its worker at an event: nothing of it is tidied up."""
    shop.publish("r.test/web:latest", "1.1")
    shop.publish("r.test/api:1.1", "1.1", sizes=(100, 5000))
    shop.world.step = shop.world.latency = 1.0
    shop.world.rate = 1000.0
    slow = [Fault(call=call, effect="delay", seconds=0.2) for call in ("containers", "tag")]
    shop.world.faults += slow
    await shop.kill(Options(arguments=("web", "api=1.1")), when, after)
    shop.world.step = shop.world.latency = shop.world.rate = 0.0
    shop.world.faults.clear()
    await asyncio.sleep(60)


def step_of(kind: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event, e.StepStarted) and event.kind == kind


KILLS: dict[str, tuple[Callable[[Event], bool], float]] = {
    "before the first step": (lambda event: isinstance(event, e.CommitStarted), 0.0),
    "a file is written": (step_of("write"), 0.0),
    "a tag moves": (step_of("tag"), 0.0),
    "a twin is there": (step_of("recreate"), 1.5),
    "the old one is stopped": (step_of("recreate"), 2.5),
    "the twin has its name": (step_of("recreate"), 3.5),
    "the watch": (lambda event: isinstance(event, e.WatchStarted), 5.0),
    "the gate has passed": (lambda event: isinstance(event, e.GatePassed), 0.0),
}


# --- the rollback verb --------------------------------------------------------------------------------------------


async def two_updates(shop: Shop) -> None:
    """Have newer versions of web and of db to choose from."""
    await shop.offer()
    shop.publish("r.test/db:16", "16.2")


async def updated(shop: Shop, *versions: str) -> None:
    for version in versions:
        shop.publish(f"r.test/api:{version}", version)
        told = await shop.run(f"api={version}")
        assert told.outcome is Outcome.KEPT
