"""Parses the files that describe a release: manifest.json, version.json, mirrors.json and SHA256SUMS.

Their format is that of upstream's release workflow (`schema_version` 1).
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from ws9tui.core.model import mirrors, version
from ws9tui.errors import Refused, UsageError
from ws9tui.problems import reasons_files
from ws9tui.problems.files import FileUnreadable
from ws9tui.problems.problem import Reason
from ws9tui.problems.release import (
    ReleaseChecksumsInvalid,
    ReleaseManifestInvalid,
    ReleaseSchemaUnknown,
    ReleaseTooLarge,
)
from ws9tui.websoft9.composefile import PRODUCT

SCHEMA = 1
_LARGEST = 1 << 20
"""largest size in bytes of one of these files"""
_MOST_MIRRORS = 8
_SUM = re.compile(r"(?P<sum>[0-9a-fA-F]{64}) [ *](?P<path>[^\0]+)")
_CHANNEL = re.compile(r"[a-z]{1,16}", re.ASCII)
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


class ReleaseFiles(msgspec.Struct, frozen=True):
    """The names of a release's files."""

    compose_file: str = "docker-compose.yml"
    checksum_file: str = ""


class ImageNames(msgspec.Struct, frozen=True):
    """The repository and the tags of a release's image."""

    repository: str
    version_tag: str
    default_tag: str = ""


class ReleaseManifest(msgspec.Struct, frozen=True):
    """The content of manifest.json; unknown keys are ignored, as upstream adds some."""

    version: str
    image: ImageNames
    channel: str = ""
    install: ReleaseFiles = ReleaseFiles()


class _VersionFile(msgspec.Struct, frozen=True):
    version: str
    channel: str = ""


class _MirrorsFile(msgspec.Struct, frozen=True):
    mirrors: list[str] = []


def is_named(folder: Path) -> bool:
    """Whether a folder's manifest names Websoft9 as its product."""
    try:
        return _head(_read(folder / "manifest.json") or b"").get("product") == PRODUCT
    except Refused:
        return False


def read_manifest(folder: Path) -> ReleaseManifest | None:
    """Returns the manifest in a folder; None if there is none; raises `Refused` if it is invalid."""
    content = _read(folder / "manifest.json")
    return None if content is None else parse_manifest(content)


def parse_manifest(content: bytes) -> ReleaseManifest:
    """Parses a manifest; raises `Refused` if it is invalid, of another schema version, or of another product."""
    head = _head(content)
    if head.get("product") != PRODUCT:
        raise _invalid("product")
    if head.get("schema_version") != SCHEMA:
        raise Refused(ReleaseSchemaUnknown(version=head.get("schema_version"), known=SCHEMA))
    try:
        found = msgspec.convert(head, ReleaseManifest)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from error
    for name, value, holds in (
        ("version", found.version, version.parse(found.version) is not None),
        ("channel", found.channel, not found.channel or _CHANNEL.fullmatch(found.channel)),
        ("version_tag", found.image.version_tag, _TAG.fullmatch(found.image.version_tag)),
        ("compose_file", found.install.compose_file, _is_plain(found.install.compose_file)),
        ("checksum_file", found.install.checksum_file, _is_plain(found.install.checksum_file or "none")),
    ):
        if not holds:
            raise _invalid(f"{name}: {value!r}")
    return found


def read_version(folder: Path) -> tuple[str, str, bytes] | None:
    """Returns the version, the channel and the content of version.json; None if it is absent or names no version."""
    content = _read(folder / "version.json")
    return None if content is None else parse_version(content)


def parse_version(content: bytes) -> tuple[str, str, bytes] | None:
    """Parses version.json; returns what `read_version` does."""
    try:
        found = msgspec.json.decode(content, type=_VersionFile)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    number = found.version.strip()
    channel = found.channel if _CHANNEL.fullmatch(found.channel) else ""
    return (number, channel, content) if version.parse(number) else None


def read_mirrors(folder: Path) -> tuple[str, ...]:
    """Returns the hosts in mirrors.json; an invalid one is ignored, because none of them is installed."""
    content = _read(folder / "mirrors.json")
    try:
        named = msgspec.json.decode(content or b"{}", type=_MirrorsFile).mirrors
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    found: list[str] = []
    for host in named[:_MOST_MIRRORS]:
        with suppress(UsageError):
            found.append(mirrors.mirror(host))
    return tuple(found)


def read_sums(folder: Path, name: str) -> dict[str, str] | None:
    """Returns path → SHA-256 of a checksum file; None if there is none; raises `Refused` if it is malformed."""
    content = _read(folder / name) if name else None
    return None if content is None else parse_sums(content.decode("utf-8", "replace"), name)


def parse_sums(text: str, name: str) -> dict[str, str]:
    """Parses the output of `sha256sum` to path → SHA-256; raises `Refused` if it is malformed."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _SUM.fullmatch(line.rstrip("\r"))
        path = PurePosixPath(match["path"]) if match else PurePosixPath("/")
        if match is None or path.is_absolute() or ".." in path.parts:
            raise Refused(ReleaseChecksumsInvalid(file=name, line=number))
        if found.setdefault(path.as_posix(), match["sum"].lower()) != match["sum"].lower():
            raise Refused(ReleaseChecksumsInvalid(file=name, line=number))
    return found


def _head(content: bytes) -> dict[str, Any]:
    try:
        head = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _invalid(str(error)) from error
    if not isinstance(head, dict):
        raise _invalid(reasons_files.NotAnObject())
    return head


def _invalid(reason: Reason | str) -> Refused:
    return Refused(ReleaseManifestInvalid(file="manifest.json", reason=reason))


def _is_plain(name: str) -> bool:
    return PurePosixPath(name).name == name and name not in ("", ".", "..") and "\\" not in name


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise Refused(FileUnreadable(path=str(path), reason=error.strerror)) from error
    if len(content) > _LARGEST:
        raise Refused(ReleaseTooLarge(file=path.name, limit=_LARGEST))
    return content
