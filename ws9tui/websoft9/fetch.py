"""Fetches a release from a folder, a zip or the web, and verifies its checksum.

A download needs a checksum: one that the caller knows, else the file `NAME.sha256` or `SHA256SUMS` beside it. A URL
that ends in a slash or in `manifest.json` is a flat release, whose files SHA256SUMS lists.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
from pathlib import Path
from urllib.parse import urljoin, urlsplit, urlunsplit

import msgspec

from ws9tui.core.blocking import Check
from ws9tui.core.fs import files
from ws9tui.errors import Refused, UsageError
from ws9tui.problems.files import FileUnreadable, FileUnwritable
from ws9tui.problems.release import (
    DownloadMissing,
    ReleaseChecksumOfMany,
    ReleaseChecksumWrong,
    ReleaseNoChecksum,
    ReleasePathOutside,
    ReleaseSourceUnknown,
    ReleaseTooLarge,
    Sha256Invalid,
)
from ws9tui.websoft9.download import Downloads, Limits, shown
from ws9tui.websoft9.manifest import parse_sums
from ws9tui.websoft9.unzip import unpack

SUMS = "SHA256SUMS"
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_SMALL = 1 << 20
"""largest checksum file in bytes"""
_MOST_FILES = 200
_LIMITS = Limits()


class Fetched(msgspec.Struct, frozen=True):
    """A fetched release."""

    folder: Path
    """where it is unpacked; the source itself if that is a folder"""
    checked: bool = False
    """whether a checksum confirmed it"""


def fetch(
    source: str, folder: Path, *, sha256: str = "", limits: Limits = _LIMITS, check: Check = lambda: None
) -> Fetched:
    """Fetches a release into ``folder``, which is created with mode 0700 and removed again on failure.

    Blocks; ``check`` may raise to stop it. Raises `Refused` for a source that cannot be fetched or trusted, and
    `UsageError` for one that is neither URL, folder nor file, and for a checksum of more than one file.
    """
    if sha256 and not _SHA256.fullmatch(sha256):
        raise UsageError(Sha256Invalid(value=sha256))
    is_url = scheme_of(source) in ("http", "https")
    if not is_url:
        path = Path(source).expanduser()
        if is_folder(path):
            _refuse_checksum(sha256, source)
            return Fetched(path)
        if not files.is_file(path):
            raise UsageError(ReleaseSourceUnknown(source=shown(source) if "://" in source else source))
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise Refused(FileUnwritable(path=str(folder), reason=error.strerror)) from error
    try:
        if not is_url:
            return _unzipped(path, folder, sha256)
        with Downloads(limits, check) as web:
            if source.endswith("/") or urlsplit(source).path.endswith("/manifest.json"):
                _refuse_checksum(sha256, source)
                return _flat(web, source, folder)
            return _zip(web, source, folder, sha256)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError) and error.strerror:  # of the disk: a full one, or a name that it does not take
            raise Refused(FileUnwritable(path=error.filename or str(folder), reason=error.strerror)) from error
        raise


def is_folder(path: Path) -> bool:
    """Whether a source is a folder; raises `Refused` for a path that this user may not see or enter."""
    try:
        os.stat(f"{path}/.")  # noqa: PTH116 - pathlib drops the dot, which takes the right to enter
    except PermissionError as error:
        raise Refused(FileUnreadable(path=str(path), reason=error.strerror)) from error
    except (OSError, ValueError):
        return False
    return True


def _refuse_checksum(sha256: str, source: str) -> None:
    if sha256:
        raise UsageError(ReleaseChecksumOfMany(source=shown(source) if "://" in source else source))


def scheme_of(source: str) -> str:
    """Returns the scheme of a URL; empty if the source is not a URL."""
    try:
        return urlsplit(source).scheme.lower() if "://" in source else ""
    except ValueError:
        return ""


def _unzipped(archive: Path, folder: Path, sha256: str) -> Fetched:
    """Unpacks a local zip; its checksum is verified if the caller knows it or a checksum file lies beside the zip."""
    try:
        with archive.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Refused(FileUnreadable(path=str(archive), reason=error.strerror)) from error
    wanted = sha256.lower() or _beside(archive)
    if wanted and found != wanted:
        raise Refused(ReleaseChecksumWrong(file=str(archive)))
    unpack(archive, folder)
    return Fetched(folder, checked=bool(wanted))


def _beside(archive: Path) -> str:
    for path in (*_names(archive.name), SUMS):
        try:
            with archive.with_name(path).open("rb") as file:
                text = file.read(_SMALL).decode("utf-8", "replace")
        except OSError:
            continue
        if wanted := _wanted(text, path, archive.name):
            return wanted
    return ""


def _zip(web: Downloads, url: str, folder: Path, sha256: str) -> Fetched:
    name = Path(urlsplit(url).path).name
    wanted = sha256.lower() or _published(web, url, name)
    if not wanted:
        raise Refused(ReleaseNoChecksum(url=shown(url)))
    archive = folder / ".download.zip"
    with archive.open("xb") as file:
        found = web.get(url, file)
    if found is None:
        raise Refused(DownloadMissing(url=shown(url)))
    if found != wanted:
        raise Refused(ReleaseChecksumWrong(file=name))
    unpack(archive, folder)
    archive.unlink()
    return Fetched(folder, checked=True)


def _published(web: Downloads, url: str, name: str) -> str:
    """Returns the checksum that is published beside a file; empty if there is none."""
    for beside in (*_names(name), SUMS):
        text = text_of(web, sibling(url, beside))
        if text and (wanted := _wanted(text, beside, name)):
            return wanted
    return ""


def _names(name: str) -> tuple[str, ...]:
    stem = name.removesuffix(".zip")
    return (f"{name}.sha256", *([f"{stem}.sha256"] if stem != name else []))


def _wanted(text: str, file: str, name: str) -> str:
    """Returns the SHA-256 of ``name`` in a checksum file's text; empty if it has none, such as an HTML error page."""
    if _SHA256.fullmatch(text.strip()):
        return text.strip().lower()
    try:
        sums = parse_sums(text, file)
    except Refused:
        return ""
    if file != SUMS and len(sums) == 1:  # the file may name the zip that ``name`` is an alias of
        return next(iter(sums.values()))
    return sums.get(name, "")


