"""How the events of a run become JSON and back."""

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
    """One event as a line of JSON, without its newline."""
    return _encoder.encode(event)


def decode(line: bytes) -> Event:
    """The event of one line; raises `msgspec.MsgspecError` (a `ValueError`) for anything else."""
    return _decoder.decode(line)


def to_builtins(event: Event, written: Callable[[object], object] = encoded) -> dict[str, Any]:
    """The event as plain JSON values, its ``type`` included; ``written`` gives those of what is no plain record."""
    plain: dict[str, Any] = msgspec.to_builtins(event, enc_hook=written)
    return plain
