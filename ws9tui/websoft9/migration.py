"""Recognises a migration to the modern layout that has stopped half-way, and assesses one that has not begun.

Websoft9's own script migrates in stages: 2 backup, 3 files, 4 pull, 5 stop, 6 copy, 7 start, 8 to 10 checks, 11 removal
of the legacy installation. ws9tui migrates nothing. Volumes are known by the containers that mount them, never by name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from ws9tui.core.fs import files
from ws9tui.core.model import version
from ws9tui.core.model.observed import Container, Host
from ws9tui.core.model.terms import Finding, Level
from ws9tui.problems import migration as told
from ws9tui.problems.problem import Problem
from ws9tui.websoft9 import composefile, upstream
from ws9tui.websoft9.layout import STACK, USUAL_FOLDERS, Installation, Layout

NEWEST = "2.2.19"
"""the last version of the legacy layout"""
SAME_COMPONENTS = "2.2.16"
"""the first legacy version with the Portainer, Gitea and proxy of the modern layout"""
BACKUPS = "/var/lib/websoft9/backups"
_UNITS = "/etc/systemd/system"
_CONSOLE_PORT = "9000"
_ROLES = {
    ("apphub", "/var/log/supervisor"): "apphub_logs",
    ("apphub", "/websoft9/apphub/src/config"): "apphub_config",
    ("deployment", "/data"): "portainer",
    ("git", "/data"): "gitea",
    ("proxy", "/data"): "nginx_data",
    ("proxy", "/etc/letsencrypt"): "nginx_letsencrypt",
}
"""service and mount path → the volume's role in the migration; other volumes are known by their names only"""
_COMPOSE = "/data/compose"
_LOST = ("apphub_media", "nginx_modsec", "nginx_var")


class Traces(msgspec.Struct, frozen=True):
    """The traces of a migration on this host besides containers and volumes."""

    folder: str = ""
    """the folder of the modern layout's files; empty if there are none"""
    copied: bool = False
    """whether the modern layout's data root has data"""
    backup: str = ""
    """the last backup of upstream's script"""
    units: tuple[str, ...] = ()
    """units of the legacy layout that start at the next boot"""


def traces() -> Traces:
    """Finds the traces at the paths that upstream's script uses."""
    folder = Path(USUAL_FOLDERS["modern"])
    has_files = any(files.is_file(folder / name) for name in composefile.NAMES)
    data = Path(composefile.env_of(folder).get("WEBSOFT9_DATA_ROOT") or folder / "data")
    backups = sorted(_glob(Path(BACKUPS), "legacy-migration-*"))
    units = {
        path.name for path in _glob(Path(_UNITS), "*.wants/*") if path.name in ("websoft9.service", "cockpit.socket")
    }
    return Traces(
        str(folder) if has_files else "",
        any(files.exists(data / name) for name in ("gitea", "portainer")),
        str(backups[-1]) if backups else "",
        tuple(sorted(units)),
    )


def stage(found: Layout, host: Host, left: Traces) -> Problem | None:
    """Returns the stage at which a migration has stopped; None if there is no sign of one."""
    here = {one.kind: _containers(one, host) for one in found.installations if one.has_containers}
    old, new = here.get("legacy", []), here.get("modern", [])
    runs = any(one.running for one in old)
    names = ", ".join(one.name for one in _in_order(old))
    if old and not new:
        if not (left.folder or left.backup):
            return None
        if runs:
            return told.MigrationPrepared(folder=left.folder, backup=left.backup)
        number = 6 if left.copied else 5
        return told.MigrationStopped(stage=number, containers=names, units=", ".join(left.units), backup=left.backup)
    if old and new:
        modern = new[0].name
        left_over = {one.service for one in old}
        missing = ", ".join(name for name in composefile.LEGACY_SERVICES if name not in left_over)
        if missing:
            return told.MigrationPurging(modern=modern, missing=missing, backup=left.backup)
        if runs:
            return told.MigrationBoth(modern=modern, containers=names, backup=left.backup)
        stages = "8 to 10" if any(one.running for one in new) else "7"
        return told.MigrationHalf(stage=stages, modern=modern, containers=names, backup=left.backup)
    mounted = {mount.name for container in host.containers for mount in container.mounts}
    unused = sorted(set(host.own_volumes) - mounted)
    return told.MigrationLeft(volumes=", ".join(unused), backup=left.backup) if new and unused else None


