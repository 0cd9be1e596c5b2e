"""The summary of a plan: versions, downtime, losses, data that is not saved, and how to roll back."""

from __future__ import annotations

from typing import NamedTuple

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.plan import Kind, Plan
from ws9tui.words import panes_prepare, phrases, problems
from ws9tui.words import plan as plan_words
from ws9tui.words.plan_line import LineKind, PlanLine
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean, joined, listed

_MOST = 6
"""services or paths that are named in one line"""
_MOVED = (Kind.RECREATE, Kind.CREATE, Kind.PREPARE)


class SummaryLine(NamedTuple):
    """A line of the summary; its name is empty if it continues the line before."""

    name: str
    text: str
    level: LineKind = LineKind.PLAIN


_UPDATE = Plural(
    "Update {changed} of {count} service: {versions:said}", "Update {changed} of {count} services: {versions:said}"
)
_TOUCH = Plural("{count} service is changed: {versions:said}", "{count} services are changed: {versions:said}")
_GOES_BACK = Message("Roll back from generation {before} to generation {after}: {versions:said}")
_INSTALL = Plural("Install {count} service: {versions:said}", "Install {count} services: {versions:said}")
DOWNTIME, LOST, NOT_SAVED, STAYS = Message("Downtime"), Message("LOST"), Message("Not saved"), Message("Data stays")
SAVED, GOES_BACK, ALSO, NOTE = Message("Data"), Message("Data"), Message("Also affected"), Message("Note")
WAY_BACK = Message("Way back")
_NOT_SAVED = Message("data of {services:said}: a rollback restores the image, not the data")
_SAVED = Message("{services:said}: backed up first")
_BACK = Message("{services:said}: restored from the backup; the current data is backed up first")
CONTAINERS, OTHERS = Message("Containers and data"), Message("Tags and digests")
FILES_TOLD = Message("Files: {files:said}")
LOSES = Message("Lost: {what:said}")
REPLACED = Message("Replaced where it differs, after it was put aside: {what:said}")
UNSAVED = Message("Not saved: {services:said}. A rollback restores the image, not the data.")


def headline(plan: Plan, state: RunState) -> str:
    """Returns the plan's main effect in one sentence."""
    moved = [operation.subject for operation in plan.of_containers if operation.kind in _MOVED]
    names = list(dict.fromkeys(moved or plan.services))
    versions = joined([_version(name, state) for name in names[:_MOST]] + (["…"] if len(names) > _MOST else []))
    if plan.file:
        return next(line.text for line in plan_words.heading(plan))
    if not names:
        return plan_words.summary(plan)
    if plan.before == 0:
        return _INSTALL(len(names), versions=versions)
    if plan.after < plan.before:
        return _GOES_BACK(before=plan.before, after=plan.after, versions=versions)
    if state.services:
        return _UPDATE(len(state.services), changed=len(names), versions=versions)
    return _TOUCH(len(names), versions=versions)


def _version(name: str, state: RunState) -> str:
    row = state.services.get(name)
    was = clean(row.view.version, 30) if row else ""
    now = clean(phrases.coming(state, name) or "", 30)
    if was and now and was != now:
        return f"{clean(name, 40)} {was} → {now}"
    return f"{clean(name, 40)} {now}".rstrip()


def unsaved(plan: Plan) -> tuple[str, ...]:
    """Returns the services whose data could be saved but is not."""
    return tuple(backup.service for backup in plan.backups if not backup.chosen)


def losses(plan: Plan) -> list[str]:
    """Returns what is lost, moved or left behind, one line each."""
    found = []
    for loss in plan.losses:
        paths = listed(list(loss.paths), _MOST)
        what = problems.title(loss.problem)
        found.append(say("{service}: {what:said}[ ({paths:said})]", service=loss.service, what=what, paths=paths))
    return found


def facts(plan: Plan) -> list[SummaryLine]:
    """Returns the summary, most important lines first."""
    found = [SummaryLine(DOWNTIME(), panes_prepare.downtime(plan))]
    found += [SummaryLine("" if number else LOST(), said, LineKind.LOSS) for number, said in enumerate(losses(plan))]
    if names := unsaved(plan):
        found.append(SummaryLine(NOT_SAVED(), _NOT_SAVED(services=listed(names, _MOST)), LineKind.LOSS))
    if plan.saved:
        found.append(SummaryLine(SAVED(), _SAVED(services=listed(plan.saved, _MOST))))
    if plan.restored:
        found.append(SummaryLine(GOES_BACK(), _BACK(services=listed(plan.restored, _MOST))))
    staying = [restore.service for restore in plan.restores if not restore.chosen]
    if staying:
        found.append(SummaryLine(STAYS(), listed(staying, _MOST), LineKind.LOSS))
    found += _named(ALSO(), plan_words.followers(plan))
    found += _named(WAY_BACK(), plan_words.way_back(plan))
    return [*found, *_named(NOTE(), plan_words.notes(plan))]


def _named(name: str, lines: list[PlanLine]) -> list[SummaryLine]:
    """Returns printed lines without their heading, the first one with a name."""
    below = [line for line in lines if line.level is not LineKind.HEADING]
    return [SummaryLine("" if number else name, line.text.strip(), line.level) for number, line in enumerate(below)]


def at_stake(plan: Plan) -> list[str]:
    """Returns what the last confirmation repeats: losses, replaced data, and data that is not saved; may be empty."""
    lost = [LOSES(what=said) for said in losses(plan)]
    names = unsaved(plan)
    replaced = [operation.subject for operation in plan.operations if plan_words.replaces(operation)]
    lost += [REPLACED(what=listed(replaced, _MOST))] if replaced else []
    return [*lost, *([UNSAVED(services=listed(names, _MOST))] if names else [])]
