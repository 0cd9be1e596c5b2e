"""Preflight: finds what would make an update fail, before anything is pulled or stopped."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime

from ws9tui.core.compose import inputs
from ws9tui.core.data import mounts
from ws9tui.core.images import room, trust
from ws9tui.core.images.offers import Offers
from ws9tui.core.images.resolve import resolve, views, wanted_reference
from ws9tui.core.inspect import condition, reach, writable
from ws9tui.core.inspect.host import RESERVE_BYTES, RESERVE_INODES, ports, surroundings
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.model import namespaces
from ws9tui.core.model.observed import EngineInfo
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.plan import Kind, Plan
from ws9tui.core.model.terms import Finding, Level, Outcome
from ws9tui.core.ports import Needs, Registries
from ws9tui.core.runs import interrupted, product
from ws9tui.core.session import Session
from ws9tui.core.store.backup import folder_for
from ws9tui.core.store.generation import StoredFile
from ws9tui.core.store.store import exposed
from ws9tui.errors import Refused, RegistryError
from ws9tui.problems import reasons
from ws9tui.problems.engine import CallRefused, InterruptedRun
from ws9tui.problems.hanging import ForeignFollowerUnattended
from ws9tui.problems.hooks import HookSet, NotifySet
from ws9tui.problems.plan import ReplicasDiffer
from ws9tui.problems.problem import Problem, reason_of
from ws9tui.problems.project import (
    ApiTooOld,
    ClockDiffers,
    ClockOk,
    ClockUnknown,
    ComposeOk,
    DiskLow,
    DiskOk,
    DiskUnknown,
    EngineOk,
    InodesLow,
    RegistryOk,
    StateDiskLow,
)
from ws9tui.problems.reach import LogUnreadable

OLDEST_API = (1, 40)
"""Docker 19.03: the first whose API reports a manifest's platforms and health details as they are used here"""
STATE_BYTES = 32 * 1024 * 1024
"""free bytes for the state directory: the journal, saved logs, the copies of a generation's files"""
CLOCK_TOLERANCE = 120.0
"""seconds between this machine's clock and a registry's, beyond which certificates and tokens fail"""


async def before_pull(
    session: Session,
    opened: Opened,
    found: Survey,
    offered: Mapping[str, Offer],
    chosen: Sequence[str],
    written: Sequence[str],
) -> None:
    """Raises `Refused` for a run that could not be completed; reports warnings, and all blocking findings if several.

    ``offered`` are the registries' descriptions of the images, ``written`` are the files that the run will edit.
    """
    findings = [finding async for finding in _run(session, opened, found, offered, chosen, written)]
    stops = [finding.problem for finding in findings if finding.level is Level.BLOCKING]
    for finding in findings:
        if finding.level is Level.WARNING or (finding.level is Level.BLOCKING and len(stops) > 1):
            session.tell(finding)
    if stops:
        raise Refused(stops[0])


async def refusal(
    session: Session,
    opened: Opened,
    found: Survey,
    offered: Mapping[str, Offer],
    chosen: Sequence[str],
    plan: Plan,
) -> Problem | None:
    """Reports all that would stop a run with this plan, and warnings; returns the first blocking problem, or None."""
    written = [operation.subject for operation in plan.operations if operation.kind is Kind.WRITE]
    findings = [finding async for finding in _run(session, opened, found, offered, chosen, written)]
    findings += [finding for finding in _held_ports(opened, found, plan) if finding not in findings]
    left = None if session.attended else mounts.not_agreed(plan, session.options)
    findings += [Finding(Level.BLOCKING, left)] if left else []
    for finding in findings:
        if finding.level is not Level.OK:
            session.tell(finding)
    return next((finding.problem for finding in findings if finding.level is Level.BLOCKING), None)


async def _run(
    session: Session,
    opened: Opened,
    found: Survey,
    offered: Mapping[str, Offer],
    chosen: Sequence[str],
    written: Sequence[str],
) -> AsyncIterator[Finding]:
    """Yields the findings before a run.

    A run that takes the network away from running containers of other projects must be intended, as a rollback does not
    repair them: an unattended run is refused unless services were named.
    """
    if not session.attended and not opened.asked:
        anew = namespaces.made_anew(found.project, found.containers, chosen)
        for stranger, service in namespaces.strangers(found.containers, found.observed.foreign, anew):
            if stranger.running:
                told = namespaces.affected(stranger, service)
                alone = ForeignFollowerUnattended(
                    container=told.container,
                    project=told.project,
                    service=service,
                    of=found.source.name,
                    command=told.command,
                    name=told.name,
                )
                yield Finding(Level.BLOCKING, alone, service)
    for problem in writable.problems(map(StoredFile, written), found.source):
        yield Finding(Level.BLOCKING, problem)
    for hook in found.definition.hooks:
        if hook.doubt is not None:
            yield Finding(Level.BLOCKING, hook.doubt, hook.service)
    for finding in room.pulls(offered, {}):
        yield finding
    async for finding in _local(session, opened, found, chosen, offered):
        yield finding


