"""Programs of Debian's later releases, unpacked into a folder of the tests' own: nothing is installed on the machine.

They come from the archive that the machine itself is set up for, by its own apt with settings of its own.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class CannotUnpackError(Exception):
    """The machine's package archive does not give what is wanted."""


@dataclass(frozen=True)
class Programs:
    """Packages of one release, and the program that they are wanted for."""

    name: str
    release: str
    packages: tuple[str, ...]
    program: str

    @property
    def folder(self) -> Path:
        """Where they are, or would be."""
        return cache() / self.name

    @property
    def there(self) -> bool:
        """Whether they are."""
        return (self.folder / self.program).is_file()

    @property
    def path(self) -> str:
        """The folders to put first in PATH."""
        return f"{self.folder / 'usr/sbin'}:{self.folder / 'usr/bin'}:{(self.folder / self.program).parent}"


# runc and the init are the machine's: those of a later release need its C library
ENGINE = Programs("engine", "sid", ("docker.io", "containerd"), "usr/sbin/dockerd")
COMPOSE = Programs("compose", "trixie", ("docker-compose",), "usr/libexec/docker/cli-plugins/docker-compose")
ALL = (ENGINE, COMPOSE)


def cache() -> Path:
    """Return the folder that keeps them from one run to the next."""
    kept = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(kept) / "ws9tui-tests"


def lacking() -> list[Programs]:
    """List what is not there."""
    return [each for each in ALL if not each.there]


def possible() -> bool:
    """Tell whether this machine has what fetches and unpacks them."""
    return platform.system() == "Linux" and all(map(shutil.which, ("apt-get", "dpkg")))


def fetch(wanted: list[Programs]) -> None:
    """Download and unpack; another run may do the same at the same time."""
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="new-") as folder:
        options = _settings(Path(folder), sorted({each.release for each in wanted}))
        _run("apt-get", *options, "update", "--quiet=2", cwd=folder)
        for each in wanted:
            unpacked, packed = Path(folder, each.name), Path(folder, f"{each.name}-packed")
            packed.mkdir()
            names = [f"{package}/{each.release}" for package in each.packages]
            _run("apt-get", *options, "download", "--quiet=2", *names, cwd=packed)
            for package in packed.glob("*.deb"):
                _run("dpkg", "--extract", str(package), str(unpacked), cwd=folder)
            with contextlib.suppress(OSError):  # the other one was first
                unpacked.rename(each.folder)
            if not each.there:
                raise CannotUnpackError(f"{' '.join(names)}: no {each.program} in it")


def _settings(folder: Path, releases: list[str]) -> list[str]:
    """Return apt's options for lists, caches and sources in a folder."""
    signed = f"[signed-by={_KEYRING}] " if _KEYRING.exists() else ""
    sources = folder / "sources.list"
    sources.write_text("".join(f"deb {signed}{archive()} {release} main\n" for release in releases))
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "state/status").touch()
    settings = {
        "Dir::State": folder / "state",
        "Dir::State::status": folder / "state/status",
        "Dir::Cache": folder / "cache",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "",
    }
    return [f"--option={name}={value}" for name, value in settings.items()]


def archive() -> str:
    """Return the address of the archive that the machine's own release comes from."""
    said = _run(
        "apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages", cwd="/"
    )
    found = [line.split() for line in said.splitlines()]
    main = {release: address for release, component, address in reversed(found) if component == "main"}
    if not main:
        raise CannotUnpackError("apt has no Debian archive in its sources")
    own = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    return main.get(own) or next(iter(reversed(main.values())))


def _run(*command: str, cwd: str | Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise CannotUnpackError(f"{' '.join(command)}: status {done.returncode}\n{done.stderr.strip()}")
    return done.stdout
