"""The wizard's own texts: frame, keys and dialogs.

Texts of the panes before the commit are in :mod:`ws9tui.words.panes_prepare`, the later ones in
:mod:`ws9tui.words.panes_commit`.
"""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.journal.events import Asked, ProjectFound
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Availability, Choice, Verb
from ws9tui.problems.engine import RunIsLive
from ws9tui.words import commands, labels, phrases
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean, parse_time

NAME = "ws9tui"

# --- keys: label in the key line, sentence in the help ----------------------------------------------------------

KEYS = {
    "mark": (Message("Toggle", "key"), Message("select or deselect the service under the cursor")),
    "all": (Message("All", "key"), Message("select all services, or none")),
    "edit": (
        Message("Edit", "key"),
        Message("enter another tag, digest or full image name for the service under the cursor"),
    ),
    "tags": (Message("Tags", "key"), Message("choose from the tags of the service under the cursor")),
    "go": (Message("Next", "key"), Message("continue to the next step")),
    "look_up": (Message("Look up", "key"), Message("check what the source offers")),
    "change": (Message("Change", "key"), Message("enter another value for the setting under the cursor")),
    "to_release": (Message("Release", "key"), Message("update to a release of the product: files and images together")),
    "write_answers": (
        Message("Write answers", "key"),
        Message("write an answer file, to repeat this install unattended"),
    ),
    "finish": (Message("Finish", "key"), Message("end this run; there is nothing to update")),
    "pick": (Message("Choose", "key"), Message("use the project under the cursor")),
    "filter": (Message("Filter", "key"), Message("show only what contains the typed text")),
    "details": (Message("Details", "key"), Message("open or close files, containers and digests")),
    "data": (Message("Data", "key"), Message("choose whose data is backed up or restored")),
    "apply": (Message("Apply", "key"), Message("start the changes, after one last confirmation")),
    "try_again": (Message("Try again", "key"), Message("repeat the failed step")),
    "accept": (Message("Accept", "key"), Message("continue despite a failed check, after one last confirmation")),
    "accept_found": (
        Message("Accept", "key"),
        Message("accept the image that was found instead of the expected one, after one last confirmation"),
    ),
    "leave_out": (Message("Leave out", "key"), Message("continue with the other services")),
    "previous": (Message("Back", "key"), Message("return to the step before; pulled images are kept for this run")),
    "recheck": (Message("Re-check", "key"), Message("ask the registries again")),
    "mirror": (Message("Mirror", "key"), Message("pull from a mirror of a registry, by the registry's own digests")),
    "again": (Message("Again", "key"), Message("start over with this project")),
    "history": (Message("History", "key"), Message("leave, and print what happened in this run")),
    "other_project": (Message("Another project", "key"), Message("choose another project")),
    "retry": (Message("Retry", "key"), Message("pull again what failed")),
    "keep": (Message("Keep", "key"), Message("what runs now stays")),
    "roll_back": (Message("Roll back", "key"), Message("return to what ran before")),
    "roll_back_data": (
        Message("Roll back + data", "key"),
        Message("return to what ran before, with its saved data"),
    ),
    "hold": (Message("Hold", "key"), Message("stop here and leave everything as it is")),
    "back": (Message("Roll back", "key"), Message("return to the state before the interrupted run")),
    "forward": (Message("Forward", "key"), Message("finish the interrupted run")),
    "choose": (Message("Select", "key"), Message("see the plan for the generation under the cursor")),
    "others": (Message("Generations", "key"), Message("choose from all available generations")),
    "go_back": (Message("Generations", "key"), Message("choose an earlier generation to roll back to")),
    "record": (Message("Save", "key"), Message("record what runs now as a generation; nothing else changes")),
    "stay": (Message("Stay", "key"), Message("leave everything as it is now")),
    "cancel": (Message("Cancel", "key"), Message("stop this run; nothing has been changed")),
    "log": (Message("Log", "key"), Message("show what has happened so far")),
    "help": (Message("Help", "key"), Message("explain this pane and its keys")),
    "detach": (Message("Detach", "key"), Message("leave the wizard; the run continues in the background")),
    "leave": (Message("Leave", "key"), Message("close the wizard")),
    "close": (Message("Close", "key"), Message("return to the wizard")),
}


def key_label(name: str) -> str:
    """Returns the label of an action in the key line."""
    return KEYS[name][0]()


def key_help(name: str) -> str:
    """Returns the description of an action in the help."""
    return KEYS[name][1]()


def key_line(name: str) -> str:
    """Returns an action's label and description, for a line of the help."""
    return say("{label:said}: {about:said}", label=key_label(name), about=key_help(name))


# --- the frame --------------------------------------------------------------------------------------------------

