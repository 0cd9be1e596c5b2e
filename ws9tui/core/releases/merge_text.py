"""Three-way merge of a text by lines, as diff3 does it: old release, new release, and the operator's own.

Line ends and a missing last one make no difference when lines are compared. What is merged has the operator's line
ends. It need not make sense as YAML: Compose has to read it before it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal

import msgspec

Kind = Literal["same", "release", "own", "both", "conflict"]
"""same: nobody changed it. release: the release did. own: the operator did. both: both did, and alike."""


class Hunk(msgspec.Struct, frozen=True):
    """A piece of the three texts; lines without their ends, and the number of each first line, from 1 on."""

    kind: Kind
    old: tuple[str, ...]
    new: tuple[str, ...]
    ours: tuple[str, ...]
    old_line: int
    new_line: int
    our_line: int


class TextMerge(msgspec.Struct, frozen=True):
    """The merge of a text."""

    unchanged: bool
    """the operator's text is the old release's, so that the new one can simply take its place"""
    text: str | None
    """the merged text; None where there is a conflict"""
    hunks: tuple[Hunk, ...]
    """all pieces, in order"""

    @property
    def conflicts(self) -> tuple[Hunk, ...]:
        """The pieces that both have changed, each in another way."""
        return tuple(hunk for hunk in self.hunks if hunk.kind == "conflict")


def same(one: str, other: str) -> bool:
    """Whether two texts have the same lines, however these end."""
    return _lines(one) == _lines(other)


def merge(old: str | None, new: str, ours: str) -> TextMerge:
    """Merges a text; without the old release every difference between the two others is a conflict."""
    new_lines, our_lines = _lines(new), _lines(ours)
    if old is None:
        hunks = tuple(_two_way(new_lines, our_lines))
    else:
        hunks = tuple(_hunks(_lines(old), new_lines, our_lines))
        if same(old, ours):
            return TextMerge(unchanged=True, text=new, hunks=hunks)
    if any(hunk.kind == "conflict" for hunk in hunks):
        return TextMerge(unchanged=False, text=None, hunks=hunks)
    return TextMerge(unchanged=False, text=_joined(hunks, ours), hunks=hunks)


def _joined(hunks: Sequence[Hunk], ours: str) -> str:
    """The merged text, in which the operator's lines are as they were to the byte."""
    newline = "\r\n" if "\r\n" in ours else "\n"
    kept = re.findall(r"[^\n]*\n|[^\n]+", ours)
    text = ""
    for hunk in hunks:
        if hunk.kind in ("release", "both"):
            pieces = [line + newline for line in hunk.new]
        else:
            pieces = kept[hunk.our_line - 1 : hunk.our_line - 1 + len(hunk.ours)]
        for piece in pieces:
            if text and not text.endswith("\n"):
                text += newline
            text += piece
    return text


def _lines(text: str) -> list[str]:
    """The lines without their ends; unlike `splitlines` it takes no other character for one."""
    return [line.removesuffix("\n").removesuffix("\r") for line in re.findall(r"[^\n]*\n|[^\n]+", text)]


def _two_way(new: list[str], ours: list[str]) -> Iterator[Hunk]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, new, ours, autojunk=False).get_opcodes():
        theirs, mine = tuple(new[i1:i2]), tuple(ours[j1:j2])
        kind: Kind = "same" if tag == "equal" else "conflict"
        yield Hunk(kind, theirs if kind == "same" else (), theirs, mine, i1 + 1, i1 + 1, j1 + 1)


def _hunks(old: list[str], new: list[str], ours: list[str]) -> Iterator[Hunk]:
    """The texts cut where all three agree, and what stands between those places."""
    at_old = at_new = at_ours = 0
    for z, n, o, size in _agreements(old, new, ours):
        if z > at_old or n > at_new or o > at_ours:
            yield _between(old[at_old:z], new[at_new:n], ours[at_ours:o], (at_old, at_new, at_ours))
        if size:
            lines = tuple(ours[o : o + size])
            yield Hunk("same", lines, lines, lines, z + 1, n + 1, o + 1)
        at_old, at_new, at_ours = z + size, n + size, o + size


def _between(old: list[str], new: list[str], ours: list[str], at: tuple[int, int, int]) -> Hunk:
    kind: Kind
    if new == ours:
        kind = "both"
    elif ours == old:
        kind = "release"
    elif new == old:
        kind = "own"
    else:
        kind = "conflict"
    return Hunk(kind, tuple(old), tuple(new), tuple(ours), at[0] + 1, at[1] + 1, at[2] + 1)


def _agreements(old: list[str], new: list[str], ours: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where the three have the same lines: position in each, and how many; last the ends of all."""
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
