"""Names of things: panes, questions, choices, states and outcomes."""

from __future__ import annotations

from collections.abc import Collection

from ws9tui.core.journal.events import InterruptedService
from ws9tui.core.journal.run_state import PullState
from ws9tui.core.model.terms import Availability, Choice, Level, Outcome, Question, Reach, Verb
from ws9tui.words.text import clean

VERBS = {
    Verb.WIZARD: "wizard",
    Verb.UPDATE: "update",
    Verb.INSTALL: "installation",
    Verb.ROLLBACK: "rollback",
    Verb.RECOVER: "recovery",
    Verb.DOCTOR: "doctor",
    Verb.ADOPT: "record",
}

DOING = {"backup": "saving", "restore": "restoring", "check": "comparing"}

QUESTIONS = {
    Question.PROJECT: "Which project?",
    Question.INSTALL: "What is to be installed, and how?",
    Question.SELECT: "Which services are to be updated?",
    Question.MERGE: "Both you and the release have changed these. What is to count?",
    Question.PULL_FAILED: "Not all images could be pulled. What now?",
    Question.VERSIONS: "Are these the versions that you want?",
    Question.CONFIRM: "Carry out this plan?",
    Question.LOSS: "Services would not see this data any more. Leave it behind?",
    Question.OUTCOME: "Keep the new version, or go back?",
    Question.FAILED: "It failed. What now?",
    Question.RECOVER: "An earlier run was interrupted. Which way?",
    Question.GENERATION: "Which generation is to run?",
}
SELECT_INSTALL = "Which services are to be installed?"

_CHOICES = {
    Choice.GO: ("Next", "on to the next step"),
    Choice.CHECK: ("Check", "ask the registry about another tag"),
    Choice.CANCEL: ("Cancel", "stop here; nothing is changed"),
    Choice.RETRY: ("Try again", "pull what is missing once more"),
    Choice.KEEP: ("Keep", "the new version stays"),
    Choice.ROLL_BACK: ("Roll back", "the earlier version runs again"),
    Choice.ROLL_BACK_DATA: ("Roll back with data", "the earlier version runs again, with the data that was saved"),
    Choice.HOLD: ("Leave as it is", "nothing more is done; the way back stays ready"),
    Choice.BACK: ("Back", "to what ran before that run"),
    Choice.FORWARD: ("Forward", "finish what that run began"),
    Choice.LEAVE: ("Leave as it is", "nothing is changed, and recovery is not offered again"),
    Choice.GO_BACK: ("Another generation", "choose among all that can be reached"),
    Choice.ADOPT: ("Only record", "what runs now becomes a generation; nothing else changes"),
    Choice.RELEASE: ("Go to a release", "its files and images together; nothing is written yet"),
}
_INSTALLED = {
    Choice.KEEP: "what was installed stays",
    Choice.ROLL_BACK: "what was installed is taken away again; volumes that hold data stay",
}
_CHOICES_THERE = {
    (Question.PROJECT, Choice.GO): ("Take it", "this project"),
    (Question.INSTALL, Choice.GO): ("Next", "look at the images; nothing is written yet"),
    (Question.INSTALL, Choice.CHECK): ("Check", "look at the source and at what is filled in"),
    (Question.SELECT, Choice.GO): ("Next", "pull the images of these services; nothing is stopped"),
    (Question.GENERATION, Choice.GO): ("Go there", "see the plan; nothing is changed yet"),
    (Question.MERGE, Choice.GO): ("Next", "look at the images of the release; nothing is written yet"),
    (Question.VERSIONS, Choice.GO): ("Next", "see the plan"),
    (Question.CONFIRM, Choice.GO): ("Carry it out", "containers are recreated now"),
    (Question.LOSS, Choice.GO): ("Leave it behind", "it stays where it is, and is not used; the plan is carried out"),
    (Question.OUTCOME, Choice.KEEP): ("Keep", "the new version stays; the way back stays ready"),
    (Question.FAILED, Choice.KEEP): ("Keep anyway", "the new version stays though it is not well"),
    (Question.FAILED, Choice.RETRY): ("Try again", "do the failed step once more"),
}

AVAILABILITY = {
    Availability.CHECKING: "checking",
    Availability.UPDATE: "update",
    Availability.CURRENT: "up to date",
    Availability.UNKNOWN: "could not be checked",
    Availability.BUILT: "built here",
    Availability.PROVIDED: "from a provider",
    Availability.PINNED: "pinned",
    Availability.CHANGED: "definition changed",
    Availability.NOT_RUNNING: "not running",
}

