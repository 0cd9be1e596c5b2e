"""Plans the backup of a project: what is saved, how long its services are away, and whether there is room."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ws9tui.core.data import inventory
from ws9tui.core.data.inventory import Inventory, Item
from ws9tui.core.data.plan import sizer
from ws9tui.core.data.transfer import RESERVE_BYTES
from ws9tui.core.inspect import condition
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal.events import StoppedContainer
from ws9tui.core.model.observed import PAUSED, EngineInfo
from ws9tui.core.model.plan import BYTES_A_SECOND, Binding, DataTarget, Kind, Operation, Plan
from ws9tui.core.session import Session
from ws9tui.core.store import backup as backups
from ws9tui.core.store.generation import Generation
from ws9tui.problems.problem import Problem
from ws9tui.problems.saved import (
    SavedImagesElsewhere,
    SavedNoRoom,
    SavedOrphan,
    SavedOthers,
    SavedPaused,
    SavedRoom,
    SavedSecrets,
    SavesFile,
    SavesFolder,
    SavesProject,
    SavesVolume,
    StoppedForBackup,
)

START_SECONDS = 2.0
"""estimated seconds until a container is reachable after its start"""


async def sized(session: Session, taken: Inventory, info: EngineInfo) -> Inventory:
    """Returns the inventory with the bytes of each item, as far as they are known."""
    sized_target = await sizer(session, local=info.local)

    async def target(item: Item) -> DataTarget:
        if item.file:
            return msgspec.structs.replace(item.target, size=Path(item.path).stat().st_size)
        return await sized_target(item.target)

    items = [msgspec.structs.replace(item, target=await target(item)) for item in taken.items]
    return msgspec.structs.replace(taken, items=tuple(items))


async def plan(
    session: Session,
    found: Survey,
    info: EngineInfo,
    present: Generation,
    taken: Inventory,
    order: Sequence[Sequence[StoppedContainer]],
) -> Plan:
    """Returns the plan of a backup: what is saved, what is stopped for it, and notes."""
    path = session.options.output
    known = {c.id: c for entries in found.containers.values() for c in entries}
    images = sum(images_size(found, present).values()) if session.options.images else 0
    total = sum(max(item.target.size, 0) for item in taken.items)
    stops = sum(max((known[one.id].grace for one in wave), default=0.0) for wave in order)
    away = stops + total / BYTES_A_SECOND + START_SECONDS * len(order)
    operations = [Operation(Kind.SAVE, item.path, _cause(item)) for item in taken.items]
    downtime: dict[str, float] = {}
    for number, wave in enumerate(order, start=1):
        for name in dict.fromkeys(one.service for one in wave):
            names = tuple(one.name for one in wave if one.service == name)
            operations.append(Operation(Kind.RESTART, name, StoppedForBackup(), number, names))
            downtime[name] = away
    unwell = condition.unwell(downtime, found.containers, info)
    others = inventory.writers(taken.items, found.observed.foreign, known)
    notes: list[Problem] = [
        *taken.left_out,
        *await inventory.own_layers(session, found),
        *(SavedOthers(container=container.name, source=source) for container, source in others),
        *(
            SavedOrphan(container=container.name, service=name)
            for name, entries in found.containers.items()
            for container in entries
            if name not in found.project.services
        ),
        *(
            SavedPaused(container=container.name)
            for entries in found.containers.values()
            for container in entries
            if container.state == PAUSED
        ),
        *unwell,
    ]
    if not session.options.images and (elsewhere := _elsewhere(present)):
        notes.append(SavedImagesElsewhere(references=", ".join(elsewhere)))
    if path:
        free = backups.room(Path(path).parent)
        unknown = "yes" if any(item.target.size < 0 for item in taken.items) else ""
        notes += [SavedRoom(needed=total + images, free=free, path=path, unknown=unknown), SavedSecrets(path=path)]
    return Plan(
        present.number,
        present.number,
        tuple(operations),
        notes=tuple(notes),
        downtime=downtime,
        unwell={problem.service: problem.code for problem in unwell},
        binding=Binding(containers={c.id: c.image_id for c in known.values()}),
        file=path or "-",
    )


def no_room(planned: Plan) -> SavedNoRoom | None:
    """Returns a problem if there is no room for the uncompressed data, by the plan's own note."""
    room = next((note for note in planned.notes if isinstance(note, SavedRoom)), None)
    if room is None or room.free >= room.needed + RESERVE_BYTES:
        return None
    return SavedNoRoom(needed=room.needed + RESERVE_BYTES, free=room.free, path=room.path)


def images_size(found: Survey, present: Generation) -> dict[str, int]:
    """Returns the images of a generation's services, by ID, with their bytes."""
    ids = [service.image_id for service in present.services.values() if service.image_id]
    ids += [used.image_id for service in present.services.values() for used in service.used.values()]
    known = {**found.images, **{image.id: image for image in found.besides.values()}}
    return {image_id: known[image_id].size for image_id in dict.fromkeys(ids) if image_id in known}


def _elsewhere(present: Generation) -> list[str]:
    """Returns the references of images without a known registry digest."""
    services = present.services.values()
    found = [service.reference for service in services if service.image_id and not service.digest]
    found += [reference for service in services for reference, used in service.used.items() if not used.digest]
    return list(dict.fromkeys(map(str, found)))


def _cause(item: Item) -> Problem:
    size = item.target.size if item.target.size >= 0 else None
    services = ", ".join(item.services)
    if item.project:
        return SavesProject(size=size)
    if item.file:
        return SavesFile(services=services)
    if item.target.type == "bind":
        return SavesFolder(size=size, services=services)
    return SavesVolume(size=size, services=services, anonymous="yes" if item.place else "")
