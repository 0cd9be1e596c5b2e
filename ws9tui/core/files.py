"""Files: their hashes, and replacing them so that at every instant either the old or the new content is there."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ws9tui.errors import StateError


def sha256(path: str | Path) -> str:
    """The hash of a file's content; empty when there is no such file."""
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return ""
    except OSError as error:
        raise StateError("file-unreadable", path=path, reason=error.strerror) from error


def hashes(paths: Iterable[str]) -> dict[str, str]:
    """The hash of each file."""
    return {path: sha256(path) for path in paths}


def replace(path: Path, content: bytes, mode: int, owner: tuple[int, int] | None = None) -> None:
    """Puts a file in place whole: written beside it, synced, renamed over it; a symbolic link's target is replaced.

    ``mode`` and ``owner`` (UID, GID) are the new file's. Raises `StateError`; the old content is then still there.
    """
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.ws9tui")
    try:
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(content)
                file.flush()
                if owner is not None and os.geteuid() == 0:
                    os.fchown(fd, *owner)
                os.fchmod(fd, mode)
                os.fsync(fd)
            beside.rename(target)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
        sync_folder(target.parent)
    except OSError as error:
        raise StateError("file-unwritable", path=path, reason=error.strerror) from error


def tidy(path: str | Path) -> None:
    """Removes what a `replace` of this file that was killed has left beside it."""
    target = Path(os.path.realpath(path))
    with suppress(OSError):
        for entry in list(target.parent.iterdir()):
            if re.fullmatch(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.ws9tui", entry.name):
                entry.unlink()


def attributes(path: str | Path) -> tuple[int, int, int]:
    """A file's permission bits, UID and GID."""
    found = Path(path).stat()
    return stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid


def sync_folder(folder: Path) -> None:
    """Waits until a folder's entries are on the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def working_directory() -> Path:
    """The working directory as the shell has it, symbolic links kept, as every program of Docker takes it."""
    said = os.environ.get("PWD", "")
    try:
        if said.startswith("/") and Path(said).samefile("."):
            return Path(os.path.normpath(said))
    except OSError:
        pass
    return Path.cwd()
