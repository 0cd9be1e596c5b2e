"""Copies the content of volumes and bind mounts to and from archives: exactly, and verified.

The caller ensures that nothing writes there meanwhile; :mod:`ws9tui.core.data.transfer` lists what the archives carry.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from types import MappingProxyType
from typing import NamedTuple

from ws9tui.core.data.progress import CopyProgress
from ws9tui.core.data.tar_listing import TarListing, pieces_without
from ws9tui.core.fs import xattrs
from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.model.observed import Mount
from ws9tui.core.model.plan import DataTarget
from ws9tui.core.ports import DataAccess
from ws9tui.core.session import Session
from ws9tui.core.store.backup import Packer, Part
from ws9tui.errors import EngineError, StateError, Ws9tuiError
from ws9tui.problems.data import ExtrasNotRestored, HolesNotRestored, RestoreDiffers
from ws9tui.problems.engine import EngineFailed
from ws9tui.problems.problem import Reason
from ws9tui.problems.saved import LoadDiffers

ROOT = "/ws9tui"
"""the folder of a holder that contains its mounts"""


def place(number: int) -> str:
    """Returns a mount's path in a holder of several; each archive is read separately, as a folder `0`."""
    return f"{ROOT}/{number}/0"


async def holder_image(session: Session, wanted: Iterable[str], otherwise: Reason) -> str:
    """Returns the first of these images that exists, to create a holder from; raises `EngineError` with that reason."""
    for image_id in dict.fromkeys(wanted):
        if image_id and await session.engine.image(image_id) is not None:
            return image_id
    raise EngineError(EngineFailed(call="hold", reason=otherwise))


class Look(NamedTuple):
    """The content of a mount."""

    entries: int
    same: bool


class Spared(NamedTuple):
    """Folders in a mount that stay as they are, whatever the archive contains."""

    paths: tuple[str, ...]
    """relative to the mount"""
    content: str
    """the hash of the rest of the archive's entries"""


class MountCopies:
    """Copies of one project's data."""

    def __init__(self, session: Session, project: str, *, of_services: bool = True) -> None:
        self._session = session
        self._of_services = of_services
        """whether messages name the service, else the path"""
        self._project = project

    @property
    def _access(self) -> DataAccess:
        return self._session.engine.data

    @asynccontextmanager
    async def holder(
        self,
        image_id: str,
        targets: Mapping[str, DataTarget],
        hidden: Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> AsyncIterator[str]:
        """Creates a container that is never started, with these mounts at these paths below `ROOT`.

        ``hidden`` are folders in them that are neither read nor written.
        """
        mounts = [Mount(target.type, target.source, path) for path, target in targets.items()]
        mounts += [
            Mount("volume", "", f"{path}/{below}", anonymous=True) for path, found in hidden.items() for below in found
        ]
        holder = await self._access.hold(image_id, mounts, self._project)
        try:
            yield holder
        finally:
            try:
                await asyncio.shield(self._access.let_go(holder))
            except Ws9tuiError as error:  # the next run removes the holder
                self._session.warn(error.problem)

    async def out(self, service: str, path: str, holder: str, target: DataTarget, archive: str, packer: Packer) -> Part:
        """Copies the content of a holder's path into an archive of that name."""
        listing = TarListing()
        progress = CopyProgress(self._session, service, target.target, "backup", target.size)

        def take(chunk: bytes) -> None:
            listing.feed(chunk)
            packer.write(chunk)

        taking: asyncio.Future[None] | None = None
        try:
            async with aclosing(self._access.read(holder, path)) as chunks:
                async for chunk in chunks:  # one is processed while the next is received
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
        *,
        spared: Spared | None = None,
        empty: bool = False,
    ) -> None:
        """Empties a mount, unpacks an archive there and reads it back; raises `StateError` if it differs.

        ``extras`` are what the archive leaves out, None if unknown. ``empty`` says that the mount is already empty.
        """
        if not empty:
            await self._access.empty(holder, path)
            if (await self.look(service, path, holder, part, spared)).entries:
                raise self.differs(service, part, archive)
        if spared is not None:
            chunks = pieces_without(chunks, spared.paths)
        progress = CopyProgress(self._session, service, part.target.target, "restore", part.size)
        with progress.beside():
            await self._access.write(holder, path.rpartition("/")[0], progress.counted(chunks))
        if extras is not None:
            await self._put_extras(service, holder, path, part, extras, archive)
        if not (await self.look(service, path, holder, part, spared)).same:
            raise self.differs(service, part, archive)

    async def look(self, service: str, path: str, holder: str, part: Part, spared: Spared | None = None) -> Look:
        """Returns the number of entries at a holder's path, and whether they equal a part's."""
        progress = CopyProgress(self._session, service, part.target.target, "check", part.size)
        listing, digest = TarListing(without=spared.paths if spared else ()), hashlib.sha256()
        done = 0

        def take(chunk: bytes) -> None:
            listing.feed(chunk)
            if not part.content:  # otherwise the hash of the entries counts
                digest.update(chunk)

        async with aclosing(self._access.read(holder, path)) as read:
            async for chunk in read:
                await asyncio.to_thread(take, chunk)
                done += len(chunk)
                progress.say(done)
        if spared is not None:
            return Look(listing.entries, listing.digest == spared.content)
        return Look(listing.entries, part.is_of(digest.hexdigest(), listing.digest))

    async def _put_extras(
        self, service: str, holder: str, path: str, part: Part, wanted: Sequence[Extras], archive: str
    ) -> None:
        found = await self._access.put_extras(holder, path, wanted)
        target = part.target.target
        if found is None:
            if wanted:
                self._session.warn(ExtrasNotRestored(service=service, target=target, files=len(wanted)), service)
        elif not xattrs.same_xattrs(wanted, found):
            raise self.differs(service, part, archive)
        elif filled := xattrs.filled(wanted, found):
            self._session.warn(HolesNotRestored(service=service, target=target, files=filled), service)

    def differs(self, service: str, part: Part, archive: str) -> StateError:
        """Returns the error that restored data differs from the saved data."""
        target = part.target
        if not self._of_services:
            return StateError(LoadDiffers(path=service, archive=archive))
        return StateError(
            RestoreDiffers(
                service=service, path=archive, target=target.target, source=target.source, project=self._project
            )
        )
