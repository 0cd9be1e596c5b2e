"""Asks URLs inside containers with the client that the image has, by TLS where that is what the server speaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from ws9tui.core.model.acceptance import MISSING
from ws9tui.core.model.observed import Container
from ws9tui.core.ports import Engine

SECONDS = 10.0
"""that a command may take"""
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
"""prints status, headers and the beginning of the answer, or the client's error"""
_STATUS = re.compile(r"^\s*HTTP/[\d.]+ (\d{3})|server returned error: HTTP/[\d.]+ (\d{3})", re.MULTILINE)
_LOCATION = re.compile(r"^\s*location:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_HTTPS = re.compile(r"https://([^/?#]*)", re.IGNORECASE)
_TOLD = re.compile(r"HTTPS (?:port|server)|SSL-enabled server", re.IGNORECASE)
_UNABLE = re.compile(
    r"TLS \w+ from peer \(alert|tls error at line"  # the TLS of busybox's wget, which lacks what servers want today
    r"|not an http or ftp url|can't execute '(?:ssl_client|openssl)'|HTTPS support not compiled"
    r"|protocol .https. (?:is )?(?:not supported|disabled)",
    re.IGNORECASE,
)


class UrlAnswer(msgspec.Struct, frozen=True):
    """What a URL has answered. Without a status there was no answer, and `text` is the client's error."""

    text: str = ""
    status: int | None = None
    missing: bool = False
    """the image has no client"""
    unable: bool = False
    """its client cannot speak the TLS that the server speaks"""
    late: bool = False
    """the client has not ended in time"""

    @property
    def last(self) -> str:
        """The last line, which is the reason where there was no answer."""
        return next(reversed(self.text.strip().splitlines()), "").strip()


async def answer(engine: Engine, container: Container, url: str) -> UrlAnswer:
    """What a URL answers; where a server says by plain HTTP that it speaks TLS, what it answers by that.

    A redirect to another host or port tells nothing of this one, nor does an error 400 without a reason: only if there
    is an answer by TLS, it counts.
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
    """A command's exit status, None where it has not ended in time, and what it has printed."""
    status: int | None = None
    output = ""
    for _ in range(_TRIES):
        status, output = await engine.execute(container.id, command, within=within)
        if status != 0 or output.strip():  # an engine under load may end a command before its output is passed on
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
    """Whether an answer by plain HTTP says that the server speaks TLS; False where it may, None where it does not."""
    if plain.status == _BAD_REQUEST:  # wget does not show the page of an error
        return _TOLD.search(plain.text) is not None
    if plain.status in _REDIRECTED:
        targets = _LOCATION.findall(plain.text)
        there = _HTTPS.match(targets[-1]) if targets else None
        return there[1] == url.removeprefix("http://").partition("/")[0] if there else None if targets else False
    return None
