"""A front end's handle on a run: starts or attaches to it, reads its events, appends decisions."""

from __future__ import annotations

import getpass
import os
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TypedDict, Unpack

from ws9tui import __version__
from ws9tui.core.fs.files import working_directory
from ws9tui.core.journal import confidential
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.journal import Journal, Reader
from ws9tui.core.journal.presence import Presence
from ws9tui.core.model.commands import Caller
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Actor, Choice, Finding, Level, Verb
from ws9tui.core.store.store import Store
from ws9tui.errors import StateError
from ws9tui.problems.engine import DiesWithLogin, WorkerDied
from ws9tui.worker.launch import WORKER_LOG, launch

_START_TIMEOUT = 30.0


class Details(TypedDict, total=False):
    """The further fields of a decision, as in `events.Decision`."""

    services: tuple[str, ...]
    references: dict[str, str]
    project: str
    generation: int
    backups: tuple[str, ...] | None
    answers: dict[str, str]


class RunHandle:
    """One run as a front end handles it."""

    def __init__(
        self,
        folder: Path,
        worker: subprocess.Popen[bytes] | None = None,
        start_by: float = 0.0,
        *,
        present: bool = True,
    ) -> None:
        """``present``: an operator is here who can answer, for as long as this process lives and has not detached."""
        self.folder = folder
        self._reader = Reader(folder)
        self._journal = Journal(folder)
        self._worker = worker
        self._start_by = start_by
        """monotonic seconds until which a worker started by a service manager may not have appeared yet"""
        self._actor = actor()
        self._presence = Presence(folder) if present else None

    @classmethod
    def start(
        cls,
        store: Store,
        verb: Verb,
        options: Options,
        *,
        attended: bool,
        caller: Caller | None = None,
        demo: tuple[str, ...] = (),
    ) -> RunHandle:
        """Writes the request and starts a detached worker for it.

        ``caller`` is how ws9tui was called. ``demo`` are the simulated engine's arguments, for a worker that uses it
        instead of Docker.
        """
        request = e.RunRequested(
            verb=verb,
            options=options,
            actor=actor(),
            version=__version__,
            folder=str(working_directory()),
            attended=attended,
            caller=caller or Caller(),
        )
        try:
            folder = _begin(store, request)
        except StateError:
            # The run to be recovered has reserved disk space for this.
            if verb not in (Verb.RECOVER, Verb.WIZARD) or not store.free_reserves():
                raise
            folder = _begin(store, request)
        launched = launch(store.folder, folder, demo)
        if not launched.survives_logout:
            with closing(Journal(folder)) as journal:
                journal.append(e.Found(finding=Finding(Level.WARNING, DiesWithLogin())))
        return cls(folder, launched.process, start_by=time.monotonic() + _START_TIMEOUT)

    def read(self) -> list[Event]:
        """Returns the events since the last call."""
        found = self._reader.read()
        if any(isinstance(event, e.WorkerStarted) for event in found):
            self._start_by = 0.0
        return found

    def decide(self, choice: Choice, ask: int = 0, **details: Unpack[Details]) -> None:
        """Appends the operator's decision: on an open question, or with ``ask`` 0 on none, such as a cancel."""
        decision = e.Decision(ask=ask, choice=choice, actor=self._actor, **details)
        self._journal.append(confidential.handed(self.folder, decision))

    def died(self) -> WorkerDied | None:
        """Returns why the worker is gone although the run has not finished; None while a worker is alive.

        Call it when `read` returned nothing: a run that has just finished has no worker either.
        """
        if self._worker is not None:
            if self._worker.poll() is None:
                return None
            status = str(self._worker.returncode)
        elif self._reader.live() or time.monotonic() < self._start_by:
            return None
        else:
            status = ""
        confidential.forget(self.folder)
        return WorkerDied(status=status, log=str(self.folder / WORKER_LOG))

    def end(self) -> None:
        """Kills the worker if this handle started it and it is alive; for the demo, which leaves nothing behind."""
        if self._worker is not None and self._worker.poll() is None:
            self._worker.kill()
            self._worker.wait()

    def detach(self) -> None:
        """Records that the operator leaves deliberately, so that an open question keeps its full deadline.

        After any other end (a lost connection, a kill), a run that waits for an answer before its commit is cancelled
        after some minutes.
        """
        if self._presence is not None:
            self._presence.end()
            self._presence = None
        with suppress(StateError):
            self._journal.append(e.Detached(actor=self._actor))

    def close(self) -> None:
        """Releases the journal and the presence lock; the run goes on."""
        if self._presence is not None:
            self._presence.end()
        self._reader.close()
        self._journal.close()


def _begin(store: Store, request: e.RunRequested) -> Path:
    """Creates a run's folder and journal; removes the folder if the request cannot be written."""
    folder = store.new_run()
    try:
        with closing(Journal(folder)) as journal:
            journal.append(confidential.handed(folder, request))
    except StateError:
        store.remove_run(folder)
        raise
    return folder


def actor() -> Actor:
    """Returns the operator: the user (the caller of sudo, if any), with terminal and SSH peer."""
    user = os.environ.get("SUDO_USER") or _user()
    peer = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    terminal = ""
    for fd in (0, 1, 2):
        try:
            terminal = os.ttyname(fd)
            break
        except OSError:
            continue
    where = [f"ssh from {peer}" if peer else "", terminal]
    return Actor(user, ", ".join(part for part in where if part), peer, terminal)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
