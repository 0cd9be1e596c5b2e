"""A project as Compose resolves it: its services, how they depend on each other, and in which order they come."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

import msgspec

from ws9tui.core.model import contents, durations, own_network
from ws9tui.core.model.contents import Content
from ws9tui.core.model.own_network import OwnNetwork
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource

_CONTAINER = "container:"
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
        return {name: value for name, value in hashes.items() if name in self.services and self._plain(name)}

    def joining(self) -> list[str]:
        """The services of whose containers Compose hashes nothing but the IDs of those whose namespaces they join."""
        return [name for name, service in self.services.items() if service.joined and not self._more(name)]

    def _plain(self, name: str) -> bool:
        """Whether a service's definition says all of what its container is."""
        return not (self.services[name].joined or self._more(name))

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


def from_config(source: ProjectSource, config: Mapping[str, Any], unresolved: Mapping[str, Any]) -> Project:
    """The project in what `config --format json` gave, with and without resolved env files."""
    services: dict[str, Any] = config.get("services") or {}
    paths = unresolved.get("services") or {}
    networks, volumes = _names(config.get("networks")), _names(config.get("volumes"))
    configs, secrets = _sources(config.get("configs")), _sources(config.get("secrets"))
    given = {name: contents.read(entry or {}, config) for name, entry in services.items()}
    found = Project(
        source,
        {
            name: _service(name, entry or {}, paths.get(name) or {}, configs, secrets, volumes, networks, given[name])
            for name, entry in services.items()
        },
        _external(config.get("networks"), networks),
        _external(config.get("volumes"), volumes),
        (*configs.values(), *secrets.values()),
        own_network.read(config.get("networks")),
    )
    return found.attach(
        {
            name: [owner for container in (*service.inside, *service.volumes_of) if (owner := found.owner(container))]
            for name, service in found.services.items()
        }
    )


def _names(parts: Mapping[str, Any] | None) -> dict[str, str]:
    """What networks or volumes are called on the engine."""
    return {key: str((entry or {}).get("name") or key) for key, entry in (parts or {}).items()}


def _external(parts: Mapping[str, Any] | None, names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names[key] for key, entry in (parts or {}).items() if (entry or {}).get("external"))


def _sources(parts: Mapping[str, Any] | None) -> dict[str, str]:
    """The files of configs or secrets, by their names."""
    return {name: str(part["file"]) for name, part in (parts or {}).items() if part.get("file")}


def _service(
    name: str,
    entry: Mapping[str, Any],
    unresolved: Mapping[str, Any],
    configs: Mapping[str, str],
    secrets: Mapping[str, str],
    volumes: Mapping[str, str],
    networks: Mapping[str, str],
    given: tuple[Content, ...],
) -> Service:
    deploy = entry.get("deploy") or {}
    update = deploy.get("update_config") or {}
    return Service(
        name,
        reference=Reference(str(entry.get("image") or "")),
        build=bool(entry.get("build")),
        pull_policy=str(entry.get("pull_policy") or ""),
        platform=str(entry.get("platform") or ""),
        depends_on=_dependencies(entry.get("depends_on")),
        joined=_joined(entry, "service:"),
        volumes_from=tuple(
            volume.split(":")[0] for volume in entry.get("volumes_from") or () if not volume.startswith(_CONTAINER)
        ),
        inside=_joined(entry, _CONTAINER),
        volumes_of=tuple(
            volume.split(":")[1] for volume in entry.get("volumes_from") or () if volume.startswith(_CONTAINER)
        ),
        mounted=tuple(Reference(str(part["source"])) for part in _of_type(entry, "image")),
        hook_images=tuple(
            dict.fromkeys(
                Reference(str(hook["image"]))
                for hook in entry.get("pre_start") or ()
                if hook.get("image") and hook["image"] != entry.get("image")
            )
        ),
        provider=str((entry.get("provider") or {}).get("type") or ""),
        profiles=tuple(entry.get("profiles") or ()),
        replicas=next((int(n) for n in (entry.get("scale"), deploy.get("replicas")) if n is not None), 1),
        grace=_seconds(entry.get("stop_grace_period"), DEFAULT_GRACE) or 0.0,
        restart=str(entry.get("restart") or (deploy.get("restart_policy") or {}).get("condition") or ""),
        ports=tuple(
            (str(port.get("host_ip") or ""), str(port.get("published") or ""), str(port.get("protocol") or "tcp"))
            for port in entry.get("ports") or ()
            if isinstance(port, dict) and port.get("published")
        ),
        env_files=tuple(_path(part) for part in unresolved.get("env_file") or ()),
        contents=tuple(
            files[part["source"]]
            for files, key in ((configs, "configs"), (secrets, "secrets"))
            for part in entry.get(key) or ()
            if part.get("source") in files
        ),
        monitor=_seconds(update.get("monitor"), None),
        delay=_seconds(update.get("delay"), 0.0) or 0.0,
        failure_action=str(update.get("failure_action") or ""),
        container_name=str(entry.get("container_name") or ""),
        mounts=tuple(_mounted(part, volumes) for part in entry.get("volumes") or () if isinstance(part, dict)),
        binds=tuple(str(part["source"]) for part in _of_type(entry, "bind")),
        required=tuple(
            str(part["source"])
            for part in _of_type(entry, "bind")
            if (part.get("bind") or {}).get("create_host_path") is False
        ),
        networks=tuple(networks.get(key, key) for key in entry.get("networks") or ()),
        added_to=bool(entry.get("use_api_socket") or entry.get("models")),
        given=given,
    )


def _mounted(part: Mapping[str, Any], volumes: Mapping[str, str]) -> Mounted:
    kind, source = str(part.get("type") or ""), str(part.get("source") or "")
    return Mounted(
        kind,
        volumes.get(source, source) if kind == "volume" else source,
        str(part.get("target") or ""),
        str((part.get("volume") or {}).get("subpath") or ""),
    )


def _of_type(entry: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """The mounts of a kind that have a source."""
    return [
        volume
        for volume in entry.get("volumes") or ()
        if isinstance(volume, dict) and volume.get("type") == kind and volume.get("source")
    ]


def _dependencies(entry: Any) -> dict[str, Dependency]:  # noqa: ANN401 - as JSON has it
    if isinstance(entry, list):
        return {str(name): Dependency() for name in entry}
    return {
        str(name): Dependency(str(part.get("condition") or "service_started"), bool(part.get("restart")))
        for name, part in (entry or {}).items()
    }


def _joined(entry: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    modes = (str(entry.get(key) or "") for key in ("network_mode", "ipc", "pid"))
    return tuple(dict.fromkeys(mode.removeprefix(kind) for mode in modes if mode.startswith(kind)))


def _path(part: Any) -> str:  # noqa: ANN401 - as JSON has it
    return str(part["path"] if isinstance(part, dict) else part)


def _seconds(text: object, default: float | None) -> float | None:
    try:
        return durations.parse(str(text)) if text else default
    except ValueError:
        return default
