"""Logins and tokens, over real sockets: what a registry gets of them, and what nobody else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from registries import BASIC, LIST, SECRET, Access, Handler, access, login_at, refusal, serving, tokens, told
from ws9tui.core.model.observed import Tags

__all__ = ["access"]


async def test_anybody_gets_a_token(access: Access) -> None:
    with serving(tokens) as server:
        server.wants = "nobody"  # type: ignore[attr-defined]
        assert await told(access(), server) == Tags(("1.0",))
    assert server.asked[1][1] == "/token?service=tests%2C+all&scope=repository%3Aapp%3Apull"
    assert [authorization for _, _, authorization in server.asked] == ["", "", "Bearer for-nobody"]


async def test_a_login_gets_a_token_elsewhere(access: Access, tmp_path: Path) -> None:
    with serving(tokens) as server, serving(tokens) as service:
        server.wants = "anna"  # type: ignore[attr-defined]
        server.realm = f"{service.url}/token?x=1"  # type: ignore[attr-defined]
        login_at(tmp_path, server.host)
        assert await told(access(), server) == Tags(("1.0",))
    assert [authorization for _, _, authorization in server.asked] == ["", "Bearer for-anna"]
    assert service.asked == [("GET", "/token?x=1&service=tests%2C+all&scope=repository%3Aapp%3Apull", BASIC)]


async def test_a_login_that_is_refused(access: Access, tmp_path: Path) -> None:
    with serving(tokens) as server:
        server.wants = "the king"  # type: ignore[attr-defined]
        login_at(tmp_path, server.host)
        assert (await refusal(access(), server))[0] == "unauthorized"
    assert len(server.asked) == 3


async def test_an_identity_token_buys_a_token(access: Access, tmp_path: Path) -> None:
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
        login_at(tmp_path, server.host, {"identitytoken": SECRET})
        assert await told(access(), server) == Tags(("1.0",))
    assert [authorization for _, _, authorization in server.asked] == ["", "", "Bearer bought"]


async def test_basic_authentication(access: Access, tmp_path: Path) -> None:
    def does(ask: Handler) -> None:
        if ask.headers.get("Authorization") == BASIC:
            ask.tags("1.0")
        else:
            ask.say(401, WWW_Authenticate='Basic realm="tests"')

    with serving(does) as server:
        assert (await refusal(access(), server)) == ("unauthorized", "it requires a login")
        login_at(tmp_path, server.host, {"auth": ""})
        code, reason = await refusal(access(), server)
        assert (code, "cannot be used" in reason) == ("unauthorized", True)
        login_at(tmp_path, server.host)
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
async def test_a_challenge_that_is_none_or_not_safe(access: Access, tmp_path: Path, challenge: str) -> None:
    with serving(lambda ask: ask.say(401, WWW_Authenticate=challenge)) as server:
        login_at(tmp_path, server.host)
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


async def test_credentials_do_not_go_along_elsewhere(access: Access, tmp_path: Path) -> None:
    def does(ask: Handler) -> None:
        if ask.headers.get("Authorization") == BASIC:
            ask.say(307, Location=f"{other.url}{LIST}?moved")
        else:
            ask.say(401, WWW_Authenticate='Basic realm="tests"')

    with serving(does) as server, serving(lambda ask: ask.tags("1.0")) as other:
        login_at(tmp_path, server.host)
        assert await told(access(), server) == Tags(("1.0",))
    assert other.asked == [("GET", f"{LIST}?moved", "")]


@pytest.mark.parametrize("status", [401, 403])
async def test_another_host_gets_no_login_by_asking(access: Access, tmp_path: Path, status: int) -> None:
    def asks(ask: Handler) -> None:
        ask.say(status, WWW_Authenticate='Basic realm="give"')

    with serving(asks) as other, serving(lambda ask: ask.say(302, Location=other.url)) as server:
        login_at(tmp_path, server.host)
        assert (await refusal(access(), server))[0] == "unauthorized"
    assert [authorization for _, _, authorization in other.asked] == [""]


@pytest.mark.parametrize(
    "target", ["http://registry.test/", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "", "http://[", "/again"]
)
async def test_redirections_that_are_not_safe_or_have_no_end(access: Access, target: str) -> None:
    with serving(lambda ask: ask.say(302, Location=target)) as server:
        assert (await refusal(access(), server))[0] == "registry-nonsense"
    assert len(server.asked) <= 6
