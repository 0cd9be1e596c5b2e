"""Root folders of clean Debian systems without Python, in which the program in one file is used."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from . import tools, unpacked

if TYPE_CHECKING:
    from types import TracebackType

RELEASES = {"bullseye": 11, "bookworm": 12, "trixie": 13}
PACKAGE = "debootstrap"


def folder(release: str) -> Path:
    """Return where the root of a release is kept from one run to the next."""
    return unpacked.cache() / f"root-{release}"


def lacking() -> list[str]:
    """List the releases that have no root yet."""
    return [release for release in RELEASES if not folder(release).is_dir()]


def fetch(releases: list[str]) -> None:
    """Make the roots, side by side; needs root and the archive that the machine is set up for."""
    unpacked.cache().mkdir(parents=True, exist_ok=True)
    made = {release: folder(release).with_name(f"new-root-{release}-{os.getpid()}") for release in releases}
    try:
        running = {
            release: subprocess.Popen(
                [tools.program(PACKAGE), "--variant=minbase", release, str(path), unpacked.archive()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for release, path in made.items()
        }
        for release, process in running.items():
            said, _ = process.communicate()
            if process.returncode:
                raise unpacked.CannotUnpackError(f"debootstrap of {release}: {said[-2000:]}")
            if not folder(release).exists():  # another run may have been first
                made[release].rename(folder(release))
    finally:
        for path in made.values():
            shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True)
class Root:
    """A fresh copy of a release's root, with some folders of this machine in their places; use it as a context."""

    path: Path
    release: str
    shared: tuple[Path, ...] = ()
    """the folders"""
    noexec: tuple[str, ...] = ()
    """folders of its own in which no program may be started"""
    small: tuple[str, ...] = ()
    """folders of its own that hold 8 MB"""

    def __enter__(self) -> Self:
        """Mount it all; the mounts are of the session's namespace and vanish with it at the latest."""
        layers = [self.path.with_name(f"{self.path.name}-{name}") for name in ("upper", "work")]
        for each in (self.path, *layers):
            each.mkdir()
        upper, work = layers
        options = f"lowerdir={folder(self.release)},upperdir={upper},workdir={work}"
        self._mount("overlay", self.path, "--types=overlay", f"--options={options}")
        self._mount("proc", self.path / "proc", "--types=proc")
        self._mount("/dev", self.path / "dev", "--rbind")
        for name in self.noexec:
            self._mount("none", self.path / name, "--types=tmpfs", "--options=mode=1777,noexec")
        for name in self.small:
            self._mount("none", self.path / name, "--types=tmpfs", "--options=mode=755,size=8m")
        for each in self.shared:
            self._mount(str(each), self.path / each.relative_to("/"), "--bind")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the mounts away."""
        subprocess.run(["umount", "--recursive", "--lazy", str(self.path)], check=False, capture_output=True)

    def put(self, source: Path | str, inner: str) -> None:
        """Copy a program into it."""
        target = self.path / inner
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)

    def command(self, *words: str) -> list[str]:
        """Return the command that runs another one inside."""
        return [tools.program("chroot"), str(self.path), *words]

    def _mount(self, source: str, target: Path, *options: str) -> None:
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", *options, source, str(target)], check=True, capture_output=True, text=True)
