"""Events of service data: containers stopped for a copy, backups, restores."""

from __future__ import annotations

import msgspec

from ws9tui.core.journal.events.event import Event


class StoppedContainer(msgspec.Struct, frozen=True):
    """A container that is stopped temporarily."""

    id: str
    name: str
    service: str


class PauseStarted(Event, frozen=True):
    """These containers are about to be stopped temporarily; the run must start them again."""

    waves: tuple[tuple[StoppedContainer, ...], ...]
    """in the order in which they are started"""


class PauseEnded(Event, frozen=True):
    """All temporarily stopped containers were started again."""

    seconds: float
    """since the first stop was requested"""


class SaveWritten(Event, frozen=True):
    """A project's backup file is complete, synced to disk and has its final name."""

    path: str
    size: int
    sha256: str
    data: int
    """bytes of its data, uncompressed"""


class SaveRead(Event, frozen=True):
    """A project's backup file was read to its end and matches all its checksums."""

    path: str
    made_at: str
    host: str
    """the server that it was made on"""
    size: int
    """bytes of its data, uncompressed"""


class DataMoved(Event, frozen=True):
    """Progress of a data copy, at most a few events per second and service."""

    service: str
    target: str
    """path in the container"""
    doing: str
    """backup, restore, check; read, of a project's backup file, whose path is in ``service``"""
    done: int
    """bytes"""
    total: int = -1
    """bytes; -1 if unknown"""


class BackupMade(Event, frozen=True):
    """A backup of a service's data is complete and synced to disk."""

    service: str
    generation: int
    """the generation whose data it is; for role ``after`` the generation rolled back to"""
    role: str
    """before, after (the data that a rollback replaced)"""
    folder: str
    size: int
    """bytes of the archives, uncompressed"""
    stored: int
    """bytes of the compressed files"""
    files: int
    seconds: float


class RestoreStarted(Event, frozen=True):
    """A service's present data is about to be deleted and restored from a backup; written and synced before."""

    service: str
    folder: str
    """the backup's folder"""


class RestoreFinished(Event, frozen=True):
    """A service's data was restored from a backup and, read back, has the same SHA-256."""

    service: str
    folder: str
    size: int
    seconds: float


class DataWritten(Event, frozen=True):
    """What was written to a service's data since its backup."""

    service: str
    files: int
    """files changed since; -1 if not examined"""
    newest: str = ""
    """modification time of the newest of them"""
