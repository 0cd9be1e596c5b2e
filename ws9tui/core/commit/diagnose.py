"""Reports what runs after a rollback: its health and, if the rollback failed, which generation each service runs.

A rollback succeeded if the image IDs are the earlier ones. Whether the services then work is another matter: an earlier
version may refuse data that the newer one has migrated and that was not saved. That is reported, and does not change
the outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ws9tui.core.commit.execute import Executor
from ws9tui.core.commit.goal import Goal
from ws9tui.core.commit.logs import Logs
from ws9tui.core.commit.watch import LastLook
from ws9tui.core.data.plan import is_data
from ws9tui.core.inspect.gate import Verdict
from ws9tui.core.inspect.survey import observe
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container
from ws9tui.core.session import Session
from ws9tui.core.store.generation import Generation
from ws9tui.errors import EngineError
from ws9tui.problems.engine import EngineTimeout
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import BackAsBefore, BackUnwell

SECONDS = 15.0
"""maximum seconds of observation; a verdict on every service ends it earlier"""
LOOK_SECONDS = 10.0
"""seconds in which the engine must answer after a failed rollback"""


async def look_on(session: Session, executor: Executor, logs: Logs, goal: Goal) -> None:
    """Watches the services after a rollback, saves the logs of unhealthy ones, and reports them."""
    watch, number = executor.watch, goal.before.number
    executor.watch_also(goal.services)
    loop = asyncio.get_running_loop()
    end = loop.time() + SECONDS
    await watch.until(lambda: watch.judged() or loop.time() > end)
    unwell = {name: seen for name, seen in watch.seen.items() if _unwell(seen)}
    await logs.save(list(unwell), "failed")
    for name, seen in unwell.items():
        worse = seen.judgement.verdict is Verdict.FAILED
        kind = BackAsBefore if watch.was_unwell(name) and not worse else BackUnwell
        problem: Problem = kind(service=name, number=number)
        if seen.container is not None:
            mounts = seen.container.mounts if name in goal.renewed else ()
            data = ", ".join(mount.target for mount in mounts if is_data(mount))
            restarts = seen.container.restart_count or None
            problem = kind(service=name, number=number, state=seen.container.state, restarts=restarts, data=data)
        session.warn(problem, name)


def _unwell(seen: LastLook) -> bool:
    """Whether a service failed, or shows signs of failure before there is a verdict."""
    container, verdict = seen.container, seen.judgement.verdict
    if container is None or verdict is not Verdict.WAITING:
        return verdict in (Verdict.FAILED, Verdict.AS_BEFORE)
    restarted = container.restart_count > 0 and container.health != "healthy"
    return restarted or container.state != "running" or container.health == "unhealthy"


def standing(before: Generation, after: Generation, name: str, containers: Sequence[Container]) -> tuple[str, str]:
    """Returns a service's state as in `InterruptedService`, and a detail: names, container state or image."""
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
    """Reports the state of each service after a failed rollback, or why the engine cannot tell."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            observed = await observe(session.engine, after.source.name)
    except (EngineError, TimeoutError) as error:
        session.warn(error.problem if isinstance(error, EngineError) else EngineTimeout())
        return
    for name in services:
        state, detail = standing(before, after, name, observed.containers.get(name, ()))
        session.emit(e.InterruptedService(service=name, state=state, detail=detail))
