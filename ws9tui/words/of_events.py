"""What the lines of events are made of: messages that are filled with an event's own facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ws9tui.core.journal.events import Event
from ws9tui.words.template import Message, fill

Told = Message | Callable[[Any], str | None]
"""how an event is told: its message, or what makes its line"""


def own_facts(event: Event) -> dict[str, object]:
    """An event's own facts."""
    return {name: getattr(event, name) for name in event.__struct_fields__}


def event_said(message: str, event: Event, **more: object) -> str:
    """A message of an event's own facts and of some that follow from them."""
    return fill(message, {**own_facts(event), **more})


def either(role: str, messages: Mapping[str, Message], event: Event) -> str:
    """The message for a role; one that is not known has the last."""
    return messages.get(role, messages[""])(**own_facts(event))
