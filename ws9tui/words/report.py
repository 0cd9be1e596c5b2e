"""The content of a run's report, in the operator's language; its layout is up to the renderers.

Any text in it may come from outside, and is neither escaped nor cut here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.journal.timeline import timeline
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Level, Outcome, Verb
from ws9tui.core.store.store import RunRecord
from ws9tui.problems.engine import JournalDamaged
from ws9tui.problems.plan import ImageChanged
from ws9tui.words import history, history_run, labels, outcome, phrases, plan, problems
from ws9tui.words import lines as line_words
from ws9tui.words import report_times as times
from ws9tui.words.blocks import Table, titles
from ws9tui.words.report_times import Chart
from ws9tui.words.template import Message, say
from ws9tui.words.text import clock, parse_time, precise, short_digest, short_reference

MOST_LINES = 200
"""last lines of a service's log that are shown"""


class Facts(NamedTuple):
    """Pairs of name and value."""

    pairs: tuple[tuple[str, str], ...]


class Lines(NamedTuple):
    """Preformatted text, line by line: a plan, a log."""

    title: str
    lines: tuple[str, ...]


Part = Facts | Table | Lines | Chart


class Section(NamedTuple):
    """A section of the report with its heading."""

    title: str
    parts: tuple[Part, ...]


class Report(NamedTuple):
    """The whole report."""

    language: str
    title: str
    headline: str
    tone: str
    """good, bad or neutral: the style of the headline"""
    message: str
    sections: tuple[Section, ...]
    footer: str


WRITTEN = Message("The report is in {path}; only you can read it.")
_TITLES = {
    Verb.UPDATE: Message("Update of {project:said}, run {number}"),
    Verb.INSTALL: Message("Installation of {project:said}, run {number}"),
    Verb.ROLLBACK: Message("Rollback of {project:said}, run {number}"),
    Verb.RECOVER: Message("Recovery of {project:said}, run {number}"),
    Verb.DOCTOR: Message("Check of {project:said}, run {number}"),
    Verb.ADOPT: Message("Record of {project:said}, run {number}"),
    Verb.BUNDLE: Message("Bundle of {project:said}, run {number}"),
    Verb.BACKUP: Message("Backup of {project:said}, run {number}"),
    Verb.RESTORE: Message("Restore of {project:said}, run {number}"),
}
_TITLE = Message("Run {number} of {project:said}")
_LANGUAGE = Message("en", "code of this language, as HTML has it")
_GOOD = (*history.GOOD, Outcome.LISTED, Outcome.PLANNED)
_NEUTRAL = (Outcome.CANCELLED, Outcome.LEFT)


def report(record: RunRecord, events: Sequence[Event]) -> Report:
    """Returns the report of a run that has ended, is live or was interrupted."""
    state, spans = record.state, timeline(events)
    sections = (
        (say("Run"), (_about(record),)),
        (say("Versions"), (_versions(state),)),
        (say("Time line"), times.charts(spans)),
        (say("Services"), (_services(state, events, {life.service: life.away for life in spans.lives}),)),
        (say("Findings"), (_findings(state),)),
        (say("Decisions"), (_decisions(state),)),
        (say("Plan"), (Lines("", tuple(line.text for line in plan.lines(state.plan)) if state.plan else ()),)),
        (say("Saved data"), (_data(state),)),
        (say("Logs"), _logs(record, events)),
        (say("In order"), (_in_order(events),)),
    )
    title = _TITLES.get(state.project.verb, _TITLE) if state.project else _TITLE
    return Report(
        _LANGUAGE(),
        title(project=record.project, number=record.number),
        _headline(record),
        _tone(record),
        _message(record),
        tuple(
            Section(title, filled)
            for title, parts in sections
            if (filled := tuple(part for part in parts if any(_content(part))))
        ),
        say("Written by ws9tui. Times are those of {zone:said}.", zone=_zone(state)),
    )


def _content(part: Part) -> Sequence[object]:
    """Returns the content of a part; empty parts are left out."""
    match part:
        case Facts(pairs=pairs):
            return pairs
        case Lines(lines=lines):
            return lines
    return part.rows


def _headline(record: RunRecord) -> str:
    state = record.state
    if state.finished:
        return outcome.headline(state.finished, state)
    return say("In progress") if record.live else say("Interrupted")


def _tone(record: RunRecord) -> str:
    finished = record.state.finished
    if finished is None:
        return "neutral" if record.live else "bad"
    if finished.outcome in _GOOD:
        return "good"
    return "neutral" if finished.outcome in _NEUTRAL else "bad"


def _message(record: RunRecord) -> str:
    state = record.state
    if state.finished:
        return outcome.message(state.finished, state)
    if record.live:
        return say("The run is in progress: this is its state at {at:said}.", at=clock(state.last_at))
    return say(
        "The run was interrupted: its last entry is from {at:said}. To recover: <recover>.", at=clock(state.last_at)
    )


def _about(record: RunRecord) -> Facts:
    state = record.state
    took = history_run.took(state)
    pairs = [
        (say("outcome"), history.ended(state, live=record.live)),
        (say("who"), phrases.actor(state.request.actor) if state.request else ""),
        (say("when"), say("{at:date}[, for {took:duration}]", at=state.started_at, took=took)),
        (say("engine"), phrases.engine(state.engine) if state.engine else ""),
        (say("folder"), state.project.source.folder if state.project else ""),
        (say("generations"), _generations(state)),
        ("ws9tui", state.request.version if state.request else ""),
        (say("journal"), str(record.folder)),
        (say("damaged"), problems.sentence(JournalDamaged(lines=str(record.damaged))) if record.damaged else ""),
    ]
    return Facts(tuple((name, value) for name, value in pairs if value))


