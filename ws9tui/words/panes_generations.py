"""Words of the Generations pane."""

from __future__ import annotations

from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Difference, Reach
from ws9tui.words import phrases, problems
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean, joined, listed, paragraph, short_reference

NUMBER, WHEN, VERSIONS, NOTE, REACH = Message("Gen."), Message("When"), Message("Versions"), "", Message("Images")
WHEN_AGO = Message("{age:said} ago")
REACHES = {
    Reach.LOCAL: Message("here", "a generation"),
    Reach.CHECKING: Message("asking", "a generation"),
    Reach.ARCHIVE: Message("in archive", "a generation"),
    Reach.PULL: Message("to be pulled", "a generation"),
    Reach.UNKNOWN: Message("unknown", "a generation"),
    Reach.GONE: Message("gone", "a generation"),
    Reach.BROKEN: Message("broken files", "a generation"),
}
DETAIL_REACH, DETAIL_REMEDY, DETAIL_HAS = Message("images"), Message("to do"), Message("has")
DETAIL_SERVICES, DETAIL_FILES = Message("services"), Message("files")
NO_DIFFERENCE = Message("as they are now")
MORE = Plural(
    "… and {count} more line; a higher window, or <recover-plain>, shows it",
    "… and {count} more lines; a higher window, or <recover-plain>, shows them",
)
NOT_REACHABLE = Message("This generation cannot be reached; below is why.")


def lead(state: RunState) -> str:
    """What the pane is about, now."""
    entries = state.generations.values()
    pending = sum(entry.reach is Reach.CHECKING for entry in entries)
    if pending:
        return _PENDING(pending)
    usable = sum(entry.reach not in (Reach.GONE, Reach.BROKEN) for entry in entries)
    runs = [str(entry.number) for entry in entries if entry.runs]
    now = say("[Generation {numbers:said} is what runs. // What runs is none of them.]", numbers=listed(runs))
    return paragraph((_USABLE(usable), now))


_PENDING = Plural("Asking the registries about {count} generation.", "Asking the registries about {count} generations.")
_USABLE = Plural("{count} generation can be reached.", "{count} generations can be reached.")


def versions(entry: GenerationFound, *, full: bool = False) -> str:
    """The product's version, else those of the services."""
    services = [f"{clean(name, 40)} {short_reference(version)}" for name, version in entry.services.items()]
    product = clean(entry.version, 40)
    if full:
        return joined((product, *services))
    return product or listed(services, 4)


def difference(found: Difference) -> str:
    """One thing in which a generation differs from what is there."""
    return say(
        "{subject}  {what:said}[: {keys:said}]",
        subject=found.subject,
        what=problems.brief(found.problem),
        keys=listed(found.keys, 12),
    )


def differs(entry: GenerationFound) -> str:
    """In what it differs from what runs, as far as there is room."""
    if entry.runs:
        return say("runs now")
    told = [difference(one) for one in sorted(entry.differences, key=lambda one: one.file)]
    return joined(told) or NO_DIFFERENCE()


def note(entry: GenerationFound) -> str:
    """What else is to be known of it at a glance."""
    if entry.runs:
        return say("runs now")
    if entry.salvaged:
        return say("from kept images")
    return "" if entry.proven else say("not proven")


def reach(entry: GenerationFound) -> str:
    """How it can be reached, in full."""
    pulls = listed([short_reference(one) for one in entry.pulls], 4) if entry.reach is Reach.PULL else ""
    return say("{reach:said}[ ({pulls:said})]", reach=phrases.reach(entry), pulls=pulls)
