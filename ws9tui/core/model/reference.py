"""Image references: `[DOMAIN/]PATH[:TAG][@DIGEST]`, after the grammar of the distribution project."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Self

from ws9tui.core.model import version
from ws9tui.errors import UsageError
from ws9tui.problems.project import ReferenceInvalid

_DOMAIN_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_TAG = r"[\w][\w.-]{0,127}"
_DIGEST = r"sha256:[a-f0-9]{64}"
_REFERENCE = re.compile(rf"(?:{_DOMAIN}/)?{_COMPONENT}(?:/{_COMPONENT})*(?::{_TAG})?(?:@{_DIGEST})?", re.ASCII)
_CREDENTIALS = re.compile(r"[^\s/@:]+:[^\s/@]*@(?!sha256)")
"""as in a URL; removed from messages"""
_TAG_ONLY = re.compile(_TAG, re.ASCII)
_DIGEST_ONLY = re.compile(_DIGEST, re.ASCII)

DOCKER_HUB = "docker.io"
_LONGEST_NAME = 255


class Reference(str):
    """An image reference: the text as written, with its parts as attributes.

    Any text is allowed, as a container's reference may be an ID; only `parse` validates it.
    """

    __slots__ = ("digest", "name", "tag")
    name: str
    """the repository as written"""
    tag: str
    digest: str

    def __new__(cls, text: str = "") -> Self:
        """Splits the text."""
        made = super().__new__(cls, text)
        tagged, _, made.digest = text.partition("@")
        name, colon, tag = tagged.rpartition(":")
        made.name, made.tag = (name, tag) if colon and "/" not in tag else (tagged, "")
        return made

    @property
    def registry(self) -> str:
        """The registry's host; docker.io if none is written."""
        return self._split()[0]

    @property
    def path(self) -> str:
        """The repository without its registry."""
        return self._split()[1]

    @property
    def full_name(self) -> str:
        """The repository with its registry, and with Docker Hub's implicit library/."""
        domain, path = self._split()
        return f"{domain}/library/{path}" if domain == DOCKER_HUB and "/" not in path else f"{domain}/{path}"

    @property
    def tagged(self) -> str:
        """The name by which Compose looks for a local image, with `latest` if no tag is written.

        Empty for a reference with a digest, which is looked up by the digest.
        """
        return f"{self.name}:{self.meant_tag}" if self.name and not self.digest else ""

    @property
    def meant_tag(self) -> str:
        """Its tag, `latest` if none is written; empty for a digest without a tag."""
        return self.tag or ("latest" if self.name and not self.digest else "")

    @property
    def version(self) -> str:
        """Its tag if that is a version, else empty."""
        return self.tag if version.parse(self.tag) else ""

    def at(self, digest: str) -> Reference:
        """Returns a digest in this repository, as it is pulled."""
        return Reference(f"{self.name}@{digest}")

    def pinned(self, digest: str) -> Reference:
        """Returns this reference with its digest set to this one."""
        return Reference(f"{self.partition('@')[0]}@{digest}")

    def asked(self, text: str) -> Reference:
        """Applies an operator's input to this reference: a whole reference, a tag, or a digest.

        Raises `UsageError` for anything else.
        """
        text = text.strip()
        if is_digest(text):
            return self.at(text)
        if text.startswith("@"):
            return self.asked(text[1:])
        tag, at, digest = text.removeprefix(":").partition("@")
        if is_digest(digest) and text.startswith(f"{self.name.rpartition('/')[2]}@"):
            return self.at(digest)  # this repository by its short name, as `docker image inspect` prints it
        if _TAG_ONLY.fullmatch(tag) and (not at or is_digest(digest)):
            return Reference(f"{self.name}:{tag}{at}{digest}")
        return parse(text)

    def same_repository(self, other: Reference) -> bool:
        """Whether both are in the same repository, as are nginx, library/nginx and docker.io/library/nginx."""
        return self.full_name == other.full_name

    def same_tag(self, other: Reference) -> bool:
        """Whether both denote the same tag of the same repository."""
        return self.same_repository(other) and self.meant_tag == other.meant_tag

    def digest_in(self, digests: Iterable[Reference]) -> str:
        """Returns the digest in this repository among an image's repository digests; empty if there is none."""
        return next((entry.digest for entry in digests if self.same_repository(entry)), "")

    def _split(self) -> tuple[str, str]:
        """Returns the registry and the path."""
        first, slash, rest = self.name.partition("/")
        if not (slash and ("." in first or ":" in first or first == "localhost" or first != first.lower())):
            return DOCKER_HUB, self.name
        return DOCKER_HUB if first in ("index.docker.io", "registry-1.docker.io") else first, rest


def is_digest(text: str) -> bool:
    """Whether a text is a digest."""
    return _DIGEST_ONLY.fullmatch(text) is not None


def parse(text: str) -> Reference:
    """Returns a text as a valid reference; raises `UsageError` with the reason if it is none."""
    found = Reference(text)
    if not _REFERENCE.fullmatch(text):
        reason = "uppercase" if _REFERENCE.fullmatch(text.lower()) else "syntax"
    elif len(found.name) > _LONGEST_NAME:
        reason = "too-long"
    else:
        return found
    raise UsageError(ReferenceInvalid(reference=_CREDENTIALS.sub("", text), reason=reason))


def digest_of(body: bytes) -> str:
    """Returns the digest of a content."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
