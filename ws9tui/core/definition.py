"""What is read from a project's YAML besides what Compose resolves: positions, `x-ws9tui`, and the files it names.

Compose alone interprets Compose files. This module finds where a service's image is written (for edits and messages),
reads the settings of the extension field with file and line, and lists the other files that the YAML refers to, which
belong to a generation: `include`, `extends`, and (by Compose's own resolved form) env files, configs and secrets.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ws9tui.core import durations
from ws9tui.errors import ComposeError, UsageError

EXTENSION = "x-ws9tui"
SERVICE_KEYS = ("expect", "version_command", "probe", "one_shot", "monitor", "backup")
FILE_KEYS = ("keep_generations",)


class Place(msgspec.Struct, frozen=True):
    """A scalar in a file; ``start`` and ``end`` are offsets into its text, quotes included."""

    file: str
    line: int
    start: int
    end: int
    value: str
    style: str
    """the quote that it is written with, or empty"""


class ServiceSettings(msgspec.Struct, frozen=True):
    """`x-ws9tui` of a service."""

    expect: str = ""
    """the version that the image must prove"""
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


class Definition(msgspec.Struct, frozen=True):
    """What the YAML of a project tells."""

    files: tuple[str, ...]
    """all its YAML files: those that Compose is given, then what they include and extend"""
    images: dict[str, Place]
    """service → where its image is written, as the last file has it"""
    settings: dict[str, ServiceSettings]
    keep_generations: int | None = None
    nested: tuple[tuple[str, str], ...] = ()
    """file and path of each `include` and `extends` as written, whose variables Compose must fill in"""


class _Document(msgspec.Struct, frozen=True):
    file: str
    root: yaml.Node | None


def load(file: str) -> _Document:
    """The node tree of a file; raises `ComposeError` with file and line when it is no YAML."""
    try:
        text = Path(file).read_bytes().decode("utf-8")  # bytes: offsets must count every line end as it is
    except OSError as error:
        raise ComposeError("compose-file-invalid", file=file, line=0, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        raise ComposeError("compose-file-invalid", file=file, line=0, reason="not UTF-8") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ComposeError("compose-file-invalid", file=file, line=line, reason=error.problem or "syntax") from error
    except yaml.YAMLError as error:
        raise ComposeError("compose-file-invalid", file=file, line=0, reason=str(error).splitlines()[0]) from error
    except RecursionError as error:
        raise ComposeError("compose-file-invalid", file=file, line=0, reason="nested too deeply") from error
    return _Document(file, root)


def read(files: tuple[str, ...]) -> Definition:
    """Reads the YAML of a project's files; raises `ComposeError` and, for `x-ws9tui`, `UsageError`."""
    images: dict[str, Place] = {}
    settings: dict[str, ServiceSettings] = {}
    keep: int | None = None
    nested: list[tuple[str, str]] = []
    for file in files:
        document = load(file)
        for key, node in _items(document.root):
            if key == EXTENSION:
                keep = _file_settings(document, node) or keep
            elif key == "include":
                nested += [(file, path) for path in _include_paths(node)]
            elif key == "services":
                for name, service in _items(node):
                    _read_service(document, name, service, images, settings, nested)
    return Definition(files, images, settings, keep, tuple(dict.fromkeys(nested)))


def _read_service(
    document: _Document,
    name: str,
    node: yaml.Node | None,
    images: dict[str, Place],
    settings: dict[str, ServiceSettings],
    nested: list[tuple[str, str]],
) -> None:
    for key, value in _items(node):
        if key == "image" and isinstance(value, yaml.ScalarNode):
            images[name] = Place(
                document.file,
                value.start_mark.line + 1,
                value.start_mark.index,
                value.end_mark.index,
                value.value,
                value.style or "",
            )
        elif key == EXTENSION:
            settings[name] = _service_settings(document, value)
        elif key == "extends":
            entries = [entry for part, entry in _items(value) if part == "file"]
            nested += [(document.file, entry.value) for entry in entries if isinstance(entry, yaml.ScalarNode)]


