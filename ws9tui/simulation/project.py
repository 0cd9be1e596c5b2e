"""Reads the projects of the simulated Compose: files as `docker compose config` prints them, but with variables.

Only variables, env files and the default network are resolved; short forms, profiles, `extends` and `include` are not
supported.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from ws9tui.core.compose import envfile, inputs
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError
from ws9tui.problems.engine import ComposeFileInvalid, ComposeVariableRequired

Values = dict[str, Any]

_NOT_HASHED = ("build", "pull_policy", "scale", "depends_on", "profiles")
_VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?:(?P<sign>:?[-?+])(?P<rest>(?:[^{}]|\{[^{}]*\})*))?\})"
)


def placed(source: ProjectSource) -> ProjectSource:
    """Returns a source with its files and its project directory; raises `ComposeError` if there are no files."""
    files = source.files or inputs.discovered(Path(source.called_in))
    if not files:
        raise invalid("no configuration file provided: not found")
    folder = source.folder if source.directory else str(Path(files[0]).parent)
    return msgspec.structs.replace(source, files=files, folder=folder)


def undefined(source: ProjectSource) -> list[str]:
    """Returns the variables that the files use without a value or a default."""
    source = placed(source)
    values = variables(source)
    _merged(source, values)
    return list(values.missing)


def resolve(source: ProjectSource, *, env_files: bool = True) -> Values:
    """Returns the resolved project; with ``env_files`` the content of env files is merged into the environments."""
    source = placed(source)
    values = variables(source)
    merged = _merged(source, values)
    name = source.name or str(merged.get("name") or _plain(Path(source.folder).name))
    services = {
        key: _service(entry or {}, source.folder, values, env_files=env_files)
        for key, entry in sorted((merged.get("services") or {}).items())
    }
    _check(services, source.files[0])
    project = {**merged, "name": name, "services": services}
    if any("default" in service.get("networks", {}) for service in services.values()):
        project["networks"] = {"default": {"name": f"{name}_default", "ipam": {}}, **(merged.get("networks") or {})}
    return project


def printed(node: Any) -> Any:  # noqa: ANN401 - any YAML
    """Returns a resolved project as Compose prints it: a Compose file, in which each dollar sign is doubled."""
    return _each_text(node, lambda text: text.replace("$", "$$"))


def config_hash(service: Values) -> str:
    """Returns the hash by which Compose detects that a service's definition has changed."""
    kept = {key: value for key, value in service.items() if key not in _NOT_HASHED and not key.startswith("x-")}
    if "deploy" in kept:
        kept["deploy"] = {key: value for key, value in kept["deploy"].items() if key != "replicas"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _plain(folder: str) -> str:
    """Returns a folder's name as a project name: characters that Compose does not allow there are removed."""
    return re.sub(r"[^-_a-z0-9]", "", folder.lower()).lstrip("_-")


def _merged(source: ProjectSource, values: Variables) -> Values:
    merged: Values = {}
    for file in source.files:
        merged = _merge(merged, _each_text(_read(file), lambda text: fill(text, values)))
    return merged


def _read(file: str) -> Values:
    try:
        document = yaml.safe_load(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise invalid(f"open {file}: {(error.strerror or '').lower()}", file) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise invalid(f"yaml: {error.problem}", file, line) from error
    if not isinstance(document, dict) or not isinstance(document.get("services") or {}, dict):
        raise invalid("services must be a mapping", file)
    return document


def _each_text(node: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - any YAML
    if isinstance(node, str):
        return change(node)
    if isinstance(node, dict):
        return {key: _each_text(value, change) for key, value in node.items()}
    return [_each_text(value, change) for value in node] if isinstance(node, list) else node


def _merge(base: Values, over: Values) -> Values:
    """Merges mappings recursively; any other value of ``over`` replaces that of ``base``."""
    both = [key for key in base if isinstance(base[key], dict) and isinstance(over.get(key), dict)]
    return {**base, **over, **{key: _merge(base[key], over[key]) for key in both}}


def _service(service: Values, folder: str, values: Variables, *, env_files: bool) -> Values:
    files = [{**entry, "path": str(Path(folder, entry["path"]))} for entry in service.get("env_file") or []]
    if files and env_files:
        read: dict[str, str] = {}
        for file in files:
            read |= read_env_file(file["path"], values)
        service = {**service, "environment": read | (service.get("environment") or {})}
        del service["env_file"]
    elif files:
        service = {**service, "env_file": files}
    usual: Values = {"command": None, "entrypoint": None}
    if "network_mode" not in service:
        usual["networks"] = {"default": None}
    return usual | service


def _check(services: Values, file: str) -> None:
    for name, service in services.items():
        if not service.get("image") and not service.get("build"):
            raise invalid(f'service "{name}" has neither an image nor a build context specified', file)
        for other in service.get("depends_on") or {}:
            if other not in services:
                raise invalid(f'service "{name}" depends on undefined service "{other}"', file)


def invalid(reason: str, file: str = "", line: int | None = None) -> ComposeError:
    """Returns the error for files that Compose cannot use."""
    return ComposeError(ComposeFileInvalid(file=file, line=line, reason=reason))


class Variables(dict[str, str]):
    """Values of variables; ``missing`` collects those that were used without a value or a default."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.missing: dict[str, None] = {}

    def __missing__(self, name: str) -> str:
        self.missing[name] = None
        return ""


def variables(source: ProjectSource) -> Variables:
    """Returns the values of the variables; the shell's take precedence over those of the env files."""
    shell = {name: value for name, value in source.environment.items() if name not in source.absent}
    found: dict[str, str] = {}
    for file in source.env_files or [file for file in inputs.env_files(source) if Path(file).is_file()]:
        found |= read_env_file(file, {**found, **shell})
    return Variables({**found, **shell})


def read_env_file(file: str, known: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables of an env file, whose values may use those before; raises `ComposeError` if unreadable."""
    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace")  # as in the JSON of Compose
    except OSError as error:
        raise invalid("no such file or directory", file) from error
    found: dict[str, str] = {}
    for entry in envfile.assignments(text):
        value = entry.value
        if not entry.quote and text[: entry.start].rstrip(" \t")[-1] not in "=:":
            # a name without a value takes that of the shell
            found |= {entry.name: known[entry.name]} if entry.name in known else {}
            continue
        if entry.quote == '"':
            value = value.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
        found[entry.name] = value if entry.quote == "'" else fill(value, Variables({**found, **known}))
    return found


def fill(text: str, values: Variables) -> str:
    """Returns a text with its variables filled in."""
    return _VARIABLE.sub(lambda found: _value(found, values), text)


def _value(found: re.Match[str], values: Variables) -> str:
    if found["escaped"]:
        return "$"
    name, sign, rest = found["plain"] or found["name"], found["sign"] or "", found["rest"] or ""
    if not sign:
        return values[name]
    value = values.get(name)
    missing = value is None or (sign.startswith(":") and not value)
    if sign.endswith("+"):
        return "" if missing else fill(rest, values)
    if missing and sign.endswith("?"):
        raise ComposeError(ComposeVariableRequired(variable=name, reason=fill(rest, values)))
    return fill(rest, values) if missing else value or ""