def _generations(state: RunState) -> str:
    if state.plan is None or not state.plan.operations:
        return say("[{saved}]", saved=state.saved or "")
    return say("[{before} // nothing] → {after}", before=state.plan.before or "", after=state.plan.after)


def _zone(state: RunState) -> str:
    moment = parse_time(state.started_at)
    local = moment.astimezone() if moment else None
    return f"{local:UTC%z}" if local else "UTC"


# --- versions and services --------------------------------------------------------------------------------------

_NOT_KNOWN = Message("not known")


def _versions(state: RunState) -> Table:
    changes = {
        operation.subject: operation.cause
        for operation in (state.plan.of_containers if state.plan else ())
        if isinstance(operation.cause, ImageChanged)
    }
    rows = []
    for name in dict.fromkeys((*state.services, *state.versions, *changes)):
        row, checked, change = state.services.get(name), state.versions.get(name), changes.get(name)
        was, wanted = Reference(change.old if change else ""), Reference(change.new if change else "")
        before = _image(change.old_version, was) if change else ""
        if row and row.view.state:
            was = row.view.running_reference or row.view.reference
            before = _image(row.view.version, was)
        after = _image(change.new_version, wanted) if change else ""
        if checked:
            wanted = checked.reference
            after = _image(checked.found, wanted)
        digest = short_digest(checked.digest) if checked and checked.digest else ""
        names = dict.fromkeys(short_reference(reference.name) for reference in (was, wanted) if reference)
        rows.append((name, " → ".join(names), before, after, _at_the_end(state, name, before, after), digest))
    return Table(titles("service", "image", "before", "target", "at the end", "digest"), tuple(rows))


def _image(version: str, reference: Reference) -> str:
    """Returns a version, and its tag unless that is the version."""
    tag = reference.meant_tag if reference else ""
    if version and tag == version:
        tag = ""
    return say("[{version:said} ({tag:said}) // {version:said} // {tag:said}]", version=version, tag=tag)


def _at_the_end(state: RunState, name: str, before: str, after: str) -> str:
    """Returns what a service ran when the run ended, as far as known."""
    if name in state.standing:
        return labels.interrupted_state(state.standing[name].state)
    touched = state.plan is not None and name in {operation.subject for operation in state.plan.of_containers}
    if not touched:
        return before
    match state.finished.outcome if state.finished else None:
        case Outcome.KEPT | Outcome.RESTORED:
            return after or before
        case None | Outcome.NEEDS_RECOVERY:
            return _NOT_KNOWN()
    return before


def _services(state: RunState, events: Sequence[Event], away: dict[str, float]) -> Table:
    """Returns the verdict on each service; one that failed in between counts as failed, even if healthy again."""
    failed = {
        event.service: event for event in events if isinstance(event, e.ServiceWatched) and event.verdict == "failed"
    }
    rows = []
    for row in state.watched.values():
        seen = failed.get(row.service)
        judged = row.verdict if state.finished is None or row.verdict != "waiting" else ""
        problem = seen.problem if seen else row.problem if judged else None
        rows.append(
            (
                row.service,
                labels.verdict("failed" if seen else judged),
                precise(away[row.service]) if away.get(row.service) else "",
                str(max(row.restarts, seen.restarts if seen else 0) or ""),
                problems.brief(problem) if problem else "",
            )
        )
    return Table(titles("service", "verdict", "downtime", "restarts", "why"), tuple(rows))


# --- what was found, decided, saved -----------------------------------------------------------------------------


def _findings(state: RunState) -> Table:
    found = [*state.findings]
    found += [
        finding for check in state.versions.values() for finding in check.findings if finding.level is not Level.OK
    ]
    found += [check.finding for check in state.trust.values()]
    rows = ((phrases.MARKS[one.level](), one.service, problems.sentence(one.problem)) for one in found)
    return Table(titles("level", "service", "finding"), tuple(dict.fromkeys(rows)))


def _decisions(state: RunState) -> Table:
    rows = tuple((clock(decided.at), line_words.decided(decided)) for decided in state.decisions)
    return Table(titles("at", "decision"), rows)


def _data(state: RunState) -> Table:
    moved: list[e.BackupMade | e.RestoreFinished] = [*state.backups, *state.restored]
    events = sorted(moved, key=lambda event: event.at)
    rows = tuple((clock(event.at), line_words.line(event) or "") for event in events)
    return Table(titles("at", "what"), rows)


def _logs(record: RunRecord, events: Sequence[Event]) -> tuple[Part, ...]:
    """Returns where logs were saved, their last lines, and the services' log lines while watched."""
    logs = [(log, history_run.saved_log(record.folder, log)) for log in record.state.logs]
    saved = Table(
        titles("service", "saved"),
        tuple((log.service, said) for log, said in logs),
    )
    tails = (Lines(say("{service:name}, last lines", service=log.service), log.tail) for log, _ in logs)
    written: dict[str, list[str]] = {}
    for event in events:
        if isinstance(event, e.LogLine):
            written.setdefault(event.service, []).append(event.line)
    watched = (
        Lines(say("{service:name}, while it was watched", service=name), tuple(lines[-MOST_LINES:]))
        for name, lines in written.items()
    )
    return (saved, *tails, *watched)


def _in_order(events: Sequence[Event]) -> Table:
    rows = tuple((clock(at) if at else "", text) for at, text in history_run.told_in_order(events))
    return Table(titles("at", "what"), rows)
