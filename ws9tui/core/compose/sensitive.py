"""Collects what must not be shown of a project: values of its variables, and credentials.

First from the unresolved files, before Compose is called, since its errors quote them; then more precisely from the
resolved project.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ws9tui.core.compose import definition, envfile, inputs
from ws9tui.core.model import notices
from ws9tui.core.model.masking import HIDDEN, Mask, is_secret
from ws9tui.core.model.options import Options
from ws9tui.core.model.source import ProjectSource

Variable = tuple[str, str]

_LARGEST = 4 << 20
"""bytes of a file that are read"""
_LARGEST_SECRET = 64 << 10
"""characters of a secret's file that are masked"""
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_ASSIGNED = re.compile(
    r"(?P<name>[A-Za-z_][\w.-]*)[\"']?[ \t]*[:=][ \t]*(?=\"(?P<double>[^\"\n]*)|'(?P<single>[^'\n]*)|(?P<plain>[^\n]*))"
)
_REFERENCE = re.compile(r"[\"']?\$(?:\w+|\{\w+(?::?\?[^}]*)?\})[\"']?,?")
"""a value that only names a variable"""
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def call(mask: Mask, options: Options, environ: Mapping[str, str]) -> None:
    """Learns the secrets of a command line and its shell, whatever the project is."""
    mask.learn((name, value) for name, value in environ.items() if is_secret(name, value))
    mask.learn(options.values.items())
    for address in (*options.arguments, options.release, options.old_release, options.site):
        mask.learn_credentials(address)
    for receiver in options.notify:
        notices.learn(mask, receiver)


def commands(mask: Mask, texts: Iterable[str]) -> None:
    """Learns the secrets written literally in commands: `PGPASSWORD=…`, `--token=…`."""
    for text in texts:
        for word in text.replace("'", " ").replace('"', " ").split():
            name, equals, value = word.lstrip("-").partition("=")
            if equals and "$" not in value and is_secret(name):
                mask.learn(((name, value),))


def read(mask: Mask, source: ProjectSource, environ: Mapping[str, str]) -> None:
    """Learns the secrets in a project's files, whether or not Compose understands them."""
    mask.show((source.name, source.folder, source.called_in, *source.files, *source.env_files, *source.profiles))
    mask.learn(source.environment.items())
    texts = []
    folders = dict.fromkeys(source.files, source.folder)
    for file in source.files:
        for path in (file, *_of_compose_file(_text(file)).includes):
            folders.setdefault(str(Path(source.folder, path)), str(Path(source.folder, path).parent))
    for file, folder in folders.items():
        texts.append(_text(file))
        found = _of_compose_file(texts[-1])
        mask.learn(found.variables)
        mask.learn_credentials(texts[-1])
        texts += [_learn_env_file(mask, Path(folder, path)) for path in found.env_files]
    beside = (str(Path(folder, ".env")) for folder in folders.values())  # also read beside each included file
    texts += [_learn_env_file(mask, Path(file)) for file in dict.fromkeys((*inputs.env_files(source), *beside))]
    mask.learn(inputs.shell_variables(environ, texts).items())


def resolved(mask: Mask, config: Mapping[str, Any]) -> None:
    """Learns the values and names of a resolved project, as `config --format json` gives it."""
    services: Mapping[str, Mapping[str, Any]] = config.get("services") or {}
    mask.show(_names(config))
    for service in services.values():
        mask.learn(_assigned(service.get("environment")))
        build = service.get("build")
        mask.learn(_assigned(build.get("args")) if isinstance(build, dict) else ())
    for entry in (config.get("secrets") or {}).values():
        mask.learn([("SECRET", _text(str((entry or {}).get("file") or ""))[:_LARGEST_SECRET])])
    contents = (str(entry.get("content") or "") for entry in (config.get("configs") or {}).values())
    mask.learn(variable for content in contents for variable in _told(content))


def recorded(mask: Mask, source: ProjectSource, texts: Mapping[str, str], secret: Collection[str]) -> None:
    """Learns the secrets in a generation's files (path → text); files in ``secret`` are masked as a whole."""
    mask.show((source.name, source.folder, *source.files, *source.env_files, *source.profiles))
    mask.learn(source.environment.items())
    for path, text in texts.items():
        mask.learn_credentials(text)
        if path in secret:
            mask.learn([("SECRET", text)])
        elif path.endswith((".yml", ".yaml", ".json")):
            mask.learn(_of_compose_file(text).variables)
        else:
            _learn_assignments(mask, text)


def config_files(text: str, folder: str, project: str) -> set[str]:
    """Returns the paths of a Compose file's configs, relative ones resolved against both its folder and ``project``."""
    found: set[str] = set()
    try:
        documents = list(yaml.safe_load_all(text))
    except (yaml.YAMLError, RecursionError):
        return found
    for document in documents:
        configs = document.get("configs") if isinstance(document, dict) else None
        for entry in configs.values() if isinstance(configs, dict) else ():
            path = entry.get("file") if isinstance(entry, dict) else None
            if isinstance(path, str):
                found |= {os.path.normpath(os.path.join(base, path)) for base in (folder, project)}  # noqa: PTH118
    return found


