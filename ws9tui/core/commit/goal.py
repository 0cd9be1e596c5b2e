"""What a run is to converge to, and whether it is still what was confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from ws9tui.core.fs import files
from ws9tui.core.inspect import writable
from ws9tui.core.inspect.survey import containers_of
from ws9tui.core.model.hooks import When
from ws9tui.core.model.plan import Binding, Kind, Plan
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.session import Session
from ws9tui.core.store.generation import Generation
from ws9tui.errors import Refused
from ws9tui.problems import reasons_files
from ws9tui.problems.plan import InputChanged


class Goal(msgspec.Struct, frozen=True):
    """Which generation is wanted, how it is reached, and what leads back."""

    before: Generation
    """what was there: the way back leads to it, but where Compose does not understand its files"""
    after: Generation
    plan: Plan
    """that leads from one to the other"""
    keep_generations: int
    """how many keep their images"""
    copies: dict[str, bytes] = {}
    """the contents of the files of ``after`` by copy name; none where it is recorded already"""
    scope: tuple[str, ...] = ()
    """the services that are touched, now or by the interrupted run that is completed; empty: those of the plan"""
    begun: bool = False
    """an interrupted run has begun it: there is nothing left to confirm"""
    back: bool = False
    """it is ``before`` that is wanted, whatever such a run has left"""
    data: bool = False
    """with the data that it has saved"""
    kept: When = When.AFTER_KEEP
    """which hooks are run when it is kept"""
    first: Callable[[], Awaitable[None]] | None = None
    """what is done once its files are in place, before any tag or container is touched"""
    earlier: bool = False
    """it is an earlier generation that is wanted: that is proved in the end, by its image IDs"""

    @property
    def name(self) -> str:
        """The project's."""
        return self.after.source.name

    @property
    def services(self) -> tuple[str, ...]:
        """The services that are touched; nothing else ever is."""
        return self.scope or self.plan.services

    @property
    def way_back(self) -> bool:
        """Whether what was there before can be made again."""
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
    """Compares what was confirmed with what is now; raises `Refused` where anything differs."""
    plan = goal.plan
    for path, digest in plan.binding.files.items():
        if files.sha256(path) != digest:
            raise Refused(InputChanged(what="file", detail=path))
    written = {op.subject for op in plan.operations if op.kind is Kind.WRITE}
    files_of = [stored for stored in goal.after.files if stored.path in written]
    for problem in writable.problems(files_of, goal.after.source):
        raise Refused(problem)
    await same_containers(session, goal.name, plan.binding, goal.services)
    for service, image_id in plan.binding.images.items():
        if await session.engine.image(image_id) is None:
            raise Refused(InputChanged(what="image", detail=f"{service}: {image_id}"))


async def same_containers(
    session: Session, project: str, binding: Binding, services: Sequence[str] | None = None
) -> None:
    """Compares the containers of these services, or of all, with what was confirmed; raises `Refused`."""
    everything = await containers_of(session.engine, project)
    names = everything if services is None else services
    present = {c.id: c.image_id for name in names for c in everything.get(name, [])}
    if present != binding.containers:
        changed = set(present.items()) ^ set(binding.containers.items())
        named = {c.name for entries in everything.values() for c in entries if (c.id, c.image_id) in changed}
        raise Refused(InputChanged(what="container", detail=", ".join(sorted(named)) or reasons_files.OneGone()))


async def defined(session: Session, goal: Goal, source: ProjectSource) -> Goal:
    """Compares the definition, now that its files are in place, with the one that was confirmed.

    Gives the goal with the hashes that it has here; raises `Refused` where it differs.
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
        # An earlier generation's files are proved byte by byte; its hash may be another Compose version's.
        differs = bool(wanted.config_hash) and wanted.config_hash != now and not after.reached
        if image not in ("", wanted.reference) or differs:  # what is built may have no name in the files
            raise Refused(InputChanged(what="definition", detail=name))
        services[name] = msgspec.structs.replace(wanted, config_hash=now)
    return msgspec.structs.replace(goal, after=msgspec.structs.replace(after, services=services))
