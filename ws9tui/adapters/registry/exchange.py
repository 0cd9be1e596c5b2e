"""HTTP requests to untrusted servers: bounded in bytes and in time, whatever the server does."""

from __future__ import annotations

import functools
import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import requests
import urllib3
from requests.exceptions import InvalidProxyURL, InvalidSchema, InvalidURL

from ws9tui import __version__
from ws9tui.adapters.registry.errors import without_credentials
from ws9tui.core.blocking import in_thread_within
from ws9tui.core.connections import Connections, Dial
from ws9tui.problems import reasons
from ws9tui.problems.problem import Reason

CONNECT = 5.0
STALL = 10.0
"""read timeout: seconds without a byte"""
_CHUNK = 1 << 16
_REFUSED = 64 << 10
"""limit in bytes of an error's body"""
_ERROR = 400
_CERTIFICATES = Path("/etc/docker/certs.d")
"""where a local engine keeps the certificate authorities of single registries"""


class Response(msgspec.Struct, frozen=True):
    """A server's response; header names are in lower case."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes


class ExchangeError(Exception):
    """A failed request; its kind is `unreachable`, `tls`, `ended` (deadline), `large` or `invalid`."""

    def __init__(self, kind: str, reason: Reason | str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason if isinstance(reason, Reason) else without_credentials(reason)


class Exchange:
    """Several requests with a common deadline in seconds; `end` aborts them from another thread at any time.

    ``proxies`` maps schemes to proxies, and `no` to the excluded hosts, as in the environment; ``direct`` says whether
    a host is asked without a proxy (default: `nearby`), and ``dial`` replaces how connections are made.
    """

    def __init__(
        self,
        seconds: float,
        proxies: Mapping[str, str],
        *,
        direct: Callable[[str], bool] | None = None,
        dial: Dial | None = None,
    ) -> None:
        self._deadline = time.monotonic() + seconds
        self._proxies = proxies
        self._direct = direct or nearby
        self._lock = threading.Lock()
        self._connections = Connections(dial)
        self._sessions: dict[tuple[str, bool, bool], requests.Session] = {}

    @property
    def ended(self) -> bool:
        """Whether the deadline has passed or `end` was called."""
        return self._connections.ended or time.monotonic() >= self._deadline

    def end(self) -> None:
        """Aborts running requests and refuses new ones."""
        self._connections.end()

    def send(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        limit: int,
        verify: bool = True,
        form: Mapping[str, str] | None = None,
        head: bool = False,
        content: bytes | None = None,
    ) -> Response:
        """Sends a GET, a HEAD, or a POST of a form or content; follows no redirects.

        Raises `ExchangeError`. ``limit`` is in bytes of the body; with 0 none of it is read.
        """
        left = self._deadline - time.monotonic()
        if self.ended or left <= 0:
            raise ExchangeError("ended", reasons.TimedOut())
        try:
            with self._session(url, verify=verify).request(
                "HEAD" if head else "GET" if form is None and content is None else "POST",
                url,
                headers=dict(headers),
                data=form if content is None else content,
                stream=True,
                allow_redirects=False,
                timeout=(min(CONNECT, left), min(STALL, left)),
                proxies=self._proxies_for(url),
                verify=verify,
            ) as response:
                body = self._body(response, limit)
                names = {name.lower(): value for name, value in response.headers.items()}
                return Response(url, response.status_code, names, body)
        except (OSError, HTTPException, urllib3.exceptions.HTTPError, ValueError, AttributeError) as error:
            # The last two come from an invalid URL, or from a TLS socket that was shut down during a read.
            raise self._error(error) from error

    def _body(self, response: requests.Response, limit: int) -> bytes:
        body = bytearray()
        refuses = response.status_code >= _ERROR
        while limit and (chunk := response.raw.read1(_CHUNK, decode_content=False)):
            body += chunk
            if refuses and len(body) > _REFUSED:
                break
            if len(body) > limit:
                raise ExchangeError("large", reasons.LongerThan(size=limit))
        if self.ended:  # a shut-down connection looks like the end of the body
            raise ExchangeError("ended", reasons.TimedOut())
        return bytes(body)

    def _error(self, error: Exception) -> ExchangeError:
        if self.ended:
            return ExchangeError("ended", reasons.TimedOut())
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return ExchangeError("tls", _said(causes))
        # The library's errors about a URL, and about a proxy's URL, are OSErrors as well.
        of_url = isinstance(error, InvalidURL | InvalidSchema) and not isinstance(error, InvalidProxyURL)
        if of_url or (isinstance(error, ValueError) and not isinstance(error, OSError)):
            return ExchangeError("invalid", reasons.AddressInvalid())
        if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError | TimeoutError):
            return ExchangeError("unreachable", reasons.NotInTime())
        return ExchangeError("unreachable", _said(causes))

    def _session(self, url: str, *, verify: bool) -> requests.Session:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        secure = parts.scheme == "https" or bool(self._proxies)  # a proxy may want TLS for any URL
        with self._lock:
            if (known := self._sessions.get((host, secure, verify))) is None:
                tls = context(host, verify=verify) if secure else None
                known = self._sessions[host, secure, verify] = self._connections.session(tls)
                known.trust_env = False  # else a .netrc's logins would be sent
                known.headers.update({"User-Agent": f"ws9tui/{__version__}", "Accept-Encoding": "identity"})
        return known

    def _proxies_for(self, url: str) -> dict[str, str]:
        host = urlsplit(url).hostname or ""
        if not self._proxies or self._direct(host) or spared(host, self._proxies.get("no", "")):
            return {}
        return {scheme: proxy for scheme, proxy in self._proxies.items() if scheme != "no"}


async def bounded(exchange: Exchange, seconds: float, work: Callable[[], Reason | str]) -> Reason | str:
    """Runs work with an exchange in a thread; returns its result, or why the exchange failed."""
    late = reasons.NoAnswerWithin(seconds=seconds)
    try:
        return await in_thread_within(seconds, work, exchange.end)
    except ExchangeError as error:
        return late if error.kind == "ended" else error.reason
    except TimeoutError:
        return late
    finally:
        exchange.end()


@functools.cache  # reading the system's authorities takes 40 ms
def context(host: str, *, verify: bool) -> ssl.SSLContext:
    """Returns the engine's TLS settings: the system's authorities, and those in `certs.d` for this host."""
    made = ssl.create_default_context()
    folder = _CERTIFICATES / host
    if folder.parent == _CERTIFICATES and folder.is_dir():
        for path in sorted(folder.iterdir()):
            with suppress(OSError):  # includes ssl.SSLError
                if path.suffix == ".crt":
                    made.load_verify_locations(path)
                elif path.suffix == ".cert":
                    made.load_cert_chain(path, path.with_suffix(".key"))
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def nearby(host: str) -> bool:
    """Whether a host is `localhost`, or a loopback or private IP address; resolves no names."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def spared(host: str, listed: str) -> bool:
    """Whether a NO_PROXY list covers a host: names, domains, networks, or `*` for all."""
    for entry in (part.strip().lower() for part in listed.split(",")):
        name = entry.removeprefix("*").removeprefix(".").partition(":")[0]
        if entry == "*" or (name and f".{host.lower()}".endswith(f".{name}")):
            return True
        with suppress(ValueError):
            if ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False):
                return True
    return False


def _causes(error: BaseException) -> list[BaseException]:
    """Returns an error and its causes; the libraries keep these among the arguments, too."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 20:  # noqa: PLR2004 - no chain is as long
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found


def _said(causes: list[BaseException]) -> Reason | str:
    """Returns the text of a certificate error, else of the innermost TLS or OS error."""
    verification = next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None)
    if verification is not None:
        return verification.verify_message or reasons.CertificateUntrusted()
    for one in reversed(causes):
        if isinstance(one, ssl.SSLError) and one.reason:
            return one.reason.replace("_", " ").lower()
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
    return type(causes[-1]).__name__
