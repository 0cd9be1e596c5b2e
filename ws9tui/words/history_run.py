"""One run in full: who, when, what was planned, every step and decision, and the logs that were saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ws9tui.core.journal.events import AnyEvent, HookFinished, LogsSaved, StepFinished, StepStarted
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.store.store import RunRecord
from ws9tui.problems.engine import JournalDamaged
from ws9tui.words import history as words
from ws9tui.words import labels, outcome, phrases, plan, problems
from ws9tui.words import lines as line_words
from ws9tui.words.template import Message, say
from ws9tui.words.text import clean, clock, pad, parse_time, precise, short_reference


def lines(record: RunRecord, events: Sequence[AnyEvent]) -> list[str]:
    """All that is told of a run."""
    state = record.state
    sections = (
        ("", _head(record)),
        (say("Decisions"), [f"  {clock(decided.at)}  {line_words.decided(decided)}" for decided in state.decisions]),
        (_PLAN(), [f"  {line.text}" for line in plan.lines(state.plan)] if state.plan else []),
        (say("Steps"), _steps(state)),
        (say("Services"), _services(state)),
        (say("Saved logs"), _logs(record)),
        (say("Timeline"), _in_order(events)),
    )
    told: list[str] = []
    for title, section in sections:
        if section:
            told += [*([""] if told else []), *([title] if title else []), *section]
    return told


def _in_order(events: Sequence[AnyEvent]) -> list[str]:
    return [f"  {at:8}  {text}" for at, text in told_in_order(events)]


def told_in_order(events: Sequence[AnyEvent]) -> list[tuple[str, str]]:
    """Every event that says something, with its time; of a step that was finished, only its end.

    Of a hook what it printed, too.
    """
    finished = {event.step for event in events if isinstance(event, StepFinished)}
    told: list[tuple[str, str]] = []
    for event in events:
        if isinstance(event, StepStarted) and event.step in finished:
            continue
        if text := line_words.line(event):
            told.append((clock(event.at), text))
        if isinstance(event, HookFinished):
            told += [("", f"  {line}") for line in line_words.details(event)]
    return told


def _head(record: RunRecord) -> list[str]:
    state = record.state
    facts = [(say("outcome"), words.ended(state, live=record.live))]
    if state.finished:
        facts.append(("", outcome.message(state.finished, state)))
    if state.request:
        facts.append((say("who"), phrases.actor(state.request.actor)))
        facts.append(("ws9tui", clean(state.request.version, 40)))
    facts.append((say("when"), say("{at:date}[, took {took:duration}]", at=state.started_at, took=took(state))))
    if state.engine:
        facts.append((say("engine"), line_words.line(state.engine) or ""))
    if state.project:
        facts.append((say("folder"), clean(state.project.source.folder)))
    facts.append((say("journal"), clean(str(record.folder))))
    if record.damaged:
        facts.append(("", problems.sentence(JournalDamaged(lines=str(record.damaged)))))
    heading = say(
        "Run {number} of {project:name}: [{verb:said} // run]",
        number=record.number,
        project=record.project,
        verb=labels.VERBS[state.project.verb]() if state.project else "",
    )
    return [heading, *(f"  {pad(name, 9)}{text}" for name, text in facts)]


_PLAN = Message("Plan", "of a run")


def took(state: RunState) -> float | None:
    """Seconds between the first and the last event of a run."""
    first, last = parse_time(state.started_at), parse_time(state.last_at)
    return (last - first).total_seconds() if first and last else None


def _steps(state: RunState) -> list[str]:
    rows = []
    for step in state.steps:
        subject = short_reference(step.subject) if step.kind == "tag" else clean(step.subject)
        result = say("done") if step.done else say("NOT FINISHED")
        if step.problem:
            result = say("FAILED: {why:said}", why=problems.title(step.problem))
        rows.append(
            (
                clock(step.started_at),
                labels.step(step.kind),
                subject,
                precise(step.seconds) if step.done else "",
                result,
            )
        )
    return words.table(words.titles(*_STEP_TITLES), rows, widest=200)


def _services(state: RunState) -> list[str]:
    return words.table(
        words.titles(*_SERVICE_TITLES),
        [
            (
                clean(row.service, 80),
                labels.verdict(row.verdict),
                "" if row.downtime is None else precise(row.downtime),
                problems.brief(row.problem) if row.problem else "",
            )
            for row in state.watched.values()
        ],
    )


def _logs(record: RunRecord) -> list[str]:
    told: list[str] = []
    for saved in record.state.logs:
        told.append("  " + saved_log(record.folder, saved))
        told += [f"      | {clean(text)}" for text in saved.tail]
    return told


def saved_log(folder: Path, saved: LogsSaved) -> str:
    """Whose log was saved, and where it is in the run's folder."""
    return _SAVED.get(saved.role, _SAVED[""])(**_facts(saved, _path(folder, saved)))


def _facts(saved: LogsSaved, path: Path | None) -> dict[str, object]:
    name = str(path or saved.name)
    return {"path": clean(name), "role": saved.role, "container": saved.container, "size": saved.size}


_SAVED = {
    "old": Message("{path:said} (earlier container {container:name}, {size:size})"),
    "failed": Message("{path:said} (failed container {container:name}, {size:size})"),
    "": Message("{path:said} ({role:short} {container:name}, {size:size})"),
}
_STEP_TITLES = (
    Message("at", "heading"),
    Message("step", "heading"),
    Message("subject", "heading"),
    Message("took", "heading"),
    Message("result", "heading"),
)
_SERVICE_TITLES = (
    Message("service", "heading"),
    Message("result", "heading"),
    Message("downtime", "heading"),
    Message("why", "heading"),
)


def _path(folder: Path, saved: LogsSaved) -> Path | None:
    """Where a saved log is; None when its name leads out of the run's folder."""
    path = (folder / saved.name).resolve()
    return path if path.is_relative_to(folder.resolve()) else None
