"""Downloads a file over HTTP within bounds of size and time; proxies and TLS are those that `requests` knows.

It blocks; the caller runs it in a thread. What names a URL to the operator has no user, password or query in it.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from typing import IO
from urllib.parse import urljoin, urlsplit, urlunsplit

import msgspec
import requests
import urllib3

from ws9tui.errors import Refused, UsageError

_MOST_REDIRECTS = 5
_CHUNK = 1 << 16
_ABSENT = (401, 403, 404, 410)
"""what servers say of a file that they do not have, or hide"""

Progress = Callable[[int, int], None]
"""told the bytes that came and those to come (0: unknown), after each piece; may raise to stop"""


class Limits(msgspec.Struct, frozen=True):
    """Bounds of a download; seconds and bytes."""

    total: float = 30 * 60.0
    stall: float = 60.0
    """without a single byte"""
    size: int = 512 << 20


def get(
    session: requests.Session, url: str, into: IO[bytes], limits: Limits, progress: Progress | None = None
) -> str | None:
    """Writes what a URL has into a file, and returns its SHA-256; None where the server does not have it, or hides it.

    Raises `Refused` for all else that goes wrong, and `UsageError` for what is no URL.
    """
    deadline = time.monotonic() + limits.total
    try:
        response = _open(session, url, limits, deadline)
        with response:
            if response.status_code in _ABSENT:
                return None
            if response.status_code != requests.codes.ok:
                raise Refused("download-status", url=shown(url), status=response.status_code)
            return _copy(response, url, into, limits, deadline, progress)
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise Refused("download-stalled", url=shown(url), seconds=limits.stall) from error
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError) as error:
        raise UsageError("release-source-unknown", source=shown(url)) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise Refused("download-failed", url=shown(url), reason=_reason(error)) from error


def shown(url: str) -> str:
    """A URL as it may be shown: no user, no password, no query."""
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _open(session: requests.Session, url: str, limits: Limits, deadline: float) -> requests.Response:
    """The answer, redirects followed, but never from https to http."""
    at = url
    for _ in range(_MOST_REDIRECTS + 1):
        response = session.get(
            at,
            stream=True,
            allow_redirects=False,
            timeout=limits.stall,
            headers={"Accept-Encoding": "identity"},
        )
        if not response.is_redirect:
            return response
        target = urljoin(at, response.headers["location"])
        response.close()
        allowed = ("https",) if urlsplit(at).scheme == "https" else ("http", "https")
        if urlsplit(target).scheme not in allowed:
            raise Refused("download-redirect-unsafe", url=shown(url), target=shown(target))
        if time.monotonic() > deadline:
            raise Refused("download-too-slow", url=shown(url), seconds=limits.total)
        at = target
    raise Refused("download-redirects", url=shown(url))


def _copy(
    response: requests.Response,
    url: str,
    into: IO[bytes],
    limits: Limits,
    deadline: float,
    progress: Progress | None,
) -> str:
    announced = response.headers.get("content-length", "")
    total = int(announced) if announced.isascii() and announced.isdigit() else 0
    if total > limits.size:
        raise Refused("release-too-large", file=shown(url), limit=limits.size)
    digest = hashlib.sha256()
    came = 0
    # read1 returns with what is there, so that a trickle meets the deadline too.
    while chunk := _piece(response, url, came, total):
        came += len(chunk)
        if came > limits.size:
            raise Refused("release-too-large", file=shown(url), limit=limits.size)
        if time.monotonic() > deadline:
            raise Refused("download-too-slow", url=shown(url), seconds=limits.total)
        digest.update(chunk)
        try:
            into.write(chunk)
        except OSError as error:
            raise Refused("file-unwritable", path=into.name, reason=error.strerror) from error
        if progress is not None:
            progress(came, total)
    if came < total:
        raise Refused("download-cut", url=shown(url), came=came, total=total)
    return digest.hexdigest()


def _piece(response: requests.Response, url: str, came: int, total: int) -> bytes:
    """The next bytes; where the connection ends too early, this is said in words instead of the library's."""
    try:
        piece: bytes = response.raw.read1(_CHUNK, decode_content=False)
    except urllib3.exceptions.ProtocolError as error:
        if not any(isinstance(part, urllib3.exceptions.IncompleteRead) for part in error.args):
            raise
        raise Refused("download-cut", url=shown(url), came=came, total=total) from error
    return piece


def _reason(error: Exception) -> str:
    """The innermost cause: requests wraps what urllib3 has wrapped, URLs with their queries included."""
    cause: object = error
    while isinstance(cause, Exception):
        inner = getattr(cause, "reason", None) or (cause.args[0] if cause.args else None)
        if not isinstance(inner, Exception):
            break
        cause = inner
    return re.sub(r"^(?:<.*?>|\w+\(.*?\)): ", "", str(cause)) or type(error).__name__
