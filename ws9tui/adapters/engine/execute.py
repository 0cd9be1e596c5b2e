"""Runs a command in a container, and reads its output until its end, a timeout or an output limit.

A command may be silent for ever, and may print for ever. So it has its own connection, which is shut down while the
thread reads. The engine lets a command without a reader continue: it ends with its container.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

from docker import APIClient

from ws9tui.adapters.engine.calls import Calls
from ws9tui.adapters.engine.problems import is_page
from ws9tui.adapters.engine.pull_stream import AnsweredError, BrokenError, connection
from ws9tui.adapters.registry import logins
from ws9tui.adapters.registry.errors import without_credentials
from ws9tui.core.blocking import in_thread_within
from ws9tui.errors import EngineError
from ws9tui.problems import reasons
from ws9tui.problems.engine import EngineFailed

OUTPUT_LIMIT = 16 << 10
_REFUSAL_LIMIT = 64 << 10
_BAD_REQUEST = 400
_EXIT_LOOKS, _EXIT_PAUSE = 10, 0.1
"""number of looks for the exit status, and seconds between them: it may come a little after the output"""
_FRAME = 8
"""bytes of the header before each piece of output: its stream and its length"""


async def execute(
    call: Calls, container_id: str, command: Sequence[str], *, within: float, to_the_end: bool
) -> tuple[int | None, str]:
    """Runs a command without a TTY; as `core.ports.Engine.execute`.

    After a timeout the engine is asked for the status: if it does not answer, the engine is unreachable, else the
    command has not ended.
    """

    def make(client: APIClient) -> tuple[str, str]:
        return str(client.exec_create(container_id, list(command))["Id"]), client.api_version

    def status(client: APIClient) -> int | None:
        found = client.exec_inspect(made).get("ExitCode")
        return None if found is None else int(found)

    made, version = await call("execute", make)
    reading = _Reading(connection(call.url, call.where), f"/v{version}/exec/{made}/start", to_the_end=to_the_end)
    try:
        printed = (await in_thread_within(within, reading.read, reading.end)).decode(errors="replace")
    except AnsweredError as error:
        reason = reasons.HttpStatus(status=error.status) if is_page(error.said) else without_credentials(error.said)
        raise EngineError(EngineFailed(call="execute", reason=reason)) from error
    except (BrokenError, TimeoutError) as error:
        raise call.error("execute", error) from error
    for _ in range(_EXIT_LOOKS):
        if (code := await call("execute", status)) is not None:
            return code, printed
        await asyncio.sleep(_EXIT_PAUSE)
    return None, printed


class CommandOutput:
    """The output of a command without a TTY, decoded from the engine's stream; the last `OUTPUT_LIMIT` bytes."""

    def __init__(self) -> None:
        self.size = 0
        """bytes received, headers included"""
        self._head = bytearray()
        self._left = 0
        """bytes of the current piece that are still missing"""
        self._kept = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Decodes the next bytes of the stream."""
        self.size += len(chunk)
        while chunk:
            if not self._left:
                missing = _FRAME - len(self._head)
                self._head += chunk[:missing]
                chunk = chunk[missing:]
                if len(self._head) == _FRAME:
                    self._left = int.from_bytes(self._head[4:], "big")
                    self._head.clear()
                continue
            piece, chunk = chunk[: self._left], chunk[self._left :]
            self._left -= len(piece)
            self._kept += piece
        del self._kept[: max(len(self._kept) - OUTPUT_LIMIT, 0)]

    @property
    def kept(self) -> bytes:
        """The last bytes of the output, at most `OUTPUT_LIMIT`."""
        return bytes(self._kept)


class _Reading:
    """The output stream of one command; `read` blocks one thread, and `end` is called from another."""

    def __init__(self, made: HTTPConnection, path: str, *, to_the_end: bool) -> None:
        self._to_the_end = to_the_end
        self._connection = made
        self._path = path
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        """kept here because the connection drops it while the answer is still being read"""
        self._ended = False

    def end(self) -> None:
        """Shuts down the connection; `read` then returns what was received."""
        with self._lock:
            self._ended = True
            if self._socket:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def read(self) -> bytes:
        """Returns the output up to the command's end, the output limit, or `end`."""
        came = CommandOutput()
        try:
            self._exchange(came)
        except (OSError, HTTPException, ValueError, AttributeError) as error:
            # The last two come from a TLS socket that was shut down during a read.
            if not self._ended:
                raise BrokenError(str(error)) from error
        finally:
            with self._lock:
                self._connection.close()
        return came.kept

    def _exchange(self, came: CommandOutput) -> None:
        self._connection.connect()
        with self._lock:
            if self._ended:
                return
            self._socket = self._connection.sock
            self._socket.settimeout(None)
        headers = {**logins.read(os.environ).headers, "Content-Type": "application/json"}
        body = json.dumps({"Detach": False, "Tty": False}).encode()
        self._connection.request("POST", self._path, body, headers)
        with self._connection.getresponse() as response:
            if response.status >= _BAD_REQUEST:
                raise AnsweredError(response.status, response.read(_REFUSAL_LIMIT))
            while (self._to_the_end or came.size < OUTPUT_LIMIT) and (piece := response.read1(OUTPUT_LIMIT)):
                came.feed(piece)
