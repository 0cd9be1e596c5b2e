"""All events of a run as one type, and how they become JSON and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from ws9tui.core.journal.events import commit, data, decisions, pulls, releases, run, survey, watch
from ws9tui.core.model.codec import decoded, encoded

AnyEvent = (
    run.RunEvents
    | survey.SurveyEvents
    | decisions.DecisionEvents
    | pulls.PullEvents
    | releases.ReleaseEvents
    | data.DataEvents
    | commit.CommitEvents
    | watch.WatchEvents
)

_encoder = msgspec.json.Encoder(enc_hook=encoded)
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent, dec_hook=decoded)


def encode(event: AnyEvent) -> bytes:
    """One event as a line of JSON, without its newline."""
    return _encoder.encode(event)


def decode(line: bytes) -> AnyEvent:
    """The event of one line; raises `msgspec.MsgspecError` (a `ValueError`) for anything else."""
    return _decoder.decode(line)


def to_builtins(event: AnyEvent, written: Callable[[object], object] = encoded) -> dict[str, Any]:
    """The event as plain JSON values, its ``type`` included; ``written`` gives those of what is no plain record."""
    plain: dict[str, Any] = msgspec.to_builtins(event, enc_hook=written)
    return plain
