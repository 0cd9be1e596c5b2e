"""Events of looking around: what runs, what registries have for it, which generations there are."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.newer import Listed
from ws9tui.core.model.observed import Image
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, Difference, Reach, ServiceView
from ws9tui.problems.problem import Problem


class ServiceObserved(Event, frozen=True):
    """A service was looked at; said again when more is known of it."""

    service: ServiceView


class ReferenceResolved(Event, frozen=True):
    """The registry answered what it has for a service's wanted reference."""

    service: str
    reference: Reference
    digest: str = ""
    platforms: tuple[str, ...] = ()
    availability: Availability = Availability.UPDATE
    problem: Problem | None = None
    version: str = ""
    """what the reference's tag says, where it is a version"""
    image_id: str = ""
    """offline: the image that the service would get"""
    archive: str = ""
    """offline: name of the file that has it; empty where it is on the engine"""
    offline: bool = False
    """no registry was asked, but archives and the engine"""
    seen_at: str = ""
    """when the digest was first seen by this program on this machine"""
    mirror: str = ""
    """the mirror that it is pulled from"""

    @property
    def known(self) -> bool:
        """Whether there is an image to be had."""
        return bool(self.digest or self.image_id)

    @property
    def image(self) -> ServiceImage:
        """What the service would get."""
        return ServiceImage(
            self.reference,
            self.digest,
            Image(self.image_id),
            self.version,
            self.archive,
            offline=self.offline,
            mirror=self.mirror,
        )


class NewerFound(Event, frozen=True):
    """A registry was asked which tags are newer than the one that a service is to have; none is chosen by itself."""

    service: str
    reference: Reference
    tags: tuple[str, ...] = ()
    """newer ones of the same shape, ascending; of many those of the same major version and the newest"""
    count: int = 0
    """how many there are"""
    candidates: tuple[str, ...] = ()
    """not released yet, and newer than all that is"""
    problem: Problem | None = None
    """why it is not known whether these are all"""


class Described(Event, frozen=True):
    """A registry described an image that a service may get; nothing of it was pulled."""

    service: str
    offer: Offer


class TagsListed(Event, frozen=True):
    """The tags of a service's repository, as the operator asked for them."""

    service: str
    reference: Reference
    tags: tuple[Listed, ...] = ()
    """newer ones first, those of the same major version before the others; older ones and others last"""
    count: int = 0
    """how many there are; of many those that come first are listed"""
    problem: Problem | None = None
    """why they are not known, or not all"""


class GenerationFound(Event, frozen=True):
    """A generation that may be gone to; said again when more is known of it."""

    number: int
    created_at: str
    version: str = ""
    """the product's, where it is known"""
    services: dict[str, str] = {}
    """service → its version, or its reference where it has none"""
    runs: bool = False
    """its images and definitions are those that run now"""
    proven: bool = True
    """it ran and was well"""
    salvaged: bool = False
    """made from keep tags, with today's files"""
    reach: Reach = Reach.LOCAL
    problem: Problem | None = None
    """why it is unknown or gone"""
    pulls: tuple[str, ...] = ()
    """references that are not here"""
    differences: tuple[Difference, ...] = ()
    """from what runs"""
    image_ids: dict[str, str] = {}
    """service → its image's ID, by which two builds of one version are told apart; empty in older journals"""
    pinned: bool = False
    """it is never removed"""
    previous: bool = False
    """a rollback goes to it unless another one is named"""
    data: tuple[str, ...] = ()
    """services whose data was saved with it"""
