"""Stops and removals that the engine has accepted and still carries out, whoever requested them.

A stop ends only with the container's grace period, and until then shows only in the engine's record of signals. A
container that is to stay must then be restarted: the engine waits for the stop to end, and starts the container again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ws9tui.core.inspect.gate import longest_wait
from ws9tui.core.inspect.survey import observe
from ws9tui.core.model.observed import Container, Observed, SentSignals
from ws9tui.core.ports import Engine

REMOVAL_PATIENCE = 60.0
"""seconds that the removal of a container may take"""
_POLL_EVERY = 0.5


async def settled(engine: Engine, project: str) -> Observed:
    """Waits for removals to end, and returns what the engine has of a project, with the stops still under way."""
    loop = asyncio.get_running_loop()
    end = loop.time() + REMOVAL_PATIENCE
    while True:
        signals = await engine.signals()  # first: a stop that ends meanwhile shows in the container's state
        observed = await observe(engine, project)
        everything = [container for found in observed.containers.values() for container in found]
        if loop.time() > end or not any(container.state == "removing" for container in everything):
            return msgspec.structs.replace(observed, stopping=under_way(observed.containers, signals))
        await asyncio.sleep(_POLL_EVERY)


def under_way(containers: Mapping[str, Sequence[Container]], signals: SentSignals) -> frozenset[str]:
    """Returns the IDs of the containers that still run though they were told to stop.

    If the engine's signals do not reach back a container's grace period, the twin decides that Compose creates just
    before it stops a container.
    """
    return frozenset(
        container.id
        for found in containers.values()
        for container in found
        if container.running
        and (
            container.stop_signal in signals.sent.get(container.id, ())
            or (signals.seconds < container.grace and any(c.twin and c.own_name == container.name for c in found))
        )
    )


def longest(containers: Iterable[Container]) -> float:
    """Returns the seconds in which all of these stop, and others like them become healthy, one after the other."""
    return sum(c.grace + (longest_wait(c.healthcheck) if c.healthcheck else 0.0) for c in containers)
