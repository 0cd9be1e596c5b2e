"""The terms that events, runs and front ends share: verbs, outcomes, questions, choices, findings.

Their values are in journals and in the JSON output, so none is ever renamed or removed.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import Problem, Reason
from ws9tui.problems.reasons_files import OverSsh


class Verb(StrEnum):
    """The kind of run requested."""

    WIZARD = "wizard"
    """what the project needs: recovery, a first install, else an update"""
    UPDATE = "update"
    INSTALL = "install"
    ROLLBACK = "rollback"
    RECOVER = "recover"
    DOCTOR = "doctor"
    DETECT = "detect"
    """detect the host's product layout"""
    ADOPT = "adopt"
    """record what runs, without changing it"""
    BUNDLE = "bundle"
    """write images and files into one archive"""
    BACKUP = "backup"
    """save a project's data, files and definitions in one file, while its services are stopped"""
    RESTORE = "restore"
    """recreate a project from such a file"""


class Outcome(StrEnum):
    """How a run ended; the exit status is in `EXIT_STATUS`."""

    KEPT = "kept"
    UP_TO_DATE = "up-to-date"
    ADOPTED = "adopted"
    PLANNED = "planned"
    LISTED = "listed"
    BUNDLED = "bundled"
    BACKED_UP = "backed-up"
    RESTORED = "restored"
    LEFT = "left"
    WELL = "well"
    UNCHANGED = "unchanged"
    ROLLED_BACK = "rolled-back"
    USAGE = "usage"
    REFUSED = "refused"
    BUSY = "busy"
    NEEDS_RECOVERY = "needs-recovery"
    CANCELLED = "cancelled"


EXIT_STATUS = {
    Outcome.KEPT: 0,
    Outcome.UP_TO_DATE: 0,
    Outcome.ADOPTED: 0,
    Outcome.PLANNED: 0,
    Outcome.LISTED: 0,
    Outcome.BUNDLED: 0,
    Outcome.BACKED_UP: 0,
    Outcome.RESTORED: 0,
    Outcome.LEFT: 0,
    Outcome.WELL: 0,
    Outcome.UNCHANGED: 1,
    Outcome.ROLLED_BACK: 1,
    Outcome.USAGE: 2,
    Outcome.REFUSED: 3,
    Outcome.BUSY: 4,
    Outcome.NEEDS_RECOVERY: 5,
    Outcome.CANCELLED: 130,
}
LEFT_STATUS = 129
"""exit status of a front end that detaches while the run continues; that of a hangup"""


class Availability(StrEnum):
    """The availability of an update for a service, as in the Images pane."""

    CHECKING = "checking"
    UPDATE = "update"
    CURRENT = "current"
    UNKNOWN = "unknown"
    BUILT = "built"
    PROVIDED = "provided"
    """a provider service, without image and container"""
    PINNED = "pinned"
    HELD = "held"
    """the update is too young"""
    CHANGED = "changed"
    """the image is the same, but the definition in the files has changed"""
    NOT_RUNNING = "not-running"


class Reach(StrEnum):
    """Where a generation's images can be obtained."""

    LOCAL = "local"
    """all images are on the engine"""
    CHECKING = "checking"
    """images are missing on the engine, and the registries are being asked"""
    ARCHIVE = "archive"
    """missing images are in the given archives"""
    PULL = "pull"
    """missing images can be pulled by digest"""
    UNKNOWN = "unknown"
    """a registry did not answer"""
    GONE = "gone"
    """an image is neither on the engine nor in its registry"""
    BROKEN = "broken"
    """Compose could not read the generation's files when it was recorded"""


