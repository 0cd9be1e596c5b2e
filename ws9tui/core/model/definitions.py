"""Definitions of volumes and networks, from which they can be recreated."""

from __future__ import annotations

import msgspec


class VolumeDefinition(msgspec.Struct, frozen=True):
    """A volume without its content."""

    name: str
    driver: str = "local"
    options: dict[str, str] = {}
    labels: dict[str, str] = {}


class Pool(msgspec.Struct, frozen=True):
    """An address pool of a network; a field is empty if the engine is to choose."""

    subnet: str = ""
    gateway: str = ""
    range: str = ""


class NetworkDefinition(msgspec.Struct, frozen=True):
    """A network without its connected containers."""

    name: str
    driver: str = "bridge"
    options: dict[str, str] = {}
    labels: dict[str, str] = {}
    internal: bool = False
    attachable: bool = False
    ipv6: bool = False
    pools: tuple[Pool, ...] = ()
