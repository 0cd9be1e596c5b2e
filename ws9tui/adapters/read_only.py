"""Recognizes a read-only disk of the engine in its error texts."""

from __future__ import annotations

import re

_READ_ONLY = re.compile(r"read-only file system", re.IGNORECASE)
_OTHERS = re.compile(r"oci runtime|mount source path|local volume", re.IGNORECASE)
"""texts about a container's own mounts, which may be read-only as well"""


def disk(text: str) -> bool:
    """Whether an error text says that the engine's own disk is read-only."""
    return bool(_READ_ONLY.search(text)) and not _OTHERS.search(text)
