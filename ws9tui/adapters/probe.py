"""Checks whether a URL answers, in bounded time whatever the server does."""

from __future__ import annotations

import socket
from urllib.parse import urljoin

from ws9tui.adapters.registry.exchange import Exchange, bounded, nearby
from ws9tui.adapters.registry.places import proxies_of_the_shell
from ws9tui.core.connections import Dial
from ws9tui.problems import reasons
from ws9tui.problems.problem import Reason

_REDIRECTS = 10
_MOVED = (301, 302, 303, 307, 308)
_REFUSED = 400


async def ask(url: str, seconds: float, dial: Dial | None = None) -> Reason | str:
    """Returns why a URL does not answer, redirects followed; empty if it does, with a status below 400.

    Uses the shell's proxies, except for this machine and private networks, which a proxy cannot reach. ``dial`` makes
    the connections instead, without any proxy.
    """
    exchange = Exchange(seconds, {} if dial else proxies_of_the_shell(), direct=near, dial=dial)
    return await bounded(exchange, seconds, lambda: _followed(exchange, url))


def _followed(exchange: Exchange, url: str) -> Reason | str:
    for _ in range(_REDIRECTS + 1):
        if not url.startswith(("http://", "https://")):
            return reasons.RedirectsToNoHttp()
        answer = exchange.send(url, {}, limit=0)
        if answer.status not in _MOVED:
            return reasons.HttpStatus(status=answer.status) if answer.status >= _REFUSED else ""
        url = urljoin(url, answer.headers.get("location", ""))
    return reasons.RedirectsWithoutEnd()


def near(host: str) -> bool:
    """Whether a host is this machine or in a private network: its address, or all addresses of its name."""
    if nearby(host):
        return True
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # a name that only the proxy can resolve
    return all(nearby(str(entry[4][0]).partition("%")[0]) for entry in found)
