"""Words of the panes before the commit: images, pull, versions, confirm."""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.journal.run_state import Newest, Phase, PullRow, PullState, RunState, ServiceRow
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, Choice, Question, Verb
from ws9tui.words import labels, lines
from ws9tui.words.panes import seconds_since
from ws9tui.words.text import (
    clean,
    duration,
    listed,
    plural,
    rate,
    short_digest,
    size,
)

# --- images -----------------------------------------------------------------------------------------------------

NOTHING_SELECTED = "Nothing is selected: Space selects the service under the cursor."
NOT_SELECTABLE = "This service cannot be selected; below is why."
NO_SERVICES = "This project has no services."
CHECKING = "checking"
DETAIL_REFERENCE, DETAIL_ASKED, DETAIL_RUNS, DETAIL_HAS = "in files", "asked for", "running", "registry"
DETAIL_OFFLINE, DETAIL_TAG = "offline", "tag"
DETAIL_WHY, DETAIL_REMEDY = "why", "to do"
NO_IMAGE = "built here; the files name no image"
MADE = "made {} ago"
NO_CONTAINER = "has no container"


def images_lead(state: RunState, selected: int) -> str:
    """What the Images pane is about, now."""
    asked = state.asked is not None and state.asked.question is Question.SELECT
    if state.phase is Phase.LOOKING and state.decisions and state.decisions[-1].choice is Choice.RELEASE:
        source = clean(state.decisions[-1].answers.get("source", ""), 60)
        return f"Getting the release from {source}."
    pending = sum(row.availability is Availability.CHECKING for row in state.services.values())
    if pending:
        return f"Asking the registries; {plural(pending, 'service')} to go."
    if not asked:
        return "Looking at what runs and what the registries have."
    found = _found(state)
    return f"{found}; {selected} of {plural(len(state.services), 'service')} selected."


def _found(state: RunState) -> str:
    """What looking around came to; what could not be checked is never passed over."""
    if state.project and state.project.verb is Verb.INSTALL:
        return "First installation"
    kinds = [row.availability for row in state.services.values()]
    updates, changed = kinds.count(Availability.UPDATE), kinds.count(Availability.CHANGED)
    unknown = kinds.count(Availability.UNKNOWN)
    parts = [plural(updates, "update") + " found" if updates else "", f"{changed} changed" if changed else ""]
    newer = sum(lines.unchanged(row) and row.newest is Newest.NO for row in state.services.values())
    found = ", ".join(part for part in parts if part) or "No update found"
    found += f", {newer} with newer tags" if newer else ""
    return f"{found}, {unknown} could not be checked" if unknown else found


def availability(row: ServiceRow) -> str:
    """The status column."""
    if lines.unchanged(row):
        found = row.newer_tags
        return f"newer: {lines.tags(found)}" if found and found.tags else labels.TAG_UNCHANGED
    return labels.AVAILABILITY[row.availability]


def container(row: ServiceRow) -> str:
    """State and health of a service's container."""
    if not row.view.state:
        return NO_CONTAINER
    return clean(row.view.state, 30) + (f", {clean(row.view.health, 30)}" if row.view.health else "")


def tag(reference: str) -> str:
    """The tag of a reference, its short digest, or its last part where it has neither."""
    found = Reference(clean(reference))
    return found.tag or short_digest(found.digest) or found.name.rpartition("/")[2]


# --- pull -------------------------------------------------------------------------------------------------------

TOTAL = "Total"
PULL_PHASES = {
    "waiting": "waiting",
    "loading": "loading",
    "downloading": "downloading",
    "verifying": "verifying",
    "extracting": "extracting",
    "done": "done",
}
PULL_WAITS = "waits for its turn"
PULL_ASKED = "R tries what failed again. C ends this run, and nothing will have been changed."


def pull_lead(state: RunState) -> str:
    """What the Pull pane is about, now."""
    rows = state.pulls.values()
    failed = [row for row in rows if row.state is PullState.FAILED]
    done = sum(row.state is PullState.DONE for row in rows)
    total = max(len(rows), _wanted(state))
    here = f"{done} of {plural(total, 'image')} {'is' if 1 in (done, total) else 'are'} here"
    if failed:
        return f"{here}; {len(failed)} failed."
    if not rows:
        return "The pulls begin; the containers keep running."
    if done == total:
        return f"All {plural(total, 'image')} are here." if total > 1 else "The image is here."
    return f"{here}; the containers keep running."


def _wanted(state: RunState) -> int:
    """How many images were selected; a few are pulled at once, so that not all pulls have begun."""
    if not any(one.question is Question.SELECT and one.choice is Choice.GO for one in state.decisions):
        return 0
    return len({row.requested or row.view.reference for row in state.services.values() if row.selected})


