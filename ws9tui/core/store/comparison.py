"""Compares two generations in full: services, files line by line, settings, and the data backups of each.

Contents may hold secrets, so every line is masked before it leaves this module: values that the files assign to
variables with secret-sounding names, and all values that the files of either generation give to variables.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ws9tui.core.compose import definition, sensitive
from ws9tui.core.compose.settings import ServiceSettings
from ws9tui.core.model.codec import encoded
from ws9tui.core.model.masking import Mask
from ws9tui.core.store import backup, generation
from ws9tui.core.store.backup import Backup
from ws9tui.core.store.generation import Generation, GenerationService, StoredFile
from ws9tui.errors import StateError
from ws9tui.problems.problem import Problem

LARGEST = 1 << 20
"""maximum bytes of a file that is compared line by line"""
MOST_LINES = 20_000
_UNTOLD = ("probe", "backup_at")
"""fields that are left out: a probe is shown as written instead, and `backup_at` is no setting"""
_KEYS = {"probe_as_written": "probe", "comes_from": "from", "backup_paths": "backup.paths", "policy": "updates"}
"""field → its name in `x-ws9tui`, if different"""

Contents = Mapping[str, bytes | Problem]
"""path → the content in one generation, or why it cannot be read; missing files are left out"""


class ServiceChange(msgspec.Struct, frozen=True):
    """A service that differs between the generations; None if it is missing in one."""

    name: str
    before: GenerationService | None
    after: GenerationService | None
    redefined: bool = False
    """whether its definition in the files differs"""


class FileChange(msgspec.Struct, frozen=True):
    """A file that differs between the generations; None if it is missing in one."""

    path: str
    before: StoredFile | None
    after: StoredFile | None
    lines: tuple[str, ...] = ()
    """the unified diff, masked"""
    hidden: bool = False
    """whether its content must not be shown: a secret, or a file that is not known to be none"""
    large: bool = False
    """whether it is too large to be compared line by line"""
    binary: bool = False
    problem: Problem | None = None
    """why a copy cannot be read"""


class SettingChange(msgspec.Struct, frozen=True):
    """A setting of a service or of the project that differs between the generations."""

    subject: str
    """the service; empty for the project"""
    key: str
    before: str
    after: str


class Comparison(msgspec.Struct, frozen=True):
    """The differences of two generations."""

    before: Generation
    after: Generation
    services: tuple[ServiceChange, ...]
    files: tuple[FileChange, ...]
    settings: tuple[SettingChange, ...]
    variables: tuple[str, ...]
    """names of the shell's variables whose values differ"""
    data: dict[int, tuple[Backup, ...]]
    """generation number → its backups"""

    @property
    def same(self) -> bool:
        """Whether nothing differs, backups aside."""
        return not (self.services or self.files or self.settings or self.variables)


def compare(state: Path, before: Generation, after: Generation) -> Comparison:
    """Compares two generations of the project whose records are in the folder ``state``."""
    contents = contents_of(state, before), contents_of(state, after)
    mask = _mask(before, after, *contents)
    return Comparison(
        before,
        after,
        _services(before, after),
        _files(before, after, *contents, mask),
        _settings(before, after, mask),
        _variables(before, after),
        {one.number: tuple(backup.newest(state, one.number).values()) for one in (before, after)},
    )


def contents_of(state: Path, recorded: Generation) -> Contents:
    """Returns the contents of a generation's files."""
    found: dict[str, bytes | Problem] = {}
    for stored in recorded.files:
        if stored.sha256:
            try:
                found[stored.path] = generation.content(state, recorded, stored)
            except StateError as error:
                found[stored.path] = error.problem
    return found


# --- services -------------------------------------------------------------------------------------------------


def _services(before: Generation, after: Generation) -> tuple[ServiceChange, ...]:
    found = []
    same_compose = before.compose_version == after.compose_version
    for name in dict.fromkeys((*before.services, *after.services)):
        one, other = before.services.get(name), after.services.get(name)
        definitions = (one.definition, other.definition) if one and other and same_compose else ("", "")
        redefined = "" not in definitions and definitions[0] != definitions[1]
        if redefined or _seen(one) != _seen(other):
            found.append(ServiceChange(name, one, other, redefined))
    return tuple(found)


def _seen(service: GenerationService | None) -> tuple[object, ...]:
    """Returns the shown facts of a service, for comparison."""
    if service is None:
        return ()
    told = (service.reference, service.image_id, service.digest, service.version, service.state, service.replicas)
    return (*told, service.archive, service.others, service.besides)


# --- files ----------------------------------------------------------------------------------------------------


