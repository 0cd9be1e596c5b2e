"""Sends a notification about a run to a URL or a command, in bounded time whatever the receiver does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from ws9tui.adapters import child
from ws9tui.adapters.probe import near
from ws9tui.adapters.programs.environment import clean
from ws9tui.adapters.registry.exchange import Exchange, bounded
from ws9tui.adapters.registry.places import proxies_of_the_shell
from ws9tui.core.model import notices
from ws9tui.problems import reasons
from ws9tui.problems.problem import Reason

_REDIRECTS = 3
_MOVED = (307, 308)
"""redirect statuses after which the same request is repeated; others would change its method"""
_WELL = range(200, 300)


async def tell(
    receiver: str, body: bytes, *, within: float, folder: str, environment: Mapping[str, str], mark: str
) -> Reason | str:
    """Sends a JSON text to a URL or a command's stdin; returns why it was not accepted, empty if it was."""
    if notices.is_url(receiver):
        exchange = Exchange(within, proxies_of_the_shell(), direct=near)
        return await bounded(exchange, within, lambda: _sent(exchange, receiver, body))
    return await _run(receiver, body, within, folder, environment, mark)


def _sent(exchange: Exchange, url: str, body: bytes) -> Reason | str:
    """POSTs the body; follows redirects that repeat the POST and keep the scheme."""
    scheme = urlsplit(url).scheme
    for _ in range(_REDIRECTS + 1):
        answer = exchange.send(url, {"Content-Type": "application/json"}, limit=0, content=body)
        if answer.status not in _MOVED:
            return "" if answer.status in _WELL else reasons.HttpStatus(status=answer.status)
        url = urljoin(url, answer.headers.get("location", ""))
        if urlsplit(url).scheme != scheme:
            return reasons.RedirectsToOtherScheme()
    return reasons.RedirectsWithoutEnd()


async def _run(
    command: str, body: bytes, seconds: float, folder: str, environment: Mapping[str, str], mark: str
) -> Reason | str:
    own = clean() | {"PATH": os.environ.get("PATH", clean()["PATH"])} | dict(environment)
    try:
        done = await child.run(
            notices.words(command), folder=folder, environment=own, text=body.decode(), timeout=seconds, mark=mark
        )
    except (OSError, ValueError) as error:
        return child.why(error, seconds)
    return reasons.ExitedWithStatus(status=done.status) if done.status else ""
