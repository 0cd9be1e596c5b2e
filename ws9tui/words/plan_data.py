"""The printed plan's lines about data: what is backed up first, what is restored, and what is lost."""

from __future__ import annotations

from ws9tui.core.model.plan import DataTarget, Loss, Plan, PlannedRestore
from ws9tui.problems.plan import OwnLayerFiles
from ws9tui.words import problems
from ws9tui.words.plan_line import MOST_DETAILS, LineKind, PlanLine, details, indented, section
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import listed, size

_MORE_PATHS = Plural("and {count} more path", "and {count} more paths")


def data_lines(plan: Plan) -> list[PlanLine]:
    """Returns the data to back up or restore: service, size, place and added downtime, and the data left out."""
    found: list[PlanLine] = []
    saved = [backup for backup in plan.backups if backup.chosen]
    if saved:
        found.append(PlanLine(LineKind.HEADING, say("Data to back up first, while its service is stopped")))
        for backup in saved:
            said = say(
                "{service}: {size:said}, {why:said}[; adds about {longer:duration} of downtime]",
                service=backup.service,
                size=_about(backup.size),
                why=problems.brief(backup.cause),
                longer=_longer(backup.seconds),
            )
            found.append(PlanLine(LineKind.PLAIN, indented(1, said)))
            found += [
                PlanLine(LineKind.DETAIL, indented(2, _target(target))) for target in backup.targets[:MOST_DETAILS]
            ]
    if back := [restore for restore in plan.restores if restore.chosen]:
        found.append(PlanLine(LineKind.HEADING, say("Data to restore; the current data is backed up first")))
        for restore in back:
            said = say(
                "{service}: {size:said}, backup of {made:date}[; adds about {longer:duration} of downtime]",
                service=restore.service,
                size=_about(restore.size),
                made=restore.made_at,
                longer=_longer(restore.seconds),
            )
            found.append(PlanLine(LineKind.PLAIN, indented(1, said)))
            found.append(PlanLine(LineKind.LOSS, indented(2, _written_since(restore))))
    if found:
        found.append(PlanLine(LineKind.DETAIL, indented(1, say("Backups in {folder}", folder=plan.backup_folder))))
    others = [backup.service for backup in plan.backups if not backup.chosen]
    others += [restore.service for restore in plan.restores if not restore.chosen]
    what = say("Data that is NOT restored") if plan.restores else say("Data that is NOT backed up")
    return found + section(what, [listed(others, 12)] if others else [])


def _longer(seconds: float) -> float | None:
    return seconds if seconds >= 1 else None


def _about(size_: int) -> str:
    return say("about {size:said}", size=size(size_)) if size_ >= 0 else say("size unknown")


def _target(target: DataTarget) -> str:
    told = _TARGETS.get(target.type, _TARGETS["bind"])
    return told(target=target.target, source=target.source, size=_about(target.size))


_TARGETS = {
    "volume": Message("{target} (volume {source}, {size:said})"),
    "bind": Message("{target} (folder {source}, {size:said})"),
}


def _written_since(restore: PlannedRestore) -> str:
    """Returns which changes a restore would discard."""
    if restore.changed < 0:
        return say("Changes since then are unknown.")
    if restore.changed == 0:
        return say("No file has changed since then.")
    return _CHANGED_SINCE(restore.changed, newest=restore.changed_at)


_CHANGED_SINCE = Plural(
    "{count} file has changed since then, the newest at {newest:date}.",
    "{count} files have changed since then, the newest at {newest:date}.",
)


def losses(plan: Plan) -> list[PlanLine]:
    """Returns the data that is lost or left behind, with remedies."""
    if not plan.losses:
        return []
    lost = [loss for loss in plan.losses if isinstance(loss.problem, OwnLayerFiles)]
    others = [loss for loss in plan.losses if loss not in lost]
    found: list[PlanLine] = []
    for heading, ones in ((_LOST, lost), (_MOVED, others)):
        if ones:
            found.append(PlanLine(LineKind.HEADING, heading()))
        for loss in ones:
            found.append(PlanLine(LineKind.LOSS, _left(loss)))
            found += details(loss.paths, _MORE_PATHS)
    remedies = dict.fromkeys(problems.remedy(loss.problem) for loss in plan.losses)
    return found + [PlanLine(LineKind.PLAIN, indented(1, remedy)) for remedy in remedies if remedy]


_LOST, _MOVED = Message("Files that will be LOST"), Message("Data and containers affected")


def _left(loss: Loss) -> str:
    return indented(1, say("{service}: {what:said}", service=loss.service, what=problems.title(loss.problem)))


def left_lines(plan: Plan) -> list[str]:
    """Returns the data that would be left behind, for the question that asks for consent."""
    return [_left(loss) for loss in plan.losses if loss.consent]
