"""The settings of the extension field `x-ws9tui`, of a service and of the file, read with file and line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import yaml

from ws9tui.core.model import durations
from ws9tui.errors import UsageError
from ws9tui.problems.project import SettingsInvalid, SettingsUnknownKey

EXTENSION = "x-ws9tui"
SERVICE_KEYS = ("expect", "version_command", "probe", "one_shot", "monitor", "backup")
FILE_KEYS = ("keep_generations",)


class ServiceSettings(msgspec.Struct, frozen=True):
    """`x-ws9tui` of a service."""

    expect: str = ""
    """the version that the image must prove, or the digest that it must have"""
    version_command: tuple[str, ...] = ()
    """run inside the new container; its first line must name the expected version"""
    probe: str = ""
    """a URL that must answer with a status below 400 once the service runs"""
    probe_as_written: str = ""
    """with its variables: what is shown of it, since their values may be secret"""
    one_shot: bool | None = None
    monitor: float | None = None
    """seconds that the service must stay well"""
    backup: bool | None = None
    """whether its data is saved before it is recreated; None: nothing is said"""
    backup_paths: tuple[str, ...] = ()
    """the paths in the container that are saved; empty: all volumes and bind mounts of data"""
    backup_at: tuple[str, int] = ("", 0)
    """file and line where that is written"""


def of_file(file: str, node: yaml.Node | None) -> int | None:
    """How many generations the file says to keep; raises `UsageError`."""
    keep: int | None = None
    for key, value in _checked(file, node, FILE_KEYS):
        if key == "keep_generations":
            keep = _number(file, key, value)
    return keep


def of_service(file: str, node: yaml.Node | None) -> ServiceSettings:
    """What is set for a service; raises `UsageError`."""
    values: dict[str, Any] = {}
    for key, value in _checked(file, node, SERVICE_KEYS):
        match key:
            case "version_command":
                values[key] = _command(file, key, value)
            case "one_shot":
                if value.value not in ("true", "false"):
                    raise _invalid(file, key, value, "true-or-false")
                values[key] = value.value == "true"
            case "monitor":
                try:
                    values[key] = durations.parse(_scalar(file, key, value))
                except ValueError:
                    raise _invalid(file, key, value, "duration") from None
            case "backup":
                values |= _backup(file, value)
            case "probe":
                values[key] = _scalar(file, key, value)
                if not values[key].startswith(("http://", "https://", "$")):
                    raise _invalid(file, key, value, "url")
            case _:
                values[key] = _scalar(file, key, value)
    return ServiceSettings(**values)


def _checked(file: str, node: yaml.Node | None, known: tuple[str, ...]) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _invalid(file, EXTENSION, node, "mapping")
    for key, value in node.value:
        if key.value not in known:
            raise UsageError(
                SettingsUnknownKey(key=key.value, file=file, line=key.start_mark.line + 1, known=", ".join(known))
            )
        yield key.value, value


def _scalar(file: str, key: str, node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        raise _invalid(file, key, node, "text")
    value: str = node.value
    return value


def _number(file: str, key: str, node: yaml.Node | None) -> int:
    text = _scalar(file, key, node)
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < 1:  # noqa: PLR2004 - digits
        raise _invalid(file, key, node, "number")
    return int(text)


def _command(file: str, key: str, node: yaml.Node | None) -> tuple[str, ...]:
    if isinstance(node, yaml.SequenceNode) and node.value:
        return tuple(_scalar(file, key, part) for part in node.value)
    return ("/bin/sh", "-c", _scalar(file, key, node))


def _backup(file: str, node: yaml.Node | None) -> dict[str, Any]:
    """`true` or `false`, or a list of absolute paths in the container."""
    at = (file, node.start_mark.line + 1 if node else 0)
    if isinstance(node, yaml.SequenceNode) and node.value:
        paths = tuple(_scalar(file, "backup", part) for part in node.value)
        if not all(path.startswith("/") for path in paths):
            raise _invalid(file, "backup", node, "paths")
        return {"backup": True, "backup_paths": paths, "backup_at": at}
    if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
        raise _invalid(file, "backup", node, "paths")
    return {"backup": node.value == "true", "backup_at": at}


def _invalid(file: str, key: str, node: yaml.Node | None, reason: str) -> UsageError:
    line = node.start_mark.line + 1 if node else 0
    return UsageError(SettingsInvalid(key=key, file=file, line=line, reason=reason))
