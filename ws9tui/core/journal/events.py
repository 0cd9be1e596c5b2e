"""The events of a run: what the journal holds, one JSON object a line.

Each event is a frozen struct whose ``type`` is its class name in kebab case (`PullFinished` is `pull-finished`).
Facts that a recovery needs are written and synced before the call that they speak of; progress is throttled where it
arises. Fields may be added with a default; none is renamed or removed, so that old journals stay readable.
No event that is written holds the value of a variable, a credential or a file's content: see
:mod:`ws9tui.core.journal.confidential`.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ws9tui.core.model.bundle import BundledImage
from ws9tui.core.model.codec import decoded, encoded
from ws9tui.core.model.commands import Caller
from ws9tui.core.model.hooks import When
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.newer import Listed
from ws9tui.core.model.observed import Image
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.options import Options
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.project_view import ProjectView
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import (
    Actor,
    Availability,
    Choice,
    Difference,
    Finding,
    InstallField,
    Level,
    MergeConflict,
    MergedKey,
    Outcome,
    Question,
    Reach,
    ServiceView,
    Verb,
)
from ws9tui.core.model.trust import Check, Result, Vulnerability
from ws9tui.problems.problem import Problem


def _tag(class_name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", class_name).lower()


class Event(msgspec.Struct, frozen=True, tag=_tag, kw_only=True):
    """What all events have: when, as RFC 3339 in UTC."""

    at: str = ""


# --- the request and the worker -------------------------------------------------------------------------------


class RunRequested(Event, frozen=True):
    """A front end asks for a run; the first event of every journal."""

    verb: Verb
    options: Options
    actor: Actor
    version: str
    """of ws9tui"""
    folder: str
    """where the operator stood"""
    attended: bool
    """somebody is there to be asked"""
    caller: Caller = Caller()
    """what a command that is told to the operator must repeat of this call"""
    private: str = ""
    """name of the file that has this event whole, where it has a secret; the worker removes it"""


class WorkerStarted(Event, frozen=True):
    """The worker has taken the run."""

    pid: int


class EngineFound(Event, frozen=True):
    """The engine and Compose answered."""

    host: str
    server: str
    engine_version: str
    api_version: str
    compose_version: str
    architecture: str
    compose: tuple[str, ...] = ("docker", "compose")
    """the command"""
    id: str = ""
    """what tells the engine from all others, whatever its address; empty in journals of older versions"""


class ProjectsKnown(Event, frozen=True):
    """The projects of the engine, for an operator who may go on to another one; only where there are several."""

    names: tuple[str, ...]
    """those that run first"""


class ProjectsFound(Event, frozen=True):
    """Which project is meant is asked."""

    projects: dict[str, Problem | None]
    """name → what it is, None where nothing is known of it; the likeliest first"""
    views: dict[str, ProjectView] = {}
    """the same → how it stands; none in journals of older versions"""
    why: Problem | None = None
    """why it has to be asked; None where the projects say it"""


class ProjectFound(Event, frozen=True):
    """The project is known and this run holds its lock."""

    source: ProjectSource
    """without the values of its environment"""
    verb: Verb
    """what the run does; never `wizard`"""
    number: int
    """of this run, within the project"""
    generation: int
    """the last one that was recorded, 0 when there is none"""
    version: str = ""
    """the product's version that runs, where it is known"""


# --- looking around -------------------------------------------------------------------------------------------


class ServiceObserved(Event, frozen=True):
    """A service was looked at; said again when more is known of it."""

    service: ServiceView


