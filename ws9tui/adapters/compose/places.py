"""Finds Compose where the docker command does not lead to it, and what a docker command from a snap cannot see."""

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
"""the system-wide plugin folders of the docker command"""
_SNAP = "/snap/bin/docker"


def elsewhere(environment: Mapping[str, str], root: Path = Path("/")) -> Iterator[tuple[str, ...]]:
    """Yields commands that may be Compose if `docker` is not in PATH: a plugin also runs on its own."""
    path = environment.get("PATH")
    if which("docker", path=path) is None and _runs(root, _SNAP):
        yield _SNAP, "compose"
    own = environment.get("DOCKER_CONFIG") or f"{environment.get('HOME') or '/'}/.docker"
    for folder in (f"{own}/cli-plugins", *_FOLDERS):
        if _runs(root, f"{folder}/{_PLUGIN}"):
            yield (f"{folder}/{_PLUGIN}",)


def of_another(environment: Mapping[str, str]) -> str:
    """Returns the plugin in the home of the user who called sudo, else empty; never run, as that user can change it."""
    try:
        home = pwd.getpwnam(environment.get("SUDO_USER", "")).pw_dir
    except KeyError:
        return ""
    path = f"{home}/.docker/cli-plugins/{_PLUGIN}"
    return path if _runs(Path("/"), path) else ""


def hidden_from_snap(program: str, folder: str, environment: Mapping[str, str]) -> bool:
    """Whether a docker command is a snap that cannot see a folder: outside home folders, or hidden in one."""
    found = which(program, path=environment.get("PATH")) or program
    if not found.startswith("/snap/"):
        return False
    first, *parts = Path(os.path.realpath(folder)).parts[1:] or ("",)
    below = parts[1:] if first == "home" else parts
    return first not in ("home", "root") or any(part.startswith(".") for part in below)


def _runs(root: Path, path: str) -> bool:
    place = root / path.lstrip("/")
    return place.is_file() and os.access(place, os.X_OK)
