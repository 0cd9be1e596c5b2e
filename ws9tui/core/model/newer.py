"""Finds the tags of a repository that are newer than a given one: those of the same shape, by their numbers.

A tag has a prefix (`v`, `RELEASE.`), a version (`31.0.2`, `2026-05-01T00-00-00`), possibly a pre-release mark (`-rc1`),
and a variant (`-apache`, `-alpine3.20`). Only tags that differ in the version alone are compared, as others are
different builds; in a variant, the release of its base system may differ too. Registries sort tags alphabetically, if
at all, and give them no meaning. A *candidate* is a pre-release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from ws9tui.core.model.policy import Policy, VersionStep, within

MOST = 40
"""maximum number of newer tags reported; there may be thousands"""
_SPOKEN = 3
"""maximum number of newer tags shown where space is short"""

_MOVING = ("latest", "lts", "stable", "edge", "mainline", "main", "master", "nightly", "dev", "develop", "rolling")
_NUMBERS = re.compile(r"\d+(?:[.:_T-]\d+)*", re.ASCII)
_WORD = re.compile(r"(?:^|(?<=[-._+]))[vV]?$")
"""matches the end of what precedes a version: nothing, a separator, or the v of `v1.2`"""
_HASH = re.compile(r"g?(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,64}")
_CANDIDATE = re.compile(
    r"(?:(?:^|[-._])(?P<word>alpha|beta|rc|cr|preview|pre|milestone|dev|develop|nightly|snapshot|canary|edge|unstable"
    r"|testing|test|next|ea)|^[-._]?(?P<letter>[abcm])(?=\d))[-._]?(?P<numbers>\d+(?:\.\d+)*)?(?=$|[-._+])",
    re.IGNORECASE | re.ASCII,
)
_RANKS = {
    **dict.fromkeys(("alpha", "a"), 1),
    **dict.fromkeys(("milestone", "m"), 2),
    **dict.fromkeys(("beta", "b"), 3),
    **dict.fromkeys(("preview", "pre"), 4),
    **dict.fromkeys(("rc", "cr", "c"), 5),
}
"""order of pre-release kinds; nightly builds and the like come first, with 0"""
_GROUP = re.compile(r"(?P<text>[^0-9]*)(?P<numbers>\d+(?:\.\d+)*)", re.ASCII)
_SYSTEMS = (
    "alpine alma almalinux al amazonlinux centos deb debian el fc fedora leap ol oraclelinux photon rhel rocky"
    " rockylinux ubi ubuntu"
)
_COUNTERS = "build hotfix ls p patch pl post r rev revision sp u"
_MOVES = frozenset({"", *_SYSTEMS.split(), *_COUNTERS.split()})
"""words of a variant whose number may differ: base systems and build counters"""
_LONGEST = 20
"""maximum digits of a number"""
_YEARS = range(1990, 2100)


class Newer(msgspec.Struct, frozen=True):
    """The tags of a repository that are newer than a given one, in ascending order: the same major version first."""

    tags: tuple[str, ...] = ()
    """at most `MOST`: the newest of the same major version, and the newest of all"""
    count: int = 0
    """number of newer tags"""
    candidates: tuple[str, ...] = ()
    """pre-releases that are newer than the releases"""


class Listed(msgspec.Struct, frozen=True):
    """A listed tag, with its distance from a service's tag."""

    tag: str
    step: VersionStep


class _Tag(msgspec.Struct, frozen=True):
    """A parsed tag."""

    text: str
    shape: tuple[str, ...]
    """prefix, form of the version, variant; numbers that may differ are replaced by #"""
    plain: bool
    """whether it is written without a v"""
    version: tuple[int, ...]
    candidate: tuple[int, ...]
    """rank and numbers of a pre-release; (9,) for a release, which comes after its pre-releases"""
    variant: tuple[tuple[int, ...], ...]
    """the numbers of the variant that may differ"""

    @property
    def released(self) -> bool:
        return self.candidate == _RELEASED

    @property
    def order(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[tuple[int, ...], ...]]:
        return self.version, self.candidate, self.variant


_RELEASED = (9,)
_ANY = Policy()
_PLACES = {VersionStep.MAJOR: 1, VersionStep.CANDIDATE: 2, VersionStep.SAME: 3, VersionStep.OLDER: 4}
"""position of a step in a list, after those of the same major version"""


