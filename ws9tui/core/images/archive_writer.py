"""Writes one image of an archive as an archive of its own, under a tag of the wizard's, verifying it while reading.

The engine gets the same content as from the archive itself, except the tags: loading would move those that the archive
has. A digest mismatch ends the stream early. Only the last member names the layers before it, so that an engine creates
no image from a stream that ended early.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import tarfile
import zlib
from collections.abc import Iterator

from ws9tui.core.blocking import StoppedError
from ws9tui.core.fs.tar_bounds import check_growth
from ws9tui.core.fs.tar_members import END, header, member, padding
from ws9tui.core.images import archive
from ws9tui.core.images.archive import BLOB, ArchivedImage, ArchivedLayer
from ws9tui.problems import reasons_files

_PIECE = 256 * 1024
_GZIP = b"\x1f\x8b"
_OTHER_COMPRESSION = (b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ")


class ImageStream:
    """The bytes of one image under a tag; iterating reads the archive and raises `Refused` if it is damaged.

    The caller iterates in a thread. ``sent`` grows meanwhile, up to ``total`` bytes.
    """

    def __init__(self, image: ArchivedImage, tag: str) -> None:
        self.image = image
        self.tag = tag
        self.sent = 0
        self._stopped = False
        self._names = {layer.member: _layer_name(layer, n) for n, layer in enumerate(image.layers)}
        self._tail = b"".join(member(name, body) for name, body in self._documents().items()) + END
        sizes = {layer.member: layer.size for layer in image.layers}.values()
        self.total = len(self._tail) + sum(tarfile.BLOCKSIZE + size + len(padding(size)) for size in sizes)

    def stop(self) -> None:
        """Ends the reading from another thread: the iteration raises `StoppedError`."""
        self._stopped = True

    def __iter__(self) -> Iterator[bytes]:
        """Yields the archive piece by piece."""
        for piece in self._pieces():
            self.sent += len(piece)
            yield piece

    def _check(self) -> None:
        if self._stopped:
            raise StoppedError

    def _pieces(self) -> Iterator[bytes]:
        wanted = {layer.member: layer for layer in self.image.layers}
        with archive.opened(self.image.path, self._check) as tar:
            while wanted and (entry := tar.next()) is not None:
                name = posixpath.normpath(entry.name)
                layer = wanted.get(name)
                if layer is None or not entry.isreg():
                    continue
                del wanted[name]
                if entry.size != layer.size:
                    raise archive.damaged(self.image.path, reasons_files.MemberChanged(member=name))
                yield header(self._names[name], layer.size)
                yield from self._layer(tar, entry, layer)
                yield padding(layer.size)
        if wanted:
            raise archive.damaged(self.image.path, reasons_files.MemberMissing(member=next(iter(wanted))))
        yield self._tail

    def _layer(self, tar: tarfile.TarFile, entry: tarfile.TarInfo, layer: ArchivedLayer) -> Iterator[bytes]:
        file = tar.extractfile(entry)
        check = _Check(layer.size)
        left = layer.size
        while file is not None and left and (piece := file.read(min(_PIECE, left))):
            left -= len(piece)
            check.add(piece)
            yield piece
        if left:
            raise EOFError
        blob = BLOB.fullmatch(layer.member)
        right = check.unpacked in (layer.diff_id, "") and (blob is None or check.packed == f"sha256:{blob[1]}")
        if not right:
            raise archive.damaged(self.image.path, reasons_files.DigestOther(member=layer.member))

    def _documents(self) -> dict[str, bytes]:
        """Returns all members but the layers, by their names in the written archive."""
        image = self.image
        config = f"blobs/sha256/{image.ids[0].removeprefix('sha256:')}"
        layers = [self._names[layer.member] for layer in image.layers]
        entry = {"Config": config, "RepoTags": [self.tag], "Layers": layers}
        found = {archive.MANIFEST: json.dumps([entry]).encode(), config: image.config}
        if image.documents:
            found |= {archive.LAYOUT: b'{"imageLayoutVersion":"1.0.0"}', archive.INDEX: archive.index(image, self.tag)}
            found |= {f"blobs/{digest.replace(':', '/')}": body for digest, body in image.documents.items()}
        return found


class _Check:
    """The digests of a layer, compressed and uncompressed; the latter is empty for compressions other than gzip."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._became = 0
        self._packed = hashlib.sha256()
        self._unpacked = hashlib.sha256()
        self._gzip: zlib._Decompress | None = None
        self._known: bool | None = None

    def add(self, piece: bytes) -> None:
        """Adds the next bytes."""
        self._packed.update(piece)
        if self._known is None:
            self._known = not piece.startswith(_OTHER_COMPRESSION)
            self._gzip = zlib.decompressobj(31) if piece.startswith(_GZIP) else None
        if not self._gzip:
            self._unpacked.update(piece)
            return
        while piece:
            became = self._gzip.decompress(piece, _PIECE)
            self._became += len(became)
            check_growth(self._size, self._became)
            self._unpacked.update(became)
            piece = self._gzip.unused_data if self._gzip.eof else self._gzip.unconsumed_tail
            if self._gzip.eof:
                self._gzip = zlib.decompressobj(31)

    @property
    def packed(self) -> str:
        """The digest of the bytes as they are stored."""
        return f"sha256:{self._packed.hexdigest()}"

    @property
    def unpacked(self) -> str:
        """The digest of the uncompressed tar; empty if it cannot be uncompressed here, which the engine checks."""
        return f"sha256:{self._unpacked.hexdigest()}" if self._known is not False else ""


def _layer_name(layer: ArchivedLayer, number: int) -> str:
    """Returns a name unique to the content: the containerd image store resumes partial content under the same name."""
    own = f"{number}-{layer.size}-{layer.diff_id.removeprefix('sha256:')}/layer.tar"
    return layer.member if BLOB.fullmatch(layer.member) else own
