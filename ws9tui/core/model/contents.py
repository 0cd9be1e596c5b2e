"""Secrets and configs whose content comes from a variable or from outside Compose."""

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
    """the variable that it is taken from; empty where it is external"""

    @property
    def test(self) -> str:
        """A text that Compose fills with something if the variable is set, be it to nothing; empty where it cannot."""
        return f"${{{self.variable}+set}}" if _VARIABLE.fullmatch(self.variable) else ""


def read(entry: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[Content, ...]:
    """Those of a service, in what `config --format json` gave."""
    found: list[Content] = []
    for key, kind in _KINDS.items():
        for part in entry.get(key) or ():
            name = str(part.get("source") or "")
            source = (config.get(key) or {}).get(name) or {}
            if source.get("external") or source.get("environment"):
                found.append(Content(kind, name, "" if source.get("external") else str(source["environment"])))
    return tuple(found)
