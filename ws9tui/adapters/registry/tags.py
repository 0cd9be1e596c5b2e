"""Lists the tags of a repository, page by page, by the OCI distribution specification."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import msgspec
from requests.utils import parse_header_links

from ws9tui.adapters.registry.client import RegistryClient
from ws9tui.adapters.registry.exchange import Response
from ws9tui.adapters.registry.places import RegistryAddress
from ws9tui.core.model.observed import Tags
from ws9tui.problems import reasons
from ws9tui.problems.image import RegistryNonsense, RegistryUnreachable

PAGES = 100
MOST_TAGS = 50_000
_PER_PAGE = 1000
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)


class _Page(msgspec.Struct):
    """One page of tags."""

    tags: list[str] | None = None


def tags(client: RegistryClient, place: RegistryAddress) -> Tags:
    """Returns a repository's tags; incomplete after `PAGES` pages, `MOST_TAGS` tags, or a bad link to the next page."""
    names: dict[str, None] = {}
    first = f"{place.url}/v2/{client.repository}/tags/list"
    url, seen = f"{first}?n={_PER_PAGE}", set[str]()
    for _ in range(PAGES):
        answer = client.get(place, url)
        if answer.status == 400 and url != first and not seen:  # noqa: PLR2004 - some take no such number
            if place.url.startswith("http:") and b"HTTPS" in answer.body:
                raise client.error(RegistryUnreachable, reasons.TlsRequired())
            answer = client.get(place, first)
        client.refuse(answer)
        try:
            page = msgspec.json.decode(answer.body, type=_Page)
        except (ValueError, RecursionError) as error:
            raise client.error(RegistryNonsense, reasons.TagsInvalid()) from error
        names.update(dict.fromkeys(tag for tag in page.tags or () if _TAG.fullmatch(tag)))
        seen.add(url)
        following = _following(place, answer)
        if not following:
            return Tags(tuple(names), mirror=place.mirror)
        if following in seen or not following.startswith(place.url) or len(names) > MOST_TAGS:
            break
        url = following
    return Tags(tuple(names), complete=False, mirror=place.mirror)


def _following(place: RegistryAddress, answer: Response) -> str:
    """Returns the URL of the next page at the same address; empty on the last page, `elsewhere` for another server.

    Behind a proxy a registry may believe that it has no TLS, so the scheme of its link is ignored.
    """
    try:
        links = parse_header_links(answer.headers.get("link", ""))
        target = next((link["url"] for link in links if link.get("rel") == "next"), "")
        parts = urlsplit(urljoin(answer.url, target))
        own = urlsplit(place.url)
        same = parts.hostname == own.hostname and parts.port in (own.port, None)
    except (ValueError, KeyError):
        return "elsewhere"
    if not target:
        return ""
    return f"{place.url}{parts.path}{f'?{parts.query}' if parts.query else ''}" if same else "elsewhere"
