"""A product's acceptance checks: what passes, what does not, and what cannot be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec
import pytest

from support.told import facts
from ws9tui.core.inspect import acceptance
from ws9tui.core.model.acceptance import MISSING, AcceptanceCheck
from ws9tui.core.model.observed import Container
from ws9tui.core.model.reference import Reference
from ws9tui.errors import EngineError
from ws9tui.problems.engine import EngineFailed, EngineUnreachable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ws9tui.core.ports import Engine
    from ws9tui.problems.problem import Problem

RUNS = Container("1", "websoft9", "image", Reference("x"), project="websoft9", service="product")
URL = AcceptanceCheck("console", "product", "product", "http://127.0.0.1:9000/", highest=299, says="ready")
COMMAND = AcceptanceCheck("strict", "product", "product", command=("strict",))


class Answering:
    """As much of an engine as is asked: what commands in its containers come to, by their last words."""

    def __init__(self, **says: tuple[int | None, str] | EngineError) -> None:
        self.says = {name.replace("_", "://"): said for name, said in says.items()}
        self.asked: list[str] = []

    async def execute(self, _: str, command: Sequence[str], *, within: float) -> tuple[int | None, str]:
        assert within
        self.asked.append(command[-1])
        said = next(said for name, said in self.says.items() if command[-1].startswith(name))
        if isinstance(said, EngineError):
            raise said
        return said


async def asked(check: AcceptanceCheck, engine: Answering, container: Container | None = RUNS) -> Problem | None:
    return await acceptance.ask(cast("Engine", engine), container, check)


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ((0, "HTTP/1.1 200 OK\r\n\r\nready\n"), None),
        ((0, "  HTTP/1.0 200 OK\n  Server: x\nready\n"), None),  # as busybox's wget shows it
        ((0, "HTTP/1.1 200 OK\r\n\r\nstarting\n"), "another answer than expected"),
        ((0, "HTTP/1.1 302 Found\r\nLocation: /login\r\n"), "HTTP status 302"),
        ((0, "HTTP/1.1 502 Bad Gateway\r\n\r\nready"), "HTTP status 502"),
        ((1, "wget: server returned error: HTTP/1.1 502 Bad Gateway\n"), "HTTP status 502"),
        ((7, "curl: (7) Failed to connect to 127.0.0.1\n"), "curl: (7) Failed to connect to 127.0.0.1"),
        ((None, ""), "no answer within 10 s"),
        ((0, ""), "no answer"),  # a wget that is quiet
    ],
)
async def test_what_a_url_answers(says: tuple[int | None, str], reason: str | None) -> None:
    found = await asked(URL, Answering(http=says))
    assert (facts(found)["reason"] if found else None) == reason
    assert found is None or (found.code, facts(found)["check"]) == ("check-failed", "console")


OK = (0, "HTTP/1.1 200 OK\r\n\r\nready\n")
NO_TLS = (0, "curl: (35) OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number\n")
MOVED = "HTTP/1.1 308 Permanent Redirect\r\nLocation: {}\r\n"


@pytest.mark.parametrize(
    "refuses",
    [
        MOVED.format("https://127.0.0.1:9000/"),
        MOVED.format("https://127.0.0.1:9000/w9gateway/?from=plain"),
        MOVED.format("https://console.example.com:9000/"),
        "  HTTP/1.1 308 Permanent Redirect\nwget: server returned error: HTTP/1.1 308 Permanent Redirect\n",
        "HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to HTTPS port\n",
        "  HTTP/1.1 400 Bad Request\nwget: server returned error: HTTP/1.1 400 Bad Request\n",  # without its page
    ],
)
async def test_a_server_that_speaks_tls_is_asked_so(refuses: str) -> None:
    """The console redirects to the literal port 9000: inside the container that is the right one."""
    engine = Answering(https_127=OK, http_127=(0, refuses))
    assert await asked(URL, engine) is None
    assert engine.asked == ["http://127.0.0.1:9000/", "https://127.0.0.1:9000/"]
    for broken, reason in (
        ((0, "HTTP/2 502 \r\n"), "HTTP status 502"),
        ((0, "HTTP/2 200 \r\n\r\nstarting"), "another answer than expected"),
    ):
        engine.says["https://127"] = broken
        found = await asked(URL, engine)
        assert found is not None
        assert facts(found)["reason"] == reason


@pytest.mark.parametrize(
    ("answers", "passes"),
    [
        ("HTTP/1.1 302 Found\r\nLocation: https://console.example.com/login\r\n", True),
        ("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/login\r\n", True),  # another port
        ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9000/login\r\n", True),
        ("HTTP/1.1 302 Found\r\nLocation: https://[x\r\n", True),
        ("HTTP/1.1 400 Bad Request\r\n", False),
        (MOVED.format("https://127.0.0.1:9000/"), False),
    ],
)
async def test_a_redirect_elsewhere_does_not_say_that_this_one_speaks_tls(answers: str, passes: bool) -> None:
    """Where nothing answers by TLS, a redirect to another host or port is judged as it is; one to itself is none."""
    console = msgspec.structs.replace(URL, highest=399, says="")
    found = await asked(console, Answering(https=NO_TLS, http=(0, answers)))
    assert (found is None) is passes


@pytest.mark.parametrize(
    "unable",
    [
        "wget: TLS error from peer (alert code 40): handshake failure\nwget: error getting response: reset\n",
        "wget: not an http or ftp url: https://127.0.0.1:9000/\n",
        'curl: (1) Protocol "https" not supported or disabled in libcurl\n',
        'curl: (1) Protocol "https" disabled\n',
    ],
)
async def test_a_client_that_cannot_speak_the_tls_of_the_server(unable: str) -> None:
    """Busybox's wget lacks what nginx wants today: that is no failure of the server."""
    found = await asked(URL, Answering(https=(0, unable), http=(0, MOVED.format("https://127.0.0.1:9000/"))))
    assert found is not None
    assert (found.code, facts(found)) == (
        "checks-skipped",
        {"checks": "console", "reason": "the client in its image cannot speak the server's TLS"},
    )