def before_commit(opened: Opened, found: Survey, plan: Plan) -> None:
    """Raises `Refused` if a service of the plan, chosen or not, needs a port that is taken."""
    for finding in _held_ports(opened, found, plan):
        if finding.level is Level.BLOCKING:
            raise Refused(finding.problem)


def _held_ports(opened: Opened, found: Survey, plan: Plan) -> Iterator[Finding]:
    for name in plan.services:
        if name in found.project.services:
            yield from ports(found, name, local=opened.info.local)


async def doctor(session: Session, opened: Opened) -> e.Finished:
    """Reports all findings; the outcome is `refused` if one of them would stop an update."""
    found = await opened.survey(session)
    worst: Problem | None = None
    async for finding in _all(session, opened, found):
        session.tell(finding)
        if finding.level is Level.BLOCKING and worst is None:
            worst = finding.problem
    return e.Finished(outcome=Outcome.REFUSED if worst else Outcome.WELL, problem=worst)


async def _all(session: Session, opened: Opened, found: Survey) -> AsyncIterator[Finding]:
    info = opened.info
    yield Finding(Level.OK, EngineOk(version=info.version, api=info.api_version))
    yield Finding(Level.OK, ComposeOk(version=opened.compose_version))
    for finding in await product.recognised(session, info, found):
        yield finding
    for finding in (*_present(found, info), *await trust.missing(session, found)):
        yield finding
    async for finding in product.checked(session, found):
        yield finding
    for finding in _set(found):
        yield finding
    named = [places[0].file for places in found.definition.images.values()]
    edited = sorted({*named, *filter(os.path.exists, inputs.env_files(found.source))})
    for problem in writable.problems(map(StoredFile, edited), found.source):
        yield Finding(Level.WARNING, problem)
    offers = Offers(session, info, found.definition.mirrors)
    async for finding in _registries(session, offers, found):
        yield finding
    async for finding in _local(session, opened, found, tuple(found.project.services), offers.told):
        yield finding
    for finding in opened.of_others():
        yield finding
    begun = interrupted.find(session, opened)
    if begun is not None:
        yield Finding(Level.BLOCKING, InterruptedRun(run=begun.event.run, project=opened.source.name))


def _set(found: Survey) -> Iterator[Finding]:
    """Yields the project's hooks, and the receivers of its notices."""
    for hook in found.definition.hooks:
        said = HookSet(
            when=hook.when.value,
            service=hook.service,
            written=hook.written,
            seconds=hook.seconds,
            inside="" if hook.host else "yes",
            warns="yes" if hook.warns else "",
        )
        yield Finding(Level.BLOCKING, hook.doubt, hook.service) if hook.doubt else Finding(Level.OK, said)
    for one in found.definition.notify:
        yield Finding(Level.WARNING, one.doubt) if one.doubt else Finding(Level.OK, NotifySet(receiver=one.name))


async def _registries(session: Session, offers: Offers, found: Survey) -> AsyncIterator[Finding]:
    """Yields the registries' answers for each service, pull limits, login problems and clock differences."""
    entries = [view for view in views(found, ()) if view.selectable]
    references = [wanted_reference(view, "") for view in entries]
    answers = await asyncio.gather(
        *(resolve(offers, found, view, ref) for view, ref in zip(entries, references, strict=True))
    )
    for view, reference, answer in zip(entries, references, answers, strict=True):
        if answer.digest:
            yield Finding(Level.OK, RegistryOk(registry=reference.registry, reference=str(reference)), view.name)
        elif answer.offline and answer.problem is not None:  # built here, or to be built
            yield Finding(Level.OK if answer.known else Level.WARNING, answer.problem, view.name)
        elif answer.problem is not None and not isinstance(answer.problem, CallRefused):  # reported once, below
            yield Finding(Level.BLOCKING, answer.problem, view.name)
    for finding in room.pulls(offers.told, offers.limits):
        yield finding
    asked = [reference for reference, answer in zip(references, answers, strict=True) if not answer.offline]
    registries = sorted({reference.registry for reference in asked})
    for problem in await session.engine.registries.logins(registries):
        yield Finding(Level.WARNING, problem)
    for finding in await asyncio.gather(*(_registry_clock(session.engine.registries, name) for name in registries)):
        yield finding


