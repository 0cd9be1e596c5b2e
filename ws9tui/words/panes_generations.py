"""Texts of the Generations pane."""

from __future__ import annotations

from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Reach
from ws9tui.words import generations, phrases
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean, joined, listed, paragraph, series, short_reference

WHEN_AGO = Message("{age:said} ago")
DETAIL_REACH, DETAIL_REMEDY, DETAIL_HAS = Message("images"), Message("to do"), Message("versions")
DETAIL_SERVICES, DETAIL_FILES = Message("services"), Message("files")
DIFFERENCE = Message("{subject}  {what:said}[ ({image:digest})][: {keys:said}]")
NO_DIFFERENCE = Message("no difference")
NOT_REACHABLE = Message("This generation is not available; the reason is below.")


def lead(state: RunState) -> str:
    """Returns the pane's lead: pending checks, or how many generations are available and which one runs."""
    entries = state.generations.values()
    pending = sum(entry.reach is Reach.CHECKING for entry in entries)
    if pending:
        return _PENDING(pending)
    usable = sum(entry.reach not in generations.UNREACHABLE for entry in entries)
    runs = [str(entry.number) for entry in entries if entry.runs]
    now = say("[Generation {numbers:said} is running. // None of them is running.]", numbers=listed(runs))
    return paragraph((_USABLE(usable), now))


_PENDING = Plural("Checking the registries for {count} generation.", "Checking the registries for {count} generations.")
_USABLE = Plural("{count} generation is available.", "{count} generations are available.")


def versions(entry: GenerationFound) -> str:
    """Returns the product's version, and those of the services."""
    services = [f"{clean(name, 40)} {short_reference(version)}" for name, version in entry.services.items()]
    return joined((clean(entry.version, 40), *services))


def reach(entry: GenerationFound) -> str:
    """Returns how a generation can be reached, its saved data and its other properties."""
    pulls = listed([short_reference(one) for one in entry.pulls], 4) if entry.reach is Reach.PULL else ""
    reached = say("{reach:said}[ ({pulls:said})]", reach=phrases.reach(entry), pulls=pulls)
    data = say("data of {services:said} was saved", services=listed(entry.data, 4)) if entry.data else ""
    return series((reached, data, *generations.notes(entry)))
