"""The arguments of `cosign verify`, and the meaning of its documented exit statuses and its JSON.

An exit status alone does not tell a bad signature from a failed request: 12 stands for signatures that do not match,
and for a transparency log that did not answer. Only a result without signs of a failed request counts as a failure.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ws9tui.adapters.child import CommandResult
from ws9tui.core.model.trust import Result, Signature, Verified
from ws9tui.problems import reasons
from ws9tui.problems.problem import Reason

NOT_SIGNED = (10, 12, 13)
"""exit statuses: no signature, no matching signature, no certificate on the signature"""
_SAID = re.compile(r"^Error: (no matching (?:signatures|attestations)|no signatures found)", re.MULTILINE)
"""errors with exit status 1, of older versions and for signatures in bundles"""
_TRANSPORT = re.compile(
    r"\b(?:dial (?:tcp|udp|unix)|no such host|i/o timeout|timed? ?out|deadline exceeded|connection (?:refused|reset)"
    r"|network is unreachable|no route to host|TLS handshake|proxyconnect|unexpected EOF|too many requests"
    r"|UNAUTHORIZED|DENIED|TOOMANYREQUESTS|unexpected status code)\b|\]\[(?:401|403|429|5\d\d)\]|: EOF\b",
    re.IGNORECASE,
)
"""signs of a request that failed"""
_LONGEST = 300


def command(reference: str, signature: Signature, seconds: float) -> list[str]:
    """Returns the command for an image by digest; its own timeout is ``seconds``."""
    words = ["cosign", "verify", "--output=json", f"--timeout={seconds:g}s"]
    flags = {
        "--key": signature.key,
        "--certificate-identity": signature.identity,
        "--certificate-identity-regexp": signature.identity_regexp,
        "--certificate-oidc-issuer": signature.issuer,
    }
    words += [f"{flag}={value}" for flag, value in flags.items() if value]
    if not signature.tlog:
        words.append("--insecure-ignore-tlog=true")
    return [*words, reference]


def read(done: CommandResult, digest: str) -> Verified:
    """Returns cosign's verdict on the image with this digest; not checked if it is unclear."""
    if done.status == 0:
        if not done.complete or not _names(done.output, digest):
            return Verified(Result.NOT_CHECKED, reasons.ImageNotNamed())
        return Verified(Result.VERIFIED)
    wrong = done.status in NOT_SIGNED or _SAID.search(done.errors)
    result = Result.FAILED if wrong and not _TRANSPORT.search(done.errors) else Result.NOT_CHECKED
    return Verified(result, reason(done))


def _names(output: str, digest: str) -> bool:
    """Whether the output names the image with this digest as verified."""
    try:
        found: Any = json.loads(output)
        return any(entry["critical"]["image"]["docker-manifest-digest"] == digest for entry in found)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def reason(done: CommandResult) -> Reason | str:
    """Returns the line in which a program says what was wrong, else its exit status."""
    lines = [line.strip() for line in done.errors.splitlines() if line.strip()]
    telling = (line for line in lines if line.startswith("Error:") or "FATAL" in line)
    said = next(telling, lines[-1] if lines else "")
    return said.removeprefix("Error:").strip()[:_LONGEST] or reasons.ExitedWithStatus(status=done.status)