def _flat(web: Downloads, url: str, folder: Path) -> Fetched:
    """Downloads a flat release: fetches and verifies each file that SHA256SUMS lists."""
    text = text_of(web, sibling(url, SUMS))
    if not text:
        raise Refused(ReleaseNoChecksum(url=shown(url)))
    sums = parse_sums(text, SUMS)
    if len(sums) > _MOST_FILES:
        raise Refused(ReleaseTooLarge(file=SUMS))
    left = web.limits.size
    for name, wanted in sums.items():
        if "/" in name:
            raise Refused(ReleasePathOutside(path=name))
        with (folder / name).open("xb") as file:
            found = web.get(sibling(url, name), file, size=left)
            left -= file.tell()
        if found is None:
            raise Refused(DownloadMissing(url=shown(sibling(url, name))))
        if found != wanted:
            raise Refused(ReleaseChecksumWrong(file=name))
    (folder / SUMS).write_text(text, encoding="utf-8", newline="")
    return Fetched(folder, checked=True)


def text_of(web: Downloads, url: str) -> str | None:
    """Downloads a small text; None if the server does not have it."""
    content = io.BytesIO()
    if web.get(url, content, size=_SMALL) is None:
        return None
    return content.getvalue().decode("utf-8", "replace")


def sibling(url: str, name: str) -> str:
    """Returns the URL of a file beside another; the query is kept, as it may grant access."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=urljoin(parts.path or "/", f"./{name}")))
