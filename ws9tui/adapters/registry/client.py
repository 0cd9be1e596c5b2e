"""Queries one registry by the OCI distribution specification; blocks, bounded by its exchange.

Credentials are sent only to the registry that they are for and to its token service, never along with a redirect.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin

import msgspec

from ws9tui.adapters.registry.errors import made
from ws9tui.adapters.registry.exchange import Exchange, ExchangeError, Response
from ws9tui.adapters.registry.logins import Login
from ws9tui.adapters.registry.places import RegistryAddress, RegistryConfig, host_of, hostname, origin
from ws9tui.errors import RegistryError
from ws9tui.problems import reasons
from ws9tui.problems.image import (
    RateLimited,
    RegistryNonsense,
    RegistryProblem,
    RegistryServerError,
    RegistrySlow,
    RegistryUnreachable,
    RepositoryUnknown,
    TagsUntold,
    TlsError,
    Unauthorized,
)
from ws9tui.problems.problem import Reason

T = TypeVar("T")

_MOST = 4 << 20
"""limit in bytes of an answer's body"""
_TOKEN = 1 << 20
_REDIRECTS = 5
_CLIENT = "ws9tui"
_SHOWABLE = re.compile(r"[!-~]+")
_PARAMETER = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))', re.ASCII)
_FAILED = {"ended": RegistrySlow, "tls": TlsError, "unreachable": RegistryUnreachable}
"""kind of an exchange's error → the registry problem that it is"""
_NEXT_PLACE = (RegistryUnreachable, TlsError, RegistryServerError)
"""problems after which the next address, of the registry or a mirror, is tried"""
_UNKNOWN = "NAME_UNKNOWN"
_LONGEST_WAIT = 86400.0


class _Token(msgspec.Struct):
    """The answer of a token service, which has one field or the other."""

    token: str = ""
    access_token: str = ""


class _Refusal(msgspec.Struct):
    """The body of a registry's error answer."""

    errors: list[dict[str, Any]] | None = None


