"""A project as Compose resolves it: its services, their dependencies, and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

import msgspec

from ws9tui.core.model.contents import Content
from ws9tui.core.model.own_network import OwnNetwork
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource

_INIT = "-init"
DEFAULT_GRACE = 10.0
"""stop grace period in seconds, the default of the Compose specification's stop_grace_period"""


class Dependency(msgspec.Struct, frozen=True):
    """One entry of `depends_on`."""

    condition: str = "service_started"
    restart: bool = False


class Mounted(msgspec.Struct, frozen=True):
    """A mount as defined in the files."""

    type: str
    """volume, bind, tmpfs, …"""
    source: str
    """the volume's own name, or the path on the engine's machine; empty for an anonymous volume"""
    target: str
    subpath: str = ""


class Service(msgspec.Struct, frozen=True):
    """One service, with the parts of its definition that concern an update."""

    name: str
    reference: Reference = Reference()
    """empty if it has only a build section"""
    build: bool = False
    pull_policy: str = ""
    platform: str = ""
    """os/architecture[/variant] as registries list it; empty for the engine's"""
    depends_on: dict[str, Dependency] = {}
    joined: tuple[str, ...] = ()
    """services whose network, IPC or PID namespace it joins; it must be recreated with them"""
    volumes_from: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    """names or IDs of containers whose network, IPC or PID namespace it joins (`container:…`)"""
    volumes_of: tuple[str, ...] = ()
    """names or IDs of containers whose volumes it mounts (`volumes_from: container:…`)"""
    attached: tuple[str, ...] = ()
    """services of the project that these containers belong to; Compose does not know of this dependency"""
    mounted: tuple[Reference, ...] = ()
    """images that it mounts"""
    hook_images: tuple[Reference, ...] = ()
    """images other than its own that its hooks run in"""
    provider: str = ""
    """type of its Compose provider: such a service has no image and no container, and gives variables to others"""
    profiles: tuple[str, ...] = ()
    replicas: int = 1
    grace: float = DEFAULT_GRACE
    restart: str = ""
    ports: tuple[tuple[str, str, str], ...] = ()
    """published ports as (host IP, port, protocol)"""
    env_files: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    """files of its configs and secrets: Compose does not notice changes of their content (Compose issue 13045)"""
    monitor: float | None = None
    delay: float = 0.0
    """seconds to wait between this service and the next"""
    failure_action: str = ""
    container_name: str = ""
    """the fixed name of its container, if defined"""
    binds: tuple[str, ...] = ()
    """source paths of its bind mounts"""
    required: tuple[str, ...] = ()
    """those of them that are not created if missing (create_host_path: false)"""
    networks: tuple[str, ...] = ()
    """its networks, by their names on the engine"""
    mounts: tuple[Mounted, ...] | None = None
    """all its mounts; None in records of older versions"""
    added_to: bool = False
    """whether Compose extends its definition when it creates containers: for an API socket or a model"""
    given: tuple[Content, ...] = ()
    """its secrets and configs whose content is in no file"""

    def container_names(self, project: str) -> tuple[str, ...]:
        """Returns the names that Compose gives its containers."""
        numbered = tuple(f"{project}-{self.name}-{number}" for number in range(1, self.replicas + 1))
        return (self.container_name,) if self.container_name else numbered

    @property
    def besides(self) -> tuple[Reference, ...]:
        """The images that it uses besides its own."""
        return tuple(dict.fromkeys((*self.mounted, *self.hook_images)))

    @property
    def leaders(self) -> tuple[str, ...]:
        """The services whose namespaces it joins, or whose volumes it mounts."""
        return tuple(dict.fromkeys((*self.joined, *self.volumes_from, *self.attached)))

    @property
    def before(self) -> tuple[str, ...]:
        """The services that precede it in dependency order."""
        return tuple(dict.fromkeys((*self.depends_on, *self.leaders)))