def shown_line(mask: Mask, line: str) -> str:
    """Returns a line of a file as it may be shown: without variables' values and values of secret names."""
    for found in _ASSIGNED.finditer(line):
        value = line[found.end() :].strip()
        if is_secret(found["name"]) and value and not _REFERENCE.fullmatch(value):
            return mask.hidden(line[: found.end()]) + HIDDEN
    return mask.hidden(line)


def _names(config: Mapping[str, Any]) -> Iterator[str]:
    """Yields the names that a plan shows of a project."""
    yield str(config.get("name") or "")
    for kind in ("volumes", "networks", "secrets", "configs"):
        for key, entry in (config.get(kind) or {}).items():
            yield from (key, *_scalars(entry, ("name", "file")))
    for name, service in (config.get("services") or {}).items():
        yield from (name, *_scalars(service, ("image", "container_name", "network_mode")))
        yield from (str(profile) for profile in service.get("profiles") or ())
        for entry in (*(service.get("volumes") or ()), *(service.get("ports") or ())):
            yield from _scalars(entry, ("source", "target", "published", "host_ip"))


def _scalars(entry: Any, keys: Iterable[str]) -> Iterator[str]:  # noqa: ANN401 - from JSON
    yield from (str(entry[key]) for key in keys if key in entry) if isinstance(entry, dict) else ()


def _assigned(entries: Any) -> Iterator[Variable]:  # noqa: ANN401 - from JSON
    """Yields the variables of a mapping, or of a list of `NAME=value`, with `$$` unescaped."""
    if isinstance(entries, list):
        entries = dict(str(entry).split("=", 1) for entry in entries if "=" in str(entry))
    for name, value in (entries or {}).items():
        yield name, str(value if value is not None else "").replace("$$", "$")


def _learn_env_file(mask: Mask, path: Path) -> str:
    text = _text(path)
    _learn_assignments(mask, text)
    return text


def _learn_assignments(mask: Mask, text: str) -> None:
    for entry in envfile.assignments(text):
        unescaped = _ESCAPED.sub(lambda found: {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]), entry.value)
        mask.learn(((entry.name, entry.value), (entry.name, unescaped)))
        if not entry.quote:  # an unclosed quote, or one that is part of the value
            mask.learn(((entry.name, entry.value.strip("\"'")),))


class _Said(msgspec.Struct):
    """The variables and paths in a Compose file."""

    variables: list[Variable] = []
    env_files: list[str] = []
    """paths as written"""
    includes: list[str] = []
    """paths of Compose files that it includes or extends, as written"""


@lru_cache(maxsize=64)
def _of_compose_file(text: str) -> _Said:
    """Returns everything that looks like a variable in a Compose file, wherever it is."""
    found = _Said()
    try:
        for root in definition.roots(text):
            _walk(root, found, set())
    except (yaml.YAMLError, RecursionError):
        found.variables += _told(text)
    return found


def _walk(node: yaml.Node | None, found: _Said, seen: set[int]) -> None:
    if node is None or id(node) in seen:  # an anchor's node occurs once for each alias
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for part in node.value:
            found.variables += _told(part.value) if isinstance(part, yaml.ScalarNode) and "=" in part.value else ()
            _walk(part, found, seen)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name in ("env_file", "include", "path", "file"):
                parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for path in (part.value for part in parts if isinstance(part, yaml.ScalarNode)):
                    (found.includes if path.endswith((".yml", ".yaml")) else found.env_files).append(path)
            elif isinstance(value, yaml.ScalarNode):
                found.variables += _told(value.value) if name == "content" else ()
                found.variables += [(name, value.value)] if _is_variable(name) else ()
            _walk(value, found, seen)


def _told(text: str) -> Iterator[Variable]:
    """Yields what a text of any kind assigns to names that look like variables."""
    for found in _ASSIGNED.finditer(text):
        if _is_variable(found["name"]):
            quoted = found["double"] if found["double"] is not None else found["single"]
            plain = (found["plain"] or "").strip()
            yield found["name"], quoted if quoted is not None else plain
            yield found["name"], plain.partition(",")[0].rstrip("}] ")


def _is_variable(name: str) -> bool:
    return _VARIABLE.fullmatch(name) is not None or is_secret(name)


def _text(path: str | Path) -> str:
    """Returns the text of a file as far as it is readable; empty if it is not a regular file."""
    try:
        if not Path(path).is_file():
            return ""
        with Path(path).open("rb") as file:
            raw = file.read(_LARGEST)
    except OSError:
        return ""
    try:
        return definition.decoded(raw)[0]
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace")
