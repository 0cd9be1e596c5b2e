"""Reads a project's real files as Compose does, as far as the simulation needs it.

The result has the shape of `docker compose config --format json`: short forms written out, variables filled in,
paths absolute. `extends` and `include` are left out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from ws9tui.core.model import durations
from ws9tui.core.model.source import ProjectSource
from ws9tui.simulation.variables import Asked, fill, invalid, placed, read_env_file, variables

Values = dict[str, Any]

_BOTH = ("environment", "labels", "depends_on", "networks")
"""keys that may be written as a list or as a mapping"""
_REPLACED = ("command", "entrypoint")
_NOT_HASHED = ("build", "pull_policy", "scale", "depends_on", "profiles")
_TIMES = ("interval", "timeout", "start_period", "start_interval")


class _Loader(yaml.SafeLoader):
    """YAML 1.2's scalars, as Compose has them: `yes`, `on` and `22:22` are text."""


_Loader.yaml_implicit_resolvers = {
    first: kept
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    if (kept := [entry for entry in resolvers if entry[0].rpartition(":")[2] in ("null", "merge")])
}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?[0-9]+\.[0-9]*(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})$"), list(_first))


def undefined(source: ProjectSource) -> list[str]:
    """The variables that the files use, that have no default and no value."""
    source = placed(source)
    values = Asked(variables(source))
    for file in source.files:
        _filled(_read(file), values)
    return list(values.missing)


def resolve(source: ProjectSource, *, env_files: bool = True) -> Values:
    """The resolved project; with ``env_files`` their content becomes part of the environments."""
    source = placed(source)
    values = variables(source)
    merged: Values = {}
    for file in source.files:
        merged = _merge(merged, _filled(_read(file), values))
    services = {
        name: _service(definition or {}, source.folder, values, env_files=env_files)
        for name, definition in sorted((merged.get("services") or {}).items())
        if _active(definition or {}, source.profiles)
    }
    _check(services, source.files[0] if source.files else "")
    own_name = source.name or str(merged.get("name") or _plain(Path(source.folder).name))
    project = {"name": own_name, "services": services}
    networks = {name for service in services.values() for name in service.get("networks") or {}}
    volumes = {volume.get("source") for service in services.values() for volume in _volumes_of(service)}
    usual: Values
    for kind, used, usual in (("networks", networks, {"ipam": {}}), ("volumes", volumes, {})):
        declared = {**({"default": None} if usual else {}), **(merged.get(kind) or {})}
        names = sorted(used & set(declared))
        if found := {name: _resource(own_name, name, declared[name], usual) for name in names}:
            project[kind] = found
    for name in ("configs", "secrets"):
        if merged.get(name):
            project[name] = {key: _file_resource(source, own_name, key, entry) for key, entry in merged[name].items()}
    return project | {key: value for key, value in merged.items() if key.startswith("x-")}


def printed(node: Any) -> Any:  # noqa: ANN401 - any YAML
    """A resolved project as Compose prints it: as a Compose file again, in which a dollar is written twice."""
    if isinstance(node, str):
        return node.replace("$", "$$")
    if isinstance(node, dict):
        return {key: printed(value) for key, value in node.items()}
    return [printed(value) for value in node] if isinstance(node, list) else node


def config_hash(service: Values) -> str:
    """The hash by which Compose sees that a definition has changed."""
    kept = {key: value for key, value in service.items() if key not in _NOT_HASHED}
    if "deploy" in kept:
        kept["deploy"] = {key: value for key, value in kept["deploy"].items() if key != "replicas"}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _plain(folder: str) -> str:
    """A folder's name as a project's: what it may not begin with or contain is left out."""
    return re.sub(r"[^-_a-z0-9]", "", folder.lower()).lstrip("_-")


def _read(file: str) -> Values:
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise invalid(f"open {file}: {(error.strerror or '').lower()}", file) from error
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader with fewer types
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise invalid(f"yaml: {error.problem}", file, line) from error
    if not isinstance(document, dict) or not isinstance(document.get("services") or {}, dict):
        raise invalid("services must be a mapping", file)
    return document


