"""Ranges of versions, as in `>=2.2 <3`: from which running versions a target may come, and which tag lies in between.

A range is one or more comparisons, all of which must hold, number by number; missing numbers are 0. A version alone
means itself and all that it may stand for: `2.3` any 2.3. A candidate is not below its version: 3.0-rc1 is not `<3`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cmp_to_key

import msgspec

from ws9tui.core.model import version
from ws9tui.core.model.version import Version

_COMPARISON = re.compile(r"(>=|<=|!=|==?|>|<)?\s*([^\s,<>=!]+)[\s,]*")
_ENDS = ("<", "<=", "=")
"""signs by which a range has an end"""


class VersionBound(msgspec.Struct, frozen=True):
    """One comparison of a range: sign and version."""

    sign: str
    bound: Version

    def holds(self, found: Version) -> bool | None:
        """Whether a version is within it; None where it is not told closely enough, as 2 is not for `>=2.2`."""
        bound, count = self.bound, len(found.numbers)
        if count < len(bound.numbers) and found.numbers == bound.numbers[:count]:
            return None
        order = found.compare(bound)
        match self.sign:
            case ">=":
                return order >= 0
            case ">":
                return order > 0
            case "<=":
                return order <= 0
            case "<":
                candidate = found.prerelease and not bound.prerelease and found.released == bound.released
                return order < 0 and not candidate
            case "!=":
                return not found.proves(bound)
        return found.proves(bound)


def parse(text: str) -> tuple[VersionBound, ...]:
    """The comparisons of a range; none where the text is no range."""
    found = []
    for sign, written in _COMPARISON.findall(text):
        if (bound := version.parse(written)) is None:
            return ()
        found.append(VersionBound(sign.replace("==", "=") or "=", bound))
    return () if _COMPARISON.sub("", text).strip() else tuple(found)


def within(text: str, running: str) -> bool | None:
    """Whether a version lies in a range; None where that cannot be told."""
    found = version.parse(running)
    if found is None:
        return None
    held = [comparison.holds(found) for comparison in parse(text)]
    return False if False in held else None if None in held or not held else True


def is_step(text: str, target: str) -> bool:
    """Whether a version is the step that a range is about: in it, and in its lowest line where it has no end."""
    found = version.parse(target)
    if found is None or not within(text, target):
        return False
    comparisons = parse(text)
    ends = any(one.sign in _ENDS for one in comparisons)
    return ends or found.numbers[0] in [one.bound.numbers[0] for one in comparisons if one.sign != "!="]


def beyond(text: str, running: str) -> bool:
    """Whether a version is newer than all that lies in a range."""
    found = version.parse(running)
    if found is None or within(text, running) is not False:
        return False
    broken = [one for one in parse(text) if one.holds(found) is False]
    return all(one.sign in _ENDS and found.compare(one.bound) >= 0 for one in broken)


def newest(text: str, tags: Iterable[str], like: str, after: str) -> str:
    """The newest step among these tags, newer than one version and of the variant of ``like``; empty for none."""
    meant, running = version.parse(like), version.parse(after)
    if meant is None or running is None:
        return ""

    def order(one: Version, other: Version) -> int:
        """Of one version in several spellings the closest comes last, and the one that is written as `like` is."""
        spelled, otherwise = (found.text[:1].isdigit() == like[:1].isdigit() for found in (one, other))
        return one.compare(other) or len(one.numbers) - len(other.numbers) or spelled - otherwise

    parsed = [found for tag in tags if (found := version.parse(tag)) and found.variant == meant.variant]
    released = [found for found in parsed if not found.prerelease and found.compare(running) > 0]
    fitting = sorted((found for found in released if is_step(text, found.text)), key=cmp_to_key(order))
    return fitting[-1].text if fitting else ""
