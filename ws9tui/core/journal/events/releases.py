"""Events of a product's releases: found, installed, merged, and bundled for a server without a network."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.core.model.bundle import BundledImage
from ws9tui.core.model.terms import Finding, InstallField, MergeConflict, MergedKey


class ReleaseFound(Event, frozen=True):
    """A release of the product was loaded, and its checksums were compared where it has some."""

    version: str
    channel: str
    source: str
    candidate: bool = False
    verified: bool = False
    """its files have the checksums that came with it"""
    running: str = ""
    """the product's version that runs"""
    services: dict[str, str] = {}
    """service → version that its image must prove"""


class InstallChecked(Event, frozen=True):
    """The form of a first install was looked at: each field with its value, and what is wrong."""

    fields: tuple[InstallField, ...]
    findings: tuple[Finding, ...] = ()
    """what no field is to blame for"""
    known: bool = False
    """what the source has is known, so that the install can go on where nothing is wrong"""
    looking: bool = False
    """the source is being looked at; another such event follows"""
    version: str = ""
    """of the release"""


class InstallSettled(Event, frozen=True):
    """Where an install comes from and how it was set: what a file of answers needs to do it again."""

    source: str
    version: str = ""
    channel: str = ""
    site: str = ""
    checksum: str = ""
    folder: str = ""
    project: str = ""
    settings: dict[str, str] = {}
    """of the release, by variable; without those that may be secret"""
    archives: tuple[str, ...] = ()


class MergeProposed(Event, frozen=True):
    """The files of a release were put together with those of the installation; nothing is written yet."""

    version: str
    keys: tuple[MergedKey, ...] = ()
    conflicts: tuple[MergeConflict, ...] = ()


class BundleListed(Event, frozen=True):
    """What a bundle will have in it."""

    platform: str
    """os/architecture that it is for"""
    images: tuple[BundledImage, ...]
    """by their digests; the size is that of those that are here, 0 where only the pull tells"""
    files: tuple[str, ...] = ()
    """of the project, relative to its folder"""
    absent: tuple[str, ...] = ()
    """files that the project reads, and that lie outside its folder"""


class BundleProgressed(Event, frozen=True):
    """How much of a bundle is written."""

    done: int
    """bytes"""


class BundleWritten(Event, frozen=True):
    """A bundle is whole, on the disk, and has its name."""

    path: str
    size: int
    sha256: str