class Level(StrEnum):
    """The severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    BLOCKING = "blocking"


class Question(StrEnum):
    """A question to the operator; the value is also the name of its pane."""

    PROJECT = "project"
    INSTALL = "install"
    """the form of a first install, whose fields are in `InstallChecked`"""
    SELECT = "select"
    MERGE = "merge"
    PULL_FAILED = "pull-failed"
    VERSIONS = "versions"
    """asked if there is something to decide, or if each step is to wait"""
    MISMATCH = "mismatch"
    """what to do about a service whose image is not the expected one; `Asked.options` names the service"""
    ACCEPT = "accept"
    """whether to continue although a check of the images stops the run; `Asked.options` are the checks to accept"""
    CONFIRM = "confirm"
    LOSS = "loss"
    """whether data may be left behind to which a service would lose access"""
    OUTCOME = "outcome"
    FAILED = "failed"
    RECOVER = "recover"
    GENERATION = "generation"
    """which recorded generation to run"""


class Choice(StrEnum):
    """An answer to a question; each `Asked` lists the choices that it accepts."""

    GO = "go"
    """continue with the next step"""
    CHECK = "check"
    """SELECT: ask the registry about the references in the decision; INSTALL: validate the answers in it; the question
    stays open"""
    CANCEL = "cancel"
    """accepted at any time before the commit, even without a question"""
    RETRY = "retry"
    KEEP = "keep"
    ROLL_BACK = "rollback"
    """accepted at any time during the commit and the health gate, even without a question"""
    ROLL_BACK_DATA = "rollback-data"
    """roll back images and data; ROLL_BACK then means images only"""
    HOLD = "hold"
    BACK = "back"
    FORWARD = "forward"
    LEAVE = "leave"
    GO_BACK = "go-back"
    """SELECT, RECOVER: choose a generation among all that can be reached"""
    ADOPT = "adopt"
    """SELECT: only record what runs"""
    TAGS = "tags"
    """SELECT: list the tags of the services in the decision; the question stays open"""
    RELEASE = "release"
    """SELECT: continue with the release that the answers name: source, channel"""
    RECHECK = "recheck"
    """SELECT: discard the registries' answers and ask again; the question stays open"""
    PREVIOUS = "previous"
    """back to the previous step, before the commit; accepted after the selection even without a question"""
    LEAVE_OUT = "leave-out"
    """PULL_FAILED, MISMATCH: continue without the services that the question names"""
    ACCEPT = "accept"
    """MISMATCH: accept the version that was found"""
    STOP = "stop"
    """answers no question: cancels if nothing was begun, else rolls back, as the worker decides"""


LOOKS = frozenset({Choice.CHECK, Choice.TAGS, Choice.RECHECK})
"""choices that only look something up: the question stays open"""


class Actor(msgspec.Struct, frozen=True):
    """The user who requested or decided something, and the origin of the session."""

    user: str
    origin: str = ""
    """for scripts, for example 'ssh from 10.0.0.7, /dev/pts/0'"""
    peer: str = ""
    """client address of an SSH session"""
    terminal: str = ""

    @property
    def place(self) -> Reason | str:
        """The origin for display."""
        return OverSsh(peer=self.peer, terminal=self.terminal) if self.peer else self.origin


class Finding(msgspec.Struct, frozen=True):
    """One result of a check."""

    level: Level
    problem: Problem
    service: str = ""


class ServiceView(msgspec.Struct, frozen=True):
    """A service as found by the survey."""

    name: str
    reference: Reference
    """the reference in the project's files; empty if it has only a build section"""
    running_reference: Reference = Reference()
    """the reference that its container was created from"""
    image_id: str = ""
    digest: str = ""
    """repository digest of the running image, sha256:…"""
    version: str = ""
    created_at: str = ""
    """creation time of the running image"""
    state: str = ""
    """its container's state; empty if it has none"""
    health: str = ""
    availability: Availability = Availability.CHECKING
    problem: Problem | None = None
    """why it is unknown, changed or cannot be selected"""
    selectable: bool = True
    proposed: bool = False
    """whether it is preselected"""


class Difference(msgspec.Struct, frozen=True):
    """One difference between a generation and the present state."""

    subject: str
    """a service, or a file's path"""
    problem: Problem
    """the difference"""
    file: bool = False
    keys: tuple[str, ...] = ()
    """for an env file: the variables that differ, without their values"""


class MergeConflict(msgspec.Struct, frozen=True):
    """A merge conflict: a part of an installation's files that both its operator and the release have changed."""

    key: str
    """the key of its answer: a variable's name, or the file's"""
    file: str
    line: int
    choices: tuple[str, ...]
    """mine, release; for a Compose file also merged, override"""
    default: str
    mine: str = ""
    """the operator's value; empty for a file, and for a possible secret"""
    release: str = ""
    before: str = ""
    """the old release's value"""
    secret: bool = False
    lines: tuple[str, ...] = ()
    """for a file: the differences, as '-mine' and '+release'"""


class MergedKey(msgspec.Struct, frozen=True):
    """The result of a merge for one variable of the env file."""

    key: str
    kind: str
    """moved, overruled, kept, added, removed, retained, absent"""


class InstallField(msgspec.Struct, frozen=True):
    """A field in the form of a first install."""

    name: str
    """source, channel, version, checksum, folder, project, or a variable of the release"""
    value: str
    default: str = ""
    kind: str = "text"
    """port, folder, text; choice, if only ``choices`` are valid"""
    choices: tuple[str, ...] = ()
    problem: Problem | None = None
    """why the value is invalid"""
