"""The printed plan: the operations of a commit, in order, each with its cause.

The confirmation pane, ``--plan`` and the plain front end's question all show these lines; there is no other plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ws9tui.core.model.hooks import BEFORE
from ws9tui.core.model.plan import LEFTOVERS, Kind, Operation, Plan
from ws9tui.problems.plan import ImageChanged, ImageOnlyRollback, ReferenceEdited
from ws9tui.problems.problem import Problem
from ws9tui.problems.reach import EngineElsewhere
from ws9tui.problems.saved import LoadsFile, LoadsOver
from ws9tui.words import labels, problems
from ws9tui.words.plan_data import data_lines, losses
from ws9tui.words.plan_line import LineKind, PlanLine, details, indented, section
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean, joined, listed, pad, width

_WIDEST = 28


_NOTHING = Message("Nothing to change.")
_COUNTS = (
    ((Kind.WRITE,), Plural("{count} file to change", "{count} files to change")),
    ((Kind.NETWORK,), Plural("{count} network to create", "{count} networks to create")),
    ((Kind.VOLUME,), Plural("{count} volume to create", "{count} volumes to create")),
    (
        (Kind.SAVE,),
        Plural("{count} volume, folder or file to back up", "{count} volumes, folders and files to back up"),
    ),
    (
        (Kind.LOAD,),
        Plural("{count} volume, folder or file to restore", "{count} volumes, folders and files to restore"),
    ),
    ((Kind.TAG,), Plural("{count} tag to move", "{count} tags to move")),
    (
        (Kind.REMOVE_TWIN, Kind.RENAME_TWIN),
        Plural("{count} leftover container to clean up", "{count} leftover containers to clean up"),
    ),
    ((Kind.RECREATE,), Plural("{count} service to recreate", "{count} services to recreate")),
    ((Kind.CREATE, Kind.PREPARE), Plural("{count} container to create", "{count} containers to create")),
    ((Kind.START, Kind.RESTART), Plural("{count} service to start", "{count} services to start")),
    ((Kind.STOP, Kind.REMOVE), Plural("{count} service to stop or remove", "{count} services to stop or remove")),
)


def lines(plan: Plan) -> list[PlanLine]:
    """Returns the whole plan as it is shown and confirmed."""
    if not plan.operations:
        return [PlanLine(LineKind.HEADING, _NOTHING())]
    return [
        *heading(plan),
        *_by_kind(plan, _FILES),
        *_by_kind(plan, _FIRST),
        *_containers(plan),
        *_by_kind(plan, _LAST),
        *data_lines(plan),
        *_hooks(plan),
        *_downtime(plan),
        *followers(plan),
        *losses(plan),
        *notes(plan),
        *way_back(plan),
    ]


def summary(plan: Plan) -> str:
    """Returns the plan in one sentence."""
    if not plan.operations:
        return _NOTHING()
    counts = ((sum(one.kind in kinds for one in plan.operations), said) for kinds, said in _COUNTS)
    return say("{counts:said}.", counts=joined(said(count) for count, said in counts if count))


def heading(plan: Plan) -> list[PlanLine]:
    """Returns the plan's heading: backup, restore, install, update or rollback."""
    if plan.file:
        told = _SAVES if plan.saves_all else _LOADS
        return [PlanLine(LineKind.HEADING, told(file=plan.file if plan.file != "-" else ""))]
    if plan.before == 0:
        return [PlanLine(LineKind.HEADING, say("First install: generation {after}", after=plan.after))]
    told = _BACK if plan.after < plan.before else _ONWARD
    return [PlanLine(LineKind.HEADING, told(before=plan.before, after=plan.after))]


_SAVES = Message("Backup[ to {file}]")
_LOADS = Message("Restore from {file}")
_ONWARD = Message("Update: generation {before} → generation {after}")
_BACK = Message("Rollback: generation {before} → generation {after}")


