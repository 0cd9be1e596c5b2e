"""Reads what `docker save` has written: the images of an archive, without loading it.

Two layouts are known. Both have a `manifest.json` that lists for each image its configuration, tags and layers; the
configuration's SHA-256 is the image ID. Engines up to 24 name the members after layers (`ID/layer.tar`, some of them
links to others); newer ones add an OCI image layout (`index.json`, `blobs/sha256/…`), whose manifest's digest is the
image ID with the containerd image store. Nothing is ever unpacked to disk.
"""

from __future__ import annotations

import io
import json
import lzma
import posixpath
import re
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ws9tui.core.blocking import Check
from ws9tui.core.fs.tar_bounds import Header, OversizedError, check_growth, headers
from ws9tui.core.model.bundle import LIST, Bundle
from ws9tui.core.model.observed import Image
from ws9tui.core.model.reference import Reference, digest_of
from ws9tui.errors import Refused, UsageError
from ws9tui.problems import reasons_files
from ws9tui.problems.archive import (
    ArchiveCompression,
    ArchiveDamaged,
    ArchiveFolderEmpty,
    ArchiveForeign,
    ArchiveMissing,
    ArchiveOversized,
    ArchiveUnreadable,
    ArchiveUnsafe,
)
from ws9tui.problems.problem import Reason

ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.zst")
"""of the files in a folder that count as archives"""
MANIFEST, INDEX, LAYOUT = "manifest.json", "index.json", "oci-layout"
_SMALL = 4 << 20
"""bytes up to which a member may be a manifest or a configuration"""
_ALL_SMALL = 64 << 20
_MOST_MEMBERS = 100_000
_MOST_LINKS = 8
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
BLOB = re.compile(r"blobs/sha256/([0-9a-f]{64})")
_HEX = re.compile(r"[0-9a-f]{64}")
_Manifests = dict[str, list[dict[str, Any]]]
_NAME = "io.containerd.image.name"


class ArchivedLayer(msgspec.Struct, frozen=True):
    """One layer of an archived image."""

    member: str
    """name of the archive's member, links followed"""
    size: int
    """bytes in the archive"""
    diff_id: str
    """sha256:… of the uncompressed tar"""


class ArchivedImage(msgspec.Struct, frozen=True):
    """One image of an archive."""

    path: str
    local: Image
    """the image as an engine would show it after loading"""
    ids: tuple[str, ...]
    """IDs that an engine may give the image: the digests of its configuration, its manifest and its indexes"""
    config: bytes
    layers: tuple[ArchivedLayer, ...]
    documents: dict[str, bytes] = {}
    """digest → content, of the image's manifest in an OCI layout and of the indexes that lead to it"""
    descriptor: dict[str, Any] = {}
    """of the outermost of these documents, without annotations: by it the containerd image store knows the image"""
    listed: bytes = b""
    """raw list, if the archive is a bundle; else empty"""
    bundle: Bundle | None = None
    """decoded list"""
    digest: str = ""
    """repository digest, as the bundle states it"""

    @property
    def file(self) -> str:
        """The archive's file name, without its folders."""
        return posixpath.basename(self.path)

    @property
    def proved(self) -> str:
        """The repository digest, if the archive contains the manifest with that digest; else empty."""
        return self.digest if self.digest in self.documents else ""

    @property
    def size(self) -> int:
        """The bytes of all layers in the archive, shared ones counted once."""
        return sum({layer.member: layer.size for layer in self.layers}.values())


class Archives(msgspec.Struct, frozen=True):
    """The images of all archives of a run."""

    images: tuple[ArchivedImage, ...]

    @property
    def bundles(self) -> dict[str, Bundle]:
        """Path → list, of the archives that are bundles."""
        return {image.path: image.bundle for image in self.images if image.bundle}

    def named(self, reference: Reference) -> list[ArchivedImage]:
        """Returns the different images with a tag; none for a reference with a digest, which no archive proves."""
        found: dict[str, ArchivedImage] = {}
        for image in self.images:
            if not reference.digest and any(tag.same_tag(reference) for tag in image.local.tags):
                found.setdefault(image.ids[0], image)
        return list(found.values())

    def with_id(self, image_id: str) -> ArchivedImage | None:
        """Returns the image that an engine knows by this ID; None if there is none."""
        return next((image for image in self.images if image_id in image.ids), None)


def find(paths: Sequence[str]) -> list[str]:
    """Returns the archives named by files and folders; raises `UsageError`, and `Refused` if a path is unreadable."""
    found: list[str] = []
    for path in map(Path, paths):
        try:
            found += _below(path)
        except OSError as error:
            raise Refused(ArchiveUnreadable(path=str(path), reason=error.strerror)) from error
    return list(dict.fromkeys(found))


