"""Versions in tags and labels: parsed, compared, and matched against an expected version.

Precedence follows Semantic Versioning 2.0.0 (rule 11), for any number of numeric parts.
"""

from __future__ import annotations

import re
from itertools import zip_longest

import msgspec

_VERSION = re.compile(
    r"v?(?P<numbers>\d{1,20}(?:\.\d{1,20}){0,4})(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+(?P<build>[0-9A-Za-z.-]+))?", re.ASCII
)
_PRERELEASE = re.compile(
    r"(?P<pre>(?:alpha|beta|rc|pre|preview|dev|nightly|snapshot|canary|a|b|m)(?![a-z])"
    r"(?:[.-]?\d+)?(?:[.-]\d+)*(?:\.[0-9a-z]+)*)"
    r"(?:-(?P<variant>.*))?",
    re.IGNORECASE,
)
"""matches whole words only: `alpine` and `bookworm` are variants"""
LABELS = ("org.opencontainers.image.version", "version")
"""Image labels that name a version, the more reliable one first."""


class Version(msgspec.Struct, frozen=True):
    """A version number; ``str()`` returns it as written."""

    text: str
    numbers: tuple[int, ...]
    prerelease: tuple[str, ...]
    variant: str
    """what follows a tag's version without being a pre-release: `alpine` of `16.4-alpine`"""

    def __str__(self) -> str:
        return self.text

    @property
    def released(self) -> tuple[int, ...]:
        """The numbers without trailing zeros; equal for a version and its pre-releases."""
        numbers = self.numbers
        while numbers and not numbers[-1]:
            numbers = numbers[:-1]
        return numbers

    def compare(self, other: Version) -> int:
        """Returns less than 0 if this version is older, more than 0 if newer, 0 for equal precedence."""
        for mine, theirs in zip_longest(self.numbers, other.numbers, fillvalue=0):
            if mine != theirs:
                return mine - theirs
        if not self.prerelease or not other.prerelease:
            return bool(other.prerelease) - bool(self.prerelease)
        for left, right in zip_longest(self.prerelease, other.prerelease):
            if left != right:
                return _compare_identifiers(left, right)
        return 0

    def proves(self, expected: Version) -> bool:
        """Whether this version matches the expected one; `2.3.5` proves `2.3`, as a tag `2.3` means any 2.3.x."""
        count = len(expected.numbers)
        mine = (self.numbers + (0,) * count)[:count] if len(self.numbers) < count else self.numbers[:count]
        return mine == expected.numbers and self.prerelease == expected.prerelease


def parse(text: str) -> Version | None:
    """Parses a tag or label; returns None for a text that is no version, such as `latest` or a commit hash."""
    match = _VERSION.fullmatch(text.strip())
    if match is None or (("." not in match["numbers"]) and len(match["numbers"]) > 4):  # noqa: PLR2004 - a date or a hash
        return None
    numbers = tuple(int(part) for part in match["numbers"].split("."))
    tail = match["pre"] or ""
    if pre := _PRERELEASE.fullmatch(tail):
        return Version(text.strip(), numbers, tuple(pre["pre"].split(".")), pre["variant"] or "")
    return Version(text.strip(), numbers, (), tail)


def of_labels(labels: dict[str, str]) -> str:
    """Returns the version that an image's labels name; empty if they name none."""
    return next((labels[key].strip() for key in LABELS if labels.get(key, "").strip()), "")


def compare(one: str, other: str) -> int | None:
    """Compares two texts as `Version.compare`; None if either is no version."""
    left, right = parse(one), parse(other)
    return None if left is None or right is None else left.compare(right)


def proves(found: str, expected: str) -> bool:
    """Whether a found version matches the expected one or is a more precise form of it; other texts must be equal."""
    left, right = parse(found), parse(expected)
    return left.proves(right) if left and right else found == expected


def _compare_identifiers(left: str | None, right: str | None) -> int:
    if left is None or right is None:
        return -1 if left is None else 1
    if left.isdigit() and right.isdigit():
        return int(left) - int(right)
    if left.isdigit() != right.isdigit():
        return -1 if left.isdigit() else 1
    return -1 if left < right else 1
