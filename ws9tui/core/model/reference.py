"""Image references: `[DOMAIN/]PATH[:TAG][@DIGEST]`, after the grammar of the distribution project."""

from __future__ import annotations

import re

import msgspec

from ws9tui.errors import UsageError
from ws9tui.problems.project import ReferenceInvalid

_DOMAIN_PART = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = rf"(?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_TAG = r"[\w][\w.-]{0,127}"
_DIGEST = r"sha256:[a-f0-9]{64}"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_DOMAIN}/)?{_COMPONENT}(?:/{_COMPONENT})*)(?::(?P<tag>{_TAG}))?(?:@(?P<digest>{_DIGEST}))?",
    re.ASCII,
)
_CREDENTIALS = re.compile(r"[^\s/@:]+:[^\s/@]*@(?!sha256)")
"""as in a URL; nobody needs to read them in a message"""
_TAG_ONLY = re.compile(_TAG, re.ASCII)
_DIGEST_ONLY = re.compile(_DIGEST, re.ASCII)

DEFAULT_DOMAIN = "docker.io"
_LONGEST_NAME = 255


class Reference(msgspec.Struct, frozen=True):
    """An image reference; ``name`` is the repository as it was written."""

    name: str
    tag: str = ""
    digest: str = ""

    def __str__(self) -> str:
        """The reference as Compose and Docker write it."""
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def registry(self) -> str:
        """The registry's host; docker.io where none is written."""
        return _split(self.name)[0]

    @property
    def full_name(self) -> str:
        """The repository with its registry, and library/ where Docker Hub means it."""
        domain, path = _split(self.name)
        return f"{domain}/{path}"

    @property
    def tagged(self) -> str:
        """The name that a local image needs for Compose to find it; `latest` where no tag is written.

        A reference with a digest is looked up by the digest, so it has none: empty.
        """
        return "" if self.digest else f"{self.name}:{self.tag or 'latest'}"

    def at(self, digest: str) -> str:
        """The same repository by digest: what is pulled."""
        return f"{self.name}@{digest}"

    def asked(self, text: str) -> Reference:
        """This reference with what an operator typed: a whole reference, a tag, or a digest.

        Raises `UsageError` for anything else.
        """
        text = text.strip()
        if _DIGEST_ONLY.fullmatch(text):
            return Reference(self.name, "", text)
        if text.startswith("@"):
            return self.asked(text[1:])
        tag, at, digest = text.removeprefix(":").partition("@")
        if _TAG_ONLY.fullmatch(tag) and (not at or _DIGEST_ONLY.fullmatch(digest)):
            return Reference(self.name, tag, digest)
        return parse(text)


def parse(text: str) -> Reference:
    """The reference in a text; raises `UsageError` with what is wrong with it."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        reason = "uppercase" if _REFERENCE.fullmatch(text.lower()) else "syntax"
        raise UsageError(ReferenceInvalid(reference=_CREDENTIALS.sub("", text), reason=reason))
    if len(match["name"]) > _LONGEST_NAME:
        raise UsageError(ReferenceInvalid(reference=_CREDENTIALS.sub("", text), reason="too-long"))
    return Reference(match["name"], match["tag"] or "", match["digest"] or "")


def same_repository(one: str, other: str) -> bool:
    """Whether two written names mean one repository: nginx, library/nginx, docker.io/library/nginx."""
    return _split(one) == _split(other)


def digest_of(digests: tuple[str, ...], name: str) -> str:
    """The digest that an image has in a repository, from its repository digests; empty when it has none there."""
    for entry in digests:
        repository, _, digest = entry.partition("@")
        if same_repository(repository, name):
            return digest
    return ""


def _split(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost" or first != first.lower()):
        domain, path = first, rest
    else:
        domain, path = DEFAULT_DOMAIN, name
    if domain in ("index.docker.io", "registry-1.docker.io"):
        domain = DEFAULT_DOMAIN
    if domain == DEFAULT_DOMAIN and "/" not in path:
        path = f"library/{path}"
    return domain, path
