"""Removes what an abandoned run created besides containers and files: networks, folders, volumes, tags."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from ws9tui.core.fs import places
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.model.plan import Kind, Plan
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.ports import Engine
from ws9tui.core.session import Session
from ws9tui.core.store.generation import Generation
from ws9tui.errors import EngineError, Ws9tuiError
from ws9tui.problems.upgrade import NetworkLeft, VolumeLeft


async def tidy(session: Session, work: Awaitable[None]) -> None:
    """Does what no outcome depends on: a failure is told, and takes nothing from what runs."""
    try:
        await work
    except Ws9tuiError as error:
        session.emit(e.Found(finding=Finding(Level.WARNING, error.problem)))


async def networks(session: Session, before: Generation, plan: Plan) -> None:
    """Removes networks that Compose has made for the project since, and external ones that the plan had made.

    What a container is connected to stays, whoever had it made: where somebody has removed the project's own network
    meanwhile, the way back itself needs the one that is there now. One that cannot go is told.
    """
    made = {operation.subject for operation in plan.operations if operation.kind is Kind.NETWORK}
    used = {name for container in await session.engine.containers() for name in container.networks}
    for network in await session.engine.networks():
        of_project = network.project == before.source.name and network.id not in before.networks
        if network.name in used or not (of_project or (network.ours and network.name in made)):
            continue
        try:
            async with session.step("remove-network", network.name):
                await session.engine.remove_network(network.id)
        except EngineError as error:
            if error.away:
                raise
            left = NetworkLeft(network=network.name, reason=error.problem.facts.get("reason", ""))
            session.emit(e.Found(finding=Finding(Level.WARNING, left)))
        else:
            session.emit(e.Removed(kind="network", subject=network.name))


def folders(before: Generation) -> None:
    """Removes folders that were not there before, as far as they are empty."""
    for folder in sorted(before.missing_folders, reverse=True):
        # It is not empty, not there, or behind a link that was not there.
        with suppress(OSError), places.held(str(Path(folder).parent)) as above:
            os.rmdir(Path(folder).name, dir_fd=above)


async def volumes(session: Session, before: Generation) -> None:
    """Removes the volumes of a first install that failed; those with data stay, and are told.

    With `remove_volumes` these go too, for the operator has asked for it.
    """
    if before.number != 0:
        return
    made = set(await session.engine.volumes_of(before.source.name)) - set(before.volumes)
    sizes = await session.engine.data.volume_sizes() if made else {}
    for name in sorted(made):
        size = sizes.get(name)
        if size == 0 or session.options.remove_volumes:
            async with session.step("remove-volume", name):
                await session.engine.remove_volume(name)
            session.emit(e.Removed(kind="volume", subject=name))
        else:
            problem = VolumeLeft(volume=name, size=size)
            session.emit(e.Found(finding=Finding(Level.WARNING, problem)))


async def tags(engine: Engine, plan: Plan, emit: Callable[[AnyEvent], None]) -> None:
    """Gives the tags that the commit moved back to the images that had them, and removes those that nobody had."""
    for operation in plan.operations:
        if operation.kind is not Kind.TAG:
            continue
        image = await engine.image(operation.subject)
        if image is None or image.id != operation.detail[0]:
            continue
        old = operation.cause.facts.get("old", "") if operation.before is None else operation.before
        if old and await engine.image(old) is not None:
            await engine.tag(old, operation.subject)
        else:
            await engine.untag(operation.subject)
            emit(e.Removed(kind="tag", subject=operation.subject))
