"""A URL is asked in bounded time, by the shell's proxy where it is far away."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from registries import OK, SOON, endlessly, raw, serving
from support.told import words
from ws9tui.adapters import probe

if TYPE_CHECKING:
    from registries import Does, Handler


pytestmark = pytest.mark.usefixtures("no_proxy")


def status(number: int) -> Does:
    return lambda ask: ask.say(number, b"text", Location="/next" if ask.path == "/" else "/")


@pytest.mark.parametrize(
    ("does", "why"),
    [
        (status(200), ""),
        (status(304), ""),
        (status(404), "HTTP status 404"),
        (status(302), "it redirects without end"),
        (lambda ask: ask.say(200) if ask.path == "/there" else ask.say(307, Location="/there"), ""),
        (lambda ask: ask.say(302, Location="file:///etc/passwd"), "it redirects to a URL that is not http or https"),
        (raw(OK + b"\r\n", endlessly(b" ", 0.05)), ""),
    ],
    ids=["well", "not modified", "missing", "in circles", "elsewhere", "to a file", "an endless body"],
)
async def test_what_answers(does: Does, why: str) -> None:
    with serving(does) as server:
        assert words(await probe.ask(f"{server.url}/", 20)) == why


@pytest.mark.parametrize("url", ["http://", "http:///health", "http://*:80/", "http://host:99999/", "http://[::1/"])
async def test_what_is_no_address(url: str) -> None:
    assert words(await probe.ask(url, 20)) == "its address is not valid"


@pytest.mark.parametrize(
    "does",
    [
        raw(OK, endlessly(b"X", 0.05)),
        raw(b"", endlessly(b"HTTP/1.1 100 Continue\r\n\r\n", 0.02)),
        lambda _: time.sleep(3),
    ],
    ids=["headers", "continue", "silence"],
)
async def test_an_answer_that_does_not_end(does: Does) -> None:
    def first(ask: Handler) -> None:
        if ask.path == "/":
            ask.say(302, Location="/endless")
        else:
            does(ask)

    with serving(first) as server:
        began = time.monotonic()
        assert words(await probe.ask(f"{server.url}/", 0.6)) == "no answer within 0.6 s"
        assert time.monotonic() - began < SOON


async def test_nobody_there_or_nothing_to_ask() -> None:
    assert words(await probe.ask("http://127.0.0.1:1/", 5)) == "Connection refused"
    assert await probe.ask("http://[::1/", 5)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_a_proxy_is_for_what_is_far_away(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with serving(status(200)) as server, serving(status(502)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        port = server.server_address[1]
        assert words(await probe.ask(f"http://{name}:{port}/", 20)) == ""
        assert words(await probe.ask("http://a.public.test/", 20)) == "HTTP status 502"
