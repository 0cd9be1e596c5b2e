"""The worker process of a run, detached from every terminal: `python -m ws9tui.worker STATE RUN`.

It communicates only through the run's journal; its stdout and stderr go to the run's worker.log. With --world it uses a
simulated engine, for the demo.
"""

from __future__ import annotations

import argparse
import asyncio
import faulthandler
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NoReturn, TextIO, cast

from ws9tui.core.compose import sensitive
from ws9tui.core.journal import confidential
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.journal import Journal, Reader
from ws9tui.core.model import commands
from ws9tui.core.model.masking import Mask
from ws9tui.core.model.terms import Outcome
from ws9tui.core.ports import Compose, Engine, Programs
from ws9tui.core.runs import ending
from ws9tui.core.runs.run import run
from ws9tui.core.session import Session
from ws9tui.core.store import home
from ws9tui.core.store.store import Store
from ws9tui.errors import Ws9tuiError
from ws9tui.problems.engine import InternalError
from ws9tui.websoft9.profile import Websoft9
from ws9tui.worker import preload
from ws9tui.worker.launch import WORKER_LOG
from ws9tui.worker.notices import Notices, Tell


def main() -> NoReturn:
    """Executes one run and exits; the exit status only says whether the worker itself completed."""
    parser = argparse.ArgumentParser(prog="ws9tui.worker")
    parser.add_argument("state", type=Path)
    parser.add_argument("run")
    parser.add_argument("--environment", type=Path, help="file of its variables, which it removes")
    parser.add_argument("--world", type=Path, help="file of the simulated engine's world")
    parser.add_argument("--kill-at", default="", help="type of the event at which the demo's worker kills itself")
    parser.add_argument("--kill-delay", type=float, default=0.0, help="seconds after it")
    arguments = parser.parse_args()
    faulthandler.enable()  # a crash of the interpreter leaves its traceback in the run's worker.log
    os.umask(0o077)
    os.chdir("/")
    status = 1
    try:
        if arguments.environment:
            confidential.take_environment(arguments.environment)
        status = asyncio.Runner().run(_main(arguments))
    except Exception:  # noqa: BLE001 - it is told, as the interpreter would
        traceback.print_exc()
    # No thread is joined: one may hang in a call that never returns, such as to a network file system or a name server.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


async def _main(arguments: argparse.Namespace) -> int:
    store = Store(arguments.state)
    folder = store.runs_folder / arguments.run
    journal = Journal(folder)
    if not await _claim(journal):
        return 1
    with closing(Reader(folder)) as reader:
        asked = next(event for event in reader.read() if isinstance(event, e.RunRequested))
    request = asked
    journal.append(e.WorkerStarted(pid=os.getpid()))
    try:
        request = confidential.taken(folder, asked)
        engine, compose, programs = _connect(arguments.world)
    except Ws9tuiError as error:
        write = _writer(journal, request)
        write(e.Finished(outcome=ending.outcome(error, begun=False), problem=error.problem))
        await _finish(Notices(folder, request, write, _teller(arguments.world)))
        store.remove_run(folder)
        return 0
    gc.freeze()
    gc.enable()
    session = Session(store, folder, request, journal, engine, compose, programs, Websoft9())
    sys.stdout = sys.stderr = cast("TextIO", Masked(sys.stderr, session.mask))
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, preload.everything)  # not awaited: what is needed earlier is imported earlier
    loop.add_signal_handler(signal.SIGTERM, session.terminate)
    for number in (signal.SIGHUP, signal.SIGINT):
        loop.add_signal_handler(number, lambda: None)
    killer = asyncio.create_task(_kill(folder, arguments.kill_at, arguments.kill_delay)) if arguments.kill_at else None
    notices = Notices(folder, request, session.emit, _teller(arguments.world), lambda: session.receivers)
    telling = asyncio.create_task(notices.follow())
    try:
        await _run(session)
        telling.cancel()
        await asyncio.wait({telling})
        await _finish(notices)
    finally:
        if killer is not None:
            killer.cancel()
        await engine.close()
        session.close()
        confidential.forget(folder)
    if not session.remembered:
        store.remove_run(folder)
    record = store.read(folder)
    if record is not None and record.state.engine is not None:
        met = record.state.engine
        store.rotate(home.find(store, record.project, met.id, met.host))
    store.rotate_nameless()
    return 0


