"""Backups of service data: their location, manifest, rotation and verification.

    STATE/projects/KEY/backups/N/NAME/manifest.json   the manifest; N is the generation whose data it is
    STATE/projects/KEY/backups/N/NAME/0.tar.gz, 1…    the archives, one for each volume or bind mount
    STATE/projects/KEY/backups/N/NAME/0.extras.json   file attributes that the archive leaves out, if they were read

With `--backup-dir DIR` the archives are in DIR/KEY/N/NAME instead, with a copy of the manifest. A backup is removed
with its generation, or earlier if a service has more than `KEPT` or a project more than `BYTES_KEPT`. The manifest is
written before the first archive and marks the backup complete at the end; the next run removes incomplete backups. An
archive is the engine's own (see :mod:`ws9tui.core.data.transfer`), compressed: `tar xzf` reads it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.fs import files, places
from ws9tui.core.fs import xattrs as extras
from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.model.codec import readable
from ws9tui.core.model.plan import BEFORE, DataTarget
from ws9tui.core.store.store import private_folder, refuse_exposed
from ws9tui.errors import StateError
from ws9tui.problems import reasons_files
from ws9tui.problems.data import BackupDamaged, BackupFailed, BackupMissing

BACKUPS = "backups"
MANIFEST = "manifest.json"
KEPT = 3
"""maximum number of backups kept per service, generation and role"""
BYTES_KEPT = 50 * 1024**3
"""maximum bytes of a project's backups; beyond it the oldest are removed, but never a service's newest of a role"""
_FORMAT = 1
_CHUNK = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """One volume or bind mount of a backup."""

    target: DataTarget
    archive: str
    """file name"""
    size: int
    """bytes of the archive, uncompressed"""
    sha256: str
    """SHA-256 of the archive, uncompressed"""
    stored: int
    """bytes of the compressed file"""
    stored_sha256: str
    files: int
    newest: float
    """modification time of its newest file, as a Unix time of the engine's machine"""
    extras: str = ""
    """name of the file with what the archive leaves out (:mod:`ws9tui.core.fs.xattrs`); empty if that was not read"""
    extras_sha256: str = ""
    holes: int = 0
    """bytes of the archive that are holes of sparse files, which take no disk space"""
    content: str = ""
    """hash of the entries' meaning, independent of the engine that wrote them; empty in records of older versions"""

    def is_of(self, sha256: str, content: str) -> bool:
        """Whether an archive with these hashes has the same content."""
        return content == self.content if self.content else sha256 == self.sha256


class Backup(msgspec.Struct, frozen=True):
    """One backup of a service's data."""

    generation: int
    service: str
    role: str
    run: str
    """name of the run's folder"""
    image_id: str
    """the service's image at that time"""
    made_at: str
    folder: str
    """the folder with the archives"""
    parts: tuple[Part, ...] = ()
    complete: bool = False
    format: int = _FORMAT

    @property
    def size(self) -> int:
        """Bytes of the archives, uncompressed."""
        return sum(part.size for part in self.parts)

    @property
    def stored(self) -> int:
        """Bytes of the compressed files."""
        return sum(part.stored for part in self.parts)

    def same_data(self, other: Backup) -> bool:
        """Whether both have exactly the same data."""
        return len(self.parts) == len(other.parts) and all(
            one.target.target == two.target.target
            and one.is_of(two.sha256, two.content)
            and one.extras_sha256 == two.extras_sha256
            for one, two in zip(self.parts, other.parts, strict=True)
        )


def folder_for(state: Path, directory: str) -> Path:
    """Returns the folder below which a project's archives are kept; ``directory`` is `--backup-dir`, or empty."""
    return Path(directory) / state.name if directory else state / BACKUPS


def begin(state: Path, backup: Backup, directory: str) -> Backup:
    """Creates the folders of a new backup and writes its manifest as incomplete; raises `StateError`."""
    name = f"{backup.service}-{backup.role}-{backup.run}"
    index = state / BACKUPS / str(backup.generation) / name
    folder = folder_for(state, directory) / str(backup.generation) / name
    backup = msgspec.structs.replace(backup, folder=str(folder))
    try:
        if directory:
            refuse_exposed(folder_for(state, directory))
            Path(directory).mkdir(parents=True, exist_ok=True)
        for path in (index, folder):
            shutil.rmtree(path, ignore_errors=True)
        for path in (*reversed(folder.parents[:2]), folder, *reversed(index.parents[:2]), index):
            private_folder(path)
    except OSError as error:
        raise _failed(folder, error) from error
    files.replace(index / MANIFEST, readable(backup))
    return backup


