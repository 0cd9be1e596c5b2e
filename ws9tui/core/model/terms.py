"""The terms that events, runs and front ends share: verbs, outcomes, questions, and what is found.

Their values are in journals and in the JSON output, so that none is renamed or removed.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import Problem, Reason
from ws9tui.problems.reasons_files import OverSsh


class Verb(StrEnum):
    """What was asked for."""

    WIZARD = "wizard"
    """whatever the project needs: recovery, a first install, else an update"""
    UPDATE = "update"
    INSTALL = "install"
    ROLLBACK = "rollback"
    RECOVER = "recover"
    DOCTOR = "doctor"
    DETECT = "detect"
    """tell which layout of a product the host has"""
    ADOPT = "adopt"
    """record what runs, and change nothing"""
    BUNDLE = "bundle"
    """put images and files into one archive"""
    BACKUP = "backup"
    """save data, files and definitions in one file, while the services are stopped"""
    RESTORE = "restore"
    """make a project again from such a file"""


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
"""the exit status of one who leaves while the run goes on; what a hangup gives by itself"""


class Availability(StrEnum):
    """What the Images pane says of a service."""

    CHECKING = "checking"
    UPDATE = "update"
    CURRENT = "current"
    UNKNOWN = "unknown"
    BUILT = "built"
    PROVIDED = "provided"
    """a provider stands for it: there is no image and no container"""
    PINNED = "pinned"
    HELD = "held"
    """there is an update that is too young"""
    CHANGED = "changed"
    """the image is the same; its definition in the files is not"""
    NOT_RUNNING = "not-running"


class Reach(StrEnum):
    """How a generation can be reached."""

    LOCAL = "local"
    """all its images are here"""
    CHECKING = "checking"
    """images are missing here, and the registries are being asked"""
    ARCHIVE = "archive"
    """what is missing here is in the archives that were given"""
    PULL = "pull"
    """what is missing here can be pulled by digest"""
    UNKNOWN = "unknown"
    """a registry gave no answer"""
    GONE = "gone"
    """an image is neither here nor in its registry"""
    BROKEN = "broken"
    """its files were not understood when it was recorded"""


class Level(StrEnum):
    """How much a finding weighs."""

    OK = "ok"
    WARNING = "warning"
    BLOCKING = "blocking"


class Question(StrEnum):
    """What the operator is asked; the value is also the pane that asks."""

    PROJECT = "project"
    INSTALL = "install"
    """what is to be installed, and how; `InstallChecked` has the fields"""
    SELECT = "select"
    MERGE = "merge"
    PULL_FAILED = "pull-failed"
    VERSIONS = "versions"
    """asked where there is something to decide, or each step is to wait"""
    MISMATCH = "mismatch"
    """what becomes of a service whose image is not the one that is expected; `Asked.options` names the service"""
    ACCEPT = "accept"
    """whether to go on though a check of the images stops the run; `Asked.options` are what is accepted"""
    CONFIRM = "confirm"
    LOSS = "loss"
    """whether data may be left behind that a service would see no more"""
    OUTCOME = "outcome"
    FAILED = "failed"
    RECOVER = "recover"
    GENERATION = "generation"
    """which of the recorded generations is to run"""


class Choice(StrEnum):
    """The answers to questions; each `Asked` names those that it takes."""

    GO = "go"
    """on to the next step"""
    CHECK = "check"
    """SELECT: ask the registry about the references that come with the decision; INSTALL: check the answers that come
    with it; the question stays open"""
    CANCEL = "cancel"
    """taken at any time before the commit, also when nothing is asked"""
    RETRY = "retry"
    KEEP = "keep"
    ROLL_BACK = "rollback"
    """taken at any time while services are recreated and watched, also when nothing is asked"""
    ROLL_BACK_DATA = "rollback-data"
    """back with image and data; ROLL_BACK then means image only"""
    HOLD = "hold"
    BACK = "back"
    FORWARD = "forward"
    LEAVE = "leave"
    GO_BACK = "go-back"
    """SELECT, RECOVER: choose among all generations that can be reached"""
    ADOPT = "adopt"
    """SELECT: only record what runs"""
    TAGS = "tags"
    """SELECT: list the tags of the services that come with the decision; the question stays open"""
    RELEASE = "release"
    """SELECT: go on with the release that the answers name: source, channel"""
    RECHECK = "recheck"
    """SELECT: forget what the registries have said, and ask them again; the question stays open"""
    PREVIOUS = "previous"
    """to the step before, before the commit; taken between the selection and the commit also when nothing is asked"""
    LEAVE_OUT = "leave-out"
    """PULL_FAILED, MISMATCH: go on without the services that the question names"""
    ACCEPT = "accept"
    """MISMATCH: take the version that was found"""
    STOP = "stop"
    """answers no question: cancel where nothing was begun, else roll back; the worker decides which"""


LOOKS = frozenset({Choice.CHECK, Choice.TAGS, Choice.RECHECK})
"""what is only looked up: the question stays open"""


class Actor(msgspec.Struct, frozen=True):
    """Who did something, and from where."""

    user: str
    origin: str = ""
    """for scripts: for example 'ssh from 10.0.0.7, /dev/pts/0'"""
    peer: str = ""
    """the address of who came over SSH"""
    terminal: str = ""

    @property
    def place(self) -> Reason | str:
        """From where, for people."""
        return OverSsh(peer=self.peer, terminal=self.terminal) if self.peer else self.origin


class Finding(msgspec.Struct, frozen=True):
    """One result of a check."""

    level: Level
    problem: Problem
    service: str = ""


class ServiceView(msgspec.Struct, frozen=True):
    """A service as it was found when the run looked around."""

    name: str
    reference: Reference
    """what the project's files say; empty when it has only a build section"""
    running_reference: Reference = Reference()
    """what its container was made from"""
    image_id: str = ""
    digest: str = ""
    """repository digest of the running image, sha256:…"""
    version: str = ""
    created_at: str = ""
    """when the running image was made"""
    state: str = ""
    """of its container; empty when it has none"""
    health: str = ""
    availability: Availability = Availability.CHECKING
    problem: Problem | None = None
    """why it is unknown, changed or cannot be selected"""
    selectable: bool = True
    proposed: bool = False
    """whether it is selected unless the operator says otherwise"""


