"""Where a Compose may be that the docker command does not lead to, and what a docker command that is a snap sees."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import which

_PLUGIN = "docker-compose"
_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
"""where the docker command looks for plugins of all users"""
_SNAP = "/snap/bin/docker"


def elsewhere(environment: Mapping[str, str], root: Path = Path("/")) -> Iterator[tuple[str, ...]]:
    """Commands that may be a Compose where `docker` is not there or not in PATH: a plugin runs without it, too."""
    path = environment.get("PATH")
    if which("docker", path=path) is None and _runs(root, _SNAP):
        yield _SNAP, "compose"
    own = environment.get("DOCKER_CONFIG") or f"{environment.get('HOME') or '/'}/.docker"
    for folder in (f"{own}/cli-plugins", *_FOLDERS):
        if _runs(root, f"{folder}/{_PLUGIN}"):
            yield (f"{folder}/{_PLUGIN}",)


def of_another(environment: Mapping[str, str]) -> str:
    """A plugin that only who has called sudo has; it is told and not run, for it is that user's to change."""
    try:
        home = pwd.getpwnam(environment.get("SUDO_USER", "")).pw_dir
    except KeyError:
        return ""
    path = f"{home}/.docker/cli-plugins/{_PLUGIN}"
    return path if _runs(Path("/"), path) else ""


def hidden_from_snap(program: str, folder: str, environment: Mapping[str, str]) -> bool:
    """Whether a docker command is a snap and cannot see a folder: it sees home folders, and nothing hidden in them."""
    found = which(program, path=environment.get("PATH")) or program
    if not found.startswith("/snap/"):
        return False
    first, *parts = Path(os.path.realpath(folder)).parts[1:] or ("",)
    below = parts[1:] if first == "home" else parts
    return first not in ("home", "root") or any(part.startswith(".") for part in below)


def _runs(root: Path, path: str) -> bool:
    place = root / path.lstrip("/")
    return place.is_file() and os.access(place, os.X_OK)
