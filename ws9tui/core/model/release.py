"""A release: the files of a project as its makers publish them, and the versions that they promise.

What a particular product's releases look like is told by a profile outside the core, behind `ports.Releases`.
"""

from __future__ import annotations

import os

import msgspec


class Setting(msgspec.Struct, frozen=True):
    """A variable of the release's env file that is asked for when it is installed."""

    name: str
    default: str
    kind: str
    """port, folder, text"""


class Release(msgspec.Struct, frozen=True):
    """A release of a product, loaded and checked."""

    project: str
    """name of its Compose project"""
    folder: str
    """where it is installed unless told otherwise"""
    version: str
    channel: str
    candidate: bool
    verified: bool
    """its files have the checksums that came with it"""
    compose_file: str
    """name of its Compose file in the project's folder"""
    compose: bytes
    env: bytes
    """its env file, `.env` in the project's folder"""
    others: dict[str, bytes] = {}
    """path relative to the project's folder → content, of its further files"""
    services: dict[str, str] = {}
    """service → version that its image must prove"""
    settings: tuple[Setting, ...] = ()
    layout: str = ""
    """how the product is laid out in it; an installation of another layout cannot become one of this"""
    console: str = ""
    """variable of the port at which the product's console answers"""
    mirrors: tuple[str, ...] = ()
    """mirrors of Docker Hub that it names, for where that does not answer"""

    def paths(self, folder: str) -> dict[str, bytes]:
        """All its files as they would stand in a folder."""
        names = {self.compose_file: self.compose, ".env": self.env, **self.others}
        return {path_in(folder, name): content for name, content in names.items()}


def path_in(folder: str, name: str) -> str:
    """A release's file in a folder; symbolic links stay in the path, as in Compose's labels."""
    return os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 - pathlib keeps the dots


def texts(release: Release) -> tuple[str, str]:
    """A release's Compose and env text; bytes that are no UTF-8 pass through."""
    return decoded(release.compose), decoded(release.env)


def decoded(content: bytes) -> str:
    """A file's text; bytes that are no UTF-8 pass through."""
    return content.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """The content of such a text."""
    return text.encode("utf-8", "surrogateescape")
