"""Reads bundles: the images that a bundle's list names, and the project's files."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from pathlib import Path

import msgspec

from ws9tui.core.blocking import Check
from ws9tui.core.images import archive
from ws9tui.core.images.archive import ArchivedImage
from ws9tui.core.model.bundle import FILES, FORMAT, LIST, MOST_FILES, Bundle
from ws9tui.core.model.codec import decoded
from ws9tui.core.model.reference import parse
from ws9tui.errors import Refused, UsageError
from ws9tui.problems import reasons_files
from ws9tui.problems.archive import ArchiveUnsafe
from ws9tui.problems.bundle import BundleForeign, BundleNewer

_MAGICS = ((0, b"\x1f\x8b"), (0, b"\x28\xb5\x2f\xfd"), (257, b"ustar"))
_HEAD = 512
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
"""name of a project or a profile"""


def looks_like(path: str) -> bool:
    """Whether a file starts like an archive, which no Compose file and no release does."""
    try:
        if not Path(path).is_file():
            return False
        with Path(path).open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return any(head[at:].startswith(magic) for at, magic in _MAGICS)


def inside(name: str) -> bool:
    """Whether a relative path is normalized and stays in its folder."""
    plain = bool(name) and name.isprintable() and posixpath.normpath(name) == name
    return plain and not name.startswith("/") and name.split("/", 1)[0] not in (".", "..")


def read(path: str, check: Check) -> list[ArchivedImage]:
    """Returns an archive's images; for a bundle, those that its list names, under the references listed there.

    An engine saves an image that is asked for by ID without a name, or with the names it has there. Raises `Refused` if
    a listed image is missing, and as `archive.read`.
    """
    images = archive.read(path, check)
    if not images or not images[0].listed:
        return images
    bundle = _decoded(path, images[0].listed)
    found: list[ArchivedImage] = []
    for image in images:
        entries = [entry for entry in bundle.images if entry.image_id in image.ids]
        if entries:
            local = msgspec.structs.replace(image.local, tags=tuple(entry.reference for entry in entries))
            digest = next((entry.digest for entry in entries if entry.digest), "")
            found.append(msgspec.structs.replace(image, local=local, bundle=bundle, digest=digest))
    known = {image_id for image in found for image_id in image.ids}
    for entry in bundle.images:
        if entry.image_id not in known:
            raise archive.damaged(path, reasons_files.MemberMissing(member=entry.reference))
    return found


def read_list(path: str, check: Check) -> Bundle:
    """Returns the list of a bundle; raises `Refused` if the file is no bundle, or is damaged."""
    images = read(path, check)
    if not images or images[0].bundle is None:
        raise Refused(BundleForeign(path=path))
    return images[0].bundle


def contents(path: str, bundle: Bundle, check: Check) -> dict[str, bytes]:
    """Returns the project's files by relative path; raises `Refused` if one differs from the bundle's list."""
    wanted = {f"{FILES}{file.path}": file for file in bundle.files}
    found: dict[str, bytes] = {}
    with archive.opened(path, check) as tar:
        while len(found) < len(wanted) and (entry := tar.next()) is not None:
            tar.members.clear()  # type: ignore[attr-defined] # the tar file would keep all headers
            known = wanted.get(entry.name)
            if known is None or not entry.isreg() or entry.size != known.size:
                continue
            member = tar.extractfile(entry)
            body = member.read() if member else b""
            if hashlib.sha256(body).hexdigest() == known.sha256:
                found[known.path] = body
    for file in bundle.files:
        if file.path not in found:
            raise archive.damaged(path, reasons_files.DigestOther(member=file.path))
    return found


def _decoded(path: str, raw: bytes) -> Bundle:
    """Decodes a bundle's list; raises `Refused` for a later format, damage, and paths outside the project."""
    try:
        plain = json.loads(raw)
        if isinstance(plain, dict) and isinstance(plain.get("format"), int) and plain["format"] > FORMAT:
            raise Refused(BundleNewer(path=path))
        bundle = msgspec.convert(plain, Bundle, dec_hook=decoded)
        for image in bundle.images:
            parse(image.reference)
    except (UsageError, ValueError, RecursionError) as error:
        raise archive.damaged(path, reasons_files.MemberUnclear(member=LIST)) from error
    if not all(_NAME.fullmatch(name) for name in (bundle.project, *bundle.profiles)):
        raise archive.damaged(path, reasons_files.MemberUnclear(member=LIST))
    known = {file.path for file in bundle.files}
    for name in (*known, *bundle.compose_files, *bundle.env_files):
        if not inside(name) or name not in known:
            raise Refused(ArchiveUnsafe(path=path, member=name))
    sizes = [file.size for file in bundle.files]
    if min(sizes, default=0) < 0 or sum(sizes) > MOST_FILES or len(known) != len(sizes):
        raise archive.damaged(path, reasons_files.MemberUnclear(member=LIST))
    return bundle