@pytest.mark.parametrize(
    ("says", "code", "reason"),
    [
        ((0, "status=ready\n"), None, None),
        ((1, "failed:gitea\nstatus=degraded degraded_services=gitea\n"), "check-failed", "status=degraded"),
        ((1, ""), "check-failed", "exit status 1"),
        ((None, "x"), "check-failed", "no end within 10 s"),
        ((MISSING, ""), "checks-skipped", "this version does not have it"),
        (EngineError(EngineFailed(call="execute", reason="no sh")), "check-failed", "no sh"),
    ],
)
async def test_what_a_command_comes_to(says: tuple[int | None, str] | EngineError, code: str, reason: str) -> None:
    found = await asked(COMMAND, Answering(strict=says))
    assert (found.code if found else None) == code
    assert found is None or facts(found)["reason"].startswith(reason)


async def test_what_cannot_be_asked() -> None:
    """A version that lacks something is no failure; a container that does not run is one."""
    stopped = msgspec.structs.replace(RUNS, state="exited")
    for container, says, code in (
        (None, (0, ""), "check-failed"),
        (stopped, (0, ""), "check-failed"),
        (RUNS, (MISSING, ""), "checks-skipped"),
    ):
        found = await asked(URL, Answering(http=says), container)
        assert found is not None
        assert found.code == code
    with pytest.raises(EngineError):
        await asked(COMMAND, Answering(strict=EngineError(EngineUnreachable(host="x", reason="x"))))


async def test_what_passes_now_is_what_must_pass_later() -> None:
    """What belongs to a service that is not touched is judged with the last one that is."""
    of_git = msgspec.structs.replace(URL, name="git", service="git", url="http://git/")
    missing = msgspec.structs.replace(COMMAND, name="status")
    engine = Answering(http_git=(0, "HTTP/1.1 502\n"), http=(0, "HTTP/1.1 200 OK\nready"), strict=(MISSING, ""))
    there = {"product": [RUNS]}
    checks, told = await acceptance.baseline(
        cast("Engine", engine), there, (of_git, URL, COMMAND, missing), ["db", "product"]
    )
    assert [(one.name, one.service, one.required) for one in checks] == [
        ("git", "product", False),
        ("console", "product", True),
        ("strict", "product", False),
        ("status", "product", False),
    ]
    assert [(one.code, facts(one)) for one in told] == [
        ("checks-required", {"checks": "console"}),
        ("checks-failed-before", {"checks": "git", "reason": "HTTP status 502"}),
        ("checks-skipped", {"checks": "strict, status", "reason": "this version does not have it"}),
    ]
    assert await acceptance.baseline(cast("Engine", engine), there, (URL,), []) == ((), ())
