"""Messages about the contents of a bundle."""

from __future__ import annotations

from ws9tui.core.journal.events import BundleListed
from ws9tui.words import phrases
from ws9tui.words.template import Plural, say
from ws9tui.words.text import clean, listed

_FILES = Plural("{count} file of the project", "{count} files of the project")
_LONGEST = 300


def listing(event: BundleListed) -> str:
    """Returns the platform, size and number of images and files of a bundle."""
    sizes = [image.size for image in event.images]
    return say(
        "The bundle for {platform} contains {images:said}[ ({size:size})], [{files:said} // no files]",
        platform=event.platform,
        images=phrases.IMAGES(len(event.images)),
        size=sum(sizes) if all(sizes) else None,
        files=_FILES(len(event.files)) if event.files else "",
    )


def contents(event: BundleListed) -> list[str]:
    """Returns each image and file of a bundle."""
    images = [
        say(
            "{reference:ref}[ for {services:said}][, {digest:digest}][, {size:size} // , size known after the pull]",
            reference=image.reference,
            services=listed(image.services, 12),
            digest=image.digest,
            size=image.size or None,
        )
        for image in event.images
    ]
    return [*images, *(clean(name, _LONGEST) for name in event.files)]
