"""Converts the definitions of volumes and networks from the engine's API, and networks back to it."""

from __future__ import annotations

from typing import Any

from ws9tui.adapters.engine.records import OURS, Answer
from ws9tui.core.model.definitions import NetworkDefinition, Pool, VolumeDefinition


def volume_definition(entry: Answer) -> VolumeDefinition:
    """Parses a volume's inspection into its definition."""
    return VolumeDefinition(
        str(entry.get("Name") or ""),
        str(entry.get("Driver") or "local"),
        _texts(entry.get("Options")),
        _texts(entry.get("Labels")),
    )


def network_definition(entry: Answer) -> NetworkDefinition:
    """Parses a network's inspection into its definition, without this program's label."""
    pools = (entry.get("IPAM") or {}).get("Config") or ()
    return NetworkDefinition(
        str(entry.get("Name") or ""),
        str(entry.get("Driver") or "bridge"),
        _texts(entry.get("Options")),
        {key: value for key, value in _texts(entry.get("Labels")).items() if key != OURS},
        internal=bool(entry.get("Internal")),
        attachable=bool(entry.get("Attachable")),
        ipv6=bool(entry.get("EnableIPv6")),
        pools=tuple(
            Pool(*(str(pool.get(key) or "") for key in ("Subnet", "Gateway", "IPRange"))) for pool in pools if pool
        ),
    )


def network_request(wanted: NetworkDefinition) -> dict[str, Any]:
    """Returns the SDK's arguments to create a network, with this program's label."""
    pools = [{"Subnet": pool.subnet, "Gateway": pool.gateway, "IPRange": pool.range} for pool in wanted.pools]
    configs = [{key: value for key, value in pool.items() if value} for pool in pools]
    return {
        "name": wanted.name,
        "driver": wanted.driver,
        "options": wanted.options or None,
        "ipam": {"Driver": "default", "Config": [config for config in configs if config]} if any(configs) else None,
        "check_duplicate": True,
        "internal": wanted.internal,
        "labels": {**wanted.labels, OURS: "1"},
        "enable_ipv6": wanted.ipv6,
        "attachable": wanted.attachable or None,
    }


def _texts(entries: Answer | None) -> dict[str, str]:
    return {str(key): str(value) for key, value in (entries or {}).items()}
