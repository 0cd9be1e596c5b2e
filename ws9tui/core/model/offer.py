"""What may be had for a service, as the journal, the screens and scripts have it. Pure."""

from __future__ import annotations

import re

import msgspec

from ws9tui.core.model.offered import OfferedImage, PullLimit
from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import Problem

_OCI = "org.opencontainers.image."
_LINKS = ("source", "revision", "documentation", "url")
_RELEASES = {"github.com": "/releases", "gitlab.com": "/-/releases", "codeberg.org": "/releases"}
"""where these keep the release notes of a repository"""
_SOURCE = re.compile(rf"https://({'|'.join(map(re.escape, _RELEASES))})/[\w.-]+/[\w.-]+", re.ASCII)
_LONGEST = 400
"""characters of a link"""


class Offer(msgspec.Struct, frozen=True):
    """An image that a registry has for a service."""

    reference: Reference
    digest: str = ""
    """of what its tag names"""
    manifest: str = ""
    """of the image for the service's platform; empty where only the digest is known"""
    platforms: tuple[str, ...] = ()
    version: str = ""
    """what its labels prove; of a tag that moves, also a tag that is the same image"""
    created_at: str = ""
    """as its maker says: the time of the build, which may be set to anything"""
    size: int = 0
    """bytes of the download, compressed; 0 where they are not known"""
    missing: int = 0
    """of these, bytes that are not here yet"""
    seen_at: str = ""
    """when its digest was first seen by this program on this machine"""
    held: float = 0.0
    """seconds that it is still held for, since it is too young"""
    links: dict[str, str] = {}
    """notes (of its releases), source, revision, documentation, url"""
    changes: tuple[Problem, ...] = ()
    """what is different from the image that runs, and may break the service"""
    attached: tuple[str, ...] = ()
    """statements about it that its registry has, not checked: signature, sbom, provenance"""
    limit: PullLimit | None = None
    mirror: str = ""
    """the mirror that told it; empty: the registry itself"""
    problem: Problem | None = None
    """why no more is known"""


def links(found: OfferedImage) -> dict[str, str]:
    """Where an image's labels say that it comes from, and is described; where its source is known, its releases too."""
    labels = found.image.labels
    told = {name: labels[_OCI + name][:_LONGEST] for name in _LINKS if labels.get(_OCI + name)}
    source = _SOURCE.match(told.get("source", ""))
    notes = {"notes": f"{source[0].removesuffix('.git')}{_RELEASES[source[1]]}"} if source else {}
    return {**notes, **told}
