"""How msgspec writes and reads the values that are no plain records: problems and image references."""

from __future__ import annotations

import msgspec

from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import Problem, read


class _Written(msgspec.Struct):
    """A problem, as a journal and scripts get it."""

    code: str
    facts: dict[str, str] = {}


def encoded(value: object) -> object:
    """What is written: of a problem its code and facts, of a reference its text."""
    if isinstance(value, Problem):
        return {"code": value.code, "facts": value.facts}
    if isinstance(value, Reference):
        return str(value)
    raise NotImplementedError(type(value).__name__)


def readable(record: object) -> bytes:
    """A record as JSON over several lines, as files have it that people may look into."""
    return msgspec.json.format(msgspec.json.encode(record, enc_hook=encoded))


def decoded(kind: type, value: object) -> Problem | Reference:
    """What is read of that."""
    if kind is Problem:
        written = msgspec.convert(value, _Written)
        return read(written.code, written.facts)
    if kind is Reference and isinstance(value, str):
        return Reference(value)
    raise NotImplementedError(kind.__name__)
