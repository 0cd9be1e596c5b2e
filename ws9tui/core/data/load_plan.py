"""Plans the restore of a project from its backup: what is created, what is loaded, and what is in the way."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.data import inventory
from ws9tui.core.data.plan import volume_sizes
from ws9tui.core.data.save_plan import START_SECONDS
from ws9tui.core.fs import files, places
from ws9tui.core.model.observed import Container, EngineInfo, Observed
from ws9tui.core.model.plan import BYTES_A_SECOND, OF_CONTAINERS, Kind, Operation, Plan
from ws9tui.core.session import Session
from ws9tui.core.store import backup as backups
from ws9tui.core.store.saved import Saved, SavedPart
from ws9tui.errors import Refused, StateError
from ws9tui.problems import reasons_files
from ws9tui.problems.data import DataRestored
from ws9tui.problems.problem import Problem, Reason
from ws9tui.problems.saved import (
    LoadsFile,
    LoadsFolder,
    LoadsOver,
    LoadsVolume,
    MakesNetwork,
    MakesVolume,
    PutAsideIn,
    RemovedForRestore,
    RestoreBlocked,
    RestoreDiskRoom,
    RestoreForeignUser,
    RestoreInside,
    RestoreNotPromised,
    RestoreRoomUnknown,
    RestoreSpares,
)

_READINGS = 4
"""maximum reads and writes of each byte: old data is read and put aside, new data is written and read back"""
_DEVICE = "device"
"""option of a local volume that is a folder or a disk of the machine"""


async def with_data(
    session: Session, plan: Plan, saved: Saved, observed: Observed, info: EngineInfo, aside: str
) -> Plan:
    """Returns the plan with the networks, volumes and data of a backup, and with what they replace."""
    volumes = set(await session.engine.volumes())
    networks = {network.name for network in await session.engine.networks()}
    first = [
        Operation(Kind.NETWORK, each.definition.name, MakesNetwork(driver=each.definition.driver, external="yes"))
        for each in saved.networks
        if each.external and each.definition.name not in networks
    ]
    first += [
        Operation(Kind.VOLUME, volume.name, MakesVolume(driver=volume.driver))
        for volume in saved.volumes
        if volume.name not in volumes
    ]
    apart = {each.path: spared(each, observed.foreign, info) for each in saved.parts}
    holding = await _holding(session, saved, volumes, info, apart)
    loads = [Operation(Kind.LOAD, each.path, _cause(each, holding)) for each in saved.parts]
    loads += [
        Operation(Kind.LOAD, stored.path, LoadsFile(over="yes" if there else ""))
        for stored in saved.files
        if (there := _hash(stored.path)) != stored.sha256
    ]
    removed = _strangers(plan, saved, observed)
    operations = [*plan.operations, *removed]
    touched = {op.subject for op in operations if op.kind in OF_CONTAINERS}
    last = max((op.wave for op in operations), default=0)
    services = saved.generation.services
    idle = [
        name
        for name, entries in observed.containers.items()
        if name not in touched
        and name in saved.generation.project.services
        and services[name].state == "running"
        and any(container.running for container in entries)
    ]
    again = [
        Operation(Kind.START, name, DataRestored(), last + number, running(observed.containers[name]))
        for number, names in enumerate(saved.generation.project.waves(idle), start=1)
        for name in names
    ]
    operations = [*first, *loads, *operations, *again]
    names = [op.subject for op in operations if op.kind in OF_CONTAINERS]
    present = {c.id: c.image_id for name in names for c in observed.containers.get(name, ())}
    notes: list[Problem] = [*plan.notes, *saved.left_out, RestoreNotPromised()]
    notes += [RestoreSpares(path=f"{path}/{below}") for path, found in apart.items() for below in found]
    needed = sum(each.part.size - each.part.holes for each in _new(saved, volumes, info))
    if needed and await session.engine.disk_free() is None:
        notes.append(RestoreRoomUnknown(needed=needed))
    if holding:
        notes.append(PutAsideIn(folder=aside))
    seconds = _READINGS * saved.size / BYTES_A_SECOND
    away = {op.subject: observed.containers[op.subject] for op in operations if op.containers}
    downtime = {name: seconds + START_SECONDS + max(c.grace for c in entries) for name, entries in away.items()}
    return msgspec.structs.replace(
        plan,
        operations=tuple(operations),
        notes=tuple(notes),
        downtime=downtime,
        binding=msgspec.structs.replace(plan.binding, containers=present),
        one_way=True,
        file=session.options.arguments[0],
        backup_folder=aside,
    )


def spared(each: SavedPart, foreign: Iterable[Container], info: EngineInfo) -> tuple[str, ...]:
    """Returns the existing subfolders of a saved folder that belong to other projects; they stay as they are."""
    if each.part.target.type != "bind" or not info.local:
        return ()
    found = inventory.others_in(each.path, foreign, each.others)
    paths = {below: Path(each.path) / below for below in found}
    return tuple(below for below, path in paths.items() if path.is_dir() and places.real(path) == str(path))


def in_the_way(plan: Plan) -> list[str]:
    """Returns what exists already and is replaced by the plan."""
    found = [op.subject for op in plan.operations if isinstance(op.cause, LoadsOver | RemovedForRestore)]
    found += [op.subject for op in plan.operations if isinstance(op.cause, LoadsFile) and op.cause.over]
    found += [op.subject for op in plan.operations if op.kind is Kind.WRITE and plan.binding.files.get(op.subject)]
    return found + [op.subject for op in plan.operations if op.kind is Kind.RECREATE]


async def refuse_impossible(session: Session, saved: Saved, observed: Observed, info: EngineInfo) -> None:
    """Raises `Refused` if the data cannot be put in its place."""
    for volume in saved.volumes:
        device = volume.options.get(_DEVICE, "")
        if device.startswith("/") and inventory.is_system(os.path.normpath(device), info):
            raise Refused(RestoreBlocked(path=volume.name, reason=reasons_files.DeviceOfServer(device=device)))
    for each in saved.parts:
        if each.part.target.type != "bind":
            continue
        if inventory.is_system(each.path, info):
            raise Refused(RestoreBlocked(path=each.path, reason=reasons_files.OfServer()))
        if info.local and (reason := _obstacle(each.path)) is not None:
            raise Refused(RestoreBlocked(path=each.path, reason=reason))
    for stored in saved.files:
        if inventory.is_system(stored.path, info):
            raise Refused(RestoreBlocked(path=stored.path, reason=reasons_files.OfServer()))
    sources = {each.path for each in saved.parts}
    for container in observed.foreign:
        written = [mount.name for mount in container.mounts if not mount.read_only] if container.running else []
        for each in saved.parts:
            apart = [f"{each.path}/{below}/" for below in spared(each, observed.foreign, info)]
            inside = f"{each.path}/" if each.part.target.type == "bind" else ""
            for name in written:
                below = inside and name.startswith(inside) and not f"{name}/".startswith(tuple(apart))
                if name in sources or below:
                    raise Refused(RestoreForeignUser(container=container.name, source=name))
    await _room(session, saved, info)


def refuse_inside(session: Session, saved: Saved, observed: Observed, info: EngineInfo) -> None:
    """Raises `Refused` if the backup or the state directory lies in a folder that is emptied before it is restored."""
    kept = (session.options.arguments[0], str(session.store.folder))
    for each in saved.parts if info.local else ():
        if each.part.target.type != "bind":
            continue
        folder = Path(places.real(each.path))
        apart = [folder / below for below in spared(each, observed.foreign, info)]
        for path in kept:
            real = Path(places.real(path))
            if real.is_relative_to(folder) and not any(real.is_relative_to(other) for other in apart):
                raise Refused(RestoreInside(path=path, folder=each.path))


def _obstacle(folder: str) -> Reason | str | None:
    """Returns why a folder of this machine cannot be restored; None if it can be, or is missing."""
    try:
        if stat.S_ISDIR(Path(folder).stat().st_mode):
            return None
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        return error.strerror
    return reasons_files.NoFolderThere() if os.path.lexists(folder) else None


async def _room(session: Session, saved: Saved, info: EngineInfo) -> None:
    there = set(await session.engine.volumes())
    missing = [each for each in _new(saved, there, info) if each.part.target.type == "volume"]
    needed = sum(each.part.size - each.part.holes for each in missing)
    room = await session.engine.disk_free()
    if room is not None and room[0] < needed:
        raise Refused(RestoreDiskRoom(needed=needed, free=room[0]))
    for each in saved.parts if info.local else ():
        if each.part.target.type == "bind" and places.missing(each.path):
            free = backups.room(Path(each.path))
            if free < each.part.size - each.part.holes:
                raise Refused(RestoreDiskRoom(needed=each.part.size - each.part.holes, free=free))


def _new(saved: Saved, volumes: Collection[str], info: EngineInfo) -> list[SavedPart]:
    """Returns the parts that take additional room on the engine's disk, as far as that is known."""
    return [
        each
        for each in saved.parts
        if (each.part.target.type == "volume" and (each.place or each.path not in volumes))
        or (each.part.target.type == "bind" and not info.local)
    ]


