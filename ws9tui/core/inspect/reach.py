"""Checks what depends on where this program runs relative to the engine: same machine, another one, a container."""

from __future__ import annotations

import ipaddress
import os
import posixpath
from collections.abc import AsyncIterator, Iterator, Sequence
from urllib.parse import urlsplit

from ws9tui.core.inspect.survey import Survey
from ws9tui.core.model.observed import EngineInfo, Mount
from ws9tui.core.model.project import Service
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.ports import Engine
from ws9tui.problems.problem import Problem
from ws9tui.problems.reach import EngineElsewhere, FolderInside, InsideContainer, ProbeElsewhere, StateInside
from ws9tui.problems.reasons import ForwardingForbidden

_PROBE = 10.0
"""seconds in which a probe over SSH shows whether the server allows forwarding"""


def notes(info: EngineInfo) -> tuple[Problem, ...]:
    """Returns what a plan says about where it will be carried out."""
    return (EngineElsewhere(host=info.host),) if info.elsewhere else ()


def misplaced(info: EngineInfo, source: ProjectSource) -> FolderInside | None:
    """Returns why a project cannot be updated from this container: the engine has its folder elsewhere, or nowhere.

    Compose records the path on each container, and resolves relative mounts against it. None outside a container.
    """
    if info.inside is None or not source.files or not os.path.isdir(source.folder):  # noqa: PTH112 - text
        return None
    there = _there(info, source.folder)
    if there == source.folder:
        return None
    return FolderInside(path=source.folder, there=there or "", folder=there or "")


def findings(info: EngineInfo, found: Survey, chosen: Sequence[str], state: str) -> Iterator[Finding]:
    """Yields notes on where this program runs, and what of these services fails there; ``state``: state directory."""
    for problem in notes(info):
        yield Finding(Level.OK, problem)
    if info.inside is not None:
        yield Finding(Level.OK, InsideContainer(container=info.inside.name))
        if _mount(info, state) is None:
            yield Finding(Level.WARNING, StateInside(path=state))
    for name in chosen:
        for problem in _folders(info, found.source.folder, found.project.services[name]):
            yield Finding(Level.BLOCKING, problem, name)


async def probes(engine: Engine, info: EngineInfo, found: Survey, chosen: Sequence[str]) -> AsyncIterator[Finding]:
    """Yields the probes that would reach another machine than the one on which the engine publishes ports.

    Over SSH the engine's machine can probe instead, unless its server forbids forwarding.
    """
    for name in () if _shares_ports(info) else chosen:
        settings = found.settings(name)
        if not settings.probe or not on_loopback(settings.probe):
            continue
        if info.host.startswith("ssh:"):
            reason = await engine.answers(settings.probe, within=_PROBE)
            if not isinstance(reason, ForwardingForbidden):
                continue
        shown = settings.probe_as_written or settings.probe
        yield Finding(Level.BLOCKING, ProbeElsewhere(service=name, url=shown), name)


def _folders(info: EngineInfo, project: str, service: Service) -> Iterator[Problem]:
    """Yields the folders of this program's container that the service would mount from the engine's machine instead.

    Compose resolves a relative path to a path in this container. A path under no mount and outside the project's folder
    was meant as one of the server's.
    """
    if info.inside is None:
        return
    place = _there(info, project) or ""
    for path in dict.fromkeys((*service.binds, *service.contents)):
        there = _there(info, path)
        inside = there is None and (path == project or path.startswith(project.rstrip("/") + "/"))
        if (inside or (there is not None and there != path)) and path != info.socket:
            yield FolderInside(service=service.name, path=path, there=there or "", folder=place)


def _there(info: EngineInfo, path: str) -> str | None:
    """Returns the engine's path of a path in this container; None if under no mount, empty if in a volume."""
    mount = _mount(info, path)
    if mount is None:
        return None
    rest = path[len(mount.target.rstrip("/")) :]
    return posixpath.join(mount.name, rest.lstrip("/")).rstrip("/") if mount.type == "bind" else ""


def _mount(info: EngineInfo, path: str) -> Mount | None:
    """Returns the innermost mount of this program's container that contains a path, or None."""
    mounts = info.inside.mounts if info.inside is not None else ()
    fitting = [m for m in mounts if path == m.target or path.startswith(m.target.rstrip("/") + "/")]
    return max(fitting, key=lambda mount: len(mount.target), default=None)


def _shares_ports(info: EngineInfo) -> bool:
    """Whether ports that the engine publishes on its loopback interface can be reached on this program's."""
    return not info.elsewhere and (info.inside is None or info.inside.network_mode == "host")


def on_loopback(url: str) -> bool:
    """Whether the host of a URL is the requesting machine itself."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
