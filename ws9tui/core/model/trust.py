"""What is asked about an image besides its version: its digest, its signature, its vulnerabilities, the way to it.

The settings of `x-ws9tui` that ask for it, and the answers.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Check(StrEnum):
    """What is checked; the value is also what `--accept SERVICE:CHECK` takes."""

    DIGEST = "digest"
    SIGNATURE = "signature"
    SCAN = "scan"
    PATH = "path"


ACCEPTABLE = (Check.SIGNATURE, Check.SCAN, Check.PATH)
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

    def __bool__(self) -> bool:
        """Whether a signature is asked for."""
        return bool(self.key or self.issuer)


class Verified(msgspec.Struct, frozen=True):
    """What a program said of a signature; the reason is empty where it was verified."""

    result: Result
    reason: str = ""


def is_digest(text: str) -> bool:
    """Whether an expectation is a digest, and no version."""
    return _DIGEST.fullmatch(text) is not None
