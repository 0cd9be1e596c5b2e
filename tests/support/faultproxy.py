"""A proxy in front of a registry, for everything that goes wrong between a registry and an engine."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from .faults import CHUNK, Faults, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from .registry import Registry

# an engine of today tries TLS on loopback too, and goes on without it when it is answered in plain HTTP
_TLS_HANDSHAKE = b"\x16"
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class FaultProxy(Faults):
    """Listens on a loopback port of its own: an image's reference names it, so that the engine needs no TLS."""

    def __init__(self, upstream: Registry) -> None:
        super().__init__()
        self.upstream = upstream
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    @property
    def host(self) -> str:
        """Host and port, as in an image's reference."""
        return f"127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://{self.host}"

    def start(self) -> None:
        """Listen on a free port, the same one when started again."""
        self._closing = False
        self._server = _Server(("127.0.0.1", self._port), self._handler)
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="faultproxy")
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and close every connection."""
        with self._lock:
            self._closing = True
            self._lock.notify_all()
        server, self._server = self._server, None
        if server and self._thread:
            server.shutdown()
            server.close_connections()
            server.server_close()
            self._thread.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _handler(self, request: socket.socket, address: Any, server: ThreadingHTTPServer) -> _Handler:  # noqa: ANN401
        return _Handler(self, request, address, server)


class _Server(ThreadingHTTPServer):
    """Remembers its connections, so that they can be closed under the engine's feet."""

    def __init__(self, address: tuple[str, int], handler: Callable[..., BaseHTTPRequestHandler]) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401
        self.connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End the transfers; their threads end by it."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Say nothing: engines hang up, and so do we."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(
        self,
        proxy: FaultProxy,
        request: socket.socket,
        address: Any,  # noqa: ANN401
        server: ThreadingHTTPServer,
    ) -> None:
        self.proxy = proxy
        super().__init__(request, address, server)

    def handle_one_request(self) -> None:
        """Read one request of a kept connection and answer it; to one for TLS, say that there is none here."""
        if self.rfile.peek(1)[:1] == _TLS_HANDSHAKE:  # type: ignore[attr-defined]  # it is a buffered reader
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            self.close_connection = True
            return
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        with self.proxy._noted(self.command, self.path):
            body = self._body()
            if rule := self.proxy._take(self.command, self.path, "answer"):
                self._refuse(rule)
            else:
                self._forward(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401
        """Keep the terminal clean."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _refuse(self, rule: Rule) -> None:
        self._head(rule.status, list(rule.headers.items()), len(rule.body))
        if self.command != "HEAD":
            self.wfile.write(rule.body)

    def _head(self, status: int, headers: list[tuple[str, str]], length: int) -> None:
        self.send_response_only(status)
        now = datetime.now(UTC)
        if wrong := self.proxy._find(self.command, self.path, "date"):
            now += timedelta(seconds=wrong.amount)
        self.send_header("Date", format_datetime(now, usegmt=True))
        for name, value in headers:
            if name.lower() not in _HOP:
                self.send_header(name, value.replace(self.proxy.upstream.url, self.proxy.url))
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _forward(self, body: bytes) -> None:
        upstream = http.client.HTTPConnection("127.0.0.1", self.proxy.upstream.port, timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():  # engines send several of the same name
                if name.lower() not in _HOP:
                    upstream.putheader(name, value)
            upstream.putheader("Content-Length", str(len(body)))
            upstream.endheaders(body)
            answer = upstream.getresponse()
            if answer.length is None and self.command != "HEAD":
                text = answer.read()
                self._head(answer.status, answer.getheaders(), len(text))
                self.wfile.write(text)
                return
            length = int(answer.getheader("Content-Length") or 0)
            self._head(answer.status, answer.getheaders(), length)
            if self.command != "HEAD":
                self._pass(answer, length)
        except (OSError, http.client.HTTPException):
            self.close_connection = True
        finally:
            upstream.close()

    def _pass(self, answer: http.client.HTTPResponse, size: int) -> None:
        """Send a body as far and as fast as the rules let it."""
        corrupt = size and self.proxy._take(self.command, self.path, "corrupt")
        done = 0
        while done < size:
            allowed = self.proxy._allow(self.path, done, size - done)
            data = answer.read(min(allowed, CHUNK))
            if not data:
                self.close_connection = True
                return
            done += len(data)
            if corrupt and done == size:
                data = data[:-1] + bytes([data[-1] ^ 0xFF])
            self.wfile.write(data)
            self.proxy._record(self.path, len(data))
