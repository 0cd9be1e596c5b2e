"""Merges a text three ways by lines, as diff3 does: old release, new release, and the operator's own.

Line ends and a missing last one do not matter in the comparison. The merged text has the operator's line ends. It may
be invalid as YAML: Compose has to read it before it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

import msgspec


class TextMerge(msgspec.Struct, frozen=True):
    """The merge of a text."""

    unchanged: bool
    """the operator's text equals the old release's, so that the new one can replace it"""
    text: str | None
    """the merged text; None if there is a conflict"""


def same(one: str, other: str) -> bool:
    """Whether two texts have the same lines, whatever their line ends."""
    return _lines(one) == _lines(other)


def merge(old: str | None, new: str, ours: str) -> TextMerge:
    """Merges a text; without the old release any difference between the other two is a conflict."""
    if old is None:
        return TextMerge(unchanged=False, text=ours if same(new, ours) else None)
    if same(old, ours):
        return TextMerge(unchanged=True, text=new)
    return TextMerge(unchanged=False, text=_merged(old, new, ours))


def _merged(old: str, new: str, ours: str) -> str | None:
    """Returns the merged text, with the operator's lines unchanged to the byte; None if there is a conflict."""
    newline = "\r\n" if "\r\n" in ours else "\n"
    kept = _LINE.findall(ours)
    lines = _lines(old), _lines(new), _lines(ours)
    ends = (0, 0, 0)
    text = ""
    for *starts, size in _agreements(*lines):
        was, theirs, mine = (part[end:start] for part, end, start in zip(lines, ends, starts, strict=True))
        if mine in (was, theirs):
            pieces = [line + newline for line in theirs]
        elif theirs == was:
            pieces = kept[ends[2] : starts[2]]
        else:
            return None
        for piece in (*pieces, *kept[starts[2] : starts[2] + size]):
            if text and not text.endswith("\n"):
                text += newline
            text += piece
        ends = (starts[0] + size, starts[1] + size, starts[2] + size)
    return text


_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def _lines(text: str) -> list[str]:
    """Returns the lines without their ends; unlike `splitlines` only at newlines."""
    return [line.removesuffix("\n").removesuffix("\r") for line in _LINE.findall(text)]


def _agreements(old: list[str], new: list[str], ours: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yields blocks of lines common to all three: position in each, and length; finally the ends of all."""
    to_new = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    to_ours = SequenceMatcher(None, old, ours, autojunk=False).get_matching_blocks()
    i = j = 0
    while i < len(to_new) and j < len(to_ours):
        one, other = to_new[i], to_ours[j]
        start = max(one.a, other.a)
        end = min(one.a + one.size, other.a + other.size)
        if end > start:
            yield start, one.b + start - one.a, other.b + start - other.a, end - start
        if one.a + one.size < other.a + other.size:
            i += 1
        else:
            j += 1
    yield len(old), len(new), len(ours), 0
