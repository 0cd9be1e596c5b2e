"""HTTP exchanges with servers that nobody vouches for: bounded in bytes and in time, whatever the server does."""

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
"""seconds without a byte"""
_CHUNK = 1 << 16
_REFUSED = 64 << 10
"""bytes of an answer that refuses; more of it tells nothing"""
_ERROR = 400
_CERTIFICATES = Path("/etc/docker/certs.d")
"""where an engine on this machine has the certificate authorities of single registries"""


class Response(msgspec.Struct, frozen=True):
    """What a server said; names of headers are in lower case."""

    url: str
    status: int
    headers: dict[str, str]
    body: bytes


class ExchangeError(Exception):
    """It failed: `unreachable`, `tls`, `ended` (the time is up), `large`, `invalid`; the reason says why."""

    def __init__(self, kind: str, reason: Reason | str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason if isinstance(reason, Reason) else without_credentials(reason)


class Exchange:
    """Several requests that together have so many seconds; `end` ends them from another thread at any moment.

    ``proxies`` are by scheme, and under `no` the hosts that none is used for, as the environment has them; ``direct``
    tells of a host whether it is asked without any, and ``dial`` makes connections that lead elsewhere.
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
        """Whether the time is up."""
        return self._connections.ended or time.monotonic() >= self._deadline

    def end(self) -> None:
        """Ends what is going on, and lets nothing more begin."""
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
        """GETs a URL, asks for its head alone, or POSTs a form or content there; follows nothing.

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
            # The last two come from a URL that is none, or from a TLS socket that was shut down under a read.
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
        if self.ended:  # what was shut down looks like an end
            raise ExchangeError("ended", reasons.TimedOut())
        return bytes(body)

    def _error(self, error: Exception) -> ExchangeError:
        if self.ended:
            return ExchangeError("ended", reasons.TimedOut())
        causes = list(_causes(error))
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return ExchangeError("tls", _said(causes))
        # What the library raises of a URL, and of that of a proxy, is an OSError as well.
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
                known.trust_env = False  # a .netrc has logins that are not meant for registries
                known.headers.update({"User-Agent": f"ws9tui/{__version__}", "Accept-Encoding": "identity"})
        return known

    def _proxies_for(self, url: str) -> dict[str, str]:
        host = urlsplit(url).hostname or ""
        if not self._proxies or self._direct(host) or spared(host, self._proxies.get("no", "")):
            return {}
        return {scheme: proxy for scheme, proxy in self._proxies.items() if scheme != "no"}


async def bounded(exchange: Exchange, seconds: float, work: Callable[[], Reason | str]) -> Reason | str:
    """Does some work with an exchange in a thread; gives what that gives, or why the exchange failed."""
    late = reasons.NoAnswerWithin(seconds=seconds)
    try:
        return await in_thread_within(seconds, work, exchange.end)
    except ExchangeError as error:
        return late if error.kind == "ended" else error.reason
    except TimeoutError:
        return late
    finally:
        exchange.end()


@functools.cache  # to read the system's authorities takes 40 ms
def context(host: str, *, verify: bool) -> ssl.SSLContext:
    """TLS as the engine does it: with the system's authorities, and those that it has for this host alone."""
    made = ssl.create_default_context()
    folder = _CERTIFICATES / host
    if folder.parent == _CERTIFICATES and folder.is_dir():
        for path in sorted(folder.iterdir()):
            with suppress(OSError):  # an ssl.SSLError is one, too
                if path.suffix == ".crt":
                    made.load_verify_locations(path)
                elif path.suffix == ".cert":
                    made.load_cert_chain(path, path.with_suffix(".key"))
    if not verify:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def nearby(host: str) -> bool:
    """Whether a host is this machine or in a private network, by its address alone."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def spared(host: str, listed: str) -> bool:
    """Whether a list of hosts for which no proxy is used has a host: names, domains, networks, or `*` for all."""
    for entry in (part.strip().lower() for part in listed.split(",")):
        name = entry.removeprefix("*").removeprefix(".").partition(":")[0]
        if entry == "*" or (name and f".{host.lower()}".endswith(f".{name}")):
            return True
        with suppress(ValueError):
            if ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False):
                return True
    return False


def _causes(error: BaseException) -> list[BaseException]:
    """An error and what caused it; the libraries keep that among the arguments, too."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 20:  # noqa: PLR2004 - no chain is as long
        one = waiting.pop(0)
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
    return found


def _said(causes: list[BaseException]) -> Reason | str:
    """The innermost cause in the system's words, where it is the system's."""
    verification = next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None)
    if verification is not None:
        return verification.verify_message or reasons.CertificateUntrusted()
    for one in reversed(causes):
        if isinstance(one, ssl.SSLError) and one.reason:
            return one.reason.replace("_", " ").lower()
        if isinstance(one, OSError) and one.strerror:
            return one.strerror
    return type(causes[-1]).__name__
