"""Writes a project into its backup: definitions while it runs, data while it is stopped, and the list at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import msgspec

from ws9tui import __version__
from ws9tui.core.blocking import in_thread
from ws9tui.core.data import save_plan
from ws9tui.core.data.inventory import Inventory, Item
from ws9tui.core.data.mount_copies import MountCopies, holder_image, place
from ws9tui.core.data.progress import CopyProgress
from ws9tui.core.data.save_writer import SaveWriter
from ws9tui.core.fs import xattrs
from ws9tui.core.images import bundle_writer
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal.journal import now
from ws9tui.core.model.codec import readable
from ws9tui.core.model.definitions import VolumeDefinition
from ws9tui.core.model.plan import Kind
from ws9tui.core.model.reference import Reference
from ws9tui.core.session import Session
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation, StoredFile
from ws9tui.core.store.saved import CONTAINERS, FORMAT, OWN, Saved, SavedImage, SavedNetwork, SavedPart
from ws9tui.problems import reasons
from ws9tui.problems.problem import Problem

_OF_ENGINE = ("bridge", "host", "none")
"""networks that every engine has"""


class Saving:
    """One backup being written."""

    def __init__(self, session: Session, opened: Opened, found: Survey, writer: SaveWriter) -> None:
        self._session = session
        self._opened = opened
        self._found = found
        self._writer = writer
        self._copies = MountCopies(session, found.source.name, of_services=False)
        self._saved: Saved | None = None
        self._parts: list[SavedPart] = []

    # --- while the project runs -----------------------------------------------------------------------------------

    async def prepare(
        self, present: Generation, copies: Mapping[str, bytes], taken: Inventory, notes: Iterable[Problem]
    ) -> None:
        """Adds images, files and definitions; ``copies`` are the files of a new generation by copy name."""
        info, found = self._opened.info, self._found
        images = self._images(present)
        if self._session.options.images:
            await self._save_images([image.image_id for image in images])
        for stored in present.files:
            if stored.copy:
                known = stored.copy in copies  # an empty file's content is falsy
                body = copies[stored.copy] if known else generation.content(self._opened.state, present, stored)
                self._writer.add(f"{OWN}files/{stored.copy}", body)
        single = self._single(taken, present)
        definitions = self._session.engine.definitions
        containers = [c for entries in found.containers.values() for c in entries]
        inspected = [await definitions.container(container.id) for container in containers]
        self._writer.add(CONTAINERS, readable(inspected))
        names = {name for container in containers for name in container.networks} - {*_OF_ENGINE}
        networks = [(name, await definitions.network(name)) for name in sorted(names)]
        own = {
            network.name for network in await self._session.engine.networks() if network.project == found.source.name
        }
        self._saved = Saved(
            FORMAT,
            found.source.name,
            info.platform,
            now(),
            __version__,
            info.name,
            present,
            files=single,
            folders=generation.store_folders(single),
            volumes=await self._volumes(taken),
            networks=tuple(
                SavedNetwork(made, external=name in found.project.external_networks or name not in own)
                for name, made in networks
                if made is not None
            ),
            images=images,
            left_out=tuple(notes),
        )

    def _single(self, taken: Inventory, present: Generation) -> tuple[StoredFile, ...]:
        """Adds mounted single files like a generation's files, numbered after those."""
        contents = generation.read_contents(item.path for item in taken.items if item.file)
        stored, bodies = generation.store_files({path: body for path, body in contents.items() if body is not None})
        first = len(present.files)
        found = []
        for number, file in enumerate(stored, start=first):
            self._writer.add(f"{OWN}files/{number}", bodies[file.copy])
            found.append(msgspec.structs.replace(file, copy=str(number)))
        return tuple(found)

    async def _volumes(self, taken: Inventory) -> tuple[VolumeDefinition, ...]:
        names = [item.path for item in taken.items if item.target.type == "volume" and item.place is None]
        mounts = (m for entries in self._found.containers.values() for c in entries for m in c.mounts)
        names += [mount.name for mount in mounts if mount.type == "volume" and not mount.anonymous]
        found = [await self._session.engine.definitions.volume(name) for name in dict.fromkeys(names)]
        return tuple(volume for volume in found if volume is not None)

    def _images(self, present: Generation) -> tuple[SavedImage, ...]:
        sizes = save_plan.images_size(self._found, present)
        found: dict[tuple[str, str], SavedImage] = {}

        def add(reference: Reference, image_id: str, digest: str) -> None:
            inside = self._session.options.images and image_id in sizes
            image = SavedImage(reference, image_id, digest, sizes.get(image_id, 0), inside)
            found.setdefault((reference, image_id), image)

        for service in present.services.values():
            if service.image_id:
                add(service.reference, service.image_id, service.digest)
            for reference, used in service.used.items():
                add(reference, used.image_id, used.digest)
        return tuple(found.values())

    async def _save_images(self, ids: list[str]) -> None:
        """Adds the engine's image archive, verified, and without its end-of-archive blocks."""
        start, path = self._writer.at, self._writer.reading
        await bundle_writer.save(self._session.engine, ids, self._writer.put, self._session.emit)
        end = await in_thread(lambda check: bundle_writer.proved(path, dict.fromkeys(ids, ""), check))
        self._writer.cut(max(start, end))

    # --- while the project is stopped -----------------------------------------------------------------------------

    async def data(self, taken: Inventory) -> None:
        """Copies all data; raises `EngineError` and `StateError`."""
        items = [each for each in taken.items if not each.file]
        if not items:
            return
        ids = (container.image_id for containers in self._found.containers.values() for container in containers)
        image = await holder_image(self._session, ids, reasons.ImageOfProjectMissing())
        mounts = {place(number): item.target for number, item in enumerate(items)}
        async with self._copies.holder(image, mounts) as holder:
            for number, item in enumerate(items):
                async with self._session.step(Kind.SAVE, item.path):
                    self._parts.append(await self._part(number, item, holder))

    async def _part(self, number: int, item: Item, holder: str) -> SavedPart:
        name = f"{OWN}data/{number}.tar.gz"
        path = place(number)
        with self._writer.packed(name) as packer:
            part = await self._copies.out(item.path, path, holder, item.target, name, packer)
        extras = await self._session.engine.data.extras(holder, path)
        if extras is not None:
            content = xattrs.encode(extras)
            await asyncio.to_thread(self._writer.add, f"{OWN}data/{number}.extras.json", content)
            holes = sum(end - start for one in extras for start, end in one.holes)
            part = msgspec.structs.replace(part, extras=f"{OWN}data/{number}.extras.json", holes=holes)
        folders = _folders(item) if item.target.type == "bind" and self._opened.info.local else ()
        return SavedPart(part, item.services, item.place, folders, item.others)

    # --- when the project runs again ------------------------------------------------------------------------------

    async def finish(self) -> tuple[Saved, int, str]:
        """Verifies what was written, adds the list and publishes the file; returns the list, size and SHA-256."""
        assert self._saved is not None  # noqa: S101 - it was prepared
        saved = msgspec.structs.replace(self._saved, parts=tuple(self._parts))
        session = self._session
        progress = CopyProgress(session, session.options.output, "", "read", self._writer.at)
        with progress.beside():
            size, digest = await self._writer.finish(saved, progress.count, overwrite=session.options.overwrite)
        return saved, size, digest


def _folders(item: Item) -> tuple[generation.StoredFolder, ...]:
    """Returns a folder and those above it, with the attributes to recreate them with."""
    return generation.store_folders([StoredFile("", real=f"{item.path}/*")])
