"""A server that is told of runs, as a chat's or a monitor's would be; what it does with that is up to the test."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .servers import LoopbackServer, QuietHandler, served
from .wait import until

if TYPE_CHECKING:
    from pathlib import Path

Does = Callable[["Handler"], None]
TOKEN = "T0K3N-0123456789abcdef"
"""a part of its address that nobody else is to see"""


class Handler(QuietHandler):
    """Notes what is posted, then does what the test wants."""

    protocol_version = "HTTP/1.1"
    server: Webhook
    body: dict[str, Any]

    def answer(self) -> None:
        if self.command == "GET":
            self.server.paths.append(f"GET {self.path}")
            self.say(200)
            return
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.headers.append(dict(self.headers.items()))
        self.server.paths.append(self.path)
        self.server.got.append(json.loads(raw))
        with contextlib.suppress(OSError):
            self.server.does(self)

    def say(self, status: int, location: str = "", body: bytes = b"ok") -> None:
        """Answer."""
        self.reply(status, body, {"Location": location} if location else {})


class Webhook(LoopbackServer):
    """What came so far."""

    def __init__(self, does: Does, scheme: str = "http") -> None:
        super().__init__(Handler)
        self.does = does
        self.scheme = scheme
        self.got: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Its address, which has a secret in each part that may have one."""
        return f"{self.scheme}://anna:{TOKEN}@{self.host}/hooks/{TOKEN}?token={TOKEN}"

    def wait(self, event: str, seconds: float = 60) -> dict[str, Any]:
        """Wait for a notice of that kind."""
        return until(lambda: [n for n in self.got if n["event"] == event], seconds, lambda: f"{event}: {self.got}")[0]


def well(handler: Handler) -> None:
    """Take what is told."""
    handler.say(200)


def hangs(handler: Handler) -> None:
    """Answer nothing, as long as the server is there."""
    handler.server.over.wait(600)


def redirects(status: int, location: str) -> Does:
    """Send whoever tells elsewhere, but for what comes to `/there`."""
    return lambda handler: handler.say(200) if handler.path == "/there" else handler.say(status, location)


@contextmanager
def serving(does: Does = well, *, certificate: Path | None = None) -> Iterator[Webhook]:
    """Serve on this machine; by TLS with a certificate and its key in one file."""
    server = Webhook(does, "https" if certificate else "http")
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with served(server):
        yield server
        server.over.set()
