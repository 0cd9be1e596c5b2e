"""Messages about what registries offer: an image before it is pulled, and the tags of a repository."""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.journal import events as e
from ws9tui.core.journal.run_state import RunState, ServiceRow
from ws9tui.core.model.newer import Listed
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.policy import VersionStep
from ws9tui.core.model.reference import Reference
from ws9tui.words import labels, phrases, problems
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import age, beside, clean, joined, pad, short_digest, width

_INDENT = "    "
TAG, SIZE, DOWNLOAD = Message("Tag", "a column"), Message("Size", "a column"), Message("Download", "a column")
BUILT, SEEN = Message("Built", "a column"), Message("Seen here", "a column")
TITLE = Message("Tags of {service:name} · {repository}")
CHANGES = Message("changes")
ATTACHED, UNCHECKED = Message("attached"), Message("{attached:said}; not checked")
KEYS = Message("type to filter · ↑↓ choose · Enter select · Esc back")
ASKED = Message("Fetching the tags from the registry.")
NO_MATCH = Message("No tag in the list matches. Press Enter to check what you typed in the registry.")
NOT_DESCRIBED = Message("Size and age are looked up after you select it.")
_STEPS = {
    VersionStep.PATCH: Message("patch", "how far a version is"),
    VersionStep.MINOR: Message("minor", "how far a version is"),
    VersionStep.MAJOR: Message("major", "how far a version is"),
    VersionStep.CANDIDATE: Message("candidate", "how far a version is"),
    VersionStep.SAME: Message("in the files", "how far a version is"),
    VersionStep.OLDER: Message("older", "how far a version is"),
}
_LISTED = 12
"""largest number of tags in a list, unless all are requested"""
_LINKS = {
    "notes": Message("changelog", "a link"),
    "source": Message("source", "a link"),
    "revision": Message("revision", "a link"),
    "documentation": Message("docs", "a link"),
    "url": Message("home page", "a link"),
}


_ATTACHED = {
    "signature": Message("signature", "a statement about an image"),
    "sbom": Message("SBOM", "a statement about an image"),
    "provenance": Message("provenance", "a statement about an image"),
}


def step(found: VersionStep) -> str:
    """Returns the version step from the files' tag to another; empty if they cannot be compared."""
    return _STEPS[found]() if found in _STEPS else ""


def amount(offer: Offer) -> str:
    """Returns the size of an image, and how much of it must be downloaded."""
    if not offer.size:
        return ""
    if offer.missing == offer.size:
        return say("{size:size} to download", size=offer.size)
    if not offer.missing:
        return say("{size:size}, nothing to download", size=offer.size)
    return say("{missing:size} of {size:size} to download", missing=offer.missing, size=offer.size)


def built(offer: Offer, now: str | datetime) -> str:
    """Returns when an image was built, according to its maker."""
    made = age(offer.created_at, now)
    return say("built {age:said} ago", age=made) if made else ""


def first_seen(offer: Offer, now: str | datetime) -> str:
    """Returns how long an image's digest has been known on this host."""
    known = age(offer.seen_at, now)
    return say("first seen here {age:said} ago", age=known) if known else ""


def facts(offer: Offer, now: str | datetime) -> str:
    """Returns what is known of an image before it is pulled, and why no more is known."""
    why = say("unknown: {why:said}", why=problems.brief(offer.problem)) if offer.problem else ""
    return beside((amount(offer), built(offer, now), first_seen(offer, now), held(offer), mirror(offer), why))


def mirror(offer: Offer) -> str:
    """Returns the mirror that an image comes from; empty for its own registry."""
    return say("from mirror {mirror:name}", mirror=offer.mirror) if offer.mirror else ""


def held(offer: Offer) -> str:
    """Returns how much longer an image is held; empty if it is not held."""
    return say("held for {held:duration} more", held=offer.held) if offer.held else ""


def changes(offer: Offer) -> list[str]:
    """Returns the differences from the running image."""
    return [problems.title(problem) for problem in offer.changes]


def attached(offer: Offer) -> str:
    """Returns the attestations that the registry has for an image; they are not verified."""
    return joined(_ATTACHED[name]() for name in offer.attached if name in _ATTACHED)


