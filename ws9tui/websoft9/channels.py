"""What Websoft9 publishes: the latest version of a channel, and where it is.

Modern releases lie flat in `websoft9/CHANNEL/` of the artifact site, legacy bundles as zips in `CHANNEL/websoft9/`.
A release candidate may be published in the channel `release`, so the version decides and not the place.
"""

from __future__ import annotations

from functools import cmp_to_key

import msgspec

from ws9tui.errors import Refused
from ws9tui.problems.upgrade import ReleaseNoneOffered
from ws9tui.websoft9.download import Downloads, Limits
from ws9tui.websoft9.fetch import text_of
from ws9tui.websoft9.manifest import parse_manifest, parse_version
from ws9tui.websoft9.release import CHANNELS, compare, is_candidate

SITE = "https://artifact.websoft9.com/"
_LIMITS = Limits(total=60.0, stall=20.0)


class Offer(msgspec.Struct, frozen=True):
    """A release that can be fetched."""

    version: str
    channel: str
    candidate: bool
    url: str
    """what `fetch` takes"""


def offers(
    channel: str = CHANNELS[0],
    *,
    site: str = SITE,
    candidates: bool = False,
    limits: Limits = _LIMITS,
) -> tuple[Offer, ...]:
    """The latest releases of a channel, the newest first; candidates of `release` only where they are asked for.

    Naming another channel asks for its candidates. It blocks. Raises `Refused` where the site cannot be reached.
    """
    found: list[Offer] = []
    with Downloads(limits) as web:
        for base in (f"{site}websoft9/{channel}/", f"{site}{channel}/websoft9/"):
            offer = _offer(web, base, channel)
            if offer is not None and (candidates or channel != CHANNELS[0] or not offer.candidate):
                found.append(offer)
    found.sort(key=cmp_to_key(lambda one, other: -(compare(one.version, other.version) or 0)))
    return tuple(found)


def url_of(number: str, channel: str, *, site: str = SITE) -> str:
    """Where a version is that is not a channel's latest, or the latest for an empty one; legacy bundles keep theirs.

    It blocks. Raises `Refused` where nothing is offered.
    """
    if not site.endswith("/"):
        site += "/"
    latest = offers(channel, site=site)
    for offer in latest:
        if number in ("", offer.version):
            return offer.url
    if not number:
        raise Refused(ReleaseNoneOffered(channel=channel, site=site))
    return f"{site}{channel}/websoft9/websoft9-{number}.zip"


def _offer(web: Downloads, base: str, channel: str) -> Offer | None:
    """What lies in one place: a flat release by its manifest, else a bundle by version.json; None where neither is."""
    manifest_text = _json(web, f"{base}manifest.json")
    if manifest_text:
        manifest = parse_manifest(manifest_text)
        return _made(manifest.version, channel, base)
    found = parse_version(_json(web, f"{base}version.json"))
    return _made(found[0], channel, f"{base}websoft9-{found[0]}.zip") if found else None


def _made(number: str, channel: str, url: str) -> Offer:
    return Offer(number, channel, is_candidate(number) or channel != CHANNELS[0], url)


def _json(web: Downloads, url: str) -> bytes:
    """A file of the site; empty where it has none, or answers with a page instead."""
    text = text_of(web, url) or ""
    return text.encode() if text.lstrip().startswith("{") else b""
