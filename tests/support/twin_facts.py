"""What an engine tells of its containers, with all that must differ between two of the same kind taken out."""

from __future__ import annotations

import io
import json
import re
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .images import ONE_SHOT_LABEL
from .snapshot import BUILT_IN
from .wait import until

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from .dockerd import Dockerd

Facts = dict[str, str]
SERVICE = "com.docker.compose.service"
PROJECT = "com.docker.compose.project"
REPLACE = "Config.Labels.com.docker.compose.replace"
"""what a container took the place of: one that was never recreated has none"""
HOOKED = "inside /tmp/hook"
"""what hooks write into a container: one that was restarted there and back has more of it"""
_HASH = "com.docker.compose.config-hash"
_NEEDS = "com.docker.compose.depends_on"
_NEEDS_LABEL = f"Config.Labels.{_NEEDS}"
# paths on the engine's disk, and what only a running process has
_LEFT_OUT = {
    "Id",
    "Created",
    "ResolvConfPath",
    "HostnamePath",
    "HostsPath",
    "LogPath",
    "GraphDriver",
    "Storage",
    "ExecIDs",
    "State",
    "NetworkSettings",
    "Mounts",
}
_ADDED = 1
_LARGE = 100_000
_ENGINE_OWN = ("/proc", "/dev", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab", "/.dockerenv")
_OF_NETWORK = ("IPAMConfig", "Links", "Aliases", "DNSNames", "DriverOpts", "GwPriority")
_UNORDERED = {"Env", "Binds", "Mounts", "Aliases", "DNSNames", "VolumesFrom", "ExtraHosts", "Links", "Ulimits"}


@dataclass(frozen=True)
class Look:
    """An engine's containers at one instant: what can be compared, and what tells one from another."""

    facts: Mapping[str, Facts]
    """container → its facts by path"""
    ids: Mapping[str, str]
    services: Mapping[str, str]
    """container → service, of the project's own"""
    started: Mapping[str, str]
    running: frozenset[str]
    """services of which a container runs"""
    volumes: Mapping[str, str]
    """volume without a name → whose it is"""

    def without_needs(self, services: Collection[str]) -> dict[str, Facts]:
        """Return the facts, these services left out of the labels for what a container depends on."""
        found = {container: dict(facts) for container, facts in self.facts.items()}
        for facts in found.values():
            if label := json.loads(facts.get(_NEEDS_LABEL) or "null"):
                kept = [need for need in label.split(",") if need.partition(":")[0] not in services]
                facts[_NEEDS_LABEL] = json.dumps(",".join(kept))
        return found

    @property
    def astray(self) -> set[str]:
        """The services of which a container lives in the namespace of a container that is gone."""
        modes = ("HostConfig.NetworkMode", "HostConfig.IpcMode", "HostConfig.PidMode")
        return {
            service
            for container, service in self.services.items()
            if any(re.search(r"container:[0-9a-f]{64}", self.facts[container].get(mode, "")) for mode in modes)
        }

    def recreated(self, before: Look) -> set[str]:
        """The services of which a container has become another, or a container is new beside others."""
        return {
            service
            for container, service in self.services.items()
            if self.ids[container] != before.ids.get(container) and service in before.services.values()
        }

    def restarted(self, before: Look) -> set[str]:
        """The services of which a container ran before, and was started again as it was."""
        return {
            service
            for container, service in self.services.items()
            if self.ids[container] == before.ids.get(container)
            and self.started[container] != before.started[container]
            and service in before.running
        }


def look(engine: Dockerd, project: str, before: Look | None = None) -> Look:
    """Look at all containers; volumes without a name are told by whom they belonged to ``before``."""
    api: Any = engine.client().api
    found = [api.inspect_container(entry["Id"]) for entry in api.containers(all=True)]
    names = {details["Id"]: str(details["Name"]).lstrip("/") for details in found}
    networks = {network["Id"]: str(network["Name"]) for network in api.networks()}
    volumes = dict(before.volumes if before else {})
    for details in sorted(found, key=lambda item: str(item["Name"])):
        for mount in details["Mounts"]:
            volume = mount.get("Name", "")
            if re.fullmatch(r"[0-9a-f]{64}", volume) and volume not in volumes:
                fresh = "new " if before else ""
                volumes[volume] = f"{fresh}volume of {names[details['Id']]} at {mount['Destination']}"
    known = {**names, **networks, **volumes, **{full[:12]: name for full, name in names.items()}}

    def named(match: re.Match[str]) -> str:
        return f"<{known[match[0]]}>" if match[0] in known else match[0]

    def comparable(details: dict[str, Any]) -> Facts:
        text = json.dumps(_chosen(details))
        said = re.sub(r"(?<!sha256:)(?<![0-9a-f])(?:[0-9a-f]{64}|[0-9a-f]{12})(?![0-9a-f])", named, text)
        return dict(_flat("", json.loads(said)))

    inside = {details["Id"]: _inside(api, details["Id"]) for details in found if details["State"]["Running"]}
    mine = [details for details in found if (details["Config"]["Labels"] or {}).get(PROJECT) == project]
    services = {names[details["Id"]]: str(details["Config"]["Labels"].get(SERVICE, "")) for details in mine}
    return Look(
        {names[details["Id"]]: comparable(details) | inside.get(details["Id"], {}) for details in found},
        {name: full for full, name in names.items()},
        services,
        {names[details["Id"]]: str(details["State"]["StartedAt"]) for details in found},
        frozenset(services[names[details["Id"]]] for details in mine if details["State"]["Running"]),
        volumes,
    )


def surroundings(engine: Dockerd, images: Iterable[str]) -> Facts:
    """Tell the networks and named volumes, and which image each of these tags names."""
    api: Any = engine.client().api
    facts: Facts = {}
    for network in api.networks():
        if network["Name"] not in BUILT_IN:
            kept = {
                key: network[key] for key in ("Driver", "Internal", "Attachable", "EnableIPv6", "Labels", "Options")
            }
            facts |= dict(_flat(f"network {network['Name']}", kept))
    for volume in api.volumes()["Volumes"] or []:
        if not re.fullmatch(r"[0-9a-f]{64}", volume["Name"]):
            kept = {key: volume.get(key) for key in ("Driver", "Labels", "Options")}
            facts |= dict(_flat(f"volume {volume['Name']}", kept))
    wanted = set(images)
    for image in api.images():
        for tag in wanted.intersection(image.get("RepoTags") or []):
            facts[f"tag {tag}"] = str(image["Id"])
    return facts


def files(folder: Path) -> Facts:
    """Tell all files of a project's folder: mode, content, where a link leads."""
    facts: Facts = {}
    for path in sorted(folder.rglob("*")):
        name = f"file {path.relative_to(folder)}"
        if path.is_symlink():
            facts[name] = f"-> {path.readlink()}"
        else:
            facts[name] = oct(path.stat().st_mode)
            if path.is_file():
                facts[name] += f" {path.read_bytes()!r}"
    return facts


def settle(engine: Dockerd, seconds: float = 60) -> None:
    """Wait until no container is starting, and those that have a job have done it."""
    api: Any = engine.client().api

    def settled() -> bool:
        return not any(map(_moves, (api.inspect_container(entry["Id"]) for entry in api.containers(all=True))))

    until(settled, seconds, "all containers have settled")


def differences(left: Mapping[str, Facts], right: Mapping[str, Facts], ignored: Iterable[str] = ()) -> list[str]:
    """Tell line by line in what two sets of facts differ."""
    lines = []
    for owner in sorted({*left, *right}):
        one, other = left.get(owner), right.get(owner)
        if one is None or other is None:
            lines.append(f"{owner}: {'only at ours' if one is None else 'not at ours'}")
            continue
        lines += [
            f"{owner}: {key}: {one.get(key)} | ours {other.get(key)}"
            for key in sorted({*one, *other})
            if one.get(key) != other.get(key) and key not in ignored
        ]
    return lines


def _moves(details: dict[str, Any]) -> bool:
    state = details["State"]
    starting = state.get("Health", {}).get("Status") == "starting" and state["Running"]
    working = state["Running"] and ONE_SHOT_LABEL in (details["Config"]["Labels"] or {})
    return bool(starting or working or state["Restarting"])


def _inside(api: Any, container: str) -> Facts:  # noqa: ANN401  # types-docker is not exact enough
    """Read the files that a container has beside its image's: what Compose puts there, and what hooks write."""
    facts: Facts = {}
    mounted = [str(mount["Destination"]) for mount in api.inspect_container(container)["Mounts"]]
    for entry in api.diff(container) or []:
        path = str(entry["Path"])
        # An archive of a folder has what is mounted below it as well, were it all of /proc.
        over_mount = any(f"{target}/".startswith(f"{path}/") for target in mounted)
        if entry["Kind"] != _ADDED or path.startswith(_ENGINE_OWN) or over_mount:
            continue
        chunks, status = api.get_archive(container, path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            for member in tar.getmembers():
                file = tar.extractfile(member) if member.isfile() and status["size"] < _LARGE else None
                facts[f"inside {path}"] = f"{member.mode:o} {file.read() if file else member.type!r}"
                break
    return facts


def _chosen(details: dict[str, Any]) -> dict[str, Any]:
    """Return what can be compared of a container."""
    state, host = details["State"], details["HostConfig"]
    kept = {key: value for key, value in details.items() if key not in _LEFT_OUT}
    # A volume without a name is asked for without one the first time, and by its number when it is handed on.
    kept["HostConfig"] = host | {"Mounts": [mount for mount in host.get("Mounts") or [] if not _nameless(mount)]}
    labels = dict(details["Config"]["Labels"] or {})
    if _joined(host):  # the other container's ID is hashed along
        labels.pop(_HASH, "")
    labels[_NEEDS] = ",".join(sorted(labels.get(_NEEDS, "").split(",")))  # in any order
    kept["Config"] = details["Config"] | {"Labels": labels}
    if str(host["NetworkMode"]).startswith("container:") and not state["Running"]:
        kept["Config"]["Hostname"] = ""  # it is the other container's from the first start on
    kept["Running"], kept["Paused"], kept["Error"] = state["Running"], state["Paused"], state["Error"]
    if ONE_SHOT_LABEL in (details["Config"]["Labels"] or {}):
        kept["ExitCode"] = state["ExitCode"]
    if state["Running"]:
        kept["Health"] = (state.get("Health") or {}).get("Status", "none")
    kept["Mounts"] = [
        {key: value for key, value in mount.items() if mount["Type"] == "bind" or key not in ("Source", "Mode")}
        for mount in sorted(details["Mounts"], key=lambda mount: str(mount["Destination"]))
    ]
    kept["Ports"] = _ports(details)
    kept["Networks"] = {
        name: {key: network.get(key) for key in _OF_NETWORK}
        | {
            "IPAddress": _address(network) if state["Running"] else None,
            "Aliases": _without(_at_start(details), network.get("Aliases")),
            "DNSNames": network.get("DNSNames") if state["Running"] else None,
        }
        for name, network in details["NetworkSettings"]["Networks"].items()
    }
    return kept


def _nameless(mount: dict[str, Any]) -> bool:
    return mount["Type"] == "volume" and re.fullmatch(r"(?:[0-9a-f]{64})?", mount.get("Source") or "") is not None


def _joined(host: dict[str, Any]) -> bool:
    """Tell whether a container lives in another's namespace, or has its volumes."""
    modes = (str(host.get(key) or "") for key in ("NetworkMode", "IpcMode", "PidMode"))
    return bool(host.get("VolumesFrom")) or any(mode.startswith("container:") for mode in modes)


def _at_start(details: dict[str, Any]) -> set[str]:
    """Return the aliases that a container gets when it is started: of its ID, and of its host name."""
    return {details["Id"][:12]} | (set() if details["State"]["Running"] else {details["Config"]["Hostname"]})


def _without(own: set[str], aliases: list[str] | None) -> list[str]:
    return [alias for alias in aliases or [] if alias not in own]


def _ports(details: dict[str, Any]) -> dict[str, list[str]]:
    """Return where each port is published; one that the engine chooses is any."""
    asked = details["HostConfig"]["PortBindings"] or {}
    fixed = {
        port for port, entries in asked.items() if any(entry.get("HostPort") not in ("", "0") for entry in entries)
    }
    return {
        port: sorted(f"{entry['HostIp']}:{entry['HostPort'] if port in fixed else 'any'}" for entry in entries or [])
        for port, entries in (details["NetworkSettings"]["Ports"] or {}).items()
    }


def _address(network: dict[str, Any]) -> str:
    """Return a container's address in a network if it has asked for one."""
    return str(network["IPAddress"]) if (network.get("IPAMConfig") or {}).get("IPv4Address") else "any"


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # whatever the engine's JSON holds
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from _flat(f"{path}.{key}".lstrip("."), part)
    elif isinstance(value, list) and value:
        if path.rpartition(".")[2] in _UNORDERED:
            value = sorted(value, key=str)
        for index, part in enumerate(value):
            yield from _flat(f"{path}[{index}]", part)
    else:
        yield path, json.dumps(value)
