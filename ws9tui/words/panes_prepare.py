"""Texts of the panes before the commit: Images, Pull, Versions, Confirm."""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.journal.run_state import Newest, Phase, PullRow, PullState, RunState, ServiceRow
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, Choice, Question, Verb
from ws9tui.problems.problem import Problem
from ws9tui.words import forms, labels, phrases, problems
from ws9tui.words.panes import seconds_since
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import beside, clean, joined, listed, rate, short_digest, size

# --- images -----------------------------------------------------------------------------------------------------

NOTHING_SELECTED = Message("Nothing is selected: Space selects the service under the cursor.")
NOT_SELECTABLE = Message("This service cannot be selected; the reason is below.")
NO_SERVICES = Message("This project has no services.")
CHECKING = Message("checking")
DETAIL_REFERENCE, DETAIL_ASKED, DETAIL_RUNS, DETAIL_HAS = (
    Message("in files"),
    Message("requested"),
    Message("running", "an image"),
    Message("registry"),
)
DETAIL_OFFLINE, DETAIL_TAG = Message("offline"), Message("tag")
DETAIL_WHY, DETAIL_REMEDY = Message("why"), Message("to do")
NO_IMAGE = Message("built locally; the files name no image")
MADE = Message("built {age:said} ago")


def images_lead(state: RunState, selected: int) -> str:
    """Returns the lead of the Images pane."""
    asked = state.asked is not None and state.asked.question is Question.SELECT
    if state.phase is Phase.LOOKING and state.decisions and state.decisions[-1].choice is Choice.RELEASE:
        return say(
            "Fetching the release from {source}.", source=clean(state.decisions[-1].answers.get("source", ""), 60)
        )
    pending = sum(row.availability is Availability.CHECKING for row in state.services.values())
    if pending:
        return _PENDING(pending)
    if not asked:
        return say("Inspecting services and registries.")
    return _SELECTED(len(state.services), found=_found(state), selected=selected)


_PENDING = Plural("Checking the registries; {count} service left.", "Checking the registries; {count} services left.")
_SELECTED = Plural(
    "{found:said}; {selected} of {count} service selected.", "{found:said}; {selected} of {count} services selected."
)
_UPDATES = Plural("{count} update found", "{count} updates found")
_CHANGED = Plural("{count} changed", "{count} changed")
_NEWER = Plural("{count} with newer tags", "{count} with newer tags")
_HELD = Plural("{count} held", "{count} held")
_UNKNOWN = Plural("{count} could not be checked", "{count} could not be checked")


def _found(state: RunState) -> str:
    """Returns the survey's result in counts; services that could not be checked are always included."""
    if state.project and state.project.verb is Verb.INSTALL:
        return say("First install")
    kinds = [row.availability for row in state.services.values()]
    updates, changed = kinds.count(Availability.UPDATE), kinds.count(Availability.CHANGED)
    newer = sum(phrases.unchanged(row) and row.newest is Newest.NO for row in state.services.values())
    held, unknown = kinds.count(Availability.HELD), kinds.count(Availability.UNKNOWN)
    counts = ((updates, _UPDATES), (changed, _CHANGED), (held, _HELD), (newer, _NEWER), (unknown, _UNKNOWN))
    none = "" if updates or changed or held else say("No update found")
    return joined((none, *(said(count) for count, said in counts if count)))


def availability(row: ServiceRow) -> str:
    """Returns the text of the status column."""
    if phrases.unchanged(row):
        found = row.newer_tags
        return say("newer: {tags:said}", tags=phrases.tags(found)) if found and found.tags else labels.TAG_UNCHANGED()
    return labels.AVAILABILITY[row.availability]()


def container(row: ServiceRow) -> str:
    """Returns the state and health of a service's container."""
    if not row.view.state:
        return labels.NO_CONTAINER()
    return beside((forms.state(row.view.state), forms.state(row.view.health)))