def moves(tag: str) -> bool:
    """Whether a tag is a moving one, whose updates show only in its digest: `latest`, `lts-alpine`, `stable`."""
    found = _main(tag)
    if found is None:
        return True
    begins = re.split(r"[-._]", tag.lower(), maxsplit=1)[0] in _MOVING
    return begins and not _WORD.search(tag[: found.start()])


def comparable(tag: str) -> bool:
    """Whether newer tags than this one can be determined; not so for commit hashes, for example."""
    return not moves(tag) and _parsed(tag) is not None


def newer(tag: str, tags: Iterable[str], policy: Policy = _ANY) -> Newer:
    """Returns those of these tags that are newer than the given one and allowed by the policy."""
    mine = _parsed(tag)
    if mine is None or moves(tag):
        return Newer()
    found, candidates = _newer(mine, tags, policy)
    return Newer(_shortened(mine, found), len(found), tuple(other.text for other in candidates[-MOST:]))


def chosen(tag: str, tags: Iterable[str], most: VersionStep, policy: Policy = _ANY) -> str:
    """Returns the newest of these tags at most a step ``most`` from the given one; the tag itself if none is newer."""
    mine = _parsed(tag)
    if mine is None:
        return tag
    found, _ = _newer(mine, tags, policy)
    return next((other.text for other in reversed(found) if within(_step(mine, other), most)), tag)


def versions(tags: Iterable[str]) -> list[str]:
    """Returns the tags that are released versions, the newest first."""
    found = [one for text in tags if comparable(text) and (one := _parsed(text)) and one.released]
    return [one.text for one in sorted(found, key=lambda one: (one.version, one.text), reverse=True)]


def listed(tag: str, tags: Iterable[str]) -> list[Listed]:
    """Returns all tags: newer ones, the same major version first, then candidates, older and incomparable ones.

    Within each group the newest comes first.
    """
    mine = _parsed(tag) if comparable(tag) else None
    parsed = {text: _parsed(text) for text in set(tags) | {tag}}
    alike = [one for one in parsed.values() if one and mine and one.shape == mine.shape]
    steps = [Listed(one.text, _step(mine, one)) for one in sorted(alike, key=lambda o: o.order, reverse=True) if mine]
    same = {one.text for one in alike}
    others = sorted((text for text in parsed if text not in same), key=lambda text: _loose(parsed[text], text))
    rest = [Listed(text, VersionStep.SAME if text == tag else VersionStep.OTHER) for text in others]
    steps.sort(key=lambda one: _PLACES.get(one.step, 0))
    return [*steps, *rest]


def _loose(found: _Tag | None, text: str) -> tuple[bool, list[int], str]:
    """Returns the sort key of an incomparable tag: moving tags first, then by descending numbers."""
    return (not moves(text), [-number for number in found.version[:4]] if found else [], text)


def _newer(mine: _Tag, tags: Iterable[str], policy: Policy) -> tuple[list[_Tag], list[_Tag]]:
    """Returns the newer tags that a policy allows, in ascending order, and the newer candidates separately."""
    texts = {text for text in tags if policy.allows(text)} - {mine.text}
    alike = [other for text in texts if (other := _parsed(text)) and other.shape == mine.shape]
    alike = [other for other in _spelled_alike(mine, alike) if not _ignored(other, policy)]
    releases = _fitting(mine, [other for other in alike if other.released])
    candidates = [
        other
        for other in _fitting(mine, [other for other in alike if not other.released])
        if all(other.order > one.order for one in (*releases, mine) if one.version[0] == other.version[0])
    ]
    found = sorted((*releases, *candidates) if not mine.released else releases, key=lambda other: other.order)
    found = [other for other in found if within(_step(mine, other), policy.track)]
    apart = sorted(candidates, key=lambda other: other.order) if mine.released else []
    return found, [other for other in apart if within(_distance(mine, other), policy.track)]


def _ignored(other: _Tag, policy: Policy) -> bool:
    ignored = _parsed(policy.ignore) if policy.ignore else None
    if ignored is None or ignored.shape != other.shape:
        return other.text == policy.ignore
    return other.order <= ignored.order


def _step(mine: _Tag, other: _Tag) -> VersionStep:
    """Returns the step from one tag to another of the same shape."""
    if other.order <= mine.order:
        return VersionStep.SAME if other.order == mine.order else VersionStep.OLDER
    return _distance(mine, other) if other.released or not mine.released else VersionStep.CANDIDATE


