"""Cockpit's plugins, which a legacy release lists in version.json: no update changes them, as the host owns them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from ws9tui.websoft9.layout import version_files

_UNKNOWN = "?"


class _VersionFile(msgspec.Struct):
    plugins: dict[str, str] = {}


def changed(folder: Path, coming: bytes) -> list[str]:
    """Returns the plugins whose version differs between the two version.json, as `NAME OLD → NEW`.

    ``coming`` is the release's, the other one the installation's: ``folder`` is that of the installed Compose file, and
    version.json is beside it, or above as in the legacy layout.
    """
    new, old = _read(coming), _read(next(version_files(folder), b""))
    return [f"{name} {old.get(name, _UNKNOWN)} → {number}" for name, number in new.items() if old.get(name) != number]


def _read(content: bytes) -> dict[str, str]:
    try:
        return msgspec.json.decode(content, type=_VersionFile).plugins
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
