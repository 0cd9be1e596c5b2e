"""The base class of all events."""

from __future__ import annotations

import re

import msgspec


def _tag(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", class_name).lower()


class Event(msgspec.Struct, frozen=True, tag=_tag, kw_only=True):
    """The base class of all events; ``at`` is the time, as RFC 3339 in UTC."""

    at: str = ""