def _distance(mine: _Tag, other: _Tag) -> VersionStep:
    if mine.version[0] != other.version[0]:
        return VersionStep.MAJOR
    return VersionStep.PATCH if mine.version[:2] == other.version[:2] else VersionStep.MINOR


def telling(tag: str, tags: tuple[str, ...]) -> tuple[str, ...]:
    """Returns a short selection of newer tags: all if few, else the newest of the same major version and of all."""
    if len(tags) <= _SPOKEN:
        return tags
    mine = _parsed(tag)
    same = [text for text in tags if mine and (one := _parsed(text)) and one.version[0] == mine.version[0]]
    return tuple(dict.fromkeys((*same[-1:], tags[-1])))


def _main(tag: str) -> re.Match[str] | None:
    """Finds the version in a tag: the first number that begins a word, else the first one."""
    found = list(_NUMBERS.finditer(tag))
    return next((one for one in found if _WORD.search(tag[: one.start()])), found[0] if found else None)


def _parsed(tag: str) -> _Tag | None:
    main = _main(tag)
    if main is None or any(_HASH.fullmatch(word) for word in re.split(r"[-._+]", tag)):
        return None
    digits = re.findall(r"\d+", main[0])
    if any(len(number) > _LONGEST for number in re.findall(r"\d+", tag)):
        return None
    prefix, rest = tag[: main.start()], tag[main.end() :]
    plain = not (_WORD.search(prefix) and prefix[-1:] in ("v", "V"))
    candidate: tuple[int, ...] = _RELEASED
    if mark := _CANDIDATE.search(rest):
        word = (mark["word"] or mark["letter"]).lower()
        candidate = (_RANKS.get(word, 0), *(int(number) for number in (mark["numbers"] or "0").split(".")))
        rest = rest[: mark.start()] + rest[mark.end() :]
    shape, numbers = _variant(rest)
    form = re.sub(r"\d+", "#", main[0]) + " ".join(_kind(number, at) for at, number in enumerate(digits))
    return _Tag(
        tag,
        (prefix if plain else prefix[:-1], form, shape),
        plain,
        tuple(int(number) for number in digits),
        candidate,
        numbers,
    )


def _kind(number: str, place: int) -> str:
    """Returns the kind of a number, so that dates are not compared with versions."""
    if int(number[:4]) in _YEARS and (len(number) >= 6 or (len(number) == 4 and not place)):  # noqa: PLR2004 - YYYYMM
        return f"date{len(number)}"
    return f"long{len(number)}" if len(number) >= 8 else ""  # noqa: PLR2004 - a time in seconds, or a build


def _variant(rest: str) -> tuple[str, tuple[tuple[int, ...], ...]]:
    """Returns a variant with a # for each number that may differ, and these numbers."""
    shape, numbers, end = "", [], 0
    for group in _GROUP.finditer(rest):
        word = re.split(r"[-._+]", group["text"].rstrip("-._+"))[-1].lower()
        shape += group["text"]
        if word in _MOVES:
            shape += "#"
            numbers.append(tuple(int(number) for number in group["numbers"].split(".")))
        else:
            shape += group["numbers"]
        end = group.end()
    return shape + rest[end:], tuple(numbers)


def _spelled_alike(mine: _Tag, others: Iterable[_Tag]) -> list[_Tag]:
    """Returns one tag per version: of `v1.3` and `1.3` the one that is spelled like ``mine``."""
    found: dict[object, _Tag] = {}
    for other in sorted(others, key=lambda one: (one.plain != mine.plain, len(one.text), one.text)):
        found.setdefault(other.order, other)
    return list(found.values())


def _fitting(mine: _Tag, others: Iterable[_Tag]) -> list[_Tag]:
    """Returns the newer tags, without variants on an older base system if the version has another variant."""
    found: dict[object, list[_Tag]] = {}
    for other in others:
        if other.order > mine.order:
            found.setdefault((other.version, other.candidate), []).append(other)
    return [
        other
        for several in found.values()
        for other in (
            [one for one in several if one.variant >= mine.variant] or [max(several, key=lambda o: o.variant)]
        )
    ]


def _shortened(mine: _Tag, found: list[_Tag]) -> tuple[str, ...]:
    if len(found) > MOST:
        same = [other for other in found if other.version[0] == mine.version[0]][-MOST // 2 :]
        rest = [other for other in found if other not in same]
        found = [*same, *rest[len(same) - MOST :]]
    return tuple(other.text for other in found)
