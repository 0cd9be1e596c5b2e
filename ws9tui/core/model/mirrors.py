"""Mirrors of registries for one run: data comes from the mirror, digest and name from the registry. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ws9tui.core.model.reference import DOCKER_HUB, Reference, parse
from ws9tui.errors import UsageError
from ws9tui.problems.project import ReferenceInvalid


def mirror(text: str) -> str:
    """Normalizes a mirror to `[REGISTRY=]HOST[:PORT][/PATH]`, without scheme and trailing slash.

    Raises `UsageError` if the parts cannot be part of a reference.
    """
    registry, equals, host = text.rpartition("=")
    host = host.removeprefix("https://").removeprefix("http://").rstrip("/")
    if parse(f"{host}/name").registry != host.partition("/")[0]:
        raise UsageError(ReferenceInvalid(reference=host, reason="mirror"))
    if not equals:
        return host
    name = parse(f"{registry}/name")
    if name.path != "name":  # what is before it is no host, or more than one
        raise UsageError(ReferenceInvalid(reference=registry, reason="mirror"))
    return f"{name.registry}={host}"


def of(mirrors: Iterable[str], reference: Reference) -> list[str]:
    """Returns the mirrors of a reference's registry, in the given order; a mirror without registry is Docker Hub's."""
    said = (text.rpartition("=") for text in mirrors)
    return [host for registry, _, host in said if (registry or DOCKER_HUB) == reference.registry]


def through(reference: Reference, host: str) -> Reference:
    """Returns the reference of the same image on a mirror."""
    path = reference.full_name.partition("/")[2]
    tag, digest = reference.meant_tag, reference.digest
    return Reference(f"{host}/{path}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}")
