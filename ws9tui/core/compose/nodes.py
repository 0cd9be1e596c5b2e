"""Reads the nodes of `x-ws9tui`; what is wrong there is raised as `UsageError` with file and line."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from ws9tui.core.model import durations
from ws9tui.errors import UsageError
from ws9tui.problems.project import SettingsInvalid, SettingsUnknownKey

EXTENSION = "x-ws9tui"


def checked(file: str, node: yaml.Node | None, known: tuple[str, ...]) -> Iterator[tuple[str, yaml.Node]]:
    """The entries of a mapping, which may have these keys only."""
    if not isinstance(node, yaml.MappingNode):
        raise invalid(file, EXTENSION, node, "mapping")
    for key, value in node.value:
        if key.value not in known:
            raise UsageError(
                SettingsUnknownKey(key=key.value, file=file, line=key.start_mark.line + 1, known=", ".join(known))
            )
        yield key.value, value


def scalar(file: str, key: str, node: yaml.Node | None) -> str:
    """A text that is not empty."""
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        raise invalid(file, key, node, "text")
    return str(node.value)


def yes(file: str, key: str, node: yaml.Node) -> bool:
    """Whether it is `true`, and not `false`."""
    if node.value not in ("true", "false"):
        raise invalid(file, key, node, "true-or-false")
    return bool(node.value == "true")


def texts(file: str, key: str, node: yaml.Node) -> tuple[str, ...]:
    """A text, or a list of texts."""
    parts = node.value if isinstance(node, yaml.SequenceNode) and node.value else [node]
    return tuple(scalar(file, key, part) for part in parts)


def command(file: str, key: str, node: yaml.Node | None) -> tuple[str, ...]:
    """A list is a program with its arguments; a text is for a shell."""
    if isinstance(node, yaml.SequenceNode) and node.value:
        return tuple(scalar(file, key, part) for part in node.value)
    return ("/bin/sh", "-c", scalar(file, key, node))


def duration(file: str, key: str, node: yaml.Node) -> float:
    """Seconds."""
    try:
        return durations.parse(scalar(file, key, node))
    except ValueError:
        raise invalid(file, key, node, "duration") from None


def number(file: str, key: str, node: yaml.Node | None) -> int:
    """A number from 1 on."""
    text = scalar(file, key, node)
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < 1:  # noqa: PLR2004 - digits
        raise invalid(file, key, node, "number")
    return int(text)


def invalid(file: str, key: str, node: yaml.Node | None, reason: str) -> UsageError:
    """The error for a value that is none of this key."""
    line = node.start_mark.line + 1 if node else 0
    return UsageError(SettingsInvalid(key=key, file=file, line=line, reason=reason))
