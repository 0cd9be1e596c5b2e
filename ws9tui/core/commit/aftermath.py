"""Checks whether what runs after a rollback is healthy.

Going back succeeded when the image IDs are the earlier ones. Whether they do their work is another matter: data that
the newer version has migrated, and that was not saved, may be refused by the earlier one. That is told, and changes
nothing of the outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from ws9tui.core.commit.converge import Converger
from ws9tui.core.commit.watch import Seen, Watch
from ws9tui.core.data.plan import is_data
from ws9tui.core.inspect.gate import Verdict
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.session import Session
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import BackAsBefore, BackUnwell

SECONDS = 15.0
"""for which it is watched at most; a verdict on all of it ends that earlier"""


async def look_on(
    session: Session,
    converger: Converger,
    watch: Watch,
    scope: Sequence[str],
    renewed: Collection[str],
    number: int,
) -> None:
    """Watches what runs again, saves the logs of services that are not well, and tells which they are.

    ``renewed`` are the services that had another image in the meantime: that may have changed their data. ``number`` is
    the generation that was gone back to.
    """
    converger.watch_also(scope)
    loop = asyncio.get_running_loop()
    end = loop.time() + SECONDS
    await watch.until(lambda: watch.judged() or loop.time() > end)
    unwell = {name: seen for name, seen in watch.seen.items() if _unwell(seen)}
    await converger.save_logs(list(unwell), "failed")
    for name, seen in unwell.items():
        worse = seen.judgement.verdict is Verdict.FAILED
        kind = BackAsBefore if watch.was_unwell(name) and not worse else BackUnwell
        problem: Problem = kind(service=name, number=number)
        if seen.container is not None:
            mounts = seen.container.mounts if name in renewed else ()
            data = ", ".join(mount.target for mount in mounts if is_data(mount))
            restarts = seen.container.restart_count or None
            problem = kind(service=name, number=number, state=seen.container.state, restarts=restarts, data=data)
        session.emit(e.Found(finding=Finding(Level.WARNING, problem, name)))


def _unwell(seen: Seen) -> bool:
    """Whether a service failed, or looks like it before there is a verdict."""
    container, verdict = seen.container, seen.judgement.verdict
    if container is None or verdict is not Verdict.WAITING:
        return verdict in (Verdict.FAILED, Verdict.AS_BEFORE)
    restarted = container.restart_count > 0 and container.health != "healthy"
    return restarted or container.state != "running" or container.health == "unhealthy"