class RegistryClient:
    """A client of one registry for one repository, with the user's login at that registry."""

    def __init__(
        self, exchange: Exchange, places: RegistryConfig, registry: str, repository: str, login: Login, reference: str
    ) -> None:
        self._exchange = exchange
        self._places = places
        self._registry = registry
        self._login = login
        self._reference = reference
        self.repository = repository
        self.shown: dict[str, str] = {}
        """URL of an address → the Authorization header that it asked for"""

    def date(self) -> str:
        """Returns the Date header of the registry's answer, whatever its status; empty if there is none."""
        places = [place for place in self._places.of(self._registry) if not place.mirror]
        return self.first(lambda place: self._followed(place, f"{place.url}/v2/").headers.get("date", ""), places)

    def first(self, ask: Callable[[RegistryAddress], T], places: Sequence[RegistryAddress] | None = None) -> T:
        """Returns the answer of the first usable address: of the registry's own, then of its mirrors.

        If none answers, raises the first address's error: a mirror's error says nothing about the registry.
        """
        first: RegistryError | None = None
        for place in self._places.of(self._registry) if places is None else places:
            try:
                return ask(place)
            except RegistryError as error:
                passed_on = place.mirror or isinstance(error.problem, _NEXT_PLACE)
                if not passed_on or self._exchange.ended:
                    raise
                first = first or error
        raise first or self.error(RegistryUnreachable, reasons.OnServerOfEngine())

    # --- one request --------------------------------------------------------------------------------------------

    def get(
        self, place: RegistryAddress, url: str, accept: str = "application/json", *, head: bool = False
    ) -> Response:
        """Returns the answer to a GET, or a HEAD with ``head``; after a 401 authenticates and repeats it once."""
        answer = self._followed(place, url, accept, head=head)
        if answer.status == 401 and origin(answer.url) == place.origin:  # noqa: PLR2004 - HTTP's own
            self.shown[place.url] = self._authorization(place, answer.headers.get("www-authenticate", ""))
            answer = self._followed(place, url, accept, head=head)
        return answer

    def _followed(
        self, place: RegistryAddress, url: str, accept: str = "application/json", *, head: bool = False
    ) -> Response:
        for _ in range(_REDIRECTS + 1):
            shown = self.shown.get(place.url) if origin(url) == place.origin else None
            headers = {"Accept": accept} | ({"Authorization": shown} if shown else {})
            answer = self._send(url, headers, limit=_MOST, verify=self._verified(place, url), head=head)
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            target = urljoin(url, answer.headers.get("location", ""))
            if not self._safe(target, place):
                raise self.error(RegistryNonsense, reasons.AddressUnsafe())
            url = target
        raise self.error(RegistryNonsense, reasons.RedirectsWithoutEnd())

    def _verified(self, place: RegistryAddress, url: str) -> bool:
        return place.verify or hostname(host_of(url)) != hostname(host_of(place.url))

    def _safe(self, url: str, place: RegistryAddress) -> bool:
        """Whether a redirect or token URL is safe: HTTPS, or HTTP from an HTTP address to an insecure registry."""
        host = host_of(url)
        if url.startswith("https://"):
            return bool(host)
        return bool(host) and url.startswith("http://") and place.url.startswith("http://") and self._places.lax(host)

    def _send(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        limit: int,
        verify: bool = True,
        form: Mapping[str, str] | None = None,
        head: bool = False,
    ) -> Response:
        try:
            return self._exchange.send(url, headers, limit=limit, verify=verify, form=form, head=head)
        except ExchangeError as error:
            raise self.error(_FAILED.get(error.kind, RegistryNonsense), error.reason) from error

    def refuse(self, answer: Response, otherwise: type[RegistryProblem] = TagsUntold) -> None:
        """Raises the error for any status but 200; ``otherwise`` is the problem for statuses not known here."""
        status = answer.status
        if status == 200:  # noqa: PLR2004 - HTTP's own
            return
        if status in (401, 403):
            raise self.error(Unauthorized, reasons.HttpStatus(status=status))
        if status == 404 and _UNKNOWN in _codes(answer.body):  # noqa: PLR2004 - HTTP's own
            raise self.error(RepositoryUnknown, reasons.NameNotKnown())
        if status == 429:  # noqa: PLR2004 - HTTP's own
            said = answer.headers.get("retry-after", "")
            wait = min(float(said), _LONGEST_WAIT) if said.isascii() and said.isdigit() else 0.0
            raise self.error(RateLimited, reasons.HttpStatus(status=status), retry_after=wait)
        if status >= 500:  # noqa: PLR2004 - HTTP's own
            raise self.error(RegistryServerError, reasons.HttpStatus(status=status))
        raise self.error(otherwise, reasons.HttpStatus(status=status))

    # --- credentials --------------------------------------------------------------------------------------------

    def _authorization(self, place: RegistryAddress, challenge: str) -> str:
        """Returns the Authorization header for a challenge; the user's login is never used for a mirror."""
        login = Login() if place.mirror else self._login
        if login.token:
            return f"Bearer {login.token}"
        bearer = re.search(r"(?:^|,\s*)bearer\s+(.*)", challenge, re.IGNORECASE)
        if bearer:
            found = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(bearer[1])}
            return f"Bearer {self._token(place, found, login)}"
        if re.search(r"(?:^|,\s*)basic\b", challenge, re.IGNORECASE) and login.user:
            return _basic(login)
        raise self.error(Unauthorized, login.doubt or ("" if login.given else reasons.LoginRequired()))

    def _token(self, place: RegistryAddress, challenge: Mapping[str, str], login: Login) -> str:
        realm = challenge.get("realm", "")
        if not self._safe(realm, place):
            raise self.error(Unauthorized, reasons.TokenServiceUnsafe())
        fields = {
            "service": challenge.get("service", ""),
            "scope": challenge.get("scope") or f"repository:{self.repository}:pull",
        }
        verify = self._verified(place, realm)
        if login.identity:
            form = fields | {"grant_type": "refresh_token", "refresh_token": login.identity, "client_id": _CLIENT}
            answer = self._send(realm, {}, limit=_TOKEN, verify=verify, form=form)
        else:
            headers = {"Authorization": _basic(login)} if login.user else {}
            query = urlencode({name: value for name, value in fields.items() if value})
            url = f"{realm}{'&' if '?' in realm else '?'}{query}"
            answer = self._send(url, headers, limit=_TOKEN, verify=verify)
        if answer.status in (400, 401, 403, 404):
            reason = reasons.TokenLoginRefused() if login.given else reasons.TokenLoginRequired()
            raise self.error(Unauthorized, reason)
        self.refuse(answer)
        try:
            found = msgspec.json.decode(answer.body, type=_Token)
        except (ValueError, RecursionError) as error:
            raise self.error(RegistryNonsense, reasons.TokenMissing()) from error
        token = found.token or found.access_token
        if not _SHOWABLE.fullmatch(token):
            raise self.error(RegistryNonsense, reasons.TokenMissing())
        return token

    def error(self, kind: type[RegistryProblem], reason: Reason | str, *, retry_after: float = 0.0) -> RegistryError:
        """Returns the error for a problem of this kind with the reference."""
        problem = made(kind, self._reference, reason)
        if isinstance(problem, RateLimited):
            problem = problem.replace(retry_after=retry_after or None)
        return RegistryError(problem, transient=kind in _NEXT_PLACE, retry_after=retry_after)


def _basic(login: Login) -> str:
    return f"Basic {b64encode(f'{login.user}:{login.password}'.encode()).decode()}"


def _codes(body: bytes) -> list[object]:
    """Returns the codes in a registry's error body; none if it has another form."""
    try:
        return [entry.get("code") for entry in msgspec.json.decode(body, type=_Refusal).errors or ()]
    except (ValueError, RecursionError):
        return []