def _present(found: Survey, info: EngineInfo) -> Iterator[Finding]:
    """Yields what is wrong with the running containers, and which other containers an update would affect."""
    services = tuple(found.project.services)
    for problem in condition.unwell(services, found.containers, info):
        yield Finding(Level.WARNING, problem, problem.service)
    for name in services:
        for container in found.containers.get(name, ())[:1]:
            if not condition.readable(container, info):
                yield Finding(Level.WARNING, LogUnreadable(service=name, driver=container.log_driver), name)
        if found.other_images(name):
            yield Finding(Level.WARNING, ReplicasDiffer(service=name), name)
    for stranger, service in namespaces.strangers(found.containers, found.observed.foreign, services):
        yield Finding(Level.WARNING, namespaces.affected(stranger, service), service)


async def _local(
    session: Session, opened: Opened, found: Survey, chosen: Sequence[str], offered: Mapping[str, Offer]
) -> AsyncIterator[Finding]:
    """Yields the findings that need no registry."""
    info = opened.info
    if tuple(int(part) for part in info.api_version.split(".")) < OLDEST_API:
        yield Finding(Level.BLOCKING, ApiTooOld(version=info.api_version))
    for call in await session.engine.refused(_needs(session, found, chosen)):
        yield Finding(Level.BLOCKING, call)
    for doubt in await session.engine.doubts():
        yield Finding(Level.WARNING, doubt)
    for finding in reach.findings(info, found, chosen, str(session.store.folder)):
        yield finding
    async for finding in reach.probes(session.engine, info, found, chosen):
        yield finding
    yield await _disk(session, opened, found, chosen, offered)
    backups = session.options.backup_dir
    if backups and (problem := exposed(folder_for(opened.state, backups))) is not None:
        yield Finding(Level.BLOCKING, problem)
    if (free := shutil.disk_usage(session.store.folder).free) < STATE_BYTES:
        yield Finding(Level.BLOCKING, StateDiskLow(path=str(session.store.folder), free=free, needed=STATE_BYTES))
    async for finding in surroundings(session, found, chosen, local=info.local):
        yield finding


def _needs(session: Session, found: Survey, chosen: Sequence[str]) -> list[Needs]:
    """Returns what this run needs of the engine beyond what every run does."""
    settings = [found.settings(name) for name in chosen]
    needs: dict[Needs, bool] = {
        "resolve": not session.options.archives,
        "exec": any(each.version_command for each in settings)
        or any(hook.service in chosen and not hook.host for hook in found.definition.hooks),
        "load": bool(session.options.archives),
        "data": bool(session.options.backup) or any(each.backup for each in settings),
        "make": found.first,
    }
    return [need for need, wanted in needs.items() if wanted]


async def _disk(
    session: Session, opened: Opened, found: Survey, chosen: Sequence[str], offered: Mapping[str, Offer]
) -> Finding:
    """Returns the finding on disk space for the new images, compressed and unpacked, and a reserve for a rollback."""
    left = await session.engine.disk_free()
    if left is None:
        return Finding(Level.WARNING, DiskUnknown(root=opened.info.root))
    free, inodes = left
    used = {c.image_id for name in chosen for c in found.containers.get(name, ())}
    needs = room.needed(offered.values(), (found.images[name] for name in used if name in found.images))
    if free < RESERVE_BYTES + needs.download:
        low = DiskLow(needed=RESERVE_BYTES + needs.likely, free=free, root=opened.info.root)
        return Finding(Level.BLOCKING, low)
    if inodes < RESERVE_INODES:
        return Finding(Level.BLOCKING, InodesLow(free=inodes, root=opened.info.root))
    if free < (needed := RESERVE_BYTES + needs.likely):
        return Finding(Level.WARNING, DiskLow(needed=needed, free=free, root=opened.info.root))
    return Finding(Level.OK, DiskOk(free=free, root=opened.info.root))


async def _registry_clock(asked: Registries, name: str) -> Finding:
    """Compares this machine's clock with a registry's, by the Date header of any response."""
    try:
        date = parsedate_to_datetime(await asked.date(name))
    except RegistryError as error:
        return Finding(Level.WARNING, ClockUnknown(registry=name, reason=reason_of(error.problem)))
    except ValueError:
        return Finding(Level.WARNING, ClockUnknown(registry=name, reason=reasons.DateMissing()))
    apart = abs(date.timestamp() - time.time())
    if apart > CLOCK_TOLERANCE:
        return Finding(Level.WARNING, ClockDiffers(registry=name, seconds=round(apart)))
    return Finding(Level.OK, ClockOk(registry=name))
