"""Requests URLs inside containers with the image's own client, by TLS if the server turns out to speak it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from ws9tui.core.model.acceptance import MISSING
from ws9tui.core.model.observed import Container
from ws9tui.core.ports import Engine

SECONDS = 10.0
"""seconds that a command may take"""
NOT_RUN: Final = (126, MISSING)
_TRIES = 3
_BYTES = 4096
_REDIRECTED = range(300, 400)
_BAD_REQUEST = 400
_CLIENT = (
    f"command -v curl >/dev/null || command -v wget >/dev/null || exit {MISSING}\n"
    "unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY\n"  # Compose may have set them
    'case "$1" in https:*) any=--no-check-certificate ;; *) any= ;; esac\n'
    '{ if command -v curl >/dev/null; then curl -ksSi -m 8 "$1"; else wget -qS $any -O - "$1"; fi 2>&1; }'
    f" | head -c {_BYTES}"
)
"""prints status, headers and the beginning of the response, or the client's error"""
_STATUS = re.compile(r"^\s*HTTP/[\d.]+ (\d{3})|server returned error: HTTP/[\d.]+ (\d{3})", re.MULTILINE)
_LOCATION = re.compile(r"^\s*location:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_HTTPS = re.compile(r"https://([^/?#]*)", re.IGNORECASE)
_TOLD = re.compile(r"HTTPS (?:port|server)|SSL-enabled server", re.IGNORECASE)
_UNABLE = re.compile(
    r"TLS \w+ from peer \(alert|tls error at line"  # busybox wget's TLS, which lacks what servers require today
    r"|not an http or ftp url|can't execute '(?:ssl_client|openssl)'|HTTPS support not compiled"
    r"|protocol .https. (?:is )?(?:not supported|disabled)",
    re.IGNORECASE,
)


class UrlAnswer(msgspec.Struct, frozen=True):
    """The response of a URL. Without a status there was none, and `text` is the client's error."""

    text: str = ""
    status: int | None = None
    missing: bool = False
    """the image has no client"""
    unable: bool = False
    """the client does not support the server's TLS"""
    late: bool = False
    """the client did not end in time"""

    @property
    def last(self) -> str:
        """The last line, which is the reason if there was no response."""
        return next(reversed(self.text.strip().splitlines()), "").strip()


async def answer(engine: Engine, container: Container, url: str) -> UrlAnswer:
    """Requests a URL; repeats the request by TLS if the plain HTTP response says that the server speaks TLS.

    A redirect to another host or port says nothing about this one, nor does an error 400 without a reason: then a
    response by TLS counts only if there is one.
    """
    plain = await _asked(engine, container, url)
    certain = _speaks_tls(plain, url) if url.startswith("http://") else None
    if certain is None:
        return plain
    by_tls = await _asked(engine, container, f"https://{url.removeprefix('http://')}")
    return by_tls if certain or by_tls.status or by_tls.unable else plain


async def run(
    engine: Engine, container: Container, command: Sequence[str], within: float = SECONDS
) -> tuple[int | None, str]:
    """Runs a command in a container; returns its exit status, None after a timeout, and its output."""
    status: int | None = None
    output = ""
    for _ in range(_TRIES):
        status, output = await engine.execute(container.id, command, within=within)
        if status != 0 or output.strip():  # an engine under load may end a command before passing its output on
            break
    return status, output


async def _asked(engine: Engine, container: Container, url: str) -> UrlAnswer:
    status, output = await run(engine, container, ("/bin/sh", "-c", _CLIENT, "sh", url))
    if status in NOT_RUN:
        return UrlAnswer(missing=True)
    if codes := _STATUS.findall(output):
        return UrlAnswer(output, int("".join(codes[-1])))
    return UrlAnswer(output, unable=_UNABLE.search(output) is not None, late=status is None)


def _speaks_tls(plain: UrlAnswer, url: str) -> bool | None:
    """Whether a plain HTTP response says that the server speaks TLS; False if it may, None if it does not."""
    if plain.status == _BAD_REQUEST:  # wget does not show the body of an error
        return _TOLD.search(plain.text) is not None
    if plain.status in _REDIRECTED:
        targets = _LOCATION.findall(plain.text)
        there = _HTTPS.match(targets[-1]) if targets else None
        return there[1] == url.removeprefix("http://").partition("/")[0] if there else None if targets else False
    return None
