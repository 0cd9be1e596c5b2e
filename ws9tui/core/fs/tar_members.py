"""Builds the members of a tar archive as bytes, to be written one after the other."""

from __future__ import annotations

import tarfile

END = bytes(2 * tarfile.BLOCKSIZE)


def header(name: str, size: int, mode: int = 0o644) -> bytes:
    """Returns the header that precedes a member's content."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, mode
    return entry.tobuf(tarfile.GNU_FORMAT)


def padding(size: int) -> bytes:
    """Returns the padding that follows so many bytes of content."""
    return bytes(-size % tarfile.BLOCKSIZE)


def member(name: str, body: bytes, mode: int = 0o644) -> bytes:
    """Returns a complete member: header, content, padding."""
    return header(name, len(body), mode) + body + padding(len(body))