def _filled(node: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - any YAML
    if isinstance(node, str):
        return fill(node, values)
    if isinstance(node, dict):
        return {key: _filled(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, values) for value in node]
    return node


def _merge(base: Values, over: Values) -> Values:
    merged = deepcopy(base)
    for key, value in over.items():
        old = merged.get(key)
        if key in _BOTH:
            old, new = _mapping(old), _mapping(value)
            merged[key] = {**old, **new} if old or new else value
        elif isinstance(old, dict) and isinstance(value, dict):
            merged[key] = _merge(old, value)
        elif isinstance(old, list) and isinstance(value, list) and key not in _REPLACED:
            merged[key] = [*old, *(entry for entry in value if entry not in old)]
        else:
            merged[key] = deepcopy(value)
    return merged


def _mapping(value: Any) -> Values:  # noqa: ANN401 - any YAML
    """A mapping from either way to write one: NAME=VALUE entries, or names alone."""
    if isinstance(value, list):
        pairs = (str(entry).partition("=") for entry in value)
        return {name: text if sign else None for name, sign, text in pairs}
    return dict(value or {})


def _active(definition: Values, profiles: tuple[str, ...]) -> bool:
    own = definition.get("profiles") or []
    return not own or "*" in profiles or bool(set(own) & set(profiles))


def _service(definition: Values, folder: str, values: Mapping[str, str], *, env_files: bool) -> Values:
    service = {key: value for key, value in definition.items() if not key.startswith("x-")}
    for key in ("command", "entrypoint"):
        value = service.get(key)
        service[key] = shlex.split(value) if isinstance(value, str) else value
    files = list(_env_files(service.pop("env_file", None), folder))
    environment: dict[str, str | None] = {}
    if env_files:
        for file in files:
            if file.get("required", True) or Path(file["path"]).is_file():
                environment |= read_env_file(file["path"], values)
    elif files:
        service["env_file"] = files
    environment |= {
        name: _text(value, values.get(name)) for name, value in _mapping(service.get("environment")).items()
    }
    if environment:
        service["environment"] = environment
    if "labels" in service:
        service["labels"] = {name: _text(value, "") for name, value in _mapping(service["labels"]).items()}
    for key, shaped in _SHAPES.items():
        if service.get(key) is not None:
            service[key] = shaped(service[key], folder)
    if "network_mode" not in service:
        service["networks"] = _mapping(service.get("networks")) or {"default": None}
    return service


def _text(value: Any, default: str | None) -> str | None:  # noqa: ANN401 - any scalar
    match value:
        case None:
            return default
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
    return str(value)


def _env_files(value: Any, folder: str) -> Iterator[Values]:  # noqa: ANN401 - any YAML
    for entry in [value] if isinstance(value, str | dict) else value or []:
        shaped = {"path": entry} if isinstance(entry, str) else dict(entry)
        shaped["path"] = _absolute(shaped["path"], folder)
        yield shaped


def _absolute(path: str, folder: str) -> str:
    return os.path.normpath(Path(folder, Path(path).expanduser()))


def _depends_on(value: Any, _: str) -> Values:  # noqa: ANN401 - any YAML
    usual = {"condition": "service_started", "required": True}
    return {name: {**usual, **(entry or {})} for name, entry in _mapping(value).items()}


def _ports(value: Any, _: str) -> list[Values]:  # noqa: ANN401 - any YAML
    return [port for entry in value for port in (_port(entry) if isinstance(entry, dict) else _short_ports(str(entry)))]


def _port(entry: Values) -> Iterator[Values]:
    shaped = {"mode": "ingress", "protocol": "tcp", **entry}
    if "published" in shaped:
        shaped["published"] = str(shaped["published"])
    yield shaped


def _short_ports(text: str) -> Iterator[Values]:
    text, _, protocol = text.partition("/")
    host, _, inside = text.rpartition(":")
    address, _, outside = host.rpartition(":") if ":" in host else ("", "", host)
    targets, published = _range(inside), _range(outside)
    for number, target in enumerate(targets):
        shaped: Values = {"mode": "ingress", "target": target, "protocol": protocol or "tcp"}
        if published:
            shaped["published"] = str(published[number])
        if address:
            shaped["host_ip"] = address.strip("[]")
        yield shaped


def _range(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1)) if first else []


