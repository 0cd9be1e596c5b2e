"""Words of the Generations pane."""

from __future__ import annotations

from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Reach
from ws9tui.words import lines
from ws9tui.words.text import clean, listed, plural, short_reference

NUMBER, WHEN, VERSIONS, NOTE, REACH = "Gen.", "When", "Versions", "", "Images"
WHEN_AGO = "{} ago"
REACHES = {
    Reach.LOCAL: "here",
    Reach.CHECKING: "asking",
    Reach.ARCHIVE: "in archive",
    Reach.PULL: "to be pulled",
    Reach.UNKNOWN: "unknown",
    Reach.GONE: "gone",
    Reach.BROKEN: "broken files",
}
DETAIL_REACH, DETAIL_REMEDY, DETAIL_HAS = "images", "to do", "has"
DETAIL_SERVICES, DETAIL_FILES = "services", "files"
NO_DIFFERENCE = "as they are now"
MORE = "… and {} more lines; a higher window, or {}, shows them"
NOT_REACHABLE = "This generation cannot be reached; below is why."


def lead(state: RunState) -> str:
    """What the pane is about, now."""
    entries = state.generations.values()
    pending = sum(entry.reach is Reach.CHECKING for entry in entries)
    if pending:
        return f"Asking the registries about {plural(pending, 'generation')}."
    usable = sum(entry.reach not in (Reach.GONE, Reach.BROKEN) for entry in entries)
    runs = [str(entry.number) for entry in entries if entry.runs]
    now = f"Generation {listed(runs)} is what runs." if runs else "What runs is none of them."
    return f"{plural(usable, 'generation')} can be reached. {now}"


def versions(entry: GenerationFound, *, full: bool = False) -> str:
    """The product's version, else those of the services."""
    services = [f"{clean(name, 40)} {short_reference(version)}" for name, version in entry.services.items()]
    product = clean(entry.version, 40)
    if full:
        return ", ".join([*([product] if product else []), *services])
    return product or listed(services, 4)


def note(entry: GenerationFound) -> str:
    """What else is to be known of it at a glance."""
    if entry.runs:
        return "runs now"
    if entry.salvaged:
        return "from kept images"
    return "" if entry.proven else "not proven"


def reach(entry: GenerationFound) -> str:
    """How it can be reached, in full."""
    said = lines.reach(entry)
    pulls = f" ({listed([short_reference(one) for one in entry.pulls], 4)})" if entry.reach is Reach.PULL else ""
    return f"{said}{pulls}"
