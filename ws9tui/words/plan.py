"""The printed plan: what a commit will do, in order, each operation with its cause.

The confirmation pane, ``--plan`` and the plain front end's question all show these lines; there is no other plan.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ws9tui.core.model.plan import DataTarget, Kind, Loss, Operation, Plan, PlannedRestore
from ws9tui.words import commands, problems
from ws9tui.words.text import clean, date, duration, listed, pad, plural, short_reference, size, width

MOST_DETAILS = 12
"""lines of one file's changes, or paths of one loss, that are shown"""
_WIDEST = 28


class Level(StrEnum):
    """What a line is, for its looks; its meaning never hangs on that."""

    HEADING = "heading"
    OPERATION = "operation"
    DETAIL = "detail"
    ADDED = "added"
    """a line that a file gets"""
    TAKEN = "taken"
    """a line that a file loses"""
    DOWNTIME = "downtime"
    FOLLOWER = "follower"
    DATA = "data"
    LOSS = "loss"
    NOTE = "note"
    WAY_BACK = "way-back"


class Line(NamedTuple):
    """One line; its indentation is in its text."""

    level: Level
    text: str


VERBS = {
    Kind.WRITE: "write",
    Kind.NETWORK: "make network",
    Kind.TAG: "tag",
    Kind.REMOVE_TWIN: "remove",
    Kind.RENAME_TWIN: "rename",
    Kind.BACKUP: "save",
    Kind.RESTORE: "restore",
    Kind.RECREATE: "recreate",
    Kind.CREATE: "create",
    Kind.PREPARE: "make, not start",
    Kind.START: "start",
    Kind.RESTART: "restart",
    Kind.STOP: "stop",
    Kind.REMOVE: "remove",
    Kind.REMOVE_NETWORK: "remove",
    Kind.REMOVE_VOLUME: "remove",
    Kind.REMOVE_FOLDER: "remove",
}
_FIRST = (
    (Kind.WRITE, "Files that change"),
    (Kind.NETWORK, "Networks that are made"),
    (Kind.TAG, "Tags that move"),
    (Kind.REMOVE_TWIN, "Half-made containers that are removed"),
    (Kind.RENAME_TWIN, "Half-made containers that get their own name"),
)
_LAST = (
    (Kind.REMOVE_NETWORK, "Networks that are removed"),
    (Kind.REMOVE_VOLUME, "Volumes that are removed"),
    (Kind.REMOVE_FOLDER, "Folders that are removed"),
)


def lines(plan: Plan) -> list[Line]:
    """The whole plan as it is shown and confirmed."""
    if not plan.operations:
        return [Line(Level.HEADING, "Nothing has to be changed.")]
    return [
        *_heading(plan),
        *_by_kind(plan, _FIRST),
        *_containers(plan),
        *_by_kind(plan, _LAST),
        *data_lines(plan),
        *_downtime(plan),
        *_followers(plan),
        *_losses(plan),
        *_notes(plan),
        *_way_back(plan),
    ]


def summary(plan: Plan) -> str:
    """The plan in one sentence."""
    if not plan.operations:
        return "Nothing has to be changed."
    counts = [
        _count(plan, (Kind.WRITE,), "{} written", "file"),
        _count(plan, (Kind.NETWORK,), "{} made", "network"),
        _count(plan, (Kind.TAG,), "{} moved", "tag"),
        _count(plan, (Kind.REMOVE_TWIN, Kind.RENAME_TWIN), "{} tidied up", "half-made container"),
        _count(plan, (Kind.RECREATE,), "{} recreated", "service"),
        _count(plan, (Kind.CREATE, Kind.PREPARE), "{} made", "container"),
        _count(plan, (Kind.START, Kind.RESTART), "{} started", "service"),
        _count(plan, (Kind.STOP, Kind.REMOVE), "{} taken away", "service"),
    ]
    said = ", ".join(count for count in counts if count)
    return said[:1].upper() + said[1:] + "."


def _count(plan: Plan, kinds: tuple[Kind, ...], form: str, noun: str) -> str:
    count = sum(operation.kind in kinds for operation in plan.operations)
    return form.format(plural(count, noun)) if count else ""


