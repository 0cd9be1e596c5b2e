"""Reads a project from the output of `docker compose config --format json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ws9tui.core.model import contents, durations, own_network
from ws9tui.core.model.contents import Content
from ws9tui.core.model.project import DEFAULT_GRACE, Dependency, Mounted, Project, Service
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource

_CONTAINER = "container:"
_ARCHITECTURES = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "i386": "386",
    "armhf": "arm/v7",
    "armel": "arm/v6",
}
"""other names of architectures that Docker accepts"""
_USUAL = (("amd64", "v1"), ("arm64", "v8"), ("arm64", "8"))
"""variants that are the architecture itself"""


def from_config(source: ProjectSource, config: Mapping[str, Any], unresolved: Mapping[str, Any]) -> Project:
    """Returns the project in the output of `config --format json`, with and without resolved env files."""
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
    """Returns the engine's names of networks or volumes, by key."""
    return {key: str((entry or {}).get("name") or key) for key, entry in (parts or {}).items()}


def _external(parts: Mapping[str, Any] | None, names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names[key] for key, entry in (parts or {}).items() if (entry or {}).get("external"))


def _sources(parts: Mapping[str, Any] | None) -> dict[str, str]:
    """Returns the files of configs or secrets, by name."""
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
        platform=_platform(str(entry.get("platform") or "")),
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


def _platform(written: str) -> str:
    """Returns a platform as registries list it, os/architecture[/variant]; empty for that of the engine."""
    parts = written.lower().split("/")
    if parts in ([""], ["linux"], ["windows"]):  # a system alone has the engine's architecture
        return ""
    system, architecture, variant = (*(parts if len(parts) > 1 else ("linux", *parts)), "")[:3]
    architecture = _ARCHITECTURES.get(architecture, architecture)
    usual = (architecture, variant) in _USUAL
    return "/".join(filter(None, (system, architecture, "" if usual else variant)))


def _mounted(part: Mapping[str, Any], volumes: Mapping[str, str]) -> Mounted:
    kind, source = str(part.get("type") or ""), str(part.get("source") or "")
    return Mounted(
        kind,
        volumes.get(source, source) if kind == "volume" else source,
        str(part.get("target") or ""),
        str((part.get("volume") or {}).get("subpath") or ""),
    )


def _of_type(entry: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    """Returns the mounts of a kind that have a source."""
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
