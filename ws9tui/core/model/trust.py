"""What is asked about an image besides its version: its digest, its signature, its vulnerabilities, the way to it.

The settings of `x-ws9tui` that ask for it, and the answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from ws9tui.problems.problem import Reason


class TrustCheck(StrEnum):
    """What is checked; the value is also what `--accept SERVICE:CHECK` takes."""

    DIGEST = "digest"
    SIGNATURE = "signature"
    SCAN = "scan"
    PATH = "path"


ACCEPTABLE = (TrustCheck.SIGNATURE, TrustCheck.SCAN, TrustCheck.PATH)
"""checks that somebody may agree to go on without, where they could not be made or found what may be taken"""


class Result(StrEnum):
    """What a check came to."""

    VERIFIED = "verified"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"
    COMPARED = "compared"
    """of two images' vulnerabilities"""


class Signature(msgspec.Struct, frozen=True):
    """By whom an image must be signed: a key, or an identity for which an issuer vouches; with neither by nobody."""

    key: str = ""
    """path of the public key, or its URI as cosign knows it"""
    identity: str = ""
    identity_regexp: str = ""
    issuer: str = ""
    tlog: bool = True
    """whether the signature must be in the transparency log"""
    by: str = ""
    """key or identity as they are written, with their variables: what is shown, since their values may be secret"""

    def __bool__(self) -> bool:
        """Whether a signature is asked for."""
        return bool(self.key or self.issuer)


class Severity(StrEnum):
    """How bad a vulnerability is, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NEGLIGIBLE = "negligible"
    UNKNOWN = "unknown"

    def reaches(self, other: Severity) -> bool:
        """Whether it is as bad, or worse."""
        return _WORST_FIRST.index(self) <= _WORST_FIRST.index(other)


_WORST_FIRST = list(Severity)
SCANNERS = ("trivy", "grype", "scout")
LEVELS = (Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW)
"""from which on new vulnerabilities may stop a run"""


class Vulnerability(msgspec.Struct, frozen=True):
    """One that a scanner has found in an image."""

    id: str
    severity: Severity = Severity.UNKNOWN
    package: str = ""
    version: str = ""
    """of the package"""
    fixed: str = ""
    """the package's version that is free of it, where there is one"""


class Scanned(msgspec.Struct, frozen=True):
    """What a scanner has found in an image, each vulnerability once; with a reason it could not look."""

    found: tuple[Vulnerability, ...] = ()
    reason: Reason | str = ""


def each_once(found: Iterable[Vulnerability]) -> tuple[Vulnerability, ...]:
    """Each vulnerability with the worst that is said of it, the worst first."""
    once: dict[str, Vulnerability] = {}
    for one in sorted(found, key=lambda one: (_WORST_FIRST.index(one.severity), one.id, one.package, one.version)):
        once.setdefault(one.id, one)
    return tuple(once.values())


def beside(found: Iterable[Vulnerability], other: Iterable[Vulnerability]) -> tuple[Vulnerability, ...]:
    """Those that another image has not; a vulnerability is the same in whichever package it is."""
    known = {one.id for one in other}
    return tuple(one for one in found if one.id not in known)


def counted(found: Iterable[Vulnerability]) -> str:
    """How many there are of each severity, as `2 critical, 1 high`; empty where there are none."""
    number = Counter(one.severity for one in found)
    return ", ".join(f"{number[severity]} {severity}" for severity in Severity if number[severity])


class Verified(msgspec.Struct, frozen=True):
    """What a program said of a signature; the reason is empty where it was verified."""

    result: Result
    reason: Reason | str = ""