_FILES = {Kind.WRITE: Message("Files to change")}
_FIRST = {
    Kind.NETWORK: Message("Networks to create"),
    Kind.VOLUME: Message("Volumes to create"),
    Kind.SAVE: Message("Data to back up, while all services are stopped"),
    Kind.LOAD: Message("Data to restore"),
    Kind.TAG: Message("Local image tags to move"),
    Kind.REMOVE_TWIN: Message("Leftover containers to remove"),
    Kind.RENAME_TWIN: Message("Leftover containers to rename"),
}
_LAST = {
    Kind.REMOVE_NETWORK: Message("Networks to remove"),
    Kind.REMOVE_VOLUME: Message("Volumes to remove"),
    Kind.REMOVE_FOLDER: Message("Folders to remove"),
}


def _by_kind(plan: Plan, headings: Mapping[Kind, Message]) -> list[PlanLine]:
    """Returns the operations that are not on services, each kind under its heading."""
    found: list[PlanLine] = []
    for kind, heading in headings.items():
        operations = [operation for operation in plan.operations if operation.kind is kind]
        if operations:
            found.append(PlanLine(LineKind.HEADING, heading()))
        for operation in operations:
            doing, why = _doing(operation), _why(operation.cause)
            level = LineKind.LOSS if replaces(operation) else LineKind.PLAIN
            found.append(PlanLine(level, indented(1, say("{doing:said}: {why:said}", doing=doing, why=why))))
            if kind is Kind.WRITE:
                found += details(operation.detail, _MORE_LINES)
    return found


def replaces(operation: Operation) -> bool:
    """Whether an operation replaces existing data by that of a backup."""
    cause = operation.cause
    return isinstance(cause, LoadsOver) or (isinstance(cause, LoadsFile) and bool(cause.over))


def _why(cause: Problem) -> str:
    """Returns the cause of an operation in short; for a file with several edits, the edited lines."""
    if isinstance(cause, ReferenceEdited) and cause.lines and not cause.old:
        numbers = sorted(cause.lines.split(", "), key=lambda number: (len(number), number))
        return _EDITED(len(numbers), lines=listed(numbers))
    return problems.brief(cause)


_EDITED = Plural("line {lines:said} changes", "lines {lines:said} change")


def _doing(operation: Operation) -> str:
    """Returns what an operation does; names its subject only if the heading does not imply it."""
    if operation.kind is Kind.RENAME_TWIN:
        return say("rename {subject} to {name}", subject=operation.subject, name=operation.detail[0])
    if operation.kind in (Kind.REMOVE_TWIN, *LEFTOVERS):
        return say("remove {subject}", subject=operation.subject)
    return labels.step(operation.kind.value, operation.subject)


_MORE_LINES = Plural("and {count} more line", "and {count} more lines")


def _containers(plan: Plan) -> list[PlanLine]:
    everything = plan.of_containers
    numbers = sorted({operation.wave for operation in everything})
    waves = [[operation for operation in everything if operation.wave == number] for number in numbers]
    names = min(max((width(clean(operation.subject)) for operation in everything), default=0), _WIDEST)
    verbs = max((width(_verb(operation.kind)) for operation in everything), default=0)
    found: list[PlanLine] = []
    for number, wave in enumerate(waves, 1):
        order = number if len(waves) > 1 else ""
        heading = say("Containers[, batch {number} of {waves}]", number=order, waves=len(waves))
        operations = (
            f"{pad(_verb(operation.kind), verbs)}  {pad(clean(operation.subject), names)}"
            f"  {problems.brief(operation.cause)}"
            for operation in wave
        )
        found += section(heading, operations)
    return found


def _verb(kind: Kind) -> str:
    return say("create, leave stopped") if kind is Kind.PREPARE else labels.step(kind.value)


def _hooks(plan: Plan) -> list[PlanLine]:
    """Returns the hooks that a plan runs: where, their timeouts, and the effect of a failure."""
    if not plan.hooks:
        return []
    found = [PlanLine(LineKind.HEADING, say("Hooks"))]
    for hook in plan.hooks:
        told = say(
            "{when}[ of {service}], [{inside:given}in its container // on this server]: {written}",
            when=hook.when.value,
            service=hook.service,
            inside=not hook.host,
            written=hook.written,
        )
        found.append(PlanLine(LineKind.PLAIN, indented(1, told)))
        if not plan.runs(hook):
            effect = say("not run: no data is saved")
        elif hook.when in BEFORE and not hook.warns:
            effect = say("at most {limit:duration}; if it fails, nothing is changed", limit=hook.seconds)
        else:
            effect = say("at most {limit:duration}; if it fails, there is a warning", limit=hook.seconds)
        found.append(PlanLine(LineKind.DETAIL, indented(2, effect)))
    return found