def assessment(
    installation: Installation, host: Host, sizes: Mapping[str, int], free: Mapping[str, tuple[int, int]]
) -> Iterator[Finding]:
    """Yields what a migration of a legacy installation would copy, lose and need.

    ``sizes`` are the bytes of volumes and folders, ``free`` the paths that the migration fills: path → (device, free
    bytes).
    """
    older = version.compare(installation.version, SAME_COMPONENTS)
    if older is not None and older < 0:
        yield Finding(Level.WARNING, told.MigrationBridge(version=installation.version, newest=NEWEST))
    volumes = roles(_containers(installation, host), installation.project)
    for role, volume in volumes.items():
        if role not in _LOST:
            known = sizes.get(volume, -1)
            yield Finding(Level.OK, told.MigrationVolume(role=role, volume=volume, size=known if known >= 0 else None))
        taken = upstream.taken_for(role, host.volumes) if role in upstream.ROLES else volume
        if taken not in ("", volume):
            yield Finding(Level.WARNING, told.MigrationWrongVolume(role=role, volume=volume, taken=taken))
    containers = _containers(installation, host)
    yield from _room([*volumes.values(), *_stacks(containers)], sizes, free)
    if names := upstream.removed(containers, host.containers, host.volumes):
        yield Finding(Level.WARNING, told.MigrationRemoves(names=", ".join(names)))
    lost = ", ".join(volume for role, volume in volumes.items() if role in _LOST)
    yield Finding(Level.WARNING, told.MigrationLost(volumes=lost))
    if projects := _with_relative_binds(host.containers):
        yield Finding(Level.WARNING, told.MigrationBinds(projects=", ".join(projects)))
    port = composefile.env_of(installation.folder).get("CONSOLE_PORT", _CONSOLE_PORT)
    yield Finding(Level.WARNING, told.MigrationHttps(port="" if port == _CONSOLE_PORT else port))
    yield Finding(Level.WARNING, told.MigrationSave(project=installation.project))


def roles(containers: Sequence[Container], project: str) -> dict[str, str]:
    """Returns role → volume for a legacy installation's migration, by the containers' mounts."""
    found: dict[str, str] = {}
    for container in _in_order(containers):
        for mount in container.mounts:
            if mount.type == "volume" and not mount.anonymous:
                role = _ROLES.get((container.service, mount.target)) or mount.name.removeprefix(f"{project}_")
                found.setdefault(role, mount.name)
    return found


def places() -> dict[str, tuple[int, int]]:
    """Returns the paths that a migration fills: path → (device, free bytes); unreadable ones are left out."""
    found: dict[str, tuple[int, int]] = {}
    for path in (USUAL_FOLDERS["modern"], BACKUPS):
        there = next(folder for folder in (Path(path), *Path(path).parents) if files.exists(folder))
        try:
            room = os.statvfs(there)
            found[path] = (there.stat().st_dev, room.f_bavail * room.f_frsize)
        except OSError:
            continue
    return found


def _stacks(containers: Sequence[Container]) -> list[str]:
    """Returns the folder with the files of all applications, which Portainer mounts."""
    return [m.name for one in containers for m in one.mounts if m.type == "bind" and m.target == _COMPOSE]


def _room(places: Sequence[str], sizes: Mapping[str, int], free: Mapping[str, tuple[int, int]]) -> Iterator[Finding]:
    """Checks free space: backup and copy each need the total size of ``places``, added up if on one file system."""
    unknown = [place for place in places if sizes.get(place, -1) < 0]
    if unknown or not free:
        yield Finding(Level.WARNING, told.MigrationRoomUnknown(volumes=", ".join(unknown)))
        return
    size = sum(sizes[place] for place in places)
    by_device: dict[int, list[str]] = {}
    for path, (device, _) in free.items():
        by_device.setdefault(device, []).append(path)
    for paths in by_device.values():
        needed, left = size * len(paths), free[paths[0]][1]
        enough = needed <= left
        kind = told.MigrationRoom if enough else told.MigrationNoRoom
        yield Finding(Level.OK if enough else Level.WARNING, kind(path=", ".join(paths), needed=needed, free=left))


def _with_relative_binds(containers: Sequence[Container]) -> list[str]:
    """Returns the Portainer stacks that bind-mount folders beside their Compose file."""
    return sorted(
        {
            one.project
            for one in containers
            if STACK.fullmatch(one.working_dir.rstrip("/"))
            and any(m.type == "bind" and m.name.startswith(f"{one.working_dir.rstrip('/')}/") for m in one.mounts)
        }
    )


def _containers(installation: Installation, host: Host) -> list[Container]:
    return [
        one
        for one in host.containers
        if one.project == installation.project and one.service in installation.services and not one.oneoff
    ]


def _in_order(containers: Sequence[Container]) -> list[Container]:
    """Sorts containers so that dependencies come first: AppHub depends on the other three."""
    return sorted(containers, key=lambda one: (one.service == "apphub", one.service))


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except OSError:
        return []