def _below(path: Path) -> list[str]:
    if not path.is_dir():
        if not path.exists():
            raise UsageError(ArchiveMissing(path=str(path)))
        return [str(path)]
    inside = sorted(str(entry) for entry in path.iterdir() if entry.name.endswith(ENDINGS) and entry.is_file())
    if not inside:
        raise UsageError(ArchiveFolderEmpty(path=str(path)))
    return inside


def read(path: str, check: Check) -> list[ArchivedImage]:
    """Returns the images of one archive; raises `Refused` if the file is truncated, damaged or no archive of images.

    Layers are skipped, not read, where the file allows seeking.
    """
    small: dict[str, bytes] = {}
    sizes: dict[str, int] = {}
    links: dict[str, str] = {}
    kept = 0
    with opened(path, check) as tar:
        size = Path(path).stat().st_size
        for entry in headers(tar):
            check_growth(size, tar.offset)
            name = _inside(path, entry.name)
            kept += len(name) + len(entry.linkname)
            if len(sizes) > _MOST_MEMBERS or kept > _ALL_SMALL:
                raise foreign(path)
            if entry.issym() or entry.islnk():
                base = posixpath.dirname(name) if entry.issym() else ""
                links[name] = _inside(path, posixpath.join(base, entry.linkname))
            elif entry.isreg():
                sizes[name] = entry.size
                if entry.size <= _SMALL and (body := _document(tar, entry)):
                    small[name] = body
                    kept += len(body)
        _check_end(path, tar, size)
    members = _Members(path, small, sizes, links)
    if MANIFEST not in small:
        saved = any(name.endswith("/layer.tar") or BLOB.fullmatch(name) for name in sizes)
        raise damaged(path, reasons_files.EndsBeforeList()) if saved else foreign(path)
    return members.images()


@contextmanager
def opened(path: str, check: Check) -> Iterator[tarfile.TarFile]:
    """Opens an archive of any supported compression; raises `Refused` for every error while it is open."""
    try:
        with _Watched(path, check) as file:
            if file.read(len(_ZSTANDARD)) == _ZSTANDARD and "zst" not in tarfile.TarFile.OPEN_METH:
                raise Refused(ArchiveCompression(path=path))
            file.seek(0)
            with (
                io.BufferedReader(file, 1 << 20) as buffer,
                tarfile.open(fileobj=buffer, mode="r:*", tarinfo=Header) as tar,
            ):
                yield tar
    except OversizedError as error:
        raise Refused(ArchiveOversized(path=path, reason=error.reason)) from error
    except tarfile.ReadError as error:
        if "unexpected end of data" in str(error):
            raise damaged(path, reasons_files.CutShort()) from error
        raise foreign(path) from error
    except EOFError as error:
        raise damaged(path, reasons_files.CutShort()) from error
    except (tarfile.TarError, zlib.error, lzma.LZMAError, UnicodeError, RecursionError) as error:
        raise damaged(path, str(error)) from error
    except OSError as error:  # includes a gzip file with a wrong checksum
        if error.errno is None:
            raise damaged(path, str(error)) from error
        raise Refused(ArchiveUnreadable(path=str(path), reason=error.strerror)) from error


def foreign(path: str) -> Refused:
    """Returns the error for a file that is no archive of images."""
    return Refused(ArchiveForeign(path=path))


def damaged(path: str, reason: Reason | str) -> Refused:
    """Returns the error for an archive that is damaged or incomplete."""
    return Refused(ArchiveDamaged(path=path, reason=reason))


class _Watched(io.FileIO):
    """A file whose reading another thread can stop."""

    def __init__(self, path: str, check: Check) -> None:
        super().__init__(path, "rb")
        self._check = check

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - any buffer
        """Reads, after a check whether the reading was stopped."""
        self._check()
        return super().readinto(buffer)


