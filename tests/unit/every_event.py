"""One event of every type, each text in it the same: to show that no text from outside does harm."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.problems.problem import Problem, Unrecognized

_MODULES = ("run", "survey", "decisions", "pulls", "releases", "data", "commit", "watch")


def every_event(text: str) -> Iterator[Event]:
    """An event of each type, in the order in which the package tells of them."""
    for kind in sorted(e.Event.__subclasses__(), key=lambda kind: _MODULES.index(kind.__module__.rpartition(".")[2])):
        yield made(kind, text)


def run_of(text: str) -> list[Event]:
    """The same as a run that could have happened: it finishes, once for each outcome it could have had."""
    return [event for event in every_event(text) if not isinstance(event, e.Finished)]


def made(kind: Any, text: str) -> Any:  # noqa: ANN401 - whatever the type says
    """A value of a type, its texts all the same."""
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        return made(next(part for part in typing.get_args(kind) if part is not types.NoneType), text)
    if origin is tuple:
        return (made(typing.get_args(kind)[0], text),) * 2
    if origin is dict:
        key, value = typing.get_args(kind)
        return {made(key, text): made(value, text)}
    if kind is Problem:
        return Unrecognized(text, {text: text})
    if issubclass(kind, Enum):
        return next(iter(kind))
    if issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        return kind(**{field.name: made(hints[field.name], text) for field in msgspec.structs.fields(kind)})
    return kind(text if issubclass(kind, str) else 1)
