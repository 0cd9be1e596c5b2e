"""Limits for image archives: a crafted one may be meant to exhaust memory or disk.

`docker save` writes short headers, no sparse files and no global headers.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import Any, NoReturn

from ws9tui.problems import reasons_files
from ws9tui.problems.problem import Reason

_LONGEST_HEADER = 16 << 10
_MOST_GLOBAL = 100
_EXTENDED = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)
_RATIO = 100
_UNSUSPICIOUS = 1 << 30
"""bytes that any compressed file may unpack to"""


class OversizedError(Exception):
    """An archive exceeds the limits of an image archive."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Header(tarfile.TarInfo):
    """A member's header, which checks the sizes of extension headers before `tarfile` reads them into memory."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _EXTENDED and self.size > _LONGEST_HEADER:
            raise OversizedError(reasons_files.HeaderTooLong(size=self.size))
        if self.type == tarfile.GNUTYPE_SPARSE:
            self._with_holes()
        if len(tar.pax_headers) > _MOST_GLOBAL:
            raise OversizedError(reasons_files.HeadersTooMany())
        found: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc] # not told to type checkers
        return found

    def _with_holes(self, *_: Any) -> NoReturn:  # noqa: ANN401 - whatever tarfile hands over
        raise OversizedError(reasons_files.SparseFile())

    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _with_holes


def headers(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yields the headers of an archive one after the other, keeping none."""
    while (entry := tar.next()) is not None:
        tar.members.clear()  # type: ignore[attr-defined] # not told to type checkers
        yield entry


def check_growth(size: int, unpacked: int) -> None:
    """Raises `OversizedError` if a compressed file of this size unpacks to more than a layer would."""
    if unpacked > max(_UNSUSPICIOUS, _RATIO * size):
        raise OversizedError(reasons_files.UnpacksToMore(size=size, unpacked=unpacked))
