"""Backups of data: where they are kept, what is known of each, and when they go.

    STATE/projects/KEY/backups/N/NAME/manifest.json   what it is; N is the generation whose data it has
    STATE/projects/KEY/backups/N/NAME/0.tar.gz, 1…    the archives, one for each volume or bind mount
    STATE/projects/KEY/backups/N/NAME/0.extras.json   what the archive leaves out of its files, where it was seen

With `--backup-dir DIR` the archives are in DIR/KEY/N/NAME instead, with a copy of the manifest. Backups live as long
as their generation does, and at most so many of a service, and so many bytes of a project, are kept. The manifest is
there before the first archive is, and says when it is complete; what is not was cut short, and is removed by the next
run. An archive is what the engine gives (see :mod:`ws9tui.core.data.transfer`), compressed: `tar xzf` reads it.
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
"""backups of one service, generation and role that are kept"""
BYTES_KEPT = 50 * 1024**3
"""that a project's backups may take; beyond, the oldest go, but never the newest of a service"""
_CHUNK = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """One volume or bind mount of a backup."""

    target: DataTarget
    archive: str
    """file name"""
    size: int
    """bytes of the archive, uncompressed"""
    sha256: str
    """of the archive, uncompressed"""
    stored: int
    """bytes of the file"""
    stored_sha256: str
    files: int
    newest: float
    """when its newest file was changed, as a Unix time of the engine's machine"""
    extras: str = ""
    """name of the file that has what the archive leaves out (:mod:`ws9tui.core.fs.xattrs`), empty: it was not seen"""
    extras_sha256: str = ""
    holes: int = 0
    """bytes of the archive that stand for holes, which take no room while they are holes"""
    content: str = ""
    """hash of what its entries say, the same whichever engine writes them; empty in records of older versions"""

    def is_of(self, sha256: str, content: str) -> bool:
        """Whether an archive with these hashes has the same in it."""
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
    """where the archives are"""
    parts: tuple[Part, ...] = ()
    complete: bool = False
    format: int = 1

    @property
    def size(self) -> int:
        """Bytes of the archives, uncompressed."""
        return sum(part.size for part in self.parts)

    @property
    def stored(self) -> int:
        """Bytes of the files."""
        return sum(part.stored for part in self.parts)

    def same_data(self, other: Backup) -> bool:
        """Whether both have precisely the same data."""
        return len(self.parts) == len(other.parts) and all(
            one.target.target == two.target.target
            and one.is_of(two.sha256, two.content)
            and one.extras_sha256 == two.extras_sha256
            for one, two in zip(self.parts, other.parts, strict=True)
        )


def folder_for(state: Path, directory: str) -> Path:
    """Below which folder a project's archives are kept."""
    return Path(directory) / state.name if directory else state / BACKUPS


def begin(state: Path, backup: Backup, directory: str) -> Backup:
    """Makes the folders of a new backup and says in its manifest that it is not complete; raises `StateError`."""
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
    """Says that a backup is complete; all of it is on the disk when this returns."""
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
    """The backup that a folder's manifest tells of; None where it cannot be read."""
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Backup)
    except (OSError, ValueError):
        return None


def all_of(state: Path) -> list[Backup]:
    """A project's complete backups, the oldest first."""
    found = [backup for backup in map(read, state.glob(f"{BACKUPS}/*/*")) if backup is not None and backup.complete]
    return sorted(found, key=lambda backup: (backup.made_at, backup.folder))


def newest(state: Path, generation: int) -> dict[str, Backup]:
    """The newest backup of each service's data as a generation had it."""
    return {b.service: b for b in all_of(state) if b.generation == generation and b.role == BEFORE}


def at(state: Path, folder: str) -> Backup:
    """The complete backup whose archives are in a folder; raises `StateError` where there is none."""
    for backup in all_of(state):
        if backup.folder == folder:
            return backup
    raise StateError(BackupMissing(path=folder))


