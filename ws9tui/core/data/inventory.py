"""The data of a project: everything its containers mount, as the engine reports it, and the project's own folder.

No volume is known by its name here. What belongs to the machine (sockets, clocks, devices, the engine's own folder) is
left out, and reported.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.data.plan import SYSTEM
from ws9tui.core.fs import places
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.model.observed import Container, EngineInfo, Mount
from ws9tui.core.model.plan import DataTarget
from ws9tui.core.session import Session
from ws9tui.core.store.saved import AnonymousMount
from ws9tui.problems.problem import Problem
from ws9tui.problems.saved import (
    LeftOutAway,
    LeftOutLayer,
    LeftOutMissing,
    LeftOutProjectFolder,
    LeftOutSpecial,
    LeftOutSystem,
    LeftOutVolume,
)

_WHOLE = ("/", "/boot", "/etc", "/home", "/lib", "/lib64", "/root", "/sbin", "/bin", "/usr", "/var", "/var/lib")
"""folders that belong to the machine, although subfolders may be a project's"""
_HOMES = "/home"
_MOST_PATHS = 5
_PASSING = re.compile(r"/(?:var/)?(?:run|tmp)/|/(?:dev|proc|sys)/")
"""paths of files that need no backup"""


class Item(msgspec.Struct, frozen=True):
    """A volume, a folder or a single file of data."""

    target: DataTarget
    services: tuple[str, ...] = ()
    place: AnonymousMount | None = None
    file: bool = False
    """whether it is a single file"""
    project: bool = False
    """whether it is a folder of the project itself, or of its product"""
    others: tuple[str, ...] = ()
    """relative paths of folders in it that belong to other projects"""

    @property
    def path(self) -> str:
        """The volume's name, the folder, or the file."""
        return self.target.source


class Inventory(msgspec.Struct, frozen=True):
    """Everything that is saved, and what is left out, with the reasons."""

    items: tuple[Item, ...]
    left_out: tuple[Problem, ...]


async def take(session: Session, found: Survey, info: EngineInfo) -> Inventory:
    """Collects the mounts of all containers of a project, and its folder."""
    mounts: dict[tuple[str, str], Mount] = {}
    services: dict[tuple[str, str], list[str]] = {}
    at: dict[tuple[str, str], Container] = {}
    for name, containers in found.containers.items():
        for container in containers:
            for mount in container.mounts:
                if mount.type not in ("volume", "bind"):
                    continue
                key = (mount.type, mount.name)
                mounts.setdefault(key, mount)
                at.setdefault(key, container)
                if name not in services.setdefault(key, []):
                    services[key].append(name)
    for volume in await session.engine.volumes(found.source.name):  # those of services without a container
        mounts.setdefault(("volume", volume), Mount("volume", volume, ""))
        services.setdefault(("volume", volume), [])
    without = await session.engine.data.no_data() if mounts else {}
    items: list[Item] = []
    left: list[Problem] = []
    for key, mount in mounts.items():
        names = tuple(services[key])
        if mount.type == "volume":
            if mount.name in without:
                told = LeftOutVolume(volume=mount.name, services=", ".join(names), kind=without[mount.name])
                left.append(told)
            else:
                items.append(_volume(mount, names, at.get(key)))
            continue
        item = await _bind(session, mount, names, at[key], info)
        items.append(item) if isinstance(item, Item) else left.append(item)
    folder = found.source.folder
    if not info.local:
        left.append(LeftOutProjectFolder(path=folder))
    elif Path(folder).is_dir():
        real = places.real(folder)
        if is_system(real, info) or str(Path(real).parent) == _HOMES:
            left.append(LeftOutProjectFolder(path=folder))
        else:
            items.insert(0, Item(DataTarget("", "bind", real), project=True))
    more = session.releases.folders(found.source, found.layout) if session.releases is not None and info.local else ()
    items += [Item(DataTarget("", "bind", places.real(path)), project=True) for path in more]
    outermost = tuple(
        msgspec.structs.replace(item, others=others_in(item.path, found.observed.foreign))
        if item.target.type == "bind" and not item.file
        else item
        for item in _outermost(items)
    )
    return Inventory(outermost, tuple(left))


