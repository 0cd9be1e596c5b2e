"""An image as its registry describes it, before it is pulled. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from operator import eq

import msgspec

from ws9tui.core.model.observed import Image


class PullLimit(msgspec.Struct, frozen=True):
    """The pulls that a registry still allows this login or address, as reported by the registry."""

    remaining: int
    limit: int
    seconds: int = 0
    """the period of the limit; 0 if not reported"""


class OfferedLayer(msgspec.Struct, frozen=True):
    """A layer as downloaded; ``size`` is in compressed bytes."""

    digest: str
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """A registry's answer about a reference, without the image's configuration."""

    digest: str
    """digest of the index or manifest that the reference names"""
    platforms: tuple[str, ...] = ()
    """os/architecture or os/architecture/variant; empty if unknown"""
    mirror: str = ""
    """the mirror that is the only source, and may be outdated; empty: the registry itself"""
    limit: PullLimit | None = None


class OfferedImage(msgspec.Struct, frozen=True):
    """An image in a registry, for one platform."""

    digest: str
    """digest of the index or manifest that the reference names"""
    manifest: str
    """digest of the manifest for the platform"""
    image: Image
    """the contents of its configuration; its ID is the configuration's digest"""
    layers: tuple[OfferedLayer, ...] = ()
    """those of the base first"""
    platforms: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    """attestations in the registry: signature, sbom, provenance"""
    mirror: str = ""
    """the mirror that described it; empty: the registry itself"""

    @property
    def size(self) -> int:
        """The compressed bytes of its layers."""
        return sum(layer.size for layer in self.layers)

    def missing(self, local: Iterable[Image]) -> int:
        """Returns the bytes to download if the engine has these images.

        An engine has a layer if it has an image that begins with the same layers up to that one.
        """
        if len(self.layers) != len(self.image.layers):
            return self.size
        shared = max((_common(self.image.layers, other.layers) for other in local), default=0)
        return sum(layer.size for layer in self.layers[shared:])


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Returns the number of layers that two images share, counted from the base."""
    return sum(takewhile(bool, map(eq, one, other)))
