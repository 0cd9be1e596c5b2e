"""Hooks by which msgspec encodes and decodes values that are no plain records: problems and image references."""

from __future__ import annotations

import msgspec

from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import Problem, read


class _Written(msgspec.Struct):
    """A problem as it is encoded."""

    code: str
    facts: dict[str, str] = {}


def encoded(value: object) -> object:
    """Encodes a problem as its code and facts, and a reference as its text; raises `NotImplementedError` for others."""
    if isinstance(value, Problem):
        return {"code": value.code, "facts": value.facts}
    if isinstance(value, Reference):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def readable(record: object) -> bytes:
    """Returns a record as indented JSON, for files that people may read."""
    return msgspec.json.format(msgspec.json.encode(record, enc_hook=encoded))


def decoded(kind: type, value: object) -> Problem | Reference:
    """Decodes a problem or a reference; raises `NotImplementedError` for other types."""
    if kind is Problem:
        written = msgspec.convert(value, _Written)
        return read(written.code, written.facts)
    if kind is Reference and isinstance(value, str):
        return Reference(value)
    raise NotImplementedError(kind.__name__)