def tag(reference: str) -> str:
    """Returns the tag of a reference, else its short digest, else the last part of its name."""
    found = Reference(clean(reference))
    return found.tag or short_digest(found.digest) or found.name.rpartition("/")[2]


# --- pull -------------------------------------------------------------------------------------------------------

PULL_WAITS = Message("queued")


def pull_lead(state: RunState) -> str:
    """Returns the lead of the Pull pane."""
    rows = state.pulls.values()
    failed = [row for row in rows if row.state is PullState.FAILED]
    done = sum(row.state is PullState.DONE for row in rows)
    total = max(len(rows), _wanted(state))
    images = phrases.IMAGES(total)
    if failed:
        return say("{done} of {images:said} ready; {failed} failed.", done=done, images=images, failed=len(failed))
    if running := checking(state):
        return running
    if not rows:
        return say("Starting the pulls; the containers keep running.")
    if done == total:
        return _ALL_READY(total)
    return say("{done} of {images:said} ready; the containers keep running.", done=done, images=images)


_ALL_READY = Plural("The image is ready.", "All {count} images are ready.")


def _wanted(state: RunState) -> int:
    """Returns how many images were selected; only a few are pulled at a time, so not all pulls have started."""
    if not any(one.question is Question.SELECT and one.choice is Choice.GO for one in state.decisions):
        return 0
    return len({row.requested or row.view.reference for row in state.services.values() if row.selected})


def pull_amount(row: PullRow) -> str:
    """Returns the downloaded and total bytes of a pull."""
    if row.state is PullState.DONE:
        return size(row.size) if row.new else say("present")
    if not row.total:
        return ""
    return amount(row.done, row.total)


def amount(done: float, total: float) -> str:
    """Formats done and total bytes, with the unit once if it is the same."""
    one, other = size(done), size(total)
    number, _, unit = one.partition(" ")
    return say("{done:said} of {total:said}", done=number if other.endswith(f" {unit}") else one, total=other)


def pull_note(row: PullRow, now: datetime) -> str:
    """Returns the note beside a pull's progress bar."""
    match row.state:
        case PullState.WAITING:
            return PULL_WAITS()
        case PullState.STALLED:
            return phrases.stalled(row.wait, away=row.away)
        case PullState.RETRYING:
            left = max(row.wait - seconds_since(row.since, now), 0.0)
            if left < 1:
                return say("starting attempt {attempt}", attempt=row.attempt)
            return say("attempt {attempt} in {left:duration}", attempt=row.attempt, left=left)
        case PullState.DONE:
            return say("done in {seconds:duration}", seconds=row.seconds)
        case PullState.FAILED:
            return labels.PULL_STATES[row.state]()
    return say(
        "{phase:said}[ {done}/{layers}][, attempt {attempt}]",
        phase=labels.pull_phase(row.phase),
        done=row.layers_done,
        layers=row.layers or "",
        attempt=row.attempt if row.attempt > 1 else "",
    )


def pull_trouble(row: PullRow, problem: Problem) -> str:
    """Returns why an image could not be pulled, and for which services."""
    return say("[{services:said}: ]{why:said}", services=listed(row.services), why=problems.title(problem))


def time_left(done: float, total: float, speed: float) -> str:
    """Returns the remaining time at this rate; empty if unknown."""
    if speed <= 0 or total <= done:
        return ""
    return say("{left:duration} left", left=(total - done) / speed)


def coming(state: RunState) -> tuple[list[PullRow], int, int]:
    """Returns the pulls that transfer data, their bytes so far and their total bytes."""
    rows = [row for row in state.pulls.values() if row.new or row.state is not PullState.DONE]
    done = sum((row.total or row.size) if row.state is PullState.DONE else row.done for row in rows)
    return rows, done, sum(row.total or row.size for row in rows)


