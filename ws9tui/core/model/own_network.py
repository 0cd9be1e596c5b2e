"""The networks that a project defines, and their differences from the networks on the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import msgspec

from ws9tui.core.model.observed import Network


class OwnNetwork(msgspec.Struct, frozen=True):
    """A network that Compose creates for the project."""

    key: str
    """its key in the files"""
    name: str
    """its name on the engine"""
    driver: str = ""
    """empty if left to the engine, like every field below that is empty or None"""
    internal: bool = False
    attachable: bool = False
    ipv6: bool | None = None
    options: dict[str, str] = {}
    labels: dict[str, str] = {}
    subnets: tuple[str, ...] = ()

    def differs(self, network: Network) -> list[str]:
        """Returns the Compose keys in which an existing network differs from this definition.

        Driver, options, IPv6 and subnets do not count if the files leave them open, as the engine has chosen them.
        """
        found = {
            "driver": bool(self.driver) and self.driver != network.driver,
            "driver_opts": not self.options.items() <= network.options.items(),
            "internal": self.internal != network.internal,
            "attachable": self.attachable != network.attachable,
            "enable_ipv6": self.ipv6 is not None and self.ipv6 != network.ipv6,
            "ipam": not _subnets(self.subnets) <= _subnets(network.subnets),
            "labels": self.labels != network.labels,
        }
        return [part for part, other in found.items() if other]


def read(parts: Mapping[str, Any] | None) -> tuple[OwnNetwork, ...]:
    """Returns the networks of a project that are not external, from the output of `config --format json`."""
    return tuple(_read(key, entry or {}) for key, entry in (parts or {}).items() if not (entry or {}).get("external"))


def _read(key: str, entry: Mapping[str, Any]) -> OwnNetwork:
    pools = (entry.get("ipam") or {}).get("config") or ()
    return OwnNetwork(
        key,
        str(entry.get("name") or key),
        driver=str(entry.get("driver") or ""),
        internal=bool(entry.get("internal")),
        attachable=bool(entry.get("attachable")),
        ipv6=entry.get("enable_ipv6"),
        options=_texts(entry.get("driver_opts")),
        labels=_texts(entry.get("labels")),
        subnets=tuple(str(pool["subnet"]) for pool in pools if pool.get("subnet")),
    )


def _texts(entries: Mapping[str, Any] | None) -> dict[str, str]:
    """Returns texts with `$$` replaced by `$`, as Compose prints a Compose file, in which dollars are doubled."""
    return {str(key): str(value).replace("$$", "$") for key, value in (entries or {}).items()}


def _subnets(texts: Iterable[str]) -> set[IPv4Network | IPv6Network]:
    """Returns parsed subnets, independent of notation; skips invalid ones."""
    found = set()
    for text in texts:
        with suppress(ValueError):
            found.add(ip_network(text, strict=False))
    return found
