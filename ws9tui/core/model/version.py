"""Versions as tags and labels carry them: found in a text, compared, and matched against what is expected.

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
"""the whole word: `alpine` and `bookworm` are variants"""
LABELS = ("org.opencontainers.image.version", "version")
"""Image labels that name a version, the more telling one first."""


class Version(msgspec.Struct, frozen=True):
    """A version number; ``str()`` gives it as it was written."""

    text: str
    numbers: tuple[int, ...]
    prerelease: tuple[str, ...]
    variant: str
    """what follows a tag's version without being a pre-release: `alpine` of `16.4-alpine`"""

    def __str__(self) -> str:
        return self.text

    @property
    def released(self) -> tuple[int, ...]:
        """The numbers alone, without zeros at their end: those that a candidate is one of."""
        numbers = self.numbers
        while numbers and not numbers[-1]:
            numbers = numbers[:-1]
        return numbers

    def compare(self, other: Version) -> int:
        """Below 0 when this one is older, above 0 when it is newer, 0 when they are of equal precedence."""
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
        """Whether this version is what was expected; `2.3` is proved by `2.3.5`, as a tag `2.3` means any of them."""
        count = len(expected.numbers)
        mine = (self.numbers + (0,) * count)[:count] if len(self.numbers) < count else self.numbers[:count]
        return mine == expected.numbers and self.prerelease == expected.prerelease


def parse(text: str) -> Version | None:
    """The version that a tag or label is; None for a text that is no version, such as `latest` or a commit hash."""
    match = _VERSION.fullmatch(text.strip())
    if match is None or (("." not in match["numbers"]) and len(match["numbers"]) > 4):  # noqa: PLR2004 - a date or a hash
        return None
    numbers = tuple(int(part) for part in match["numbers"].split("."))
    tail = match["pre"] or ""
    if pre := _PRERELEASE.fullmatch(tail):
        return Version(text.strip(), numbers, tuple(pre["pre"].split(".")), pre["variant"] or "")
    return Version(text.strip(), numbers, (), tail)


def of_labels(labels: dict[str, str]) -> str:
    """The version that an image's labels name; empty when they name none."""
    return next((labels[key].strip() for key in LABELS if labels.get(key, "").strip()), "")


def compare(one: str, other: str) -> int | None:
    """Below 0 where the one version is older, above 0 where it is newer; None where one of them is no version."""
    left, right = parse(one), parse(other)
    return None if left is None or right is None else left.compare(right)


def proves(found: str, expected: str) -> bool:
    """Whether a text that an image says is the version that is expected, or a closer one."""
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
