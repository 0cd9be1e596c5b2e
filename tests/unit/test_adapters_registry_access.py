"""Registries asked over real sockets, by what they may do: tokens, pages, redirections, and all kinds of mischief."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import socket
import threading
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from support import wait
from support.told import facts
from ws9tui.adapters.registry import access as registries
from ws9tui.adapters.registry.access import RegistryAccess
from ws9tui.adapters.registry.exchange import nearby, spared
from ws9tui.adapters.registry.logins import Logins
from ws9tui.adapters.registry.places import RegistryAddress, RegistryConfig, places
from ws9tui.core.model.observed import Tags
from ws9tui.errors import RegistryError
from ws9tui.words import problems

SECRET = "geheim-4711"
BASIC = "Basic " + b64encode(f"anna:{SECRET}".encode()).decode()
LIST = "/v2/app/tags/list"
SOON = 9.0
"""seconds, on a busy machine; what is waited for has no end of its own, and the shortest time-out is longer"""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
        with contextlib.suppress(ConnectionError):
            self.server.does(self)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.do_GET()

    def say(self, status: int, body: object = b"", **headers: str) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def tags(self, *names: str, **headers: str) -> None:
        self.say(200, {"name": "app", "tags": list(names)}, **headers)

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query)

    def log_message(self, *_: object) -> None:
        pass


Does = Callable[[Handler], None]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, does: Does) -> None:
        self.does = does
        self.asked: list[tuple[str, str, str]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextlib.contextmanager
def serving(does: Does) -> Iterator[Server]:
    with Server(does) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


Access = Callable[..., RegistryAccess]


@pytest.fixture
async def access(home: Path) -> AsyncIterator[Access]:
    def made(*, lookup: float = 5.0, **settings: object) -> RegistryAccess:
        async def asked() -> RegistryConfig:
            return RegistryConfig(**settings)  # type: ignore[arg-type]

        return RegistryAccess(Logins({"DOCKER_CONFIG": str(home)}), asked, lookup=lookup)

    yield made
    wait.until(lambda: all(thread.name != "blocking" for thread in threading.enumerate()), SOON, "no look-up is left")


def login_at(home: Path, host: str, entry: object = None) -> None:
    given = entry or {"auth": BASIC.partition(" ")[2]}
    (home / "config.json").write_text(json.dumps({"auths": {host: given}}))


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


# --- what registries do -----------------------------------------------------------------------------------------


async def test_tags_are_read(access: Access) -> None:
    with serving(lambda ask: ask.tags("1.0", "latest", "1.0", "not a tag", "\x1b[31m", "é")) as server:
        assert await told(access(), server) == Tags(("1.0", "latest"))
    assert server.asked == [("GET", f"{LIST}?n=1000", "")]


@pytest.mark.parametrize("body", [{"tags": None}, {"tags": []}, {"name": "app"}])
async def test_no_tags(access: Access, body: object) -> None:
    with serving(lambda ask: ask.say(200, body)) as server:
        assert await told(access(), server) == Tags(())


@pytest.mark.parametrize("kind", ["relative", "absolute", "without tls", "of old", "bare"])
async def test_pages_are_followed_as_the_registry_names_them(access: Access, kind: str) -> None:
    def does(ask: Handler) -> None:
        number = int(ask.query.get("next_page" if kind == "of old" else "last", ["0"])[0])
        parameter = "next_page" if kind == "of old" else "last"
        path = f"{LIST}?{parameter}={number + 1}&n=2&opaque=a%2Fb%3D"
        start = {"absolute": server.url, "without tls": f"https://{server.host}"}.get(kind, "")
        link = path.rpartition("/")[2] if kind == "bare" else start + path
        if number:
            assert "opaque=a%2Fb%3D" in ask.path
        more = {"Link": f'<{link}>; rel="next"'} if number < 3 else {}
        ask.tags(f"{number}.0", f"{number}.1", **more)

    with serving(does) as server:
        found = await told(access(), server)
    assert found == Tags(tuple(f"{major}.{minor}" for major in range(4) for minor in range(2)))


@pytest.mark.parametrize(
    "link", ["<http://127.0.0.1:1/v2/app/tags/list>", f"<{LIST}?n=1000>", "<//evil.test/v2/x>", "<http://[>", "<@:x>"]
)
async def test_pages_elsewhere_or_in_circles_are_not_followed(access: Access, link: str) -> None:
    with serving(lambda ask: ask.tags("1.0", Link=f'{link}; rel="next"')) as server:
        found = await told(access(), server)
    assert (found.names, found.complete) == (("1.0",), False)
    assert len(server.asked) <= 2


async def test_pages_without_end_are_bounded(access: Access) -> None:
    def does(ask: Handler) -> None:
        number = len(server.asked)
        ask.tags(f"1.{number}", Link=f'<{LIST}?last={number}>; rel="next"')

    with serving(does) as server:
        found = await told(access(lookup=30), server)
    assert (len(found.names), found.complete, len(server.asked)) == (100, False, 100)


async def test_five_thousand_tags(access: Access) -> None:
    def does(ask: Handler) -> None:
        first = int(ask.query.get("last", ["0"])[0])
        more = {"Link": f'<{LIST}?last={first + 1000}>; rel="next"'} if first < 4000 else {}
        ask.tags(*(f"1.{number}" for number in range(first, first + 1000)), **more)

    with serving(does) as server:
        found = await told(access(), server)
    assert (len(found.names), found.complete) == (5000, True)


async def test_a_registry_that_takes_no_number(access: Access) -> None:
    with serving(lambda ask: ask.say(400, b"bad n") if ask.query else ask.tags("1.0")) as server:
        assert await told(access(), server) == Tags(("1.0",))


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


async def test_anybody_gets_a_token(access: Access) -> None:
    with serving(tokens) as server:
        server.wants = "nobody"  # type: ignore[attr-defined]
        assert await told(access(), server) == Tags(("1.0",))
    assert server.asked[1][1] == "/token?service=tests%2C+all&scope=repository%3Aapp%3Apull"
    assert [authorization for _, _, authorization in server.asked] == ["", "", "Bearer for-nobody"]


async def test_a_login_gets_a_token_elsewhere(access: Access, home: Path) -> None:
    with serving(tokens) as server, serving(tokens) as service:
        server.wants = "anna"  # type: ignore[attr-defined]
        server.realm = f"{service.url}/token?x=1"  # type: ignore[attr-defined]
        login_at(home, server.host)
        assert await told(access(), server) == Tags(("1.0",))
    assert [authorization for _, _, authorization in server.asked] == ["", "Bearer for-anna"]
    assert service.asked == [("GET", "/token?x=1&service=tests%2C+all&scope=repository%3Aapp%3Apull", BASIC)]


async def test_a_login_that_is_refused(access: Access, home: Path) -> None:
    with serving(tokens) as server:
        server.wants = "the king"  # type: ignore[attr-defined]
        login_at(home, server.host)
        assert (await refusal(access(), server))[0] == "unauthorized"
    assert len(server.asked) == 3


async def test_an_identity_token_buys_a_token(access: Access, home: Path) -> None:
    def does(ask: Handler) -> None:
        if ask.path == "/token":
            assert ask.form["refresh_token"] == [SECRET]
            assert ask.form["grant_type"] == ["refresh_token"]
            ask.say(200, {"access_token": "bought"})
        elif ask.headers.get("Authorization") == "Bearer bought":
            ask.tags("1.0")
        else:
            ask.say(401, WWW_Authenticate=f'Bearer realm="{server.url}/token",service="x"')

    with serving(does) as server:
        login_at(home, server.host, {"identitytoken": SECRET})
        assert await told(access(), server) == Tags(("1.0",))
    assert [authorization for _, _, authorization in server.asked] == ["", "", "Bearer bought"]


async def test_basic_authentication(access: Access, home: Path) -> None:
    def does(ask: Handler) -> None:
        if ask.headers.get("Authorization") == BASIC:
            ask.tags("1.0")
        else:
            ask.say(401, WWW_Authenticate='Basic realm="tests"')

    with serving(does) as server:
        assert (await refusal(access(), server)) == ("unauthorized", "it requires a login")
        login_at(home, server.host, {"auth": ""})
        code, reason = await refusal(access(), server)
        assert (code, "cannot be used" in reason) == ("unauthorized", True)
        login_at(home, server.host)
        assert await told(access(), server) == Tags(("1.0",))


@pytest.mark.parametrize(
    "challenge",
    [
        "",
        "Negotiate",
        "Bearer",
        'Bearer realm=""',
        'Bearer realm="ftp://x/"',
        'Bearer realm="http://registry.test/token"',
        'Bearer realm="http://a:b@127.0.0.1/token"',
        'Bearer realm="file:///etc/passwd"',
        "Bearer realm=" + "x" * 5000,
    ],
)
async def test_a_challenge_that_is_none_or_not_safe(access: Access, home: Path, challenge: str) -> None:
    with serving(lambda ask: ask.say(401, WWW_Authenticate=challenge)) as server:
        login_at(home, server.host)
        assert (await refusal(access(), server))[0] == "unauthorized"
    assert {authorization for _, _, authorization in server.asked} == {""}


@pytest.mark.parametrize(
    "answer", [b"<html>", {}, {"token": ""}, {"token": 5}, {"token": "a\r\nX: y"}, [], b"[" * 99999]
)
async def test_a_token_that_is_none(access: Access, answer: object) -> None:
    def does(ask: Handler) -> None:
        if ask.path.startswith("/token"):
            ask.say(200, answer)
        else:
            ask.say(401, WWW_Authenticate=f'Bearer realm="{server.url}/token"')

    with serving(does) as server:
        assert (await refusal(access(), server))[0] == "registry-nonsense"


async def test_credentials_do_not_go_along_elsewhere(access: Access, home: Path) -> None:
    def does(ask: Handler) -> None:
        if ask.headers.get("Authorization") == BASIC:
            ask.say(307, Location=f"{other.url}{LIST}?moved")
        else:
            ask.say(401, WWW_Authenticate='Basic realm="tests"')

    with serving(does) as server, serving(lambda ask: ask.tags("1.0")) as other:
        login_at(home, server.host)
        assert await told(access(), server) == Tags(("1.0",))
    assert other.asked == [("GET", f"{LIST}?moved", "")]


@pytest.mark.parametrize("status", [401, 403])
async def test_another_host_gets_no_login_by_asking(access: Access, home: Path, status: int) -> None:
    def asks(ask: Handler) -> None:
        ask.say(status, WWW_Authenticate='Basic realm="give"')

    with serving(asks) as other, serving(lambda ask: ask.say(302, Location=other.url)) as server:
        login_at(home, server.host)
        assert (await refusal(access(), server))[0] == "unauthorized"
    assert [authorization for _, _, authorization in other.asked] == [""]


@pytest.mark.parametrize(
    "target", ["http://registry.test/", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "", "http://[", "/again"]
)
async def test_redirections_that_are_not_safe_or_have_no_end(access: Access, target: str) -> None:
    with serving(lambda ask: ask.say(302, Location=target)) as server:
        assert (await refusal(access(), server))[0] == "registry-nonsense"
    assert len(server.asked) <= 6


# --- what goes wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, b"", "unauthorized"),
        (404, {"errors": [{"code": "NAME_UNKNOWN"}]}, "repository-unknown"),
        (404, b"<html>nothing</html>", "tags-untold"),
        (405, b"", "tags-untold"),
        (400, b"", "tags-untold"),
        (429, b"", "rate-limited"),
        (500, b"<html>", "registry-server-error"),
        (504, b"", "registry-server-error"),
        (204, b"", "tags-untold"),
        (200, b"", "registry-nonsense"),
        (200, b"<html>log in</html>", "registry-nonsense"),
        (200, b"[]", "registry-nonsense"),
        (200, {"tags": "1.0"}, "registry-nonsense"),
        (200, {"tags": [1, 2]}, "registry-nonsense"),
        (200, b'{"tags":' + b"[" * 100_000, "registry-nonsense"),
        (200, b"\xff\xfe", "registry-nonsense"),
        (200, b" " * (5 << 20), "registry-nonsense"),
        (500, b"x" * (5 << 20), "registry-server-error"),
    ],
)
async def test_answers_that_are_no_list(access: Access, status: int, body: object, code: str) -> None:
    with serving(lambda ask: ask.say(status, body, Retry_After="120")) as server:
        assert (await refusal(access(), server))[0] == code


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


@pytest.mark.parametrize(
    ("does", "codes"),
    [
        (raw(b""), ("registry-unreachable",)),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), ("registry-unreachable",)),
        (raw(OK + b"Content-Length: 100\r\n\r\n{"), ("registry-unreachable",)),
        (raw(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), ("registry-unreachable",)),
        (raw(OK + b"Content-Length: -5\r\n\r\n{}"), ("",)),
        (raw(OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), ("",)),
        (raw(OK + b"\r\n", endlessly(b" " * 65536)), ("registry-nonsense",)),
        (raw(OK, endlessly(b"X: " + b"y" * 60000 + b"\r\n")), ("registry-unreachable",)),
        (raw(b"HTTP/1.1 200 " + b"x" * 70000), ("registry-unreachable",)),
    ],
)
async def test_answers_that_are_no_http(access: Access, does: Does, codes: tuple[str, ...]) -> None:
    with serving(does) as server:
        if codes == ("",):
            assert await told(access(lookup=30), server) == Tags(())
        else:
            assert (await refusal(access(lookup=30), server))[0] in codes


@pytest.mark.parametrize(
    "does",
    [
        raw(OK, endlessly(b"X", 0.05)),
        raw(OK + b"\r\n", endlessly(b" ", 0.05)),
        raw(b"", endlessly(b"H", 0.05)),
        raw(b"", endlessly(b"HTTP/1.1 100 Continue\r\n\r\n", 0.02)),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n", endlessly(b"1\r\n \r\n", 0.05)),
        lambda _: time.sleep(3),
    ],
    ids=["header", "body", "status", "continue", "chunks", "silence"],
)
async def test_a_server_that_goes_on_for_ever_is_left(access: Access, does: Does) -> None:
    with serving(does) as server:
        began = time.monotonic()
        assert (await refusal(access(lookup=0.6), server))[0] == "registry-slow"
        assert time.monotonic() - began < SOON


async def test_redirections_do_not_begin_the_time_anew(access: Access) -> None:
    def does(ask: Handler) -> None:
        time.sleep(0.3)
        ask.say(302, Location=f"/{len(server.asked)}")

    with serving(does) as server:
        assert (await refusal(access(lookup=0.8), server))[0] == "registry-slow"


async def test_one_who_waits_no_more_leaves_at_once(access: Access) -> None:
    begun = threading.Event()

    def does(ask: Handler) -> None:
        begun.set()
        endlessly(b"X", 0.05)(ask)

    with serving(does) as server:
        asking = asyncio.create_task(told(access(lookup=30), server))
        await asyncio.to_thread(begun.wait, 5)
        began = time.monotonic()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert time.monotonic() - began < SOON


async def test_nobody_there(access: Access) -> None:
    with serving(lambda ask: ask.tags()) as server:
        host = server
    assert (await refusal(access(), host))[0] == "registry-unreachable"


async def test_a_connection_that_nobody_takes(access: Access) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        began = time.monotonic()
        with pytest.raises(RegistryError) as caught:
            await access(lookup=0.5).tags(f"127.0.0.1:{listening.getsockname()[1]}/app")
        assert caught.value.problem.code == "registry-slow"
        assert time.monotonic() - began < SOON


# --- where a registry is asked ----------------------------------------------------------------------------------


async def test_a_mirror_is_asked_without_a_login_where_docker_hub_cannot_be_reached(
    access: Access, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ws9tui.adapters.registry.places.HUB_HOST", "127.0.0.1:1")
    with serving(tokens) as broken, serving(tokens) as mirror:
        broken.does = lambda ask: ask.say(503)
        mirror.wants = "nobody"  # type: ignore[attr-defined]
        mirror.does = lambda ask: ask.tags("1.0") if "library/web" in ask.path else ask.say(500)
        login_at(home, "https://index.docker.io/v1/")
        found = await access(mirrors=(broken.url, mirror.url)).tags("web:1.0")
    assert found == Tags(("1.0",), mirror=mirror.host)
    assert mirror.asked == [("GET", "/v2/library/web/tags/list?n=1000", "")]


async def test_what_docker_hub_says_is_not_asked_of_a_mirror(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda ask: ask.say(404)) as hub, serving(lambda ask: ask.tags("1.0")) as mirror:
        known = RegistryConfig(mirrors=(mirror.url,))
        monkeypatch.setattr(
            RegistryConfig, "of", lambda *_: [RegistryAddress(hub.url), RegistryAddress(mirror.url, mirror=mirror.host)]
        )
        with pytest.raises(RegistryError):
            await access(mirrors=known.mirrors).tags("web:1.0")
    assert mirror.asked == []


def test_addresses_are_those_that_the_engine_uses() -> None:
    known = RegistryConfig(
        mirrors=("https://m.test", "http://127.0.0.1:5000"), insecure=("reg.test:5000",), networks=("10.0.0.0/8",)
    )
    hub = [RegistryAddress("https://registry-1.docker.io"), RegistryAddress("https://m.test", mirror="m.test")]
    assert known.of("docker.io") == [*hub, RegistryAddress("http://127.0.0.1:5000", mirror="127.0.0.1:5000")]
    assert known.of("ghcr.io") == [RegistryAddress("https://ghcr.io")]
    both = [RegistryAddress("https://reg.test:5000", verify=False), RegistryAddress("http://reg.test:5000")]
    assert known.of("reg.test:5000") == both
    assert [place.url for place in known.of("10.1.2.3:80")] == ["https://10.1.2.3:80", "http://10.1.2.3:80"]
    assert known.of("11.1.2.3") == [RegistryAddress("https://11.1.2.3")]
    plain = RegistryConfig()
    assert [place.url for place in plain.of("localhost:5000")] == ["http://localhost:5000", "https://localhost:5000"]
    assert [place.url for place in plain.of("[::1]:5000")] == ["http://[::1]:5000", "https://[::1]:5000"]
    assert RegistryConfig(local=False).of("127.0.0.1:5000") == []


async def test_a_loopback_of_another_machine_is_not_ours(access: Access) -> None:
    with serving(lambda ask: ask.tags("1.0")) as server:
        code, reason = await refusal(access(local=False), server)
    assert (code, reason, server.asked) == ("registry-unreachable", "it is on the engine's own server", [])


def test_what_an_engine_says_of_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    said = {
        "RegistryConfig": {
            "InsecureRegistryCIDRs": ["127.0.0.0/8", "10.0.0.0/8"],
            "IndexConfigs": {"docker.io": {"Secure": True}, "reg.test:5000": {"Secure": False}, "odd": 5},
            "Mirrors": ["https://m.test/", "ftp://x", "https://u:p@m.test/", 5],
        },
        "HttpsProxy": "proxy.test:3128",
        "NoProxy": "intern.test",
    }
    known = places(said, local=True)
    assert (known.mirrors, known.insecure) == (("https://m.test",), ("reg.test:5000",))
    assert known.networks == ("127.0.0.0/8", "10.0.0.0/8")
    assert known.proxies == {"https": "http://proxy.test:3128", "no": "intern.test"}
    odds: list[dict[str, Any]] = [
        {},
        {"RegistryConfig": None},
        {"RegistryConfig": []},
        {"RegistryConfig": {"IndexConfigs": []}},
    ]
    for odd in odds:
        assert places(odd, local=True) == RegistryConfig()
    monkeypatch.setenv("https_proxy", "http://shell.test:1")
    hidden = places({"HttpsProxy": "http://xxxxx:xxxxx@proxy.test"}, local=True)
    assert hidden.proxies == {"https": "http://shell.test:1"}


INDEX = json.dumps(
    {
        "manifests": [
            {"digest": "sha256:one", "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
            {"digest": "sha256:two", "platform": {"os": "linux", "architecture": "amd64", "os.version": 1}},
            {"digest": "sha256:three"},
        ]
    }
).encode()


def pinned(server: Server, content: bytes) -> str:
    return f"{server.host}/app@sha256:{hashlib.sha256(content).hexdigest()}"


async def test_the_images_of_an_index_are_told(access: Access) -> None:
    with serving(lambda handler: handler.say(200, INDEX)) as server:
        reference = pinned(server, INDEX)
        found = await access().members(reference)
        assert server.asked[0][1] == f"/v2/app/manifests/{reference.partition('@')[2]}"
    assert found == {"sha256:one": "linux/arm", "sha256:two": "linux/amd64", "sha256:three": "/"}


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, INDEX + b" ", "digest-mismatch"),
        (404, b"", "manifest-unknown"),
        (401, b"", "unauthorized"),
        (503, b"", "registry-server-error"),
    ],
)
async def test_an_index_that_is_not_what_its_digest_says_or_is_not_given(
    access: Access, status: int, body: bytes, code: str
) -> None:
    with serving(lambda handler: handler.say(status, body)) as server:
        with pytest.raises(RegistryError) as caught:
            await access().members(pinned(server, INDEX))
        assert caught.value.problem.code == code


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"manifests": 1}'])
async def test_an_index_that_is_none(access: Access, body: bytes) -> None:
    with serving(lambda handler: handler.say(200, body)) as server:
        with pytest.raises(RegistryError) as caught:
            await access().members(pinned(server, body))
        assert caught.value.problem.code == "registry-nonsense"


async def test_a_manifest_has_no_images(access: Access) -> None:
    body = b'{"config": {}}'
    with serving(lambda handler: handler.say(200, body)) as server:
        assert await access().members(pinned(server, body)) == {}


async def test_a_proxy_is_used_and_not_for_what_is_near(access: Access) -> None:
    with serving(lambda ask: ask.tags("2.0")) as proxy, serving(lambda ask: ask.tags("1.0")) as server:
        known = access(proxies={"http": proxy.url, "https": proxy.url}, insecure=("reg.test",))
        assert await told(known, server) == Tags(("1.0",))
        assert await known.tags("reg.test/app") == Tags(("2.0",))  # CONNECT is refused, then without TLS
    assert ("GET", "http://reg.test/v2/app/tags/list?n=1000", "") in proxy.asked


def test_who_is_near_and_who_is_spared() -> None:
    assert all(nearby(host) for host in ("localhost", "127.0.0.1", "10.1.1.1", "192.168.1.1", "::1", "[::1]"))
    assert not any(nearby(host) for host in ("8.8.8.8", "reg.test", "", "localhost.evil.test"))
    listed = "intern.test, .dom.test, *.star.test, 172.20.0.0/16, host.test:8080"
    spares = ("intern.test", "a.intern.test", "x.dom.test", "a.star.test", "172.20.1.1", "HOST.test")
    assert all(spared(host, listed) for host in spares)
    assert not any(spared(host, listed) for host in ("test", "xintern.test", "172.21.1.1", ""))
    assert spared("any.test", "*")


def test_the_time_for_one_look_up_is_bearable() -> None:
    assert registries.LOOKUP <= 30
