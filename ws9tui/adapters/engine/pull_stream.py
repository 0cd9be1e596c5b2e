"""Reads a pull or a load from the engine so that it can be aborted at any time, even while the engine is silent.

The engine stops a download when its client closes the connection. A blocked read ends only by a shutdown of the socket,
and until the registry has answered there is not even a response to close. So the connection is made here, where its
socket is accessible, instead of in the pool of an HTTP library.

A load is not aborted by closing the connection while the engine answers. With the containerd image store (28.5) the
engine keeps what it received when its client disconnects or is killed: a lease holds it for 24 hours, through prunes
and restarts, and no API call ends a lease. If the request is completed instead, the engine itself fails the load, ends
the lease, and its next garbage collection frees everything. So a cut body is terminated like a whole one, and the
answer is awaited.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from types import TracebackType
from urllib.parse import urlsplit

from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.messages import message
from ws9tui.adapters.engine.ssh import SshConnection
from ws9tui.adapters.engine.ssh import address as ssh_address
from ws9tui.core.blocking import StoppedError
from ws9tui.errors import Ws9tuiError

CONNECT_TIMEOUT = 10.0
_END_TIMEOUT = 5.0
_CUT_TIMEOUT = 60.0
"""seconds for the engine to discard an incomplete body; its disk may be slow"""
_FINISH_TIMEOUT = 600.0
"""seconds for the engine to finish a complete body"""
_LINE_LIMIT = 1 << 20
_BAD_REQUEST = 400


class AnsweredError(Exception):
    """The engine answered a pull, a load or an exec with an error instead of a stream."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.said = message(body.decode(errors="replace"))


class BrokenError(Exception):
    """The connection broke, or was never made; the cause tells the details."""


class PullStream:
    """One POST whose answer is read line by line in its own thread; an asynchronous context manager.

    ``url`` is `unix:///path`, `ssh://host`, `http://host:port` or `https://host:port`. A ``body`` is sent in chunks; an
    error that it raises reaches the reader after the engine's answer to the cut body. Leaving the context raises
    `BrokenError` if the engine has not answered to a body.
    """

    def __init__(
        self, url: str, where: Endpoint, path: str, headers: Mapping[str, str], body: Iterable[bytes] | None = None
    ) -> None:
        self._path = path
        self._headers = dict(headers) | ({"Transfer-Encoding": "chunked"} if body is not None else {})
        self._body = body
        self._whole = False
        """whether the body was sent to its end"""
        self._failure: Exception | None = None
        """the error that the body raised"""
        self._connection = connection(url, where)
        self._lock = threading.Lock()
        self._left = False
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self._ended = asyncio.Event()
        # A daemon thread: a hanging connect must not keep the process alive.
        self._thread = threading.Thread(target=self._read, name="pull", daemon=True)

    async def __aenter__(self) -> AsyncIterator[bytes]:
        self._thread.start()
        return self._received()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for the engine's answer to a body, then shuts down the connection and waits for the thread."""
        with self._lock:
            self._left = True
        if self._body is not None:
            await self._ends(_CUT_TIMEOUT)
            if self._whole:
                await self._ends(_FINISH_TIMEOUT)
        unanswered = self._body is not None and not self._ended.is_set()
        self._hang_up()
        if await self._ends(_END_TIMEOUT):
            self._thread.join()  # it has nothing left to do
        if unanswered:
            raise BrokenError from TimeoutError()

    async def _ends(self, within: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                return await self._ended.wait()
        return False

    async def _received(self) -> AsyncIterator[bytes]:
        while (item := await self._lines.get()) is not None:
            if isinstance(item, AnsweredError | Ws9tuiError):
                raise item
            if isinstance(item, Exception):
                raise BrokenError(str(item)) from item
            yield item

    def _hang_up(self) -> None:
        with self._lock:
            if self._connection.sock:
                with contextlib.suppress(OSError):
                    self._connection.sock.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        try:
            self._exchange()
            self._tell(self._failure)
        except (OSError, http.client.HTTPException, AnsweredError, ValueError, AttributeError) as error:
            # The last two come from a TLS socket that was shut down during a read.
            self._tell(self._failure or error)
        finally:
            with self._lock:
                self._connection.close()
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._ended.set)

    def _exchange(self) -> None:
        self._connection.connect()
        with self._lock:
            if self._left:
                return
            self._connection.sock.settimeout(None)
        self._send()
        with self._connection.getresponse() as response:
            if self._failure:
                while response.read1(_LINE_LIMIT):
                    pass  # the answer to a cut body
                return
            if response.status >= _BAD_REQUEST:
                raise AnsweredError(response.status, response.read(_LINE_LIMIT))
            self._pass_lines(response)

    def _send(self) -> None:
        if self._body is None:
            self._connection.request("POST", self._path, headers=self._headers)
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # an engine that stops reading answers why
            self._connection.request("POST", self._path, self._pieces(self._body), self._headers, encode_chunked=True)

    def _pieces(self, body: Iterable[bytes]) -> Iterator[bytes]:
        """Yields the pieces of a body until it fails or the reader has left."""
        try:
            for piece in body:
                if self._left:
                    return
                yield piece
        except (OSError, ValueError, StoppedError, Ws9tuiError) as error:
            self._failure = error
        else:
            self._whole = True

    def _pass_lines(self, response: http.client.HTTPResponse) -> None:
        """Passes on all lines; `readline` would take a broken connection for the end."""
        rest = b""
        while data := response.read1(_LINE_LIMIT):
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._tell(line)
            rest = rest[-_LINE_LIMIT:]
        if rest:
            self._tell(rest)

    def _tell(self, item: bytes | Exception | None) -> None:
        # The loop may have been closed while the thread was still connecting.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._lines.put_nowait, item)


class _UnixConnection(http.client.HTTPConnection):
    """An HTTP connection over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=CONNECT_TIMEOUT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def connection(url: str, where: Endpoint) -> http.client.HTTPConnection:
    """Returns an HTTP connection to an engine, not connected yet."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return _UnixConnection(parts.path)
    if parts.scheme == "ssh":
        return SshConnection(ssh_address(url), CONNECT_TIMEOUT)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.netloc, timeout=CONNECT_TIMEOUT, context=_tls(where))
    return http.client.HTTPConnection(parts.netloc, timeout=CONNECT_TIMEOUT)


def _tls(where: Endpoint) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=where.ca or None)
    if not where.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if where.certificate:
        context.load_cert_chain(where.certificate, where.key or None)
    return context
