"""The state directory: runs with their journals, and each project's records.

    STATE/runs/ID/journal.jsonl             one run; ID sorts by time
    STATE/runs/ID/logs/…                    logs of containers that the run replaced or that failed
    STATE/projects/KEY/lock                 see :mod:`ws9tui.core.store.lock`
    STATE/projects/KEY/engine.json          see :mod:`ws9tui.core.store.home`
    STATE/projects/KEY/generations/N/…      see :mod:`ws9tui.core.store.generation`

Folders are created with mode 0700 and files with 0600; a state directory owned by another user is refused.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ws9tui.core.fs import files, places
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.journal import Reader
from ws9tui.core.journal.run_state import Phase, RunState
from ws9tui.core.model.terms import Outcome
from ws9tui.core.store.reserve import RESERVE
from ws9tui.errors import StateError
from ws9tui.problems.engine import StateForeign, StateNotAFolder, StateUnwritable
from ws9tui.problems.files import StateExposed
from ws9tui.problems.problem import Problem

STAGED = "staged-"
"""name prefix of temporary folders in a run's folder, obsolete once the run has ended"""
RUNS_KEPT = 50
"""maximum number of runs kept per project"""
NAMELESS_KEPT = 5
"""maximum number of kept runs that ended without a project, for diagnosis"""
_STARTING = 86400.0
RUNS_BYTES = 200 * 1024 * 1024
"""maximum bytes of a project's runs, saved logs included"""


def default_folder() -> Path:
    """Returns the state directory: /var/lib/ws9tui for root, else below the XDG state directory."""
    base = os.environ.get("XDG_STATE_HOME")
    return Path(base) / "ws9tui" if base and os.geteuid() != 0 else usual_folder()


def usual_folder() -> Path:
    """Returns the state directory that is used if XDG_STATE_HOME is not set."""
    return Path("/var/lib/ws9tui") if os.geteuid() == 0 else Path.home() / ".local" / "state" / "ws9tui"


def usual_address(host: str) -> bool:
    """Whether an engine's address is the default one."""
    return host in ("", "unix:///var/run/docker.sock", "unix:///run/docker.sock")


def address_key(project: str, host: str) -> str:
    """Returns the name of a project's folder: the project's name, and a hash of the engine's address unless default."""
    return _safe(project) if usual_address(host) else engine_key(project, host)


def engine_key(project: str, engine: str) -> str:
    """Returns the name of a project's folder: the project's name, and a hash of the engine's identity or address."""
    return f"{_safe(project)}@{hashlib.sha256(engine.encode()).hexdigest()[:10]}"


class Home(msgspec.Struct, frozen=True):
    """The records of one project on one engine: their folder, and the engine's identities."""

    folder: Path
    project: str
    engines: tuple[str, ...] = ()
    """the identities that the engine has had; empty in records of older versions, and for a new project"""
    others: dict[str, tuple[int, ...]] = {}
    """other user → numbers of that user's generations, as of the last survey"""


class RunRecord(msgspec.Struct, frozen=True):
    """A run in the store."""

    folder: Path
    state: RunState
    live: bool
    damaged: int = 0
    """number of unreadable lines in its journal"""

    @property
    def project(self) -> str:
        """The project's name; empty if the run found none."""
        return self.state.project.source.name if self.state.project else ""

    @property
    def number(self) -> int:
        """The run's number within the project; 0 if it has none."""
        return self.state.project.number if self.state.project else 0

    def events(self) -> list[Event]:
        """Returns all events of its journal."""
        with closing(Reader(self.folder)) as reader:
            return reader.read()

    def belongs(self, home: Home) -> bool:
        """Whether the run belongs to a project on an engine; runs of older versions are matched by the address."""
        engine = self.state.engine
        if engine is None or self.project != home.project:
            return False
        return engine.id in home.engines if engine.id else address_key(self.project, engine.host) == home.folder.name


