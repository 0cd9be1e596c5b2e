"""Which services may be named to Compose beside those that it makes anew, so that these are made as a plain `up` does.

What Compose is not told of, it leaves out of a container's label for its dependencies, by which it stops a project in
order where the files are not at hand. Only services may be named to which nothing happens thereby.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ws9tui.core.gate import dependency_met
from ws9tui.core.observed import Container
from ws9tui.core.planner import Observed, tag_of
from ws9tui.core.project import Dependency, Project


class Beside(msgspec.Struct, frozen=True):
    """Services that may be named."""

    names: tuple[str, ...] = ()
    still: bool = True
    """whether a start does nothing to them either: they run, and are what others wait for"""


def find(
    project: Project,
    services: Sequence[str],
    observed: Observed,
    hashes: Mapping[str, str],
    counts: Mapping[str, int],
    anew: Sequence[str],
) -> Beside:
    """The services that these need and that Compose would leave alone.

    ``hashes`` are the definitions', ``counts`` how many containers each service has, and ``anew`` the services that
    this run has brought where they belong.
    """
    needed: dict[str, list[Dependency]] = {}
    for name in services:
        model = project.services.get(name)
        for other in model.before if model else ():
            if other in project.services and other not in services and not project.services[other].provider:
                needed.setdefault(other, []).append(
                    model.depends_on.get(other, Dependency()) if model else Dependency()
                )
    names = [
        name
        for name in needed
        if _settled(project, name, observed, hashes, name in anew)
        and not project.providers([name])  # Compose makes what has a provider's variables anew whenever it is named
        and len(observed.containers[name]) == counts.get(name, project.services[name].replicas)
    ]
    still = all(
        container.running and dependency_met(dependency.condition, container)
        for name in names
        for container in observed.containers[name]
        for dependency in needed[name]
    )
    return Beside(tuple(names), still)


def whole(
    project: Project,
    services: Sequence[str],
    observed: Observed,
    hashes: Mapping[str, str],
    counts: Mapping[str, int],
    anew: Sequence[str],
) -> tuple[str, ...]:
    """All that these services need, and what that needs, where Compose would leave all of it alone; else none.

    Those that Compose is made to recreate are named without company, for what is named with them is recreated too.
    """
    names: dict[str, None] = {}
    queue = list(services)
    while queue:
        fresh = find(project, [queue.pop()], observed, hashes, counts, anew)
        queue += [name for name in fresh.names if name not in names]
        names.update(dict.fromkeys(fresh.names))
    wanted = {
        other
        for name in (*services, *names)
        for other in project.services[name].before
        if other in project.services and other not in services and not project.services[other].provider
    }
    return tuple(names) if wanted <= names.keys() else ()


def _settled(project: Project, name: str, observed: Observed, hashes: Mapping[str, str], anew: bool) -> bool:
    """Whether Compose finds nothing to do for a service: containers, definition and image are what they should be."""
    found = observed.containers.get(name, ())
    # Where it lives in another's namespace its hash cannot be known, but for one that was made just now.
    defined = anew or name in hashes
    return (
        bool(found) and defined and all(_as_defined(project, name, container, observed, hashes) for container in found)
    )


def _as_defined(
    project: Project, name: str, container: Container, observed: Observed, hashes: Mapping[str, str]
) -> bool:
    reference = project.services[name].reference
    tag = tag_of(reference)
    image = observed.images.get(observed.tags.get(tag, "") if tag else container.image_id)
    return (
        image is not None
        and (container.runs(image.id, image.manifest) if tag else container.image == reference)
        and not container.twin
        and container.image_label in (container.image_id, container.manifest or container.image_id)
        and container.config_hash == hashes.get(name, container.config_hash)
    )
