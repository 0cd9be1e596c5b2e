"""Maps an engine's error texts about registries to problems.

Engines word the same problem in many ways, and those before 28.3 give most of them the HTTP status 500. So the text
decides, and of the statuses only 429. The first matching kind is taken; the order matters if a text names two, as for a
failed token download.
"""

from __future__ import annotations

import re

import msgspec

from ws9tui.core.model.reference import Reference
from ws9tui.errors import RegistryError
from ws9tui.problems import reasons
from ws9tui.problems.engine import EngineDiskReadOnly
from ws9tui.problems.image import (
    DigestMismatch,
    DiskFull,
    ImageNotPulled,
    ManifestUnknown,
    PlatformMissing,
    RateLimited,
    RegistryProblem,
    RegistryServerError,
    RegistryUnreachable,
    RepositoryUnknown,
    TlsError,
    Unauthorized,
)
from ws9tui.problems.problem import Reason

_CREDENTIALS = re.compile(r"(?<=://)[^/\s@\"]+@")
_QUERY = re.compile(r"(?<=[^\s\"?])\?[^\s\"]+=[^\s\"]*")
_URL = re.compile(r"https?://[^\s\"]+")
_RETRY_AFTER = re.compile(r"retry[- ]after:? *((?:\d+(?:\.\d+)?(?:h|ms|µs|us|ns|m|s))+|\d+)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|ms|µs|us|ns|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9}
_SHORT_WAIT = 60.0
"""longest wait in seconds after which a rate limit is worth a retry"""
_TOO_MANY_REQUESTS = 429


class _Kind(msgspec.Struct, frozen=True):
    """A problem and the pattern of its texts, which are matched in lower case and without URLs."""

    problem: type[RegistryProblem]
    pattern: str
    transient: bool = False


_KINDS = (
    _Kind(DiskFull, r"no space left on device|disk quota exceeded"),
    _Kind(EngineDiskReadOnly, r"read-only file system"),
    _Kind(RateLimited, r"toomanyrequests|too many requests|rate.?limit|\b429\b"),
    _Kind(
        PlatformMissing,
        r"no matching manifest for|no match for platform|match the specified platform|cannot be used on this platform",
    ),
    _Kind(
        RegistryUnreachable,
        r"tls handshake timeout|connection refused|no such host|connection reset|no route to host|"
        r"network is unreachable|i/o timeout|timeout exceeded|deadline exceeded|timed out|broken pipe|"
        r"server misbehaving|failure in name resolution|proxyconnect|\beof\b|connection closed|stream error|"
        r"http2: (?:server sent goaway|client connection)",
        transient=True,
    ),
    _Kind(TlsError, r"x509|tls: |certificate|server gave http response to https client"),
    _Kind(
        DigestMismatch,
        r"verification failed for digest|unexpected commit digest|failed size validation|does not match digest|"
        r"digest mismatch|wrong diff id calculated|unexpected digest|gzip: invalid|invalid checksum",
    ),
    _Kind(
        RegistryServerError,
        r"\b5\d\d (?:internal|bad|service|gateway|server)|http status:? 5\d\d|status(?: code)?:? 5\d\d|http 5\d\d\b|"
        r"\bunavailable: |unknown: unknown error|error from registry: unknown\b",
        transient=True,
    ),
    _Kind(
        Unauthorized,
        r"unauthorized|authentication required|no basic auth credentials|incorrect username or password|"
        r"(?<!permission )\bdenied\b|insufficient.scope|authorization failed|"
        r"token (?:is |has )?expired|\b40[13] ",
    ),
    _Kind(RepositoryUnknown, r"name unknown|repository name not known|repository \S* ?not found|name_unknown"),
    _Kind(ManifestUnknown, r"manifest unknown|manifest for \S* ?not found|manifest_unknown|not found"),
)


def registry_error(answer: str, reference: str, status: int = 0, *, login: Reason | None = None) -> RegistryError:
    """Returns the error for what an engine said about a reference.

    ``status`` is the engine's HTTP status, ``login`` what is wrong with the user's login.
    """
    said = without_credentials(answer.strip())
    text = _bare(said, Reference(reference))
    kind = _kind(text, status)
    doubted = reasons.RefusedWithLogin(said=said, login=login) if kind.problem is Unauthorized and login else None
    problem = made(kind.problem, reference, doubted or said)
    if isinstance(problem, RateLimited):
        wait = _retry_after(text)
        problem = problem.replace(retry_after=wait or None)
        return RegistryError(problem, transient=0 < wait <= _SHORT_WAIT, retry_after=wait)
    return RegistryError(problem, transient=kind.transient)


def unanswered(reference: str) -> RegistryError:
    """Returns the error for a registry that did not answer the engine in time."""
    return RegistryError(made(RegistryUnreachable, reference, reasons.RegistryGaveNoAnswer()), transient=True)


def made(kind: type[RegistryProblem], reference: str, reason: Reason | str) -> RegistryProblem:
    """Returns the problem of a reference; a `TlsError` notes if a wrong clock may be the cause."""
    said = without_credentials(reason) if isinstance(reason, str) else reason
    problem = kind(reference=reference, registry=Reference(reference).registry, reason=said)
    clock = isinstance(problem, TlsError) and isinstance(said, str) and re.search(r"expired|not yet valid", said)
    return problem.replace(clock="yes") if clock else problem


def without_credentials(text: str) -> str:
    """Returns a text without the credentials and signed queries of its URLs."""
    return _QUERY.sub("?…", _CREDENTIALS.sub("", text))


def _bare(text: str, reference: Reference) -> str:
    """Returns the text in lower case without the reference and URLs: a repository may be called rate-limit."""
    for name in (reference, reference.partition("@")[0], reference.name, reference.path):
        text = text.replace(name, "")
    return _URL.sub("", text).lower()


def _kind(text: str, status: int) -> _Kind:
    if status == _TOO_MANY_REQUESTS:
        return _Kind(RateLimited, "")
    for kind in _KINDS:
        if re.search(kind.pattern, text):
            return kind
    return _Kind(ImageNotPulled, "")


def _retry_after(text: str) -> float:
    found = _RETRY_AFTER.search(text)
    if not found:
        return 0.0
    if found[1].isdigit():
        return float(found[1])
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(found[1]))
