"""Checks what a project needs of its host: networks, volumes, paths, container names and ports."""

from __future__ import annotations

import errno
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from ws9tui.core.inspect import networks
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.model import namespaces
from ws9tui.core.model.observed import Container, Network
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.session import Session
from ws9tui.problems import reasons_files
from ws9tui.problems.project import (
    ContentExternal,
    ContentUnset,
    NetworkAmbiguous,
    NetworkMissing,
    NetworkOk,
    PathMissing,
    PortOk,
    PortTaken,
    VolumeMissing,
)
from ws9tui.problems.run import NameTaken
from ws9tui.problems.upgrade import NetworkMade

RESERVE_BYTES = 512 * 1024 * 1024
"""kept free on the engine's disk, so that a rollback always has room"""
RESERVE_INODES = 10_000


async def surroundings(
    session: Session, found: Survey, chosen: Sequence[str], *, local: bool, makes_networks: bool = True
) -> AsyncIterator[Finding]:
    """Yields what these services need besides images and the project's files, and whether it exists or is free.

    ``makes_networks``: whether the run creates missing external networks at a first install.
    """
    there = await session.engine.networks()
    names = {network.name for network in there}
    for name in found.project.external_networks:
        if name in names:
            yield Finding(Level.OK, NetworkOk(network=name))
        elif makes_networks and found.first:
            yield Finding(Level.OK, NetworkMade(network=name))
        else:
            yield Finding(Level.BLOCKING, NetworkMissing(network=name))
    async for finding in lacking(session, found, chosen, local=local):
        yield finding
    for finding in networks.findings(found, chosen, there, await session.compose.version()):
        yield finding
    for finding in contents_missing(found, chosen):
        yield finding
    for finding in namespaces.findings(found.project, found.containers, found.observed.foreign, chosen):
        yield finding
    for name in chosen:
        for other in namesakes(found, name):
            taken = NameTaken(container=other.name, project=other.project, state=other.state, id=other.id[:12])
            yield Finding(Level.BLOCKING, taken, name)
        for finding in ports(found, name, local=local):
            yield finding


async def lacking(session: Session, found: Survey, chosen: Sequence[str], *, local: bool) -> AsyncIterator[Finding]:
    """Yields what these services' containers need, is missing, and is created by neither Compose nor the engine."""
    for finding in ambiguous(found, chosen, await session.engine.networks()):
        yield finding
    mounted = {mount.source for name in chosen for mount in found.project.services[name].mounts or ()}
    if wanted := mounted.intersection(found.project.external_volumes):
        for name in sorted(wanted.difference(await session.engine.volumes())):
            yield Finding(Level.BLOCKING, VolumeMissing(volume=name))
    for name in chosen if local else ():
        service = found.project.services[name]
        for path in dict.fromkeys((*service.contents, *service.required)):
            if _gone(path):
                yield Finding(Level.BLOCKING, PathMissing(service=name, path=path), name)


def contents_missing(found: Survey, chosen: Sequence[str]) -> Iterator[Finding]:
    """Yields unusable secrets and configs, for which Compose creates or starts no container of these services."""
    for name in namespaces.made_anew(found.project, found.containers, chosen):
        idle = found.state(name) == "stopped"
        for content in found.project.services[name].given:
            if not content.variable:
                external = ContentExternal(service=name, kind=content.kind, name=content.name)
                yield Finding(Level.BLOCKING, external, name)
            elif content.variable in found.unset:
                unset = ContentUnset(service=name, kind=content.kind, name=content.name, variable=content.variable)
                yield Finding(Level.WARNING if idle else Level.BLOCKING, unset, name)


def ambiguous(found: Survey, chosen: Sequence[str], there: Sequence[Network]) -> Iterator[Finding]:
    """Yields networks of these services whose name another network has, too: the engine then refuses the name.

    Unused ones can be removed, as long as one remains: one in use, else the project's own.
    """
    everything = [*(c for entries in found.containers.values() for c in entries), *found.observed.foreign]
    used = {network_id for container in everything for network_id in container.networks.values()}
    for name in dict.fromkeys(name for service in chosen for name in found.project.services[service].networks):
        same = sorted((n for n in there if n.name == name), key=lambda n: n.project != found.source.name)
        if len(same) > 1:
            idle = [network.id for network in same if network.id not in used]
            spare = idle if len(idle) < len(same) else idle[1:]
            ids, spare_ids = (", ".join(each[:12] for each in few) for few in ([n.id for n in same], spare))
            yield Finding(Level.BLOCKING, NetworkAmbiguous(network=name, ids=ids, spare=spare_ids))


def _gone(path: str) -> bool:
    """Whether a path does not exist; one that may not be read from here counts as existing for the engine."""
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def namesakes(found: Survey, name: str) -> list[Container]:
    """Returns containers of others that have the name of one of a service's own containers."""
    wanted = found.project.services[name].container_names(found.source.name)
    return [container for container in found.observed.foreign if container.name in wanted]


def ports(found: Survey, name: str, *, local: bool) -> Iterator[Finding]:
    """Yields a service's published ports that are taken, by another container or a process of this machine, or free."""
    ours = {port for entries in found.containers.values() for c in entries if c.running for port in c.ports}
    theirs = {port: c.name for c in found.observed.foreign if c.running for port in c.ports}
    for host, port, protocol in found.project.services[name].ports:
        shown = f"{port}/{protocol}"
        taken = next((by for held, by in theirs.items() if _same_port(held, host, port, protocol)), "")
        if taken:
            yield Finding(Level.BLOCKING, PortTaken(port=shown, by=taken), name)
        elif any(_same_port(held, host, port, protocol) for held in ours):
            yield Finding(Level.OK, PortOk(port=shown), name)
        elif local and found.state(name) in ("absent", "running", "failed") and _in_use(host, port, protocol):
            yield Finding(Level.BLOCKING, PortTaken(port=shown, by=reasons_files.ProgramOfServer()), name)


def _in_use(host: str, port: str, protocol: str) -> bool:
    """Whether a program listens on a port; False for port ranges and for ports that cannot be bound from here."""
    if not port.isdigit() or protocol not in ("tcp", "udp"):
        return False
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    try:
        with socket.socket(family, kind) as probe:  # fails if the machine has no IPv6
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, int(port)))
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def _same_port(held: str, host: str, port: str, protocol: str) -> bool:
    address, _, held_protocol = held.rpartition("/")
    held_host, _, held_port = address.rpartition(":")
    everywhere = ("", "0.0.0.0", "::", "[::]")  # noqa: S104 - compared, not bound
    same_host = held_host == host or held_host in everywhere or host in everywhere
    return held_port == port and held_protocol == protocol and same_host
