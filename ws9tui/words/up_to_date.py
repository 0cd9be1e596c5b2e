"""The result of a run without updates: what is up to date, held, newer or unknown."""

from __future__ import annotations

from ws9tui.core.journal.run_state import Newest, RunState, ServiceRow
from ws9tui.core.model.terms import Availability
from ws9tui.words import phrases, problems
from ws9tui.words.template import Plural, say
from ws9tui.words.text import clean, listed, paragraph, series

_NAMED = 6
"""services whose newer tags are named at the end"""


def unknown(state: RunState) -> list[str]:
    """Returns the services whose update status is unknown, or was not known yet when the run ended."""
    return [
        name
        for name, row in state.services.items()
        if row.availability is Availability.UNKNOWN
        or (row.view.selectable and row.availability is Availability.CHECKING)
    ]


def message(state: RunState) -> str:
    """Returns what was found, and what could not be checked."""
    if held := held_back(state):
        return paragraph(
            (say("Nothing was changed."), *(problems.sentence(row.problem) for row in held if row.problem))
        )
    unchecked = unknown(state)
    if not unchecked and not tags_unchanged(state):
        return say("Everything is up to date; nothing was changed.")
    said = say("No tag has moved; nothing was changed.")
    if unchecked:
        problem = state.services[unchecked[0]].problem
        said = say(
            "Nothing was changed. No update was found, but {services:said} could not be checked[ ({why:said})].",
            services=listed(unchecked),
            why=problems.brief(problem) if problem else "",
        )
    return paragraph((said, _newer_tags(state), _newer_unknown(state)))


def held_back(state: RunState) -> list[ServiceRow]:
    """Returns the services with an update that is held."""
    return [row for row in state.services.values() if row.availability is Availability.HELD]


def tags_unchanged(state: RunState) -> list[ServiceRow]:
    """Returns the services whose tag is up to date, but for which newer tags exist or may exist."""
    return [row for row in state.services.values() if phrases.unchanged(row)]


def _newer_tags(state: RunState) -> str:
    found = [(row.view.name, row.newer_tags) for row in tags_unchanged(state)]
    named = [(clean(name, 80), newer) for name, newer in found if newer and newer.tags]
    if not named:
        return ""
    told = [f"{name} {phrases.tags(newer)}" for name, newer in named[:_NAMED]]
    if len(named) > _NAMED:
        told.append(_MORE(len(named) - _NAMED))
    name, newer = named[0]
    return say(
        "Newer tags: {tags:said}. To update to one, give it: {name}={tag}.",
        tags=series(told),
        name=name,
        tag=phrases.named_tags(newer)[0],
    )


_MORE = Plural("{count} more service", "{count} more services")


def _newer_unknown(state: RunState) -> str:
    rows = [row for row in tags_unchanged(state) if row.newest is not Newest.NO]
    if not rows:
        return ""
    reasons = (row.newer_tags.problem for row in rows if row.newer_tags)
    return say(
        "Could not check for newer tags of {services:said}[ ({why:said})].",
        services=listed([row.view.name for row in rows]),
        why=next((problems.brief(problem) for problem in reasons if problem), ""),
    )