class ReferenceResolved(Event, frozen=True):
    """The registry answered what it has for a service's wanted reference."""

    service: str
    reference: Reference
    digest: str = ""
    platforms: tuple[str, ...] = ()
    availability: Availability = Availability.UPDATE
    problem: Problem | None = None
    version: str = ""
    """what the reference's tag says, where it is a version"""
    image_id: str = ""
    """offline: the image that the service would get"""
    archive: str = ""
    """offline: name of the file that has it; empty where it is on the engine"""
    offline: bool = False
    """no registry was asked, but archives and the engine"""
    seen_at: str = ""
    """when the digest was first seen by this program on this machine"""
    mirror: str = ""
    """the mirror that it is pulled from"""

    @property
    def known(self) -> bool:
        """Whether there is an image to be had."""
        return bool(self.digest or self.image_id)

    @property
    def image(self) -> ServiceImage:
        """What the service would get."""
        return ServiceImage(
            self.reference,
            self.digest,
            Image(self.image_id),
            self.version,
            self.archive,
            offline=self.offline,
            mirror=self.mirror,
        )


class NewerFound(Event, frozen=True):
    """A registry was asked which tags are newer than the one that a service is to have; none is chosen by itself."""

    service: str
    reference: Reference
    tags: tuple[str, ...] = ()
    """newer ones of the same shape, ascending; of many those of the same major version and the newest"""
    count: int = 0
    """how many there are"""
    candidates: tuple[str, ...] = ()
    """not released yet, and newer than all that is"""
    problem: Problem | None = None
    """why it is not known whether these are all"""


class Described(Event, frozen=True):
    """A registry described an image that a service may get; nothing of it was pulled."""

    service: str
    offer: Offer


class TagsListed(Event, frozen=True):
    """The tags of a service's repository, as the operator asked for them."""

    service: str
    reference: Reference
    tags: tuple[Listed, ...] = ()
    """newer ones first, those of the same major version before the others; older ones and others last"""
    count: int = 0
    """how many there are; of many those that come first are listed"""
    problem: Problem | None = None
    """why they are not known, or not all"""


class Found(Event, frozen=True):
    """A finding that concerns the whole run: preflight, doctor, a warning on the way."""

    finding: Finding


class RunInterrupted(Event, frozen=True):
    """An earlier run of this project was interrupted in the middle of its commit."""

    run: int
    started_at: str
    actor: Actor
    before: int
    """generation that it came from"""
    after: int
    """generation that it went to"""
    done: tuple[str, ...]
    """its finished steps, as 'kind subject'"""
    undone: tuple[str, ...]
    """its step that was under way, and those not begun"""
    recommended: Choice
    path: str = ""
    """its folder"""


class InterruptedService(Event, frozen=True):
    """What runs now of a service of an interrupted run, or after a way back that failed, by fresh observation."""

    service: str
    state: str
    """old, new, other, missing, twin (half-made), stopped"""
    detail: str = ""


class GenerationFound(Event, frozen=True):
    """A generation that may be gone to; said again when more is known of it."""

    number: int
    created_at: str
    version: str = ""
    """the product's, where it is known"""
    services: dict[str, str] = {}
    """service → its version, or its reference where it has none"""
    runs: bool = False
    """its images and definitions are those that run now"""
    proven: bool = True
    """it ran and was well"""
    salvaged: bool = False
    """made from keep tags, with today's files"""
    reach: Reach = Reach.LOCAL
    problem: Problem | None = None
    """why it is unknown or gone"""
    pulls: tuple[str, ...] = ()
    """references that are not here"""
    differences: tuple[Difference, ...] = ()
    """from what runs"""
    image_ids: dict[str, str] = {}
    """service → its image's ID, by which two builds of one version are told apart; empty in older journals"""
    pinned: bool = False
    """it is never removed"""
    previous: bool = False
    """a rollback goes to it unless another one is named"""
    data: tuple[str, ...] = ()
    """services whose data was saved with it"""


# --- questions and decisions ----------------------------------------------------------------------------------


class Asked(Event, frozen=True):
    """The worker waits for a decision."""

    ask: int
    question: Question
    choices: tuple[Choice, ...]
    default: Choice
    seconds: float = 0.0
    """after which the default is taken; 0 means that it waits as long as it takes"""
    options: tuple[str, ...] = ()
    """PROJECT: the names to choose from; GENERATION: the numbers; PULL_FAILED, MISMATCH, SELECT: the services that it
    is about"""


