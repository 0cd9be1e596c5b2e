"""Names of things: panes, questions, choices, states and outcomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ws9tui.core.journal.events import Asked, InterruptedService
from ws9tui.core.journal.run_state import PullState
from ws9tui.core.model.terms import Availability, Choice, Outcome, Question, Reach, Verb
from ws9tui.words.template import Message, say
from ws9tui.words.text import clean, listed, short_reference

VERBS = {
    Verb.WIZARD: Message("wizard", "kind of run"),
    Verb.UPDATE: Message("update", "kind of run"),
    Verb.INSTALL: Message("installation", "kind of run"),
    Verb.ROLLBACK: Message("rollback", "kind of run"),
    Verb.RECOVER: Message("recovery", "kind of run"),
    Verb.DOCTOR: Message("doctor", "kind of run"),
    Verb.ADOPT: Message("record", "kind of run"),
    Verb.BUNDLE: Message("bundle", "kind of run"),
}

REQUESTED = {
    Verb.WIZARD: Message("Wizard asked for by {who:said}"),
    Verb.UPDATE: Message("Update asked for by {who:said}"),
    Verb.INSTALL: Message("Installation asked for by {who:said}"),
    Verb.ROLLBACK: Message("Rollback asked for by {who:said}"),
    Verb.RECOVER: Message("Recovery asked for by {who:said}"),
    Verb.DOCTOR: Message("Doctor asked for by {who:said}"),
    Verb.ADOPT: Message("Record asked for by {who:said}"),
    Verb.BUNDLE: Message("Bundle asked for by {who:said}"),
}

QUESTIONS = {
    Question.PROJECT: Message("Which project?"),
    Question.INSTALL: Message("What is to be installed, and how?"),
    Question.SELECT: Message("Which services are to be updated?"),
    Question.MERGE: Message("Both you and the release have changed these. What is to count?"),
    Question.PULL_FAILED: Message("Not all images could be pulled. What now?"),
    Question.VERSIONS: Message("Are these the versions that you want?"),
    Question.MISMATCH: Message("This image is not the one that is expected. What now?"),
    Question.ACCEPT: Message("These checks stop the update. Go on all the same?"),
    Question.CONFIRM: Message("Carry out this plan?"),
    Question.LOSS: Message("Services would not see this data any more. Leave it behind?"),
    Question.OUTCOME: Message("Keep the new version, or go back?"),
    Question.FAILED: Message("It failed. What now?"),
    Question.RECOVER: Message("An earlier run was interrupted. Which way?"),
    Question.GENERATION: Message("Which generation is to run?"),
}
SELECT_INSTALL = Message("Which services are to be installed?")

_CHOICES = {
    Choice.GO: (Message("Next"), Message("on to the next step")),
    Choice.CHECK: (Message("Check"), Message("ask the registry about another tag")),
    Choice.TAGS: (Message("Tags"), Message("list the tags of a service's repository")),
    Choice.CANCEL: (Message("Cancel"), Message("stop here; nothing is changed")),
    Choice.RETRY: (Message("Try again"), Message("pull what is missing once more")),
    Choice.RECHECK: (Message("Re-check"), Message("forget what the registries said, and ask them again")),
    Choice.PREVIOUS: (Message("Back"), Message("to the step before; what was pulled stays for this run")),
    Choice.LEAVE_OUT: (Message("Leave it out"), Message("go on with the other services; this one stays as it runs")),
    Choice.ACCEPT: (
        Message("Accept"),
        Message("take the version that was found; it is what the running container must tell, too"),
    ),
    Choice.STOP: (Message("Stop"), Message("cancel, or roll back where containers have changed")),
    Choice.KEEP: (Message("Keep"), Message("the new version stays")),
    Choice.ROLL_BACK: (Message("Roll back"), Message("the earlier version runs again")),
    Choice.ROLL_BACK_DATA: (
        Message("Roll back with data"),
        Message("the earlier version runs again, with the data that was saved"),
    ),
    Choice.HOLD: (Message("Leave as it is"), Message("nothing more is done; the way back stays ready")),
    Choice.BACK: (Message("Back"), Message("to what ran before that run")),
    Choice.FORWARD: (Message("Forward"), Message("finish what that run began")),
    Choice.LEAVE: (Message("Leave as it is"), Message("nothing is changed, and recovery is not offered again")),
    Choice.GO_BACK: (Message("Another generation"), Message("choose among all that can be reached")),
    Choice.ADOPT: (Message("Only record"), Message("what runs now becomes a generation; nothing else changes")),
    Choice.RELEASE: (Message("Go to a release"), Message("its files and images together; nothing is written yet")),
}
_INSTALLED = {
    Choice.KEEP: Message("what was installed stays"),
    Choice.ROLL_BACK: Message("what was installed is taken away again; volumes that hold data stay"),
}
_CHOICES_THERE = {
    (Question.PROJECT, Choice.GO): (Message("Take it"), Message("this project")),
    (Question.INSTALL, Choice.GO): (Message("Next"), Message("look at the images; nothing is written yet")),
    (Question.INSTALL, Choice.CHECK): (Message("Check"), Message("look at the source and at what is filled in")),
    (Question.SELECT, Choice.GO): (Message("Next"), Message("pull the images of these services; nothing is stopped")),
    (Question.GENERATION, Choice.GO): (Message("Go there"), Message("see the plan; nothing is changed yet")),
    (Question.MERGE, Choice.GO): (
        Message("Next"),
        Message("look at the images of the release; nothing is written yet"),
    ),
    (Question.PULL_FAILED, Choice.PREVIOUS): (
        Message("Another tag"),
        Message("back to the services, for another tag or mirror; what was pulled stays for this run"),
    ),
    (Question.MISMATCH, Choice.PREVIOUS): (
        Message("Another tag"),
        Message("back to the services; what was pulled stays for this run"),
    ),
    (Question.VERSIONS, Choice.GO): (Message("Next"), Message("see the plan")),
    (Question.CONFIRM, Choice.GO): (Message("Carry it out"), Message("containers are recreated now")),
    (Question.LOSS, Choice.GO): (
        Message("Leave it behind"),
        Message("it stays where it is, and is not used; the plan is carried out"),
    ),
    (Question.ACCEPT, Choice.GO): (
        Message("Go on all the same"),
        Message("it is taken as it is; nothing is changed yet"),
    ),
    (Question.OUTCOME, Choice.KEEP): (Message("Keep"), Message("the new version stays; the way back stays ready")),
    (Question.FAILED, Choice.RETRY): (Message("Try again"), Message("do the failed step once more")),
}

AVAILABILITY = {
    Availability.CHECKING: Message("checking", "an image"),
    Availability.UPDATE: Message("update", "an image"),
    Availability.CURRENT: Message("up to date", "an image"),
    Availability.UNKNOWN: Message("could not be checked", "an image"),
    Availability.BUILT: Message("built here", "an image"),
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
"""stands for 'up to date' where a newer tag may be there"""

REACHES = {
    Reach.LOCAL: Message("all images are here", "a generation"),
    Reach.CHECKING: Message("images are missing here; asking the registry", "a generation"),
    Reach.ARCHIVE: Message("in the archives", "a generation"),
    Reach.PULL: Message("to be pulled by digest", "a generation"),
    Reach.UNKNOWN: Message("unknown whether it can be pulled", "a generation"),
    Reach.GONE: Message("gone", "a generation"),
    Reach.BROKEN: Message("cannot be made again", "a generation"),
}

PULL_STATES = {
    PullState.WAITING: Message("waiting", "a pull"),
    PullState.RUNNING: Message("pulling", "a pull"),
    PullState.STALLED: Message("no data", "a pull"),
    PullState.RETRYING: Message("trying again", "a pull"),
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
    "passed": Message("well", "a service"),
    "failed": Message("failed", "a service"),
    "as-before": Message("not well, as before", "a service"),
}

STEPS = {
    "write": Message("write[ {subject:said}]", "step"),
    "network": Message("make network[ {subject:said}]", "step"),
    "tag": Message("tag[ {subject:said}]", "step"),
    "recreate": Message("recreate[ {subject:said}]", "step"),
    "create": Message("create[ {subject:said}]", "step"),
    "prepare": Message("make[ {subject:said}]", "step"),
    "start": Message("start[ {subject:said}]", "step"),
    "restart": Message("restart[ {subject:said}]", "step"),
    "stop": Message("stop[ {subject:said}]", "step"),
    "remove": Message("remove[ {subject:said}]", "step"),
    "backup": Message("save the data of[ {subject:said}]", "step"),
    "restore": Message("restore the data of[ {subject:said}]", "step"),
    "remove-network": Message("remove network[ {subject:said}]", "step"),
    "remove-volume": Message("remove volume[ {subject:said}]", "step"),
    "remove-folder": Message("remove folder[ {subject:said}]", "step"),
    "remove-twin": Message("remove half-made container[ {subject:said}]", "step"),
    "rename-twin": Message("give its own name to container[ {subject:said}]", "step"),
}

INTERRUPTED_STATES = {
    "old": Message("runs the old image", "a service"),
    "new": Message("runs the new image", "a service"),
    "other": Message("runs something else", "a service"),
    "missing": Message("has no container", "a service"),
    "twin": Message("is half-made", "a service"),
    "stopped": Message("is stopped", "a service"),
}
_STANDING = {
    "old": Message("{service:name} runs the old image"),
    "new": Message("{service:name} runs the new image"),
    "other": Message("{service:name} runs something else"),
    "missing": Message("{service:name} has no container"),
    "twin": Message("{service:name} is half-made"),
    "stopped": Message("{service:name} is stopped"),
}

OUTCOMES = {
    Outcome.KEPT: Message("kept", "a run"),
    Outcome.UP_TO_DATE: Message("nothing to do", "a run"),
    Outcome.ADOPTED: Message("adopted", "a run"),
    Outcome.PLANNED: Message("planned only", "a run"),
    Outcome.LISTED: Message("listed only", "a run"),
    Outcome.BUNDLED: Message("bundle made", "a run"),
    Outcome.LEFT: Message("left as it was", "a run"),
    Outcome.WELL: Message("well", "a run"),
    Outcome.UNCHANGED: Message("failed, unchanged", "a run"),
    Outcome.ROLLED_BACK: Message("failed, rolled back", "a run"),
    Outcome.USAGE: Message("not understood", "a run"),
    Outcome.REFUSED: Message("refused", "a run"),
    Outcome.BUSY: Message("another run is live", "a run"),
    Outcome.NEEDS_RECOVERY: Message("NEEDS RECOVERY", "a run"),
    Outcome.CANCELLED: Message("cancelled", "a run"),
}

MERGE_CHOICES = {
    "mine": Message("yours stays", "what counts"),
    "release": Message("the release's counts", "what counts"),
    "merged": Message("both changes are put together", "what counts"),
    "override": Message("the release's, with your changes in an override file", "what counts"),
}
MERGE_KINDS = {
    "moved": Message("moved with the release", "a setting"),
    "overruled": Message("the release's, though set otherwise here", "a setting"),
    "kept": Message("yours stays", "a setting"),
    "added": Message("new", "a setting"),
    "removed": Message("gone with the release", "a setting"),
    "retained": Message("yours stays, though the release no longer has it", "a setting"),
    "absent": Message("stays out, as you had it", "a setting"),
}
DECIDED_BY = {
    "operator": Message("by an operator"),
    "default": Message("by default"),
    "deadline": Message("because nobody decided in time"),
}

PRODUCT = "websoft9"
"""the source by which the latest release of Websoft9 is meant"""
ANSWERS_FILE = "./ws9tui-answers.yml"
ANSWERS_WRITTEN = Message("The answers stand in {file:said}.")
TRY_DEMO = Message("Try the simulated one? {answers:said}")
DEMO_LEFT = Message("The demo ends here; nothing of it stays.")
DEMO_INTERRUPTS = Message("An update is begun and killed in the middle; then the wizard comes.")
WATCHING_OTHER = Message("Watching that run instead.")
WAITS = Message("A decision is waited for: {question:said} <attach> takes it.")
GOES_ON = Message("The run itself goes on: <attach> comes back to it.")


_IMAGE_ONLY = (
    Message("Roll back, image only"),
    Message("the earlier version runs again; its data stays as it is now"),
)


def question(asked: Asked) -> str:
    """What is asked, with the services that it is about."""
    about = asked.options if asked.question in (Question.PULL_FAILED, Question.MISMATCH) else ()
    return say("[{services:said}: ]{asked:said}", services=listed(about, 6), asked=QUESTIONS[asked.question]())


def choice(question: Question, value: Choice, beside: Collection[Choice] = ()) -> str:
    """What a choice is called where it is offered, beside others."""
    return _words(question, value, beside)[0]()


def consequence(question: Question, value: Choice, beside: Collection[Choice] = (), *, installing: bool = False) -> str:
    """What a choice leads to; ``installing``: nothing was there before."""
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
Description=End interrupted ws9tui runs of {project}
{engine}
Wants=network-online.target

[Service]
Type=oneshot
User={user}
{environment}ExecStart={start}
# 1: it went back, and what ran before runs; 2: there is nothing to recover
SuccessExitStatus=1 2

[Install]
WantedBy=multi-user.target"""


def standing(found: InterruptedService) -> str:
    """What runs of a service that was touched."""
    told = _STANDING.get(found.state, Message("{service:name} {state:short}"))
    return told(service=found.service, state=found.state)


def interrupted_state(state: str) -> str:
    """The same for a table's cell, beside the service's name."""
    return _known(INTERRUPTED_STATES, state)


def step(kind: str, subject: str = "") -> str:
    """A step of the plan, with what it is done to where that is given."""
    name = short_reference(subject) if kind == "tag" else clean(subject)
    told = STEPS.get(kind, Message("{kind:short}[ {subject:said}]", "step"))
    return told(kind=kind, subject=name)


def verdict(word: str) -> str:
    """What is thought of a service that is watched."""
    return _known(VERDICTS, word)


def pull_phase(phase: str) -> str:
    """What a pull does."""
    return _known(PULL_PHASES, phase)


def _known(names: Mapping[str, Message], word: str) -> str:
    """The name of what a newer version's journal may call otherwise."""
    return names[word]() if word in names else clean(word, 40)


def origin(archive: str) -> str:
    """Where an image comes from that no registry was asked about."""
    return say("[from archive {archive:name} // from this engine]", archive=archive)
