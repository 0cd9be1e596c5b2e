"""Stops and removals that the engine has accepted and is still carrying out, whoever asked for them.

A stop ends only with the container's grace period, and until then shows nowhere but in what the engine remembers of
signals. A container that is to stay is restarted then: the engine waits for the end of its stop, and starts it again.
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
"""seconds that the removal of a container may go on"""
_POLL_EVERY = 0.5


async def settled(engine: Engine, project: str) -> Observed:
    """What the engine has of a project when no removal goes on any more, with the stops that do."""
    loop = asyncio.get_running_loop()
    end = loop.time() + REMOVAL_PATIENCE
    while True:
        signals = await engine.signals()  # first: a stop that ends meanwhile is seen by the container's state
        observed = await observe(engine, project)
        everything = [container for found in observed.containers.values() for container in found]
        if loop.time() > end or not any(container.state == "removing" for container in everything):
            return msgspec.structs.replace(observed, stopping=under_way(observed.containers, signals))
        await asyncio.sleep(_POLL_EVERY)


def under_way(containers: Mapping[str, Sequence[Container]], signals: SentSignals) -> frozenset[str]:
    """The IDs of the containers that still run though they were told to stop.

    Where the engine has forgotten what was within a container's grace period, the twin tells that Compose makes just
    before it stops one.
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
    """Seconds in which all of these have stopped, and others like them got healthy, one after the other."""
    return sum(c.grace + (longest_wait(c.healthcheck) if c.healthcheck else 0.0) for c in containers)