class Decision(Event, frozen=True):
    """A front end's answer; the worker takes the first valid one and says so with `Decided`."""

    ask: int
    """the `Asked.ask` that it answers; 0 for what is decided without a question: CANCEL, PREVIOUS, ROLL_BACK, STOP"""
    choice: Choice
    actor: Actor
    services: tuple[str, ...] = ()
    references: dict[str, str] = {}
    project: str = ""
    generation: int = 0
    """GENERATION: the number of the one that is to run"""
    backups: tuple[str, ...] | None = None
    """CONFIRM: the services whose data is to be saved; None: as the plan has it"""
    answers: dict[str, str] = {}
    """MERGE: key of a conflict → choice; INSTALL: field → value; RELEASE: source, channel"""
    private: str = ""
    """name of the file that has this event whole, where it has a secret; the worker removes it"""


class Decided(Event, frozen=True):
    """A decision was taken: by an operator, by default (`--yes`) or because its time was up."""

    ask: int
    question: Question
    choice: Choice
    by: str
    """operator, default, deadline"""
    actor: Actor | None = None
    services: tuple[str, ...] = ()
    references: dict[str, str] = {}
    generation: int = 0
    backups: tuple[str, ...] | None = None
    answers: dict[str, str] = {}


class Detached(Event, frozen=True):
    """A front end was left on purpose: the run goes on, though nobody may be there."""

    actor: Actor


class LeftAlone(Event, frozen=True):
    """A question is open, and nobody is there any more: the run ends unless somebody comes."""

    seconds: float
    """until then"""


class Joined(Event, frozen=True):
    """Somebody is there again."""


# --- prepare --------------------------------------------------------------------------------------------------


class PullStarted(Event, frozen=True):
    """An image is being pulled for one or more services."""

    reference: str
    digest: str
    """repository@sha256:…; of an archived image the tag of ours under which it is loaded"""
    services: tuple[str, ...]
    attempt: int = 1
    archive: str = ""
    """name of the file that it is loaded from; empty for a pull"""


class PullProgressed(Event, frozen=True):
    """How far a pull is; at most a few a second for each image."""

    reference: str
    done: int
    """bytes, downloaded; never falls"""
    total: int
    """bytes known so far; never falls"""
    fraction: float
    """0 to 1, download and extraction together; never falls"""
    phase: str
    """waiting, downloading, verifying, extracting; loading from an archive"""
    layers: int = 0
    layers_done: int = 0
    rate: float = 0.0
    """bytes a second"""


class PullStalled(Event, frozen=True):
    """No byte has come for some time."""

    reference: str
    seconds: float
    away: bool = False
    """the engine itself does not answer"""


class PullRetried(Event, frozen=True):
    """A pull failed for a reason that may pass, and is tried again."""

    reference: str
    attempt: int
    """the one that comes"""
    wait: float
    """seconds until then"""
    problem: Problem


class PullFinished(Event, frozen=True):
    """An image is there."""

    reference: str
    image_id: str
    size: int
    seconds: float
    new: bool
    """this run brought it; an abort removes it again"""
    services: tuple[str, ...] = ()
    again: bool = False
    """it was told before: the operator has gone back and on since"""


class PullFailed(Event, frozen=True):
    """An image could not be had; nothing will be committed."""

    reference: str
    problem: Problem


class VersionChecked(Event, frozen=True):
    """What came was compared with what was expected, for one service."""

    service: str
    reference: Reference
    expected: str = ""
    expected_from: str = ""
    """expect, settings, tag; empty when nothing is expected"""
    found: str = ""
    running: str = ""
    """the version that runs now"""
    digest: str = ""
    digest_ok: bool = False
    platform: str = ""
    findings: tuple[Finding, ...] = ()
    offline: bool = False
    """no registry was asked, so the digest is not known"""
    archive: str = ""
    """offline: name of the file that it came from; empty where it was on the engine"""


