"""Compares mounts: finds the data of a container that its successor would no longer see.

Compose creates the new container with the mounts in the current files; the data at the old place stays there unused.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from ws9tui.core.data.plan import is_data, of_engine
from ws9tui.core.model.observed import Container, Mount
from ws9tui.core.model.options import Options
from ws9tui.core.model.plan import Loss, Plan
from ws9tui.core.model.project import Mounted, Service
from ws9tui.problems.plan import DataLeftBehind, MountChanged, MountGone
from ws9tui.problems.problem import Problem, Reason
from ws9tui.problems.reasons_files import MountOfKind, UnnamedVolume

UNKNOWN = "unknown"
"""fact of a loss: the content of the new place is unknown"""


def left(
    service: Service, containers: Sequence[Container], volumes: Mapping[str, int], *, local: bool, root: str = ""
) -> list[Loss]:
    """Returns the data that a recreate leaves behind, each with what is mounted in its place.

    ``volumes`` are the existing ones with their bytes, -1 if unknown; ``local``: whether the engine's paths are this
    machine's. Mounts below the engine's data ``root`` do not count as a container's data.
    """
    if service.mounts is None or service.volumes_from:
        return []
    wanted = {os.path.normpath(mounted.target): mounted for mounted in service.mounts}
    found: dict[tuple[str, str], Loss] = {}
    for container in containers:
        for mount in container.mounts:
            new = wanted.get(os.path.normpath(mount.target))
            if container.twin or not is_data(mount) or of_engine(mount, root):
                continue
            if _same(mount, new, local=local) or _gone(mount, local=local):
                continue
            if (mount.target, mount.name) not in found:
                found[mount.target, mount.name] = _loss(service, mount, new, volumes, local=local)
    return list(found.values())


def not_agreed(plan: Plan, options: Options) -> Problem | None:
    """Returns the problem of data that would be left behind without consent by name; None if there is none."""
    missing = [consent for consent in plan.consents if consent not in options.leave_data]
    if not missing:
        return None
    flags = " ".join(f"--leave-data {shlex.quote(consent)}" for consent in missing)
    return DataLeftBehind(mounts=", ".join(missing), flags=flags)


def _same(mount: Mount, new: Mounted | None, *, local: bool) -> bool:
    """Whether the new container sees the same data at the same path; Compose hands anonymous volumes on."""
    if new is None:
        return mount.anonymous
    if mount.type != new.type or mount.subpath != new.subpath:
        return False
    if mount.type == "volume":
        return mount.name == new.source or (mount.anonymous and not new.source)
    one, other = os.path.normpath(mount.name), os.path.normpath(new.source)
    return one == other or (local and os.path.realpath(one) == os.path.realpath(other))


def _gone(mount: Mount, *, local: bool) -> bool:
    """Whether a bind mount's folder is missing or empty, so that there is no data to lose."""
    return mount.type == "bind" and local and _content(mount.name) in ("missing", "empty")


def _loss(service: Service, mount: Mount, new: Mounted | None, volumes: Mapping[str, int], *, local: bool) -> Loss:
    before = UnnamedVolume(subpath=mount.subpath) if mount.anonymous else _with(mount.name, mount.subpath)
    if new is None:
        elsewhere = next((m.target for m in service.mounts or () if (m.type, m.source) == (mount.type, mount.name)), "")
        gone = MountGone(service=service.name, target=mount.target, old=before, elsewhere=elsewhere)
        return _asked(gone, mount, asked=not elsewhere)
    state = "missing" if new.type in ("tmpfs", "image") else UNKNOWN
    if new.type == "volume":
        size = volumes.get(new.source)
        state = "missing" if size is None else UNKNOWN if size < 0 or new.subpath else "other" if size else "empty"
    elif new.type == "bind" and local:
        state = _content(new.source)
    place: Reason | str = _with(new.source, new.subpath)
    if not new.source:
        unnamed = new.type == "volume"
        place = UnnamedVolume(subpath=new.subpath) if unnamed else MountOfKind(kind=new.type, subpath=new.subpath)
    changed = MountChanged(service=service.name, target=mount.target, old=before, new=place)
    return _asked(changed.replace(**{state: "yes"}), mount, asked=state != "other")


def _asked(problem: MountGone | MountChanged, mount: Mount, *, asked: bool) -> Loss:
    """Returns the loss, with the required consent if data would be missing."""
    if not asked:
        return Loss(problem.service, problem)
    consent = f"{problem.service}:{mount.target}"
    return Loss(problem.service, problem.replace(agree=shlex.quote(consent)), consent=consent)


def _with(place: str, subpath: str) -> str:
    return f"{place} ({subpath})" if subpath else place


def _content(path: str) -> str:
    """Returns the state of a path of this machine: `missing`, `empty`, `other`, or `UNKNOWN`."""
    place = Path(path)
    try:
        if not place.exists():
            return "missing"
        return "empty" if place.is_dir() and not any(place.iterdir()) else "other"
    except OSError:
        return UNKNOWN
