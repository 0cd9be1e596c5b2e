"""Registries over real sockets, that do what a test wants, and how they are asked."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from support import wait
from support.servers import LoopbackServer, QuietHandler, served
from support.told import facts
from ws9tui.adapters.registry.access import RegistryAccess
from ws9tui.adapters.registry.logins import Logins
from ws9tui.adapters.registry.places import RegistryConfig
from ws9tui.core.model.observed import Tags
from ws9tui.errors import RegistryError
from ws9tui.words import problems

SECRET = "geheim-4711"


BASIC = "Basic " + b64encode(f"anna:{SECRET}".encode()).decode()


LIST = "/v2/app/tags/list"


SOON = 9.0
"""seconds, on a busy machine; what is waited for has no end of its own, and the shortest time-out is longer"""


class Handler(QuietHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def answer(self) -> None:
        if self.command == "POST":
            self.form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        with contextlib.suppress(ConnectionError):
            self.server.does(self)

    def say(self, status: int, body: object = b"", **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.reply(status, raw, {name.replace("_", "-"): value for name, value in headers.items()})

    def tags(self, *names: str, **headers: str) -> None:
        self.say(200, {"name": "app", "tags": list(names)}, **headers)

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query)


Does = Callable[[Handler], None]


class Server(LoopbackServer):
    def __init__(self, does: Does) -> None:
        self.does = does
        self.asked: list[tuple[str, str, str]] = []
        super().__init__(Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        pass


def serving(does: Does) -> AbstractContextManager[Server]:
    return served(Server(does))


Access = Callable[..., RegistryAccess]


@pytest.fixture
async def access(tmp_path: Path) -> AsyncIterator[Access]:
    def made(*, lookup: float = 5.0, **settings: object) -> RegistryAccess:
        async def asked() -> RegistryConfig:
            return RegistryConfig(**settings)  # type: ignore[arg-type]

        return RegistryAccess(Logins({"DOCKER_CONFIG": str(tmp_path)}), asked, lookup=lookup)

    yield made
    wait.until(lambda: all(thread.name != "blocking" for thread in threading.enumerate()), SOON, "no look-up is left")


def login_at(folder: Path, host: str, entry: object = None) -> None:
    given = entry or {"auth": BASIC.partition(" ")[2]}
    (folder / "config.json").write_text(json.dumps({"auths": {host: given}}))


async def refusal(registry: RegistryAccess, server: Server, name: str = "app") -> tuple[str, str]:
    with pytest.raises(RegistryError) as caught:
        await registry.tags(f"{server.host}/{name}:1.0")
    problem = caught.value.problem
    assert SECRET not in repr(problem)
    assert (problem.facts["registry"], problem.facts["reference"]) == (server.host, f"{server.host}/{name}:1.0")
    assert problems.sentence(problem).isprintable()
    return problem.code, facts(problem)["reason"]


async def told(registry: RegistryAccess, server: Server) -> Tags:
    return await registry.tags(f"{server.host}/app:1.0")


# --- logins -----------------------------------------------------------------------------------------------------


def tokens(ask: Handler) -> None:
    """Give a token: to anna her own, to others one that opens nothing private."""
    if ask.path.startswith("/token"):
        who = "anna" if ask.headers.get("Authorization") == BASIC else "nobody"
        ask.say(200, {"access_token" if who == "anna" else "token": f"for-{who}"})
    elif ask.headers.get("Authorization") == f"Bearer for-{ask.server.wants}":  # type: ignore[attr-defined]
        ask.tags("1.0")
    else:
        realm = getattr(ask.server, "realm", f"http://{ask.headers['Host']}/token")
        scope = f'Bearer realm="{realm}",service="tests, all",scope="repository:app:pull"'
        ask.say(401, b"{}", WWW_Authenticate=scope)


def raw(text: bytes, then: Callable[[Handler], None] = lambda _: None) -> Does:
    """Write bytes as they are, then do something, then hang up."""

    def does(ask: Handler) -> None:
        ask.wfile.write(text)
        then(ask)
        ask.close_connection = True

    return does


def endlessly(piece: bytes, pause: float = 0.0) -> Callable[[Handler], None]:
    def goes_on(ask: Handler) -> None:
        for _ in range(1_000_000):
            ask.wfile.write(piece)
            if pause:
                time.sleep(pause)  # a server's pace

    return goes_on


OK = b"HTTP/1.1 200 OK\r\n"
