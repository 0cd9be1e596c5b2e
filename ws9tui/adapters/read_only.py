"""Recognises a read-only disk in an engine's error texts."""

from __future__ import annotations

import re

_READ_ONLY = re.compile(r"read-only file system", re.IGNORECASE)
_OTHERS = re.compile(r"oci runtime|mount source path|local volume", re.IGNORECASE)
"""what a container mounts may be read-only as well; of that, these tell"""


def disk(text: str) -> bool:
    """Tell whether the engine speaks of its own disk."""
    return bool(_READ_ONLY.search(text)) and not _OTHERS.search(text)
