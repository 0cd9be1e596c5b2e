"""Tells which generation each service runs after a failed rollback, and which commands to type next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ws9tui.core.inspect.survey import observe
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.session import Session
from ws9tui.core.store.generation import Generation
from ws9tui.errors import EngineError
from ws9tui.problems.engine import EngineTimeout

LOOK_SECONDS = 10.0
"""that an engine has to say what a run that failed has left"""


def standing(before: Generation, after: Generation, name: str, containers: Sequence[Container]) -> tuple[str, str]:
    """What runs of a service, as an `InterruptedService` has it, and what there is to say of it."""
    twins = [container for container in containers if container.twin]
    whole = [container for container in containers if not container.twin]
    if twins:
        return "twin", ", ".join(container.name for container in twins)
    if not whole:
        return "missing", ""
    still = [container for container in whole if not container.running]
    if still and not after.one_shot(name):
        return "stopped", still[0].state if len(whole) == 1 else f"{len(still)} of {len(whole)}: {still[0].state}"
    old, new = before.services.get(name), after.services.get(name)
    for state, service in (("new", new), ("old", old)):
        if service is not None and all(service.runs_in(container) for container in whole):
            return state, whole[0].image
    return "other", ", ".join(dict.fromkeys(container.image for container in whole))


async def tell_left(session: Session, before: Generation, after: Generation, services: Sequence[str]) -> None:
    """Looks once more at what a way back that failed has left, and tells it; where no answer comes, tells that."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            observed = await observe(session.engine, after.source.name)
    except (EngineError, TimeoutError) as error:
        problem = error.problem if isinstance(error, EngineError) else EngineTimeout()
        session.emit(e.Found(finding=Finding(Level.WARNING, problem)))
        return
    for name in services:
        state, detail = standing(before, after, name, observed.containers.get(name, ()))
        session.emit(e.InterruptedService(service=name, state=state, detail=detail))