def _volumes(value: Any, folder: str) -> list[Values]:  # noqa: ANN401 - any YAML
    return [_long_volume(entry, folder) if isinstance(entry, dict) else _short_volume(entry, folder) for entry in value]


def _long_volume(entry: Values, folder: str) -> Values:
    return {**entry, "source": _absolute(entry["source"], folder)} if entry.get("type") == "bind" else entry


def _short_volume(text: str, folder: str) -> Values:
    parts = text.split(":")
    if len(parts) == 1:
        return {"type": "volume", "target": text, "volume": {}}
    source, target = parts[:2]
    mode: Values = {"read_only": True} if "ro" in "".join(parts[2:]).split(",") else {}
    if source.startswith(("/", ".", "~")):
        return {"type": "bind", "source": _absolute(source, folder), "target": target, **mode, "bind": {}}
    return {"type": "volume", "source": source, "target": target, **mode, "volume": {}}


def _healthcheck(value: Any, _: str) -> Values:  # noqa: ANN401 - any YAML
    shaped = dict(value)
    if isinstance(shaped.get("test"), str):
        shaped["test"] = ["CMD-SHELL", shaped["test"]]
    return shaped | {key: duration(shaped[key]) for key in _TIMES if key in shaped}


def _deploy(value: Any, _: str) -> Values:  # noqa: ANN401 - any YAML
    shaped = {"resources": {}, "placement": {}, **value}
    if update := dict(shaped.get("update_config") or {}):
        shaped["update_config"] = update | {key: duration(update[key]) for key in ("delay", "monitor") if key in update}
    return shaped


def _build(value: Any, folder: str) -> Values:  # noqa: ANN401 - any YAML
    shaped = {"context": value} if isinstance(value, str) else dict(value)
    return {"dockerfile": "Dockerfile", **shaped, "context": _absolute(shaped.get("context", "."), folder)}


def _grant(entry: str | Values, where: str) -> Values:
    return {"source": entry, "target": where + entry} if isinstance(entry, str) else entry


_SHAPES: dict[str, Callable[[Any, str], Any]] = {
    "build": _build,
    "configs": lambda value, _: [_grant(entry, "/") for entry in value],
    "depends_on": _depends_on,
    "deploy": _deploy,
    "healthcheck": _healthcheck,
    "dns": lambda value, _: [value] if isinstance(value, str) else value,
    "ports": _ports,
    "secrets": lambda value, _: [_grant(entry, "/run/secrets/") for entry in value],
    "stop_grace_period": lambda value, _: duration(value),
    "tmpfs": lambda value, _: [value] if isinstance(value, str) else value,
    "volumes": _volumes,
}


def duration(value: object) -> str:
    """A duration as Compose writes it: 90s is 1m30s."""
    seconds = durations.parse(str(value))
    if seconds < 1:
        return f"{seconds * 1000:g}ms" if seconds else "0s"
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return (f"{hours:g}h" if hours else "") + (f"{minutes:g}m" if hours or minutes else "") + f"{rest:g}s"


def _volumes_of(service: Values) -> list[Values]:
    return [volume for volume in service.get("volumes") or [] if volume.get("type") == "volume"]


def _resource(project: str, name: str, entry: Values | None, usual: Values) -> Values:
    shaped = dict(entry or {})
    if shaped.get("external"):
        return {"name": name, **usual, **shaped, "external": True}
    return {"name": f"{project}_{name}", **usual, **shaped}


def _file_resource(source: ProjectSource, project: str, name: str, entry: Values) -> Values:
    shaped = {"name": f"{project}_{name}", **entry}
    return shaped | ({"file": _absolute(shaped["file"], source.folder)} if "file" in shaped else {})


def _check(services: Values, file: str) -> None:
    for name, service in services.items():
        if not service.get("image") and not service.get("build"):
            raise invalid(f'service "{name}" has neither an image nor a build context specified', file)
        for other, entry in (service.get("depends_on") or {}).items():
            if other not in services and entry.get("required", True):
                raise invalid(f'service "{name}" depends on undefined service "{other}"', file)
