"""Expresses an operator's changes to a release's Compose file as an override file: `docker-compose.override.yml`.

Compose merges the override into the release's file: mappings by key, most lists by appending. Removals and replacements
need the tags `!reset` and `!override`, which Compose supports since 2.24.4; they are used only there. An attribute with
`!override` belongs to the operator from then on: later changes of the release to it have no effect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from ws9tui.errors import ComposeError, UsageError
from ws9tui.problems import reasons_files
from ws9tui.problems.engine import ComposeFileInvalid
from ws9tui.problems.release import OverrideImpossible

NAME = "docker-compose.override.yml"
_REPLACED = ("command", "entrypoint", "test")
"""lists that the later file replaces anyway"""
_APPENDED = frozenset(
    (
        *("ports", "volumes", "expose", "cap_add", "cap_drop", "depends_on", "networks", "secrets", "configs"),
        *("devices", "group_add", "security_opt", "tmpfs"),
    )
)
"""lists in any order, to which Compose appends"""
_KEYED = frozenset(("environment", "labels", "annotations", "args", "sysctls"))
"""mappings that may be written as a list of NAME=VALUE; Compose merges them by name"""
_IMPOSSIBLE = frozenset(("include", "extends"))
"""keys that Compose reads before it merges files"""
_NAME = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z_][A-Za-z0-9_.-]*", re.ASCII | re.IGNORECASE)
"""a key that needs no quotes in any YAML version"""
_ATTRIBUTE_DEPTH = 3
"""length of a path such as services, web, ports"""


class Plain(str):
    """A scalar without quotes, whose type Compose decides (`yes`, `0440` and `22:22` differ between YAML versions)."""

    __slots__ = ()


class _Tagged:
    """A value with one of Compose's tags."""

    def __init__(self, tag: str, value: object) -> None:
        self.tag = tag
        self.value = value


_NOTHING = object()


def parse(text: str) -> dict[str, Any]:
    """Parses a Compose file into a mapping, its scalars as written; raises `ComposeError` if it is none."""
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader without the types of YAML 1.1
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ComposeError(ComposeFileInvalid(file="", line=line, reason=error.problem or "syntax")) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ComposeError(ComposeFileInvalid(file="", line=None, reason=str(error).splitlines()[0])) from error
    if not isinstance(found, dict):
        raise ComposeError(ComposeFileInvalid(file="", line=None, reason=reasons_files.NotAMapping()))
    return found


def make(old: Mapping[str, Any], ours: Mapping[str, Any]) -> str:
    """Returns the override file that turns the old release's model into the operator's, both as `parse` gives them.

    It is empty if nothing differs. Raises `UsageError` for differences that no override can express: in `include` and
    `extends`.
    """
    found = _mapping((), old, ours)
    if found is _NOTHING:
        return ""
    text: str = yaml.dump(
        found, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=1 << 30
    )
    return text


_Path = tuple[str, ...]


def _mapping(path: _Path, old: Mapping[str, Any], ours: Mapping[str, Any]) -> object:
    """Returns what must be merged into one mapping to get the other."""
    found: dict[str, object] = {}
    for key, value in ours.items():
        here = (*path, key)
        if here == ("version",):  # obsolete, and ignored by Compose
            continue
        difference = _value(here, old[key], value) if key in old else _new(here, value)
        if difference is not _NOTHING:
            found[key] = difference
    for key in old:
        if key not in ours and (*path, key) != ("version",):
            found[key] = _reset((*path, key))
    return found or _NOTHING


