"""Helpers for the lines of events: messages that are filled with an event's own facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ws9tui.core.journal.events import Event
from ws9tui.words.template import Message, fill

Told = Message | Callable[[Any], str | None]
"""the message of an event, or a function that returns its line"""


def own_facts(event: Event) -> dict[str, object]:
    """Returns an event's fields as facts."""
    return {name: getattr(event, name) for name in event.__struct_fields__}


def event_said(message: str, event: Event, **more: object) -> str:
    """Fills a message with an event's fields and further facts."""
    return fill(message, {**own_facts(event), **more})


def either(role: str, messages: Mapping[str, Message], event: Event) -> str:
    """Returns the message for a role; an unknown role has the one for the empty role."""
    return messages.get(role, messages[""])(**own_facts(event))
