"""Whether services in others' namespaces still have the definition that their containers were made from.

Compose hashes such a service with the ID of the container that it joins (`resolveServiceReferences` in its source):
what `config --hash` gives by the files alone is never what stands on its own containers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ws9tui.core.model.observed import Container
from ws9tui.core.model.project import Project
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.ports import Compose


async def defined(
    compose: Compose,
    source: ProjectSource,
    config: Mapping[str, Any],
    model: Project,
    containers: Mapping[str, Sequence[Container]],
    hashes: Mapping[str, str],
) -> dict[str, bool]:
    """Service in another's namespace → whether its containers are defined as the files have it.

    ``config`` and ``hashes`` are Compose's for these files. Left out is what cannot be told: the question has to give
    the other services the hashes that they have. Raises `ComposeError`.
    """
    found: dict[str, list[Container]] = {}
    instead: dict[str, dict[str, Any]] = {}
    for name in model.joining():
        entry = config["services"][name]
        found[name] = [container for container in containers.get(name, ()) if not container.twin]
        for container in found[name][:1]:
            modes = {"network_mode": container.network_mode, "ipc": container.ipc_mode, "pid": container.pid_mode}
            # By the name of a service Compose knows that there is a dependency, which old ones hash as well.
            instead[name] = {"depends_on": entry.get("depends_on") or {}} | {
                key: mode for key, mode in modes.items() if str(entry.get(key) or "").startswith("service:")
            }
    if not instead:
        return {}
    joined = await compose.hashes(source, instead)
    if any(joined.get(name) != value for name, value in hashes.items() if name not in instead):
        return {}
    return {name: all(container.config_hash in ("", joined.get(name)) for container in found[name]) for name in instead}