class CheckStarted(Event, frozen=True):
    """A program is run on an image that a service is to get; `TrustChecked` tells what it says."""

    service: str
    check: Check
    program: str


class TrustChecked(Event, frozen=True):
    """An image that a service is to get was checked for what the settings ask of it, before its container is made."""

    service: str
    check: Check
    result: Result
    finding: Finding
    reference: Reference = Reference()
    digest: str = ""
    program: str = ""
    """that was asked"""
    consent: str = ""
    """what `--accept` takes where somebody may go on all the same; empty where nobody may, or nothing is in the way"""
    accepted: bool = False
    """somebody does"""
    new: tuple[Vulnerability, ...] = ()
    """SCAN: what the image has and what runs has not, the worst first, of many the first"""
    fixed: tuple[Vulnerability, ...] = ()
    """SCAN: what runs has and the image has not"""

    @property
    def stops(self) -> bool:
        """Whether the run does not go on with it."""
        return self.finding.level is Level.BLOCKING


class ReleaseFound(Event, frozen=True):
    """A release of the product was loaded, and its checksums were compared where it has some."""

    version: str
    channel: str
    source: str
    candidate: bool = False
    verified: bool = False
    """its files have the checksums that came with it"""
    running: str = ""
    """the product's version that runs"""
    services: dict[str, str] = {}
    """service → version that its image must prove"""


class InstallChecked(Event, frozen=True):
    """The form of a first install was looked at: each field with its value, and what is wrong."""

    fields: tuple[InstallField, ...]
    findings: tuple[Finding, ...] = ()
    """what no field is to blame for"""
    known: bool = False
    """what the source has is known, so that the install can go on where nothing is wrong"""
    looking: bool = False
    """the source is being looked at; another such event follows"""
    version: str = ""
    """of the release"""


class InstallSettled(Event, frozen=True):
    """Where an install comes from and how it was set: what a file of answers needs to do it again."""

    source: str
    version: str = ""
    channel: str = ""
    site: str = ""
    checksum: str = ""
    folder: str = ""
    project: str = ""
    settings: dict[str, str] = {}
    """of the release, by variable; without those that may be secret"""
    archives: tuple[str, ...] = ()


class MergeProposed(Event, frozen=True):
    """The files of a release were put together with those of the installation; nothing is written yet."""

    version: str
    keys: tuple[MergedKey, ...] = ()
    conflicts: tuple[MergeConflict, ...] = ()


class BundleListed(Event, frozen=True):
    """What a bundle will have in it."""

    platform: str
    """os/architecture that it is for"""
    images: tuple[BundledImage, ...]
    """by their digests; the size is that of those that are here, 0 where only the pull tells"""
    files: tuple[str, ...] = ()
    """of the project, relative to its folder"""
    absent: tuple[str, ...] = ()
    """files that the project reads, and that lie outside its folder"""


class BundleProgressed(Event, frozen=True):
    """How much of a bundle is written."""

    done: int
    """bytes"""


class BundleWritten(Event, frozen=True):
    """A bundle is whole, on the disk, and has its name."""

    path: str
    size: int
    sha256: str


class StoppedContainer(msgspec.Struct, frozen=True):
    """A container that is stopped for a while."""

    id: str
    name: str
    service: str


class PauseStarted(Event, frozen=True):
    """These containers are about to be stopped; what stops them has to start them again."""

    waves: tuple[tuple[StoppedContainer, ...], ...]
    """in the order in which they are started"""


class PauseEnded(Event, frozen=True):
    """All of them were started again."""

    seconds: float
    """since the first was told to stop"""


class SaveWritten(Event, frozen=True):
    """The backup of a project is whole, on the disk, and has its name."""

    path: str
    size: int
    sha256: str
    data: int
    """bytes of the data in it, uncompressed"""


