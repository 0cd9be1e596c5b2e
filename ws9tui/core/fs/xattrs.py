"""File metadata that the engine's archives omit: extended attributes, ACLs, holes of sparse files.

They are read from and restored to the folder itself, if it is on this machine; a backup keeps them in a separate file
beside the archive. `security.capability` is in the archive; SELinux labels and signatures (IMA, EVM) belong to the
machine, not to the data.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

import msgspec

_OF_DATA = ("user.", "trusted.", "security.", "system.posix_acl_")
_NOT_OF_DATA = frozenset({"security.capability", "security.selinux", "security.ima", "security.evm"})


class Extras(msgspec.Struct, frozen=True):
    """The extra metadata of one file or folder."""

    path: bytes
    """relative to the mount, empty for the mount's own folder"""
    xattrs: dict[str, bytes] = {}
    data: tuple[tuple[int, int], ...] | None = None
    """ranges with data in a sparse file, each as (start, end) with end excluded; None: the file is not sparse"""
    size: int = 0
    """of a sparse file, in bytes"""

    @property
    def holes(self) -> tuple[tuple[int, int], ...]:
        """The ranges without data."""
        if self.data is None:
            return ()
        edges = [0, *(edge for part in self.data for edge in part), self.size]
        return tuple((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


def is_of_data(xattr: str) -> bool:
    """Whether an extended attribute belongs to the data and is not already in the archive."""
    return xattr.startswith(_OF_DATA) and xattr not in _NOT_OF_DATA


def encode(found: Iterable[Extras]) -> bytes:
    """Encodes extras as a backup keeps them; equal extras give equal bytes."""
    return msgspec.json.encode(sorted(found, key=lambda one: one.path), order="deterministic")


def decode(content: bytes) -> tuple[Extras, ...]:
    """Decodes what `encode` returned; raises `ValueError`."""
    return msgspec.json.decode(content, type=tuple[Extras, ...])


def outside(found: Iterable[Extras], without: Iterable[str]) -> tuple[Extras, ...]:
    """Returns the extras without those of these paths and of everything below them."""
    paths = [os.fsencode(path) for path in without]
    return tuple(
        one for one in found if not any(one.path == path or one.path.startswith(path + b"/") for path in paths)
    )


def same_xattrs(one: Iterable[Extras], other: Iterable[Extras]) -> bool:
    """Whether the same files have the same extended attributes."""
    first, second = ({extras.path: extras.xattrs for extras in found if extras.xattrs} for found in (one, other))
    return first == second


def filled(wanted: Iterable[Extras], found: Iterable[Extras]) -> int:
    """Returns the number of sparse files that lack some of their wanted holes; their content is the same."""
    holes = {extras.path: extras.holes for extras in found}
    return sum(
        not all(_within(hole, holes.get(extras.path, ())) for hole in extras.holes) for extras in wanted if extras.holes
    )


def _within(hole: tuple[int, int], others: Iterable[tuple[int, int]]) -> bool:
    return any(start <= hole[0] and hole[1] <= end for start, end in others)
