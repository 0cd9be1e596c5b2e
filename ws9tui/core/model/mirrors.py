"""Mirrors of registries for one run: the bytes come from there, the digest and the name from the registry. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ws9tui.core.model.reference import DOCKER_HUB, Reference, parse


def mirror(text: str) -> str:
    """A mirror as `[REGISTRY=]HOST[:PORT][/PATH]`, without a scheme and a slash at its end.

    Raises `UsageError` for what is no part of a reference.
    """
    registry, equals, host = text.rpartition("=")
    host = host.removeprefix("https://").removeprefix("http://").rstrip("/")
    parse(f"{host}/name")
    if equals:
        parse(f"{registry}/name")
    return f"{registry}={host}" if equals else host


def of(mirrors: Iterable[str], reference: Reference) -> list[str]:
    """The mirrors of a reference's registry, as they were given; one without a registry is Docker Hub's."""
    said = (text.rpartition("=") for text in mirrors)
    return [host for registry, _, host in said if (registry or DOCKER_HUB) == reference.registry]


def through(reference: Reference, host: str) -> Reference:
    """The same image by a mirror's name."""
    path = reference.full_name.partition("/")[2]
    tag, digest = reference.meant_tag, reference.digest
    return Reference(f"{host}/{path}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}")