class _Members:
    """The members of an archive, as far as its list of images needs them."""

    def __init__(
        self, path: str, small: Mapping[str, bytes], sizes: Mapping[str, int], links: Mapping[str, str]
    ) -> None:
        self._path = path
        self._small = small
        self._sizes = sizes
        self._links = links

    def images(self) -> list[ArchivedImage]:
        """Returns the images of `manifest.json`."""
        entries = self._json(MANIFEST)
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise foreign(self._path)
        manifests = self._manifests()
        try:
            return [self._image(entry, manifests) for entry in entries]
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise damaged(self._path, reasons_files.ImagesUnclear()) from error

    def _image(self, entry: Mapping[str, Any], manifests: _Manifests) -> ArchivedImage:
        name = self._resolved(str(entry["Config"]))
        raw = self._small.get(name)
        if raw is None:
            raise damaged(self._path, reasons_files.MemberMissing(member=name))
        digest = digest_of(raw)
        stated = _HEX.search(posixpath.basename(name))
        if stated and f"sha256:{stated[0]}" != digest:
            raise damaged(self._path, reasons_files.DigestOther(member=name))
        config = json.loads(raw)
        settings = config.get("config") or {}
        members = [self._resolved(str(layer)) for layer in entry.get("Layers") or ()]
        diff_ids = [str(found) for found in config["rootfs"].get("diff_ids") or ()]
        if len(members) != len(diff_ids):
            raise damaged(self._path, reasons_files.LayersOther(member=name, layers=len(diff_ids), listed=len(members)))
        for member in members:
            if member not in self._sizes:
                raise damaged(self._path, reasons_files.MemberMissing(member=member))
        found = manifests.get(digest, [])
        documents = {str(descriptor["digest"]): self._blob(descriptor["digest"]) or b"" for descriptor in found}
        return ArchivedImage(
            self._path,
            Image(
                digest,
                tuple(Reference(str(tag)) for tag in entry.get("RepoTags") or ()),
                labels={str(key): str(value) for key, value in (settings.get("Labels") or {}).items()},
                os=str(config.get("os") or "linux"),
                architecture=str(config.get("architecture") or ""),
                variant=str(config.get("variant") or ""),
            ),
            tuple(dict.fromkeys((digest, *documents))),
            raw,
            tuple(ArchivedLayer(m, self._sizes[m], diff_id) for m, diff_id in zip(members, diff_ids, strict=True)),
            documents=documents,
            descriptor=found[-1] if found else {},
            listed=self._small.get(LIST, b""),
        )

    def _manifests(self) -> _Manifests:
        """Maps a configuration's digest to the descriptors of its manifest and enclosing indexes, outermost last."""
        found: _Manifests = {}
        if LAYOUT not in self._small or INDEX not in self._small:
            return found
        try:
            for top in self._json(INDEX)["manifests"]:
                self._follow(top, [], found)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise damaged(self._path, reasons_files.MemberUnclear(member=INDEX)) from error
        return found

    def _follow(self, descriptor: Mapping[str, Any], around: list[dict[str, Any]], found: _Manifests) -> None:
        raw = self._blob(descriptor["digest"])
        if raw is None or len(around) > _MOST_LINKS:  # an index may name other platforms, which were not saved
            return
        if digest_of(raw) != descriptor["digest"]:
            raise damaged(self._path, reasons_files.DigestOther(member=str(descriptor["digest"])))
        body = json.loads(raw)
        plain = {key: value for key, value in descriptor.items() if key in ("mediaType", "digest", "size")}
        for deeper in body.get("manifests") or ():
            self._follow(deeper, [plain, *around], found)
        config = (body.get("config") or {}).get("digest")
        if config:
            found.setdefault(str(config), [plain, *around])

    def _blob(self, digest: str) -> bytes | None:
        return self._small.get(f"blobs/{str(digest).replace(':', '/')}")

    def _resolved(self, name: str) -> str:
        """Returns the name of the member that a name leads to, links followed."""
        name = _inside(self._path, name)
        for _ in range(_MOST_LINKS):
            if name not in self._links:
                return name
            name = self._links[name]
        raise damaged(self._path, reasons_files.LinkLoop(member=name))

    def _json(self, name: str) -> Any:  # noqa: ANN401 - whatever it holds
        try:
            return json.loads(self._small[name])
        except (ValueError, RecursionError) as error:
            raise damaged(self._path, reasons_files.MemberNotJson(member=name)) from error


def index(image: ArchivedImage, tag: str) -> bytes:
    """Returns the `index.json` by which an engine with the containerd image store finds an image under one tag."""
    annotations = {_NAME: tag, "org.opencontainers.image.ref.name": tag.rpartition(":")[2]}
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [{**image.descriptor, "annotations": annotations}],
        }
    ).encode()


def _check_end(path: str, tar: tarfile.TarFile, size: int) -> None:
    """Reads what follows the last member: a tar ends with an empty block, a compressed one with its checksum."""
    file: Any = tar.fileobj
    file.seek(tar.offset)
    block = file.read(tarfile.BLOCKSIZE)
    if len(block) < tarfile.BLOCKSIZE or block.strip(b"\0"):
        raise damaged(
            path, reasons_files.CutShort() if len(block) < tarfile.BLOCKSIZE else reasons_files.HeaderDamaged()
        )
    while file.read(1 << 20):
        check_growth(size, file.tell())


def _document(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    """Returns a small member's content if it may be JSON, else nothing."""
    file = tar.extractfile(entry)
    body = file.read() if file else b""
    if len(body) != entry.size:
        raise EOFError
    return body if body.lstrip()[:1] in (b"{", b"[") else b""


def _inside(path: str, name: str) -> str:
    """Returns a member's normalized name; raises `Refused` if it leads out of the archive."""
    plain = posixpath.normpath(name)
    if plain.startswith(("/", "../")) or plain == "..":
        raise Refused(ArchiveUnsafe(path=path, member=name))
    return plain
