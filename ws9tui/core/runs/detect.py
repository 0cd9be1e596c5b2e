"""Detects which layout of a product the host has: to report it, or to refuse a run that is for another one."""

from __future__ import annotations

from ws9tui.core.inspect.survey import inspected
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container, EngineInfo, Image
from ws9tui.core.model.terms import Finding, Level, Outcome
from ws9tui.core.session import Session
from ws9tui.errors import Refused


async def detect(session: Session, info: EngineInfo) -> e.Finished:
    """Reports the product's layout on the host, also in the final event."""
    if session.releases is None:
        return e.Finished(outcome=Outcome.WELL)
    _, found = session.releases.host_layout(*await _there(session), local=info.local)
    session.tell(Finding(Level.OK, found))
    return e.Finished(outcome=Outcome.WELL, problem=found)


async def refuse_other(session: Session, info: EngineInfo) -> None:
    """Raises `Refused` if the host does not have the layout that the run is for."""
    if not session.options.layout or session.releases is None:
        return
    kind, found = session.releases.host_layout(*await _there(session), local=info.local)
    if kind != session.options.layout:
        raise Refused(found)


async def _there(session: Session) -> tuple[list[Container], dict[str, Image]]:
    """Returns the containers of projects, and their images."""
    containers = [container for container in await session.engine.containers() if container.project]
    return containers, await inspected(session.engine, containers)
