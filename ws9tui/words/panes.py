"""The wizard's own words: what its panes, keys and dialogs say beside what the other modules offer."""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.events import Asked, Availability, Choice, EngineFound, ProjectFound, Question, Verb
from ws9tui.core.fold import Interruption, PullRow, PullState, RunState, ServiceRow, StepRow, WatchRow
from ws9tui.errors import Problem
from ws9tui.words import labels, problems
from ws9tui.words.text import (
    clean,
    duration,
    listed,
    parse_time,
    plural,
    precise,
    rate,
    short_digest,
    short_reference,
    size,
)

NAME = "ws9tui"

# --- keys: label in the key line, sentence in the help ----------------------------------------------------------

KEYS = {
    "mark": ("Toggle", "select the service under the cursor, or not"),
    "all": ("All", "select all services that can be selected, or none"),
    "edit": ("Edit", "ask for another tag, digest or reference for the service under the cursor"),
    "go": ("Next", "on to the next step"),
    "pick": ("Choose", "take the project under the cursor"),
    "apply": ("Apply", "carry the plan out; asks once more"),
    "try_again": ("Try again", "do the failed step once more"),
    "retry": ("Retry", "try once more"),
    "keep": ("Keep", "the new version stays"),
    "roll_back": ("Roll back", "the earlier version runs again"),
    "hold": ("Hold", "nothing more is done; everything stays as it is"),
    "back": ("Back", "to what ran before the interrupted run"),
    "forward": ("Forward", "finish what the interrupted run began"),
    "stay": ("Stay", "everything stays as it is now"),
    "cancel": ("Cancel", "stop this run; nothing has been changed"),
    "log": ("Log", "what has happened so far, line by line"),
    "help": ("Help", "what this pane shows and which keys work in it"),
    "detach": ("Detach", "leave the wizard; the run goes on by itself"),
    "leave": ("Leave", "leave the wizard"),
    "close": ("Close", "back to the wizard"),
}


def key_label(name: str) -> str:
    """What the key line calls an action."""
    return KEYS[name][0]


def key_help(name: str) -> str:
    """What the help says of an action."""
    return KEYS[name][1]


# --- the frame --------------------------------------------------------------------------------------------------

RAIL = "Steps"
STEPS = {
    "looking": "Look",
    "images": "Images",
    "pull": "Pull",
    "versions": "Versions",
    "confirm": "Confirm",
    "recreate": "Recreate",
    "outcome": "Outcome",
    "recovery": "Recovery",
}
PANES = {
    "looking": "Looking around",
    "images": "Images",
    "pull": "Pull",
    "versions": "Versions",
    "confirm": "Confirm",
    "recreate": "Recreate",
    "outcome": "Outcome",
    "recovery": "Recovery",
    "log": "Log",
}
SENT = "Sent; the worker has not answered yet."
CANCELLING = "Cancelling: the pulls are stopped and what came is removed."
CTRL_C = "Ctrl+C does nothing here. Q leaves the wizard; the run goes on."
CTRL_C_OVER = "Ctrl+C does nothing here. Q leaves the wizard."
SENT_FAILED = "The decision could not be written"
WAITING_IN_LOG = "A decision is waited for: Esc shows it."


def title(state: RunState, *, demo: bool) -> str:
    """The title line's left part: project, server, engine."""
    parts = ["demo"] if demo else []
    if state.project:
        parts.append(clean(state.project.source.name, 40))
    if state.engine:
        parts += [clean(state.engine.server, 40), f"Docker {clean(state.engine.engine_version, 20)}"]
    return " · ".join(parts)


def way(state: RunState) -> str:
    """The title line's right part: from which version to which, where that is known."""
    start = clean(state.project.version, 30) if state.project else ""
    if state.project and state.project.verb is Verb.ROLLBACK and state.plan:
        return f"generation {state.plan.before} → {state.plan.after}"
    selected = [row for row in state.services.values() if row.selected]
    if len(selected) == 1 and selected[0].resolved and selected[0].resolved.version:
        before = clean(selected[0].view.version, 30)
        after = clean(selected[0].resolved.version, 30)
        if before and before != after:
            return f"{before} → {after}"
    return start


def seconds_since(moment: str, now: datetime) -> float:
    """Seconds from a time in the journal until now; 0 where it is unknown or lies ahead."""
    then = parse_time(moment)
    return max((now - then).total_seconds(), 0.0) if then else 0.0


def seconds_left(asked: Asked, asked_at: str, now: datetime) -> float:
    """Seconds until a question's default is taken."""
    return max(asked.seconds - seconds_since(asked_at, now), 0.0)


