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
    Reach.LOCAL: Message("local", "a generation"),
    Reach.CHECKING: Message("checking", "a generation"),
    Reach.ARCHIVE: Message("in archive", "a generation"),
    Reach.PULL: Message("needs pull", "a generation"),
    Reach.UNKNOWN: Message("unknown", "a generation"),
    Reach.GONE: Message("gone", "a generation"),
    Reach.BROKEN: Message("broken files", "a generation"),
}
DETAIL_REACH, DETAIL_REMEDY, DETAIL_HAS = Message("images"), Message("to do"), Message("versions")
DETAIL_SERVICES, DETAIL_FILES = Message("services"), Message("files")
NO_DIFFERENCE = Message("no difference")
MORE = Plural(
    "… {count} more line: enlarge the window, or run <recover-plain>",
    "… {count} more lines: enlarge the window, or run <recover-plain>",
)
NOT_REACHABLE = Message("This generation is not available; the reason is below.")


def lead(state: RunState) -> str:
    """What the pane is about, now."""
    entries = state.generations.values()
    pending = sum(entry.reach is Reach.CHECKING for entry in entries)
    if pending:
        return _PENDING(pending)
    usable = sum(entry.reach not in (Reach.GONE, Reach.BROKEN) for entry in entries)
    runs = [str(entry.number) for entry in entries if entry.runs]
    now = say("[Generation {numbers:said} is running. // None of them is running.]", numbers=listed(runs))
    return paragraph((_USABLE(usable), now))


_PENDING = Plural("Checking the registries for {count} generation.", "Checking the registries for {count} generations.")
_USABLE = Plural("{count} generation is available.", "{count} generations are available.")


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


def note(entry: GenerationFound) -> str:
    """What else is to be known of it at a glance."""
    if entry.runs:
        return say("running")
    if entry.salvaged:
        return say("from kept images")
    return "" if entry.proven else say("not verified")


def reach(entry: GenerationFound) -> str:
    """How it can be reached, in full."""
    pulls = listed([short_reference(one) for one in entry.pulls], 4) if entry.reach is Reach.PULL else ""
    return say("{reach:said}[ ({pulls:said})]", reach=phrases.reach(entry), pulls=pulls)
