"""Reads a Websoft9 Compose file without Compose: its layout, its images' versions, and the files it needs.

Only Compose resolves a project. This module recognises a folder or a release before any engine is queried.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml

from ws9tui.core.compose import envfile
from ws9tui.core.compose.edit import VARIABLE
from ws9tui.core.fs import files
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.release import decoded

Kind = Literal["legacy", "modern"]

NAMES = ("docker-compose.yml", "docker-compose.yaml", "compose.yaml", "compose.yml")
LEGACY_SERVICES = ("apphub", "deployment", "git", "proxy")
MODERN_SERVICE = "product"
OWNER = "websoft9dev"
"""the namespace of the product's images on Docker Hub"""
PRODUCT = "websoft9"
ENV_FILE = ".env"
LARGEST = 1 << 20
"""bytes of an installation's file that is read; real ones have some thousand"""


def services(text: str) -> dict[str, dict[str, Any]]:
    """Returns the services of a Compose file as written; empty if the text is not YAML or not a Compose file."""
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    defined = found.get("services") if isinstance(found, dict) else None
    if not isinstance(defined, dict):
        return {}
    return {str(name): service for name, service in defined.items() if isinstance(service, dict)}


def kind_of(images: Mapping[str, str]) -> Kind | None:
    """Returns the Websoft9 layout that a project's services belong to, by their names and images; None for neither.

    An image counts by its repository: a copy on a mirror or a private registry is Websoft9's too if the service names
    and the last parts of the repositories agree.
    """
    paths = {service: _path(image) for service, image in images.items()}
    product = paths.get(MODERN_SERVICE, "")
    if product.rpartition("/")[2] == PRODUCT or f"{OWNER}/{PRODUCT}" in paths.values():
        return "modern"
    legacy = {service for service in LEGACY_SERVICES if paths.get(service, "").rpartition("/")[2] == service}
    if {"apphub", "deployment"} <= legacy or any(paths[service] == f"{OWNER}/{service}" for service in legacy):
        return "legacy"
    return None


def images(text: str, env: Mapping[str, str]) -> dict[str, str]:
    """Returns the image reference of each service that has one, with variables interpolated."""
    return {
        name: filled(service["image"], env)
        for name, service in services(text).items()
        if isinstance(service.get("image"), str)
    }


def versions(references: Mapping[str, str]) -> dict[str, str]:
    """Returns the versions in the tags of image references; services whose tag is not a version are left out."""
    found = {service: Reference(reference).version for service, reference in references.items()}
    return {service: name for service, name in found.items() if name}


def values(env_text: str) -> dict[str, str]:
    """Returns the variables of an env file; references to earlier variables of the file are interpolated."""
    found: dict[str, str] = {}
    for entry in envfile.assignments(env_text):
        found[entry.name] = entry.value if entry.quote == "'" else filled(entry.value, found)
    return found


def text_of(path: Path) -> str | None:
    """Returns the text of a file; None if it cannot be read, is too large, or is no regular file."""
    try:
        return decoded(files.regular(path, LARGEST))
    except (OSError, ValueError):
        return None


def env_of(folder: str | Path) -> dict[str, str]:
    """Returns the variables of the env file in a folder; empty if there is none."""
    return values(text_of(Path(folder, ENV_FILE)) or "")


def filled(template: str, env: Mapping[str, str]) -> str:
    """Interpolates the variables of a text, defaults included; an unset variable is empty, as in Compose."""

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name, operator, word = match["bare"] or match["braced"], match["operator"] or "", match["word"] or ""
        there = bool(env.get(name)) if operator.startswith(":") else name in env
        if operator.endswith("+"):
            return word if there else ""
        return env.get(name, "") if there or not operator.endswith("-") else word

    return VARIABLE.sub(value, template)


def defaults(text: str) -> dict[str, str]:
    """Returns the variables with a non-empty default in a Compose file, in order of appearance."""
    found: dict[str, str] = {}
    for match in VARIABLE.finditer(text):
        if match["operator"] in ("-", ":-") and match["word"]:
            found.setdefault(match["braced"], match["word"])
    return found


def needed_files(text: str) -> list[str]:
    """Returns the paths that a Compose file refers to, as written: relative, absolute, and with variables.

    Of services: required env files, bind mounts that start with a dot, and extended files; of the file: includes,
    configs and secrets. Raises `ValueError` if one of these is malformed.
    """
    try:
        found = list(_needed(yaml.safe_load(text)))
    except (yaml.YAMLError, AttributeError, TypeError) as error:
        raise ValueError from error
    if not all(isinstance(path, str) for path in found):
        raise ValueError
    return found


def _needed(model: Any) -> Iterator[Any]:  # noqa: ANN401 - anything may stand in a YAML file
    for entry in _listed(model.get("include")):
        yield from _listed(entry.get("path") if isinstance(entry, dict) else entry)
    for section in ("configs", "secrets"):
        for entry in _entries(model.get(section)):
            yield from _listed(entry.get("file"))
    for service in _entries(model.get("services")):
        for entry in _listed(service.get("env_file")):
            if not isinstance(entry, dict):
                yield entry
            elif entry.get("required", True):
                yield from _listed(entry.get("path"))
        extends = service.get("extends")
        if isinstance(extends, dict):
            yield from _listed(extends.get("file"))
        for mount in _listed(service.get("volumes")):
            if isinstance(mount, dict):
                source = mount.get("source") if mount.get("type") == "bind" else ""
            else:
                source = mount.partition(":")[0]
            if source and source.startswith("."):  # any other source is a volume or a path of the host
                yield source


def _entries(section: object) -> Iterator[dict[str, Any]]:
    if isinstance(section, dict):
        yield from (entry for entry in section.values() if isinstance(entry, dict))


def _listed(value: object) -> list[Any]:
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _path(image: str) -> str:
    """Returns the repository of an image reference or of a template for one, without registry: owner/name."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    parts = [*head.split("/"), last.partition(":")[0]] if slash else [last.partition(":")[0]]
    return "/".join(parts[-2:])
