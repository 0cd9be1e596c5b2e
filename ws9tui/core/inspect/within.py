"""Identifies the container that this program runs in, from the kernel's list of mounts and control groups."""

from __future__ import annotations

import platform
import re
from functools import lru_cache
from pathlib import Path

_MOUNT = re.compile(r"(?:\S+ ){3}\S*/containers/(?P<id>[0-9a-f]{64})/\S+ (?P<place>\S+) ")
_CGROUP = re.compile(r"([0-9a-f]{64})(?:\.scope)?$")
_NAME = re.compile(r"[0-9a-f]{12}")
_OF_ENGINE = ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf")
"""files that an engine mounts into each container, from a folder of that container"""


@lru_cache
def ids(root: Path = Path("/")) -> tuple[str, ...]:
    """Returns the possible IDs, or ID prefixes, of the container that this program runs in, on whichever engine."""
    found = [*_mounted(_read(root / "proc/self/mountinfo")), *_grouped(_read(root / "proc/self/cgroup"))]
    if (root / ".dockerenv").exists() and _NAME.fullmatch(platform.node()):
        found.append(platform.node())
    return tuple(dict.fromkeys(found))


def is_self(container_id: str) -> bool:
    """Whether this program runs in that container, so that recreating the container would end it."""
    return any(container_id.startswith(one) for one in ids())


def _mounted(text: str) -> list[str]:
    found = (_MOUNT.match(line) for line in text.splitlines())
    return [mount["id"] for mount in found if mount is not None and mount["place"] in _OF_ENGINE]


def _grouped(text: str) -> list[str]:
    return [found[1] for line in text.splitlines() if (found := _CGROUP.search(line))]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
