"""What a plan reports besides its operations: notes, and irreversible losses."""

from __future__ import annotations

from collections.abc import Sequence

from ws9tui.core.model import namespaces
from ws9tui.core.model.observed import Observed
from ws9tui.core.model.plan import OF_CONTAINERS, Kind, Loss, Operation
from ws9tui.core.model.project import Project
from ws9tui.core.store.generation import Generation
from ws9tui.problems.plan import ImageChanged, ImageOnlyRollback, MaybeOneShot, Orphan, ReplicasDiffered
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import EndedBefore, WasPaused

_STOPPED = (0, 130, 137, 143)
"""exit statuses of a program that was told to stop"""


def notes(
    project: Project,
    desired: Generation,
    before: Generation,
    observed: Observed,
    operations: Sequence[Operation],
    stopped: Sequence[str],
) -> list[Problem]:
    """Returns what the operator should know about the effects of the operations and about what they leave alone."""
    found: list[Problem] = [
        ReplicasDiffered(service=name, reference=was.reference, number=number)
        for name in (operation.subject for operation in operations if operation.kind in OF_CONTAINERS)
        for number, was in ((g.number, g.services.get(name)) for g in (before, desired))
        if was is not None and was.others
    ]
    found += [
        Orphan(container=container.name, service=name)
        for name, containers in observed.containers.items()
        if name not in project.services and name not in stopped
        for container in containers
    ]
    found += [
        WasPaused(service=operation.subject)
        for operation in operations
        if any(container.state == "paused" for container in observed.containers.get(operation.subject, ()))
    ]
    found += [
        EndedBefore(service=operation.subject, exit_code=container.exit_code)
        for operation in operations
        if operation.kind is Kind.PREPARE
        for container in observed.replicas(operation.subject)[:1]
        if container.state == "exited" and container.exit_code not in _STOPPED
    ]
    found += [
        MaybeOneShot(service=name)
        for name in (operation.subject for operation in operations if operation.kind is Kind.PREPARE)
        if all(c.state == "exited" and c.exit_code == 0 for c in observed.containers.get(name, ()))
        and project.services[name].restart in ("", "no", "on-failure")
    ]
    if any(
        mount.type == "volume"
        for operation in operations
        if isinstance(operation.cause, ImageChanged)
        for container in observed.containers.get(operation.subject, ())
        for mount in container.mounts
    ):
        found.append(ImageOnlyRollback())
    return found


def losses(observed: Observed, stopped: Sequence[str]) -> list[Loss]:
    """Returns what no rollback restores: containers outside the project that share a namespace with a stopped one."""
    return [
        Loss(service, namespaces.affected(container, service))
        for container, service in namespaces.strangers(observed.containers, observed.foreign, stopped)
    ]