def default_line(asked: Asked, asked_at: str, now: datetime) -> str:
    """What happens when nobody decides; empty where the question waits for ever."""
    if not asked.seconds:
        return ""
    what = labels.choice(asked.question, asked.default)
    left = seconds_left(asked, asked_at, now)
    return f"Without a decision in {duration(left)}: {what}." if left >= 1 else f"Time is up: {what}."


# --- looking around ---------------------------------------------------------------------------------------------

LOOK_STARTING = "The worker"
LOOK_ENGINE = "The Docker engine and Compose"
LOOK_PROJECT = "The project"
LOOK_SERVICES = "What runs, and what the registries have"
WHICH_PROJECT = "More than one Compose project was found here. Which one?"
ANSWER_AWAITED = "{} without an answer so far"


def engine(found: EngineFound) -> str:
    """The engine in a line."""
    return (
        f"Docker {clean(found.engine_version, 30)} on {clean(found.server, 60)} ({clean(found.architecture, 20)}),"
        f" Compose {clean(found.compose_version, 30)}"
    )


def project(found: ProjectFound) -> str:
    """The project in a line."""
    version = f" {clean(found.version, 40)}" if found.version else ""
    return f"{clean(found.source.name, 60)}{version} in {clean(found.source.folder, 200)}"


def looked_at(state: RunState) -> str:
    """How many services have been looked at."""
    checked = sum(row.availability is not Availability.CHECKING for row in state.services.values())
    return f"{checked} of {plural(len(state.services), 'service')}" if state.services else ""


# --- images -----------------------------------------------------------------------------------------------------

SERVICE, RUNNING, REGISTRY, STATUS = "Service", "Running", "Registry", "Status"
NOTHING_SELECTED = "Nothing is selected: Space selects the service under the cursor."
FINISH = "Finish"
NOT_SELECTABLE = "This service cannot be selected; below is why."
NO_SERVICES = "This project has no services."
NOT_ASKED = "The registries are still being asked."
CHECKING = "checking"
DETAIL_REFERENCE, DETAIL_ASKED, DETAIL_RUNS, DETAIL_HAS = "in files", "asked for", "running", "registry"
DETAIL_STATE, DETAIL_WHY, DETAIL_REMEDY = "container", "why", "to do"
NO_IMAGE = "built here; the files name no image"
MADE = "made {} ago"
NO_CONTAINER = "has no container"
EDIT_TITLE = "Another image for {}"
EDIT_HELP = "A tag (1.25.5), a digest (sha256:…) or a whole reference. Empty: what the files say."
EDIT_KEYS = "Enter ask the registry · Esc back"


def images_lead(state: RunState, selected: int) -> str:
    """What the Images pane is about, now."""
    asked = state.asked is not None and state.asked.question is Question.SELECT
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
    found = ", ".join(part for part in parts if part) or "No update found"
    return f"{found}, {unknown} could not be checked" if unknown else found


def availability(row: ServiceRow) -> str:
    """The status column."""
    return labels.AVAILABILITY[row.availability]


def container(row: ServiceRow) -> str:
    """State and health of a service's container."""
    if not row.view.state:
        return NO_CONTAINER
    return clean(row.view.state, 30) + (f", {clean(row.view.health, 30)}" if row.view.health else "")


def tag(reference: str) -> str:
    """The tag of a reference, its short digest, or its last part where it has neither."""
    name, _, digest = clean(reference).partition("@")
    last = name.rpartition("/")[2]
    _, colon, found = last.partition(":")
    if colon:
        return found
    return short_digest(digest) if digest else last


# --- pull -------------------------------------------------------------------------------------------------------

TOTAL = "Total"
PULL_PHASES = {
    "waiting": "waiting",
    "downloading": "downloading",
    "verifying": "verifying",
    "extracting": "extracting",
    "done": "done",
}
PULL_WAITS = "waits for its turn"
PULL_ASKED = "R tries what failed again. C ends this run, and nothing will have been changed."
CANCEL_TITLE = "Cancel this run?"
CANCEL_BODY = "Nothing has been changed. The pulls stop, and what they brought is removed again."
CANCEL_YES, CANCEL_NO = "Cancel the run", "Go on with it"


def pull_lead(state: RunState) -> str:
    """What the Pull pane is about, now."""
    rows = state.pulls.values()
    failed = [row for row in rows if row.state is PullState.FAILED]
    done = sum(row.state is PullState.DONE for row in rows)
    if failed:
        return f"{done} of {plural(len(rows), 'image')} {'is' if done == 1 else 'are'} here; {len(failed)} failed."
    if not rows:
        return "The pulls begin; the containers keep running."
    if done == len(rows):
        return f"All {plural(len(rows), 'image')} are here." if len(rows) > 1 else "The image is here."
    return f"{done} of {plural(len(rows), 'image')} {'is' if done == 1 else 'are'} here; the containers keep running."


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
            return f"no data for {duration(row.wait)}"
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

