"""Acceptance checks: what must hold in a product's containers for it to do its work, besides their health checks."""

from __future__ import annotations

import msgspec

MISSING = 127
"""exit status of a command that says: this version has no such check"""


class AcceptanceCheck(msgspec.Struct, frozen=True):
    """One check. It is made inside a container, so that neither a published port nor a redirect to one matters."""

    name: str
    """what is told of it"""
    service: str
    """whose health it is part of"""
    inside: str
    """service in whose container it is made"""
    url: str = ""
    """asked there; at HTTPS where that is what it redirects to, whatever the certificate"""
    highest: int = 399
    """status of the answer that still passes"""
    command: tuple[str, ...] = ()
    """in place of a URL: must end with exit status 0; `MISSING` where this version has no such check"""
    says: str = ""
    """regular expression that must be found in the answer or the output"""
    required: bool = True
    """False: told, but nothing is rolled back by it, for it did not pass before either"""