class SaveRead(Event, frozen=True):
    """A backup was read to its end, and all in it matches its checksums."""

    path: str
    made_at: str
    host: str
    """the server that it was made on"""
    size: int
    """bytes of its data, uncompressed"""


class Planned(Event, frozen=True):
    """The plan that the operator confirms."""

    plan: Plan


# --- commit ---------------------------------------------------------------------------------------------------


class GenerationSaved(Event, frozen=True):
    """A generation was recorded."""

    generation: int
    role: str
    """before, after; found: of files that Compose does not understand, so that there is no way back to it"""
    images: tuple[str, ...] = ()
    """the keep tags that hold its images"""


class CommitStarted(Event, frozen=True):
    """From here on the project changes."""

    before: int
    after: int


class StepStarted(Event, frozen=True):
    """A step of the plan is about to happen; written and synced before the call."""

    step: int
    kind: str
    subject: str
    wave: int = 0


class StepFinished(Event, frozen=True):
    """A step of the plan has happened."""

    step: int
    kind: str
    subject: str
    seconds: float
    problem: Problem | None = None


class HookStarted(Event, frozen=True):
    """A hook is about to run; written and synced before that."""

    when: When
    service: str = ""
    """empty for one of the whole project"""
    host: bool = False
    """on this machine, else in the service's container"""
    container: str = ""
    seconds: float = 0.0
    """that it may take"""
    written: str = ""
    """its command as the file has it"""


class HookFinished(Event, frozen=True):
    """A hook has ended, or was given up."""

    when: When
    service: str = ""
    host: bool = False
    seconds: float = 0.0
    status: int | None = None
    """None where it did not end by itself"""
    tail: tuple[str, ...] = ()
    """the last lines that it printed"""
    problem: Problem | None = None

    @property
    def key(self) -> str:
        """Which it was, as `Hook.key`."""
        return f"{self.when} {self.service}".rstrip()


class Notified(Event, frozen=True):
    """Somebody was told of the run, or could not be told; the only event that may come after the last."""

    receiver: str
    """without what may be secret"""
    about: str
    """decision, failure, end"""
    place: int
    """sequence number of the event that it was told of"""
    seconds: float = 0.0
    problem: Problem | None = None


class ContainerStep(Event, frozen=True):
    """Compose said what it does with a service's container."""

    service: str
    container: str
    text: str


class ServiceWatched(Event, frozen=True):
    """The state of a service under watch; written when it changes."""

    service: str
    container: str
    image_id: str
    state: str
    health: str
    restarts: int
    verdict: str
    """waiting, passed, failed"""
    problem: Problem | None = None
    """why it is judged so, or what is waited for"""
    remaining: float = 0.0
    """seconds until the verdict at the latest"""
    downtime: float | None = None
    """seconds between the old container's end and the new one's start"""


class LogLine(Event, frozen=True):
    """A line that a watched container wrote; it must be sanitised before it is shown."""

    service: str
    line: str


class LogsSaved(Event, frozen=True):
    """A container's log was saved with the run."""

    service: str
    container: str
    name: str
    """of the file in the run's folder"""
    size: int
    role: str
    """old, failed"""
    tail: tuple[str, ...] = ()
    """the last lines of one that failed, which may be shown; the file has them as the container wrote them"""


class DataMoved(Event, frozen=True):
    """How far a copy of data is, at most a few a second for each service."""

    service: str
    target: str
    """path in the container"""
    doing: str
    """backup, restore, check; read, of a project's backup, whose path stands for the service"""
    done: int
    """bytes"""
    total: int = -1
    """-1 where it is not known"""


class BackupMade(Event, frozen=True):
    """A service's data was saved, and is on the disk."""

    service: str
    generation: int
    """whose data it is, or to which the way back led that replaced it"""
    role: str
    """before, after (what a way back has replaced)"""
    folder: str
    size: int
    """bytes of the data's archives"""
    stored: int
    """bytes of the files, which are compressed"""
    files: int
    seconds: float


