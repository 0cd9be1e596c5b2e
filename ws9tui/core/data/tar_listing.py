"""Lists a tar archive from its chunks: number of entries, time of the newest change, and a hash of all entries.

Engine versions write the same files as different bytes (kind of headers, bits of a mode), so the hash covers what the
entries mean: type, name, owner, mode, time in seconds, target, extended attributes, and content. It does not depend on
the order of the entries.

Headers are parsed as Go's archive/tar writes them: ustar, PAX records, and GNU's long names.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator

_BLOCK = 512
_PAX, _PAX_GLOBAL = b"x", b"g"
_LONG_NAME, _LONG_LINK = b"L", b"K"
"""GNU tar's entries whose content is the next entry's name or link target"""
_REGULAR = (b"0", b"\0", b"7")
_META = (_PAX, _PAX_GLOBAL, _LONG_NAME, _LONG_LINK)
_FOLDER = b"5"
_DEVICES = (b"3", b"4")
_BASE_256 = 0x80
_PERMISSIONS = 0o7777
_MOST_META = 4 << 20
"""maximum bytes of one entry's PAX records"""
_XATTR = b"SCHILY.xattr."


class TarListing:
    """A running summary of an archive that `feed` receives in chunks."""

    def __init__(
        self,
        since: float | None = None,
        *,
        without: Iterable[str] = (),
        put: Callable[[bytes], None] | None = None,
    ) -> None:
        self._since = since
        self._without = tuple(map(os.fsencode, without))
        """paths below the top folder that are ignored, with everything in them"""
        self._put = put
        """receives the archive without these paths"""
        self._held = bytearray()
        """headers of the next entry, held until it is known whether that is ignored"""
        self._dropped = False
        self._header = bytearray()
        self._left = 0
        """remaining bytes of the current entry's content"""
        self._padding = 0
        self._meta: bytearray | None = None
        """content that describes the next entry"""
        self._kind = b""
        self._pax: dict[bytes, bytes] = {}
        self._fields: list[bytes] = []
        """metadata of the current entry"""
        self._content = hashlib.sha256()
        self._sum = 0
        self.entries = 0
        """number of entries, without the top folder and the parents of ignored paths"""
        self.newest = 0.0
        """Unix time of the newest modification of a file"""
        self.changed = 0
        """number of files modified after ``since``"""

    @property
    def digest(self) -> str:
        """The hash of all entries, valid at the end of the archive."""
        return f"{self._sum:064x}"

    def feed(self, chunk: bytes) -> None:
        """Processes the next bytes of the archive."""
        view = memoryview(chunk)
        while view:
            if self._left:
                taken = min(self._left, len(view))
                self._take(view[:taken])
                self._pass_on(view[:taken])
                self._left -= taken
                if not self._left:
                    self._end()
            elif self._padding:
                taken = min(self._padding, len(view))
                self._pass_on(view[:taken])
                self._padding -= taken
            else:
                taken = min(_BLOCK - len(self._header), len(view))
                self._header += view[:taken]
                if len(self._header) == _BLOCK:
                    block, self._header = bytes(self._header), bytearray()
                    self._begin(block)
            view = view[taken:]

    def _pass_on(self, piece: bytes | memoryview) -> None:
        if self._put is None or self._dropped:
            return
        if self._kind in _META:
            self._held += piece
            return
        self._put(bytes(self._held) + bytes(piece))
        self._held.clear()

    def _take(self, piece: memoryview) -> None:
        if self._meta is None:
            self._content.update(piece)
        elif len(self._meta) < _MOST_META:
            self._meta += piece

    def _begin(self, block: bytes) -> None:
        """Processes a header block."""
        if not block.strip(b"\0"):
            self._kind, self._dropped = b"", False
            self._pass_on(block)
            return
        self._kind = block[156:157]
        size = _number(block[124:136])
        if self._kind in _META:
            self._meta, self._dropped = bytearray(), False
        else:
            size = self._entry(block, size)
        self._pass_on(block)
        self._left, self._padding = size, -size % _BLOCK
        if not size:
            self._end()

    def _entry(self, block: bytes, size: int) -> int:
        """Records an entry's metadata and returns the size of its content."""
        pax, self._pax = self._pax, {}
        kind = b"0" if self._kind in _REGULAR else self._kind
        size = _whole(pax.get(b"size"), size) if kind == b"0" else 0
        at = float(_whole(pax.get(b"mtime"), _number(block[136:148])))
        name = pax.get(b"path") or _name(block)
        below = name.partition(b"/")[2].rstrip(b"/")
        self._dropped = any(below == one or below.startswith(one + b"/") for one in self._without)
        if self._dropped:
            self._held.clear()
            return size
        self._fields = [
            kind,
            name.rstrip(b"/"),
            b"%o" % (_number(block[100:108]) & _PERMISSIONS),
            b"%d" % _whole(pax.get(b"uid"), _number(block[108:116])),
            b"%d" % _whole(pax.get(b"gid"), _number(block[116:124])),
            b"%d" % int(at),
            b"%d" % size,
            pax.get(b"linkpath") or block[157:257].rstrip(b"\0"),
            *([block[329:345]] if kind in _DEVICES else []),
            *(b"%s=%s" % entry for entry in sorted(pax.items()) if entry[0].startswith(_XATTR)),
        ]
        self._content = hashlib.sha256()
        top = kind == _FOLDER and b"/" not in name.rstrip(b"/") and self.entries == 0
        self.entries += not (top or any(one.startswith(below + b"/") for one in self._without))
        if kind != _FOLDER:  # a folder's time changes with its entries
            self.newest = max(self.newest, at)
            self.changed += self._since is not None and at > self._since
        return size

    def _end(self) -> None:
        """Completes an entry at the end of its content."""
        if self._meta is None:
            if self._dropped:
                return
            said = hashlib.sha256(b"\0".join(b"%d:%s" % (len(field), field) for field in self._fields))
            said.update(self._content.digest())
            self._sum = (self._sum + int.from_bytes(said.digest())) % (1 << 256)
            return
        meta, self._meta = bytes(self._meta), None
        if self._kind == _PAX:
            self._pax |= _records(meta)
        elif self._kind in (_LONG_NAME, _LONG_LINK):
            self._pax[b"path" if self._kind == _LONG_NAME else b"linkpath"] = meta.rstrip(b"\0")


