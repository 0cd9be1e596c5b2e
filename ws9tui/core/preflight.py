"""What would stop an update, looked at before anything stops: engine, disk, networks, ports, registries, clocks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from ws9tui.core import events as e
from ws9tui.core.events import Finding, Level, Outcome
from ws9tui.core.journal import now
from ws9tui.core.opening import Opened
from ws9tui.core.session import Session
from ws9tui.core.survey import Survey, resolve, views, wanted_reference
from ws9tui.core.watch import unix_time
from ws9tui.errors import Problem, Refused

OLDEST_API = (1, 40)
"""Docker 19.03: the first whose API names a manifest's platforms and health details as they are used here"""
RESERVE_BYTES = 512 * 1024 * 1024
"""kept free on the engine's disk, so that a way back always has room"""
RESERVE_INODES = 10_000
CLOCK_TOLERANCE = 120.0
"""seconds between this clock and the engine's"""


async def before_pull(session: Session, opened: Opened, found: Survey) -> None:
    """Refuses a run that could not be brought to its end; warnings are told."""
    async for finding in _local(session, opened, found):
        if finding.level is Level.BLOCKING:
            raise Refused(finding.problem.code, **finding.problem.facts)
        if finding.level is Level.WARNING:
            session.emit(e.Found(finding=finding))


async def doctor(session: Session, opened: Opened) -> e.Finished:
    """Tells all findings; the outcome is `refused` where one of them would stop an update."""
    found = await opened.survey(session)
    worst = Problem("")
    async for finding in _all(session, opened, found):
        session.emit(e.Found(finding=finding))
        if finding.level is Level.BLOCKING and not worst.code:
            worst = finding.problem
    if worst.code:
        return e.Finished(outcome=Outcome.REFUSED, problem=worst)
    return e.Finished(outcome=Outcome.WELL)


async def _all(session: Session, opened: Opened, found: Survey) -> AsyncIterator[Finding]:
    info = opened.info
    yield _finding(Level.OK, "engine-ok", version=info.version, api=info.api_version)
    yield _finding(Level.OK, "compose-ok", version=opened.compose_version)
    async for finding in _local(session, opened, found):
        yield finding
    entries = [view for view in views(found, ()) if view.selectable]
    answers = await asyncio.gather(
        *(resolve(session.engine, info, found, view, wanted_reference(view, "")) for view in entries)
    )
    for view, answer in zip(entries, answers, strict=True):
        reference = wanted_reference(view, "")
        if answer.digest:
            yield _finding(Level.OK, "registry-ok", view.name, registry=reference.registry, reference=reference)
        elif answer.problem is not None:
            yield Finding(Level.BLOCKING, answer.problem, view.name)


async def _local(session: Session, opened: Opened, found: Survey) -> AsyncIterator[Finding]:
    """What can be looked at without a registry."""
    info = opened.info
    if tuple(int(part) for part in info.api_version.split(".")) < OLDEST_API:
        yield _finding(Level.BLOCKING, "api-too-old", version=info.api_version)
    yield await _disk(session, opened)
    networks = {network.name for network in await session.engine.networks()}
    for name in found.project.external_networks:
        if name in networks:
            yield _finding(Level.OK, "network-ok", network=name)
        else:
            yield _finding(Level.BLOCKING, "network-missing", network=name)
    for finding in _ports(found):
        yield finding
    skew = abs(unix_time(info.time) - unix_time(now())) if info.time else 0.0
    if skew > CLOCK_TOLERANCE:
        yield _finding(Level.WARNING, "clock-differs", registry="the engine", seconds=round(skew))


async def _disk(session: Session, opened: Opened) -> Finding:
    room = await session.engine.disk_free()
    if room is None:
        return _finding(Level.WARNING, "disk-unknown", root=opened.info.root)
    free, inodes = room
    if free < RESERVE_BYTES:
        return _finding(Level.BLOCKING, "disk-low", needed=RESERVE_BYTES, free=free, root=opened.info.root)
    if inodes < RESERVE_INODES:
        return _finding(Level.BLOCKING, "inodes-low", free=inodes, root=opened.info.root)
    return _finding(Level.OK, "disk-ok", free=free, root=opened.info.root)


def _ports(found: Survey) -> list[Finding]:
    """Ports that the project publishes and a container of somebody else holds, or a process of this machine."""
    ours = {port for entries in found.containers.values() for c in entries if c.running for port in c.ports}
    theirs = {port: c.name for c in found.observed.foreign if c.running for port in c.ports}
    result = []
    for service in found.project.services.values():
        for host, port, protocol in service.ports:
            taken = next((by for held, by in theirs.items() if _same_port(held, host, port, protocol)), "")
            if taken:
                result.append(_finding(Level.BLOCKING, "port-taken", service.name, port=f"{port}/{protocol}", by=taken))
            elif any(_same_port(held, host, port, protocol) for held in ours):
                result.append(_finding(Level.OK, "port-ok", service.name, port=f"{port}/{protocol}"))
    return result


def _same_port(held: str, host: str, port: str, protocol: str) -> bool:
    address, _, held_protocol = held.rpartition("/")
    held_host, _, held_port = address.rpartition(":")
    everywhere = ("", "0.0.0.0", "::", "[::]")  # noqa: S104 - compared, not bound
    same_host = held_host == host or held_host in everywhere or host in everywhere
    return held_port == port and held_protocol == protocol and same_host


def _finding(level: Level, code: str, service: str = "", **facts: object) -> Finding:
    return Finding(level, Problem(code, {key: str(value) for key, value in facts.items()}), service)
