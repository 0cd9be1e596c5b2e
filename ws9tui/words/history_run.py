"""One run in full: who, when, the plan, every step and decision, and the saved logs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ws9tui.core.journal.events import Event, HookFinished, LogsSaved, StepFinished, StepStarted
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.store.store import RunRecord
from ws9tui.problems.engine import JournalDamaged
from ws9tui.words import history as words
from ws9tui.words import labels, outcome, phrases, plan, problems
from ws9tui.words import lines as line_words
from ws9tui.words.blocks import Block, Fact, Heading, Note, Table, Timed, Tone, titles
from ws9tui.words.template import Message, say
from ws9tui.words.text import clean, clock, parse_time, precise, short_reference


def blocks(record: RunRecord, events: Sequence[Event]) -> list[Block]:
    """Returns everything recorded of a run."""
    state = record.state
    decisions: list[Block] = [Timed(decided.at, line_words.decided(decided)) for decided in state.decisions]
    planned: list[Block] = list(plan.lines(state.plan)) if state.plan else []
    sections: tuple[tuple[str, list[Block]], ...] = (
        (say("Decisions"), decisions),
        (_PLAN(), planned),
        (say("Steps"), _steps(state)),
        (say("Services"), _services(state)),
        (say("Saved logs"), _logs(record)),
        (say("Timeline"), _in_order(events)),
    )
    told = _head(record)
    for title, section in sections:
        if section:
            told += [Note(""), Heading(title), *section]
    return told


def _in_order(events: Sequence[Event]) -> list[Block]:
    return [Timed(at, text) if at else Note(text, depth=12) for at, text in told_in_order(events)]


def told_in_order(events: Sequence[Event]) -> list[tuple[str, str]]:
    """Returns every event that has a line, with its time; of a finished step only its end.

    A hook's output follows its event, with empty times.
    """
    finished = {event.step for event in events if isinstance(event, StepFinished)}
    told: list[tuple[str, str]] = []
    for event in events:
        if isinstance(event, StepStarted) and event.step in finished:
            continue
        if text := line_words.line(event):
            told.append((event.at, text))
        if isinstance(event, HookFinished):
            told += [("", line) for line in line_words.details(event)]
    return told


def _head(record: RunRecord) -> list[Block]:
    state = record.state
    facts = [Fact(say("outcome"), words.ended(state, live=record.live), words.tone(state, live=record.live))]
    if state.finished:
        facts.append(Fact("", outcome.message(state.finished, state)))
    if state.request:
        facts.append(Fact(say("who"), phrases.actor(state.request.actor)))
        facts.append(Fact("ws9tui", clean(state.request.version, 40)))
    when = say("{at:date}[, took {took:duration}]", at=state.started_at, took=took(state))
    facts.append(Fact(say("when"), when))
    if state.engine:
        facts.append(Fact(say("engine"), phrases.engine(state.engine)))
    if state.project:
        facts.append(Fact(say("folder"), clean(state.project.source.folder)))
    facts.append(Fact(say("journal"), clean(str(record.folder))))
    if record.damaged:
        facts.append(Fact("", problems.sentence(JournalDamaged(lines=str(record.damaged))), Tone.WARNING))
    heading = say(
        "Run {number} of {project:name}: [{verb:said} // run]",
        number=record.number,
        project=record.project,
        verb=labels.VERBS[state.project.verb]() if state.project else "",
    )
    return [Heading(heading), *facts]


_PLAN = Message("Plan", "of a run")


def took(state: RunState) -> float | None:
    """Returns the seconds between the first and the last event of a run."""
    first, last = parse_time(state.started_at), parse_time(state.last_at)
    return (last - first).total_seconds() if first and last else None


def _steps(state: RunState) -> list[Block]:
    rows = []
    tones = []
    for step in state.steps:
        subject = short_reference(step.subject) if step.kind == "tag" else clean(step.subject)
        result = say("done") if step.done else say("NOT FINISHED")
        if step.problem:
            result = say("FAILED: {why:said}", why=problems.title(step.problem))
        tones.append(Tone.BAD if step.problem else Tone.PLAIN if step.done else Tone.WARNING)
        rows.append(
            (
                clock(step.started_at),
                labels.step(step.kind),
                subject,
                precise(step.seconds) if step.done else "",
                result,
            )
        )
    return (
        [Table(titles("at", "step", "subject", "took", "result"), rows, tuple(tones), toned=4, widest=200)]
        if rows
        else []
    )


def _services(state: RunState) -> list[Block]:
    watched = state.watched.values()
    told = Table(
        titles("service", "result", "downtime", "why"),
        [
            (
                clean(row.service, 80),
                labels.verdict(row.verdict),
                "" if row.downtime is None else precise(row.downtime),
                problems.brief(row.problem) if row.problem else "",
            )
            for row in watched
        ],
        tuple(verdict_tone(row.verdict) for row in watched),
        toned=1,
    )
    return [told] if told.rows else []


def verdict_tone(verdict: str) -> Tone:
    """Returns the tone of a service's verdict."""
    return {"passed": Tone.GOOD, "failed": Tone.BAD}.get(verdict, Tone.PLAIN)


def _logs(record: RunRecord) -> list[Block]:
    told: list[Block] = []
    for saved in record.state.logs:
        told.append(Note(saved_log(record.folder, saved), depth=2))
        told += [Note(f"| {clean(text)}", Tone.QUIET, depth=6) for text in saved.tail]
    return told


def saved_log(folder: Path, saved: LogsSaved) -> str:
    """Returns whose log was saved, and its path; only the name if that leads out of the run's folder."""
    path = (folder / saved.name).resolve()
    name = str(path) if path.is_relative_to(folder.resolve()) else saved.name
    told = _SAVED.get(saved.role, _SAVED[""])
    return told(path=clean(name), role=saved.role, container=saved.container, size=saved.size)


_SAVED = {
    "old": Message("{path:said} (earlier container {container:name}, {size:size})"),
    "failed": Message("{path:said} (failed container {container:name}, {size:size})"),
    "": Message("{path:said} ({role:short} {container:name}, {size:size})"),
}
