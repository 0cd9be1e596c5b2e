"""Durations as Compose and the command line write them (`90s`, `1m30s`, `500ms`, `1d`), and times as engines do."""

from __future__ import annotations

import math
import re
from datetime import datetime

_UNITS = {"us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d)", re.ASCII)


def parse(text: str) -> float:
    """The seconds of a duration; a plain number is seconds. Raises `ValueError`."""
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
    """An engine's RFC 3339 time, whose nanoseconds `datetime` does not take, as seconds; 0 for none."""
    if not text:
        return 0.0
    head, dot, tail = text.rstrip("Z").partition(".")
    zone = ""
    for sign in ("+", "-"):
        if sign in tail:
            tail, _, offset = tail.partition(sign)
            zone = sign + offset
            break
    try:
        return datetime.fromisoformat(f"{head}{dot}{tail[:6]}{zone or '+00:00'}").timestamp()
    except ValueError:
        return 0.0
