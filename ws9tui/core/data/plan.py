"""Plans backups and restores: candidates, sizes, free space."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.blocking import in_thread_within
from ws9tui.core.data import suggest
from ws9tui.core.data.transfer import RESERVE_BYTES, written_since
from ws9tui.core.fs import places
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.model.observed import Container, EngineInfo, Mount
from ws9tui.core.model.plan import (
    DataTarget,
    Kind,
    Operation,
    Plan,
    PlannedBackup,
    PlannedRestore,
    with_data,
    with_downtime,
)
from ws9tui.core.session import Session
from ws9tui.core.store import backup as backups
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.store import refuse_exposed
from ws9tui.errors import EngineError, Refused, UsageError, Ws9tuiError
from ws9tui.problems.data import (
    BackupAsked,
    BackupInside,
    BackupNoRoom,
    BackupNothing,
    BackupNotTouched,
    BackupPathUnknown,
    BackupPossible,
    BackupSet,
    BackupShared,
    BackupUnset,
    ExtrasNotSaved,
    NoBackup,
    VolumeNotData,
)
from ws9tui.problems.plan import ImageChanged
from ws9tui.problems.problem import Problem

_WALK_SECONDS = 10.0
SYSTEM = (
    "/var/run", "/run", "/proc", "/sys", "/dev", "/lib/modules", "/usr/lib/modules", "/etc/localtime", "/etc/timezone",
    "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/ssl", "/etc/passwd", "/etc/group", "/var/lib/docker",
    "/usr/share/zoneinfo", "/var/log",
)  # fmt: skip
"""mounts that are no data of a container: the Docker socket, clocks, devices, the engine's root"""


def is_data(mount: Mount) -> bool:
    """Whether a mount may hold data of a service; single files are excluded later."""
    if mount.type not in ("volume", "bind") or mount.read_only:
        return False
    if mount.type == "volume":
        return True
    paths = (mount.name.rstrip("/"), mount.target.rstrip("/"))
    return not any(not path or any(path == own or path.startswith(f"{own}/") for own in SYSTEM) for path in paths)


def of_engine(mount: Mount, root: str) -> bool:
    """Whether a bind mount is the engine's own data, wherever that is: for example the volumes of all projects."""
    path = mount.name.rstrip("/")
    return mount.type == "bind" and bool(root) and (path == root or path.startswith(f"{root}/"))


async def with_backups(session: Session, state: Path, found: Survey, info: EngineInfo, plan: Plan) -> Plan:
    """Returns the plan with all possible backups; those requested or proposed are chosen.

    Raises `UsageError` for paths in `x-ws9tui` that are no data of their service, with file and line.
    """
    kinds = (Kind.RECREATE, Kind.PREPARE)
    operations = [op for op in plan.operations if op.kind in kinds and found.containers.get(op.subject)]
    touched = {op.subject for op in operations}
    for name in session.options.backup:
        if name not in touched:
            session.warn(BackupNotTouched(service=name), name)
    candidates = []
    mounts = (m for name in touched for container in found.containers[name] for m in container.mounts)
    without = await session.engine.data.no_data() if any(m.type == "volume" for m in mounts) else {}
    for operation in operations:
        targets = await _targets(session, found, operation.subject, without, info.root)
        if targets:
            candidates.append((operation, targets))
        elif operation.subject in session.options.backup or found.settings(operation.subject).backup:
            session.warn(BackupNothing(service=operation.subject), operation.subject)
    plan = msgspec.structs.replace(plan, notes=(*plan.notes, *_not_data(found, touched, without)))
    if not candidates:
        return plan
    planned = tuple(_planned(session, found, operation, targets) for operation, targets in candidates)
    if session.attended or any(backup.chosen for backup in planned):  # engines and disks are slow to report sizes
        sized = await sizer(session, local=info.local)
        planned = tuple(
            [
                msgspec.structs.replace(backup, targets=tuple([await sized(target) for target in backup.targets]))
                for backup in planned
            ]
        )
    folder = str(backups.folder_for(state, session.options.backup_dir))
    plan = msgspec.structs.replace(plan, backups=planned, backup_folder=folder)
    return await _announced(session, plan, found)


