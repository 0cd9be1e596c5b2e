"""Restores the data of a backup while nothing of the project runs: exactly, verified, and repeatably.

Data that is already the same is kept, so that an interrupted restore continues where it stopped; data that differs is
put aside first.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from ws9tui.core.blocking import Check, in_thread
from ws9tui.core.commit import restore
from ws9tui.core.data import load_plan
from ws9tui.core.data.mount_copies import MountCopies, Spared, holder_image, place
from ws9tui.core.data.plan import bytes_in
from ws9tui.core.data.tar_listing import TarListing
from ws9tui.core.data.transfer import RESERVE_BYTES, Mover
from ws9tui.core.fs import xattrs
from ws9tui.core.inspect.survey import containers_of
from ws9tui.core.model.observed import Container
from ws9tui.core.model.plan import DataTarget, Kind, Plan
from ws9tui.core.session import Session
from ws9tui.core.store import backup as backups
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.saved import AnonymousMount, SavedPart
from ws9tui.core.store.saved_file import SavedFile
from ws9tui.errors import StateError
from ws9tui.problems import reasons
from ws9tui.problems.data import BackupDisturbed, BackupNoRoom
from ws9tui.problems.saved import RestoreBlocked

AT_ONCE = min(4, os.cpu_count() or 1)
"""volumes and folders that are loaded in parallel: one alone uses at most one processor"""


class Loading:
    """The restore of one backup's data."""

    def __init__(
        self, session: Session, state: Path, file: SavedFile, before: Generation, target: Generation, plan: Plan
    ) -> None:
        self._session = session
        self._state = state
        self._file = file
        self._saved = file.saved
        self._target = target
        self._plan = plan
        self._name = target.source.name
        self._copies = MountCopies(session, self._name, of_services=False)
        self._mover = Mover(session, state, self._name, before.number)
        self._aside = 0
        """bytes that the copies now being put aside may need"""

    async def carry_out(self) -> None:
        """Restores everything; raises `EngineError`, `ComposeError` and `StateError`."""
        await self._stop()
        await self._make()
        if named := {n: each.part.target for n, each in enumerate(self._saved.parts) if each.place is None}:
            await self._load(named)
        self._put_files()
        if anonymous := {n: each.place for n, each in enumerate(self._saved.parts) if each.place is not None}:
            await self._anonymous(anonymous)

    async def _containers(self) -> list[Container]:
        """Returns the project's current containers."""
        found = await containers_of(self._session.engine, self._name)
        return [container for entries in found.values() for container in entries]

    async def _stop(self) -> None:
        """Stops the running containers under the project's name, including those unknown to the backup."""
        running = [container for container in await self._containers() if container.running]
        if not running:
            return
        async with self._session.step("stop", ", ".join(container.name for container in running)):
            await asyncio.gather(*(self._session.engine.stop(container.id) for container in running))

    async def _make(self) -> None:
        """Creates missing networks and volumes."""
        session, planned = self._session, {(op.kind, op.subject) for op in self._plan.operations}
        networks = {network.name for network in await session.engine.networks()}
        for each in self._saved.networks:
            if (Kind.NETWORK, each.definition.name) in planned and each.definition.name not in networks:
                async with session.step(Kind.NETWORK, each.definition.name):
                    await session.engine.definitions.make_network(each.definition)
        volumes = set(await session.engine.volumes())
        for volume in self._saved.volumes:
            if volume.name not in volumes:
                async with session.step(Kind.VOLUME, volume.name):
                    await session.engine.definitions.make_volume(volume)

    async def _load(self, targets: Mapping[int, DataTarget]) -> None:
        """Loads the parts of these numbers, several in parallel; raises the first failure."""
        parts = self._saved.parts
        spared: dict[int, Spared | None] = {}
        for number, target in targets.items():
            if target.type == "bind":
                self._make_folder(parts[number])
                spared[number] = await self._spared(parts[number])
        hidden = {place(number): one.paths for number, one in spared.items() if one is not None}
        mounts = {place(number): target for number, target in targets.items()}
        gate = asyncio.Semaphore(AT_ONCE)
        async with self._copies.holder(await self._image(), mounts, hidden) as holder:

            async def load(number: int, target: DataTarget) -> None:
                async with gate, self._session.step(Kind.LOAD, parts[number].path):
                    await self._replace(number, parts[number], target, holder, spared.get(number))

            try:
                async with asyncio.TaskGroup() as tasks:
                    for number, target in targets.items():
                        tasks.create_task(load(number, target))
            except ExceptionGroup as failed:
                raise failed.exceptions[0] from None

    async def _spared(self, each: SavedPart) -> Spared | None:
        """Returns the subfolders that stay as they are, with the hash of the rest of the archive; None if none do."""
        foreign = [c for c in await self._session.engine.containers() if c.project != self._name]
        paths = load_plan.spared(each, foreign, await self._session.engine.info())
        if not paths:
            return None
        listing = TarListing(without=paths)

        def listed(check: Check) -> None:
            for chunk in self._file.chunks(each.part):
                check()
                listing.feed(chunk)

        await in_thread(listed)
        return Spared(paths, listing.digest)

    async def _replace(
        self, number: int, each: SavedPart, target: DataTarget, holder: str, spared: Spared | None
    ) -> None:
        """Unpacks one archive into a mount, unless its content is already there; puts differing data aside."""
        path, part = place(number), msgspec.structs.replace(each.part, target=target)
        hidden = spared.paths if spared else ()
        wanted = self._file.extras(part)
        if wanted is not None:
            wanted = xattrs.outside(wanted, hidden)
        entries, same = await self._copies.look(each.path, path, holder, part, spared)
        if same and wanted in (None, await self._session.engine.data.extras(holder, path)):
            return
        own = {stored.real or stored.path for stored in self._target.files}
        ours = target.type == "bind" and not await asyncio.to_thread(load_plan.holds, target.source, own, hidden)
        if entries and not ours:
            await self._put_aside(number, each, target, hidden)
        archive, chunks = f"{self._file.path}:{part.archive}", self._file.chunks(part)
        await self._copies.back(
            each.path, path, holder, part, archive, chunks, wanted, spared=spared, empty=not entries
        )

    async def _put_aside(self, number: int, each: SavedPart, target: DataTarget, hidden: Sequence[str]) -> None:
        folder = backups.folder_for(self._state, "")
        if target.type == "volume":
            size = (await self._session.engine.data.volume_sizes()).get(target.source, 0)
        else:
            size = await bytes_in(target.source)
        needed = max(size, 0) + RESERVE_BYTES
        self._aside += needed
        try:
            if (free := backups.room(folder)) < self._aside:
                raise StateError(BackupNoRoom(needed=self._aside, free=free, path=str(folder)))
            name = f"{number}-{re.sub(r'[^A-Za-z0-9_.-]', '_', each.path.rpartition('/')[2])[:80]}"
            await self._mover.put_aside(name, await self._image(), target, hidden)
        finally:
            self._aside -= needed

    def _make_folder(self, each: SavedPart) -> None:
        """Creates a missing folder as recorded, following no links; raises `StateError`."""
        if Path(each.path).is_dir() and os.path.realpath(each.path) == each.path:
            return
        try:
            with restore.held_folder(each.path, each.folders):
                pass
        except OSError as error:
            raise StateError(RestoreBlocked(path=each.path, reason=error.strerror or str(error))) from error

    def _put_files(self) -> None:
        """Restores the generation's files, which the project folder's archive may have overwritten."""
        for stored in self._target.files:
            restore.file(self._state, self._target, stored)
        for stored in self._saved.files:
            content = partial(self._file.content, stored.copy)
            restore.put(stored, stored.real or stored.path, self._saved.folders, content)

    async def _anonymous(self, places: Mapping[int, AnonymousMount]) -> None:
        """Lets Compose create the containers with anonymous volumes, and loads the data into the new volumes."""
        services = self._target.services
        names = list(dict.fromkeys(where.service for where in places.values()))
        for name in names:
            service = services.get(name)
            if service is not None and service.image_id and service.reference.tagged:
                await self._session.engine.tag(service.image_id, service.reference.tagged)
        source = self._target.source
        for wave in self._target.project.waves(name for name in names if name in self._target.project.services):
            scale = {name: services[name].replicas for name in wave if services[name].replicas > 1}
            async with self._session.step(Kind.PREPARE, ", ".join(wave)):
                await self._session.compose.up(source, wave, start=False, scale=scale)
        containers = await self._containers()
        targets: dict[int, DataTarget] = {}
        for number, where in places.items():
            each = self._saved.parts[number]
            volume = load_plan.of_place(containers, each)
            if not volume:
                raise StateError(BackupDisturbed(service=where.service))
            targets[number] = DataTarget(where.target, "volume", volume, each.part.size)
        await self._load(targets)

    async def _image(self) -> str:
        """Returns an image of the project to create a holder from."""
        ids = (service.image_id for service in self._target.services.values())
        return await holder_image(self._session, ids, reasons.ImageOfProjectMissing())
