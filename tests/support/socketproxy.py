"""A proxy before the engine's socket that passes everything on and refuses single calls, as servers have it."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .dockerd import Dockerd

_PAGE = b"<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n"
_HEAD = b"\r\n\r\n"


@dataclass
class SocketProxy:
    """Where it listens, and what it refuses: a pattern for 'METHOD /path', without the API's version."""

    address: str
    refuses: str = "$^"
    refused: list[str] = field(default_factory=list)


class _Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    proxy: SocketProxy
    engine: str


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """One call: what comes after its head is not looked at."""
        begun = b""
        while _HEAD not in begun:
            if not (data := self.request.recv(65536)):
                return
            begun += data
        head, _, rest = begun.partition(_HEAD)
        method, path, _ = head.decode().split(" ", 2)
        call = f"{method} {re.sub(r'^/v[0-9.]+(?=/)', '', path).partition('?')[0]}"
        if re.search(self.server.proxy.refuses, call):
            self.server.proxy.refused.append(call)
            lines = f"HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: {len(_PAGE)}"
            self.request.sendall(lines.encode() + b"\r\nConnection: close" + _HEAD + _PAGE)
            self.request.shutdown(socket.SHUT_WR)
            while self.request.recv(65536):  # a reset would take the answer away
                pass
            return
        if b"upgrade" not in head.lower():  # so that each call comes in a connection of its own
            kept = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
            head = b"\r\n".join([*kept, b"Connection: close"])
        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self.server.engine)
            engine.sendall(head + _HEAD + rest)
            back = threading.Thread(target=pump, args=(engine, self.request), daemon=True)
            back.start()
            pump(self.request, engine)
            back.join()


def pump(source: socket.socket, target: socket.socket) -> None:
    """Pass on what comes until it ends, and the end as well."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def socket_proxy(engine: Dockerd, refuses: str = "$^") -> Iterator[SocketProxy]:
    """Stand before an engine."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.engine = str(engine.socket)
    server.proxy = SocketProxy(f"tcp://127.0.0.1:{server.server_address[1]}", refuses)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
