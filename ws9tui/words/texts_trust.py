"""Words for what is asked about an image besides its version: digest, signature, vulnerabilities, the way to it."""

from __future__ import annotations

from ws9tui.problems import trust
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

WORDINGS: dict[type[Problem], Wording] = {
    # --- the expected digest
    trust.DigestAsExpected: Wording(
        "{service}: its digest is the expected one[ ({digest:digest})].", "", "digest {digest:digest}, as expected"
    ),
    trust.DigestUnexpected: Wording(
        "{service}: {reference:ref} has the digest {digest:digest}, but {expected:digest} is expected.",
        "Somebody may have moved the tag. Find out who and why, then correct the expectation (--expect, or x-ws9tui:"
        " expect), or ask for the digest that you know.",
        "digest {digest:digest}, and {expected:digest} is expected",
    ),
    trust.ExpectedDigestUnproven: Wording(
        "{service}: whether {reference:ref} has the expected digest {expected:digest} cannot be told[: {reason}].",
        "Try again, or expect the digest that the registry has under the tag itself.",
        "the expected digest is not proven",
    ),
}
