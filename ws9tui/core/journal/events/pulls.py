"""Events of the images that come, and of the checks that they have to pass."""

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
    """repository@sha256:…; of an archived image the tag of ours under which it is loaded"""
    services: tuple[str, ...]
    attempt: int = 1
    archive: str = ""
    """name of the file that it is loaded from; empty for a pull"""


class PullProgressed(Event, frozen=True):
    """How far a pull is; at most a few a second for each image."""

    reference: str
    done: int
    """bytes, downloaded; never falls"""
    total: int
    """bytes known so far; never falls"""
    fraction: float
    """0 to 1, download and extraction together; never falls"""
    phase: str
    """waiting, downloading, verifying, extracting; loading from an archive"""
    layers: int = 0
    layers_done: int = 0
    rate: float = 0.0
    """bytes a second"""


class PullStalled(Event, frozen=True):
    """No byte has come for some time."""

    reference: str
    seconds: float
    away: bool = False
    """the engine itself does not answer"""


class PullRetried(Event, frozen=True):
    """A pull failed for a reason that may pass, and is tried again."""

    reference: str
    attempt: int
    """the one that comes"""
    wait: float
    """seconds until then"""
    problem: Problem


class PullFinished(Event, frozen=True):
    """An image is there."""

    reference: str
    image_id: str
    size: int
    seconds: float
    new: bool
    """this run brought it; an abort removes it again"""
    services: tuple[str, ...] = ()
    again: bool = False
    """it was told before: the operator has gone back and on since"""


class PullFailed(Event, frozen=True):
    """An image could not be had; nothing will be committed."""

    reference: str
    problem: Problem


class VersionChecked(Event, frozen=True):
    """What came was compared with what was expected, for one service."""

    service: str
    reference: Reference
    expected: str = ""
    expected_from: str = ""
    """expect, settings, tag; empty when nothing is expected"""
    found: str = ""
    running: str = ""
    """the version that runs now"""
    digest: str = ""
    digest_ok: bool = False
    platform: str = ""
    findings: tuple[Finding, ...] = ()
    offline: bool = False
    """no registry was asked, so the digest is not known"""
    archive: str = ""
    """offline: name of the file that it came from; empty where it was on the engine"""


class CheckStarted(Event, frozen=True):
    """A program is run on an image that a service is to get; `TrustChecked` tells what it says."""

    service: str
    check: TrustCheck
    program: str


class TrustChecked(Event, frozen=True):
    """An image that a service is to get was checked for what the settings ask of it, before its container is made."""

    service: str
    check: TrustCheck
    result: Result
    finding: Finding
    reference: Reference = Reference()
    digest: str = ""
    program: str = ""
    """that was asked"""
    consent: str = ""
    """what `--accept` takes where somebody may go on all the same; empty where nobody may, or nothing is in the way"""
    accepted: bool = False
    """somebody does"""
    new: tuple[Vulnerability, ...] = ()
    """SCAN: what the image has and what runs has not, the worst first, of many the first"""
    fixed: tuple[Vulnerability, ...] = ()
    """SCAN: what runs has and the image has not"""

    @property
    def stops(self) -> bool:
        """Whether the run does not go on with it."""
        return self.finding.level is Level.BLOCKING