def links(offer: Offer) -> list[tuple[str, str]]:
    """Returns the links in an image's labels: name and text."""
    return [(_LINKS[name](), clean(text, 200)) for name, text in offer.links.items() if name in _LINKS]


def limit(offer: Offer) -> str:
    """Returns how many pulls the registry still allows; empty if unknown."""
    if offer.limit is None:
        return ""
    return say("{remaining} of {limit} pulls left", remaining=str(offer.limit.remaining), limit=offer.limit.limit)


def line(event: e.Described) -> str:
    """Returns an image that a registry described, in one line."""
    offer = event.offer
    version = clean(offer.version, 40) if offer.version != offer.reference.meant_tag else ""
    return say(
        "{service:name}: {reference:ref}[ ({digest:digest})][ is version {version:said}][; {facts:said}]"
        "[; {limit:said}][. {changes:said}]",
        service=event.service,
        reference=offer.reference,
        digest=offer.digest,
        version=version,
        facts=facts(offer, event.at),
        limit=limit(offer),
        changes=" ".join(changes(offer)),
    )


def heard(event: e.TagsListed) -> str:
    """Returns the number of a repository's tags, or why they could not be listed."""
    if event.problem is not None and not event.tags:
        return say(
            "{service:name}: could not list the tags of {reference:ref} ({why:said})",
            service=event.service,
            reference=Reference(event.reference).name,
            why=problems.brief(event.problem),
        )
    return _TAGS(event.count, service=event.service, reference=Reference(event.reference).name)


_TAGS = Plural("{service:name}: {reference:ref} has {count} tag", "{service:name}: {reference:ref} has {count} tags")
_MORE = Plural("and {count} more tag", "and {count} more tags")


def table(state: RunState) -> list[str]:
    """Returns the available tags of all services, as lines."""
    return [line for row in state.services.values() for line in ("", *of_service(row, state.last_at))][1:]


def of_service(row: ServiceRow, now: str) -> list[str]:
    """Returns the available tags of one service, as lines."""
    view = row.view
    head = say(
        "{service:name}: {reference:ref}[, running {running:said}][; {status:said}]",
        service=view.name,
        reference=view.reference or labels.NO_IMAGE(),
        running=clean(view.version, 40) or short_digest(view.digest),
        status=phrases.standing(row) if row.resolved else "",
    )
    return [head, *(f"{_INDENT}{text}" for text in _rows(row, now))]


def _rows(row: ServiceRow, now: str) -> list[str]:
    told = row.tags
    if told is None:
        return []
    if not told.tags:
        why = problems.brief(told.problem) if told.problem else ""
        return [say("tags unknown[ ({why:said})]", why=why)]
    listed = shown(row)
    names = max((width(one.tag) for one in listed), default=0)
    steps = max((width(step(one.step)) for one in listed), default=0)
    rows = [
        f"{pad(clean(one.tag, 128), names)}  {pad(step(one.step), steps)}  {_told(row, one, now)}".rstrip()
        for one in listed
    ]
    more = told.count - len(listed)
    rest = [_MORE(more)] if more else []
    if told.problem is not None:
        rest.append(say("incomplete: {why:said}", why=problems.brief(told.problem)))
    return [*rows, *rest]


def shown(row: ServiceRow) -> list[Listed]:
    """Returns the listed tags of a service."""
    tags = row.tags.tags if row.tags else ()
    return [one for one in tags if one.step is not VersionStep.OTHER or offer_of(row, one) is not None][:_LISTED]


def offer_of(row: ServiceRow, one: Listed) -> Offer | None:
    """Returns the registry's description of a tag; None if it was not described."""
    return row.offers.get(f"{row.view.reference.name}:{one.tag}")


def _told(row: ServiceRow, one: Listed, now: str) -> str:
    offer = offer_of(row, one)
    if offer is None:
        return ""
    version = say("version {version:said}", version=clean(offer.version, 40)) if offer.version != one.tag else ""
    return beside((version if offer.version else "", facts(offer, now)))
