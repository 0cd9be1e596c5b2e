"""The update policy of a service, from its `x-ws9tui`: which newer tags it allows. Pure."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec


class VersionStep(StrEnum):
    """The distance of one tag from another."""

    PATCH = "patch"
    """newer, and the first two numbers are the same"""
    MINOR = "minor"
    """newer, and only the first number is the same"""
    MAJOR = "major"
    CANDIDATE = "candidate"
    """a newer pre-release"""
    SAME = "same"
    OLDER = "older"
    OTHER = "other"
    """of another shape, and so incomparable"""


RULES = {"latest-patch": VersionStep.PATCH, "latest-minor": VersionStep.MINOR, "newest": VersionStep.MAJOR}
"""keyword in place of a tag in SERVICE=REF → maximum step to the newest tag that it selects"""
TRACKS = (VersionStep.PATCH, VersionStep.MINOR, VersionStep.MAJOR)
"""maximum steps to newer releases, each including those before it"""


class Policy(msgspec.Struct, frozen=True):
    """The newer tags of a service that are reported and selected by keywords, and their minimum age."""

    track: VersionStep = VersionStep.MAJOR
    """maximum step: patch, minor or major"""
    include: tuple[str, ...] = ()
    """shell patterns, of which a tag must match one; empty: any tag"""
    exclude: tuple[str, ...] = ()
    ignore: str = ""
    """a tag that is not reported, nor any older one"""
    minimum_age: float | None = None
    """seconds for which a digest is held after it was first seen on this machine; None if not set"""

    def allows(self, tag: str) -> bool:
        """Whether the patterns allow a tag."""
        included = not self.include or any(fnmatchcase(tag, pattern) for pattern in self.include)
        return included and not any(fnmatchcase(tag, pattern) for pattern in self.exclude)


def within(step: VersionStep, most: VersionStep) -> bool:
    """Whether a step leads to a newer release and is at most ``most``."""
    return step in TRACKS[: TRACKS.index(most) + 1]
