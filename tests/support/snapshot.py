"""What an engine and a project's folder hold at one moment, to be compared with another."""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .dockerd import Dockerd

_KEEP = "ws9tui.keep"
BUILT_IN = {"bridge", "host", "none"}
# what going back may change: containers are made again, files are written again, the old images have keep tags
FRESH = r"^container .*/(id|started|restarts|labels)$|^image .*/tags$|^file .*/mtime$"


@dataclass(frozen=True)
class Snapshot:
    """Facts by name, such as `container web/image`, `image sha256:…/tags`, `file .env/sha256`, `disk/layers`."""

    facts: Mapping[str, str]

    def without(self, pattern: str) -> Snapshot:
        """Leave out the facts whose name a pattern is found in."""
        return Snapshot({name: value for name, value in self.facts.items() if not re.search(pattern, name)})

    def only(self, pattern: str) -> Snapshot:
        """Keep the facts whose name a pattern is found in."""
        return Snapshot({name: value for name, value in self.facts.items() if re.search(pattern, name)})


def snapshot(engine: Dockerd, project_dir: Path | None = None) -> Snapshot:
    """Look at the whole engine, and at a project's files."""
    api: Any = engine.client().api
    facts: dict[str, str] = {}
    for entry in api.containers(all=True):
        facts |= _container(api.inspect_container(entry["Id"]))
    for image in api.images(all=True):
        facts[f"image {image['Id']}/tags"] = _words(_tags(image))
        facts[f"image {image['Id']}/digests"] = _words(_digests(image) if engine.today else image.get("RepoDigests"))
    for volume in api.volumes()["Volumes"] or []:
        facts[f"volume {volume['Name']}"] = f"{volume['Driver']} {_pairs(volume.get('Labels'))}"
    for network in sorted(api.networks(), key=lambda network: str(network["Id"])):
        if network["Name"] not in BUILT_IN:
            name = f"network {network['Name']}"  # which several may have
            facts[name] = f"{facts.get(name, '')} {network['Id']} {_pairs(network.get('Labels'))}".lstrip()
    facts["disk/layers"] = str(api.df()["LayersSize"])
    if project_dir:
        facts |= _files(project_dir)
    return Snapshot(dict(sorted(facts.items())))


def diff(before: Snapshot, after: Snapshot) -> str:
    """Tell line by line what differs; empty if nothing does."""
    lines = []
    for name in sorted({*before.facts, *after.facts}):
        old, new = before.facts.get(name), after.facts.get(name)
        if old != new:
            lines += [f"- {name}: {old}"] if old is not None else []
            lines += [f"+ {name}: {new}"] if new is not None else []
    return "\n".join(lines)


def assert_same(before: Snapshot, after: Snapshot) -> None:
    """Fail with the differences, if there are any."""
    found = diff(before, after)
    assert not found, f"changed:\n{found}"


def _tags(image: dict[str, Any]) -> list[str]:
    """Leave out the digest that an engine with the containerd image store lists there of what was pulled by it."""
    return [tag for tag in image.get("RepoTags") or [] if "@" not in tag]


def _digests(image: dict[str, Any]) -> set[str]:
    """Name its digest in every repository: of several such an engine tells one, which may be that of a keep tag."""
    names = {tag.rpartition(":")[0] for tag in _tags(image)}
    names |= {digest.partition("@")[0] for digest in image.get("RepoDigests") or []}
    return {f"{name}@{image['Id']}" for name in names if not name.startswith(_KEEP)}


def _container(details: dict[str, Any]) -> dict[str, str]:
    state, settings = details["State"], details["Config"]
    facts = {
        "id": details["Id"],
        "image": details["Image"],
        "state": state["Status"],
        "started": state["StartedAt"],
        "restarts": str(details["RestartCount"]),
        "labels": _pairs(settings["Labels"]),
        "mounts": _words(
            f"{mount['Type']}:{mount.get('Name') or mount['Source']}:{mount['Destination']}"
            for mount in details["Mounts"]
        ),
        "networks": _pairs({name: net["NetworkID"] for name, net in details["NetworkSettings"]["Networks"].items()}),
    }
    return {f"container {details['Name'].lstrip('/')}/{name}": value for name, value in facts.items()}


def _files(folder: Path) -> dict[str, str]:
    facts = {}
    for path in sorted(folder.rglob("*")):
        name, status = f"file {path.relative_to(folder)}", path.lstat()
        facts[f"{name}/mode"] = stat.filemode(status.st_mode)
        if path.is_symlink():
            facts[f"{name}/target"] = str(path.readlink())
        elif path.is_file():
            facts[f"{name}/sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
            facts[f"{name}/mtime"] = str(status.st_mtime_ns)
    return facts


def _words(values: Any) -> str:  # noqa: ANN401  # whatever the engine's JSON holds
    return " ".join(sorted(values or []))


def _pairs(values: Any) -> str:  # noqa: ANN401
    return " ".join(f"{name}={value}" for name, value in sorted((values or {}).items()))
