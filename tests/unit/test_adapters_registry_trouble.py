"""What goes wrong with registries, over real sockets: answers that are none, that never end, or that do not come."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from registries import OK, SOON, Access, Does, Handler, access, endlessly, raw, refusal, serving, told
from ws9tui.adapters.registry.access import LOOKUP
from ws9tui.core.model.observed import Tags
from ws9tui.errors import RegistryError

__all__ = ["access"]


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


def test_the_time_for_one_look_up_is_bearable() -> None:
    assert LOOKUP <= 30
