"""Finds the latest release of a channel and its URL on Websoft9's artifact site.

Modern releases lie flat in `websoft9/CHANNEL/` of the artifact site, legacy bundles as zips in `CHANNEL/websoft9/`.
A release candidate may be published in the channel `release`, so the version decides and not the path.
"""

from __future__ import annotations

from functools import cmp_to_key

import msgspec

from ws9tui.core.model import version
from ws9tui.errors import Refused
from ws9tui.problems.upgrade import ReleaseNoneOffered
from ws9tui.websoft9.composefile import Kind
from ws9tui.websoft9.download import Downloads, Limits
from ws9tui.websoft9.fetch import text_of
from ws9tui.websoft9.manifest import parse_manifest, parse_version
from ws9tui.websoft9.release import CHANNELS, is_candidate

SITE = "https://artifact.websoft9.com/"
_LIMITS = Limits(total=60.0, stall=20.0)


class ReleaseOffer(msgspec.Struct, frozen=True):
    """A release that can be fetched."""

    version: str
    url: str
    """the source to pass to `fetch`"""
    layout: Kind


def offers(channel: str, *, site: str) -> tuple[ReleaseOffer, ...]:
    """Returns the latest releases of a channel, newest first; for `release` without pre-releases.

    A layout whose place fails is left out. Blocks. Raises `Refused` if the site cannot be reached.
    """
    found, failed = _looked(channel, site)
    if failed is not None and not found:
        raise failed
    return found


def url_of(number: str, channel: str, *, site: str, layout: str = "") -> str:
    """Returns the URL of a version, or of a channel's latest release if ``number`` is empty.

    The latest release is taken from the layout of the existing installation, as no release converts one layout to the
    other. An older version is assumed to be a legacy bundle. Blocks. Raises `Refused` if the channel offers no release,
    or if a layout's place fails and the other's release is not the one.
    """
    if not site.endswith("/"):
        site += "/"
    latest, failed = _looked(channel, site)
    for offer in latest:
        # A legacy release is the newest only if there is surely no modern one.
        fits = layout == offer.layout or (not layout and (failed is None or offer.layout == "modern"))
        if number == offer.version or (not number and fits):
            return offer.url
    if failed is not None:
        raise failed
    if not number:
        raise Refused(ReleaseNoneOffered(channel=channel, site=site))
    return f"{site}{channel}/websoft9/websoft9-{number}.zip"


def _looked(channel: str, site: str) -> tuple[tuple[ReleaseOffer, ...], Refused | None]:
    """Returns what a channel offers, newest first, and the error of the first place that failed."""
    found: list[ReleaseOffer] = []
    failed: Refused | None = None
    with Downloads(_LIMITS) as web:
        for layout, base in _places(channel, site):
            try:
                offer = _offer(web, base, layout)
            except Refused as error:
                failed = failed or error
                continue
            if offer is not None and (channel != CHANNELS[0] or not is_candidate(offer.version)):
                found.append(offer)
    found.sort(key=cmp_to_key(lambda one, other: -(version.compare(one.version, other.version) or 0)))
    return tuple(found), failed


def _places(channel: str, site: str) -> tuple[tuple[Kind, str], ...]:
    return ("modern", f"{site}websoft9/{channel}/"), ("legacy", f"{site}{channel}/websoft9/")


def _offer(web: Downloads, base: str, layout: Kind) -> ReleaseOffer | None:
    """Returns the release in one place: a flat one by manifest.json, else a bundle by version.json, or None."""
    manifest = _json(web, f"{base}manifest.json")
    if manifest:
        return ReleaseOffer(parse_manifest(manifest).version, base, layout)
    found = parse_version(_json(web, f"{base}version.json"))
    return ReleaseOffer(found[0], f"{base}websoft9-{found[0]}.zip", layout) if found else None


def _json(web: Downloads, url: str) -> bytes:
    """Returns a JSON file of the site; empty if the site has none or answers with an HTML page."""
    text = text_of(web, url) or ""
    return text.encode() if text.lstrip().startswith("{") else b""