def is_system(path: str, info: EngineInfo) -> bool:
    """Whether a path belongs to the machine and not to a project."""
    owned = (*SYSTEM, *([info.root] if info.root else []))
    return path in _WHOLE or any(path == own or path.startswith(f"{own}/") for own in owned)


def others_in(folder: str, containers: Iterable[Container], known: Iterable[str] = ()) -> tuple[str, ...]:
    """Returns the relative paths of subfolders that are the project folders of these containers.

    ``known`` are further ones.
    """
    found = {*known}
    for container in containers:
        below = container.working_dir.rstrip("/").removeprefix(f"{folder}/")
        if container.project and below and not below.startswith("/"):
            found.add(below)
    return tuple(
        sorted(path for path in found if not any(path.startswith(f"{other}/") for other in found if other != path))
    )


async def own_layers(session: Session, found: Survey) -> list[Problem]:
    """Returns the files that containers have written outside of all mounts, which no backup includes."""
    told: list[Problem] = []
    for name, containers in found.containers.items():
        for container in containers:
            paths = [path for path in await session.engine.changed_files(container.id) if not _passing(path, container)]
            if paths:
                shown = ", ".join(paths[:_MOST_PATHS])
                told.append(LeftOutLayer(service=name, container=container.name, count=len(paths), paths=shown))
    return told


def _passing(path: str, container: Container) -> bool:
    """Whether a changed path of a container needs no backup, or is only a mount point."""
    return _PASSING.match(path) is not None or any(
        mount.target == path or mount.target.startswith(f"{path}/") for mount in container.mounts
    )


def _volume(mount: Mount, services: tuple[str, ...], at: Container | None) -> Item:
    place = AnonymousMount(at.service, at.number, mount.target) if at and mount.anonymous else None
    return Item(DataTarget(mount.target, "volume", mount.name), services, place)


async def _bind(
    session: Session, mount: Mount, services: tuple[str, ...], container: Container, info: EngineInfo
) -> Item | Problem:
    real = places.real(mount.name) if info.local else mount.name
    named = ", ".join(services)
    if is_system(mount.name, info) or is_system(real, info):
        return LeftOutSystem(path=mount.name, services=named)
    mode = 0
    with suppress(PermissionError):  # the engine can see more than this process
        try:
            mode = Path(real).stat().st_mode if info.local else 0
        except (FileNotFoundError, NotADirectoryError):
            return LeftOutMissing(path=mount.name, services=named)
    if not mode:
        if await session.engine.data.is_folder(container.id, mount.target):
            return Item(DataTarget(mount.target, "bind", real), services)
        return LeftOutAway(path=mount.name, services=named)
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        return LeftOutSpecial(path=mount.name, services=named)
    return Item(DataTarget(mount.target, "bind", real), services, file=stat.S_ISREG(mode))


def _outermost(items: Iterable[Item]) -> tuple[Item, ...]:
    """Returns the items without those inside a saved folder, so that each byte is saved once."""
    by_path: dict[tuple[str, str], Item] = {}
    for item in items:
        key = (item.target.type, item.path)
        known = by_path.get(key, item)
        names = tuple(dict.fromkeys((*known.services, *item.services)))
        by_path[key] = msgspec.structs.replace(known, services=names)
    folders = [item.path for item in by_path.values() if item.target.type == "bind" and not item.file]
    return tuple(
        item
        for item in by_path.values()
        if item.target.type == "volume" or not any(item.path.startswith(f"{folder}/") for folder in folders)
    )


def writers(
    items: Iterable[Item], containers: Iterable[Container], ours: Mapping[str, object]
) -> list[tuple[Container, str]]:
    """Returns running containers outside the project that may write to the saved data, each with the mount's source."""
    taken = list(items)
    sources = {item.path for item in taken}
    folders = [f"{item.path}/" for item in taken if item.target.type == "bind" and not item.file]
    found = []
    for container in containers:
        if container.id in ours or not container.running:
            continue
        written = [mount.name for mount in container.mounts if not mount.read_only]
        shared = next((name for name in written if name in sources or name.startswith(tuple(folders))), "")
        if shared:
            found.append((container, shared))
    return found
