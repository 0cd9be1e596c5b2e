"""The networks that a project defines, and how they differ from those on the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import msgspec

from ws9tui.core.model.observed import Network


class OwnNetwork(msgspec.Struct, frozen=True):
    """A network that Compose makes for the project."""

    key: str
    """what the files call it"""
    name: str
    """what it is called on the engine"""
    driver: str = ""
    """empty where the files leave it to the engine, as everything below that is empty or None"""
    internal: bool = False
    attachable: bool = False
    ipv6: bool | None = None
    options: dict[str, str] = {}
    labels: dict[str, str] = {}
    subnets: tuple[str, ...] = ()

    def differs(self, network: Network) -> list[str]:
        """In what a network that was made for it is not what the files define now, in their words.

        What the files leave open is no difference, as the engine has filled it in.
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
    """The networks in what `config --format json` gave that are not external."""
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
    """What Compose prints is a Compose file again, in which a dollar is written twice."""
    return {str(key): str(value).replace("$$", "$") for key, value in (entries or {}).items()}


def _subnets(texts: Iterable[str]) -> set[IPv4Network | IPv6Network]:
    """Subnets, however they are written; what is none is left to the engine."""
    found = set()
    for text in texts:
        with suppress(ValueError):
            found.add(ip_network(text, strict=False))
    return found
