"""The result of a survey as tables: services, findings and tags, for a terminal with colours."""

from __future__ import annotations

from ws9tui.core.journal.run_state import RunState, ServiceRow
from ws9tui.core.model.newer import Listed
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.policy import VersionStep
from ws9tui.core.model.terms import Availability, Finding, Level
from ws9tui.words import labels, offers, phrases, problems
from ws9tui.words.blocks import Block, Heading, Note, Table, Tone, titles
from ws9tui.words.template import Message, say
from ws9tui.words.text import age, beside, clean, short_reference, size

_STEP, _OTHER, _NOTE = Message("Step", "a column"), Message("Version", "a column"), Message("Note", "a column")
_LEVELS = {Level.OK: Tone.GOOD, Level.WARNING: Tone.WARNING, Level.BLOCKING: Tone.BAD}
"""the tones of findings, in display order: blocking ones last"""
_ILL = ("unhealthy", "dead", "restarting")
_TONES = {
    VersionStep.MAJOR: Tone.WARNING,
    VersionStep.CANDIDATE: Tone.WARNING,
    VersionStep.OLDER: Tone.QUIET,
    VersionStep.SAME: Tone.QUIET,
}


def services(state: RunState) -> list[Block]:
    """Returns the running services and their available updates."""
    rows = list(state.services.values())
    if not rows:
        return []
    told = [
        (
            clean(row.view.name, 80),
            short_reference(row.view.reference) or labels.NO_IMAGE(),
            clean(row.view.version, 40),
            phrases.container(row.view.state, row.view.health),
            phrases.standing(row) if row.availability is not Availability.CHECKING else "",
        )
        for row in rows
    ]
    tones = tuple(_tone(row) for row in rows)
    return [Table(titles("service", "image", "version", "state", "update"), told, tones, toned=3)]


def findings(state: RunState) -> list[Block]:
    """Returns the findings, blocking ones last, where they are seen, and their remedies."""
    if not state.findings:
        return []
    found = sorted(state.findings, key=lambda one: list(_LEVELS).index(one.level))
    rows = [(phrases.MARKS[one.level](), phrases.about(one), problems.title(one.problem)) for one in found]
    told: list[Block] = [
        Table(titles("", "service", "finding"), rows, tuple(_LEVELS[one.level] for one in found), toned=0)
    ]
    remedies = {
        _about(one, remedy): None
        for one in found
        if one.level is not Level.OK and (remedy := problems.remedy(one.problem))
    }
    if remedies:
        told += [Note(""), Heading(say("What to do")), *(Note(text, depth=2) for text in remedies)]
    return told


def _about(found: Finding, remedy: str) -> str:
    return say("[{service:said}: ]{remedy:said}", service=clean(found.service, 60), remedy=remedy)


def _tone(row: ServiceRow) -> Tone:
    if row.view.health in _ILL or row.view.state in _ILL:
        return Tone.BAD
    return Tone.GOOD if row.view.state == "running" else Tone.PLAIN


def listed(state: RunState) -> list[Block]:
    """Returns the available tags of each service, one table per service."""
    told: list[Block] = []
    for row in state.services.values():
        head, *lines = offers.of_service(row, state.last_at)
        told += [*([Note("")] if told else []), Heading(head)]
        shown = offers.shown(row)
        told += [_tags(row, shown, state.last_at)] if shown else []
        told += [Note(line, Tone.QUIET, depth=2) for line in map(str.strip, lines[len(shown) :])]
    return told


def _tags(row: ServiceRow, shown: list[Listed], now: str) -> Table:
    told = [_tag(one, offers.offer_of(row, one), now) for one in shown]
    head = (offers.TAG, _STEP, _OTHER, offers.SIZE, offers.DOWNLOAD, offers.BUILT, offers.SEEN, _NOTE)
    return Table(
        tuple(title() for title in head), told, tuple(_TONES.get(one.step, Tone.PLAIN) for one in shown), toned=1
    )


def _tag(one: Listed, offer: Offer | None, now: str) -> tuple[str, ...]:
    name, step = clean(one.tag, 128), offers.step(one.step)
    if offer is None:
        return (name, step, *[""] * 6)
    why = problems.brief(offer.problem) if offer.problem else ""
    return (
        name,
        step,
        clean(offer.version, 40) if offer.version != one.tag else "",
        size(offer.size) if offer.size else "",
        size(offer.missing) if offer.size else "",
        age(offer.created_at, now),
        age(offer.seen_at, now),
        beside((offers.held(offer), offers.mirror(offer), why)),
    )