def finish(state: Path, backup: Backup) -> Backup:
    """Marks a backup complete, and returns when all of it is synced to disk."""
    backup = msgspec.structs.replace(backup, complete=True)
    index, folder = _index(state, backup), Path(backup.folder)
    places.sync(folder)
    if folder != index:
        files.replace(folder / MANIFEST, readable(backup))
    files.replace(index / MANIFEST, readable(backup))
    return backup


def _index(state: Path, backup: Backup) -> Path:
    return state / BACKUPS / str(backup.generation) / Path(backup.folder).name


def read(folder: Path) -> Backup | None:
    """Returns the backup in a folder's manifest; None if it cannot be read, or is of a later version's format."""
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Backup)
    except (OSError, ValueError):
        return None
    return found if found.format <= _FORMAT else None


def all_of(state: Path) -> list[Backup]:
    """Returns a project's complete backups, the oldest first."""
    found = [backup for backup in map(read, state.glob(f"{BACKUPS}/*/*")) if backup is not None and backup.complete]
    return sorted(found, key=lambda backup: (backup.made_at, backup.folder))


def newest(state: Path, generation: int) -> dict[str, Backup]:
    """Returns the newest backup of a generation's own data (role ``before``), by service."""
    return {b.service: b for b in all_of(state) if b.generation == generation and b.role == BEFORE}


def at(state: Path, folder: str) -> Backup:
    """Returns the complete backup whose archives are in a folder; raises `StateError` if there is none."""
    for backup in all_of(state):
        if backup.folder == folder:
            return backup
    raise StateError(BackupMissing(path=folder))


def remove(state: Path, backup: Backup) -> None:
    """Removes a backup; the manifest's folder is removed last, so that an interrupted removal is found again."""
    index = _index(state, backup)
    if Path(backup.folder) != index and places.exposed(Path(backup.folder).parents[1]) is None:
        shutil.rmtree(backup.folder, ignore_errors=True)
        for parent in Path(backup.folder).parents[:2]:
            _drop_empty(parent)
    shutil.rmtree(index, ignore_errors=True)
    _drop_empty(index.parent)


def _drop_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def tidy(state: Path) -> None:
    """Removes incomplete backups; the caller must hold the project's lock."""
    for index in list(state.glob(f"{BACKUPS}/*/*")):
        backup = read(index)
        if backup is None:
            files.tidy(str(index / MANIFEST))
            _drop_empty(index)  # before its manifest a backup has no archive; one that cannot be read stays
        elif not backup.complete:
            remove(state, backup)


def remove_of(state: Path, generation: int) -> list[Backup]:
    """Removes all backups of a generation, and returns them."""
    gone = [backup for backup in all_of(state) if backup.generation == generation]
    for backup in gone:
        remove(state, backup)
    return gone


def rotate(state: Path, generations: Collection[int], held: Collection[str] = ()) -> list[Backup]:
    """Removes and returns the backups beyond the limits or without a generation; folders in ``held`` are kept."""
    gone = []
    size = 0
    counts: dict[tuple[str, int, str], int] = {}
    services: set[tuple[str, str]] = set()
    for backup in reversed(all_of(state)):
        key = (backup.service, backup.generation, backup.role)
        counts[key] = counts.get(key, 0) + 1
        size += backup.stored
        first = (backup.service, backup.role) not in services
        services.add((backup.service, backup.role))
        orphan = backup.generation not in generations
        extra = counts[key] > KEPT or (size > BYTES_KEPT and not first)
        if (orphan or extra) and backup.folder not in held:
            remove(state, backup)
            size -= backup.stored
            gone.append(backup)
    return gone


def write_extras(folder: Path, name: str, found: Sequence[Extras]) -> str:
    """Writes what an archive leaves out into a file, and returns the file's SHA-256; raises `StateError`."""
    content = extras.encode(found)
    files.replace(folder / name, content)
    return hashlib.sha256(content).hexdigest()


