"""Labels: names of verbs, questions, choices, states, steps and outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ws9tui.core.journal.events import Asked, InterruptedService
from ws9tui.core.journal.run_state import PullState
from ws9tui.core.model.terms import Availability, Choice, Outcome, Question, Reach, Verb
from ws9tui.words.template import Message, say
from ws9tui.words.text import clean, joined, listed, short_reference

VERBS = {
    Verb.WIZARD: Message("wizard", "kind of run"),
    Verb.UPDATE: Message("update", "kind of run"),
    Verb.INSTALL: Message("installation", "kind of run"),
    Verb.ROLLBACK: Message("rollback", "kind of run"),
    Verb.RECOVER: Message("recovery", "kind of run"),
    Verb.DOCTOR: Message("doctor", "kind of run"),
    Verb.DETECT: Message("detection", "kind of run"),
    Verb.ADOPT: Message("record", "kind of run"),
    Verb.BUNDLE: Message("bundle", "kind of run"),
    Verb.BACKUP: Message("backup", "kind of run"),
    Verb.RESTORE: Message("restore", "kind of run"),
}

REQUESTED = {
    Verb.WIZARD: Message("Wizard started by {who:said}"),
    Verb.UPDATE: Message("Update started by {who:said}"),
    Verb.INSTALL: Message("Installation started by {who:said}"),
    Verb.ROLLBACK: Message("Rollback started by {who:said}"),
    Verb.RECOVER: Message("Recovery started by {who:said}"),
    Verb.DOCTOR: Message("Doctor started by {who:said}"),
    Verb.DETECT: Message("Detection started by {who:said}"),
    Verb.ADOPT: Message("Recording started by {who:said}"),
    Verb.BUNDLE: Message("Bundle started by {who:said}"),
    Verb.BACKUP: Message("Backup started by {who:said}"),
    Verb.RESTORE: Message("Restore started by {who:said}"),
}

QUESTIONS = {
    Question.PROJECT: Message("Which project?"),
    Question.INSTALL: Message("What do you want to install, and how?"),
    Question.SELECT: Message("Which services do you want to update?"),
    Question.MERGE: Message("Both you and the release changed these. Which do you want?"),
    Question.PULL_FAILED: Message("Not all images could be pulled. What now?"),
    Question.VERSIONS: Message("Are these the versions you want?"),
    Question.MISMATCH: Message("This image is not the expected one. What now?"),
    Question.ACCEPT: Message("These checks stop the update. Continue anyway?"),
    Question.CONFIRM: Message("Apply this plan?"),
    Question.LOSS: Message("Services would lose access to this data. Continue without it?"),
    Question.OUTCOME: Message("Keep what runs now, or roll back?"),
    Question.FAILED: Message("It failed. What now?"),
    Question.RECOVER: Message("An earlier run was interrupted. What now?"),
    Question.GENERATION: Message("Which generation do you want to run?"),
}
SELECT_INSTALL = Message("Which services do you want to install?")

_CHOICES = {
    Choice.GO: (Message("Next"), Message("continue to the next step")),
    Choice.CHECK: (Message("Check"), Message("ask the registry about another tag")),
    Choice.TAGS: (Message("Tags"), Message("list the tags of a service's repository")),
    Choice.CANCEL: (Message("Cancel"), Message("stop here; nothing is changed")),
    Choice.RETRY: (Message("Retry"), Message("pull the missing images again")),
    Choice.RECHECK: (Message("Re-check"), Message("ask the registries again")),
    Choice.PREVIOUS: (Message("Back"), Message("return to the step before; pulled images are kept for this run")),
    Choice.LEAVE_OUT: (Message("Leave it out"), Message("update the other services without it")),
    Choice.ACCEPT: (
        Message("Accept"),
        Message("take this version; the container must report it, too"),
    ),
    Choice.STOP: (Message("Stop"), Message("cancel, or roll back where containers have changed")),
    Choice.KEEP: (Message("Keep"), Message("what runs now stays")),
    Choice.ROLL_BACK: (Message("Roll back"), Message("return to what ran before")),
    Choice.ROLL_BACK_DATA: (
        Message("Roll back with data"),
        Message("return to what ran before, with its saved data"),
    ),
    Choice.HOLD: (Message("Leave as it is"), Message("stop here; you can still roll back")),
    Choice.BACK: (Message("Roll back"), Message("return to the state before that run")),
    Choice.FORWARD: (Message("Forward"), Message("finish that run")),
    Choice.LEAVE: (Message("Leave as it is"), Message("change nothing; do not ask again")),
    Choice.GO_BACK: (Message("Another generation"), Message("choose from all that are available")),
    Choice.ADOPT: (Message("Only record"), Message("record what runs now as a generation; nothing else changes")),
    Choice.RELEASE: (Message("Update to a release"), Message("files and images together; nothing is written yet")),
}
_INSTALLED = {
    Choice.KEEP: Message("what was installed stays"),
    Choice.ROLL_BACK: Message("remove what was installed; volumes that hold data stay"),
}
_CHOICES_THERE = {
    (Question.PROJECT, Choice.GO): (Message("Select"), Message("use this project")),
    (Question.INSTALL, Choice.GO): (Message("Next"), Message("check the images; nothing is written yet")),
    (Question.INSTALL, Choice.CHECK): (Message("Check"), Message("inspect the source and the settings")),
    (Question.SELECT, Choice.GO): (Message("Next"), Message("pull the images of these services; nothing is stopped")),
    (Question.GENERATION, Choice.GO): (Message("Select"), Message("see the plan; nothing is changed yet")),
    (Question.MERGE, Choice.GO): (
        Message("Next"),
        Message("check the images of the release; nothing is written yet"),
    ),
    (Question.PULL_FAILED, Choice.PREVIOUS): (
        Message("Another tag"),
        Message("choose another tag or mirror; pulled images are kept"),
    ),
    (Question.MISMATCH, Choice.PREVIOUS): (
        Message("Another tag"),
        Message("choose another tag; pulled images are kept"),
    ),
    (Question.VERSIONS, Choice.GO): (Message("Next"), Message("see the plan")),
    (Question.CONFIRM, Choice.GO): (Message("Apply"), Message("recreate the containers now")),
    (Question.LOSS, Choice.GO): (
        Message("Continue without it"),
        Message("the data stays where it is, unused; the plan is applied"),
    ),
    (Question.ACCEPT, Choice.GO): (
        Message("Continue anyway"),
        Message("accept it as it is; nothing is changed yet"),
    ),
    (Question.OUTCOME, Choice.KEEP): (Message("Keep"), Message("what runs now stays; you can still roll back")),
    (Question.FAILED, Choice.RETRY): (Message("Retry"), Message("repeat the failed step")),
}

AVAILABILITY = {
    Availability.CHECKING: Message("checking", "an image"),
    Availability.UPDATE: Message("update", "an image"),
    Availability.CURRENT: Message("up to date", "an image"),
    Availability.UNKNOWN: Message("could not be checked", "an image"),
    Availability.BUILT: Message("built locally", "an image"),
    Availability.PROVIDED: Message("from a provider", "an image"),
    Availability.PINNED: Message("pinned", "an image"),
    Availability.HELD: Message("held", "an image"),
    Availability.CHANGED: Message("definition changed", "an image"),
    Availability.NOT_RUNNING: Message("not running", "an image"),
}

NO_IMAGE = Message("no image")
NO_CONTAINER = Message("no container")
CANCEL = Message("Cancel")
TAG_UNCHANGED = Message("tag unchanged")
"""replaces 'up to date' if newer tags may exist"""

REACHES = {
    Reach.LOCAL: Message("all images are on this server", "a generation"),
    Reach.CHECKING: Message("some images are missing; checking the registry", "a generation"),
    Reach.ARCHIVE: Message("in the archives", "a generation"),
    Reach.PULL: Message("must be pulled, by digest", "a generation"),
    Reach.UNKNOWN: Message("could not check whether it can be pulled", "a generation"),
    Reach.GONE: Message("gone", "a generation"),
    Reach.BROKEN: Message("cannot be restored", "a generation"),
}

PULL_STATES = {
    PullState.WAITING: Message("waiting", "a pull"),
    PullState.RUNNING: Message("pulling", "a pull"),
    PullState.STALLED: Message("no data", "a pull"),
    PullState.RETRYING: Message("retrying", "a pull"),
    PullState.DONE: Message("done", "a pull"),
    PullState.FAILED: Message("failed", "a pull"),
}

PULL_PHASES = {
    "waiting": Message("waiting", "a pull"),
    "loading": Message("loading", "a pull"),
    "downloading": Message("downloading", "a pull"),
    "verifying": Message("verifying", "a pull"),
    "extracting": Message("extracting", "a pull"),
    "done": Message("done", "a pull"),
}

VERDICTS = {
    "waiting": Message("watching", "a service"),
    "passed": Message("OK", "a service"),
    "failed": Message("failed", "a service"),
    "as-before": Message("not OK, as before", "a service"),
}

STEPS = {
    "write": Message("write[ {subject:said}]", "step"),
    "network": Message("create network[ {subject:said}]", "step"),
    "tag": Message("tag[ {subject:said}]", "step"),
    "recreate": Message("recreate[ {subject:said}]", "step"),
    "create": Message("create[ {subject:said}]", "step"),
    "prepare": Message("create without starting[ {subject:said}]", "step"),
    "start": Message("start[ {subject:said}]", "step"),
    "restart": Message("restart[ {subject:said}]", "step"),
    "stop": Message("stop[ {subject:said}]", "step"),
    "remove": Message("remove[ {subject:said}]", "step"),
    "backup": Message("back up the data of[ {subject:said}]", "step"),
    "save": Message("save[ {subject:said}]", "step"),
    "volume": Message("create volume[ {subject:said}]", "step"),
    "load": Message("restore[ {subject:said}]", "step"),
    "restore": Message("restore the data of[ {subject:said}]", "step"),
    "remove-network": Message("remove network[ {subject:said}]", "step"),
    "remove-volume": Message("remove volume[ {subject:said}]", "step"),
    "remove-folder": Message("remove folder[ {subject:said}]", "step"),
    "remove-twin": Message("remove leftover container[ {subject:said}]", "step"),
    "rename-twin": Message("rename leftover container[ {subject:said}]", "step"),
}

_OF_SERVICES = ("recreate", "create", "prepare", "start", "restart", "stop", "remove", "backup", "restore")
"""steps that may apply to several services at once"""

INTERRUPTED_STATES = {
    "old": Message("old image", "a service"),
    "new": Message("new image", "a service"),
    "other": Message("another image", "a service"),
    "missing": Message("no container", "a service"),
    "twin": Message("recreate not finished", "a service"),
    "stopped": Message("stopped", "a service"),
}
_STANDING = {
    "old": Message("{service:name} runs the old image"),
    "new": Message("{service:name} runs the new image"),
    "other": Message("{service:name} runs another image"),
    "missing": Message("{service:name} has no container"),
    "twin": Message("{service:name} is only partly recreated"),
    "stopped": Message("{service:name} is stopped"),
}

OUTCOMES = {
    Outcome.KEPT: Message("kept", "a run"),
    Outcome.UP_TO_DATE: Message("nothing to do", "a run"),
    Outcome.ADOPTED: Message("recorded", "a run"),
    Outcome.PLANNED: Message("planned only", "a run"),
    Outcome.LISTED: Message("listed only", "a run"),
    Outcome.BUNDLED: Message("bundle written", "a run"),
    Outcome.BACKED_UP: Message("backup written", "a run"),
    Outcome.RESTORED: Message("restored", "a run"),
    Outcome.LEFT: Message("left as it is", "a run"),
    Outcome.WELL: Message("OK", "a run"),
    Outcome.UNCHANGED: Message("failed, nothing changed", "a run"),
    Outcome.ROLLED_BACK: Message("failed, rolled back", "a run"),
    Outcome.USAGE: Message("not understood", "a run"),
    Outcome.REFUSED: Message("refused", "a run"),
    Outcome.BUSY: Message("another run is in progress", "a run"),
    Outcome.NEEDS_RECOVERY: Message("NEEDS RECOVERY", "a run"),
    Outcome.CANCELLED: Message("cancelled", "a run"),
}

MERGE_CHOICES = {
    "mine": Message("keep yours", "what counts"),
    "release": Message("use the release's", "what counts"),
    "merged": Message("merge both changes", "what counts"),
    "override": Message("use the release's, with your changes in an override file", "what counts"),
}
MERGE_KINDS = {
    "moved": Message("updated by the release", "a setting"),
    "overruled": Message("set by the release, replacing yours", "a setting"),
    "kept": Message("yours kept", "a setting"),
    "added": Message("new", "a setting"),
    "removed": Message("removed by the release", "a setting"),
    "retained": Message("yours kept, though the release removed it", "a setting"),
    "absent": Message("left out, as in your file", "a setting"),
}
DECIDED_BY = {
    "operator": Message("by an operator"),
    "default": Message("by default"),
    "deadline": Message("because nobody answered in time"),
}

PRODUCT = "websoft9"
"""the source that means the latest release of Websoft9"""
ANSWERS_FILE = "./ws9tui-answers.yml"
ANSWERS_WRITTEN = Message("Answers written to {file:said}.")
TRY_DEMO = Message("Try the demo with a simulated engine? {answers:said}")
DEMO_LEFT = Message("The demo ends here and leaves nothing behind.")
DEMO_INTERRUPTS = Message("The demo starts an update and kills it in the middle; then the wizard opens.")
WATCHING_OTHER = Message("Watching that run instead.")
NO_HISTORY = Message("Nothing was decided in this run; it left no history.")
WAITS = Message("A decision is needed: {question:said} Answer with <attach>.")
GOES_ON = Message("The run continues in the background. Return to it with <attach>.")


_IMAGE_ONLY = (
    Message("Roll back, image only"),
    Message("restore the earlier version; data stays as is"),
)


def question(asked: Asked) -> str:
    """Returns a question, with the services that it is about."""
    about = asked.options if asked.question in (Question.PULL_FAILED, Question.MISMATCH) else ()
    return say("[{services:said}: ]{asked:said}", services=listed(about, 6), asked=QUESTIONS[asked.question]())


def choice(question: Question, value: Choice, beside: Collection[Choice] = ()) -> str:
    """Returns the label of a choice; ``beside`` are the choices offered with it."""
    return _words(question, value, beside)[0]()


def consequence(question: Question, value: Choice, beside: Collection[Choice] = (), *, installing: bool = False) -> str:
    """Returns the consequence of a choice; ``installing``: nothing was installed before."""
    if installing and value in (Choice.KEEP, Choice.ROLL_BACK):
        return _INSTALLED[value]()
    return _words(question, value, beside)[1]()


def _words(question: Question, value: Choice, beside: Collection[Choice]) -> tuple[Message, Message]:
    if value is Choice.ROLL_BACK and Choice.ROLL_BACK_DATA in beside:
        return _IMAGE_ONLY
    return _CHOICES_THERE.get((question, value)) or _CHOICES[value]


UNIT = """\
# /etc/systemd/system/{name}
# After saving it there: systemctl daemon-reload && systemctl enable {enable}
[Unit]
Description=Recover interrupted ws9tui runs of {project}
{engine}
Wants=network-online.target

