"""What a service may be updated to by itself, after its `x-ws9tui`. Pure."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec


class VersionStep(StrEnum):
    """How far one version is from another of the same shape."""

    PATCH = "patch"
    """only what comes after the second number, or how it was built, is newer"""
    MINOR = "minor"
    """the first number is the same"""
    MAJOR = "major"
    CANDIDATE = "candidate"
    """newer, and not released yet"""
    SAME = "same"
    OLDER = "older"
    OTHER = "other"
    """of another shape: they cannot be compared"""


RULES = {"latest-patch": VersionStep.PATCH, "latest-minor": VersionStep.MINOR, "newest": VersionStep.MAJOR}
"""what may stand for a tag in SERVICE=REF → how far the newest tag that is meant may be"""
TRACKS = (VersionStep.PATCH, VersionStep.MINOR, VersionStep.MAJOR)
"""how far a newer release may be, each with those before it"""


class Policy(msgspec.Struct, frozen=True):
    """Which newer tags of a service are told and chosen by a rule, and how old they must be."""

    track: VersionStep = VersionStep.MAJOR
    """patch, minor or major: how far they may be"""
    include: tuple[str, ...] = ()
    """patterns as of a shell, of which a tag must match one; empty: any"""
    exclude: tuple[str, ...] = ()
    ignore: str = ""
    """a tag that is not told, nor any before it"""
    minimum_age: float | None = None
    """seconds since a digest was first seen here, before which it is held; None where nothing is said"""

    def allows(self, tag: str) -> bool:
        """Whether the patterns let a tag through."""
        included = not self.include or any(fnmatchcase(tag, pattern) for pattern in self.include)
        return included and not any(fnmatchcase(tag, pattern) for pattern in self.exclude)


def within(step: VersionStep, most: VersionStep) -> bool:
    """Whether a newer release is no farther than that."""
    return step in TRACKS[: TRACKS.index(most) + 1]
