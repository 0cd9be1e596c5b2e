"""A release: a project's files as its vendor publishes them, and the versions that its images must prove.

The format of a particular product's releases is defined by a profile outside the core, behind `ports.Releases`.
"""

from __future__ import annotations

import os

import msgspec


class Setting(msgspec.Struct, frozen=True):
    """A variable of the release's env file that the operator may set during a first install."""

    name: str
    default: str
    kind: str
    """port, folder, text"""


class Release(msgspec.Struct, frozen=True):
    """A release of a product, loaded and checked."""

    project: str
    """name of its Compose project"""
    folder: str
    """default folder of an install"""
    version: str
    channel: str
    candidate: bool
    verified: bool
    """whether its files match the checksums that came with it"""
    compose_file: str
    """name of its Compose file in the project's folder"""
    compose: bytes
    env: bytes
    """its env file, `.env` in the project's folder"""
    others: dict[str, bytes] = {}
    """its further files: path relative to the project's folder → content"""
    services: dict[str, str] = {}
    """service → version that its image must prove"""
    settings: tuple[Setting, ...] = ()
    layout: str = ""
    """product layout; an installation of another layout cannot be updated to this release"""
    console: str = ""
    """variable with the port of the product's console"""
    mirrors: tuple[str, ...] = ()
    """mirrors of Docker Hub that it names, for use if Docker Hub does not answer"""

    def paths(self, folder: str) -> dict[str, bytes]:
        """Returns the contents of all its files, by their paths in a folder."""
        names = {self.compose_file: self.compose, ".env": self.env, **self.others}
        return {path_in(folder, name): content for name, content in names.items()}


def path_in(folder: str, name: str) -> str:
    """Returns the path of a release's file in a folder; symbolic links are kept, as in Compose's labels."""
    return os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 - pathlib keeps the dots


def texts(release: Release) -> tuple[str, str]:
    """Returns a release's Compose and env text; bytes that are no UTF-8 are preserved."""
    return decoded(release.compose), decoded(release.env)


def decoded(content: bytes) -> str:
    """Returns a file's text; bytes that are no UTF-8 are preserved as surrogates."""
    return content.decode("utf-8", "surrogateescape")


def encoded(text: str) -> bytes:
    """Returns the bytes of a text from `decoded`."""
    return text.encode("utf-8", "surrogateescape")
