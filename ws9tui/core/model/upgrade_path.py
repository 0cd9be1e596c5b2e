"""Version ranges such as `>=2.2 <3`: the running versions from which an update is allowed, and intermediate updates.

A range is one or more comparisons, all of which must hold, number by number; missing numbers are 0. A version alone
matches itself and every closer one: `2.3` any 2.3.x. A pre-release is not below its version: 3.0-rc1 is not `<3`.
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
"""signs that give a range an upper bound"""


class VersionBound(msgspec.Struct, frozen=True):
    """One comparison of a range: sign and version."""

    sign: str
    bound: Version

    def holds(self, found: Version) -> bool | None:
        """Whether a version satisfies the comparison; None if it is not precise enough, as 2 is not for `>=2.2`."""
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
    """Returns the comparisons of a range; empty if the text is no range."""
    found = []
    for sign, written in _COMPARISON.findall(text):
        if (bound := version.parse(written)) is None:
            return ()
        found.append(VersionBound(sign.replace("==", "=") or "=", bound))
    return () if _COMPARISON.sub("", text).strip() else tuple(found)


def within(text: str, running: str) -> bool | None:
    """Whether a version lies in a range; None if undetermined."""
    found = version.parse(running)
    if found is None:
        return None
    held = [comparison.holds(found) for comparison in parse(text)]
    return False if False in held else None if None in held or not held else True


def is_step(text: str, target: str) -> bool:
    """Whether a version can be the intermediate update that a range requires.

    The version lies in the range and, if the range has no upper bound, has the major version of one of its bounds.
    """
    found = version.parse(target)
    if found is None or not within(text, target):
        return False
    comparisons = parse(text)
    ends = any(one.sign in _ENDS for one in comparisons)
    return ends or found.numbers[0] in [one.bound.numbers[0] for one in comparisons if one.sign != "!="]


def beyond(text: str, running: str) -> bool:
    """Whether a version is newer than every version in a range."""
    found = version.parse(running)
    if found is None or within(text, running) is not False:
        return False
    broken = [one for one in parse(text) if one.holds(found) is False]
    return all(one.sign in _ENDS and found.compare(one.bound) >= 0 for one in broken)


def newest(text: str, tags: Iterable[str], like: str, after: str) -> str:
    """Returns the newest intermediate update among tags, newer than ``after`` and of ``like``'s variant; else empty."""
    meant, running = version.parse(like), version.parse(after)
    if meant is None or running is None:
        return ""

    def order(one: Version, other: Version) -> int:
        """Orders spellings of one version: the most precise one last, and of those the one spelled as `like`."""
        spelled, otherwise = (found.text[:1].isdigit() == like[:1].isdigit() for found in (one, other))
        return one.compare(other) or len(one.numbers) - len(other.numbers) or spelled - otherwise

    parsed = [found for tag in tags if (found := version.parse(tag)) and found.variant == meant.variant]
    released = [found for found in parsed if not found.prerelease and found.compare(running) > 0]
    fitting = sorted((found for found in released if is_step(text, found.text)), key=cmp_to_key(order))
    return fitting[-1].text if fitting else ""
