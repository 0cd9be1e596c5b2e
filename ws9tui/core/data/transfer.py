"""Moves a service's data, while it is stopped, out of its volumes and bind mounts and back: exactly, and verified.

It uses the engine's archive interface, so that no helper image and no path of the engine's machine is needed. Measured
on Docker 20.10 (overlay2), the archives carry: contents, numeric owners, modes with their set-ID and sticky bits,
modification times in seconds, hard and symbolic links, named pipes, device nodes, and the extended attribute
`security.capability`. What they leave out (:mod:`ws9tui.core.fs.xattrs`: other extended attributes, ACLs, holes) is
read beside them if the engine is on this machine and this process is root; otherwise the operator is warned that it is
not saved. Sockets are left out: their programs create them again.

A restore first reads its backup to the end and compares its SHA-256; then it empties each mount, unpacks, and reads the
mount back: its entries must equal those of the backup when it was made, and the files must have the extended
attributes. Holes that a file system does not create are reported: the content is the same, but takes more room.

Data that a rollback replaces is put aside first. If there is no room for that, the operator is told and decides; an
unattended rollback after a failed update continues without it, since a database that has migrated does not run under
its earlier version, and the lost data was written by a version that failed. A rollback that the operator requested is
refused instead.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec

from ws9tui.core.data.mount_copies import ROOT, MountCopies, holder_image
from ws9tui.core.data.tar_listing import TarListing
from ws9tui.core.inspect.survey import group
from ws9tui.core.journal import events as e
from ws9tui.core.journal.data_state import DataFacts
from ws9tui.core.journal.journal import now
from ws9tui.core.model.durations import rfc3339
from ws9tui.core.model.plan import AFTER, DataTarget, Task
from ws9tui.core.model.terms import Choice
from ws9tui.core.ports import DataAccess
from ws9tui.core.session import Session
from ws9tui.core.store import backup as backups
from ws9tui.core.store.backup import Backup, Part
from ws9tui.errors import StateError, Ws9tuiError
from ws9tui.problems import reasons
from ws9tui.problems.data import (
    AfterCopyMissing,
    AfterCopyNoRoom,
    BackupVolumeGone,
    ExtrasNotSaved,
    RestoreNoRoom,
)

RESERVE_BYTES = 64 * 1024 * 1024
"""left free where backups are kept: the journal and the logs may be there too"""
WRITTEN_MOST = 4 * 1024**3
"""bytes of data beyond which changes since the backup are not searched for"""


class Mover:
    """Carries out the data tasks of a project."""

    def __init__(self, session: Session, state: Path, project: str, generation: int) -> None:
        self._session = session
        self._state = state
        self._project = project
        self._copies = MountCopies(session, project)
        self._generation = generation
        """the generation from which the run started"""
        self.ended = 0.0
        """when the last task ended, by the event loop's clock"""

    @property
    def facts(self) -> DataFacts:
        """What the run has saved and restored."""
        return self._session.ledger.data

    @property
    def directory(self) -> str:
        """The folder of backups, empty for below the state: as given, else where this run's other backups are."""
        if self._session.options.backup_dir:
            return self._session.options.backup_dir
        folders = [Path(folder) for folder in self.facts.saved.values()]
        return next((str(folder.parents[2]) for folder in folders if not folder.is_relative_to(self._state)), "")

    # --- reports and questions to the operator ----------------------------------------------------------------

    def ways_back(self) -> tuple[Choice, ...]:
        """Returns the kinds of rollback, the default first: with data if it was saved, since it may have migrated.

        Warns if there is no room to put the present data aside; a rollback with data then loses it.
        """
        if not self.facts.saved:
            return (Choice.ROLL_BACK,)
        try:
            saved = [backups.at(self._state, folder) for folder in self.facts.saved.values()]
            needed = sum(entry.stored for entry in saved) * 5 // 4 + RESERVE_BYTES  # the data may have grown meanwhile
            folder = backups.folder_for(self._state, self.directory)
            if (free := backups.room(folder)) < needed:
                self._session.warn(AfterCopyNoRoom(needed=needed, free=free, path=str(folder)))
        except Ws9tuiError as error:
            self._session.warn(error.problem)
        return (Choice.ROLL_BACK_DATA, Choice.ROLL_BACK)

    async def tell_written(self) -> None:
        """Reports how much data was written since it was saved, while the operator decides."""
        containers = group(await self._session.engine.containers(self._project), self._project)
        for service, folder in self.facts.saved.items():
            found = containers.get(service, [])
            if not found:
                continue
            try:
                saved = backups.at(self._state, folder)
                changed, newest = await written_since(self._session.engine.data, found[0].id, saved)
            except Ws9tuiError:  # the question is answered without it
                changed, newest = -1, ""
            self._session.emit(e.DataWritten(service=service, files=changed, newest=newest))

    # --- a service's task -------------------------------------------------------------------------------------

    async def carry_out(self, service: str, task: Task, image_id: str, wave: int) -> None:
        """Carries out the task of a stopped service. Raises `EngineError` and `StateError`."""
        restored = backups.at(self._state, task.load) if task.load else None
        targets = task.targets or (tuple(part.target for part in restored.parts) if restored else ())
        own = task.image_id or (restored.image_id if restored else "")
        image = await holder_image(self._session, (own, image_id), reasons.ImageMissing(image=own))
        saved = None
        if task.save:
            try:
                async with self._session.step("backup", service, wave):
                    saved = await self._save(service, image, targets, task.save)
            except StateError as error:
                if task.must_save:
                    raise
                self._session.warn(AfterCopyMissing(service=service, reason=error.problem.code), service)
        if restored is not None and not (saved is not None and saved.same_data(restored)):
            async with self._session.step("restore", service, wave):
                await self._fits(restored, saved)
                await self._load(restored, image)
        self.ended = asyncio.get_running_loop().time()

    async def put_aside(self, name: str, image_id: str, target: DataTarget, hidden: Sequence[str]) -> None:
        """Saves data that is about to be replaced; raises `EngineError` and `StateError`.

        ``hidden`` are folders in it that are not saved.
        """
        await self._save(name, image_id, [target], AFTER, hidden)

    # --- save -------------------------------------------------------------------------------------------------

    async def _save(
        self, service: str, image_id: str, targets: Sequence[DataTarget], role: str, hidden: Sequence[str] = ()
    ) -> Backup:
        began = time.monotonic()
        made = Backup(self._generation, service, role, self._session.folder.name, image_id, now(), "")
        made = await asyncio.to_thread(backups.begin, self._state, made, self.directory)
        try:
            mounts = {f"{ROOT}/{number}": target for number, target in enumerate(targets)}
            async with self._copies.holder(image_id, mounts, {f"{ROOT}/0": hidden}) as holder:
                for number, target in enumerate(targets):
                    part = await self._save_part(service, holder, number, target, Path(made.folder))
                    made = msgspec.structs.replace(made, parts=(*made.parts, part))
            made = await asyncio.to_thread(backups.finish, self._state, made)
        except BaseException:
            backups.remove(self._state, made)
            raise
        self._session.emit(
            e.BackupMade(
                service=service,
                generation=made.generation,
                role=role,
                folder=made.folder,
                size=made.size,
                stored=made.stored,
                files=sum(part.files for part in made.parts),
                seconds=round(time.monotonic() - began, 1),
            )
        )
        return made

    async def _save_part(self, service: str, holder: str, number: int, target: DataTarget, folder: Path) -> Part:
        name = f"{number}.tar.gz"
        writer = await asyncio.to_thread(backups.BackupWriter, folder / name)
        try:
            part = await self._copies.out(service, f"{ROOT}/{number}", holder, target, name, writer)
        finally:
            writer.close()
        return await self._with_extras(service, holder, number, part, folder)

    async def _with_extras(self, service: str, holder: str, number: int, part: Part, folder: Path) -> Part:
        found = await self._session.engine.data.extras(holder, f"{ROOT}/{number}")
        if found is None:
            self._session.warn(ExtrasNotSaved(service=service, target=part.target.target), service)
            return part
        name = f"{number}.extras.json"
        digest = await asyncio.to_thread(backups.write_extras, folder, name, found)
        holes = sum(end - start for one in found for start, end in one.holes)
        return msgspec.structs.replace(part, extras=name, extras_sha256=digest, holes=holes)

    # --- restore ----------------------------------------------------------------------------------------------

    async def _fits(self, backup: Backup, present: Backup | None) -> None:
        """Checks, if both sizes are known, that the restored data will fit on the engine's disk.

        Raises `StateError`: nothing is removed for data that would not fit.
        """
        room = await self._session.engine.disk_free()
        if room is None or present is None:
            return
        needed = sum(part.size for part in backup.parts if part.target.type == "volume")  # holes are filled at first
        freed = sum(part.size - part.holes for part in present.parts if part.target.type == "volume")
        if room[0] + freed < needed:
            raise StateError(RestoreNoRoom(service=backup.service, needed=needed - freed, free=room[0]))

    async def _load(self, backup: Backup, image_id: str) -> None:
        began = time.monotonic()
        await asyncio.to_thread(backups.check, backup)  # nothing is removed for data that cannot be restored
        await self._present(backup)
        service = backup.service
        mounts = {f"{ROOT}/{number}": part.target for number, part in enumerate(backup.parts)}
        async with self._copies.holder(image_id, mounts) as holder:
            self._session.emit(e.RestoreStarted(service=service, folder=backup.folder))
            for number, part in enumerate(backup.parts):
                await self._load_part(service, holder, number, part, Path(backup.folder))
        seconds = round(time.monotonic() - began, 1)
        self._session.emit(e.RestoreFinished(service=service, folder=backup.folder, size=backup.size, seconds=seconds))

    async def _present(self, backup: Backup) -> None:
        """Raises `StateError` if a volume is gone: a new one would lack its driver and labels."""
        names = set(await self._session.engine.volumes())
        for part in backup.parts:
            if part.target.type == "volume" and part.target.source not in names:
                raise StateError(BackupVolumeGone(volume=part.target.source, path=backup.folder))

    async def _load_part(self, service: str, holder: str, number: int, part: Part, folder: Path) -> None:
        archive = folder / part.archive
        wanted = await asyncio.to_thread(backups.read_extras, folder, part) if part.extras else None
        chunks = backups.chunks(archive)
        await self._copies.back(service, f"{ROOT}/{number}", holder, part, str(archive), chunks, wanted)


async def let_go_all(session: Session, project: str) -> None:
    """Removes the holders left by a killed run; only the run that holds the project's lock may do so."""
    for holder in await session.engine.data.held(project):
        await session.engine.data.let_go(holder)


async def written_since(access: DataAccess, container_id: str, backup: Backup) -> tuple[int, str]:
    """Returns how many files of a container's data changed since a backup, and when the newest did.

    -1 if there is too much data to search. Raises `EngineError`.
    """
    if backup.size > WRITTEN_MOST:
        return -1, ""
    changed, newest = 0, 0.0
    for part in backup.parts:
        listing = TarListing(since=part.newest)
        async with aclosing(access.read(container_id, part.target.target)) as chunks:
            async for chunk in chunks:
                listing.feed(chunk)
        changed += listing.changed
        newest = max(newest, listing.newest)
    return changed, rfc3339(newest, "seconds") if changed else ""
