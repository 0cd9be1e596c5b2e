"""The wizard's own words: what its frame, keys and dialogs say beside what the other modules offer.

Those of the panes before the commit are in :mod:`ws9tui.words.panes_prepare`, the later ones in
:mod:`ws9tui.words.panes_commit`.
"""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.journal.events import Asked, EngineFound, ProjectFound
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Availability, Verb
from ws9tui.problems.engine import RunIsLive
from ws9tui.words import commands, labels
from ws9tui.words.text import (
    clean,
    duration,
    parse_time,
    plural,
)

NAME = "ws9tui"

# --- keys: label in the key line, sentence in the help ----------------------------------------------------------

KEYS = {
    "mark": ("Toggle", "select the service under the cursor, or not"),
    "all": ("All", "select all services that can be selected, or none"),
    "edit": ("Edit", "ask for another tag, digest or reference for the service under the cursor"),
    "go": ("Next", "on to the next step"),
    "look_up": ("Look up", "look at what the source has"),
    "change": ("Change", "enter another value for what is under the cursor"),
    "to_release": ("Release", "go to a release of the product, files and images together"),
    "write_answers": ("Write answers", "write a file with which the same can be installed unattended"),
    "finish": ("Finish", "end this run; there is nothing to do"),
    "pick": ("Choose", "take the project under the cursor"),
    "data": ("Data", "choose whose data is saved first, or goes back"),
    "apply": ("Apply", "carry the plan out; asks once more"),
    "try_again": ("Try again", "do the failed step once more"),
    "retry": ("Retry", "try once more"),
    "keep": ("Keep", "the new version stays"),
    "roll_back": ("Roll back", "the earlier version runs again"),
    "roll_back_data": ("Back with data", "the earlier version runs again, with the data that was saved"),
    "hold": ("Hold", "nothing more is done; everything stays as it is"),
    "back": ("Back", "to what ran before the interrupted run"),
    "forward": ("Forward", "finish what the interrupted run began"),
    "choose": ("Go there", "see the plan that leads to the generation under the cursor"),
    "others": ("Others", "choose among all generations that can be reached"),
    "go_back": ("Back", "choose among all generations that can be reached"),
    "record": ("Save", "record what runs as a generation, and change nothing else"),
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
    "install": "Install",
    "images": "Images",
    "pull": "Pull",
    "versions": "Versions",
    "confirm": "Confirm",
    "recreate": "Recreate",
    "outcome": "Outcome",
    "recovery": "Recovery",
    "generations": "Choose",
    "merge": "Release",
}
PANES = {
    "looking": "Looking around",
    "install": "Install",
    "images": "Images",
    "pull": "Pull",
    "versions": "Versions",
    "confirm": "Confirm",
    "recreate": "Recreate",
    "outcome": "Outcome",
    "recovery": "Recovery",
    "generations": "Generations",
    "merge": "Release",
    "log": "Log",
}
STEP_OF = " · step {} of {}"
SENT = "Sent; the worker has not answered yet."
CANCELLING = "Cancelling; what this run brought is taken away again."
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
    if state.release:
        running, coming = clean(state.release.running, 30), clean(state.release.version, 30)
        return f"{running} → {coming}" if running and running != coming else coming
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


# --- headings of tables ---------------------------------------------------------------------------------------

SERVICE, RUNNING, REGISTRY, STATUS = "Service", "Running", "Registry", "Status"
EXPECTED, FOUND, DIGEST, PLATFORM = "Expected", "Found", "Digest", "Platform"
WAVE = "Wave"
STATE, HEALTH, RESTARTS, VERDICT, AWAY = "State", "Health", "Restarts", "Verdict", "Away"


# --- looking around ---------------------------------------------------------------------------------------------

LOOK_STARTING = "The worker"
LOOK_ENGINE = "The Docker engine and Compose"
LOOK_PROJECT = "The project"
LOOK_SERVICES = "What runs, and what the registries have"
WHICH_PROJECT = "Which project is meant?"
THIS_PROJECT = "Is this the project that is meant?"
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


# --- dialogs ----------------------------------------------------------------------------------------------------

DEMO_LEAVE = "Leave"
DETACH_TITLE = "Leave the wizard?"
DETACH_YES, DETACH_NO, DETACH_CANCEL = "Leave, it goes on", "Stay", "Cancel the run and leave"
EDIT_TITLE = "Another image for {}"
EDIT_HELP = "A tag (1.25.5), a digest (sha256:…) or a whole reference. Empty: what the files say."
EDIT_KEYS = "Enter ask the registry · Esc back"
CANCEL_TITLE = "Cancel this run?"
CANCEL_YES, CANCEL_NO = "Cancel the run", "Go on with it"
HELP_TITLE = "Help: {}"
DIALOG_KEYS = "↑↓ choose · Enter take it · Esc back"


def cancel_body(state: RunState) -> str:
    """What a cancel does."""
    if state.interruption:
        return "Nothing is changed now. The recovery is offered again at the next start."
    if state.pulls:
        return "Nothing has been changed. The pulls stop, and what they brought is removed again."
    return "Nothing has been changed."


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
    lines.append(f"Come back with: {commands.told('attach')}")
    return lines


def farewell_detached(*, demo: bool, cancelling: bool) -> list[str]:
    """What stands on the terminal after a detach; ``cancelling``: the run was told to end before that."""
    if demo:
        return [labels.DEMO_LEFT]
    if cancelling:
        return ["The run is being cancelled: nothing was changed, and what it brought is taken away again."]
    return ["The run goes on by itself.", f"Come back with: {commands.told('attach')}"]


MOVES = "move through the lines"
HELP_KEYS = "↑↓ scroll · Esc back"


def watching_other(busy: RunIsLive) -> str:
    """That the wizard shows somebody else's run."""
    number = "?" if busy.number is None else busy.number
    return f"Another run is live: this is run {number} of {clean(busy.user, 40) or 'somebody'}."


# --- the log ----------------------------------------------------------------------------------------------------

LOG_EMPTY = "Nothing has happened yet."
LOG_SCROLL, LOG_FOLLOW = "Scroll", "Follow"
