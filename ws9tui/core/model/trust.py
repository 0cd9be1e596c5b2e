"""What is asked about an image besides its version: its digest, its signature, its vulnerabilities, the way to it.

The settings of `x-ws9tui` that ask for it, and the answers.
"""

from __future__ import annotations

import re
from enum import StrEnum

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Check(StrEnum):
    """What is checked; the value is also what `--accept SERVICE:CHECK` takes."""

    DIGEST = "digest"
    SIGNATURE = "signature"
    SCAN = "scan"
    PATH = "path"


class Result(StrEnum):
    """What a check came to."""

    VERIFIED = "verified"
    FAILED = "failed"
    NOT_CHECKED = "not-checked"
    COMPARED = "compared"
    """of two images' vulnerabilities"""


def is_digest(text: str) -> bool:
    """Whether an expectation is a digest, and no version."""
    return _DIGEST.fullmatch(text) is not None
