"""The image of a service: one record from the requested reference to the running image, filled in step by step.

Requested (`reference`), resolved (`digest`, or the archive or the engine that has it), present (`local`), running. The
same record describes the image of a container and of a recorded generation.
"""

from __future__ import annotations

import msgspec

from ws9tui.core.model import mirrors
from ws9tui.core.model.evidence import shown_version
from ws9tui.core.model.observed import Image
from ws9tui.core.model.reference import Reference


class Used(msgspec.Struct, frozen=True):
    """An image that a service uses besides its own: mounted, or run by a hook."""

    image_id: str
    digest: str = ""
    manifest: str = ""

    def mounted_as(self, digest: str) -> bool:
        """Whether this is the digest that Compose records on a container that mounts the image."""
        return digest in (self.image_id, self.manifest)


class ServiceImage(msgspec.Struct, frozen=True):
    """An image that a service has or is to get."""

    reference: Reference
    """the requested reference"""
    digest: str = ""
    """the digest of the reference in its registry; empty if no registry was asked"""
    local: Image = Image("")
    """the engine's image; of an image not present yet only the ID, if known"""
    version: str = ""
    archive: str = ""
    """name of the archive file that it is loaded from"""
    offline: bool = False
    """whether no registry was asked"""
    mirror: str = ""
    """host, and path, of the mirror to pull from; empty: the registry itself"""
    used: dict[Reference, Used] = {}
    """reference → image, of the images that the service uses besides its own"""

    @property
    def name(self) -> str:
        """The engine's name of the image once present: the pulled reference by digest, else the image ID."""
        source = mirrors.through(self.reference, self.mirror) if self.mirror else self.reference
        return source.at(self.digest) if self.digest else self.local.id

    def here(self, image: Image) -> ServiceImage:
        """Returns this record with the local image filled in, and the version read from it."""
        return msgspec.structs.replace(self, local=image, version=shown_version(image, self.reference))


def as_used(image: Image, reference: Reference) -> Used:
    """Returns the record of a local image that a service uses besides its own."""
    return Used(image.id, reference.digest_in(image.digests), image.manifest)