def _heading(plan: Plan) -> list[Line]:
    if plan.before == 0:
        return [Line(Level.HEADING, f"First installation: generation {plan.after}")]
    return [Line(Level.HEADING, f"From generation {plan.before} to generation {plan.after}")]


def _by_kind(plan: Plan, kinds: tuple[tuple[Kind, str], ...]) -> list[Line]:
    """What is not done to services, each kind under its heading."""
    found: list[Line] = []
    for kind, heading in kinds:
        operations = [operation for operation in plan.operations if operation.kind is kind]
        if operations:
            found.append(Line(Level.HEADING, heading))
        for operation in operations:
            name = short_reference(operation.subject) if kind is Kind.TAG else clean(operation.subject)
            if kind is Kind.RENAME_TWIN:
                name += f" to {clean(operation.detail[0])}"
            found.append(Line(Level.OPERATION, f"  {VERBS[kind]} {name}: {problems.brief(operation.cause)}"))
            if kind is Kind.WRITE:
                found += _file_lines(operation.detail)
    return found


def _file_lines(detail: tuple[str, ...]) -> list[Line]:
    found = []
    for changed in detail[:MOST_DETAILS]:
        level = {"+": Level.ADDED, "-": Level.TAKEN}.get(changed[:1], Level.DETAIL)
        found.append(Line(level, "      " + clean(changed)))
    if len(detail) > MOST_DETAILS:
        found.append(Line(Level.DETAIL, f"      and {plural(len(detail) - MOST_DETAILS, 'more line')}"))
    return found


def _containers(plan: Plan) -> list[Line]:
    everything = plan.of_containers
    numbers = sorted({operation.wave for operation in everything})
    waves = [[operation for operation in everything if operation.wave == number] for number in numbers]
    names = min(max((width(clean(operation.subject)) for operation in everything), default=0), _WIDEST)
    verbs = max((len(VERBS[operation.kind]) for operation in everything), default=0)
    found: list[Line] = []
    for number, wave in enumerate(waves, 1):
        order = f", step {number} of {len(waves)}" if len(waves) > 1 else ""
        found.append(Line(Level.HEADING, f"Containers{order}"))
        found += [
            Line(
                Level.OPERATION,
                f"  {VERBS[operation.kind]:{verbs}}  {pad(clean(operation.subject), names)}"
                f"  {problems.brief(operation.cause)}",
            )
            for operation in wave
        ]
    return found


def data_lines(plan: Plan) -> list[Line]:
    """Which data is saved first, or goes back: of whom, how much, where to, and for how much longer."""
    found: list[Line] = []
    saved = [backup for backup in plan.backups if backup.chosen]
    if saved:
        found.append(Line(Level.HEADING, "Data that is saved first, while its service is stopped"))
        for backup in saved:
            name, why = clean(backup.service), problems.brief(backup.cause)
            found.append(
                Line(
                    Level.DATA,
                    f"  {name}: {_about(backup.size)}, {why}{_longer(backup.seconds)}",
                )
            )
            found += [Line(Level.DETAIL, f"      {_target(target)}") for target in backup.targets[:MOST_DETAILS]]
    if back := [restore for restore in plan.restores if restore.chosen]:
        found.append(Line(Level.HEADING, "Data that goes back; what is there now is saved first"))
        for restore in back:
            name, made = clean(restore.service), date(restore.made_at)
            found.append(
                Line(
                    Level.DATA,
                    f"  {name}: {_about(restore.size)}, as of {made}{_longer(restore.seconds)}",
                )
            )
            found.append(Line(Level.LOSS, f"      {written_since(restore)}"))
    if found:
        found.append(Line(Level.DETAIL, f"  Kept in {clean(plan.backup_folder)}"))
    others = [backup.service for backup in plan.backups if not backup.chosen]
    others += [restore.service for restore in plan.restores if not restore.chosen]
    if others:
        what = "Data that stays as it is" if plan.restores else "Data that is not saved"
        found.append(Line(Level.HEADING, what))
        found.append(Line(Level.DATA, f"  {listed(others, 12)}"))
    return found


def _longer(seconds: float) -> str:
    return f"; it is away about {duration(seconds)} longer" if seconds >= 1 else ""