def _downtime(plan: Plan) -> list[PlanLine]:
    heading = (
        say("Expected downtime (measured in earlier updates)")
        if plan.measured
        else say("Expected downtime (worst case, from the stop timeout)")
    )
    stopping = (one for one in plan.of_containers if one.containers or one.subject in plan.downtime)
    return section(heading, (_stopped(operation, plan) for operation in stopping))


def _stopped(operation: Operation, plan: Plan) -> str:
    return say(
        "{service}[ ({containers:said})][: about {away:duration}]",
        service=operation.subject,
        containers=listed([container for container in operation.containers if container != operation.subject]),
        away=plan.downtime.get(operation.subject),
    )


def followers(plan: Plan) -> list[PlanLine]:
    """Returns the services that were not selected but are affected, with the reason."""
    causes = {operation.subject: problems.brief(operation.cause) for operation in plan.of_containers}
    told = (
        say(
            "{service}, with {leader}: [{why:said} // it depends on it]",
            service=name,
            leader=leader,
            why=causes.get(name),
        )
        for name, leader in plan.followers.items()
    )
    return section(say("Not selected, but also affected"), told, LineKind.FOLLOWER)


def notes(plan: Plan) -> list[PlanLine]:
    """Returns the plan's notes, without the image-only warning if all affected data is saved or restored."""
    moving = {op.subject for op in plan.operations if isinstance(op.cause, ImageChanged)}.intersection(plan.candidates)
    covered = bool(moving) and moving <= {*plan.saved, *plan.restored}
    told = [note for note in plan.notes if not (covered and isinstance(note, ImageOnlyRollback))]
    return section(say("Note"), map(problems.sentence, told))


def way_back(plan: Plan) -> list[PlanLine]:
    """Returns how to roll back, or what a failed backup or restore leaves."""
    if plan.file:
        return section(say("If it fails"), [_failing(plan)])
    if plan.one_way:
        text = say(
            "Not possible to the current state: Compose cannot read its files. They are kept in generation"
            " {before}. If the run fails, generation {after} stays in place as far as it got.",
            before=plan.before,
            after=plan.after,
        )
    elif plan.before and any(isinstance(note, EngineElsewhere) for note in plan.notes):
        text = say(
            "<rollback-to> rolls back to generation {number}."
            " Its files are here, its images on the engine's machine; no registry is needed.",
            number=plan.before,
        )
    elif plan.before:
        text = say(
            "<rollback-to> rolls back to generation {number}."
            " Its files and images are on this server; no network is needed.",
            number=plan.before,
        )
    else:
        text = say("If the install fails, what it created is removed; volumes that hold data stay.")
    return section(say("How to roll back"), [text])


def _failing(plan: Plan) -> str:
    """Returns what a failed backup or restore leaves behind."""
    if plan.saves_all:
        return say("The same containers are started again, whatever fails, and no file is left.")
    return say(
        "Run the same restore again: it goes on from whatever is there. Nothing is brought back that was there before;"
        " data that is replaced is put aside first, in {folder}.",
        folder=plan.backup_folder,
    )


class Parts(NamedTuple):
    """The plan's details, in reading order."""

    files: list[PlanLine]
    containers: list[PlanLine]
    """containers, downtime and data"""
    others: list[PlanLine]
    """networks, volumes, data, tags and cleanup"""


def parts(plan: Plan) -> Parts:
    """Returns the plan's details, for a pane that shows its summary first."""
    return Parts(
        files=_by_kind(plan, _FILES),
        containers=[*_containers(plan), *_downtime(plan), *data_lines(plan)],
        others=[*_by_kind(plan, _FIRST), *_by_kind(plan, _LAST)],
    )
