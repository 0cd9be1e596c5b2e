"""Containers that share the network, IPC or PID namespace, or the volumes, of other containers.

Compose handles `service:` itself and recreates both services together. It ignores `container:`: a container that joined
a replaced container keeps a network without an interface, and does not start again. Here such services are followers
like any other. Containers of other projects, and of none, are not recreated: they are reported, each with the command
that repairs it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from ws9tui.core.model.observed import Container
from ws9tui.core.model.project import Project, Service
from ws9tui.core.model.terms import Finding, Level
from ws9tui.problems.hanging import (
    ForeignFollower,
    ForeignFollowerLeft,
    InsideById,
    InsideMissing,
    InsideReplaced,
    InsideStopped,
)
from ws9tui.problems.plan import FollowsNetwork
from ws9tui.problems.problem import Problem

Containers = Mapping[str, Sequence[Container]]
"""service → its containers"""
_ID = re.compile(r"[0-9a-f]{64}")


def attached(project: Project, containers: Containers) -> Project:
    """Returns the project with `attached` filled in from its containers: services that joined others' by name or ID."""
    return project.attach({name: _owners(service, project, containers) for name, service in project.services.items()})


def _owners(service: Service, project: Project, containers: Containers) -> list[str]:
    targets = {target for container in containers.get(service.name, ()) for target in container.inside}
    targets.update(service.inside, service.volumes_of)
    return [
        name
        for name in project.services
        if any(container.called(target) for container in containers.get(name, ()) for target in targets)
    ]


def astray(project: Project, name: str, containers: Containers, foreign: Sequence[Container]) -> Problem | None:
    """Returns why a service with the right image and definition must be recreated: the container it joined is gone.

    This happens if a run ended after recreating the leader, or if somebody replaced the leader by hand.
    """
    service = project.services[name]
    leaders = [leader for leader in (*service.joined, *service.attached) if containers.get(leader)]
    there = [*chain.from_iterable(containers[leader] for leader in leaders), *foreign]
    for container in containers.get(name, ()):
        if all(any(other.called(target) for other in there) for target in container.inside):
            continue
        if leaders:
            return FollowsNetwork(service=leaders[0])
        if outside := [other for other in foreign if any(other.called(target) for target in service.inside)]:
            return InsideReplaced(container=outside[0].name, project=outside[0].project)
    return None


def strangers(
    containers: Containers, foreign: Sequence[Container], services: Collection[str]
) -> list[tuple[Container, str]]:
    """Returns the foreign containers that joined a container of these services, each with the service."""
    ours = [(container, name) for name in services for container in containers.get(name, ())]
    return [
        (stranger, leader)
        for stranger in foreign
        if (leader := next((name for container, name in ours if any(map(container.called, stranger.inside))), ""))
    ]


def affected(stranger: Container, service: str) -> ForeignFollower:
    """Returns the note that a foreign container loses its namespace if a service is recreated, with the remedy."""
    told = ForeignFollower(container=stranger.name, project=stranger.project, service=service)
    return told.replace(**_mending(stranger))


def left(stranger: Container) -> ForeignFollowerLeft:
    """Returns the problem that a foreign container has lost its namespace, with the remedy."""
    told = ForeignFollowerLeft(container=stranger.name, project=stranger.project)
    return told.replace(**_mending(stranger))


def _mending(stranger: Container) -> dict[str, str]:
    """Returns the command that moves a foreign container into the new container's namespace.

    A restart suffices if the engine looks the joined container up by name; else Compose can recreate the foreign one.
    For a container made without Compose only its name is returned.
    """
    if not any(_ID.fullmatch(target) for target in stranger.inside):
        return {"command": shlex.join(["docker", "restart", stranger.name])}
    files = [file for file in stranger.config_files if file.startswith("/")]
    if not files or not stranger.service:
        return {"name": shlex.quote(stranger.name)}
    words = ["docker", "compose", "-p", stranger.project, "--project-directory", stranger.working_dir]
    words += chain.from_iterable(("-f", file) for file in files)
    words += chain.from_iterable(("--env-file", file) for file in stranger.environment_files)
    return {"command": shlex.join([*words, "up", "-d", "--no-deps", "--force-recreate", stranger.service])}


def made_anew(project: Project, containers: Containers, chosen: Sequence[str]) -> list[str]:
    """Returns these services and those that are recreated with them."""
    followers = attached(project, containers).followers(chosen)
    return [*chosen, *(name for name, (_, anew) in followers.items() if anew)]


def findings(
    project: Project, containers: Containers, foreign: Sequence[Container], chosen: Sequence[str]
) -> Iterator[Finding]:
    """Yields what prevents these services and their followers from joining the containers that they name."""
    touched = made_anew(project, containers, chosen)
    project = attached(project, containers)
    everything = [*chain.from_iterable(containers.values()), *foreign]
    for name in touched:
        service = project.services[name]
        idle = bool(containers.get(name)) and not any(container.running for container in containers[name])
        for target in (*service.inside, *service.volumes_of):
            there = next((container for container in everything if container.called(target)), None)
            if there is None and project.owner(target) not in touched:
                yield Finding(
                    Level.WARNING if idle else Level.BLOCKING, InsideMissing(service=name, container=target), name
                )
            elif there is None or there not in foreign:
                if there is not None and there.service in touched and there.name != target:
                    by_id = InsideById(service=name, container=target, leader=there.service, name=there.name)
                    yield Finding(Level.BLOCKING, by_id, name)
            elif not there.running and target in service.inside and not idle:
                halted = InsideStopped(service=name, container=target, project=there.project)
                yield Finding(Level.BLOCKING, halted, name)
