"""A front end's hold on a run: start one or attach to one, read its events, append decisions."""

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
    """What a choice says more, as in `events.Decision`."""

    services: tuple[str, ...]
    references: dict[str, str]
    project: str
    generation: int
    backups: tuple[str, ...] | None
    answers: dict[str, str]


class RunHandle:
    """One run, seen from a front end."""

    def __init__(
        self,
        folder: Path,
        worker: subprocess.Popen[bytes] | None = None,
        start_by: float = 0.0,
        *,
        present: bool = True,
    ) -> None:
        """With ``present`` somebody is here who can answer, as long as this process lives and has not let go."""
        self.folder = folder
        self._reader = Reader(folder)
        self._journal = Journal(folder)
        self._worker = worker
        self._start_by = start_by
        """monotonic seconds until which a worker that a service manager starts may still be on its way"""
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

        ``caller`` is how ws9tui was called. ``demo`` is the simulated engine's arguments, for a worker that talks to
        that instead of Docker.
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
            # The run that is to be recovered has set room aside for this.
            if verb not in (Verb.RECOVER, Verb.WIZARD) or not store.free_reserves():
                raise
            folder = _begin(store, request)
        launched = launch(store.folder, folder, demo)
        if not launched.survives_logout:
            with closing(Journal(folder)) as journal:
                journal.append(e.Found(finding=Finding(Level.WARNING, DiesWithLogin())))
        return cls(folder, launched.process, start_by=time.monotonic() + _START_TIMEOUT)

    def read(self) -> list[Event]:
        """The events that came since the last call."""
        found = self._reader.read()
        if any(isinstance(event, e.WorkerStarted) for event in found):
            self._start_by = 0.0
        return found

    def decide(self, choice: Choice, ask: int = 0, **details: Unpack[Details]) -> None:
        """Appends the operator's decision about an open question, or a cancel (``ask`` 0)."""
        decision = e.Decision(ask=ask, choice=choice, actor=self._actor, **details)
        self._journal.append(confidential.handed(self.folder, decision))

    def died(self) -> WorkerDied | None:
        """Why nobody works on this run any more, though it has not finished; None while a worker has it.

        Call it when `read` brought nothing: a run that has just finished has no worker either.
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
        """Kills the worker if it was started from here and still works; for the demo, which leaves nothing behind."""
        if self._worker is not None and self._worker.poll() is None:
            self._worker.kill()
            self._worker.wait()

    def detach(self) -> None:
        """Leaves on purpose: a question then waits as long as it says, though nobody is here.

        Who is gone without this (a lost connection, a kill) leaves a run that ends after some minutes, where it waits
        for an answer and nothing was begun.
        """
        if self._presence is not None:
            self._presence.end()
            self._presence = None
        with suppress(StateError):
            self._journal.append(e.Detached(actor=self._actor))

    def close(self) -> None:
        """Lets go; the run goes on."""
        if self._presence is not None:
            self._presence.end()
        self._reader.close()
        self._journal.close()


def _begin(store: Store, request: e.RunRequested) -> Path:
    """Makes a run's folder and journal; leaves nothing when the request cannot be written."""
    folder = store.new_run()
    try:
        with closing(Journal(folder)) as journal:
            journal.append(confidential.handed(folder, request))
    except StateError:
        store.remove_run(folder)
        raise
    return folder


def actor() -> Actor:
    """Who is at this terminal, and from where."""
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
