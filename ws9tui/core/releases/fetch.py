"""Fetches and verifies a release; refuses pre-releases that were not asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from ws9tui.core.blocking import in_thread
from ws9tui.core.fs import places
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release
from ws9tui.core.session import Session
from ws9tui.core.store.store import STAGED
from ws9tui.errors import Refused
from ws9tui.problems.upgrade import ReleaseCandidate, ReleaseVersionOther


async def release(session: Session, source: str, name: str = "release", layout: str = "") -> Release | None:
    """Fetches a release from a source; None if the source is not a release.

    For the product's name alone it is the newest release of the installation's ``layout``, if given. Only one with the
    default ``name`` is compared with the options, and verified by their checksum.

    Raises `Refused` if it is damaged, unavailable, or not the requested one.
    """
    if session.releases is None:
        return None
    releases, options, at = session.releases, session.options, place(session, source)
    if name != "release":
        options = msgspec.structs.replace(options, checksum="")
    folder = session.folder / f"{STAGED}{name}"
    try:
        found = await in_thread(lambda check: releases.fetch(at, options, folder, check, layout))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if found is not None and name == "release":
        refuse_other(found, session.options)
    return found


def place(session: Session, source: str) -> str:
    """Returns a source in its full form: a URL, the product's name, or an absolute path."""
    if "://" in source:
        return source
    return source if published(session, source) else str(Path(session.request.folder, places.expanded(source)))


def published(session: Session, source: str) -> bool:
    """Whether a source is the product's name, looked up at its maker's site; an existing path takes precedence."""
    named = session.releases is not None and source.partition("@")[0] == session.releases.product
    return named and not Path(session.request.folder, source).exists()


def refuse_other(release: Release, options: Options) -> None:
    """Raises `Refused` for a release candidate that was not requested as such, and for another version."""
    if release.candidate and options.channel not in ("rc", "dev"):
        raise Refused(ReleaseCandidate(version=release.version))
    if options.release_version and release.version != options.release_version:
        raise Refused(ReleaseVersionOther(version=release.version, expected=options.release_version))
