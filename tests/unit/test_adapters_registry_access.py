"""Registries asked over real sockets: their tags and indexes, page by page, and where each of them is asked."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from registries import LIST, Access, Handler, Server, access, login_at, refusal, serving, tokens, told
from ws9tui.adapters.registry.exchange import nearby, spared
from ws9tui.adapters.registry.places import RegistryAddress, RegistryConfig, places
from ws9tui.core.model.observed import Tags
from ws9tui.errors import RegistryError

__all__ = ["access"]


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


# --- where a registry is asked ----------------------------------------------------------------------------------


async def test_a_mirror_is_asked_without_a_login_where_docker_hub_cannot_be_reached(
    access: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ws9tui.adapters.registry.places.HUB_HOST", "127.0.0.1:1")
    with serving(tokens) as broken, serving(tokens) as mirror:
        broken.does = lambda ask: ask.say(503)
        mirror.wants = "nobody"  # type: ignore[attr-defined]
        mirror.does = lambda ask: ask.tags("1.0") if "library/web" in ask.path else ask.say(500)
        login_at(tmp_path, "https://index.docker.io/v1/")
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


@pytest.mark.usefixtures("no_proxy")
def test_what_an_engine_says_of_registries(monkeypatch: pytest.MonkeyPatch) -> None:
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