def _include_paths(node: yaml.Node | None) -> Iterator[str]:
    for entry in node.value if isinstance(node, yaml.SequenceNode) else ():
        if isinstance(entry, yaml.ScalarNode):
            yield entry.value
        for key, value in _items(entry):
            if key in ("path", "env_file"):
                parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
                yield from (part.value for part in parts if isinstance(part, yaml.ScalarNode))


def _items(node: yaml.Node | None, within: tuple[yaml.Node, ...] = ()) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode) and node not in within:  # a mapping may be merged into itself
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                # Of several the first wins, and what comes last here wins.
                for part in reversed(value.value) if isinstance(value, yaml.SequenceNode) else [value]:
                    yield from _items(part, (*within, node))
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                yield key.value, value


def _file_settings(document: _Document, node: yaml.Node | None) -> int | None:
    keep: int | None = None
    for key, value in _checked(document, node, FILE_KEYS):
        if key == "keep_generations":
            keep = _number(document, key, value)
    return keep


def _service_settings(document: _Document, node: yaml.Node | None) -> ServiceSettings:
    values: dict[str, Any] = {}
    for key, value in _checked(document, node, SERVICE_KEYS):
        match key:
            case "version_command":
                values[key] = _command(document, key, value)
            case "one_shot":
                if value.value not in ("true", "false"):
                    raise _invalid(document, key, value, "true-or-false")
                values[key] = value.value == "true"
            case "monitor":
                try:
                    values[key] = durations.parse(_scalar(document, key, value))
                except ValueError:
                    raise _invalid(document, key, value, "duration") from None
            case "backup":
                values |= _backup(document, value)
            case "probe":
                values[key] = _scalar(document, key, value)
                if not values[key].startswith(("http://", "https://", "$")):
                    raise _invalid(document, key, value, "url")
            case _:
                values[key] = _scalar(document, key, value)
    return ServiceSettings(**values)


def _checked(document: _Document, node: yaml.Node | None, known: tuple[str, ...]) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise _invalid(document, EXTENSION, node, "mapping")
    for key, value in node.value:
        if key.value not in known:
            raise UsageError(
                "settings-unknown-key",
                key=key.value,
                file=document.file,
                line=key.start_mark.line + 1,
                known=", ".join(known),
            )
        yield key.value, value


def _scalar(document: _Document, key: str, node: yaml.Node | None) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        raise _invalid(document, key, node, "text")
    value: str = node.value
    return value


def _number(document: _Document, key: str, node: yaml.Node | None) -> int:
    text = _scalar(document, key, node)
    if not (text.isascii() and text.isdigit() and len(text) < 10) or int(text) < 1:  # noqa: PLR2004 - digits
        raise _invalid(document, key, node, "number")
    return int(text)


def _command(document: _Document, key: str, node: yaml.Node | None) -> tuple[str, ...]:
    if isinstance(node, yaml.SequenceNode) and node.value:
        return tuple(_scalar(document, key, part) for part in node.value)
    return ("/bin/sh", "-c", _scalar(document, key, node))


def _backup(document: _Document, node: yaml.Node | None) -> dict[str, Any]:
    """`true` or `false`, or a list of absolute paths in the container."""
    at = (document.file, node.start_mark.line + 1 if node else 0)
    if isinstance(node, yaml.SequenceNode) and node.value:
        paths = tuple(_scalar(document, "backup", part) for part in node.value)
        if not all(path.startswith("/") for path in paths):
            raise _invalid(document, "backup", node, "paths")
        return {"backup": True, "backup_paths": paths, "backup_at": at}
    if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
        raise _invalid(document, "backup", node, "paths")
    return {"backup": node.value == "true", "backup_at": at}


def _invalid(document: _Document, key: str, node: yaml.Node | None, reason: str) -> UsageError:
    line = node.start_mark.line + 1 if node else 0
    return UsageError("settings-invalid", key=key, file=document.file, line=line, reason=reason)
