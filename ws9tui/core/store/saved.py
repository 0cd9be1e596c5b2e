"""The format of a project's backup file; its last member lists its contents, in these records.

    ws9tui/data/0.tar.gz, 1…      the archives, one for each volume or folder, as the engine gives them, compressed
    ws9tui/data/0.extras.json     file attributes that an archive leaves out (:mod:`ws9tui.core.fs.xattrs`)
    ws9tui/files/0, 1…            the files of the generation
    ws9tui/containers.json        the containers, as the engine describes them
    ws9tui/backup.json            the list: these records
    manifest.json, blobs/…        images, as `docker save` writes them, if they were requested

It is a plain tar, so `docker load` takes its images and `tar` the rest.
"""

from __future__ import annotations

import json
import posixpath
import re

import msgspec

from ws9tui.core.model.codec import decoded
from ws9tui.core.model.definitions import NetworkDefinition, VolumeDefinition
from ws9tui.core.model.reference import Reference, parse
from ws9tui.core.store.backup import Part
from ws9tui.core.store.generation import Generation, StoredFile, StoredFolder
from ws9tui.errors import Refused, UsageError
from ws9tui.problems import reasons_files
from ws9tui.problems.problem import Problem
from ws9tui.problems.saved import SavedDamaged, SavedNewer, SavedUnsafe

OWN = "ws9tui/"
"""prefix of all members except those of images"""
LIST = f"{OWN}backup.json"
CONTAINERS = f"{OWN}containers.json"
FORMAT = 1
MOST_LISTED = 64 << 20
"""maximum bytes of the list"""
MOST_PARTS = 10_000
_PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_VOLUME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)
_COPY = re.compile(r"[0-9]{1,6}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Member(msgspec.Struct, frozen=True):
    """A member of the file."""

    size: int
    sha256: str


class AnonymousMount(msgspec.Struct, frozen=True):
    """The place of an anonymous volume, which identifies it, as a recreated container gets another volume there."""

    service: str
    number: int
    """number of the container"""
    target: str


class SavedPart(msgspec.Struct, frozen=True):
    """A volume or a folder of data."""

    part: Part
    """its archive and its extras are members of the file"""
    services: tuple[str, ...] = ()
    """services that mount it"""
    place: AnonymousMount | None = None
    """for an anonymous volume"""
    folders: tuple[StoredFolder, ...] = ()
    """the folder itself and those above it"""
    others: tuple[str, ...] = ()
    """folders in it, by relative path, that belonged to other projects"""

    @property
    def path(self) -> str:
        """The volume's name, or the folder."""
        return self.part.target.source


class SavedNetwork(msgspec.Struct, frozen=True):
    """A network of the project's containers."""

    definition: NetworkDefinition
    external: bool = False
    """whether it is external to the project; if missing it is created"""


class SavedImage(msgspec.Struct, frozen=True):
    """An image of the project."""

    reference: Reference
    image_id: str
    digest: str = ""
    """its digest in its registry; empty for an image that was built or loaded"""
    size: int = 0
    inside: bool = False
    """whether it is in the file"""


class Saved(msgspec.Struct, frozen=True):
    """The contents of the file."""

    format: int
    project: str
    platform: str
    """os/architecture of the engine that it was made on"""
    made_at: str
    made_by: str
    """version of ws9tui"""
    host: str
    """name of the server"""
    generation: Generation
    parts: tuple[SavedPart, ...] = ()
    files: tuple[StoredFile, ...] = ()
    """mounted single files that are in none of the folders"""
    folders: tuple[StoredFolder, ...] = ()
    """the folders above these files"""
    volumes: tuple[VolumeDefinition, ...] = ()
    networks: tuple[SavedNetwork, ...] = ()
    images: tuple[SavedImage, ...] = ()
    left_out: tuple[Problem, ...] = ()
    """what is not in the file, and why"""
    members: dict[str, Member] = {}
    """all members of the file except the list"""

    @property
    def images_inside(self) -> bool:
        """Whether the file contains any image."""
        return any(image.inside for image in self.images)

    @property
    def size(self) -> int:
        """Bytes of its data, uncompressed."""
        return sum(each.part.size for each in self.parts)


def decode(path: str, raw: bytes) -> Saved:
    """Decodes the list of a file; raises `Refused` if it is damaged, of a newer version, or has unsafe names."""
    try:
        plain = json.loads(raw)
        if isinstance(plain, dict) and isinstance(plain.get("format"), int) and plain["format"] > FORMAT:
            raise Refused(SavedNewer(path=path))
        saved = msgspec.json.decode(raw, type=Saved, dec_hook=decoded)  # msgspec.convert leaves keys as they are
        for image in saved.images:
            parse(image.reference)
    except (UsageError, ValueError, RecursionError) as error:
        raise Refused(SavedDamaged(path=path, reason=reasons_files.MemberUnclear(member=LIST))) from error
    if not _sound(saved):
        raise Refused(SavedDamaged(path=path, reason=reasons_files.MemberUnclear(member=LIST)))
    for name in _unsafe(saved):
        raise Refused(SavedUnsafe(path=path, name=name))
    return saved


def plain_path(path: str) -> bool:
    """Whether a path is absolute, normalized and printable."""
    return path.startswith("/") and path.isprintable() and posixpath.normpath(path) == path and path != "//"


def _sound(saved: Saved) -> bool:
    sizes = [size for each in saved.parts for size in (each.part.size, each.part.stored, each.part.holes)]
    sizes += [member.size for member in saved.members.values()]
    hashed = all(_SHA256.fullmatch(member.sha256) for member in saved.members.values())
    named = _PROJECT.fullmatch(saved.project) and saved.generation.source.name == saved.project
    archives = [name for each in saved.parts for name in (each.part.archive, each.part.extras) if name]
    copies = [f"{OWN}files/{stored.copy}" for stored in (*saved.generation.files, *saved.files) if stored.copy]
    there = set(archives + copies) <= saved.members.keys() and len({*archives}) == len(archives)
    return bool(named and hashed and there) and min(sizes, default=0) >= 0 and len(saved.parts) <= MOST_PARTS


def _unsafe(saved: Saved) -> list[str]:
    """Returns the unsafe names in a list: paths that are not plain, bad names of copies and volumes, other types."""
    source = saved.generation.source
    paths = [source.folder, *source.files, *source.env_files, *([source.cwd] if source.cwd else [])]
    for stored in (*saved.generation.files, *saved.files):
        paths += [stored.path, *([stored.real] if stored.real else [])]
    paths += [folder.path for folder in (*saved.generation.folders, *saved.folders)]
    for each in saved.parts:
        paths += [folder.path for folder in each.folders]
        paths += [each.part.target.source] if each.part.target.type == "bind" else []
        paths += [f"{each.path}/{below}" for below in each.others]
    found = [path for path in paths if not plain_path(path)]
    found += [f.copy for f in (*saved.generation.files, *saved.files) if f.copy and not _COPY.fullmatch(f.copy)]
    volumes = [each.part.target.source for each in saved.parts if each.part.target.type == "volume"]
    found += [name for name in (*volumes, *(v.name for v in saved.volumes)) if not _VOLUME.fullmatch(name)]
    return found + [each.part.target.type for each in saved.parts if each.part.target.type not in ("volume", "bind")]