EXPECTED, FOUND, DIGEST, PLATFORM = "Expected", "Found", "Digest", "Platform"
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
CONFIRM_WAIT = "The plan is being made."
CONFIRM_TITLE = "Carry out this plan?"
CONFIRM_YES, CONFIRM_NO = "Yes, change it now", "No, look again"


def confirm_body(state: RunState) -> list[str]:
    """What the operator agrees to, in one or two lines."""
    plan = state.plan
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


# --- recreate ---------------------------------------------------------------------------------------------------

WAVE = "Wave"
STATE, HEALTH, RESTARTS, VERDICT, AWAY, COMPOSE = "State", "Health", "Restarts", "Verdict", "Away", "Compose"
NO_CHECK = "no check"
NOT_YET, NOT_JUDGED = "not yet touched", "not watched to the end"
TAKEN_AWAY, STOPPED = "taken away", "stopped, as it was before"
LAST_LINES = "Last log lines of {}"
NO_LINES = "no log lines yet"


def recreate_lead(state: RunState, now: datetime) -> str:
    """What the Recreate pane is about, now."""
    if state.gate_passed:
        return "All services are well."
    waiting = [row for row in state.watched.values() if row.verdict == "waiting"]
    if all(step.done for step in state.steps) and state.steps and waiting and _watching(state):
        left = max((row.remaining - seconds_since(row.since, now) for row in waiting), default=0.0)
        return f"Watching {plural(len(waiting), 'service')}; judged in {duration(max(left, 0.0))} at most."
    total = len(state.plan.operations) if state.plan else len(state.steps)
    done = min(sum(max(len(step.services), 1) for step in state.steps if step.done), total)
    return f"Carrying out the plan: {done} of {plural(total, 'step')} done."


def _watching(state: RunState) -> bool:
    return state.phase.value == "watching"


def verdict(row: WatchRow, now: datetime, *, ended: bool) -> str:
    """What is thought of a service, and until when it is watched."""
    if row.verdict == "waiting" and ended:
        return NOT_JUDGED
    if not row.verdict:
        return TAKEN_AWAY if row.state == "removed" else STOPPED
    if row.verdict != "waiting":
        name = labels.VERDICTS.get(row.verdict, clean(row.verdict, 20))
        return f"{name}: {problems.brief(row.problem)}" if row.problem else name
    left = max(row.remaining - seconds_since(row.since, now), 0.0)
    until = f"{duration(left)} left" if left >= 1 else labels.VERDICTS["waiting"]
    if row.problem is None:
        return until
    # how long it was from then is not how long it is from now
    facts = {key: fact for key, fact in row.problem.facts.items() if key != "seconds"}
    return f"{until}: {problems.brief(Problem(row.problem.code, facts))}"


def doing(row: WatchRow, begun: StepRow | None, now: datetime) -> str:
    """What is being done with a service's container."""
    said = clean(row.doing, 60).lower()
    if begun is None:
        return said
    kind = labels.STEPS.get(begun.kind, clean(begun.kind, 30))
    parts = [f"{kind}, {step_time(begun, now)}", said if said and said != kind else ""]
    return ": ".join(part for part in parts if part)


def step(row: StepRow) -> str:
    """A step of the plan."""
    kind = labels.STEPS.get(row.kind, clean(row.kind, 30))
    subject = short_reference(row.subject) if row.kind == "tag" else clean(row.subject, 200)
    return f"{kind} {subject}"


def step_time(row: StepRow, now: datetime) -> str:
    """How long a step took, or takes so far."""
    return precise(row.seconds) if row.done else duration(seconds_since(row.started_at, now))


def away(seconds: float | None) -> str:
    """A measured downtime."""
    return "" if seconds is None else precise(seconds)


# --- outcome ----------------------------------------------------------------------------------------------------

NEXT = "Next"
CHOICES = "Your choices"
ROLL_BACK_TITLE = "Roll back?"
ROLL_BACK_YES, ROLL_BACK_NO = "Roll back now", "Go on watching"
KEEP_ANYWAY_TITLE = "Keep it though it is not well?"
KEEP_ANYWAY_BODY = "The new version stays as it is. The way back stays ready."
ALL_WELL = "All services are well."
KEEP_YES, KEEP_NO = "Keep it", "Look again"
DIED = "The worker is gone"
DIED_BEFORE = "Nothing had been changed: what ran before runs now."
DIED_AMID = "It was in the middle of its changes. What was recorded is safe; recovery goes back, or finishes it."
LOGS_AT = "Logs of the containers are kept in {}"


def roll_back_body(state: RunState) -> list[str]:
    """What going back means."""
    number = state.plan.before if state.plan else 0
    if not number:
        return ["What this run made is taken away again; volumes stay."]
    return [f"Generation {number} runs again, from images and files that are kept here; no network is needed."]


