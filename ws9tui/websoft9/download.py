"""Downloads a file over HTTP within limits of size and time; proxies and TLS are configured as for `requests`.

Blocks; the caller runs it in a thread. URLs in messages to the operator contain no user, password or query.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from typing import IO, Self
from urllib.parse import urljoin, urlsplit, urlunsplit

import msgspec
import requests
import urllib3

from ws9tui.core.blocking import Check
from ws9tui.core.connections import Connections
from ws9tui.errors import Refused, UsageError
from ws9tui.problems.files import FileUnwritable
from ws9tui.problems.release import (
    DownloadCut,
    DownloadFailed,
    DownloadRedirects,
    DownloadRedirectUnsafe,
    DownloadStalled,
    DownloadStatus,
    DownloadTooSlow,
    ReleaseSourceUnknown,
    ReleaseTooLarge,
)

_MOST_REDIRECTS = 5
_CHUNK = 1 << 16
_ABSENT = (401, 403, 404, 410)
"""statuses with which servers report a file that is absent or hidden"""


class Limits(msgspec.Struct, frozen=True):
    """Limits of downloads, in seconds and bytes."""

    total: float = 30 * 60.0
    """for all downloads together"""
    stall: float = 60.0
    """without receiving a byte"""
    size: int = 512 << 20


class Downloads:
    """A context manager for downloads that share one deadline.

    The deadline counts from construction, and aborts what is in progress: a connection attempt, headers, a body.
    ``check`` is called after each chunk, and may raise.
    """

    def __init__(self, limits: Limits, check: Check = lambda: None) -> None:
        self.limits = limits
        self._check = check
        self._connections = Connections()
        self.session = self._connections.session()
        self._deadline = time.monotonic() + limits.total
        self._timer = threading.Timer(limits.total, self._connections.end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._connections.end()

    def get(self, url: str, into: IO[bytes], *, size: int | None = None) -> str | None:
        """Writes the content of a URL into a file and returns its SHA-256; None if the server lacks or hides it.

        ``size`` is the limit in bytes if it differs from that of `Limits`. Raises `Refused` for any other failure, and
        `UsageError` for an invalid URL.
        """
        try:
            with self._open(url) as response:
                if response.status_code in _ABSENT:
                    return None
                if response.status_code != requests.codes.ok:
                    raise Refused(DownloadStatus(url=shown(url), status=response.status_code))
                return self._copy(response, url, into, self.limits.size if size is None else size)
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError) as error:
            raise UsageError(ReleaseSourceUnknown(source=shown(url))) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            self._in_time(url)
            if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
                raise Refused(DownloadStalled(url=shown(url), seconds=self.limits.stall)) from error
            raise Refused(DownloadFailed(url=shown(url), reason=_reason(error))) from error
        except (ValueError, AttributeError):  # from a TLS socket that was shut down during a read
            self._in_time(url)
            raise

    def _in_time(self, url: str) -> None:
        if self._connections.ended or time.monotonic() >= self._deadline:
            raise Refused(DownloadTooSlow(url=shown(url), seconds=self.limits.total))

    def _open(self, url: str) -> requests.Response:
        """Returns the response after following redirects, but never from https to http."""
        at = url
        for _ in range(_MOST_REDIRECTS + 1):
            self._in_time(url)
            response = self.session.get(
                at,
                stream=True,
                allow_redirects=False,
                timeout=self.limits.stall,
                headers={"Accept-Encoding": "identity"},
            )
            if not response.is_redirect:
                return response
            target = urljoin(at, response.headers["location"])
            response.close()
            allowed = ("https",) if urlsplit(at).scheme == "https" else ("http", "https")
            if urlsplit(target).scheme not in allowed:
                raise Refused(DownloadRedirectUnsafe(url=shown(url), target=shown(target)))
            at = target
        raise Refused(DownloadRedirects(url=shown(url)))

    def _copy(self, response: requests.Response, url: str, into: IO[bytes], size: int) -> str:
        announced = response.headers.get("content-length", "")
        total = int(announced) if announced.isascii() and announced.isdigit() else 0
        if total > size:
            raise Refused(ReleaseTooLarge(file=shown(url), limit=size))
        digest = hashlib.sha256()
        came = 0
        # read1 returns what has arrived, so that a slow trickle can be aborted, too.
        while chunk := _piece(response, url, came, total):
            came += len(chunk)
            if came > size:
                raise Refused(ReleaseTooLarge(file=shown(url), limit=size))
            digest.update(chunk)
            try:
                into.write(chunk)
            except OSError as error:
                raise Refused(FileUnwritable(path=into.name, reason=error.strerror)) from error
            self._check()
        self._in_time(url)  # a connection that was shut down looks like the end of the body
        if came < total:
            raise Refused(DownloadCut(url=shown(url), came=came, total=total))
        return digest.hexdigest()


def shown(url: str) -> str:
    """Returns a URL without user, password and query, for display."""
    try:
        parts = urlsplit(url)
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        host = f"{name}{f':{parts.port}' if parts.port else ''}"
    except ValueError:
        return url.partition("?")[0].rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _piece(response: requests.Response, url: str, came: int, total: int) -> bytes:
    """Returns the next chunk; raises `Refused` with the project's own message if the connection ends too early."""
    try:
        piece: bytes = response.raw.read1(_CHUNK, decode_content=False)
    except urllib3.exceptions.ProtocolError as error:
        if not any(isinstance(part, urllib3.exceptions.IncompleteRead) for part in error.args):
            raise
        raise Refused(DownloadCut(url=shown(url), came=came, total=total)) from error
    return piece


def _reason(error: Exception) -> str:
    """Returns the innermost cause: requests wraps what urllib3 has wrapped, URLs with their queries included."""
    cause: object = error
    while isinstance(cause, Exception):
        inner = getattr(cause, "reason", None) or (cause.args[0] if cause.args else None)
        if not isinstance(inner, Exception):
            break
        cause = inner
    return re.sub(r"^(?:<.*?>|\w+\(.*?\)): ", "", str(cause)) or type(error).__name__