class RestoreStarted(Event, frozen=True):
    """From here on a service's present data is gone, until it is restored; written and synced before that."""

    service: str
    folder: str
    """of the backup"""


class RestoreFinished(Event, frozen=True):
    """A service's data is precisely that of the backup: read back, it has the same SHA-256."""

    service: str
    folder: str
    size: int
    seconds: float


class DataWritten(Event, frozen=True):
    """What was written into a service's data since it was saved."""

    service: str
    files: int
    """changed since; -1 where it was not looked at"""
    newest: str = ""
    """when the newest of them was changed"""


class WatchStarted(Event, frozen=True):
    """All operations are done; the services that were touched are watched until they are judged."""

    services: tuple[str, ...]
    seconds: float
    """until the last verdict, at the latest"""


class GatePassed(Event, frozen=True):
    """All watched services are well."""

    seconds: float
    as_before: tuple[str, ...] = ()
    """services that are not well, and no worse than before the update"""


class RollbackStarted(Event, frozen=True):
    """The project goes back."""

    to: int
    problem: Problem | None = None
    """why; None when the operator chose it"""
    data: bool = False
    """whether data that this run saved goes back too"""


class RollbackVerified(Event, frozen=True):
    """The running image IDs are the earlier generation's."""

    to: int
    services: tuple[str, ...] = ()


class Removed(Event, frozen=True):
    """Something that this run had created was removed again."""

    kind: str
    """image, keep-tag, container, network, partial-content, backup"""
    subject: str


class Superseded(Event, frozen=True):
    """A later run has dealt with this interrupted one."""

    by: int


class Finished(Event, frozen=True):
    """The last event of every run, but for `Notified`."""

    outcome: Outcome
    problem: Problem | None = None
    """the reason, where there is one"""
    commands: tuple[str, ...] = ()
    """what to type next, where that is needed"""
    address: str = ""
    """where an installed product answers"""


AnyEvent = (
    RunRequested
    | WorkerStarted
    | EngineFound
    | ProjectsKnown
    | ProjectsFound
    | ProjectFound
    | ServiceObserved
    | ReferenceResolved
    | NewerFound
    | Described
    | TagsListed
    | Found
    | RunInterrupted
    | InterruptedService
    | GenerationFound
    | Asked
    | Decision
    | Decided
    | Detached
    | LeftAlone
    | Joined
    | PullStarted
    | PullProgressed
    | PullStalled
    | PullRetried
    | PullFinished
    | PullFailed
    | VersionChecked
    | CheckStarted
    | TrustChecked
    | ReleaseFound
    | InstallChecked
    | InstallSettled
    | MergeProposed
    | BundleListed
    | BundleProgressed
    | BundleWritten
    | PauseStarted
    | PauseEnded
    | SaveWritten
    | SaveRead
    | Planned
    | GenerationSaved
    | CommitStarted
    | StepStarted
    | StepFinished
    | HookStarted
    | HookFinished
    | Notified
    | ContainerStep
    | ServiceWatched
    | LogLine
    | LogsSaved
    | DataMoved
    | BackupMade
    | RestoreStarted
    | RestoreFinished
    | DataWritten
    | WatchStarted
    | GatePassed
    | RollbackStarted
    | RollbackVerified
    | Removed
    | Superseded
    | Finished
)

_encoder = msgspec.json.Encoder(enc_hook=encoded)
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent, dec_hook=decoded)


def encode(event: AnyEvent) -> bytes:
    """One event as a line of JSON, without its newline."""
    return _encoder.encode(event)


def decode(line: bytes) -> AnyEvent:
    """The event of one line; raises `msgspec.MsgspecError` (a `ValueError`) for anything else."""
    return _decoder.decode(line)


def to_builtins(event: AnyEvent) -> dict[str, Any]:
    """The event as plain JSON values, its ``type`` included."""
    plain: dict[str, Any] = msgspec.to_builtins(event, enc_hook=encoded)
    return plain
