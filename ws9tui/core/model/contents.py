"""Secrets and configs whose content is in no file: taken from a variable, or external."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

_KINDS = {"configs": "config", "secrets": "secret"}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Content(msgspec.Struct, frozen=True):
    """A secret or config that a service uses."""

    kind: str
    """secret or config"""
    name: str
    variable: str = ""
    """the variable with the content; empty if external"""

    @property
    def test(self) -> str:
        """An expression that Compose replaces by `set` if the variable is set, even if empty; empty if impossible."""
        return f"${{{self.variable}+set}}" if _VARIABLE.fullmatch(self.variable) else ""


def read(entry: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[Content, ...]:
    """Returns a service's secrets and configs without a file, from its ``entry`` in `config --format json`."""
    found: list[Content] = []
    for key, kind in _KINDS.items():
        for part in entry.get(key) or ():
            name = str(part.get("source") or "")
            source = (config.get(key) or {}).get(name) or {}
            if source.get("external") or source.get("environment"):
                found.append(Content(kind, name, "" if source.get("external") else str(source["environment"])))
    return tuple(found)