def read_extras(folder: Path, part: Part) -> tuple[Extras, ...]:
    """Returns what a part's archive leaves out; raises `StateError` if the file is not what was written."""
    path = folder / part.extras
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == part.extras_sha256:
            return extras.decode(content)
    except OSError as error:
        raise StateError(BackupDamaged(path=str(path), reason=error.strerror)) from error
    except ValueError as error:
        raise StateError(BackupDamaged(path=str(path), reason=str(error))) from error
    raise StateError(BackupDamaged(path=str(path), reason=reasons_files.ContentNotWritten()))


def room(folder: Path) -> int:
    """Returns the free bytes on the file system of an existing or future folder; raises `StateError`."""
    try:
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        found = os.statvfs(folder)
    except OSError as error:
        raise _failed(folder, error) from error
    return found.f_bavail * found.f_frsize


def _failed(path: Path, error: OSError) -> StateError:
    return StateError(BackupFailed(path=str(path), reason=str(error.strerror or error)))


class Packer:
    """Compresses one archive into a callback, and hashes it before and after compression."""

    LEVEL = 1
    """of zlib: twice as fast as level 6 (83 and 37 MB/s) for a twentieth more bytes; the service is down meanwhile"""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._hand_on = put
        self._pack = zlib.compressobj(self.LEVEL, zlib.DEFLATED, 31)  # 31: with a gzip header
        self._plain, self._packed = hashlib.sha256(), hashlib.sha256()
        self.size = self.stored = 0

    def write(self, chunk: bytes) -> None:
        """Compresses the next bytes."""
        self.size += len(chunk)
        self._plain.update(chunk)
        self._put(self._pack.compress(chunk))

    def finish(self) -> tuple[str, str]:
        """Ends the archive and returns its SHA-256 before and after compression."""
        self._put(self._pack.flush())
        return self._plain.hexdigest(), self.packed

    @property
    def packed(self) -> str:
        """The SHA-256 of the compressed bytes."""
        return self._packed.hexdigest()

    def _put(self, packed: bytes) -> None:
        self._packed.update(packed)
        self.stored += len(packed)
        self._hand_on(packed)


class BackupWriter(Packer):
    """Compresses one archive into a new file, synced at the end; raises `StateError`."""

    def __init__(self, path: Path) -> None:
        super().__init__(self._to_file)
        self._path = path
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _failed(path, error) from error
        self._file = os.fdopen(fd, "wb", buffering=0)

    def _to_file(self, packed: bytes) -> None:
        view = memoryview(packed)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise _failed(self._path, error) from error

    def finish(self) -> tuple[str, str]:
        """Ends and syncs the file, and returns its SHA-256 before and after compression."""
        hashes = super().finish()
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _failed(self._path, error) from error
        self.close()
        return hashes

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def chunks(path: Path) -> Iterator[bytes]:
    """Yields the archive in a file, uncompressed; raises `StateError` if it is damaged."""
    try:
        with path.open("rb") as file:
            yield from unpacked(iter(lambda: file.read(_CHUNK), b""), str(path))
    except OSError as error:
        raise StateError(BackupDamaged(path=str(path), reason=error.strerror)) from error


def unpacked(pieces: Iterable[bytes], path: str) -> Iterator[bytes]:
    """Yields an archive that arrives in pieces, uncompressed; raises `StateError` if it is damaged."""
    unpack = zlib.decompressobj(31)
    try:
        for piece in pieces:
            packed = piece
            while packed:
                yield unpack.decompress(packed, _CHUNK)
                packed = unpack.unconsumed_tail
        if rest := unpack.flush():
            yield rest
    except zlib.error as error:
        raise StateError(BackupDamaged(path=path, reason=str(error))) from error
    if not unpack.eof:
        raise StateError(BackupDamaged(path=path, reason=reasons_files.CutShort()))


def check(backup: Backup) -> None:
    """Reads a backup and compares its hashes; raises `StateError` if it is not what was written."""
    for part in backup.parts:
        path = Path(backup.folder) / part.archive
        digest = hashlib.sha256()
        for chunk in chunks(path):
            digest.update(chunk)
        if digest.hexdigest() != part.sha256:
            raise StateError(BackupDamaged(path=str(path), reason=reasons_files.ContentNotWritten()))
        if part.extras:
            read_extras(Path(backup.folder), part)