[Service]
Type=oneshot
User={user}
{environment}ExecStart={start}
# 1: it was rolled back; 2: there was nothing to recover
SuccessExitStatus=1 2

[Install]
WantedBy=multi-user.target"""


def standing(found: InterruptedService) -> str:
    """Returns what an interrupted run has left running of a service."""
    told = _STANDING.get(found.state, Message("{service:name} {state:short}"))
    return told(service=found.service, state=found.state)


def interrupted_state(state: str) -> str:
    """Returns the label of an interrupted service's state for a table cell."""
    return _known(INTERRUPTED_STATES, state)


def interrupted_detail(found: InterruptedService) -> str:
    """Returns the detail of an interrupted service: an image, container names, or the engine's state word."""
    if found.state == "stopped" and found.detail == "created":
        return say("created, never started")
    return clean(found.detail)


def step(kind: str, subject: str = "") -> str:
    """Returns a step of the plan, with its subject if given."""
    name = short_reference(subject) if kind == "tag" else clean(subject)
    if kind in _OF_SERVICES:
        name = joined(name.split(", "))
    told = STEPS.get(kind, Message("{kind:short}[ {subject:said}]", "step"))
    return told(kind=kind, subject=name)


def verdict(word: str) -> str:
    """Returns the health verdict on a watched service."""
    return _known(VERDICTS, word)


def pull_phase(phase: str) -> str:
    """Returns the phase of a pull."""
    return _known(PULL_PHASES, phase)


def _known(names: Mapping[str, Message], word: str) -> str:
    """Returns the label of a word; an unknown one, perhaps from a newer version's journal, is shown as it is."""
    return names[word]() if word in names else clean(word, 40)


def origin(archive: str) -> str:
    """Returns the origin of an image for which no registry was queried."""
    return say("[from archive {archive:name} // from this server]", archive=archive)