def _planned(session: Session, found: Survey, operation: Operation, targets: Sequence[DataTarget]) -> PlannedBackup:
    name = operation.subject
    cause, chosen, paths = _cause(session, found, operation)
    wanted = tuple(target for target in targets if target.target in paths) or tuple(targets)
    image_id = found.containers[name][0].image_id
    return PlannedBackup(name, image_id, wanted, cause, chosen=chosen and not session.options.no_backup)


def _cause(session: Session, found: Survey, operation: Operation) -> tuple[Problem, bool, tuple[str, ...]]:
    """Returns the cause of a backup, whether it is chosen by default, and of which paths (empty: all)."""
    name = operation.subject
    settings = found.settings(name)
    if name in session.options.backup:
        return BackupAsked(), True, settings.backup_paths
    if settings.backup is not None:
        return BackupSet() if settings.backup else BackupUnset(), settings.backup, settings.backup_paths
    proposal = suggest.backup_proposals(found.containers[name], found.images).get(name)
    if proposal is not None and isinstance(operation.cause, ImageChanged):
        return proposal.reason, True, proposal.targets
    return BackupPossible(), False, ()


def _not_data(found: Survey, services: Iterable[str], without: Mapping[str, str]) -> list[Problem]:
    """Returns notes on volumes of these services that hold no data."""
    mounts = {m.name: name for name in services for c in found.containers[name] for m in c.mounts if m.name in without}
    return [VolumeNotData(service=name, volume=volume, kind=without[volume]) for volume, name in sorted(mounts.items())]


async def _targets(
    session: Session, found: Survey, name: str, without: Mapping[str, str], root: str
) -> list[DataTarget]:
    """Returns the volumes and bind mounts of a service's containers that are its data."""
    targets: dict[tuple[str, str], DataTarget] = {}
    for container in found.containers[name]:
        for mount in container.mounts:
            if not is_data(mount) or of_engine(mount, root) or mount.name in without:
                continue
            if mount.type == "volume" or await session.engine.data.is_folder(container.id, mount.target):
                targets[mount.target, mount.name] = DataTarget(mount.target, mount.type, mount.name)
    settings = found.settings(name)
    known = dict.fromkeys(target for target, _ in targets)
    for path in settings.backup_paths:
        if path not in known:
            file, line = settings.backup_at
            raise UsageError(BackupPathUnknown(path=path, service=name, file=file, line=line, known=", ".join(known)))
    return list(targets.values())


async def volume_sizes(session: Session) -> dict[str, int]:
    """Returns the bytes of each volume; empty if the engine does not report them."""
    try:
        return await session.engine.data.volume_sizes()
    except EngineError:
        return {}


async def sizer(session: Session, *, local: bool) -> Callable[[DataTarget], Awaitable[DataTarget]]:
    """Returns a function that adds the size to a volume or a folder, as far as it is known."""
    volumes = await volume_sizes(session)

    async def sized(target: DataTarget) -> DataTarget:
        found = volumes.get(target.source, -1)
        if target.type == "bind":
            found = await bytes_in(target.source) if local else -1
        return msgspec.structs.replace(target, size=found)

    return sized


async def bytes_in(folder: str) -> int:
    """Returns the bytes of the files in a folder of this machine; -1 if unreadable, or not within a few seconds.

    A network file system without its server never answers; the walk is then abandoned in its thread.
    """
    over = threading.Event()
    with suppress(TimeoutError):
        return await in_thread_within(_WALK_SECONDS, lambda: _walk(folder, over), over.set)
    return -1


def _walk(folder: str, over: threading.Event) -> int:
    size = 0
    waiting = [folder]
    try:
        while waiting:
            if over.is_set():
                return -1
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        size += entry.stat(follow_symlinks=False).st_size
    except OSError:
        return -1
    return size