def pieces_without(chunks: Iterable[bytes], without: Iterable[str]) -> Iterator[bytes]:
    """Yields an archive without these paths below its top folder, and without everything in them."""
    kept: list[bytes] = []
    listing = TarListing(without=without, put=kept.append)
    for chunk in chunks:
        listing.feed(chunk)
        yield b"".join(kept)
        kept.clear()


def _name(block: bytes) -> bytes:
    """Returns the name in a header; GNU's format has no prefix field."""
    name, prefix = block[:100].rstrip(b"\0"), block[345:500].rstrip(b"\0")
    return prefix + b"/" + name if prefix and block[257:263] == b"ustar\0" else name


def _number(field: bytes) -> int:
    """Parses a number of a header: octal, or big-endian with the first bit set."""
    if field and field[0] & _BASE_256:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    text = field.strip(b"\0 ")
    return int(text, 8) if text.isdigit() and not set(text) & {0x38, 0x39} else 0


def _whole(text: bytes | None, otherwise: int) -> int:
    """Parses the whole part of a number in a PAX record."""
    whole = text.partition(b".")[0] if text else b""
    return int(whole) if whole.lstrip(b"-").isdigit() else otherwise


def _records(text: bytes) -> dict[bytes, bytes]:
    """Parses PAX records, as in ``20 size=8589934592``."""
    found: dict[bytes, bytes] = {}
    while text:
        length, _, _ = text.partition(b" ")
        if not length.isdigit() or not 0 < int(length) <= len(text):
            break
        record, text = text[: int(length)], text[int(length) :]
        key, _, value = record.partition(b" ")[2].removesuffix(b"\n").partition(b"=")
        found[key] = value
    return found