class Project(msgspec.Struct, frozen=True):
    """One project."""

    source: ProjectSource
    services: dict[str, Service]
    external_networks: tuple[str, ...] = ()
    external_volumes: tuple[str, ...] = ()
    referenced: tuple[str, ...] = ()
    """paths of the files of configs and secrets"""
    networks: tuple[OwnNetwork, ...] = ()
    """the networks that are not external"""

    @property
    def one_shots(self) -> set[str]:
        """The services that run to completion: others depend on their completion, or their names mark them.

        The latter have `restart: on-failure` and the container name of another service with the suffix `-init`, as in
        Websoft9's applications.
        """
        called = {service.container_name for service in self.services.values()}
        named = {
            name
            for name, service in self.services.items()
            if service.restart.partition(":")[0] == "on-failure"
            and service.container_name.endswith(_INIT)
            and service.container_name.removesuffix(_INIT) in called
        }
        return named | {
            name
            for service in self.services.values()
            for name, dependency in service.depends_on.items()
            if dependency.condition == "service_completed_successfully"
        }

    def comparable(self, hashes: Mapping[str, str]) -> dict[str, str]:
        """Returns the config hashes that can be compared with containers' labels.

        Compose's label also covers the container ID of a service whose namespace or volumes are joined, the variables
        of a provider that the service depends on, and the additions for an API socket or a model: for such services
        `config --hash` never equals the label.
        """
        plain = {name for name, service in self.services.items() if not (service.joined or self._more(name))}
        return {name: value for name, value in hashes.items() if name in plain}

    def joining(self) -> list[str]:
        """Returns the services whose label differs from `config --hash` only by the joined containers' IDs."""
        return [name for name, service in self.services.items() if service.joined and not self._more(name)]

    def _more(self, name: str) -> bool:
        """Whether the label of a service covers more than its definition, apart from joined namespaces."""
        service = self.services[name]
        linked = service.volumes_from or service.volumes_of
        return bool(linked or service.added_to or service.provider or self.providers([name]))

    def providers(self, names: Iterable[str]) -> list[str]:
        """Returns the providers that these services depend on directly, and so get variables from.

        Providers give variables only in an `up` that includes them.
        """
        known = {name for name, service in self.services.items() if service.provider}
        wanted = (other for name in names if name in self.services for other in self.services[name].depends_on)
        return [name for name in dict.fromkeys(wanted) if name in known]

    def attach(self, found: Mapping[str, Sequence[str]]) -> Project:
        """Returns the project with these additions to `attached`: service → services whose containers it joins."""
        services = dict(self.services)
        for name, others in found.items():
            service = services[name]
            more = [other for other in others if other != name and other not in service.leaders]
            services[name] = msgspec.structs.replace(service, attached=(*service.attached, *more))
        return msgspec.structs.replace(self, services=services)

    def owner(self, container: str) -> str:
        """Returns the service whose container has this name by the definition; empty if none has."""
        for name, service in self.services.items():
            generated = rf"{re.escape(self.source.name)}[-_]{re.escape(name)}[-_]\d+"
            if container == service.container_name or (
                not service.container_name and re.fullmatch(generated, container)
            ):
                return name
        return ""

    def waves(self, names: Iterable[str]) -> list[list[str]]:
        """Returns these services in waves of dependency order; those of one wave do not depend on each other.

        Indirect dependencies through other services count too.
        """
        wanted = set(names)
        level: dict[str, int] = {}
        for name in self._in_order():
            earlier = [level[other] for other in self.services[name].before if other in level]
            level[name] = max(earlier, default=-1) + 1
        levels = sorted({level[name] for name in wanted})
        order = list(self.services)
        return [sorted((name for name in wanted if level[name] == at), key=order.index) for at in levels]

    def _in_order(self) -> list[str]:
        """Returns all services, each after its dependencies."""
        graph = {name: {o for o in s.before if o in self.services} for name, s in self.services.items()}
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError:  # Compose ignores `container:`, so a service may depend on one that joined its namespace
            told = {name: before.difference(self.services[name].attached) for name, before in graph.items()}
            return list(TopologicalSorter(told).static_order())

    def followers(self, names: Iterable[str]) -> dict[str, tuple[str, bool]]:
        """Returns the services that must follow these: name → (the followed service, whether it must be recreated).

        A service that joins another's namespace or volumes is recreated with it; `depends_on … restart: true` causes a
        restart.
        """
        found: dict[str, tuple[str, bool]] = {}
        queue = list(names)
        selected = set(queue)
        while queue:
            leader = queue.pop(0)
            leader_made_anew = leader in selected or found[leader][1]
            for name, service in self.services.items():
                if name in selected or (name in found and found[name][1]):
                    continue
                if leader in service.leaders and leader_made_anew:
                    found[name] = (leader, True)
                    queue.append(name)
                elif name not in found and _restarts_with(service, leader):
                    found[name] = (leader, False)
                    queue.append(name)
        return found


def _restarts_with(service: Service, leader: str) -> bool:
    """Whether a service is restarted with its leader: by `restart: true`, or because it joined by `container:`."""
    dependency = service.depends_on.get(leader)
    return leader in service.attached or (dependency is not None and dependency.restart)
