"""What an update needs before its pulls: disk space on the engine, and pulls left at the registries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from ws9tui.core.model.observed import Image
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.offered import PullLimit
from ws9tui.core.model.terms import Finding, Level
from ws9tui.problems.image import PullsLeft, PullsTooFew


class Room(msgspec.Struct, frozen=True):
    """Bytes that an update needs on the engine's disk."""

    download: int
    """compressed, as far as the registries report it; the minimum for the pulls"""
    likely: int
    """including the unpacked images, estimated as large as the running ones"""


def needed(offers: Iterable[Offer], running: Iterable[Image]) -> Room:
    """Returns the disk space that these images need; ``running`` are the images that they replace."""
    missing = {offer.digest: offer.missing for offer in offers}
    download = sum(missing.values())
    unpacked = sum({image.id: image.size for image in running}.values())
    return Room(download, download + max(unpacked, download))


def pulls(offers: Mapping[str, Offer], limits: Mapping[str, PullLimit]) -> Iterator[Finding]:
    """Yields, for each registry that limits pulls, whether enough pulls remain for the update.

    ``offers`` are by service, ``limits`` by registry; the limit in an offer takes precedence.
    """
    told = [(offer.reference.registry, offer.limit) for offer in offers.values() if offer.limit]
    for registry, limit in {**limits, **dict(told)}.items():
        mine = [offer for offer in offers.values() if offer.reference.registry == registry]
        images = len({offer.digest for offer in mine if offer.missing or offer.problem})
        if limit.remaining < images:
            few = PullsTooFew(registry=registry, remaining=limit.remaining, limit=limit.limit, images=images)
            yield Finding(Level.BLOCKING, few)
        else:
            yield Finding(Level.OK, PullsLeft(registry=registry, remaining=limit.remaining, limit=limit.limit))
