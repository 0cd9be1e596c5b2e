"""Further services to name to Compose, so that recreated containers get the same labels as from a plain `up`.

Compose omits services that are not named from a container's dependency label, which determines the stop order when the
project's files are not available. Only services that Compose would leave unchanged may be named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ws9tui.core.inspect.gate import dependency_met
from ws9tui.core.model.observed import Container, Observed
from ws9tui.core.model.project import Dependency, Project


class Beside(msgspec.Struct, frozen=True):
    """Services that may be named."""

    names: tuple[str, ...] = ()
    still: bool = True
    """whether starting leaves them unchanged as well: they run and meet the conditions of their dependents"""


def find(
    project: Project,
    services: Sequence[str],
    observed: Observed,
    hashes: Mapping[str, str],
    counts: Mapping[str, int],
    known: Sequence[str],
    *,
    force: bool,
) -> Beside:
    """Returns the dependencies of these services that Compose would leave unchanged, each with its own dependencies.

    Without its own dependencies, Compose up to 2.26 would see another definition of a service and recreate it.
    ``hashes`` are the definitions' config hashes, ``counts`` the containers per service, and ``known`` the services
    whose containers have the right definition although no hash proves it. With ``force`` Compose recreates every named
    service: the result is then empty unless all dependencies would be left unchanged.
    """

    def left_alone(name: str) -> bool:
        return (
            _settled(project, name, observed, hashes, known=name in known)
            and not project.providers([name])  # Compose recreates one with a provider's variables when it is named
            and len(observed.containers[name]) == counts.get(name, project.services[name].replicas)
        )

    names: dict[str, None] = {}
    for other in _needs(project, services):
        company = _with_needs(project, other, services)
        if all(left_alone(name) for name in company):
            names.update(dict.fromkeys(company))
    if force:
        complete = _needs(project, services).keys() <= names.keys()
        return Beside(tuple(names) if complete else (), still=False)
    still = all(
        container.running and dependency_met(dependency.condition, container)
        for name in (*services, *names)
        for other, dependency in _needs(project, [name]).items()
        if other in names
        for container in observed.containers[other]
    )
    return Beside(tuple(names), still)


def company(project: Project, services: Sequence[str]) -> set[str]:
    """Returns the direct and transitive dependencies of these services: all that may be named with them."""
    return {name for other in _needs(project, services) for name in _with_needs(project, other, services)}


def _needs(project: Project, services: Sequence[str]) -> dict[str, Dependency]:
    """Returns the dependencies of these services apart from each other and from providers, which have no containers."""
    return {
        other: model.depends_on.get(other, Dependency())
        for model in (project.services[name] for name in services if name in project.services)
        for other in model.before
        if other in project.services and other not in services and not project.services[other].provider
    }


def _with_needs(project: Project, name: str, services: Sequence[str]) -> list[str]:
    """Returns a service and its transitive dependencies, excluding these services."""
    found = {name: None}
    queue = [name]
    while queue:
        fresh = [other for other in _needs(project, [queue.pop()]) if other not in services and other not in found]
        found.update(dict.fromkeys(fresh))
        queue += fresh
    return list(found)


def _settled(project: Project, name: str, observed: Observed, hashes: Mapping[str, str], *, known: bool) -> bool:
    """Whether Compose has nothing to do for a service: its containers, definition and image are up to date."""
    found = observed.containers.get(name, ())
    defined = known or name in hashes
    return (
        bool(found) and defined and all(_as_defined(project, name, container, observed, hashes) for container in found)
    )


def _as_defined(
    project: Project, name: str, container: Container, observed: Observed, hashes: Mapping[str, str]
) -> bool:
    reference = project.services[name].reference
    tag = reference.tagged
    image = observed.images.get(observed.tags.get(tag, "") if tag else container.image_id)
    return (
        image is not None
        and (container.runs(image) if tag else container.image == reference)
        and not container.twin
        and container.image_label in (container.image_id, container.manifest or container.image_id)
        and container.config_hash == hashes.get(name, container.config_hash)
    )