TAG_UNCHANGED = "tag unchanged"
"""stands for 'up to date' where a newer tag may be there"""

REACHES = {
    Reach.LOCAL: "all images are here",
    Reach.CHECKING: "images are missing here; asking the registry",
    Reach.ARCHIVE: "in the archives",
    Reach.PULL: "to be pulled by digest",
    Reach.UNKNOWN: "unknown whether it can be pulled",
    Reach.GONE: "gone",
    Reach.BROKEN: "cannot be made again",
}

LEVELS = {Level.OK: "ok", Level.WARNING: "warning", Level.BLOCKING: "stop"}

PULL_STATES = {
    PullState.WAITING: "waiting",
    PullState.RUNNING: "pulling",
    PullState.STALLED: "no data",
    PullState.RETRYING: "trying again",
    PullState.DONE: "done",
    PullState.FAILED: "failed",
}

VERDICTS = {"waiting": "watching", "passed": "well", "failed": "failed", "as-before": "not well, as before"}

STEPS = {
    "write": "write",
    "network": "make network",
    "tag": "tag",
    "recreate": "recreate",
    "create": "create",
    "prepare": "make",
    "start": "start",
    "restart": "restart",
    "stop": "stop",
    "remove": "remove",
    "backup": "save the data of",
    "restore": "restore the data of",
    "remove-network": "remove network",
    "remove-volume": "remove volume",
    "remove-folder": "remove folder",
    "remove-twin": "remove half-made container",
    "rename-twin": "give its own name to container",
}

INTERRUPTED_STATES = {
    "old": "runs the old image",
    "new": "runs the new image",
    "other": "runs something else",
    "missing": "has no container",
    "twin": "is half-made",
    "stopped": "is stopped",
}

OUTCOMES = {
    Outcome.KEPT: "kept",
    Outcome.UP_TO_DATE: "nothing to do",
    Outcome.ADOPTED: "adopted",
    Outcome.PLANNED: "planned only",
    Outcome.LEFT: "left as it was",
    Outcome.WELL: "well",
    Outcome.UNCHANGED: "failed, unchanged",
    Outcome.ROLLED_BACK: "failed, rolled back",
    Outcome.USAGE: "not understood",
    Outcome.REFUSED: "refused",
    Outcome.BUSY: "another run is live",
    Outcome.NEEDS_RECOVERY: "NEEDS RECOVERY",
    Outcome.CANCELLED: "cancelled",
}

MERGE_CHOICES = {
    "mine": "yours stays",
    "release": "the release's counts",
    "merged": "both changes are put together",
    "override": "the release's, with your changes in an override file",
}
MERGE_KINDS = {
    "moved": "moved with the release",
    "overruled": "the release's, though set otherwise here",
    "kept": "yours stays",
    "added": "new",
    "removed": "gone with the release",
    "retained": "yours stays, though the release no longer has it",
    "absent": "stays out, as you had it",
}
DECIDED_BY = {"operator": "by an operator", "default": "by default", "deadline": "because nobody decided in time"}

PRODUCT = "websoft9"
"""the source by which the latest release of Websoft9 is meant"""
ANSWERS_FILE = "./ws9tui-answers.yml"
ANSWERS_WRITTEN = "The answers stand in {}."
TRY_DEMO = "Try the simulated one? [y/N]"
DEMO_LEFT = "The demo ends here; nothing of it stays."
DEMO_INTERRUPTS = "An update is begun and killed in the middle; then the wizard comes."
WATCHING_OTHER = "Watching that run instead."
WAITS = "A decision is waited for: {} {} takes it."
GOES_ON = "The run itself goes on: {} comes back to it."


_IMAGE_ONLY = ("Roll back, image only", "the earlier version runs again; its data stays as it is now")


def choice(question: Question, value: Choice, beside: Collection[Choice] = ()) -> str:
    """What a choice is called where it is offered, beside others."""
    return _words(question, value, beside)[0]


def consequence(question: Question, value: Choice, beside: Collection[Choice] = (), *, installing: bool = False) -> str:
    """What a choice leads to; ``installing``: nothing was there before."""
    if installing and value in (Choice.KEEP, Choice.ROLL_BACK):
        return _INSTALLED[value]
    return _words(question, value, beside)[1]


def _words(question: Question, value: Choice, beside: Collection[Choice]) -> tuple[str, str]:
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
    return INTERRUPTED_STATES.get(found.state) or clean(found.state, 40)


def origin(archive: str) -> str:
    """Where an image comes from that no registry was asked about."""
    return f"from archive {clean(archive, 80)}" if archive else "from this engine"
