"""What volumes and networks were made from, so that they can be made again."""

from __future__ import annotations

import msgspec


class VolumeDefinition(msgspec.Struct, frozen=True):
    """A volume without its content."""

    name: str
    driver: str = "local"
    options: dict[str, str] = {}
    labels: dict[str, str] = {}


class Pool(msgspec.Struct, frozen=True):
    """A range of addresses of a network; empty where the engine is to choose."""

    subnet: str = ""
    gateway: str = ""
    range: str = ""


class NetworkDefinition(msgspec.Struct, frozen=True):
    """A network without what is connected to it."""

    name: str
    driver: str = "bridge"
    options: dict[str, str] = {}
    labels: dict[str, str] = {}
    internal: bool = False
    attachable: bool = False
    ipv6: bool = False
    pools: tuple[Pool, ...] = ()