def remove(state: Path, backup: Backup) -> None:
    """Removes a backup; the manifest goes last, so that one that is cut short is found again."""
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
    """Removes what was cut short; only the run that has the project's lock may."""
    for index in list(state.glob(f"{BACKUPS}/*/*")):
        backup = read(index)
        if backup is None:
            shutil.rmtree(index, ignore_errors=True)
        elif not backup.complete:
            remove(state, backup)


def remove_of(state: Path, generation: int) -> list[Backup]:
    """Removes all backups of a generation that goes, and says which they were."""
    gone = [backup for backup in all_of(state) if backup.generation == generation]
    for backup in gone:
        remove(state, backup)
    return gone


def rotate(state: Path, generations: Collection[int], held: Collection[str] = ()) -> list[Backup]:
    """Removes what is too old or too much, and what has no generation any more; ``held`` are folders that stay."""
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
    """Writes what an archive leaves out into a file, and gives the file's hash; raises `StateError`."""
    content = extras.encode(found)
    files.replace(folder / name, content)
    return hashlib.sha256(content).hexdigest()


def read_extras(folder: Path, part: Part) -> tuple[Extras, ...]:
    """What a part's archive leaves out; raises `StateError` where the file is not what was written."""
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
    """Free bytes where a folder is or will be made; raises `StateError`."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        found = os.statvfs(folder)
    except OSError as error:
        raise _failed(folder, error) from error
    return found.f_bavail * found.f_frsize


def _failed(path: Path, error: OSError) -> StateError:
    return StateError(BackupFailed(path=str(path), reason=str(error.strerror or error)))


class Packer:
    """Compresses one archive, and hashes it before and after; what comes of it is handed on."""

    LEVEL = 1
    """of zlib: twice as fast as level 6 (83 and 37 MB/s) for a twentieth more bytes; the service is down meanwhile"""

    def __init__(self, put: Callable[[bytes], None]) -> None:
        self._hand_on = put
        self._pack = zlib.compressobj(self.LEVEL, zlib.DEFLATED, 31)  # 31: with a gzip header
        self._plain, self._packed = hashlib.sha256(), hashlib.sha256()
        self.size = self.stored = 0

    def write(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        self.size += len(chunk)
        self._plain.update(chunk)
        self._put(self._pack.compress(chunk))

    def finish(self) -> tuple[str, str]:
        """Ends the archive; its hashes before and after compression."""
        self._put(self._pack.flush())
        return self._plain.hexdigest(), self.packed

    @property
    def packed(self) -> str:
        """The hash of what was handed on."""
        return self._packed.hexdigest()

    def _put(self, packed: bytes) -> None:
        self._packed.update(packed)
        self.stored += len(packed)
        self._hand_on(packed)


class BackupWriter(Packer):
    """Writes one archive into a file of its own, synced at the end. Raises `StateError`."""

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
        """Ends the file and waits until it is on the disk; its hashes before and after compression."""
        hashes = super().finish()
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _failed(self._path, error) from error
        self.close()
        return hashes

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()


def chunks(path: Path) -> Iterator[bytes]:
    """The archive in a file, uncompressed; raises `StateError` where it is damaged."""
    try:
        with path.open("rb") as file:
            yield from unpacked(iter(lambda: file.read(_CHUNK), b""), str(path))
    except OSError as error:
        raise StateError(BackupDamaged(path=str(path), reason=error.strerror)) from error


def unpacked(pieces: Iterable[bytes], path: str) -> Iterator[bytes]:
    """An archive that comes in pieces, uncompressed; raises `StateError` where it is damaged."""
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
    """Reads a backup and compares its hashes; raises `StateError` where it is not what was written."""
    for part in backup.parts:
        path = Path(backup.folder) / part.archive
        digest = hashlib.sha256()
        for chunk in chunks(path):
            digest.update(chunk)
        if digest.hexdigest() != part.sha256:
            raise StateError(BackupDamaged(path=str(path), reason=reasons_files.ContentNotWritten()))
        if part.extras:
            read_extras(Path(backup.folder), part)
