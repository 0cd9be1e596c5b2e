"""Asks one registry as the OCI distribution specification has it; blocks, and is bounded by its exchange.

Credentials go to the registry that they are for and to its token service, and not along with a redirection elsewhere.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec
from requests.utils import parse_header_links

from ws9tui.adapters.registry.errors import made, without_credentials
from ws9tui.adapters.registry.exchange import Answer, Exchange, ExchangeError
from ws9tui.adapters.registry.logins import Login
from ws9tui.adapters.registry.places import Place, Places, host_of, hostname, origin
from ws9tui.core.model.observed import Tags
from ws9tui.errors import RegistryError
from ws9tui.problems.image import (
    ManifestUnknown,
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

T = TypeVar("T")

PAGES = 100
MOST_TAGS = 50_000
_PER_PAGE = 1000
_PAGE = 4 << 20
_TOKEN = 1 << 20
_REDIRECTS = 5
_CLIENT = "ws9tui"
_JSON = "application/json"
_MANIFESTS = ",".join(
    f"application/vnd.{kind}+json"
    for kind in (
        "oci.image.index.v1",
        "docker.distribution.manifest.list.v2",
        "oci.image.manifest.v1",
        "docker.distribution.manifest.v2",
    )
)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
_SHOWABLE = re.compile(r"[!-~]+")
_PARAMETER = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))', re.ASCII)
_NEXT_PLACE = (RegistryUnreachable, TlsError, RegistryServerError)
"""codes after which another address of the same registry, or a mirror, is asked"""
_UNKNOWN = "NAME_UNKNOWN"
_LONGEST_WAIT = 86400.0


class _Page(msgspec.Struct):
    """A page of tags."""

    tags: list[str] | None = None


class _Platform(msgspec.Struct):
    """What an image of an index is made for."""

    os: str = ""
    architecture: str = ""


class _Member(msgspec.Struct):
    """An image of an index."""

    digest: str
    platform: _Platform | None = None


class _Index(msgspec.Struct):
    """An index, or a manifest, which has no such list."""

    manifests: list[_Member] | None = None


class _Token(msgspec.Struct):
    """What a token service gives; the one name or the other."""

    token: str = ""
    access_token: str = ""


class _Refusal(msgspec.Struct):
    """How a registry words an error."""

    errors: list[dict[str, Any]] | None = None


class RegistryClient:
    """Asks one registry about one repository, with the user's login at that registry."""

    def __init__(
        self, exchange: Exchange, places: Places, registry: str, repository: str, login: Login, reference: str
    ) -> None:
        self._exchange = exchange
        self._places = places
        self._registry = registry
        self._repository = repository
        self._login = login
        self._reference = reference
        self._shown: dict[str, str] = {}
        """place → the Authorization that it has asked for"""

    def tags(self) -> Tags:
        """All tags; the registry's other addresses and its mirrors are asked where it does not answer."""
        return self._first(self._places.of(self._registry), self._tags)

    def date(self) -> str:
        """The Date of its answer, whatever else it says; empty where it has none."""
        places = [place for place in self._places.of(self._registry) if not place.mirror]
        return self._first(places, lambda place: self._followed(place, f"{place.url}/v2/").headers.get("date", ""))

    def members(self, digest: str) -> dict[str, str]:
        """The images of an index: digest → os/architecture; its content is what its digest says, whoever gave it."""
        return self._first(self._places.of(self._registry), lambda place: self._members(place, digest))

    def _members(self, place: Place, digest: str) -> dict[str, str]:
        answer = self._get(place, f"{place.url}/v2/{self._repository}/manifests/{digest}", accept=_MANIFESTS)
        if answer.status == 404:  # noqa: PLR2004 - HTTP's own
            raise self._error(ManifestUnknown, f"HTTP status {answer.status}")
        self._refuse(answer)
        if f"sha256:{hashlib.sha256(answer.body).hexdigest()}" != digest:
            raise self._error(RegistryNonsense, "its manifest is not what its digest says")
        try:
            found = msgspec.json.decode(answer.body, type=_Index).manifests or []
        except (ValueError, RecursionError) as error:
            raise self._error(RegistryNonsense, "its manifest is none") from error
        made = {member.digest: member.platform or _Platform() for member in found}
        return {digest: f"{platform.os}/{platform.architecture}" for digest, platform in made.items()}

    def _first(self, places: Sequence[Place], ask: Callable[[Place], T]) -> T:
        """What the first place says that can be asked."""
        first: RegistryError | None = None
        for place in places:
            try:
                return ask(place)
            except RegistryError as error:
                if not isinstance(error.problem, _NEXT_PLACE) or self._exchange.ended:
                    raise
                first = first or error
        raise first or self._error(RegistryUnreachable, "it is on the engine's own machine")

    def _tags(self, place: Place) -> Tags:
        names: dict[str, None] = {}
        first = f"{place.url}/v2/{self._repository}/tags/list"
        url, seen = f"{first}?n={_PER_PAGE}", set[str]()
        for _ in range(PAGES):
            answer = self._get(place, url)
            if answer.status == 400 and url != first and not seen:  # noqa: PLR2004 - some take no such number
                if place.url.startswith("http:") and b"HTTPS" in answer.body:
                    raise self._error(RegistryUnreachable, "it wants TLS")
                answer = self._get(place, first)
            self._refuse(answer)
            try:
                page = msgspec.json.decode(answer.body, type=_Page)
            except (ValueError, RecursionError) as error:
                raise self._error(RegistryNonsense, "its list of tags is none") from error
            names.update(dict.fromkeys(tag for tag in page.tags or () if _TAG.fullmatch(tag)))
            seen.add(url)
            following = self._following(place, answer)
            if not following:
                return Tags(tuple(names), mirror=place.mirror)
            if following in seen or not following.startswith(place.url) or len(names) > MOST_TAGS:
                break
            url = following
        return Tags(tuple(names), complete=False, mirror=place.mirror)

    def _following(self, place: Place, answer: Answer) -> str:
        """The next page's URL as the registry gives it, at the same address; empty where this is the last.

        Behind a proxy a registry may take itself for one without TLS, so that only host, path and query count.
        """
        try:
            links = parse_header_links(answer.headers.get("link", ""))
            target = next((link["url"] for link in links if link.get("rel") == "next"), "")
            parts = urlsplit(urljoin(answer.url, target))
            own = urlsplit(place.url)
            same = parts.hostname == own.hostname and parts.port in (own.port, None)
        except (ValueError, KeyError):
            return "elsewhere"
        if not target:
            return ""
        return f"{place.url}{parts.path}{f'?{parts.query}' if parts.query else ''}" if same else "elsewhere"

    # --- one request --------------------------------------------------------------------------------------------

    def _get(self, place: Place, url: str, *, accept: str = _JSON) -> Answer:
        """The answer to a request; what the registry wants shown is got and shown, once."""
        answer = self._followed(place, url, accept=accept)
        if answer.status == 401 and origin(answer.url) == place.origin:  # noqa: PLR2004 - HTTP's own
            self._shown[place.url] = self._authorization(place, answer.headers.get("www-authenticate", ""))
            answer = self._followed(place, url, accept=accept)
        return answer

    def _followed(self, place: Place, url: str, *, accept: str = _JSON) -> Answer:
        for _ in range(_REDIRECTS + 1):
            shown = self._shown.get(place.url) if origin(url) == place.origin else None
            headers = {"Accept": accept} | ({"Authorization": shown} if shown else {})
            answer = self._send(url, headers, limit=_PAGE, verify=self._verified(place, url))
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            target = urljoin(url, answer.headers.get("location", ""))
            if not self._safe(target, place):
                raise self._error(RegistryNonsense, "it leads to an address that is not safe")
            url = target
        raise self._error(RegistryNonsense, "it leads from one address to the next")

    def _verified(self, place: Place, url: str) -> bool:
        return place.verify or hostname(host_of(url)) != hostname(host_of(place.url))

    def _safe(self, url: str, place: Place) -> bool:
        """Whether a server may send us there: with TLS, or where it or the engine does without."""
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
    ) -> Answer:
        try:
            return self._exchange.send(url, headers, limit=limit, verify=verify, form=form)
        except ExchangeError as error:
            match error.kind:
                case "ended":
                    raise self._error(RegistrySlow, error.reason) from error
                case "tls":
                    raise self._error(TlsError, error.reason) from error
                case "unreachable":
                    raise self._error(RegistryUnreachable, error.reason) from error
            raise self._error(RegistryNonsense, error.reason) from error

    def _refuse(self, answer: Answer) -> None:
        """Raises what an answer says that is no list."""
        status = answer.status
        if status == 200:  # noqa: PLR2004 - HTTP's own
            return
        if status in (401, 403):
            raise self._error(Unauthorized, f"HTTP status {status}")
        if status == 404 and _UNKNOWN in _codes(answer.body):  # noqa: PLR2004 - HTTP's own
            raise self._error(RepositoryUnknown, "its name is not known")
        if status == 429:  # noqa: PLR2004 - HTTP's own
            said = answer.headers.get("retry-after", "")
            wait = min(float(said), _LONGEST_WAIT) if said.isascii() and said.isdigit() else 0.0
            raise self._error(RateLimited, f"HTTP status {status}", retry_after=wait)
        if status >= 500:  # noqa: PLR2004 - HTTP's own
            raise self._error(RegistryServerError, f"HTTP status {status}")
        raise self._error(TagsUntold, f"HTTP status {status}")

    # --- what is shown ------------------------------------------------------------------------------------------

    def _authorization(self, place: Place, challenge: str) -> str:
        """What a registry wants shown; the user's login is for the registry, and for none of its mirrors."""
        login = Login() if place.mirror else self._login
        if login.token:
            return f"Bearer {login.token}"
        bearer = re.search(r"(?:^|,\s*)bearer\s+(.*)", challenge, re.IGNORECASE)
        if bearer:
            found = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(bearer[1])}
            return f"Bearer {self._token(place, found, login)}"
        if re.search(r"(?:^|,\s*)basic\b", challenge, re.IGNORECASE) and login.user:
            return _basic(login)
        raise self._error(Unauthorized, login.doubt or ("" if login.given else "it asks for a login"))

    def _token(self, place: Place, challenge: Mapping[str, str], login: Login) -> str:
        realm = challenge.get("realm", "")
        if not self._safe(realm, place):
            raise self._error(Unauthorized, "its token service has an address that is not safe")
        fields = {
            "service": challenge.get("service", ""),
            "scope": challenge.get("scope") or f"repository:{self._repository}:pull",
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
            said = "refuses the login" if login.given else "gives none without a login"
            raise self._error(Unauthorized, f"its token service {said}")
        self._refuse(answer)
        try:
            found = msgspec.json.decode(answer.body, type=_Token)
        except (ValueError, RecursionError) as error:
            raise self._error(RegistryNonsense, "its token service gives no token") from error
        token = found.token or found.access_token
        if not _SHOWABLE.fullmatch(token):
            raise self._error(RegistryNonsense, "its token service gives no token")
        return token

    def _error(self, kind: type[RegistryProblem], reason: str, *, retry_after: float = 0.0) -> RegistryError:
        problem = made(kind, self._reference, without_credentials(reason))
        if isinstance(problem, RateLimited):
            problem = problem.replace(retry_after=retry_after or None)
        return RegistryError(problem, transient=kind in _NEXT_PLACE, retry_after=retry_after)


def _basic(login: Login) -> str:
    return f"Basic {b64encode(f'{login.user}:{login.password}'.encode()).decode()}"


def _codes(body: bytes) -> list[object]:
    """The codes of a registry's error; none where it is worded otherwise."""
    try:
        return [entry.get("code") for entry in msgspec.json.decode(body, type=_Refusal).errors or ()]
    except (ValueError, RecursionError):
        return []
