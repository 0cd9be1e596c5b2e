"""Events of data: services that are stopped for it, backups, restores."""

from __future__ import annotations

import msgspec

from ws9tui.core.journal.events.event import Event


class StoppedContainer(msgspec.Struct, frozen=True):
    """A container that is stopped for a while."""

    id: str
    name: str
    service: str


class PauseStarted(Event, frozen=True):
    """These containers are about to be stopped; what stops them has to start them again."""

    waves: tuple[tuple[StoppedContainer, ...], ...]
    """in the order in which they are started"""


class PauseEnded(Event, frozen=True):
    """All of them were started again."""

    seconds: float
    """since the first was told to stop"""


class SaveWritten(Event, frozen=True):
    """The backup of a project is whole, on the disk, and has its name."""

    path: str
    size: int
    sha256: str
    data: int
    """bytes of the data in it, uncompressed"""


class SaveRead(Event, frozen=True):
    """A backup was read to its end, and all in it matches its checksums."""

    path: str
    made_at: str
    host: str
    """the server that it was made on"""
    size: int
    """bytes of its data, uncompressed"""


class DataMoved(Event, frozen=True):
    """How far a copy of data is, at most a few a second for each service."""

    service: str
    target: str
    """path in the container"""
    doing: str
    """backup, restore, check; read, of a project's backup, whose path stands for the service"""
    done: int
    """bytes"""
    total: int = -1
    """-1 where it is not known"""


class BackupMade(Event, frozen=True):
    """A service's data was saved, and is on the disk."""

    service: str
    generation: int
    """whose data it is, or to which the way back led that replaced it"""
    role: str
    """before, after (what a way back has replaced)"""
    folder: str
    size: int
    """bytes of the data's archives"""
    stored: int
    """bytes of the files, which are compressed"""
    files: int
    seconds: float


class RestoreStarted(Event, frozen=True):
    """From here on a service's present data is gone, until it is restored; written and synced before that."""

    service: str
    folder: str
    """of the backup"""


class RestoreFinished(Event, frozen=True):
    """A service's data is precisely that of the backup: read back, it has the same SHA-256."""

    service: str
    folder: str
    size: int
    seconds: float


class DataWritten(Event, frozen=True):
    """What was written into a service's data since it was saved."""

    service: str
    files: int
    """changed since; -1 where it was not looked at"""
    newest: str = ""
    """when the newest of them was changed"""
