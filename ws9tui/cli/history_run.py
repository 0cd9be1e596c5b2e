"""One run in full: who, when, what was planned, every step and decision, and the logs that were saved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ws9tui.core.journal.events import AnyEvent, LogsSaved, StepFinished, StepStarted
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.store.store import RunRecord
from ws9tui.problems.engine import JournalDamaged
from ws9tui.words import history as words
from ws9tui.words import labels, outcome, plan, problems
from ws9tui.words import lines as line_words
from ws9tui.words.text import clean, clock, date, duration, parse_time, precise, short_reference, size


def lines(record: RunRecord, events: Sequence[AnyEvent]) -> list[str]:
    """All that is told of a run."""
    state = record.state
    sections = (
        ("", _head(record)),
        ("Decisions", [f"  {clock(decided.at)}  {line_words.decided(decided)}" for decided in state.decisions]),
        ("Plan", [f"  {line.text}" for line in plan.lines(state.plan)] if state.plan else []),
        ("Steps", _steps(state)),
        ("Services", _services(state)),
        ("Saved logs", _logs(record)),
        ("In order", _in_order(events)),
    )
    told: list[str] = []
    for title, section in sections:
        if section:
            told += [*([""] if told else []), *([title] if title else []), *section]
    return told


def _in_order(events: Sequence[AnyEvent]) -> list[str]:
    """Every event that says something; of a step that was finished, only its end."""
    finished = {event.step for event in events if isinstance(event, StepFinished)}
    told = (event for event in events if not (isinstance(event, StepStarted) and event.step in finished))
    return [f"  {clock(event.at)}  {text}" for event in told if (text := line_words.line(event))]


def _head(record: RunRecord) -> list[str]:
    state = record.state
    verb = labels.VERBS[state.project.verb] if state.project else "run"
    facts = [("outcome", words.ended(state, live=record.live))]
    if state.finished:
        facts.append(("", outcome.message(state.finished, state)))
    if state.request:
        facts.append(("who", line_words.actor(state.request.actor)))
        facts.append(("ws9tui", clean(state.request.version, 40)))
    facts.append(("when", f"{date(state.started_at)}{_took(state)}"))
    if state.engine:
        facts.append(("engine", line_words.line(state.engine) or ""))
    if state.project:
        facts.append(("folder", clean(state.project.source.folder)))
    facts.append(("journal", clean(str(record.folder))))
    if record.damaged:
        facts.append(("", problems.sentence(JournalDamaged(lines=str(record.damaged)))))
    return [
        f"Run {record.number} of {clean(record.project, 80)}: {verb}",
        *(f"  {name:9}{text}" for name, text in facts),
    ]


def _took(state: RunState) -> str:
    first, last = parse_time(state.started_at), parse_time(state.last_at)
    if first is None or last is None:
        return ""
    return f", for {duration((last - first).total_seconds())}"


def _steps(state: RunState) -> list[str]:
    rows = []
    for step in state.steps:
        subject = short_reference(step.subject) if step.kind == "tag" else clean(step.subject)
        result = "done" if step.done else "NOT FINISHED"
        if step.problem:
            result = f"FAILED: {problems.title(step.problem)}"
        rows.append(
            (
                clock(step.started_at),
                labels.STEPS.get(step.kind) or clean(step.kind, 40),
                subject,
                precise(step.seconds) if step.done else "",
                result,
            )
        )
    return words.table(("at", "step", "of", "took", "result"), rows, widest=200)


def _services(state: RunState) -> list[str]:
    return words.table(
        ("service", "verdict", "was away", "why"),
        [
            (
                clean(row.service, 80),
                labels.VERDICTS.get(row.verdict) or clean(row.verdict, 20),
                "" if row.downtime is None else precise(row.downtime),
                problems.brief(row.problem) if row.problem else "",
            )
            for row in state.watched.values()
        ],
    )


def _logs(record: RunRecord) -> list[str]:
    told: list[str] = []
    for saved in record.state.logs:
        path = _path(record.folder, saved)
        whose = {"old": "earlier container", "failed": "failed container"}.get(saved.role, clean(saved.role, 20))
        told.append(f"  {clean(str(path or saved.name))} ({whose} {clean(saved.container, 80)}, {size(saved.size)})")
        told += [f"      | {clean(text)}" for text in saved.tail]
    return told


def _path(folder: Path, saved: LogsSaved) -> Path | None:
    """Where a saved log is; None when its name leads out of the run's folder."""
    path = (folder / saved.name).resolve()
    return path if path.is_relative_to(folder.resolve()) else None