async def _run(session: Session) -> None:
    """Executes the run; whatever happens, its journal gets a final event."""
    try:
        await run(session)
    except Exception:  # noqa: BLE001 - the last resort
        traceback.print_exc()
        outcome = Outcome.NEEDS_RECOVERY if session.committed else Outcome.UNCHANGED
        problem = InternalError(error=repr(sys.exc_info()[1]), log=str(session.folder / WORKER_LOG))
        told = commands.recovery(session.place, back=not session.one_way) if session.committed else ()
        session.emit(e.Finished(outcome=outcome, problem=problem, commands=told))
        session.remember()


async def _finish(notices: Notices) -> None:
    """Sends the final notifications; an error there does not change the run's outcome."""
    try:
        await notices.finish()
    except Exception:  # noqa: BLE001 - it is told where a fault is looked for
        traceback.print_exc()


def _writer(journal: Journal, request: e.RunRequested) -> Callable[[Event], None]:
    """Returns a function that writes events with the call's secrets masked, for use before there is a session."""
    mask = Mask()
    sensitive.call(mask, request.options, os.environ)

    def write(event: Event) -> None:
        journal.append(confidential.masked(event, mask))

    return write


def _teller(world: Path | None) -> Tell:
    """Returns what sends notifications; a demo sends none."""
    if world is not None:
        return _told_nobody
    from ws9tui.adapters.notices import tell  # noqa: PLC0415 - as the others

    return tell


async def _told_nobody(_receiver: str, _body: bytes, **_how: object) -> str:
    return ""


class Masked:
    """A stream that masks secrets: a crash is recorded only in what the process prints."""

    def __init__(self, stream: TextIO, mask: Mask) -> None:
        self._stream = stream
        self._mask = mask

    def write(self, text: str) -> int:
        """Writes a text with its secrets masked."""
        self._stream.write(self._mask.hidden(text))
        return len(text)

    def flush(self) -> None:
        """Flushes the stream."""
        self._stream.flush()


async def _claim(journal: Journal) -> bool:
    """Claims the run; retries, since a front end that tests the claim holds it for an instant."""
    for _ in range(50):
        if journal.claim():
            return True
        await asyncio.sleep(0.02)
    return False


def _connect(world: Path | None) -> tuple[Engine, Compose, Programs]:
    # Imported late: front ends import this package too, and the SDK takes a tenth of a second to load.
    if world is not None:
        from ws9tui.simulation.compose import SimulatedCompose  # noqa: PLC0415
        from ws9tui.simulation.engine import SimulatedEngine, World  # noqa: PLC0415
        from ws9tui.simulation.programs import SimulatedPrograms  # noqa: PLC0415

        there = World.load(world)
        return SimulatedEngine(there), SimulatedCompose(there), SimulatedPrograms(there)
    from ws9tui.adapters.compose.compose import ComposeCommand  # noqa: PLC0415
    from ws9tui.adapters.engine.engine import connect  # noqa: PLC0415
    from ws9tui.adapters.programs.programs import InstalledPrograms  # noqa: PLC0415
    from ws9tui.adapters.registry import logins  # noqa: PLC0415

    compose = ComposeCommand()
    for login in logins.read(os.environ).entries.values():
        compose.mask.learn((("PASSWORD", login.password), ("TOKEN", login.identity), ("TOKEN", login.token)))
    return connect(), compose, InstalledPrograms()


async def _kill(folder: Path, event_type: str, delay: float) -> None:
    """Kills this process after an event of that type, for the demo of an interrupted run."""
    reader = Reader(folder)
    while not any(e.to_builtins(event)["type"] == event_type for event in reader.read()):  # noqa: ASYNC110 - a file tells
        await asyncio.sleep(0.02)
    await asyncio.sleep(delay)
    os.kill(os.getpid(), signal.SIGKILL)
