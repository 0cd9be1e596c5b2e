"""Looks up newer tags in the background; a failure is told, and stops nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from ws9tui.core.journal.events import NewerFound
from ws9tui.core.model import newer
from ws9tui.core.model.observed import Tags
from ws9tui.core.model.reference import Reference
from ws9tui.core.ports import Registries
from ws9tui.errors import Ws9tuiError
from ws9tui.problems.image import TagIncomparable, TagsOfMirror, TagsTooMany
from ws9tui.problems.problem import Problem

PARALLEL = 6
"""repositories that are asked about at a time"""


class NewerTags:
    """The look-ups of one run; each repository is asked once, and once more where it gave no answer."""

    def __init__(self, registries: Registries, tell: Callable[[NewerFound], None]) -> None:
        self._registries = registries
        self._tell = tell
        self._lists: dict[str, asyncio.Task[Tags]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        """service → its latest look-up"""
        self._slots = asyncio.Semaphore(PARALLEL)

    def begin(self, wanted: Mapping[str, Reference]) -> None:
        """Begins to look for newer tags of these services' references; tags that move have none."""
        for service, reference in wanted.items():
            if newer.moves(reference.meant_tag):
                continue
            if before := self._tasks.get(service):
                before.cancel()
            self._tasks[service] = asyncio.create_task(self._look(service, reference))

    async def finish(self, seconds: float) -> None:
        """Waits for what has begun, so long at most."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)

    async def close(self) -> None:
        """Ends what goes on."""
        tasks = [*self._tasks.values(), *self._lists.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look(self, service: str, reference: Reference) -> None:
        tag = reference.meant_tag
        if not newer.comparable(tag):
            self._tell(NewerFound(service=service, reference=reference, problem=TagIncomparable(reference=reference)))
            return
        try:
            listed = await self._listed(reference)
        except Ws9tuiError as error:
            self._tell(NewerFound(service=service, reference=reference, problem=error.problem))
            return
        problem: Problem | None = None
        if listed.mirror:
            problem = TagsOfMirror(registry=reference.registry, mirror=listed.mirror)
        if not listed.complete:
            problem = TagsTooMany(reference=reference, registry=reference.registry)
        found = newer.newer(tag, listed.names)
        self._tell(
            NewerFound(
                service=service,
                reference=reference,
                tags=found.tags,
                count=found.count,
                candidates=found.candidates,
                problem=problem,
            )
        )

    async def _listed(self, reference: Reference) -> Tags:
        """What a repository has; its services share the answer."""
        name = reference.full_name
        task = self._lists.get(name)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._lists[name] = asyncio.create_task(self._ask(name))
        return await asyncio.shield(task)

    async def _ask(self, name: str) -> Tags:
        async with self._slots:
            return await self._registries.tags(name)
