"""Puts the files of a generation in place, each at its real path, without following unrecorded links.

The generation's file replaces a link that somebody has put in its place since; the link's target is not touched.
Nothing is written if the folders above are not the recorded ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ws9tui.core.fs import files, places
from ws9tui.core.inspect import writable
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation, StoredFile, StoredFolder
from ws9tui.errors import Refused, StateError
from ws9tui.problems.files import FileUnwritable

_UNREADABLE = "unreadable"


def present(stored: StoredFile) -> str:
    """Returns the SHA-256 of the file at the path, empty if there is none; "unreadable" if it cannot be read."""
    try:
        return files.sha256(stored.path)
    except StateError:
        return _UNREADABLE


def refuse_unwritable(wanted: Generation) -> None:
    """Raises `Refused` if a file would have to be put in place and cannot be."""
    differing = [stored for stored in wanted.files if present(stored) != stored.sha256]
    for problem in writable.problems(differing, wanted.source):
        raise Refused(problem)


def file(project_folder: Path, recorded: Generation, stored: StoredFile) -> bool:
    """Puts a generation's file in place, or removes one that it lacks; returns False if nothing had to change."""
    real = stored.real or _led_to(recorded, stored)
    return put(stored, real, recorded.folders, lambda: generation.content(project_folder, recorded, stored))


def put(stored: StoredFile, real: str, above: Iterable[StoredFolder], content: Callable[[], bytes]) -> bool:
    """As `file`, for a file with the given real path, folders above it, and content."""
    if present(stored) == stored.sha256:
        return False
    place = Path(real)
    try:
        with held_folder(str(place.parent), above, make=bool(stored.sha256)) as folder:
            if stored.sha256:
                files.put(folder, place.name, content(), _attributes(stored, folder, place.name), exact=True)
            else:
                os.unlink(place.name, dir_fd=folder)
                places.sync(folder)
    except OSError as error:
        if places.is_link(error):
            raise StateError(writable.elsewhere(stored)) from error
        raise StateError(FileUnwritable(path=stored.path, reason=error.strerror)) from error
    if present(stored) != stored.sha256:  # a link above it has changed meanwhile
        raise StateError(writable.elsewhere(stored))
    return True


@contextmanager
def held_folder(path: str, recorded: Iterable[StoredFolder], *, make: bool = True) -> Iterator[int]:
    """Opens a folder by its real path; creates missing parts as recorded if ``make``; raises `OSError`."""
    folders = {folder.path: folder for folder in recorded}

    def made(missing: str, above: int, name: str) -> None:
        _make(folders.get(missing, StoredFolder(missing, uid=os.geteuid(), gid=os.getegid())), above, name)

    with places.held(path, made if make else None) as folder:
        yield folder


def _led_to(recorded: Generation, stored: StoredFile) -> str:
    """Returns the real path of an older record's file; raises `StateError` if an untrusted link leads there."""
    problem = writable.foreign_link(stored.path, writable.owners(recorded.source))
    if problem is not None:
        raise StateError(problem)
    return places.real(stored.path)


def _attributes(stored: StoredFile, folder: int, name: str) -> files.Attributes:
    """Returns the recorded attributes; if an older record has no extended ones, those that the file has now."""
    xattrs = stored.xattrs
    if xattrs is None:
        xattrs = {}
        with suppress(OSError):
            xattrs = files.attributes_in(folder, name).xattrs
    return files.Attributes(stored.mode, stored.uid, stored.gid, xattrs)


def _make(wanted: StoredFolder, above: int, name: str) -> None:
    """Creates a folder with the recorded owner and mode."""
    os.mkdir(name, 0o700, dir_fd=above)
    fd = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    try:
        if os.geteuid() == 0:
            os.fchown(fd, wanted.uid, wanted.gid)
        os.fchmod(fd, wanted.mode)
    finally:
        os.close(fd)
