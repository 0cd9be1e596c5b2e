"""A project as Compose resolves it: its services, how they depend on each other, and in which order they come."""

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
"""seconds that a container has to stop, after the Compose specification's stop_grace_period"""


class Dependency(msgspec.Struct, frozen=True):
    """One entry of `depends_on`."""

    condition: str = "service_started"
    restart: bool = False


class Mounted(msgspec.Struct, frozen=True):
    """A mount as the files have it."""

    type: str
    """volume, bind, tmpfs, …"""
    source: str
    """the volume's own name, or the path on the engine's machine; empty for an anonymous volume"""
    target: str
    subpath: str = ""


class Service(msgspec.Struct, frozen=True):
    """One service, as far as an update concerns it."""

    name: str
    reference: Reference = Reference()
    """empty when it has only a build section"""
    build: bool = False
    pull_policy: str = ""
    platform: str = ""
    depends_on: dict[str, Dependency] = {}
    joined: tuple[str, ...] = ()
    """services whose network, IPC or PID namespace it lives in; it must be recreated with them"""
    volumes_from: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    """names or IDs of containers whose network, IPC or PID namespace it lives in (`container:…`)"""
    volumes_of: tuple[str, ...] = ()
    """names or IDs of containers whose volumes it has (`volumes_from: container:…`)"""
    attached: tuple[str, ...] = ()
    """services of the project that have such a container; Compose does not see that it hangs on them"""
    mounted: tuple[Reference, ...] = ()
    """images that it mounts"""
    hook_images: tuple[Reference, ...] = ()
    """images other than its own that its hooks run in"""
    provider: str = ""
    """type of the provider that stands for it: it has no image and no container, and gives variables to others"""
    profiles: tuple[str, ...] = ()
    replicas: int = 1
    grace: float = DEFAULT_GRACE
    restart: str = ""
    ports: tuple[tuple[str, str, str], ...] = ()
    """published ports as (host IP, port, protocol)"""
    env_files: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    """files of its configs and secrets: Compose does not see when their content changes (Compose issue 13045)"""
    monitor: float | None = None
    delay: float = 0.0
    """seconds between this service and the next"""
    failure_action: str = ""
    container_name: str = ""
    """the fixed name that its container gets, where it has one"""
    binds: tuple[str, ...] = ()
    """paths of this machine that it mounts"""
    required: tuple[str, ...] = ()
    """those of them that nobody makes where they are missing"""
    networks: tuple[str, ...] = ()
    """names, on the engine, of the networks that it is in"""
    mounts: tuple[Mounted, ...] | None = None
    """all that it mounts; None in records of older versions"""
    added_to: bool = False
    """whether Compose adds to its definition when it makes containers: what an API socket or a model needs"""
    given: tuple[Content, ...] = ()
    """its secrets and configs whose content is in no file"""

    def container_names(self, project: str) -> tuple[str, ...]:
        """The names that Compose gives its containers."""
        numbered = tuple(f"{project}-{self.name}-{number}" for number in range(1, self.replicas + 1))
        return (self.container_name,) if self.container_name else numbered

    @property
    def besides(self) -> tuple[Reference, ...]:
        """The images that it uses besides its own."""
        return tuple(dict.fromkeys((*self.mounted, *self.hook_images)))

    @property
    def leaders(self) -> tuple[str, ...]:
        """The services in whose namespaces it lives, or whose volumes it has."""
        return tuple(dict.fromkeys((*self.joined, *self.volumes_from, *self.attached)))

    @property
    def before(self) -> tuple[str, ...]:
        """The services that come before it."""
        return tuple(dict.fromkeys((*self.depends_on, *self.leaders)))


class Project(msgspec.Struct, frozen=True):
    """One project."""

    source: ProjectSource
    services: dict[str, Service]
    external_networks: tuple[str, ...] = ()
    external_volumes: tuple[str, ...] = ()
    referenced: tuple[str, ...] = ()
    """paths of the files that configs and secrets are made from"""
    networks: tuple[OwnNetwork, ...] = ()
    """those of its own"""

    @property
    def one_shots(self) -> set[str]:
        """Services that others wait for to have completed, and those that prepare another one and say so by their name.

        The latter are run until they succeed, in a container that is called as the other's with `-init` behind it, as
        Websoft9's applications have them.
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
        """The config hashes that can be compared with containers' labels.

        Where a service lives in another's namespace or takes its volumes, Compose hashes the other container's ID
        along, where it depends on a provider the variables that this gives, and where it uses the API socket or a model
        what that needs, so that `config --hash` never equals the label.
        """
        plain = {name for name, service in self.services.items() if not (service.joined or self._more(name))}
        return {name: value for name, value in hashes.items() if name in plain}

    def joining(self) -> list[str]:
        """The services of whose containers Compose hashes nothing but the IDs of those whose namespaces they join."""
        return [name for name, service in self.services.items() if service.joined and not self._more(name)]

    def _more(self, name: str) -> bool:
        """Whether its containers have more than its definition says, but for the namespaces of others."""
        service = self.services[name]
        linked = service.volumes_from or service.volumes_of
        return bool(linked or service.added_to or service.provider or self.providers([name]))

    def providers(self, names: Iterable[str]) -> list[str]:
        """The providers that give variables to these services: to those that depend on them directly.

        They do so only in an `up` that they are part of.
        """
        known = {name for name, service in self.services.items() if service.provider}
        wanted = (other for name in names if name in self.services for other in self.services[name].depends_on)
        return [name for name in dict.fromkeys(wanted) if name in known]

    def attach(self, found: Mapping[str, Sequence[str]]) -> Project:
        """The project with more services in the containers of others: service → which."""
        services = dict(self.services)
        for name, others in found.items():
            service = services[name]
            more = [other for other in others if other != name and other not in service.leaders]
            services[name] = msgspec.structs.replace(service, attached=(*service.attached, *more))
        return msgspec.structs.replace(self, services=services)

    def owner(self, container: str) -> str:
        """The service whose container has this name by the definition; empty where none has."""
        for name, service in self.services.items():
            generated = rf"{re.escape(self.source.name)}[-_]{re.escape(name)}[-_]\d+"
            if container == service.container_name or (
                not service.container_name and re.fullmatch(generated, container)
            ):
                return name
        return ""

    def waves(self, names: Iterable[str]) -> list[list[str]]:
        """These services in dependency order, those of one wave not depending on each other.

        An order that goes through a service which is not among them counts too.
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
        """All services, each after those that come before it."""
        graph = {name: {o for o in s.before if o in self.services} for name, s in self.services.items()}
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError:  # Compose, which knows nothing of `container:`, lets one depend on what lives inside it
            told = {name: before.difference(self.services[name].attached) for name, before in graph.items()}
            return list(TopologicalSorter(told).static_order())

    def followers(self, names: Iterable[str]) -> dict[str, tuple[str, bool]]:
        """The services that must follow these: name → (which one it follows, whether it must be recreated).

        A service in another's namespace, or with its volumes, is recreated with it; `depends_on … restart: true` asks
        for a restart.
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
    """Whether a service is restarted with one that is: also where it is told so only by `container:`."""
    dependency = service.depends_on.get(leader)
    return leader in service.attached or (dependency is not None and dependency.restart)
