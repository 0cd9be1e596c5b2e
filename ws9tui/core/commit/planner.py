"""Makes plans: a pure function of the desired generation and the observed state."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from ws9tui.core.commit import notes
from ws9tui.core.model import namespaces
from ws9tui.core.model.evidence import shown_version
from ws9tui.core.model.observed import Container, Image, Observed
from ws9tui.core.model.plan import OF_CONTAINERS, Binding, Kind, Operation, Plan
from ws9tui.core.model.project import Project, Service
from ws9tui.core.model.reference import Reference
from ws9tui.core.store.generation import Generation, GenerationService
from ws9tui.problems.hanging import MountedImageMoved
from ws9tui.problems.plan import (
    ContentChanged,
    EnvFileChanges,
    FollowsNetwork,
    FollowsRestart,
    ImageChanged,
    ImageLabelChanged,
    NotInGeneration,
    NotThere,
    SharesImage,
    StopUnderWay,
    TagMoves,
    Twin,
    VariableChanges,
    WasRunning,
    WasStopped,
)
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import DefinitionChanged
from ws9tui.problems.upgrade import NetworkMade

START_SECONDS = 2.0
"""estimated seconds until a container is reachable again after its stop; measured values replace the estimate"""


class PlannedWrite(msgspec.Struct, frozen=True):
    """A file to be written, the cause, and the file's current hash (empty if it does not exist)."""

    path: str
    cause: Problem
    before: str
    lines: tuple[str, ...] = ()
    """the changed lines, as '-old' and '+new'"""


def make(
    project: Project,
    desired: Generation,
    before: Generation,
    observed: Observed,
    scope: Sequence[str],
    changes: Sequence[PlannedWrite] = (),
    *,
    downtime: Mapping[str, float] | None = None,
    stale: Collection[str] = (),
    explained: Mapping[str, Problem] | None = None,
    networks: Sequence[str] = (),
) -> Plan:
    """Returns the plan that brings the services in ``scope``, and their followers, to the desired generation.

    ``desired`` gives each service's image, definition hash and state; ``before`` their current values. ``stale`` are
    the services whose configs or secrets have changed since their containers were created, ``explained`` gives the
    cause of a changed definition where it is known; ``networks`` are the external networks to be created.
    """
    project = namespaces.attached(project, observed.containers)
    paths = {change.path for change in changes}
    stale = {*stale, *(name for name, service in project.services.items() if paths.intersection(service.contents))}
    causes = {
        name: _cause(desired.services[name], observed, stale, explained or {}, _redefined(name, desired, before))
        or namespaces.astray(project, name, observed.containers, observed.foreign)
        for name in scope
        if name in desired.services and name in project.services  # orphans are neither created nor changed
    }
    halted = _halted(project, causes, desired, observed)
    causes |= dict.fromkeys(halted)
    restarts: dict[str, Problem] = {name: StopUnderWay(service=name) for name in halted}
    leaders = _sharing(
        project, desired, before, observed, [name for name in causes if causes[name] is not None], changes
    )
    for name, (leader, cause) in leaders.items():
        causes[name] = causes.get(name) or cause(service=leader)
    moved = [
        name
        for name, cause in causes.items()
        if observed.containers.get(name) and not _stays(project.services[name], cause)
    ]
    followers = {name: leader for name, (leader, _) in leaders.items() if name not in scope}
    for name, (leader, anew) in project.followers(moved).items():
        if name in causes and causes[name] is not None:
            continue
        if not observed.replicas(name):
            continue
        if anew:
            causes[name] = FollowsNetwork(service=leader)
        elif any(container.running for container in observed.containers[name]) and not (
            name in causes and _state_differs(desired, name, observed)  # it will be stopped
        ):
            restarts.setdefault(name, FollowsRestart(service=leader))
        if name not in scope and (anew or name in restarts):
            followers[name] = leader
    begun = [name for name in causes if name in halted or _to_be_started(desired, name, observed)]
    for name, (leader, _) in project.followers(begun).items():
        running = any(container.running for container in observed.containers.get(name, ()))
        stays = running and _stays(project.services[name], causes.get(name))
        if not stays or name in restarts or _state_differs(desired, name, observed):
            continue
        restarts[name] = FollowsRestart(service=leader)
        causes.pop(name, None)
        if name not in scope:
            followers[name] = leader
    made = [Operation(Kind.NETWORK, name, NetworkMade(network=name)) for name in networks]
    writes = [Operation(Kind.WRITE, change.path, change.cause, detail=change.lines) for change in changes]
    first = [*writes, *made, *_tags(desired, [*causes, *leaders], observed)]
    operations: list[Operation] = []
    touched = [name for name, cause in causes.items() if cause is not None or _state_differs(desired, name, observed)]
    for wave, names in enumerate(project.waves([*touched, *restarts]), start=1):
        for name in names:
            operation = (
                Operation(Kind.RESTART, name, restarts[name], wave, _names(name, observed))
                if name in restarts and causes.get(name) is None
                else _operation(project, desired.services[name], causes.get(name), observed, wave)
            )
            operations.append(operation)
    operations += _removals(desired, before, observed)
    operations = [*first, *_twins([op.subject for op in operations], observed), *operations]
    stopped = [op.subject for op in operations if op.kind in (Kind.RECREATE, Kind.RESTART, Kind.REMOVE, Kind.STOP)]
    away = [op.subject for op in operations if op.containers]
    measured = downtime or {}
    return Plan(
        before.number,
        desired.number,
        tuple(operations),
        followers,
        tuple(notes.losses(observed, stopped)),
        tuple(notes.notes(project, desired, before, observed, operations, stopped)),
        {name: measured.get(name, _grace(name, observed)) for name in away},
        measured=bool(away) and all(name in measured for name in away),
        binding=_binding(desired, observed, operations, changes),
    )


