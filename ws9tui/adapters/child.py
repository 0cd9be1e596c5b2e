"""Runs a command to its end: bounded in time and output, out of reach of the terminal's signals.

The child is the leader of a new session, so a Ctrl-C reaches it only through this process. Its helpers may form process
groups of their own, as the plugins of the docker command do, but stay in the session: the whole session is ended.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.problems import reasons
from ws9tui.problems.problem import Reason

OUTPUT_LIMIT = 16 << 20
MARK = "WS9TUI_MARK"
"""environment variable by which all processes that a command started are found"""
_CHUNK = 1 << 16
_TERM_GRACE = 10.0
_KILL_GRACE = 5.0
_POLL = 0.05


class CommandResult(msgspec.Struct, frozen=True):
    """The result of a command that ended; the status is negative if a signal killed it."""

    status: int
    output: str
    errors: str
    complete: bool = True
    """whether `output` has all of stdout, which is cut at `OUTPUT_LIMIT`"""


async def run(
    command: Sequence[str],
    *,
    folder: str | None,
    environment: Mapping[str, str],
    text: str | None = None,
    timeout: float,  # noqa: ASYNC109  # the child has to be ended before the time is up for the caller
    keep_open: Sequence[int] = (),
    on_line: Callable[[str], None] | None = None,
    mark: str = "",
) -> CommandResult:
    """Runs a command; raises `TimeoutError` or `CancelledError` only after it and its helpers have ended.

    Raises `OSError` or `ValueError` if it cannot be started; `why` words all of these but the cancellation.

    ``mark`` is set in its environment: on a timeout all processes with the mark are ended too, even outside the
    session. ``text`` is the stdin, ``keep_open`` are descriptors to inherit, ``on_line`` receives each line at once.
    """
    if mark:
        environment = {**environment, MARK: mark}
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=dict(environment),
            stdin=DEVNULL if text is None else PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
            pass_fds=tuple(keep_open),
        )
    )
    try:
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:  # asyncio would kill the child alone, and it may run already
        await _end(await starting, mark)
        raise
    output, errors = _Collector(on_line), _Collector(on_line)
    try:
        async with asyncio.timeout(timeout):
            await asyncio.gather(_feed(process, text), output.read(process.stdout), errors.read(process.stderr))
            status = await process.wait()
    except BaseException:
        await _end(process, mark)
        raise
    return CommandResult(status, output.text, errors.text, complete=output.complete)


def why(error: OSError | ValueError, seconds: float) -> Reason | str:
    """Returns the reason for an error that `run` raised; ``seconds`` was its timeout."""
    match error:
        case TimeoutError():
            return reasons.Unfinished(seconds=seconds)
        case FileNotFoundError():
            return reasons.NotInstalled()
        case OSError():
            return error.strerror or str(error)
    return reasons.SettingsUnusable()  # a NUL in an argument or a variable


class _Collector:
    """The output of one pipe, kept up to `OUTPUT_LIMIT`; passes on all its lines."""

    def __init__(self, on_line: Callable[[str], None] | None) -> None:
        self._on_line = on_line
        self._kept = bytearray()
        self._line = bytearray()
        self.complete = True

    @property
    def text(self) -> str:
        return self._kept.decode(errors="replace")

    async def read(self, pipe: asyncio.StreamReader | None) -> None:
        while pipe and (chunk := await pipe.read(_CHUNK)):
            room = OUTPUT_LIMIT - len(self._kept)
            self._kept += chunk[:room]
            self.complete = self.complete and len(chunk) <= room
            if self._on_line:
                self._split(chunk, self._on_line)

    def _split(self, chunk: bytes, on_line: Callable[[str], None]) -> None:
        *lines, rest = (bytes(self._line) + chunk).split(b"\n")
        self._line = bytearray(rest[-_CHUNK:])
        for line in lines:
            on_line(line.decode(errors="replace"))


async def _feed(process: Process, text: str | None) -> None:
    if text is None or not process.stdin:
        return
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(text.encode())
        await process.stdin.drain()
    process.stdin.close()


async def _end(process: Process, mark: str) -> None:
    """Sends SIGTERM to the child, then kills its session and waits for its end, even if the first wait is cancelled."""
    try:
        _signal(process, signal.SIGTERM, mark)
        await _gone(process, _TERM_GRACE, mark)
    finally:
        _signal(process, signal.SIGKILL, mark)
        await _gone(process, _KILL_GRACE, mark)
        await _drained(process)


async def _drained(process: Process) -> None:
    """Reads the rest of an ended child's pipes, because asyncio closes them only at their end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_KILL_GRACE):
            for pipe in (process.stdout, process.stderr):
                while pipe and await pipe.read(_CHUNK):
                    pass


async def _gone(process: Process, within: float, mark: str) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await process.wait()
            while any(_session(process.pid)) or any(marked(mark)):  # noqa: ASYNC110  # no event for another's child
                await asyncio.sleep(_POLL)


def _signal(process: Process, number: signal.Signals, mark: str) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
    for pid in _session(process.pid):
        with suppress(ProcessLookupError):
            if os.getpgid(pid) != process.pid:
                os.kill(pid, number)
    for pid in marked(mark):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


async def end(mark: str) -> int:
    """Kills the remaining processes that carry a mark and returns their number."""
    found = list(marked(mark))
    for pid in found:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_KILL_GRACE):
            while any(marked(mark)):  # noqa: ASYNC110  # as above
                await asyncio.sleep(_POLL)
    return len(found)


def marked(mark: str) -> Iterator[int]:
    """Finds this user's processes that have a mark in their environment; none for an empty mark."""
    wanted = f"{MARK}={mark}".encode()
    for entry in Path("/proc").glob("[0-9]*") if mark else ():
        with suppress(OSError):
            if entry.stat().st_uid == os.geteuid() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)


def _session(leader: int) -> Iterator[int]:
    """Finds the live processes of a session; none without /proc."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, _, _, session = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[:4]
            if int(session) == leader and state != "Z":
                yield int(entry.name)
