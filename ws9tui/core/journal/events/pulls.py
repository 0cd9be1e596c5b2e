"""Events of pulls, of images loaded from archives, and of the checks that these images must pass."""

from __future__ import annotations

from ws9tui.core.journal.events.event import Event
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.model.trust import Result, TrustCheck, Vulnerability
from ws9tui.problems.problem import Problem


class PullStarted(Event, frozen=True):
    """An image is being pulled for one or more services."""

    reference: str
    digest: str
    """repository@sha256:…; for an archived image the load tag under which it is loaded"""
    services: tuple[str, ...]
    attempt: int = 1
    archive: str = ""
    """name of the archive file; empty for a pull"""


class PullProgressed(Event, frozen=True):
    """Progress of a pull, at most a few events per second and image."""

    reference: str
    done: int
    """bytes downloaded; never falls"""
    total: int
    """bytes to download, as far as known; never falls"""
    fraction: float
    """0 to 1, download and extraction together; never falls"""
    phase: str
    """waiting, downloading, verifying, extracting; loading from an archive"""
    layers: int = 0
    layers_done: int = 0
    rate: float = 0.0
    """bytes per second"""


class PullStalled(Event, frozen=True):
    """No data has arrived for some time."""

    reference: str
    seconds: float
    away: bool = False
    """whether the engine itself does not answer"""


class PullRetried(Event, frozen=True):
    """A pull failed for a temporary reason and will be retried."""

    reference: str
    attempt: int
    """number of the next attempt"""
    wait: float
    """seconds until the next attempt"""
    problem: Problem


class PullFinished(Event, frozen=True):
    """An image is on the engine, pulled, loaded or present before."""

    reference: str
    image_id: str
    size: int
    seconds: float
    new: bool
    """whether this run brought the image; if the run is aborted, the image is removed"""
    services: tuple[str, ...] = ()
    again: bool = False
    """whether this run reported the image before, because the operator went back a step and on again"""


class PullFailed(Event, frozen=True):
    """A pull failed for good; nothing will be committed."""

    reference: str
    problem: Problem


class VersionChecked(Event, frozen=True):
    """The image of one service was compared with the expected version, digest and platform."""

    service: str
    reference: Reference
    expected: str = ""
    expected_from: str = ""
    """expect, settings, tag; empty if no version is expected"""
    found: str = ""
    running: str = ""
    """the running version"""
    digest: str = ""
    digest_ok: bool = False
    platform: str = ""
    findings: tuple[Finding, ...] = ()
    offline: bool = False
    """no registry was asked, so the digest is unknown"""
    archive: str = ""
    """offline: name of the archive file; empty if the image was on the engine"""


class CheckStarted(Event, frozen=True):
    """An external program begins to check a service's new image; `TrustChecked` has its result."""

    service: str
    check: TrustCheck
    program: str


class TrustChecked(Event, frozen=True):
    """A service's new image was checked as the settings require, before its container is created."""

    service: str
    check: TrustCheck
    result: Result
    finding: Finding
    reference: Reference = Reference()
    digest: str = ""
    program: str = ""
    """the program that made the check"""
    consent: str = ""
    """the value of `--accept` that lets the run continue; empty if that is not allowed, or nothing stops the run"""
    accepted: bool = False
    """whether that was accepted"""
    new: tuple[Vulnerability, ...] = ()
    """SCAN: vulnerabilities that the running image does not have, the worst first, of many the first"""
    fixed: tuple[Vulnerability, ...] = ()
    """SCAN: vulnerabilities that only the running image has"""

    @property
    def stops(self) -> bool:
        """Whether the result stops the run."""
        return self.finding.level is Level.BLOCKING