def _cause(
    service: GenerationService,
    observed: Observed,
    stale: Collection[str],
    explained: Mapping[str, Problem],
    redefined: bool,
) -> Problem | None:
    """Returns why a service's container must be recreated; None if it is up to date.

    ``redefined``: its definition differs between the two generations, for services whose hash cannot be compared.
    """
    found = observed.containers.get(service.name, ())
    present = observed.replicas(service.name)
    if service.state == "absent":
        return NotInGeneration() if found else None
    if not present:
        return NotThere() if service.replicas else None
    for container in present:
        if service.image_id and not service.runs_in(container):
            old, new = observed.images.get(container.image_id), observed.images.get(service.image_id)
            return ImageChanged(
                old=container.image,
                new=service.reference,
                old_id=container.image_id,
                new_id=service.image_id,
                old_version=_version(old, container.image, observed),
                new_version=service.version or _version(new, service.reference, observed),
            )
        if service.image_id and container.image_label not in ("", service.image_id, container.manifest):
            return ImageLabelChanged()
        if service.config_hash and container.config_hash and container.config_hash != service.config_hash:
            return explained.get(service.name) or DefinitionChanged(service=service.name)
        another = redefined and container.config_hash not in ("", service.made)
        if not service.config_hash and (another or service.name in explained):
            return explained.get(service.name) or DefinitionChanged(service=service.name)
        if (moved := _mount_moved(service, container)) is not None:
            return moved
    twin = next((container for container in found if container.twin), None)
    if twin is not None:
        return Twin(container=twin.name)
    return ContentChanged(service=service.name) if service.name in stale else None


def _stays(service: Service, cause: Problem | None) -> bool:
    """Whether a service's container is kept: after the removal of a twin Compose only starts it, unless forced."""
    return cause is None or (isinstance(cause, Twin) and not (service.inside or service.attached))


def _halted(
    project: Project, causes: Mapping[str, Problem | None], desired: Generation, observed: Observed
) -> list[str]:
    """Returns the services that would stay unchanged but of which the engine is stopping a container."""
    return [
        name
        for name, cause in causes.items()
        if _stays(project.services[name], cause) and desired.services[name].state in ("running", "completed")
        if any(container.id in observed.stopping for container in observed.containers.get(name, ()))
    ]


def _mount_moved(service: GenerationService, container: Container) -> Problem | None:
    """Returns a problem if a container mounts another image than the desired one; Compose compares digests."""
    for mount in container.mounts:
        used, noted = service.used.get(Reference(mount.name)), container.mounted_images.get(mount.target, "")
        if mount.type == "image" and used is not None and noted and not used.mounted_as(noted):
            return MountedImageMoved(reference=mount.name, target=mount.target)
    return None


def _sharing(
    project: Project,
    desired: Generation,
    before: Generation,
    observed: Observed,
    moved: Sequence[str],
    changes: Sequence[PlannedWrite],
) -> dict[str, tuple[str, type[SharesImage | EnvFileChanges | VariableChanges]]]:
    """Returns services that a plain `up` would recreate because of others: name → (the other service, cause).

    They use a reference whose tag moves, an env file that is edited, or a variable in one; left out, they would remain
    as drift.
    """
    found: dict[str, tuple[str, type[SharesImage | EnvFileChanges | VariableChanges]]] = {}
    edited = {change.path for change in changes}
    for name, service in project.services.items():
        if name in moved or not observed.replicas(name):
            continue
        for leader in moved:
            other = desired.services[leader]
            tag = other.reference.tagged
            if tag and service.reference.tagged == tag and other.image_id:
                if any(not other.runs_in(container) for container in observed.containers[name]):
                    found[name] = (leader, SharesImage)
                break
        wanted = desired.services.get(name)
        if moved and wanted and any(_mount_moved(wanted, container) for container in observed.containers[name]):
            found.setdefault(name, (moved[0], SharesImage))
        if name not in found and edited.intersection(service.env_files) and moved:
            found[name] = (moved[0], EnvFileChanges)
        if name not in found and moved and _defined_anew(name, desired, before, observed):
            found[name] = (moved[0], VariableChanges)
    return found