class Difference(msgspec.Struct, frozen=True):
    """One thing in which a generation differs from what is there now."""

    subject: str
    """a service, or a file's path"""
    problem: Problem
    """what differs"""
    file: bool = False
    keys: tuple[str, ...] = ()
    """of an env file: the variables that differ, without their values"""


class MergeConflict(msgspec.Struct, frozen=True):
    """A place of an installation's files that both its operator and the release have changed."""

    key: str
    """by which it is answered: a variable's name, or the file's"""
    file: str
    line: int
    choices: tuple[str, ...]
    """mine, release; of a Compose file also merged, override"""
    default: str
    mine: str = ""
    """the operator's value; empty for a file, and for what may be secret"""
    release: str = ""
    before: str = ""
    """the old release's value"""
    secret: bool = False
    lines: tuple[str, ...] = ()
    """of a file: what differs, as '-mine' and '+release'"""


class MergedKey(msgspec.Struct, frozen=True):
    """What becomes of one variable of the env file."""

    key: str
    kind: str
    """moved, overruled, kept, added, removed, retained, absent"""


class InstallField(msgspec.Struct, frozen=True):
    """Something that may be set before a first install."""

    name: str
    """source, channel, version, checksum, folder, project, or a variable of the release"""
    value: str
    default: str = ""
    kind: str = "text"
    """port, folder, text; choice, where ``choices`` are all that can be"""
    choices: tuple[str, ...] = ()
    problem: Problem | None = None
    """what is wrong with the value"""
