"""Registry look-ups of one run: each made once, in parallel, in bounded time, and sparing pulls that are counted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from ws9tui.core.images import verify
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal.events import Described
from ws9tui.core.model import evidence, mirrors, newer
from ws9tui.core.model.durations import unix_time
from ws9tui.core.model.observed import EngineInfo, Tags
from ws9tui.core.model.offer import Offer, links
from ws9tui.core.model.offered import Manifest, OfferedImage, PullLimit
from ws9tui.core.model.policy import Policy
from ws9tui.core.model.reference import Reference
from ws9tui.core.session import Session
from ws9tui.core.store.seen import SeenDigests
from ws9tui.errors import RegistryError
from ws9tui.problems.image import PullsSpared

PARALLEL = 12
"""look-up requests in flight at a time"""
SPARE = 20
"""pulls left for the updates themselves if a registry limits pulls"""
ALIKE = 4
"""newest version tags that are compared with a moving tag"""
T = TypeVar("T")


class Offers:
    """The registry look-ups of one run; each is made once, and again only if it failed."""

    def __init__(
        self,
        session: Session,
        info: EngineInfo,
        named: tuple[str, ...] = (),
        fallbacks: tuple[str, ...] = (),
    ) -> None:
        self.engine = session.engine
        self.info = info
        self._registries = session.engine.registries
        self._seen = SeenDigests(session.store.folder)
        self._tell = session.emit
        self._now = session.now
        self._named = (*session.options.mirrors, *named)
        """mirrors to pull from, as the operator or the settings name them"""
        self.mirrors = (*self._named, *fallbacks)
        """all mirrors that are asked if a registry does not answer"""
        self.trusts_mirror = session.options.trust_mirror
        self._minimum_age = session.options.minimum_age
        """seconds, from this run's options; None: the project's setting counts"""
        self._asked: dict[tuple[str, ...], asyncio.Task[Any]] = {}
        self.told: dict[str, Offer] = {}
        """service → the offer described for it"""
        self.limits: dict[str, PullLimit] = {}
        """registry → its pull limit, as last reported"""
        self._slots = asyncio.Semaphore(PARALLEL)

    async def close(self) -> None:
        """Cancels the look-ups in progress."""
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    # --- single look-ups ------------------------------------------------------------------------------------------

    async def tags(self, repository: str) -> Tags:
        """Returns a repository's tags; raises `RegistryError`."""
        return await self._once(("tags", repository), lambda: self._registries.tags(repository))

    async def heading(self, reference: Reference) -> Manifest:
        """Returns the manifest that a reference names, without counting as a pull; raises `RegistryError`."""
        found = await self._once(("heading", reference), lambda: self._registries.heading(reference))
        if found.limit is not None:
            self.limits[reference.registry] = found.limit
        return found

    async def describe(self, reference: Reference, platform: str = "") -> OfferedImage:
        """Returns the image that a reference names by digest; raises `RegistryError`, also to spare counted pulls."""
        limit = self.limits.get(reference.registry)
        if limit is not None and limit.remaining <= SPARE:
            problem = PullsSpared(registry=reference.registry, remaining=limit.remaining, limit=limit.limit)
            raise RegistryError(problem)
        wanted = platform or self.info.platform
        key = ("image", reference.full_name, reference.digest or reference.meant_tag, wanted)
        return await self._once(key, lambda: self._registries.describe(reference, wanted))

    async def source(self, reference: Reference, digest: str) -> str:
        """Returns the first named mirror that has a digest; empty if none was named, or none has it."""
        for host in mirrors.of(self._named, reference):
            with suppress(RegistryError):
                await self.heading(mirrors.through(reference, host).at(digest))
                return host
        return ""

    async def by_mirror(self, reference: Reference) -> Manifest | None:
        """Returns the manifest of a tag as the first answering mirror reports it; None if no mirror answers."""
        for host in mirrors.of(self.mirrors, reference):
            with suppress(RegistryError):
                found = await self.heading(mirrors.through(reference, host))
                return Manifest(found.digest, mirror=host)
        return None

    def forget(self, reference: Reference) -> None:
        """Drops the answer for a reference, so that the next look-up asks the registry again."""
        self._asked.pop(("heading", reference), None)

    def forget_tags(self) -> None:
        """Drops the tag lists, so that rules like `latest-minor` see the registry's tags of now."""
        self._asked = {key: task for key, task in self._asked.items() if key[0] != "tags" or not task.done()}

    def forget_all(self) -> None:
        """Drops all answers, so that every look-up asks the registry again."""
        self._asked.clear()
        self.told.clear()
        self.limits.clear()

    def use(self, mirror: str) -> None:
        """Adds a mirror to pull from, ahead of those named earlier."""
        self._named = (mirror, *self._named)
        self.mirrors = (mirror, *self.mirrors)

    async def _once(self, key: tuple[str, ...], ask: Callable[[], Awaitable[T]]) -> T:
        task = self._asked.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            task = self._asked[key] = asyncio.create_task(self._slotted(ask))
        answer: T = await asyncio.shield(task)
        return answer

    async def _slotted(self, ask: Callable[[], Awaitable[T]]) -> T:
        async with self._slots:
            return await ask()

    # --- offers for a service ---------------------------------------------------------------------------------------

    def policy(self, found: Survey, service: str) -> Policy:
        """Returns a service's update policy; the operator's minimum age overrides the project's."""
        policy = found.settings(service).policy
        if self._minimum_age is None:
            return policy
        return msgspec.structs.replace(policy, minimum_age=self._minimum_age)

    def seen(self, reference: Reference, digest: str) -> str:
        """Returns when a digest was first seen on this machine, and records it if it is new."""
        return self._seen.note(reference, digest, self._now())

    def age(self, seen_at: str) -> float:
        """Returns the seconds since a digest was first seen."""
        return max(unix_time(self._now()) - unix_time(seen_at), 0.0)

    async def old_enough(
        self, reference: Reference, running: Collection[str], minimum: float
    ) -> tuple[str, str] | None:
        """Returns the latest digest of a tag that is old enough and still available, and when it was first seen.

        ``running`` are the digests that run now: digests first seen before those are not returned, and if the running
        ones were never seen under this tag, nothing is known to be newer and None is returned.
        """
        sightings = self._seen.earlier(reference)
        runs_since = next((one.at for one in sightings if one.digest in running), None)
        for one in sightings if runs_since is not None else ():
            if one.digest in running or one.at <= (runs_since or ""):
                break
            if self.age(one.at) >= minimum:
                try:
                    await self.heading(reference.pinned(one.digest))
                except RegistryError:
                    continue
                return one.digest, one.at
        return None

    async def tell(self, found: Survey, service: str, reference: Reference, head: Manifest | None = None) -> Offer:
        """Describes what a reference offers to a service, and emits it; raises nothing: the offer holds the problem."""
        offer = await self._offer(found, service, reference, head)
        self._tell(Described(service=service, offer=offer))
        return offer

    async def _offer(self, found: Survey, service: str, reference: Reference, head: Manifest | None) -> Offer:
        offer = Offer(reference)
        try:
            head = head or await self.heading(reference)
            digest = head.digest
            offer = Offer(reference, digest, mirror=head.mirror)
            seen_at = self.seen(reference, digest)
            held = max((self.policy(found, service).minimum_age or 0.0) - self.age(seen_at), 0.0)
            limit = self.limits.get(reference.registry)
            offer = msgspec.structs.replace(offer, seen_at=seen_at, held=held, limit=limit)
            own = head.mirror in mirrors.of(self.mirrors, reference)
            source = mirrors.through(reference, head.mirror) if own else reference
            image = await self.describe(source.at(digest), found.project.services[service].platform)
        except RegistryError as error:
            return msgspec.structs.replace(offer, problem=error.problem)
        container = found.container(service)
        running = found.images.get(container.image_id) if container else None
        version = evidence.label_of(image.image, reference, found.images.values())
        if not version and newer.moves(reference.meant_tag):
            version = await self._alike(reference, digest)
        return msgspec.structs.replace(
            offer,
            manifest=image.manifest,
            platforms=image.platforms,
            version=version or reference.version,
            created_at=image.image.created_at,
            size=image.size,
            missing=image.missing(found.images.values()),
            links=links(image),
            attached=image.attached,
            changes=tuple(f.problem for f in verify.configuration(running, image.image)) if running else (),
            mirror=offer.mirror or image.mirror,
        )

    async def _alike(self, reference: Reference, digest: str) -> str:
        """Returns the version tag that names the same image as a moving tag; empty if none of the newest does."""
        try:
            names = (await self.tags(reference.full_name)).names
            for tag in newer.versions(names)[:ALIKE]:
                if (await self.heading(Reference(f"{reference.name}:{tag}"))).digest == digest:
                    return tag
        except RegistryError:
            pass
        return ""
