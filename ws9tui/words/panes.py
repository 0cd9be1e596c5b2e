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
from ws9tui.words import commands, labels, lines
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import (
    clean,
    parse_time,
)

NAME = "ws9tui"

# --- keys: label in the key line, sentence in the help ----------------------------------------------------------

KEYS = {
    "mark": (Message("Toggle", "key"), Message("select the service under the cursor, or not")),
    "all": (Message("All", "key"), Message("select all services that can be selected, or none")),
    "edit": (
        Message("Edit", "key"),
        Message("ask for another tag, digest or reference for the service under the cursor"),
    ),
    "tags": (Message("Tags", "key"), Message("choose among the tags of the service under the cursor")),
    "go": (Message("Next", "key"), Message("on to the next step")),
    "look_up": (Message("Look up", "key"), Message("look at what the source has")),
    "change": (Message("Change", "key"), Message("enter another value for what is under the cursor")),
    "to_release": (Message("Release", "key"), Message("go to a release of the product, files and images together")),
    "write_answers": (
        Message("Write answers", "key"),
        Message("write a file with which the same can be installed unattended"),
    ),
    "finish": (Message("Finish", "key"), Message("end this run; there is nothing to do")),
    "pick": (Message("Choose", "key"), Message("take the project under the cursor")),
    "filter": (Message("Filter", "key"), Message("show only what has the typed text in it")),
    "details": (Message("Details", "key"), Message("open files, containers and digests, or close them")),
    "data": (Message("Data", "key"), Message("choose whose data is saved first, or goes back")),
    "apply": (Message("Apply", "key"), Message("carry the plan out; asks once more")),
    "try_again": (Message("Try again", "key"), Message("do the failed step once more")),
    "accept": (Message("Accept", "key"), Message("go on though a check stops the update; asks once more")),
    "accept_found": (
        Message("Accept", "key"),
        Message("take the image that was found, though it is not what was expected; asks once more"),
    ),
    "leave_out": (Message("Leave out", "key"), Message("go on with the other services")),
    "previous": (Message("Back", "key"), Message("to the step before; what was pulled is kept for this run")),
    "recheck": (Message("Re-check", "key"), Message("ask the registries again")),
    "again": (Message("Again", "key"), Message("start over with this project")),
    "history": (Message("History", "key"), Message("leave, and print all that happened in this run")),
    "other_project": (Message("Another project", "key"), Message("choose another project")),
    "retry": (Message("Retry", "key"), Message("try once more")),
    "keep": (Message("Keep", "key"), Message("the new version stays")),
    "roll_back": (Message("Roll back", "key"), Message("the earlier version runs again")),
    "roll_back_data": (
        Message("Back with data", "key"),
        Message("the earlier version runs again, with the data that was saved"),
    ),
    "hold": (Message("Hold", "key"), Message("nothing more is done; everything stays as it is")),
    "back": (Message("Back", "key"), Message("to what ran before the interrupted run")),
    "forward": (Message("Forward", "key"), Message("finish what the interrupted run began")),
    "choose": (Message("Go there", "key"), Message("see the plan that leads to the generation under the cursor")),
    "others": (Message("Generations", "key"), Message("choose among all generations that can be reached")),
    "go_back": (Message("Generations", "key"), Message("choose among all generations that can be reached")),
    "record": (Message("Save", "key"), Message("record what runs as a generation, and change nothing else")),
    "stay": (Message("Stay", "key"), Message("everything stays as it is now")),
    "cancel": (Message("Cancel", "key"), Message("stop this run; nothing has been changed")),
    "log": (Message("Log", "key"), Message("what has happened so far, line by line")),
    "help": (Message("Help", "key"), Message("what this pane shows and which keys work in it")),
    "detach": (Message("Detach", "key"), Message("leave the wizard; the run goes on by itself")),
    "leave": (Message("Leave", "key"), Message("leave the wizard")),
    "close": (Message("Close", "key"), Message("back to the wizard")),
}


def key_label(name: str) -> str:
    """What the key line calls an action."""
    return KEYS[name][0]()


def key_help(name: str) -> str:
    """What the help says of an action."""
    return KEYS[name][1]()


def key_line(name: str) -> str:
    """The same in a line of the help."""
    return say("{label:said}: {about:said}", label=key_label(name), about=key_help(name))


# --- the frame --------------------------------------------------------------------------------------------------

