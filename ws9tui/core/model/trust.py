"""Trust checks of an image, besides its version: digest, signature, vulnerabilities, upgrade path.

The records of the settings in `x-ws9tui` that request the checks, and of their results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from ws9tui.problems.problem import Reason


class TrustCheck(StrEnum):
    """The kinds of trust checks; the value is also the CHECK in `--accept SERVICE:CHECK`."""

    DIGEST = "digest"
    SIGNATURE = "signature"
    SCAN = "scan"
    PATH = "path"


ACCEPTABLE = (TrustCheck.SIGNATURE, TrustCheck.SCAN, TrustCheck.PATH)
"""checks whose failure the operator may accept, if they could not be made or their finding is acceptable"""


class Result(StrEnum):
    """The result of a check."""

    VERIFIED = "verified"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"
    COMPARED = "compared"
    """the vulnerabilities of two images were compared"""


class Signature(msgspec.Struct, frozen=True):
    """The required signer of an image: a key, or an identity with its issuer; with neither no signature is required."""

    key: str = ""
    """path of the public key, or its URI for cosign"""
    identity: str = ""
    identity_regexp: str = ""
    issuer: str = ""
    tlog: bool = True
    """whether the signature must be in the transparency log"""
    by: str = ""
    """key or identity as written, with uninterpolated variables, for display, since their values may be secret"""

    def __bool__(self) -> bool:
        """Whether a signature is required."""
        return bool(self.key or self.issuer)


class Severity(StrEnum):
    """The severity of a vulnerability, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEGLIGIBLE = "negligible"
    UNKNOWN = "unknown"

    def reaches(self, other: Severity) -> bool:
        """Whether this severity is equal or worse."""
        return _WORST_FIRST.index(self) <= _WORST_FIRST.index(other)


_WORST_FIRST = list(Severity)
SCANNERS = ("trivy", "grype", "scout")
LEVELS = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
"""thresholds from which new vulnerabilities may stop a run"""


class Vulnerability(msgspec.Struct, frozen=True):
    """A vulnerability that a scanner found in an image."""

    id: str
    severity: Severity = Severity.UNKNOWN
    package: str = ""
    version: str = ""
    """the package's version"""
    fixed: str = ""
    """the package's fixed version, if there is one"""


class Scanned(msgspec.Struct, frozen=True):
    """A scanner's result for an image, each vulnerability once; ``reason`` is set if the scan failed."""

    found: tuple[Vulnerability, ...] = ()
    reason: Reason | str = ""


def each_once(found: Iterable[Vulnerability]) -> tuple[Vulnerability, ...]:
    """Returns each vulnerability once, with its worst severity, the worst first."""
    once: dict[str, Vulnerability] = {}
    for one in sorted(found, key=lambda one: (_WORST_FIRST.index(one.severity), one.id, one.package, one.version)):
        once.setdefault(one.id, one)
    return tuple(once.values())


def beside(found: Iterable[Vulnerability], other: Iterable[Vulnerability]) -> tuple[Vulnerability, ...]:
    """Returns the vulnerabilities that another image does not have, compared by ID regardless of the package."""
    known = {one.id for one in other}
    return tuple(one for one in found if one.id not in known)


def counted(found: Iterable[Vulnerability]) -> str:
    """Returns the count of each severity as `2 critical, 1 high`; empty if there are none."""
    number = Counter(one.severity for one in found)
    return ", ".join(f"{number[severity]} {severity}" for severity in Severity if number[severity])


class Verified(msgspec.Struct, frozen=True):
    """A program's result for a signature; the reason is empty if it was verified."""

    result: Result
    reason: Reason | str = ""