def _about(size_: int) -> str:
    return f"about {size(size_)}" if size_ >= 0 else "of a size that is not known"


def _target(target: DataTarget) -> str:
    kind = "volume" if target.type == "volume" else "folder"
    return f"{clean(target.target)} ({kind} {clean(target.source)}, {_about(target.size)})"


def written_since(restore: PlannedRestore) -> str:
    """What a restore would take away."""
    if restore.changed < 0:
        return "It is not known what was written since."
    if restore.changed == 0:
        return "No file was changed since."
    were = "was" if restore.changed == 1 else "were"
    return f"{plural(restore.changed, 'file')} {were} changed since, the newest at {date(restore.changed_at)}."


def _downtime(plan: Plan) -> list[Line]:
    stopping = [
        operation for operation in plan.of_containers if operation.containers or operation.subject in plan.downtime
    ]
    if not stopping:
        return []
    how = "as measured in earlier updates" if plan.measured else "by their stop grace periods"
    return [
        Line(Level.HEADING, f"Away meanwhile ({how})"),
        *(Line(Level.DOWNTIME, f"  {_stopped(operation, plan)}") for operation in stopping),
    ]


def _stopped(operation: Operation, plan: Plan) -> str:
    name = clean(operation.subject)
    others = [container for container in operation.containers if container != operation.subject]
    containers = f" ({listed(others)})" if others else ""
    away = plan.downtime.get(operation.subject)
    return f"{name}{containers}" + (f": about {duration(away)}" if away is not None else "")


def _followers(plan: Plan) -> list[Line]:
    if not plan.followers:
        return []
    causes = {operation.subject: problems.brief(operation.cause) for operation in plan.of_containers}
    return [
        Line(Level.HEADING, "Not selected, and must follow"),
        *(
            Line(Level.FOLLOWER, f"  {clean(name)} follows {clean(leader)}: {causes.get(name, 'it needs it')}")
            for name, leader in plan.followers.items()
        ),
    ]


def _losses(plan: Plan) -> list[Line]:
    if not plan.losses:
        return []
    found = [Line(Level.HEADING, "What is lost or moves")]
    for loss in plan.losses:
        found.append(Line(Level.LOSS, f"  {clean(loss.service)}: {problems.title(loss.problem)}"))
        found += _paths(loss)
    remedies = dict.fromkeys(problems.remedy(loss.problem) for loss in plan.losses)
    return found + [Line(Level.NOTE, f"  {remedy}") for remedy in remedies if remedy]


def left_lines(plan: Plan) -> list[str]:
    """The data that would be left behind, for the question about it."""
    return [f"  {clean(loss.service)}: {problems.title(loss.problem)}" for loss in plan.losses if loss.consent]


def _paths(loss: Loss) -> list[Line]:
    found = [Line(Level.DETAIL, f"      {clean(path)}") for path in loss.paths[:MOST_DETAILS]]
    if len(loss.paths) > MOST_DETAILS:
        found.append(Line(Level.DETAIL, f"      and {plural(len(loss.paths) - MOST_DETAILS, 'more path')}"))
    return found


def _notes(plan: Plan) -> list[Line]:
    moving = {op.subject for op in plan.operations if op.cause.code == "image-changed"}.intersection(plan.candidates)
    covered = bool(moving) and moving <= {*plan.saved, *plan.restored}
    notes = [note for note in plan.notes if not (covered and note.code == "image-only-rollback")]
    if not notes:
        return []
    return [
        Line(Level.HEADING, "To be known"),
        *(Line(Level.NOTE, f"  {problems.sentence(note)}") for note in notes),
    ]


def _way_back(plan: Plan) -> list[Line]:
    text = (
        f"  {commands.quoted('rollback-to', number=plan.before)} brings generation {plan.before} back:"
        " its files and images are kept here, so it needs no network."
        if plan.before
        else "  If it fails, what it made is taken away again; volumes that hold data stay."
    )
    if plan.one_way:
        text = (
            "  There is none to what is there now: Compose does not understand its files. They are kept in generation"
            f" {plan.before}. If it fails, generation {plan.after} stays in place as far as it came."
        )
    return [Line(Level.HEADING, "The way back"), Line(Level.WAY_BACK, text)]
