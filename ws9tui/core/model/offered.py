"""An image as its registry describes it, before any of it is here. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from operator import eq

import msgspec

from ws9tui.core.model.observed import Image


class PullLimit(msgspec.Struct, frozen=True):
    """How many more images a registry lets this login or address pull, as it says itself."""

    remaining: int
    limit: int
    seconds: int = 0
    """the time that the limit counts for; 0 where it is not told"""


class OfferedLayer(msgspec.Struct, frozen=True):
    """A layer as it is downloaded; bytes are of its compressed form."""

    digest: str
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """What a registry has under a reference."""

    digest: str
    """of what the reference names: an index, or a manifest"""
    platforms: tuple[str, ...] = ()
    """os/architecture or os/architecture/variant; empty where nobody has said"""
    mirror: str = ""
    """the mirror that alone told it, which may be behind; empty: the registry itself"""
    limit: PullLimit | None = None


class OfferedImage(msgspec.Struct, frozen=True):
    """An image of a registry, for one platform."""

    digest: str
    """of what its reference names: an index, or the manifest"""
    manifest: str
    """digest of the manifest for the platform"""
    image: Image
    """what its configuration says; its ID is the configuration's digest"""
    layers: tuple[OfferedLayer, ...] = ()
    """the base's first"""
    platforms: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    """statements about it that the registry has: signature, sbom, provenance"""
    mirror: str = ""
    """the mirror that sent it; empty: the registry itself"""

    @property
    def size(self) -> int:
        """Bytes of its layers, compressed."""
        return sum(layer.size for layer in self.layers)

    def missing(self, local: Iterable[Image]) -> int:
        """Bytes that have to be downloaded where these images are here.

        An engine has a layer where it has an image that begins with the same layers up to this one.
        """
        if len(self.layers) != len(self.image.layers):
            return self.size
        shared = max((_common(self.image.layers, other.layers) for other in local), default=0)
        return sum(layer.size for layer in self.layers[shared:])


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many layers two images have in common, from the base on."""
    return sum(takewhile(bool, map(eq, one, other)))
