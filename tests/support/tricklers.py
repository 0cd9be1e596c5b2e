"""Servers whose answers never end."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAUSE = 0.2
ENDLESS = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
}


class Trickler:
    """Answers each client with a beginning, and then with the same piece again and again, slowly and for ever."""

    def __init__(self, beginning: bytes, piece: bytes) -> None:
        self._beginning = beginning
        self._piece = piece
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(_PAUSE)
        self._threads = [threading.Thread(target=self._accept)]
        self.asked = threading.Event()
        self.port = int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/"

    def _accept(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                client, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._trickle, args=(client,)))
                self._threads[-1].start()

    def _trickle(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.recv(1 << 16)
            self.asked.set()
            client.sendall(self._beginning)
            while not self._over.wait(_PAUSE):
                client.sendall(self._piece)

    def start(self) -> None:
        """Begin to listen."""
        self._threads[0].start()

    def stop(self) -> None:
        """Hang up on everybody."""
        self._over.set()
        while self._threads:
            self._threads.pop(0).join()
        self._listener.close()


@contextlib.contextmanager
def trickling(beginning: bytes, piece: bytes) -> Iterator[Trickler]:
    """Have such a server for a while."""
    server = Trickler(beginning, piece)
    server.start()
    try:
        yield server
    finally:
        server.stop()