def pull_total(state: RunState) -> str:
    """Returns bytes, rate and remaining time of all pulls together."""
    rows, done, total = coming(state)
    speed = sum(row.rate for row in rows)
    unknown = any(row.state is not PullState.DONE and not (row.total or row.size) for row in rows)
    parts = [say("{done:size} so far", done=done) if unknown else amount(done, total)] if total else []
    if speed:
        parts.append(rate(speed))
    if left := time_left(done, total, speed):
        parts.append(say("about {left:said}", left=left))
    return " · ".join(parts)


ACCEPT_YES, ACCEPT_NO = Message("Yes, continue anyway"), Message("No, go back")
ACCEPT_FOUND = Message(
    "The version that was found is expected from now on; the recreated container must report it, too."
)


def checking(state: RunState) -> str:
    """Returns which programs are running on images; empty if none."""
    programs = list(dict.fromkeys(begun.program for begun in state.checking.values()))
    services = listed(list(state.checking), 6)
    if not programs:
        return ""
    return say("Running {programs:list} on the image of {services:said}.", programs=programs, services=services)


# --- versions ---------------------------------------------------------------------------------------------------

EXPECTED_FROM = {
    "expect": Message("--expect"),
    "settings": Message("settings", "where an expectation comes from"),
    "tag": Message("tag", "where an expectation comes from"),
}
NOT_EXPECTED, NOT_FOUND = Message("not pinned"), Message("unknown")
NOTHING_CHECKED = Message("Checking the images.")


def versions_lead(warnings: int, blocking: int, *, done: bool) -> str:
    """Returns the lead of the Versions pane."""
    if not done:
        return NOTHING_CHECKED()
    if blocking:
        return _STOPS(blocking)
    return _WARNED(warnings) if warnings else say("All images passed the checks.")


_STOPS = Plural(
    "{count} problem stops the update. Nothing has been changed.",
    "{count} problems stop the update. Nothing has been changed.",
)
_WARNED = Plural(
    "All images are ready. Review {count} warning before you continue.",
    "All images are ready. Review {count} warnings before you continue.",
)


# --- confirm ----------------------------------------------------------------------------------------------------

CONFIRM_LEAD = Message("Review the plan. Enter asks for one last confirmation; nothing has changed yet.")
LOSS_YES, LOSS_NO = Message("Yes, continue without it"), Message("No, go back")
CONFIRM_WAIT = Message("Preparing the plan.")
CONFIRM_YES, CONFIRM_NO = Message("Yes, apply it now"), Message("No, go back")


DATA_DONE = Message("Continue")


def data_question(plan: Plan) -> tuple[str, list[str]]:
    """Returns title and body of the question about data."""
    if plan.restores:
        return say("Restore which data?"), [say("The current data is backed up first, and that backup is kept.")]
    return say("Back up which data before the update?"), [
        say(
            "The service is stopped during its backup, so that the data can be restored with the image."
            " This adds downtime."
        )
    ]


def data_option(name: str, *, chosen: bool) -> str:
    """Returns a service's checkbox in the question about data."""
    return f"[{'x' if chosen else ' '}] {clean(name, 40)}"


def confirm_body(plan: Plan | None) -> list[str]:
    """Returns what the operator confirms: the expected downtime."""
    return [_stopped(plan, _STOPPED)] if plan else []


def downtime(plan: Plan) -> str:
    """Returns the services with downtime and its length, for use beside a heading."""
    return _stopped(plan, _AWAY)


def _stopped(plan: Plan, told: Plural) -> str:
    stopping = [o.subject for o in plan.operations if o.containers or o.subject in plan.downtime]
    names = list(dict.fromkeys(stopping))
    if not names:
        return say("No running container is stopped.")
    longest = max((plan.downtime.get(name, 0.0) for name in names), default=0.0)
    return told(len(names), longest=longest or "", services=listed(names, 8))


_STOPPED = Plural(
    "Downtime[ of about {longest:duration}]: {services:said}.",
    "Downtime[ of up to about {longest:duration} each]: {services:said}.",
)
_AWAY = Plural("[about {longest:duration}: ]{services:said}", "[up to about {longest:duration} each: ]{services:said}")