def _defined_anew(name: str, desired: Generation, before: Generation, observed: Observed) -> bool:
    """Whether a service gets another definition, which its containers do not have yet."""
    if name not in desired.services or name not in before.services:
        return False
    wanted = desired.services[name].config_hash
    if not wanted:
        return _redefined(name, desired, before)
    return wanted != before.services[name].config_hash and any(
        container.config_hash not in ("", wanted) for container in observed.containers[name]
    )


def _redefined(name: str, desired: Generation, before: Generation) -> bool:
    """Whether the definition of a service without a comparable hash differs between the two generations.

    False across Compose versions, which may hash the same definition differently.
    """
    if name not in before.services or desired.services[name].config_hash:
        return False
    was, wanted = before.services[name].definition, desired.services[name].definition
    return "" not in (was, wanted) and was != wanted and desired.compose_version == before.compose_version


def _tags(desired: Generation, names: Sequence[str], observed: Observed) -> list[Operation]:
    operations: dict[str, Operation] = {}
    for name in names:
        service = desired.services.get(name)
        images = {reference: used.image_id for reference, used in service.used.items()} if service else {}
        if service:
            images[service.reference] = service.image_id
        for reference, image_id in images.items():
            tag = reference.tagged
            if not tag or not image_id or observed.tags.get(tag) == image_id:
                continue
            old = observed.tags.get(tag, "")
            cause = TagMoves(reference=tag, old=old, new=image_id)
            operations[tag] = Operation(Kind.TAG, tag, cause, detail=(image_id,), before=old)
    return list(operations.values())


def _twins(services: Sequence[str], observed: Observed) -> list[Operation]:
    """Returns the operations on half-created containers of these services, which precede all others on them."""
    operations = []
    for name in services:
        names = {container.name for container in observed.containers.get(name, ())}
        for twin in (container for container in observed.containers.get(name, ()) if container.twin):
            kind = Kind.REMOVE_TWIN if twin.own_name in names else Kind.RENAME_TWIN
            operations.append(Operation(kind, twin.name, Twin(), detail=(twin.own_name,)))
            names.add(twin.own_name)
    return operations


def _operation(
    project: Project, service: GenerationService, cause: Problem | None, observed: Observed, wave: int
) -> Operation:
    present = observed.replicas(service.name)
    names = _names(service.name, observed)
    if cause is None:
        if service.state in ("running", "completed"):
            return Operation(Kind.START, service.name, WasRunning(), wave)
        return Operation(Kind.STOP, service.name, WasStopped(), wave, names)
    if service.state == "absent":
        return Operation(Kind.REMOVE, service.name, cause, wave, names)
    model = project.services[service.name]
    force = isinstance(cause, ContentChanged) or bool(present and (model.inside or model.attached))
    if service.state == "stopped":
        return Operation(Kind.PREPARE, service.name, cause, wave, names, force=force)
    kind = Kind.RECREATE if present else Kind.CREATE
    return Operation(kind, service.name, cause, wave, names, force=force)


def _state_differs(desired: Generation, name: str, observed: Observed) -> bool:
    service = desired.services.get(name)
    present = observed.replicas(name)
    if service is None or not present:
        return False
    running = any(container.running for container in present)
    if service.state == "completed":  # an interrupted recreate left it unstarted, or ended it
        return not running and any(c.state == "created" or c.exit_code != 0 for c in present)
    return (service.state == "running" and not running) or (service.state == "stopped" and running)


def _to_be_started(desired: Generation, name: str, observed: Observed) -> bool:
    return desired.services[name].state == "running" and _state_differs(desired, name, observed)


def _removals(desired: Generation, before: Generation, observed: Observed) -> list[Operation]:
    """Returns removals of services that only the present generation defines; orphans stay."""
    return [
        Operation(Kind.REMOVE, name, NotInGeneration(), 0, _names(name, observed))
        for name in before.services
        if name in before.project.services and name not in desired.services and observed.containers.get(name)
    ]


def _binding(
    desired: Generation, observed: Observed, operations: Sequence[Operation], changes: Sequence[PlannedWrite]
) -> Binding:
    names = [op.subject for op in operations if op.kind in OF_CONTAINERS]
    services = [desired.services[name] for name in names if name in desired.services]
    return Binding(
        images={service.name: service.image_id for service in services if service.image_id},
        digests={service.name: service.digest for service in services if service.digest},
        hashes={service.name: service.config_hash for service in services if service.config_hash},
        files={change.path: change.before for change in changes},
        containers={c.id: c.image_id for name in names for c in observed.containers.get(name, ())},
    )


def _names(service: str, observed: Observed) -> tuple[str, ...]:
    """Returns the names of a service's running containers, which the operation stops."""
    return tuple(container.name for container in observed.containers.get(service, ()) if container.running)


def _grace(name: str, observed: Observed) -> float:
    """Returns the estimated downtime in seconds; the stop timeout is the container's own, not the new definition's."""
    return START_SECONDS + max(container.grace for container in observed.containers[name] if container.running)


def _version(image: Image | None, reference: Reference, observed: Observed) -> str:
    return shown_version(image, reference, observed.images.values()) if image else ""
