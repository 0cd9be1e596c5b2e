"""Parses durations of Compose and the command line (`90s`, `1m30s`, `500ms`, `1d`); converts RFC 3339 times."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

_UNITS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d)", re.ASCII)


def parse(text: str) -> float:
    """Returns a duration in seconds; a plain number is seconds. Raises `ValueError`."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text, re.ASCII):
        seconds = float(text)
    elif text and not _PART.sub("", text):
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    else:
        raise ValueError(text)
    if not math.isfinite(seconds):
        raise ValueError(text)
    return seconds


def unix_time(text: str) -> float:
    """Returns a time in seconds since the epoch; 0 if the text is no time."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def rfc3339(seconds: float, timespec: str = "milliseconds") -> str:
    """Returns a time in seconds since the epoch as RFC 3339 text in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec=timespec).replace("+00:00", "Z")