class Store:
    """A state directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs_folder = folder / "runs"
        self.projects_folder = folder / "projects"

    def open(self) -> Store:
        """Creates missing folders; raises `StateError` if they are unusable or owned by another user."""
        try:
            refuse_exposed(self.folder)
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            for folder in (self.folder, self.runs_folder, self.projects_folder):
                private_folder(folder)
        except OSError as error:
            raise StateError(StateUnwritable(path=str(error.filename or self.folder), reason=error.strerror)) from error
        return self

    def new_run(self) -> Path:
        """Creates and returns the folder of a new run; raises `StateError`."""
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        folder = self.runs_folder / f"{stamp}-{secrets.token_hex(3)}"
        with writing(folder):
            folder.mkdir(mode=0o700)
        return folder

    def project(self, key: str) -> Path:
        """Returns the folder of a project's records, created if missing; raises `StateError`."""
        folder = self.projects_folder / _safe(key)
        with writing(folder):
            private_folder(folder)
        return folder

    def runs(self) -> Iterator[RunRecord]:
        """Yields all readable runs, the newest first."""
        if self.runs_folder.is_dir():
            yield from filter(None, map(self.read, sorted(self.runs_folder.iterdir(), reverse=True)))

    def runs_of(self, home: Home) -> list[RunRecord]:
        """Returns the runs of one project on one engine, by descending number, as folder names only have seconds."""
        found = [record for record in self.runs() if record.belongs(home)]
        return sorted(found, key=lambda record: record.number, reverse=True)

    def read(self, folder: Path) -> RunRecord | None:
        """Reads a run; returns None if its journal cannot be read."""
        with suppress(StateError), closing(Reader(folder)) as reader:
            return RunRecord(folder, fold(reader.read()), reader.live(), reader.damaged)
        return None

    def rotate(self, home: Home) -> None:
        """Removes a project's oldest runs beyond `RUNS_KEPT` and `RUNS_BYTES`; live and unrecovered runs are kept."""
        size = 0
        for count, record in enumerate(self.runs_of(home), start=1):
            with suppress(FileNotFoundError):  # a live run's files come and go
                size += sum(file.stat().st_size for file in record.folder.rglob("*") if file.is_file())
            finished = record.state.finished
            unfinished = finished is None or finished.outcome is Outcome.NEEDS_RECOVERY
            kept = count == 1 or record.live or (unfinished and not record.state.superseded)
            if (count > RUNS_KEPT or size > RUNS_BYTES) and not kept:
                self.remove_run(record.folder)

    def free_reserves(self) -> bool:
        """Frees the disk space that killed runs had reserved, for a recovery on a full disk; False if there is none."""
        freed = False
        for file in self.runs_folder.glob(f"*/{RESERVE}"):
            record = self.read(file.parent)
            if record is not None and not record.live:
                file.unlink(missing_ok=True)
                freed = True
        return freed

    def rotate_nameless(self) -> None:
        """Removes runs that ended without a project, except for the `NAMELESS_KEPT` newest.

        Of those kept, the temporary folders are removed. A run whose worker has not begun counts as dead after a day.
        """
        count = 0
        for folder in sorted(self.runs_folder.iterdir(), reverse=True):
            record = self.read(folder)
            if record is not None and (record.project or record.live):
                continue
            begun = record is not None and record.state.phase is not Phase.STARTING
            with suppress(OSError):
                for staged in folder.glob(f"{STAGED}*") if begun else ():
                    shutil.rmtree(staged, ignore_errors=True)
                if begun or time.time() - folder.stat().st_mtime > _STARTING:
                    count += 1
                    if count > NAMELESS_KEPT:
                        self.remove_run(folder)

    def remove_run(self, folder: Path) -> None:
        """Removes a run's folder; readers that have its journal open can still read it."""
        if folder.parent == self.runs_folder:
            shutil.rmtree(folder, ignore_errors=True)


def private_folder(folder: Path) -> None:
    """Creates a folder with mode 0700, or checks that this user owns the existing one and makes it private.

    Raises `StateError` or `OSError`.
    """
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise StateError(StateNotAFolder(path=str(folder))) from None
        if found.st_uid != os.geteuid():
            raise StateError(StateForeign(path=str(folder), owner=found.st_uid)) from None
        if stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(0o700)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns an `OSError` while writing to ``path`` into `StateError`."""
    try:
        yield
    except OSError as error:
        raise StateError(StateUnwritable(path=str(path), reason=error.strerror)) from error


def exposed(folder: Path) -> Problem | None:
    """Returns a problem if another user could replace a folder by another one or by a link, else None."""
    found = places.exposed(folder)
    if found is None:
        return None
    part, owner = found
    return StateExposed(path=str(folder), part=part, owner=files.user(owner))


def refuse_exposed(folder: Path) -> None:
    """Raises `StateError` if another user could replace a folder."""
    if (problem := exposed(folder)) is not None:
        raise StateError(problem)


def _safe(key: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.@-]", "_", key).lstrip(".") or "_"
