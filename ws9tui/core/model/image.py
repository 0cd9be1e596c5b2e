"""The image of a service: one value from the reference that asks for it to what runs; each station knows more of it.

Asked for (`reference`), resolved (`digest`, or the archive or the engine that has it), here (`local`), running: of a
container, and of what a generation records, the same is known.
"""

from __future__ import annotations

import msgspec

from ws9tui.core.model import mirrors
from ws9tui.core.model.evidence import shown_version
from ws9tui.core.model.observed import Image
from ws9tui.core.model.reference import Reference


class Used(msgspec.Struct, frozen=True):
    """An image that a service uses besides its own: it mounts it, or a hook runs in it."""

    image_id: str
    digest: str = ""
    manifest: str = ""

    def mounted_as(self, digest: str) -> bool:
        """Whether Compose notes this digest on a container that mounts it."""
        return digest in (self.image_id, self.manifest)


class ServiceImage(msgspec.Struct, frozen=True):
    """An image that a service has or is to have."""

    reference: Reference
    """as it is asked for"""
    digest: str = ""
    """that its registry has under the reference; empty where none was asked"""
    local: Image = Image("")
    """what the engine has; of one that is not here yet its ID, where that is known"""
    version: str = ""
    archive: str = ""
    """name of the file that it is loaded from"""
    offline: bool = False
    """no registry was asked about it"""
    mirror: str = ""
    """host, and path, of the mirror that it is pulled from; empty: its registry"""
    used: dict[Reference, Used] = {}
    """reference → image, of those that the service uses besides"""

    @property
    def name(self) -> str:
        """By which the engine knows it once it is here: what is pulled, or the ID of what came otherwise."""
        source = mirrors.through(self.reference, self.mirror) if self.mirror else self.reference
        return source.at(self.digest) if self.digest else self.local.id

    def here(self, image: Image) -> ServiceImage:
        """The same once it is here."""
        return msgspec.structs.replace(self, local=image, version=shown_version(image, self.reference))


def as_used(image: Image, reference: Reference) -> Used:
    """A local image as one that a service uses besides its own."""
    return Used(image.id, reference.digest_in(image.digests), image.manifest)
