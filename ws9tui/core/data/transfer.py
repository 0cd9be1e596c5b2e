"""Moves a service's data, while it is stopped, out of its volumes and bind mounts and back: exactly, and proved.

Through the engine's archive interface, so that no helper image and no path of the engine's machine is needed.
Measured on Docker 20.10 (overlay2), the archives carry: contents, owners by number, modes with their set-ID and sticky
bits, modification times by the second, hard and symbolic links, named pipes, device nodes, and the extended attribute
`security.capability`. What they leave out (:mod:`ws9tui.core.fs.xattrs`: other extended attributes, ACLs, holes) is
read beside them where the engine is on this machine and we are root; elsewhere the operator is told that it is not
saved.
Sockets are left out: their programs make them anew.

A restore first reads its backup to the end and compares its SHA-256; then it empties each mount, unpacks, and reads the
mount back: its entries must say what those of the backup said when it was made, and the files must have the extended
attributes. Holes that a file system does not make are told: the content is the same, it takes more room.

What a way back replaces is put aside first. Where there is no room for that, the operator is told and chooses; an
unattended way back after a failed update goes on without it, since a database that has migrated does not run under its
earlier version, and what is lost was written by a version that failed. A rollback that somebody asks for is refused.
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
"""bytes of data beyond which nobody looks through them for what was written since"""


class Mover:
    """Carries out tasks with a project's data."""

    def __init__(self, session: Session, state: Path, project: str, generation: int) -> None:
        self._session = session
        self._state = state
        self._project = project
        self._copies = MountCopies(session, project)
        self._generation = generation
        """that the run came from"""
        self.ended = 0.0
        """when the last task ended, by the loop's clock"""

    @property
    def facts(self) -> DataFacts:
        """What the run has saved and restored."""
        return self._session.ledger.data

    @property
    def directory(self) -> str:
        """Where backups are kept, empty for below the state: as is said, else where this run's others are."""
        if self._session.options.backup_dir:
            return self._session.options.backup_dir
        folders = [Path(folder) for folder in self.facts.saved.values()]
        return next((str(folder.parents[2]) for folder in folders if not folder.is_relative_to(self._state)), "")

    # --- what the operator is told and asked ------------------------------------------------------------------

    def ways_back(self) -> tuple[Choice, ...]:
        """The ways back, the one that is taken where nobody chooses first: a database that has migrated needs its data.

        Where there is no room to put aside what was written since, that is said; with the data's way it is then lost.
        """
        if not self.facts.saved:
            return (Choice.ROLL_BACK,)
        try:
            saved = [backups.at(self._state, folder) for folder in self.facts.saved.values()]
            needed = sum(entry.stored for entry in saved) * 5 // 4 + RESERVE_BYTES  # it may have grown meanwhile
            folder = backups.folder_for(self._state, self.directory)
            if (free := backups.room(folder)) < needed:
                self._session.warn(AfterCopyNoRoom(needed=needed, free=free, path=str(folder)))
        except Ws9tuiError as error:
            self._session.warn(error.problem)
        return (Choice.ROLL_BACK_DATA, Choice.ROLL_BACK)

    async def tell_written(self) -> None:
        """Says what was written into the data since it was saved, while somebody decides."""
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
        """Does a service's task; it must be stopped. Raises `EngineError` and `StateError`."""
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
        """Saves what something is about to take the place of; raises `EngineError` and `StateError`.

        ``hidden`` are folders in it that stay where they are.
        """
        await self._save(name, image_id, [target], AFTER, hidden)

    # --- out --------------------------------------------------------------------------------------------------

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

    # --- back -------------------------------------------------------------------------------------------------

    async def _fits(self, backup: Backup, present: Backup | None) -> None:
        """Sees, where it can be seen, that the engine's disk has room for what comes when what is there has gone.

        Raises `StateError`: nothing is taken away for what would not fit.
        """
        room = await self._session.engine.disk_free()
        if room is None or present is None:
            return
        needed = sum(part.size for part in backup.parts if part.target.type == "volume")  # holes come filled at first
        freed = sum(part.size - part.holes for part in present.parts if part.target.type == "volume")
        if room[0] + freed < needed:
            raise StateError(RestoreNoRoom(service=backup.service, needed=needed - freed, free=room[0]))

    async def _load(self, backup: Backup, image_id: str) -> None:
        began = time.monotonic()
        await asyncio.to_thread(backups.check, backup)  # nothing is taken away for what cannot be put back
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
        """Sees that no volume would be made anew, without its own driver and labels, for what it held."""
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
    """Removes the holders that a killed run left; only the run that has the project's lock may."""
    for holder in await session.engine.data.held(project):
        await session.engine.data.let_go(holder)


async def written_since(access: DataAccess, container_id: str, backup: Backup) -> tuple[int, str]:
    """How many files of a container's data were changed since a backup, and when the newest was.

    -1 where there is too much to look through. Raises `EngineError`.
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
