"""Copies what is mounted out of volumes and bind mounts and back, as archives: exactly, and proved.

Whoever calls sees that nothing writes there meanwhile; what the archives carry is told in
:mod:`ws9tui.core.data.transfer`.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import NamedTuple

import msgspec

from ws9tui.core.data.tar_listing import TarListing
from ws9tui.core.fs import xattrs
from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Mount
from ws9tui.core.model.plan import DataTarget
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.ports import DataAccess
from ws9tui.core.session import Session
from ws9tui.core.store.backup import Packer, Part
from ws9tui.errors import StateError, Ws9tuiError
from ws9tui.problems.data import ExtrasNotRestored, HolesNotRestored, RestoreDiffers
from ws9tui.problems.problem import Problem
from ws9tui.problems.saved import LoadDiffers

ROOT = "/ws9tui"
"""where a holder has its mounts"""
PROGRESS_EVERY = 0.5
"""seconds between two words of progress"""


class Look(NamedTuple):
    """What is in a mount."""

    entries: int
    same: bool


class MountCopies:
    """Copies of one project's data."""

    def __init__(self, session: Session, project: str, *, of_services: bool = True) -> None:
        self._session = session
        self._of_services = of_services
        """whose data it is is told by a service's name, else by the path"""
        self._project = project

    @property
    def _access(self) -> DataAccess:
        return self._session.engine.data

    @asynccontextmanager
    async def holder(self, image_id: str, targets: Sequence[DataTarget]) -> AsyncIterator[str]:
        """A container that is never started, with these mounts at `ROOT`/0, `ROOT`/1 and so on."""
        mounts = [Mount(target.type, target.source, f"{ROOT}/{number}") for number, target in enumerate(targets)]
        holder = await self._access.hold(image_id, mounts, self._project)
        try:
            yield holder
        finally:
            try:
                await asyncio.shield(self._access.let_go(holder))
            except Ws9tuiError as error:  # the next run removes it
                self._warn(error.problem)

    async def out(self, service: str, path: str, holder: str, target: DataTarget, archive: str, packer: Packer) -> Part:
        """Copies what is at a path of a holder into an archive of that name."""
        listing = TarListing()
        progress = _Progress(self._session, service, target.target, "backup", target.size)

        def take(chunk: bytes) -> None:
            listing.feed(chunk)
            packer.write(chunk)

        taking: asyncio.Future[None] | None = None
        try:
            async with aclosing(self._access.read(holder, path)) as chunks:
                async for chunk in chunks:  # one is taken while the next comes
                    if taking is not None:
                        await taking
                    taking = asyncio.ensure_future(asyncio.to_thread(take, chunk))
                    progress.say(packer.size)
            if taking is not None:
                await taking
            plain, packed = await asyncio.to_thread(packer.finish)
        finally:
            if taking is not None:
                await asyncio.wait({taking})
        counted = (listing.entries, listing.newest)
        return Part(target, archive, packer.size, plain, packer.stored, packed, *counted, content=listing.digest)

    async def back(
        self,
        service: str,
        path: str,
        holder: str,
        part: Part,
        archive: str,
        chunks: Iterator[bytes],
        extras: Sequence[Extras] | None,
    ) -> None:
        """Empties a mount, unpacks an archive there and reads it back; raises `StateError` where that differs.

        ``extras`` are what the archive leaves out, None where that is not known.
        """
        await self._access.empty(holder, path)
        if (await self.look(service, path, holder, part)).entries:
            raise self.differs(service, part, archive)
        progress = _Progress(self._session, service, part.target.target, "restore", part.size)
        with progress.beside():
            await self._access.write(holder, ROOT, progress.counted(chunks))
        if extras is not None:
            await self._put_extras(service, holder, path, part, extras, archive)
        if not (await self.look(service, path, holder, part)).same:
            raise self.differs(service, part, archive)

    async def look(self, service: str, path: str, holder: str, part: Part) -> Look:
        """What is at a path of a holder, and whether it is what a part has."""
        progress = _Progress(self._session, service, part.target.target, "check", part.size)
        listing, digest = TarListing(), hashlib.sha256()
        done = 0

        def take(chunk: bytes) -> None:
            listing.feed(chunk)
            digest.update(chunk)

        async with aclosing(self._access.read(holder, path)) as read:
            async for chunk in read:
                await asyncio.to_thread(take, chunk)
                done += len(chunk)
                progress.say(done)
        return Look(listing.entries, part.is_of(digest.hexdigest(), listing.digest))

    async def _put_extras(
        self, service: str, holder: str, path: str, part: Part, wanted: Sequence[Extras], archive: str
    ) -> None:
        found = await self._access.put_extras(holder, path, wanted)
        target = part.target.target
        if found is None:
            if wanted:
                self._warn(ExtrasNotRestored(service=service, target=target, files=len(wanted)), service)
        elif not xattrs.same_xattrs(wanted, found):
            raise self.differs(service, part, archive)
        elif filled := xattrs.filled(wanted, found):
            self._warn(HolesNotRestored(service=service, target=target, files=filled), service)

    def differs(self, service: str, part: Part, archive: str) -> StateError:
        """Says that what was brought back is not what was saved."""
        target = part.target
        if not self._of_services:
            return StateError(LoadDiffers(path=service, archive=archive))
        return StateError(
            RestoreDiffers(
                service=service, path=archive, target=target.target, source=target.source, project=self._project
            )
        )

    def _warn(self, problem: Problem, service: str = "") -> None:
        self._session.emit(e.Found(finding=Finding(Level.WARNING, problem, service)))


class _Progress:
    """Says how far a copy is, not too often."""

    def __init__(self, session: Session, service: str, target: str, doing: str, total: int) -> None:
        self._session = session
        self._event = e.DataMoved(service=service, target=target, doing=doing, done=0, total=total)
        self._said = time.monotonic()
        self._done = 0
        session.emit(self._event)

    def say(self, done: int) -> None:
        """So many bytes are done."""
        if time.monotonic() - self._said >= PROGRESS_EVERY:
            self._said = time.monotonic()
            self._session.emit(msgspec.structs.replace(self._event, done=done))

    def counted(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Chunks that are counted as they are taken, in whatever thread."""
        for chunk in chunks:
            self._done += len(chunk)
            yield chunk

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Says it from a task of its own, for what goes on in a thread."""
        task = asyncio.create_task(self._tell())
        try:
            yield
        finally:
            task.cancel()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(PROGRESS_EVERY)
            self.say(self._done)
