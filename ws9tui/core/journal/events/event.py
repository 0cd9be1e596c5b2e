"""What all events have."""

from __future__ import annotations

import re

import msgspec


def _tag(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", class_name).lower()


class Event(msgspec.Struct, frozen=True, tag=_tag, kw_only=True):
    """What all events have: when, as RFC 3339 in UTC."""

    at: str = ""