def going_back(state: RunState) -> str:
    """What the pane is about while it goes back."""
    to = state.rollback.to if state.rollback else 0
    goal = f"generation {to}" if to else "what was there before"
    return f"Going back to {goal}; it goes on by itself."


# --- recovery ---------------------------------------------------------------------------------------------------

RECOMMENDED = "recommended"
RUNS_NOW = "What runs now"
WAS_DOING = "What that run did"
WAS_UNDER_WAY, NOT_BEGUN = "was under way", "not begun"
RECOVER_TITLES = {
    Choice.BACK: "Go back to generation {before}?",
    Choice.FORWARD: "Go on to generation {after}?",
    Choice.LEAVE: "Leave everything as it is?",
}
RECOVER_BODIES = {
    Choice.BACK: "What ran before that run, runs again. Its files and images are kept here; no network is needed.",
    Choice.FORWARD: "What that run began is finished, and then watched as after any update.",
    Choice.LEAVE: "Nothing is changed now. The recovery is offered again at the next start.",
}
RECOVER_YES, RECOVER_NO = "Yes", "No, look again"
STATE_WORDS = labels.INTERRUPTED_STATES


def recovery_lead(state: RunState, now: datetime) -> str:
    """Which run was interrupted."""
    if state.interruption is None:
        return ""
    run = state.interruption.run
    ago = duration(seconds_since(run.started_at, now))
    user = clean(run.actor.user, 40)
    by = f" of {user}" if user else ""
    return f"Run {run.run}{by}, begun {ago} ago, was interrupted while it changed the project."


def recover_choice(choice: Choice, found: Interruption) -> str:
    """A way out, with the generation that it leads to."""
    name = labels.choice(Question.RECOVER, choice)
    goal = {Choice.BACK: found.run.before, Choice.FORWARD: found.run.after}.get(choice)
    return f"{name} to generation {goal}" if goal else name


def recover_reason(found: Interruption) -> str:
    """Why the recommended way is recommended."""
    match found.run.recommended:
        case Choice.FORWARD:
            return "Forward is recommended: all its steps were done, only the last look at the services is missing."
        case Choice.BACK:
            return "Back is recommended: it was in the middle of its steps, and what ran before is recorded in full."
    return "Leave is recommended: what runs now is already one of the two."


def step_name(step: str) -> str:
    """A step of an interrupted run, given as 'kind subject'."""
    kind, _, subject = step.partition(" ")
    name = short_reference(subject) if kind == "tag" else clean(subject, 200)
    return f"{labels.STEPS.get(kind, clean(kind, 30))} {name}"


def recover_command(state: RunState) -> str:
    """How an interrupted run is dealt with."""
    return f"ws9tui recover {clean(state.project.source.name, 80)}" if state.project else "ws9tui recover"


# --- dialogs ----------------------------------------------------------------------------------------------------

DEMO_LEAVE = "Leave"
DETACH_TITLE = "Leave the wizard?"
DETACH_YES, DETACH_NO, DETACH_CANCEL = "Leave, it goes on", "Stay", "Cancel the run and leave"
HELP_TITLE = "Help: {}"
DIALOG_KEYS = "←→ choose · Enter take it · Esc back"


def detach_body(state: RunState, *, demo: bool) -> list[str]:
    """What goes on after the wizard has gone."""
    if demo:
        return [labels.DEMO_LEFT]
    lines = ["The run goes on by itself, whatever happens to this terminal."]
    if state.asked is not None:
        if state.asked.seconds:
            what = labels.choice(state.asked.question, state.asked.default)
            lines.append(f"The open question is answered by its default when its time is up: {what}.")
        else:
            lines.append("It waits at the open question until somebody answers or cancels.")
    lines.append(f"Come back with: {attach_command(state)}")
    return lines


def attach_command(state: RunState) -> str:
    """How to come back to this run."""
    return f"ws9tui attach {clean(state.project.source.name, 80)}" if state.project else "ws9tui attach"


def farewell_detached(state: RunState, *, demo: bool) -> list[str]:
    """What stands on the terminal after a detach."""
    if demo:
        return [labels.DEMO_LEFT]
    return ["The run goes on by itself.", f"Come back with: {attach_command(state)}"]


MOVES = "move through the lines"
HELP_KEYS = "↑↓ scroll · Esc back"


def watching_other(problem: Problem) -> str:
    """That the wizard shows somebody else's run."""
    user = clean(problem.facts.get("user", ""), 40) or "somebody"
    return f"Another run is live: this is run {clean(problem.facts.get('number', '?'), 10)} of {user}."


# --- the log ----------------------------------------------------------------------------------------------------

LOG_EMPTY = "Nothing has happened yet."
LOG_SCROLL, LOG_FOLLOW = "Scroll", "Follow"
