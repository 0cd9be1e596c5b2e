"""Merges env files three ways: the operator's text, in which the release's keys change with the release.

A key's values in the installed release (`old`), in the new release (`new`), and in the operator's file (`ours`)
determine the result, in the words of `MergedKey.kind`:

    ours as in old                    moved to the new value; removed when the new release has dropped it
    ours set by the operator          kept; a conflict where the release changed it too; retained where it dropped it
    added by the operator             stays
    new in the release                added, with its default and the comment above it
    removed by the operator           absent: it stays out
    one of the release's version keys always moved to the release's; overruled where the operator had set another

Without the old release, version keys are the release's, all others the operator's. Nothing but those values and lines
changes: comments, order, quotes, line ends and bytes that are not UTF-8 (decoded with `surrogateescape`) stay. Values
may be secret; only `Conflict` and `Merge` hold them, and neither goes into an event.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

import msgspec

from ws9tui.core.compose import envfile
from ws9tui.core.compose.envfile import Assignment
from ws9tui.core.model.terms import MergedKey
from ws9tui.errors import UsageError
from ws9tui.problems.release import EnvUnmergeable

_VERSION_KEY = re.compile(r"(?:.*_)?(?:VERSION|IMAGE_TAG)", re.ASCII)
_ESCAPING = re.compile(r"[\\$'\"\r\n]")
_SPELLED = re.compile(r"[\\$'\"\r\n#]|^\s|\s$")
"""what an unquoted value cannot contain as it is"""


class Conflict(msgspec.Struct, frozen=True):
    """A key that both the release and the operator have changed; the values as written between the quotes."""

    key: str
    old: str
    ours: str
    new: str
    line: int
    """line number in the operator's text"""


class Merge(msgspec.Struct, frozen=True):
    """A merged env file; conflicting keys have the operator's values until it is `resolved`."""

    text: str
    release: str
    """the new release's text"""
    changes: tuple[MergedKey, ...] = ()
    """the result for each key, except those whose values all agree"""
    conflicts: tuple[Conflict, ...] = ()


def version_keys(text: str) -> frozenset[str]:
    """Returns the keys of a release's env file that set an image's version."""
    return frozenset(entry.name for entry in envfile.assignments(text) if _VERSION_KEY.fullmatch(entry.name))


def merge(old: str | None, new: str, ours: str, release_keys: Collection[str]) -> Merge:
    """Merges the operator's env file with a new release's; ``old`` is None if the installed release is unavailable.

    Raises `UsageError` if an unclosed quote prevents the merge.
    """
    if old == new:
        return Merge(ours, new)
    before, after, here = _last(old), _last(new), _last(ours)
    changes: list[MergedKey] = []
    conflicts: list[Conflict] = []
    text = ours
    for key, theirs in after.items():
        mine, base = here.get(key), before.get(key)
        if mine is None:
            if base is None or key in release_keys:
                text = _added(text, new, theirs)
                changes.append(MergedKey(key, "added"))
            else:
                changes.append(MergedKey(key, "absent"))
        elif not _same(mine, theirs):
            unchanged = base is not None and _same(mine, base)
            if key in release_keys or unchanged:
                text = _put(text, theirs)
                changes.append(MergedKey(key, "moved" if unchanged or old is None else "overruled"))
            elif base is None or _same(base, theirs):
                changes.append(MergedKey(key, "kept"))
            else:
                conflicts.append(Conflict(key, base.value, mine.value, theirs.value, mine.line))
    for key, base in before.items():
        if key in here and key not in after:
            mine = here[key]
            untouched = all(_same(entry, base) for entry in envfile.assignments(ours) if entry.name == key)
            if untouched:
                text = _removed(text, key)
            changes.append(MergedKey(key, "removed" if untouched else "retained"))
    _check(text, here, after, changes)
    return Merge(text, new, tuple(changes), tuple(conflicts))


def resolved(merged: Merge, moved: Collection[str]) -> str:
    """Returns the text with its conflicts decided: the keys in ``moved`` get the new release's value."""
    text, after = merged.text, _last(merged.release)
    for key in moved:
        text = _put(text, after[key])
    _check(text, _last(merged.text), after, [*merged.changes, *(MergedKey(key, "moved") for key in moved)])
    return text


