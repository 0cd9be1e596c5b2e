"""What a tar archive that passes by in chunks lists: how many entries, and when the newest was changed.

Only headers are looked at: ustar, with the size of a large file in a PAX record, as Go's archive/tar writes them.
"""

from __future__ import annotations

_BLOCK = 512
_PAX, _PAX_GLOBAL = b"x", b"g"
_LONG_NAMES = (b"L", b"K")
"""of GNU's tar: their content is the name of the next entry"""
_BASE_256 = 0x80


class TarListing:
    """Feed it the archive; it counts."""

    def __init__(self, since: float | None = None) -> None:
        self._since = since
        self._buffer = bytearray()
        self._skip = 0
        self._pax_left = 0
        self._pax = bytearray()
        self._size: int | None = None
        """of the next entry, from a PAX record"""
        self.entries = 0
        """without the top folder"""
        self.newest = 0.0
        """Unix time of the newest change of a file"""
        self.changed = 0
        """files changed after ``since``"""

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the archive."""
        if self._skip >= len(chunk) and not self._buffer:
            self._skip -= len(chunk)
            return
        self._buffer += chunk
        start = 0
        while True:
            if self._skip:
                taken = min(self._skip, len(self._buffer) - start)
                self._skip -= taken
                start += taken
            if self._skip or len(self._buffer) - start < _BLOCK:
                break
            if self._pax_left:
                start += self._take_pax(start)
            else:
                self._header(bytes(self._buffer[start : start + _BLOCK]))
                start += _BLOCK
        del self._buffer[:start]

    def _take_pax(self, start: int) -> int:
        wanted = min(self._pax_left, _BLOCK)
        self._pax += self._buffer[start : start + wanted]
        self._pax_left -= wanted
        if not self._pax_left:
            self._size = _pax_size(bytes(self._pax))
        return _BLOCK

    def _header(self, block: bytes) -> None:
        if not block.strip(b"\0"):
            return
        kind = block[156:157]
        size = _number(block[124:136])
        if kind in (_PAX, _PAX_GLOBAL):
            self._pax_left, self._pax = size, bytearray()
            return
        if kind in _LONG_NAMES:
            self._skip = -(-size // _BLOCK) * _BLOCK
            return
        if self._size is not None:
            size, self._size = self._size, None
        self._skip = -(-size // _BLOCK) * _BLOCK if kind in (b"0", b"\0", b"7") else 0
        name = block[:100].rstrip(b"\0").rstrip(b"/")
        if b"/" not in name and not block[345:500].strip(b"\0") and self.entries == 0 and kind == b"5":
            return
        self.entries += 1
        if kind == b"5":  # a folder changes with what is in it
            return
        at = float(_number(block[136:148]))
        self.newest = max(self.newest, at)
        if self._since is not None and at > self._since:
            self.changed += 1


def _number(field: bytes) -> int:
    """A number as tar writes it: octal, or big-endian with the first bit set."""
    if field and field[0] & _BASE_256:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    text = field.strip(b"\0 ")
    return int(text, 8) if text.isdigit() and not set(text) & {0x38, 0x39} else 0


def _pax_size(records: bytes) -> int | None:
    """The size that PAX records give, as in ``20 size=8589934592``."""
    found = None
    while records:
        length, _, _ = records.partition(b" ")
        if not length.isdigit() or not 0 < int(length) <= len(records):
            break
        record, records = records[: int(length)], records[int(length) :]
        key, _, value = record.partition(b" ")[2].rstrip(b"\n").partition(b"=")
        if key == b"size" and value.isdigit():
            found = int(value)
    return found
