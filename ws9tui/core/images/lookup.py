"""Looks up newer tags in the background; a failure is reported and stops nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from ws9tui.core.images.offers import Offers
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal.events import NewerFound
from ws9tui.core.model import newer
from ws9tui.core.model.observed import Tags
from ws9tui.core.model.reference import Reference
from ws9tui.errors import Ws9tuiError
from ws9tui.problems.image import TagIncomparable, TagsOfMirror, TagsTooMany
from ws9tui.problems.problem import Problem


def doubt(reference: Reference, listed: Tags) -> Problem | None:
    """Returns why the listed tags of a reference's repository may be incomplete; None if they are complete."""
    if not listed.complete:
        return TagsTooMany(reference=reference, registry=reference.registry)
    return TagsOfMirror(registry=reference.registry, mirror=listed.mirror) if listed.mirror else None


class NewerTags:
    """The background look-ups of one run."""

    def __init__(self, offers: Offers, found: Survey, tell: Callable[[NewerFound], None]) -> None:
        self._offers = offers
        self._found = found
        self._tell = tell
        self._tasks: dict[str, asyncio.Task[None]] = {}
        """service → its latest look-up"""

    def begin(self, wanted: Mapping[str, Reference]) -> None:
        """Starts looking for newer tags of these services' references; moving tags are skipped, as they have none."""
        for service, reference in wanted.items():
            if before := self._tasks.pop(service, None):
                before.cancel()
            if newer.moves(reference.meant_tag):
                continue
            self._tasks[service] = asyncio.create_task(self._look(service, reference))

    async def finish(self, seconds: float) -> None:
        """Waits for the started look-ups, for at most ``seconds``."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)

    async def close(self) -> None:
        """Cancels the look-ups in progress."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _look(self, service: str, reference: Reference) -> None:
        tag = reference.meant_tag
        if not newer.comparable(tag):
            self._tell(NewerFound(service=service, reference=reference, problem=TagIncomparable(reference=reference)))
            return
        try:
            listed = await self._offers.tags(reference.full_name)
        except Ws9tuiError as error:
            self._tell(NewerFound(service=service, reference=reference, problem=error.problem))
            return
        found = newer.newer(tag, listed.names, self._offers.policy(self._found, service))
        self._tell(
            NewerFound(
                service=service,
                reference=reference,
                tags=found.tags,
                count=found.count,
                candidates=found.candidates,
                problem=doubt(reference, listed),
            )
        )