STEPS = {
    "looking": Message("Inspect", "step of the wizard"),
    "install": Message("Install", "step of the wizard"),
    "images": Message("Images", "step of the wizard"),
    "pull": Message("Pull", "step of the wizard"),
    "versions": Message("Versions", "step of the wizard"),
    "confirm": Message("Confirm", "step of the wizard"),
    "recreate": Message("Recreate", "step of the wizard"),
    "outcome": Message("Outcome", "step of the wizard"),
    "recovery": Message("Recovery", "step of the wizard"),
    "generations": Message("Choose", "step of the wizard"),
    "merge": Message("Release", "step of the wizard"),
}
PANES = {
    "looking": Message("Inspecting", "pane"),
    "install": Message("Install", "pane"),
    "images": Message("Images", "pane"),
    "pull": Message("Pull", "pane"),
    "versions": Message("Versions", "pane"),
    "confirm": Message("Confirm", "pane"),
    "recreate": Message("Recreate", "pane"),
    "outcome": Message("Outcome", "pane"),
    "recovery": Message("Recovery", "pane"),
    "generations": Message("Generations", "pane"),
    "merge": Message("Release", "pane"),
    "log": Message("Log", "pane"),
}
STEP_OF = Message(" · step {number} of {steps}")
SENT = Message("Sent; waiting for the worker.")
CANCELLING = Message("Cancelling; what this run pulled is removed.")
CTRL_C = Message("Ctrl+C does nothing here. Press Q to leave; the run continues.")
CTRL_C_OVER = Message("Ctrl+C does nothing here. Press Q to leave.")
SENT_FAILED = Message("The decision could not be saved. {why:said}")
WAITING_IN_LOG = Message("A decision is needed: press Esc to see it.")


def title(state: RunState, *, demo: bool) -> str:
    """Returns the title line's left part: project, server, engine."""
    parts = [say("demo")] if demo else []
    if state.project:
        parts.append(clean(state.project.source.name, 40))
    if state.engine:
        parts += [clean(state.engine.server, 40), f"Docker {clean(state.engine.engine_version, 20)}"]
    return " · ".join(parts)


def way(state: RunState) -> str:
    """Returns the title line's right part: the running version and, if known, the target version."""
    start = clean(state.project.version, 30) if state.project else ""
    if state.project and state.project.verb is Verb.ROLLBACK and state.plan:
        return say("generation {before} → {after}", before=state.plan.before, after=state.plan.after)
    if state.release:
        running, coming = clean(state.release.running, 30), clean(state.release.version, 30)
        return f"{running} → {coming}" if running and running != coming else coming
    selected = [row for row in state.services.values() if row.selected]
    if len(selected) == 1 and selected[0].resolved and selected[0].resolved.version:
        name, offer = selected[0].view.name, selected[0].offer
        proven = state.versions[name].found if name in state.versions else offer.version if offer else ""
        before, after = selected[0].view.version, proven or selected[0].resolved.version
        if before and before != after:
            return phrases.versions(before, after)
    return start


def seconds_since(moment: str, now: datetime) -> float:
    """Returns the seconds from a journal time until now; 0 if it is unknown or in the future."""
    then = parse_time(moment)
    return max((now - then).total_seconds(), 0.0) if then else 0.0


def seconds_left(asked: Asked, asked_at: str, now: datetime) -> float:
    """Returns the seconds until a question's default is chosen."""
    return max(asked.seconds - seconds_since(asked_at, now), 0.0)


_AUTOMATIC = {
    Choice.KEEP: Message("Auto-keep in {left:duration}."),
    Choice.ROLL_BACK: Message("Auto-rollback in {left:duration}."),
    Choice.ROLL_BACK_DATA: Message("Auto-rollback with data in {left:duration}."),
    Choice.CANCEL: Message("Auto-cancel in {left:duration}."),
}


def default_line(asked: Asked, asked_at: str, now: datetime) -> str:
    """Returns the default choice and the time until it is taken; empty for a question without deadline."""
    if not asked.seconds:
        return ""
    what = labels.choice(asked.question, asked.default)
    left = seconds_left(asked, asked_at, now)
    if left < 1:
        return say("Time is up: {what:said}.", what=what)
    told = _AUTOMATIC.get(asked.default, Message("If nobody answers within {left:duration}: {what:said}."))
    return told(left=left, what=what)


# --- headings of tables ---------------------------------------------------------------------------------------

SERVICE, RUNNING, REGISTRY, STATUS = Message("Service"), Message("Running"), Message("Registry"), Message("Status")
EXPECTED, FOUND, DIGEST, PLATFORM = Message("Expected"), Message("Found"), Message("Digest"), Message("Platform")
WAVE = Message("Batch")
IMAGE, SIZE, AGE, WAS, IS_NOW = Message("Image"), Message("Size"), Message("Age"), Message("Was"), Message("Is now")
VERSIONS, FOLDER = Message("Versions", "a column"), Message("Folder", "a column")
STATE, HEALTH, RESTARTS, VERDICT, AWAY = (
    Message("State"),
    Message("Health"),
    Message("Restarts"),
    Message("Result"),
    Message("Downtime"),
)


def percent(share: float) -> str:
    """Returns a share as a percentage; 100 only when complete."""
    return say("{percent} %", percent=str(min(int(share * 100), 100)))


