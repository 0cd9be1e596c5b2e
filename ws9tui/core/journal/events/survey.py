"""Events of the survey: running services, available images and tags, recorded generations."""

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
    """A service was inspected; emitted again when more is known."""

    service: ServiceView


class ReferenceResolved(Event, frozen=True):
    """The wanted reference of a service was resolved: by its registry or, offline, in archives and the engine."""

    service: str
    reference: Reference
    digest: str = ""
    platforms: tuple[str, ...] = ()
    availability: Availability = Availability.UPDATE
    problem: Problem | None = None
    version: str = ""
    """the reference's tag, if that is a version"""
    image_id: str = ""
    """offline: the image that the service would get"""
    archive: str = ""
    """offline: name of the archive file; empty if the image is on the engine"""
    offline: bool = False
    """whether archives and the engine were searched instead of a registry"""
    seen_at: str = ""
    """when this program first saw the digest on this machine"""
    mirror: str = ""
    """the mirror that the image is pulled from"""

    @property
    def known(self) -> bool:
        """Whether an image was found."""
        return bool(self.digest or self.image_id)

    @property
    def image(self) -> ServiceImage:
        """The image that the service would get."""
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
    """The tags in a registry that are newer than a service's wanted tag; none is selected automatically."""

    service: str
    reference: Reference
    tags: tuple[str, ...] = ()
    """newer tags of the same shape, ascending; of many those of the same major version and the newest"""
    count: int = 0
    """number of newer tags"""
    candidates: tuple[str, ...] = ()
    """pre-releases that are newer than every release"""
    problem: Problem | None = None
    """why the list may be incomplete"""


class Described(Event, frozen=True):
    """A registry's metadata of an image that a service may get, read without a pull."""

    service: str
    offer: Offer


class TagsListed(Event, frozen=True):
    """The tags of a service's repository, listed at the operator's request."""

    service: str
    reference: Reference
    tags: tuple[Listed, ...] = ()
    """newer tags first, those of the same major version before the others; older and incomparable ones last"""
    count: int = 0
    """number of tags; of many only the first are in ``tags``"""
    problem: Problem | None = None
    """why the tags are unknown or incomplete"""


class GenerationFound(Event, frozen=True):
    """A generation that the project may be rolled back to; emitted again when more is known."""

    number: int
    created_at: str
    version: str = ""
    """the product's, if known"""
    services: dict[str, str] = {}
    """service → its version, or its reference if the version is unknown"""
    runs: bool = False
    """whether its images and definitions are those that run now"""
    proven: bool = True
    """whether it ran healthily"""
    salvaged: bool = False
    """whether it was reconstructed from keep tags, with today's files"""
    reach: Reach = Reach.LOCAL
    problem: Problem | None = None
    """why it is unknown or gone"""
    pulls: tuple[str, ...] = ()
    """references of its images that are not on the engine"""
    differences: tuple[Difference, ...] = ()
    """from what runs now"""
    image_ids: dict[str, str] = {}
    """service → image ID, which tells two builds of one version apart; empty in older journals"""
    pinned: bool = False
    """whether it is never removed"""
    previous: bool = False
    """whether a rollback goes to it by default"""
    data: tuple[str, ...] = ()
    """services whose data was saved with it"""
