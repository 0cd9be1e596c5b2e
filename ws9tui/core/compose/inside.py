"""Whether services in others' namespaces still have the definition that their containers were created from.

Compose hashes such a service with the ID of the container that it joins (`resolveServiceReferences` in its source), so
`config --hash`, which knows only the files, never gives the hash on its containers.
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
    """Returns, for each service in another's namespace, whether its containers match the files' definition.

    ``config`` and ``hashes`` are Compose's for these files. Empty if the modified project changes the hashes of the
    other services. Raises `ComposeError`.
    """
    found: dict[str, list[Container]] = {}
    instead: dict[str, dict[str, Any]] = {}
    for name in model.joining():
        entry = config["services"][name]
        found[name] = [container for container in containers.get(name, ()) if not container.twin]
        for container in found[name][:1]:
            modes = {"network_mode": container.network_mode, "ipc": container.ipc_mode, "pid": container.pid_mode}
            # A mode `service:NAME` implies a dependency, which old versions hash too, so it is kept explicitly.
            instead[name] = {"depends_on": entry.get("depends_on") or {}} | {
                key: mode for key, mode in modes.items() if str(entry.get(key) or "").startswith("service:")
            }
    if not instead:
        return {}
    joined = await compose.hashes(source, instead)
    if any(joined.get(name) != value for name, value in hashes.items() if name not in instead):
        return {}
    return {name: all(container.config_hash in ("", joined.get(name)) for container in found[name]) for name in instead}