# --- survey

LOOK_STARTING = Message("Worker")
LOOK_ENGINE = Message("Docker engine and Compose")
LOOK_PROJECT = Message("Project")
LOOK_SERVICES = Message("Services and registries")
FILTER, NO_PROJECT = Message("type to filter"), Message("No project matches.")
THIS_PROJECT = Message("Is this the right project?")
LOOKING = Message("Inspecting[: {services:said}]")
ANSWER_AWAITED = Message("no answer for {elapsed:said}")


def project(found: ProjectFound) -> str:
    """Returns the project in one line."""
    return say(
        "{name:name}[ {version:short}] in {folder}",
        name=found.source.name,
        version=found.version,
        folder=found.source.folder,
    )


_LOOKED_AT = Plural("{checked} of {count} service", "{checked} of {count} services")


def looked_at(state: RunState) -> str:
    """Returns how many services have been checked; empty if none are known."""
    checked = sum(row.availability is not Availability.CHECKING for row in state.services.values())
    return _LOOKED_AT(len(state.services), checked=checked) if state.services else ""


# --- dialogs ----------------------------------------------------------------------------------------------------

DEMO_LEAVE = Message("Leave")
DETACH_TITLE = Message("Leave the wizard?")
LEAVE_FOR = Message("Leave this run for project {name:name}?")
DETACH_YES, DETACH_NO, DETACH_CANCEL = (
    Message("Leave; the run continues"),
    Message("Stay"),
    Message("Cancel the run and leave"),
)
EDIT_TITLE = Message("Another image for {service:said}")
EDIT_HELP = Message("Tag (1.25.5), digest (sha256:…) or full image name. Leave empty to keep the Compose file's.")
EDIT_KEYS = Message("Enter check the registry · Esc back")
MIRROR_TITLE = Message("Pull from a mirror")
MIRROR_HELP = Message("HOST for Docker Hub, or REGISTRY=HOST, each with its port and path. For this run only.")
ENTRY_KEYS = Message("Enter done · Esc back")
CANCEL_TITLE = Message("Cancel this run?")
CANCEL_YES, CANCEL_NO = Message("Cancel the run"), Message("Continue the run")
HELP_TITLE = Message("Help: {pane:said}")
DIALOG_KEYS = Message("↑↓ choose · Enter select · Esc back")


def cancel_body(state: RunState) -> str:
    """Returns the effect of a cancellation."""
    if state.interruption:
        return say("Nothing is changed now. Recovery is offered again at the next start.")
    if state.pulls:
        return say("Nothing has been changed. The pulls stop, and what they pulled is removed.")
    return say("Nothing has been changed.")


_COME_BACK = Message("To return: {command:said}")


def detach_body(state: RunState, *, demo: bool) -> list[str]:
    """Returns what continues after the wizard is closed."""
    if demo:
        return [labels.DEMO_LEFT()]
    lines = [say("Safe to disconnect: the run continues in the background.")]
    if state.asked is not None:
        what = labels.choice(state.asked.question, state.asked.default)
        lines.append(
            say("If nobody answers the open question in time, this is chosen: {what:said}.", what=what)
            if state.asked.seconds
            else say("It waits until somebody answers the open question or cancels.")
        )
    lines.append(_COME_BACK(command=commands.told("attach")))
    return lines


def farewell_detached(*, demo: bool, cancelling: bool) -> list[str]:
    """Returns the text left on the terminal after a detach; ``cancelling``: the run is being cancelled."""
    if demo:
        return [labels.DEMO_LEFT()]
    if cancelling:
        return [say("The run is being cancelled: nothing was changed, and what it pulled is removed.")]
    return [say("The run continues in the background."), _COME_BACK(command=commands.told("attach"))]


MOVES = Message("move the cursor, or scroll")
DARK, LIGHT = Message("Dark colours"), Message("Light colours")
COLOURS = Message("WS9TUI_THEME=dark, light or ansi sets it permanently")
MOUSE = (
    Message("The mouse works on rows, boxes, buttons and keys. To select text with it, hold Shift."),
    Message("Ctrl+P lists all actions and projects; type to filter them."),
)
PALETTE = Message("Actions and projects …")
NO_MATCH = Message("Nothing matches.")
PROJECT = Message("Project {name:name}")
TO_PROJECT = Message("leave this run, and open the wizard for that project")
HELP_KEYS = Message("↑↓ scroll · Esc back")


def watching_other(busy: RunIsLive) -> str:
    """Returns that the wizard shows the run of another operator."""
    return say(
        "Another run is in progress. You are watching run [{number:short} // ?],"
        " started by [{user:short} // somebody].",
        number=busy.number,
        user=busy.user,
    )


# --- the log ----------------------------------------------------------------------------------------------------

LOG_EMPTY = Message("Nothing has happened yet.")
LOG_SCROLL, LOG_FOLLOW = Message("Scroll"), Message("Follow")