async def _announced(session: Session, plan: Plan, found: Survey) -> Plan:
    """Returns the plan with the backups' downtime, and with notes on other writers and on what is not saved."""
    notes = list(plan.notes)
    sources = {target.source: b.service for b in plan.backups if b.chosen for target in b.targets}
    everything = [*(c for entries in found.containers.values() for c in entries), *found.observed.foreign]
    own = {name: {container.id for container in found.containers[name]} for name in sources.values()}
    for container in everything:
        writes = {m.name for m in container.mounts if not m.read_only and container.running}
        for source, service in sources.items():
            if source in writes and container.id not in own[service]:
                notes.append(BackupShared(container=container.name, service=service, source=source))
    for backup in plan.backups:
        if not backup.chosen:
            continue
        container = found.containers[backup.service][0]
        unseen = [t.target for t in backup.targets if not await session.engine.data.sees(container.id, t.target)]
        if unseen:
            notes.append(ExtrasNotSaved(service=backup.service, target=", ".join(unseen)))
    bare = msgspec.structs.replace(plan, backups=())
    plan = msgspec.structs.replace(plan, notes=tuple(notes))
    return with_downtime(with_data(plan, plan.tasks), bare)


def room_problem(session: Session, state: Path, plan: Plan, *, local: bool) -> Problem | None:
    """Returns why the data to be saved cannot be kept: no room, or lost with a restore; raises `StateError`."""
    needed = sum(max(b.size, 0) for b in plan.backups if b.chosen)
    needed += sum(max(r.size, 0) for r in plan.restores if r.chosen)  # replaced data is saved first
    folder = backups.folder_for(state, session.options.backup_dir)
    if not (plan.saved or plan.restored):
        return None
    if session.options.backup_dir:
        refuse_exposed(folder)
    if local and (inside := _inside(session, folder, plan)) is not None:
        return inside
    free = backups.room(folder)
    if free < needed + RESERVE_BYTES:
        return BackupNoRoom(needed=needed + RESERVE_BYTES, free=free, path=str(folder))
    return None


def _inside(session: Session, place: Path, plan: Plan) -> Problem | None:
    """Returns why a restore would delete backups: they lie in a folder that it empties first."""
    restores = [restore for restore in plan.restores if restore.chosen]
    kept = (str(place), str(session.store.folder), *(restore.folder for restore in restores))
    targets = [target for backup in plan.backups if backup.chosen for target in backup.targets]
    targets += [target for restore in restores for target in restore.targets]
    for folder in (target.source for target in targets if target.type == "bind"):
        for path in kept:
            if Path(places.real(path)).is_relative_to(places.real(folder)):
                return BackupInside(path=path, folder=folder)
    return None


async def with_restores(
    session: Session, state: Path, plan: Plan, target: Generation, containers: Mapping[str, Sequence[Container]]
) -> Plan:
    """Returns the plan of a rollback with the restorable data, chosen with `--data`, and what changed since.

    Raises `UsageError` if `--data` is given and there is no backup.
    """
    found = backups.newest(state, target.number)
    wanted = session.options.data
    if wanted and not found:
        raise UsageError(NoBackup(number=target.number))
    restores = []
    for name, backup in found.items():
        looked = wanted or session.attended
        changed, at = await _written(session, backup, containers.get(name, [])) if looked else (-1, "")
        service = target.services.get(name)
        image_id = service.image_id if service else backup.image_id
        targets = tuple(part.target for part in backup.parts)
        restores.append(
            PlannedRestore(name, backup.folder, backup.made_at, backup.size, targets, image_id, wanted, changed, at)
        )
    folder = str(backups.folder_for(state, session.options.backup_dir))
    bare = plan
    plan = msgspec.structs.replace(plan, restores=tuple(restores), backup_folder=folder)
    return with_downtime(with_data(plan, plan.tasks), bare)


async def _written(session: Session, backup: backups.Backup, containers: Sequence[Container]) -> tuple[int, str]:
    for container in containers:
        try:
            return await written_since(session.engine.data, container.id, backup)
        except EngineError:
            continue
    return -1, ""


async def check_restores(state: Path, plan: Plan) -> None:
    """Reads the chosen backups to their end; raises `Refused` if one is damaged."""
    for restore in plan.restores:
        if restore.chosen:
            try:
                await asyncio.to_thread(backups.check, backups.at(state, restore.folder))
            except Ws9tuiError as error:
                raise Refused(error.problem) from error
