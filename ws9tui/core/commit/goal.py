"""The generation that a run converges to, and the checks that everything is still as it was confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from ws9tui.core.fs import files
from ws9tui.core.images.archive import Archives
from ws9tui.core.inspect import writable
from ws9tui.core.inspect.survey import containers_of
from ws9tui.core.model.hooks import When
from ws9tui.core.model.plan import Binding, Kind, Plan
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.session import Session
from ws9tui.core.store.generation import Generation
from ws9tui.errors import Refused
from ws9tui.problems import reasons_files
from ws9tui.problems.data import DataRestored
from ws9tui.problems.plan import InputChanged


class Goal(msgspec.Struct, frozen=True):
    """The generation wanted, the plan that reaches it, and the generation to roll back to."""

    before: Generation
    """what ran before; a rollback converges to it, unless Compose does not understand its files"""
    after: Generation
    plan: Plan
    """leads from ``before`` to ``after``"""
    keep_generations: int
    """number of generations that keep their images"""
    copies: dict[str, bytes] = {}
    """contents of the files of ``after`` by copy name; empty if the generation is already recorded"""
    scope: tuple[str, ...] = ()
    """the services touched by this run or by the interrupted run that it completes; empty: those of the plan"""
    begun: bool = False
    """an interrupted run has begun the commit, so there is nothing left to confirm"""
    back: bool = False
    """the goal is ``before``, whatever the interrupted run has left"""
    data: bool = False
    """the rollback also restores the data that the run has saved"""
    archives: Archives | None = None
    """the archives that a rollback loads missing images from, instead of any registry"""
    kept: When = When.AFTER_KEEP
    """the hooks to run when the generation is kept"""
    first: Callable[[], Awaitable[None]] | None = None
    """awaited once the files are in place, before any tag or container is touched"""
    earlier: bool = False
    """the goal is an earlier generation, whose image IDs are verified at the end"""

    @property
    def name(self) -> str:
        """The project's name."""
        return self.after.source.name

    @property
    def services(self) -> tuple[str, ...]:
        """The services that this run touches; it never touches any other."""
        return self.scope or self.plan.services

    @property
    def way_back(self) -> bool:
        """Whether the run can be rolled back: whether what ran before can be recreated."""
        return not self.before.broken

    @property
    def renewed(self) -> list[str]:
        """The services that get another image, which may change their data."""
        before = self.before.services
        return [
            name
            for name, service in self.after.services.items()
            if name not in before or not service.same_image(before[name])
        ]


async def recheck(session: Session, goal: Goal) -> None:
    """Compares files, containers and images with the confirmed plan; raises `Refused` if anything differs."""
    plan = goal.plan
    for path, digest in plan.binding.files.items():
        if files.sha256(path) != digest:
            raise Refused(InputChanged(what="file", detail=path))
    written = {op.subject for op in plan.operations if op.kind is Kind.WRITE}
    files_of = [stored for stored in goal.after.files if stored.path in written]
    for problem in writable.problems(files_of, goal.after.source):
        raise Refused(problem)
    # A rollback is bound to no container of a service that only gets its data back, a project's restore is to all.
    touched = [op.subject for op in plan.of_containers if plan.file or not isinstance(op.cause, DataRestored)]
    await same_containers(session, goal.name, plan.binding, goal.scope or touched)
    for service, image_id in plan.binding.images.items():
        if await session.engine.image(image_id) is None:
            raise Refused(InputChanged(what="image", detail=f"{service}: {image_id}"))


async def same_containers(
    session: Session, project: str, binding: Binding, services: Sequence[str] | None = None
) -> None:
    """Compares the containers of these services (None: all) with the confirmed ones; raises `Refused`."""
    everything = await containers_of(session.engine, project)
    names = everything if services is None else services
    present = {c.id: c.image_id for name in names for c in everything.get(name, [])}
    if present != binding.containers:
        changed = set(present.items()) ^ set(binding.containers.items())
        named = {c.name for entries in everything.values() for c in entries if (c.id, c.image_id) in changed}
        raise Refused(InputChanged(what="container", detail=", ".join(sorted(named)) or reasons_files.OneGone()))


async def defined(session: Session, goal: Goal, source: ProjectSource) -> Goal:
    """Compares the definition with the confirmed one once its files are in place; raises `Refused` if it differs.

    Returns the goal with the config hashes computed by this Compose version.
    """
    after = goal.after
    config, found = await asyncio.gather(session.compose.config(source), session.compose.hashes(source))
    hashes = after.project.comparable(found)
    services = dict(after.services)
    for name in goal.services:
        wanted = services.get(name)
        if wanted is None or name not in after.project.services:
            continue
        image = str((config.get("services") or {}).get(name, {}).get("image") or "")
        now = hashes.get(name, "")
        # An earlier generation's files are verified byte by byte; its hash may be from another Compose version.
        differs = bool(wanted.config_hash) and wanted.config_hash != now and not after.reached
        if image not in ("", wanted.reference) or differs:  # a built image may have no name in the files
            raise Refused(InputChanged(what="definition", detail=name))
        services[name] = msgspec.structs.replace(wanted, config_hash=now)
    return msgspec.structs.replace(goal, after=msgspec.structs.replace(after, services=services))
