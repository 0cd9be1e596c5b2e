"""The lock of a project on an engine: one writer at a time, by kernel locks that end with their last holder.

A lock consists of two parts, held by descriptors that a Compose process inherits and keeps if it outlives its worker:

- an abstract Unix socket, named after the engine's identity and the project's name. It works between all users of the
  machine, whatever their engine address, folder or state directory; it needs no permissions, is no file that could be
  removed, and the kernel knows its owner. A lock file open to all users would have to be in a folder writable by all,
  could be removed or replaced there, and could be locked by anybody just the same.
- the lock file of the project in the state directory, which holds more facts for those who can read it, and which also
  works between processes in different network namespaces that share the state directory.

A user without access to the engine can occupy the name too, but not anonymously: the kernel identifies the process.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import socket
import struct
import time
from pathlib import Path
from typing import NamedTuple, NoReturn

import msgspec

from ws9tui.core.journal.journal import now
from ws9tui.core.model.durations import rfc3339
from ws9tui.core.model.terms import Actor
from ws9tui.core.store import users
from ws9tui.errors import Busy
from ws9tui.problems.engine import BusyElsewhere, RunIsLive

_ASKING = 4096
"""listen backlog, the number of queries for the holder that are answered; the kernel's own limit may be lower"""
_CREDENTIALS = struct.Struct("3i")


class Holder(msgspec.Struct, frozen=True):
    """Who holds a project's lock."""

    pid: int
    run: str
    """the run's folder"""
    number: int
    actor: Actor
    since: str


class Lock:
    """The lock of a project; only its holder may change the project."""

    def __init__(self, path: Path, project: str, engine: str) -> None:
        """``path`` is the lock file; ``engine`` is the engine's identity."""
        self.path = path
        self.project = project
        self.name = socket_name(project, engine)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._socket = socket.socket(socket.AF_UNIX)

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The file descriptors that hold the lock."""
        return self._file, self._socket.fileno()

    def acquire(self, holder: Holder) -> None:
        """Acquires the lock and records its holder; raises `Busy` with the facts of another holder."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._close()
            self._busy(read_holder(self.path))
        try:
            self._socket.bind(f"\0{self.name}")
        except OSError as error:
            self._close()
            if error.errno != errno.EADDRINUSE:
                raise
            user, pid, since = _who(self.name)
            raise Busy(
                BusyElsewhere(project=self.project, lock=f"@{self.name}", user=user, pid=pid, since=since)
            ) from None
        self._socket.listen(_ASKING)
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, msgspec.json.encode(holder), 0)

    def release(self) -> None:
        """Releases the lock."""
        os.ftruncate(self._file, 0)
        self._close()

    def _close(self) -> None:
        self._socket.close()
        os.close(self._file)

    def _busy(self, other: Holder | None) -> NoReturn:
        if other is None:
            raise Busy(RunIsLive(project=self.project)) from None
        raise Busy(
            RunIsLive(
                project=self.project,
                user=other.actor.user,
                origin=other.actor.place,
                since=other.since,
                pid=other.pid,
                run=other.run,
                number=other.number or None,
            )
        ) from None


def holder(folder: Path | str, number: int, actor: Actor) -> Holder:
    """Returns this process as a lock's holder; ``folder`` is the run's, empty outside a run."""
    return Holder(os.getpid(), str(folder), number, actor, now())


def read_holder(path: Path) -> Holder | None:
    """Returns the holder recorded in a lock file; None if there is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, ValueError):
        return None


def socket_name(project: str, engine: str) -> str:
    """Returns the socket name of a project's lock, hashed because everybody can read it."""
    identity = f"{engine}\0{project}"
    return f"ws9tui/{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


class _Who(NamedTuple):
    user: str = ""
    pid: int | None = None
    since: str = ""


def _who(name: str) -> _Who:
    """Returns the user who holds a socket name, and its process and start time while that lives, from the kernel.

    Empty if the socket does not listen, or its backlog is full.
    """
    with socket.socket(socket.AF_UNIX) as asking:
        asking.setblocking(False)
        try:
            asking.connect(f"\0{name}")
            said = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        except OSError:
            return _Who()
    pid, uid, _ = _CREDENTIALS.unpack(said)
    since = _begun(pid, uid)
    return _Who(users.name(uid), pid if since else None, since)


def _begun(pid: int, uid: int) -> str:
    """Returns when a user's process began; empty if it has ended, even if another user's has its PID now."""
    try:
        folder = Path("/proc", str(pid))
        status = (folder / "status").read_text(errors="replace").splitlines()
        owners = next(line for line in status if line.startswith("Uid:"))
        ticks = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[19])
    except (OSError, StopIteration):
        return ""
    if str(uid) not in owners.split():
        return ""
    age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return rfc3339(time.time() - age, "seconds")
