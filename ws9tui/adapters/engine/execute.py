"""Runs a command in a container, and reads what it prints until it ends, its time is up or it has printed enough.

A command may be silent for ever, and may print for ever. So it has a connection of its own, which is shut down under
the reading thread. The engine lets a command go on whose reader has gone: it ends with its container.
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
"""how often, and after how many seconds, a command is asked for its status: it may come a little after its output"""
_FRAME = 8
"""bytes before each piece of output: which stream it is of, and its length"""


async def execute(
    call: Calls, container_id: str, command: Sequence[str], *, within: float, to_the_end: bool
) -> tuple[int | None, str]:
    """Runs it without a terminal; as `core.ports.Engine.execute`.

    An engine that does not answer when the time is up is away; else it is the command that has not ended.
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
    """What a command without a terminal prints, taken out of what an engine sends of it; of much the last is kept."""

    def __init__(self) -> None:
        self.size = 0
        """bytes that came"""
        self._head = bytearray()
        self._left = 0
        """bytes of the present piece that are still to come"""
        self._kept = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Takes what came."""
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
        """The last of it."""
        return bytes(self._kept)


class _Reading:
    """One command that is read from, in another thread than the one that ends that."""

    def __init__(self, made: HTTPConnection, path: str, *, to_the_end: bool) -> None:
        self._to_the_end = to_the_end
        self._connection = made
        self._path = path
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        """which the connection lets go of while the answer is still read from it"""
        self._ended = False

    def end(self) -> None:
        """Ends it; what came is kept."""
        with self._lock:
            self._ended = True
            if self._socket:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def read(self) -> bytes:
        """What comes until the end, or until it is enough."""
        came = CommandOutput()
        try:
            self._exchange(came)
        except (OSError, HTTPException, ValueError, AttributeError) as error:
            # The last two come from a TLS socket that was shut down under a read.
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
