"""Acceptance checks: tests in a product's containers, besides their health checks, that the product works."""

from __future__ import annotations

import msgspec

MISSING = 127
"""exit status by which a command reports that this version has no such check"""


class AcceptanceCheck(msgspec.Struct, frozen=True):
    """One check, run inside a container, so that published ports and redirects to them do not matter."""

    name: str
    """the displayed name"""
    service: str
    """the service whose health the check is part of"""
    inside: str
    """the service in whose container the check runs"""
    url: str = ""
    """URL requested there; a redirect to HTTPS is followed, with any certificate"""
    highest: int = 399
    """highest HTTP status that passes"""
    command: tuple[str, ...] = ()
    """instead of a URL: a command that must end with exit status 0; `MISSING` if this version has no such check"""
    says: str = ""
    """regular expression that must match in the response or the output"""
    required: bool = True
    """False: a failure is only reported and causes no rollback, as for a check that did not pass before"""