def _files(before: Generation, after: Generation, old: Contents, new: Contents, mask: Mask) -> tuple[FileChange, ...]:
    one, other = ({stored.path: stored for stored in each.files if stored.sha256} for each in (before, after))
    shown = _shown(before, old) | _shown(after, new)
    referenced = {*before.project.referenced, *after.project.referenced}
    found = []
    for path in dict.fromkeys((*one, *other)):
        was, now = one.get(path), other.get(path)
        if was is not None and now is not None and _attributes(was) == _attributes(now):
            continue
        change = FileChange(path, was, now)
        if was is None or now is None or was.sha256 != now.sha256:
            secret = path in referenced and path not in shown
            change = _content(change, old.get(path, b""), new.get(path, b""), mask, secret=secret)
        found.append(change)
    return tuple(found)


def _attributes(stored: StoredFile) -> tuple[object, ...]:
    return (stored.sha256, stored.mode, stored.uid, stored.gid)


def _shown(recorded: Generation, contents: Contents) -> set[str]:
    """Returns the paths of configs' files, which may be shown, unlike those of secrets."""
    found: set[str] = set()
    for file in recorded.source.files:
        raw = contents.get(file)
        text = _text(raw) if isinstance(raw, bytes) else None
        found |= sensitive.config_files(text or "", str(Path(file).parent), recorded.source.folder)
    return found


def _content(change: FileChange, old: bytes | Problem, new: bytes | Problem, mask: Mask, *, secret: bool) -> FileChange:
    if secret:
        return msgspec.structs.replace(change, hidden=True)
    if isinstance(old, Problem):
        return msgspec.structs.replace(change, problem=old)
    if isinstance(new, Problem):
        return msgspec.structs.replace(change, problem=new)
    if max(len(old), len(new)) > LARGEST:
        return msgspec.structs.replace(change, large=True)
    was, now = _text(old), _text(new)
    if was is None or now is None:
        return msgspec.structs.replace(change, binary=True)
    lines = was.splitlines(), now.splitlines()
    if max(map(len, lines)) > MOST_LINES:
        return msgspec.structs.replace(change, large=True)
    told = list(difflib.unified_diff(*lines, lineterm=""))[2:]  # without the file names
    masked = tuple(line[:1] + sensitive.shown_line(mask, line[1:]) if line[:2] != "@@" else line for line in told)
    return msgspec.structs.replace(change, lines=masked)


def _text(raw: bytes) -> str | None:
    """Returns the text of a file; None if it is binary."""
    try:
        text = definition.decoded(raw)[0]
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text.removeprefix("\ufeff")


def _mask(before: Generation, after: Generation, *contents: Contents) -> Mask:
    mask = Mask()
    for recorded, found in zip((before, after), contents, strict=True):
        texts = {path: _text(raw) or "" for path, raw in found.items() if isinstance(raw, bytes)}
        shown = _shown(recorded, found)
        secret = {path for path in recorded.project.referenced if path not in shown}
        sensitive.recorded(mask, recorded.source, texts, secret)
        mask.show(name for service in recorded.services.values() for name in (service.name, service.reference))
    return mask


# --- settings -------------------------------------------------------------------------------------------------


def _settings(before: Generation, after: Generation, mask: Mask) -> tuple[SettingChange, ...]:
    pairs = [
        ("", _of_project(before), _of_project(after)),
        *(
            (name, _of_service(before.settings.get(name)), _of_service(after.settings.get(name)))
            for name in dict.fromkeys((*before.settings, *after.settings))
        ),
    ]
    return tuple(
        SettingChange(subject, key, mask.hidden(one.get(key, "")), mask.hidden(other.get(key, "")))
        for subject, one, other in pairs
        for key in dict.fromkeys((*one, *other))
        if one.get(key, "") != other.get(key, "")
    )


def _variables(before: Generation, after: Generation) -> tuple[str, ...]:
    one, other = before.source.environment, after.source.environment
    return tuple(name for name in dict.fromkeys((*one, *other)) if one.get(name) != other.get(name))


def _of_project(recorded: Generation) -> dict[str, str]:
    source = recorded.source
    return {
        "version": recorded.version,
        "folder": source.folder,
        "files": ", ".join(source.files),
        "env_files": ", ".join(source.env_files),
        "profiles": ", ".join(source.profiles),
        "compose": recorded.compose_version,
        "engine": recorded.engine_version,
    }


def _of_service(settings: ServiceSettings | None) -> dict[str, str]:
    """Returns the settings that differ from their defaults, by key."""
    if settings is None:
        return {}
    plain: dict[str, Any] = msgspec.to_builtins(settings, enc_hook=encoded)
    usual: dict[str, Any] = msgspec.to_builtins(ServiceSettings(), enc_hook=encoded)
    told = {key: _said(value) for key, value in plain.items() if key not in _UNTOLD and value != usual[key]}
    return {_KEYS.get(key, key): value for key, value in told.items()}


def _said(value: Any) -> str:  # noqa: ANN401 - plain JSON
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_said(part)}" for key, part in value.items() if part not in (None, "", [], {}))
    if isinstance(value, list):
        return " ".join(map(_said, value))
    return str(value) if value is not None else ""