def _value(path: _Path, old: object, ours: object) -> object:
    """Returns what must be merged into one value to get the other."""
    if old == ours or (_is_empty(old) and _is_empty(ours)):
        return _NOTHING
    _allow(path)
    if path[-1].startswith("x-"):  # tools read extension fields from each file separately
        return _Tagged("!override", ours)
    attribute = path[-1] if len(path) >= _ATTRIBUTE_DEPTH else ""
    if attribute in _KEYED:
        return _keyed(old, ours)
    if isinstance(old, dict) and _is_null(ours) and (len(path) < _ATTRIBUTE_DEPTH or path[-2] == "networks"):
        ours = {}  # a network or a volume without attributes exists all the same
    if _is_null(ours):
        return _reset(path)
    if isinstance(old, dict) and isinstance(ours, dict):
        return _mapping(path, old, ours)
    if attribute in _REPLACED or (not isinstance(old, (dict, list)) and not isinstance(ours, (dict, list))):
        return ours
    if attribute in _APPENDED and isinstance(old, list) and isinstance(ours, list):
        added = [item for item in ours if item not in old]
        if all(item in ours for item in old) and len(old) + len(added) == len(ours):
            return added
    if _is_null(old):
        return ours
    return _Tagged("!override", ours)


def _keyed(old: object, ours: object) -> object:
    before, after = _by_name(old), _by_name(ours)
    if before is None or after is None or any(name not in after or _is_null(after[name]) for name in before):
        # Equal except for the form: no difference. A name without a value takes the shell's, and cannot be merged.
        return _NOTHING if before is not None and before == after else _Tagged("!override", ours)
    changed = {name: value for name, value in after.items() if name not in before or before[name] != value}
    return changed or _NOTHING


def _new(path: _Path, value: object) -> object:
    _allow(path)
    return value


def _reset(path: _Path) -> _Tagged:
    _allow(path)
    return _Tagged("!reset", Plain("null"))


def _allow(path: _Path) -> None:
    at = path[0] if len(path) == 1 else path[2] if len(path) >= _ATTRIBUTE_DEPTH and path[0] == "services" else ""
    if at in _IMPOSSIBLE:
        raise UsageError(OverrideImpossible(key=".".join(path)))


def _is_null(value: object) -> bool:
    return value is None or (isinstance(value, Plain) and value in ("", "~", "null", "Null", "NULL"))


def _is_empty(value: object) -> bool:
    return _is_null(value) or value == {}


def _by_name(value: object) -> dict[str, object] | None:
    """Returns a mapping that may be written as a list as a mapping; None if a list contains other items."""
    if isinstance(value, dict):
        return value
    if _is_null(value):
        return {}
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return None
    found: dict[str, object] = {}
    for item in value:
        name, sign, text = item.partition("=")
        found[Plain(name) if _NAME.fullmatch(name) else name] = text if sign else None
    return found


class _Loader(yaml.SafeLoader):
    """Keeps scalars as written; only the merge key `<<` has a meaning."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:merge"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _construct(_loader: _Loader, node: yaml.ScalarNode) -> str:
    text: str = node.value
    return Plain(text) if node.style is None else text


_Loader.add_constructor("tag:yaml.org,2002:str", _construct)


class _Dumper(yaml.SafeDumper):
    """Writes plain scalars plain and all others in quotes, so that Compose takes none for another type."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the library's signature
        return True

    def choose_scalar_style(self) -> str:
        if getattr(self.event, "tag", None) == "!reset":
            return ""
        style: str = super().choose_scalar_style()
        return style


def _plain(dumper: _Dumper, data: Plain) -> yaml.Node:
    tag: str = dumper.resolve(yaml.ScalarNode, data, (True, False))  # type: ignore[no-untyped-call]
    return dumper.represent_scalar(tag, str(data))


def _quoted(dumper: _Dumper, data: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", data, style='"')


def _tagged(dumper: _Dumper, data: _Tagged) -> yaml.Node:
    if isinstance(data.value, dict):
        return dumper.represent_mapping(data.tag, data.value)
    if isinstance(data.value, list):
        return dumper.represent_sequence(data.tag, data.value)
    return dumper.represent_scalar(data.tag, str(data.value))


_Dumper.add_representer(Plain, _plain)
_Dumper.add_representer(str, _quoted)
_Dumper.add_representer(_Tagged, _tagged)
