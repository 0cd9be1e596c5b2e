"""Puts the files of a generation in place, each at its real path, following no link that was not there.

The file that a generation had takes the place of a link that somebody has put there since; what the link leads to is
not touched. Where the folders above it are no more the ones that they were, nothing is written.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ws9tui.core.fs import files, places
from ws9tui.core.inspect import writable
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation, StoredFile, StoredFolder
from ws9tui.errors import StateError
from ws9tui.problems.files import FileUnwritable

_UNREADABLE = "unreadable"


def present(stored: StoredFile) -> str:
    """The hash of what is in a file's place, empty where nothing is; no hash where it cannot be read."""
    try:
        return files.sha256(stored.path)
    except StateError:
        return _UNREADABLE


def file(project_folder: Path, recorded: Generation, stored: StoredFile) -> bool:
    """Puts a generation's file in place, or takes away one that it does not have; False when it was so already."""
    if present(stored) == stored.sha256:
        return False
    real = Path(stored.real or _led_to(recorded, stored))
    folders = {folder.path: folder for folder in recorded.folders}

    def make(path: str, above: int, name: str) -> None:
        _make(folders.get(path, StoredFolder(path, uid=os.geteuid(), gid=os.getegid())), above, name)

    try:
        with places.held(str(real.parent), make if stored.sha256 else None) as folder:
            if stored.sha256:
                wanted = _attributes(stored, folder, real.name)
                files.put(folder, real.name, generation.content(project_folder, recorded, stored), wanted, exact=True)
            else:
                os.unlink(real.name, dir_fd=folder)
                places.sync(folder)
    except OSError as error:
        if places.is_link(error):
            raise StateError(writable.elsewhere(stored)) from error
        raise StateError(FileUnwritable(path=stored.path, reason=error.strerror)) from error
    if present(stored) != stored.sha256:  # a link above it leads elsewhere by now
        raise StateError(writable.elsewhere(stored))
    return True


def _led_to(recorded: Generation, stored: StoredFile) -> str:
    """Where a file of an older record is; raises `StateError` where a link leads there that is not to be relied on."""
    problem = writable.foreign_link(stored.path, writable.owners(recorded.source))
    if problem is not None:
        raise StateError(problem)
    return places.real(stored.path)


def _attributes(stored: StoredFile, folder: int, name: str) -> files.Attributes:
    """A file's attributes as recorded; extended ones that an older record does not have are those that it has now."""
    xattrs = stored.xattrs
    if xattrs is None:
        xattrs = {}
        with suppress(OSError):
            xattrs = files.attributes_in(folder, name).xattrs
    return files.Attributes(stored.mode, stored.uid, stored.gid, xattrs)


def _make(wanted: StoredFolder, above: int, name: str) -> None:
    """Makes a folder that is gone, with the owner and mode that it had."""
    os.mkdir(name, 0o700, dir_fd=above)
    fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    try:
        if os.geteuid() == 0:
            os.fchown(fd, wanted.uid, wanted.gid)
        os.fchmod(fd, wanted.mode)
    finally:
        os.close(fd)