def _last(text: str | None) -> dict[str, Assignment]:
    """Returns the last assignment of each key, which takes precedence, in the order of first appearance."""
    return {entry.name: entry for entry in envfile.assignments(text or "")}


def _same(one: Assignment, other: Assignment) -> bool:
    """Whether two assignments have the same value; quotes matter only if they affect its interpretation."""
    quotes_matter = _ESCAPING.search(one.value) is not None
    return one.value == other.value and (not quotes_matter or one.quote == other.quote)


def _put(text: str, theirs: Assignment) -> str:
    """Returns the text with the release's value for a key, in the operator's quotes if they can hold it."""
    mine = envfile.find(text, theirs.name)
    if mine is None:
        raise UsageError(EnvUnmergeable(key=theirs.name))
    start, end = mine.start, mine.end
    if mine.quote and not _ESCAPING.search(theirs.value):
        written = theirs.value
    else:
        quote = theirs.quote if theirs.quote and (mine.quote or _SPELLED.search(theirs.value)) else ""
        written = f"{quote}{theirs.value}{quote}"
        start, end = start - len(mine.quote), end + len(mine.quote)
    if not written and text[end : envfile.end_of_line(text, end)].lstrip(" ").startswith("#"):
        written = "''"  # otherwise the comment would become the value
    # A bare name, which passes the shell's value on, has no sign yet.
    sign = "" if mine.quote or text[: mine.start].rstrip(" \t").endswith(("=", ":")) else "="
    return text[:start] + sign + written + text[end:]


def _removed(text: str, key: str) -> str:
    """Returns the text without the lines of a key; the comment above it stays, since it is the operator's text."""
    for entry in reversed(envfile.assignments(text)):
        if entry.name == key:
            start, end = _lines_of(text, entry)
            text = text[:start] + text[end:]
    return text


def _added(text: str, new: str, theirs: Assignment) -> str:
    """Returns the text with a key of the release, after the key that it follows there, else at the end."""
    newline = "\r\n" if "\r\n" in text else "\n"
    start, end = _lines_of(new, theirs)
    block = [line for line in _comment_above(new, start) if not line or line not in _lines(text)]
    written = "".join(f"{line}{newline}" for line in block) + new[start:end].rstrip("\r\n")
    at = len(text)
    there = _last(text)
    for name in reversed(_names_before(new, theirs)):
        if name in there:
            at = _lines_of(text, there[name])[1]
            break
    if text[:at] and not text[:at].endswith("\n"):
        return text[:at] + newline + written + text[at:]
    return f"{text[:at]}{written}{newline}{text[at:]}"


def _names_before(text: str, last: Assignment) -> list[str]:
    return [entry.name for entry in envfile.assignments(text) if entry.start < last.start]


def _comment_above(text: str, at: int) -> list[str]:
    """Returns the lines of the comment that ends directly above a position, and the empty line above it."""
    lines = _lines(text[:at].removeprefix("\ufeff"))[:-1]
    count = 0
    while count < len(lines) and lines[-1 - count].lstrip().startswith("#"):
        count += 1
    if count and count < len(lines) and not lines[-1 - count].strip():
        count += 1
    return lines[len(lines) - count :]


def _lines(text: str) -> list[str]:
    """Returns the lines without their ends; unlike `splitlines` only at the line ends that Compose knows."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def _lines_of(text: str, entry: Assignment) -> tuple[int, int]:
    """Returns the start and end of an assignment's lines, the last line end included."""
    start = 0
    for _ in range(entry.line - 1):
        start = text.index("\n", start) + 1
    if start == 0 and text.startswith("\ufeff"):
        start = 1
    return start, min(envfile.end_of_line(text, entry.end) + 1, len(text))


def _check(
    text: str, here: Mapping[str, Assignment], after: Mapping[str, Assignment], done: Iterable[MergedKey]
) -> None:
    """Parses the result; raises `UsageError` unless each key has its intended value and no other came or went."""
    wanted = dict(here)
    for change in done:
        if change.kind in ("moved", "overruled", "added"):
            wanted[change.key] = after[change.key]
        elif change.kind == "removed":
            wanted.pop(change.key, None)  # after conflicts are resolved, the text lacks it already
    found = _last(text)
    for key in [*wanted, *found]:
        if key not in wanted or key not in found or not _same(found[key], wanted[key]):
            raise UsageError(EnvUnmergeable(key=key))
