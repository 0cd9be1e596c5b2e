"""The product that a project is part of: its layout, its acceptance checks, and what a migration would do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

import msgspec

from ws9tui.core.data import plan as data
from ws9tui.core.inspect import acceptance
from ws9tui.core.inspect.survey import Survey, inspected
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import EngineInfo, Host
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.session import Session
from ws9tui.errors import EngineError, Refused
from ws9tui.problems.acceptance import CheckFailed, ChecksPass, ChecksSkipped


async def recognised(session: Session, info: EngineInfo, found: Survey) -> list[Finding]:
    """Returns the product's findings on this engine and project; assesses a migration from a superseded layout."""
    releases = session.releases
    if releases is None:
        return []
    host = await _host(session, info, found.source.name)
    obstacle = releases.obstacle(found.layout)
    told = [
        msgspec.structs.replace(one, level=Level.BLOCKING) if obstacle and one.problem.code == obstacle.code else one
        for one in releases.findings(host)
    ]
    told += [Finding(Level.WARNING, problem) for problem in releases.notes(found.source, None)]
    if found.layout == releases.superseded and not found.first:
        told += releases.assessment(found.source, host, await _sizes(session, host))
    return told


def refuse(session: Session, found: Survey) -> None:
    """Raises `Refused` for an installation that must not be changed as it is."""
    obstacle = session.releases.obstacle(found.layout) if session.releases else None
    if obstacle is not None:
        raise Refused(obstacle)


def told_only(session: Session, layout: str) -> tuple[AcceptanceCheck, ...]:
    """Returns the acceptance checks of a layout as not required: a failed one is only reported."""
    checks = session.releases.checks(layout) if session.releases else ()
    return tuple(msgspec.structs.replace(check, required=False) for check in checks)


async def _sizes(session: Session, host: Host) -> dict[str, int]:
    """Returns the bytes of volumes, and of the folders that the project mounts, as far as they can be known."""
    sizes: dict[str, int] = {}
    with suppress(EngineError):
        sizes = await session.engine.data.volume_sizes()
    own = [container for container in host.containers if container.project == host.project]
    folders = {mount.name for one in own for mount in one.mounts if mount.type == "bind" and data.is_data(mount)}
    return sizes | ({folder: await data.bytes_in(folder) for folder in folders} if host.local else {})


async def _host(session: Session, info: EngineInfo, project: str) -> Host:
    containers = await session.engine.containers()
    images = await inspected(session.engine, [one for one in containers if one.project])
    volumes: list[str] = []
    own: list[str] = []
    with suppress(EngineError):  # a refused call is reported elsewhere
        volumes, own = await session.engine.volumes(), await session.engine.volumes(project)
    return Host(containers, images, info.local, project, tuple(volumes), tuple(own))


async def checked(session: Session, found: Survey) -> AsyncIterator[Finding]:
    """Yields the results of the product's acceptance checks on the running containers."""
    checks = session.releases.checks(found.layout) if session.releases and not found.first else ()
    passed: list[str] = []
    skipped: list[ChecksSkipped] = []
    for check in checks:
        told = await acceptance.ask(session.engine, acceptance.first(found.containers, check.inside), check)
        if isinstance(told, CheckFailed):
            yield Finding(Level.WARNING, told, check.service)
        elif told is not None:
            skipped.append(told)
        else:
            passed.append(check.name)
    if passed:
        yield Finding(Level.OK, ChecksPass(checks=", ".join(passed)))
    for problem in acceptance.together(skipped):
        yield Finding(Level.OK, problem)
