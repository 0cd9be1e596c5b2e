"""Encodes events as JSON and decodes them."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from ws9tui.core.journal.events import (  # noqa: F401 - each event is known once its module is imported
    commit,
    data,
    decisions,
    pulls,
    releases,
    run,
    survey,
    watch,
)
from ws9tui.core.journal.events.event import Event
from ws9tui.core.model.codec import decoded, encoded

_encoder = msgspec.json.Encoder(enc_hook=encoded)
_decoder = msgspec.json.Decoder[Event](reduce(or_, Event.__subclasses__()), dec_hook=decoded)


def encode(event: Event) -> bytes:
    """Returns an event as one line of JSON, without the newline."""
    return _encoder.encode(event)


def decode(line: bytes) -> Event:
    """Returns the event in one line of JSON; raises `msgspec.MsgspecError` (a `ValueError`) if there is none."""
    return _decoder.decode(line)


def to_builtins(event: Event, written: Callable[[object], object] = encoded) -> dict[str, Any]:
    """Returns an event as plain JSON values, ``type`` included; ``written`` converts values that are no records."""
    plain: dict[str, Any] = msgspec.to_builtins(event, enc_hook=written)
    return plain
