"""Reads the nodes of `x-ws9tui`; raises `UsageError` with file and line for invalid ones."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from ws9tui.core.model import durations
from ws9tui.errors import UsageError
from ws9tui.problems.project import SettingsInvalid, SettingsUnknownKey

EXTENSION = "x-ws9tui"


def checked(file: str, node: yaml.Node | None, known: tuple[str, ...]) -> Iterator[tuple[str, yaml.Node]]:
    """Yields the entries of a mapping; raises `UsageError` for keys that are not ``known``."""
    if not isinstance(node, yaml.MappingNode):
        raise invalid(file, EXTENSION, node, "mapping")
    for key, value in node.value:
        if key.value not in known:
            raise UsageError(
                SettingsUnknownKey(key=key.value, file=file, line=key.start_mark.line + 1, known=", ".join(known))
            )
        yield key.value, value


def scalar(file: str, key: str, node: yaml.Node | None) -> str:
    """Returns a non-empty scalar."""
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        raise invalid(file, key, node, "text")
    return str(node.value)


def yes(file: str, key: str, node: yaml.Node) -> bool:
    """Returns a boolean: `true` or `false`."""
    if node.value not in ("true", "false"):
        raise invalid(file, key, node, "true-or-false")
    return bool(node.value == "true")


def texts(file: str, key: str, node: yaml.Node) -> tuple[str, ...]:
    """Returns a text or a list of texts as a tuple."""
    parts = node.value if isinstance(node, yaml.SequenceNode) and node.value else [node]
    return tuple(scalar(file, key, part) for part in parts)


def command(file: str, key: str, node: yaml.Node | None) -> tuple[str, ...]:
    """Returns a command: a list is a program with its arguments, a text runs in a shell."""
    if isinstance(node, yaml.SequenceNode) and node.value:
        return tuple(scalar(file, key, part) for part in node.value)
    return ("/bin/sh", "-c", scalar(file, key, node))


def duration(file: str, key: str, node: yaml.Node) -> float:
    """Returns a duration in seconds."""
    try:
        return durations.parse(scalar(file, key, node))
    except ValueError:
        raise invalid(file, key, node, "duration") from None


def number(file: str, key: str, node: yaml.Node | None) -> int:
    """Returns an integer from 1 on."""
    text = scalar(file, key, node)
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < 1:  # noqa: PLR2004 - digits
        raise invalid(file, key, node, "number")
    return int(text)


def invalid(file: str, key: str, node: yaml.Node | None, reason: str) -> UsageError:
    """Returns the error for an invalid value of a key."""
    line = node.start_mark.line + 1 if node else 0
    return UsageError(SettingsInvalid(key=key, file=file, line=line, reason=reason))
