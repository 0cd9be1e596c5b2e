"""Update candidates of a service, as described by a registry and shown to the operator. Pure."""

from __future__ import annotations

import re

import msgspec

from ws9tui.core.model.offered import OfferedImage, PullLimit
from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import Problem

_OCI = "org.opencontainers.image."
_LINKS = ("source", "revision", "documentation", "url")
_RELEASES = {"github.com": "/releases", "gitlab.com": "/-/releases", "codeberg.org": "/releases"}
"""host → path of the release notes below a repository"""
_SOURCE = re.compile(rf"https://({'|'.join(map(re.escape, _RELEASES))})/[\w.-]+/[\w.-]+", re.ASCII)
_LONGEST = 400
"""maximum length of a link"""


class Offer(msgspec.Struct, frozen=True):
    """An image that a registry has for a service."""

    reference: Reference
    digest: str = ""
    """digest that its reference names"""
    manifest: str = ""
    """digest of the manifest for the service's platform; empty if only the digest is known"""
    platforms: tuple[str, ...] = ()
    version: str = ""
    """the version that its labels prove; for a moving tag possibly a version tag of the same image"""
    created_at: str = ""
    """build time as the image states it, which may be arbitrary"""
    size: int = 0
    """bytes of the download, compressed; 0 if unknown"""
    missing: int = 0
    """bytes of the download that are not on the engine yet"""
    seen_at: str = ""
    """when this program first saw the digest on this machine"""
    held: float = 0.0
    """seconds for which it is still held because it is too young"""
    links: dict[str, str] = {}
    """keys: notes (release notes), source, revision, documentation, url"""
    changes: tuple[Problem, ...] = ()
    """differences from the running image that may break the service"""
    attached: tuple[str, ...] = ()
    """attestations in the registry, not verified: signature, sbom, provenance"""
    limit: PullLimit | None = None
    mirror: str = ""
    """the mirror that described it; empty: the registry itself"""
    problem: Problem | None = None
    """why no more is known"""


def links(found: OfferedImage) -> dict[str, str]:
    """Returns the links in an image's labels, and the release notes of a source repository on a known host."""
    labels = found.image.labels
    told = {name: labels[_OCI + name][:_LONGEST] for name in _LINKS if labels.get(_OCI + name)}
    source = _SOURCE.match(told.get("source", ""))
    notes = {"notes": f"{source[0].removesuffix('.git')}{_RELEASES[source[1]]}"} if source else {}
    return {**notes, **told}
