"""The original Compose and env files of installed releases.

With them the next upgrade can tell the operator's changes from the vendor's:

    releases/VERSION/compose, releases/VERSION/env
"""

from __future__ import annotations

import re
from pathlib import Path

from ws9tui.core.fs import files
from ws9tui.core.model.release import Release, decoded
from ws9tui.core.store.store import private_folder, writing

RELEASES = "releases"


def remember(state: Path, release: Release) -> None:
    """Stores a release's original Compose and env file for the next upgrade; raises `StateError`."""
    folder = state / RELEASES / _name(release.version)
    with writing(folder):
        private_folder(folder.parent)
        private_folder(folder)
    files.replace(folder / "compose", release.compose)
    files.replace(folder / "env", release.env)


def recall(state: Path, version: str) -> tuple[str, str] | None:
    """Returns the original Compose and env text of a formerly installed release; None if they are not stored."""
    folder = state / RELEASES / _name(version)
    try:
        return decoded((folder / "compose").read_bytes()), decoded((folder / "env").read_bytes())
    except OSError:
        return None


def _name(version: str) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]", "_", version).strip(".") or "_"
