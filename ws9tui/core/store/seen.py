"""Records when digests of tags were first seen on this machine, the only trustworthy age of an image.

    seen/HASH.json    one file per repository, named by the hash of the repository's name

Concurrent runs may lose each other's record of a digest, which then only appears younger.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.fs import files
from ws9tui.core.model.reference import Reference
from ws9tui.core.store.store import private_folder
from ws9tui.errors import Ws9tuiError

FOLDER = "seen"
MOST = 500
"""maximum number of digests recorded per repository; the latest are kept"""


class Sighting(msgspec.Struct, frozen=True):
    """A digest that a tag has had."""

    tag: str
    digest: str
    at: str
    """RFC 3339, in UTC"""


class _Book(msgspec.Struct):
    repository: str
    sightings: list[Sighting] = []


class SeenDigests:
    """The sightings of one machine; if the folder is not writable, they are only kept in memory."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER
        self._books: dict[str, _Book] = {}

    def note(self, reference: Reference, digest: str, now: str) -> str:
        """Records a reference's digest, and returns when it was first seen in the repository: ``now`` if it is new."""
        book = self._book(reference)
        first = min((one.at for one in book.sightings if one.digest == digest), default="")
        if first and any((one.tag, one.digest) == (reference.meant_tag, digest) for one in book.sightings):
            return first
        first = first or now
        book.sightings = [*book.sightings, Sighting(reference.meant_tag, digest, first)][-MOST:]
        with suppress(OSError, Ws9tuiError):
            private_folder(self._folder)
            files.replace(self._path(book.repository), msgspec.json.encode(book))
        return first

    def earlier(self, reference: Reference) -> list[Sighting]:
        """Returns the digests that a reference's tag has had, the latest first."""
        mine = [one for one in self._book(reference).sightings if one.tag == reference.meant_tag]
        return sorted(mine, key=lambda one: one.at, reverse=True)

    def _book(self, reference: Reference) -> _Book:
        name = reference.full_name
        if name not in self._books:
            self._books[name] = _Book(name)
            with suppress(OSError, Ws9tuiError, msgspec.MsgspecError):
                raw = files.read(self._path(name))
                if raw is not None:
                    self._books[name] = msgspec.json.decode(raw, type=_Book)
        return self._books[name]

    def _path(self, repository: str) -> Path:
        return self._folder / f"{hashlib.sha256(repository.encode()).hexdigest()[:32]}.json"