def pull_amount(row: PullRow) -> str:
    """How many bytes of how many."""
    if row.state is PullState.DONE:
        return size(row.size) if row.new else "was here"
    if not row.total:
        return ""
    return amount(row.done, row.total)


def amount(done: float, total: float) -> str:
    """So many of so many bytes, the unit written once where it is the same."""
    one, other = size(done), size(total)
    number, _, unit = one.partition(" ")
    return f"{number} of {other}" if other.endswith(f" {unit}") else f"{one} of {other}"


def pull_note(row: PullRow, now: datetime) -> str:
    """What is said of a pull beside its bar."""
    match row.state:
        case PullState.WAITING:
            return PULL_WAITS
        case PullState.STALLED:
            return lines.stalled(row.wait, away=row.away)
        case PullState.RETRYING:
            left = max(row.wait - seconds_since(row.since, now), 0.0)
            return f"attempt {row.attempt} in {duration(left)}" if left >= 1 else f"attempt {row.attempt} begins"
        case PullState.DONE:
            return f"done in {duration(row.seconds)}"
        case PullState.FAILED:
            return "failed"
    layers = f" {row.layers_done}/{row.layers}" if row.layers else ""
    attempt = f", attempt {row.attempt}" if row.attempt > 1 else ""
    return f"{PULL_PHASES.get(row.phase, clean(row.phase, 20))}{layers}{attempt}"


def time_left(done: float, total: float, speed: float) -> str:
    """How long the rest takes at this rate; empty where that cannot be said."""
    if speed <= 0 or total <= done:
        return ""
    return f"{duration((total - done) / speed)} left"


def pull_total(state: RunState) -> str:
    """All pulls together: bytes, rate and the time that is left."""
    rows = [row for row in state.pulls.values() if row.new or row.state is not PullState.DONE]
    total = sum(row.total or row.size for row in rows)
    done = sum((row.total or row.size) if row.state is PullState.DONE else row.done for row in rows)
    speed = sum(row.rate for row in rows)
    parts = [amount(done, total)] if total else []
    if speed:
        parts.append(rate(speed))
    if left := time_left(done, total, speed):
        parts.append(f"about {left}")
    return " · ".join(parts)


# --- versions ---------------------------------------------------------------------------------------------------

EXPECTED_FROM = {"expect": "--expect", "settings": "settings", "tag": "tag"}
NOT_EXPECTED, NOT_FOUND = "any", "unknown"
NOTHING_CHECKED = "The images are being checked."


def versions_lead(warnings: int, blocking: int, *, done: bool) -> str:
    """What the Versions pane is about, now."""
    if not done:
        return NOTHING_CHECKED
    if blocking:
        return f"{plural(blocking, 'finding')} {'stops' if blocking == 1 else 'stop'} the update; nothing is changed."
    if warnings:
        return f"All images are here; {plural(warnings, 'warning')} to look at before going on."
    return "The images are what was asked for."


# --- confirm ----------------------------------------------------------------------------------------------------

CONFIRM_LEAD = "This is all that will be done. Enter asks once more before it begins."
LOSS_YES, LOSS_NO = "Yes, leave it behind", "No, look again"
CONFIRM_WAIT = "The plan is being made."
CONFIRM_TITLE = "Carry out this plan?"
CONFIRM_YES, CONFIRM_NO = "Yes, change it now", "No, look again"


DATA_DONE = "Done"


def data_question(plan: Plan) -> tuple[str, list[str]]:
    """What is asked about data: title and body."""
    if plan.restores:
        return "Whose data goes back?", ["What is there now is saved first, and stays in the backups."]
    return "Whose data is saved first?", [
        "It is copied while its service is stopped, so that it can go back with the image; the service is away longer."
    ]


def data_option(name: str, *, chosen: bool) -> str:
    """A service in that question."""
    return f"[{'x' if chosen else ' '}] {clean(name, 40)}"


def confirm_body(plan: Plan | None) -> list[str]:
    """What the operator agrees to, in one or two lines."""
    if plan is None:
        return []
    stopping = [o.subject for o in plan.operations if o.containers or o.subject in plan.downtime]
    names = list(dict.fromkeys(stopping))
    if not names:
        return ["No running container is stopped."]
    longest = max((plan.downtime.get(name, 0.0) for name in names), default=0.0)
    about = f", each for about {duration(longest)} at most" if longest else ""
    if len(names) == 1:
        about = f" for about {duration(longest)}" if longest else ""
    return [f"{'These are' if len(names) > 1 else 'This is'} stopped{about}: {listed(names, 8)}."]