def _cause(each: SavedPart, holding: Iterable[str]) -> Problem:
    if each.path in holding:
        return LoadsOver(size=each.part.size)
    return LoadsVolume(size=each.part.size) if each.part.target.type == "volume" else LoadsFolder(size=each.part.size)


def _strangers(plan: Plan, saved: Saved, observed: Observed) -> list[Operation]:
    """Returns removals of containers of the project's name that the backup lacks: they hold its ports or volumes."""
    known = {*saved.generation.services, *(op.subject for op in plan.of_containers)}
    found = []
    for name, entries in observed.containers.items():
        if name in known:
            continue
        files = ", ".join(dict.fromkeys(path for container in entries for path in container.config_files))
        cause = RemovedForRestore(name=", ".join(container.name for container in entries), files=files)
        found.append(Operation(Kind.REMOVE, name, cause, 0, running(entries)))
    return found


def running(entries: Iterable[Container]) -> tuple[str, ...]:
    """Returns the names of the running containers."""
    return tuple(container.name for container in entries if container.running)


def _hash(path: str) -> str:
    """Returns the SHA-256 of a file, empty if there is none; "unreadable" if it cannot be read."""
    try:
        return files.sha256(path)
    except StateError:
        return "unreadable"


async def _holding(
    session: Session, saved: Saved, volumes: set[str], info: EngineInfo, apart: Mapping[str, Iterable[str]]
) -> set[str]:
    """Returns the volumes and folders of the backup that hold data now."""
    found = set()
    sizes = await volume_sizes(session) if volumes else {}
    written = {stored.real or stored.path for stored in saved.generation.files}
    for each in saved.parts:
        if each.part.target.type == "volume":
            if each.place is None and each.path in volumes and sizes.get(each.path, -1) != 0:
                found.add(each.path)
        elif info.local and await asyncio.to_thread(holds, each.path, written, apart[each.path]):
            found.add(each.path)
    return found


def holds(folder: str, known: Iterable[str], apart: Iterable[str]) -> bool:
    """Whether a folder contains anything but folders and the ``known`` files; ``apart`` are subpaths to ignore."""
    waiting = [folder]
    files = {*known, *(f"{folder}/{below}" for below in apart)}
    with suppress(OSError):
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.path in files:
                        continue
                    if not entry.is_dir(follow_symlinks=False):
                        return True
                    waiting.append(entry.path)
    return False


def of_place(containers: Sequence[Container], each: SavedPart) -> str:
    """Returns the volume now mounted in place of an anonymous one; empty if there is none."""
    place = each.place
    for container in containers:
        if place is None or (container.service, container.number) != (place.service, place.number) or container.twin:
            continue
        return next((m.name for m in container.mounts if m.type == "volume" and m.target == place.target), "")
    return ""
