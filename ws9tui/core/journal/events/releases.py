"""Events of a product's releases: found, installed, merged with an installation, and bundled for offline servers."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.core.model.bundle import BundledImage
from ws9tui.core.model.terms import Finding, InstallField, MergeConflict, MergedKey


class ReleaseFound(Event, frozen=True):
    """A release of the product was loaded, and its checksums, if it has any, were compared."""

    version: str
    channel: str
    source: str
    candidate: bool = False
    verified: bool = False
    """whether its files match the checksums that came with it"""
    running: str = ""
    """the running version of the product"""
    services: dict[str, str] = {}
    """service → version that its image must prove"""


class InstallChecked(Event, frozen=True):
    """The form of a first install was validated: each field with its value, and the findings."""

    fields: tuple[InstallField, ...]
    findings: tuple[Finding, ...] = ()
    """problems that belong to no field"""
    known: bool = False
    """whether the release at the source is known, so that the install can continue if nothing is wrong"""
    looking: bool = False
    """whether the source is still being read; another such event follows"""
    version: str = ""
    """the release's"""


class InstallSettled(Event, frozen=True):
    """The source and settings of an install: what an answer file needs to repeat it."""

    source: str
    version: str = ""
    channel: str = ""
    site: str = ""
    checksum: str = ""
    folder: str = ""
    project: str = ""
    settings: dict[str, str] = {}
    """the release's settings, by variable; without those that may be secret"""
    archives: tuple[str, ...] = ()


class MergeProposed(Event, frozen=True):
    """The files of a release were merged with those of the installation; nothing is written yet."""

    version: str
    keys: tuple[MergedKey, ...] = ()
    conflicts: tuple[MergeConflict, ...] = ()


class BundleListed(Event, frozen=True):
    """The contents planned for a bundle."""

    platform: str
    """target platform, os/architecture"""
    images: tuple[BundledImage, ...]
    """by digest; the size is that of a local image, 0 if the image has yet to be pulled"""
    files: tuple[str, ...] = ()
    """the project's files, relative to its folder"""
    absent: tuple[str, ...] = ()
    """files that the project reads and that are outside its folder"""


class BundleProgressed(Event, frozen=True):
    """Progress of writing a bundle."""

    done: int
    """bytes written"""


class BundleWritten(Event, frozen=True):
    """A bundle is complete, synced to disk and has its final name."""

    path: str
    size: int
    sha256: str