STEPS = {
    "looking": Message("Look", "step of the wizard"),
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
    "looking": Message("Looking around", "pane"),
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
SENT = Message("Sent; the worker has not answered yet.")
CANCELLING = Message("Cancelling; what this run brought is taken away again.")
CTRL_C = Message("Ctrl+C does nothing here. Q leaves the wizard; the run goes on.")
CTRL_C_OVER = Message("Ctrl+C does nothing here. Q leaves the wizard.")
SENT_FAILED = Message("The decision could not be written. {why:said}")
WAITING_IN_LOG = Message("A decision is waited for: Esc shows it.")


def title(state: RunState, *, demo: bool) -> str:
    """The title line's left part: project, server, engine."""
    parts = [say("demo")] if demo else []
    if state.project:
        parts.append(clean(state.project.source.name, 40))
    if state.engine:
        parts += [clean(state.engine.server, 40), f"Docker {clean(state.engine.engine_version, 20)}"]
    return " · ".join(parts)


def way(state: RunState) -> str:
    """The title line's right part: from which version to which, where that is known."""
    start = clean(state.project.version, 30) if state.project else ""
    if state.project and state.project.verb is Verb.ROLLBACK and state.plan:
        return say("generation {before} → {after}", before=state.plan.before, after=state.plan.after)
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
    if left < 1:
        return say("Time is up: {what:said}.", what=what)
    return say("Without a decision in {left:duration}: {what:said}.", left=left, what=what)


# --- headings of tables ---------------------------------------------------------------------------------------

SERVICE, RUNNING, REGISTRY, STATUS = Message("Service"), Message("Running"), Message("Registry"), Message("Status")
EXPECTED, FOUND, DIGEST, PLATFORM = Message("Expected"), Message("Found"), Message("Digest"), Message("Platform")
WAVE = Message("Wave")
STATE, HEALTH, RESTARTS, VERDICT, AWAY = (
    Message("State"),
    Message("Health"),
    Message("Restarts"),
    Message("Verdict"),
    Message("Away"),
)


# --- looking around ---------------------------------------------------------------------------------------------

LOOK_STARTING = Message("The worker")
LOOK_ENGINE = Message("The Docker engine and Compose")
LOOK_PROJECT = Message("The project")
LOOK_SERVICES = Message("What runs, and what the registries have")
FILTER = Message("type to filter")
WHICH_PROJECT = Message("Which project is meant?")
THIS_PROJECT = Message("Is this the project that is meant?")
ANSWER_AWAITED = Message("{elapsed:said} without an answer so far")


def engine(found: EngineFound) -> str:
    """The engine in a line."""
    return lines.line(found) or ""


def project(found: ProjectFound) -> str:
    """The project in a line."""
    return say(
        "{name:name}[ {version:short}] in {folder}",
        name=found.source.name,
        version=found.version,
        folder=found.source.folder,
    )


_LOOKED_AT = Plural("{checked} of {count} service", "{checked} of {count} services")


def looked_at(state: RunState) -> str:
    """How many services have been looked at."""
    checked = sum(row.availability is not Availability.CHECKING for row in state.services.values())
    return _LOOKED_AT(len(state.services), checked=checked) if state.services else ""


# --- dialogs ----------------------------------------------------------------------------------------------------

DEMO_LEAVE = Message("Leave")
DETACH_TITLE = Message("Leave the wizard?")
DETACH_YES, DETACH_NO, DETACH_CANCEL = (
    Message("Leave, it goes on"),
    Message("Stay"),
    Message("Cancel the run and leave"),
)
EDIT_TITLE = Message("Another image for {service:said}")
EDIT_HELP = Message("A tag (1.25.5), a digest (sha256:…) or a whole reference. Empty: what the files say.")
EDIT_KEYS = Message("Enter ask the registry · Esc back")
CANCEL_TITLE = Message("Cancel this run?")
CANCEL_YES, CANCEL_NO = Message("Cancel the run"), Message("Go on with it")
HELP_TITLE = Message("Help: {pane:said}")
DIALOG_KEYS = Message("↑↓ choose · Enter take it · Esc back")


def cancel_body(state: RunState) -> str:
    """What a cancel does."""
    if state.interruption:
        return say("Nothing is changed now. The recovery is offered again at the next start.")
    if state.pulls:
        return say("Nothing has been changed. The pulls stop, and what they brought is removed again.")
    return say("Nothing has been changed.")


_COME_BACK = Message("Come back with: {command:said}")


def detach_body(state: RunState, *, demo: bool) -> list[str]:
    """What goes on after the wizard has gone."""
    if demo:
        return [labels.DEMO_LEFT()]
    lines = [say("The run goes on by itself, whatever happens to this terminal.")]
    if state.asked is not None:
        what = labels.choice(state.asked.question, state.asked.default)
        lines.append(
            say("The open question is answered by its default when its time is up: {what:said}.", what=what)
            if state.asked.seconds
            else say("It waits at the open question until somebody answers or cancels.")
        )
    lines.append(_COME_BACK(command=commands.told("attach")))
    return lines


def farewell_detached(*, demo: bool, cancelling: bool) -> list[str]:
    """What stands on the terminal after a detach; ``cancelling``: the run was told to end before that."""
    if demo:
        return [labels.DEMO_LEFT()]
    if cancelling:
        return [say("The run is being cancelled: nothing was changed, and what it brought is taken away again.")]
    return [say("The run goes on by itself."), _COME_BACK(command=commands.told("attach"))]


MOVES = Message("move through the lines")
DARK, LIGHT = Message("Dark colours"), Message("Light colours")
COLOURS = Message("WS9TUI_THEME=dark, light or ansi sets it for good")
_MOUSE = (
    Message("The mouse works on rows, boxes, buttons and keys. To select text with it, hold Shift."),
    Message("Ctrl+P lists everything that can be done here; type to filter it."),
)


def mouse_help() -> list[str]:
    """How the mouse and the command palette are used."""
    return [part() for part in _MOUSE]


HELP_KEYS = Message("↑↓ scroll · Esc back")


def watching_other(busy: RunIsLive) -> str:
    """That the wizard shows somebody else's run."""
    return say(
        "Another run is live: this is run [{number:short} // ?] of [{user:short} // somebody].",
        number=busy.number,
        user=busy.user,
    )


# --- the log ----------------------------------------------------------------------------------------------------

LOG_EMPTY = Message("Nothing has happened yet.")
LOG_SCROLL, LOG_FOLLOW = Message("Scroll"), Message("Follow")
