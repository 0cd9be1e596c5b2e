from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from every_event import every_event, run_of
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.run_state import Phase, PullRow, PullState, RunState
from ws9tui.core.model.plan import Kind
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Actor, Availability, Choice, Finding, Level, Outcome, Question, Verb
from ws9tui.problems.problem import read
from ws9tui.words import help as help_words
from ws9tui.words import labels, lines, outcome, phrases, plan, safety

HOSTILE = "\x1b[31mred\x1b[0m\x9b2J [red]x[/] \u202e\ud800 $(x)\r\n"
QUIET = {
    e.WorkerStarted,
    e.ProjectsKnown,
    e.Asked,
    e.InstallChecked,
    e.Decision,
    e.PullProgressed,
    e.DataMoved,
    e.Planned,
    e.LogLine,
    e.Finished,
}
"""events that are told otherwise, or that say nothing"""


def test_every_event_has_a_line_or_is_told_otherwise() -> None:
    for event in every_event("text"):
        assert (lines.line(event) is None) == (type(event) in QUIET), type(event)
    assert set(e.Event.__subclasses__()) >= QUIET


@settings(deadline=None)
@given(st.one_of(st.just(HOSTILE), st.text(max_size=60)))
def test_no_text_from_outside_does_harm_in_any_words(text: str) -> None:
    state = fold(run_of(text))
    told = [line for event in every_event(text) if (line := lines.line(event))]
    assert state.plan is not None
    told += [line.text for line in plan.lines(state.plan)]
    told += [phrases.progress(row) for row in state.pulls.values()]
    told.append(safety.line(state))
    for ending in Outcome:
        finished = e.Finished(outcome=ending, problem=read(text, {text: text}), commands=(text,))
        told += [outcome.message(finished, state), outcome.headline(finished, state)]
    assert [line for line in told if not line.isprintable()] == []


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            e.ReferenceResolved(
                service="git", reference=Reference("websoft9dev/git:1.25.5"), digest="sha256:" + "ab" * 32
            ),
            "git: update to websoft9dev/git:1.25.5 (abababababab)",
        ),
        (
            e.ReferenceResolved(
                service="git",
                reference=Reference("websoft9dev/git:1.25.5"),
                availability=Availability.UNKNOWN,
                problem=read("registry-unreachable", {"registry": "docker.io"}),
            ),
            "git: could not be checked (the registry cannot be reached); websoft9dev/git:1.25.5",
        ),
        (
            e.PullRetried(
                reference="a/b:1", attempt=2, wait=4.0, problem=read("registry-unreachable", {"registry": "r"})
            ),
            "a/b:1: the registry cannot be reached; attempt 2 in 4 s",
        ),
        (
            e.PullFinished(reference="a/b:1", image_id="x", size=48_000_000, seconds=5.04, new=True),
            "Pulled a/b:1: 48 MB in 5.0 s",
        ),
        (
            e.PullFinished(reference="a/b:1", image_id="x", size=1, seconds=0.1, new=False),
            "a/b:1 is already on this server",
        ),
        (
            e.Decided(
                ask=1,
                question=Question.OUTCOME,
                choice=Choice.ROLL_BACK,
                by="operator",
                actor=Actor("alice", "ssh from 10.0.0.7"),
            ),
            "Decided: Roll back, by alice (ssh from 10.0.0.7)",
        ),
        (
            e.Decided(ask=1, question=Question.OUTCOME, choice=Choice.KEEP, by="deadline"),
            "Decided: Keep, because nobody answered in time",
        ),
        (
            e.Decided(
                ask=1,
                question=Question.SELECT,
                choice=Choice.GO,
                by="default",
                services=("a", "b"),
                references={"b": "x:2"},
            ),
            "Decided: a and b, b to x:2, Next, by default",
        ),
        (
            e.ServiceWatched(
                service="web",
                container="c",
                image_id="i",
                state="restarting",
                health="",
                restarts=3,
                verdict="failed",
                problem=read("crash-looping", {"service": "web", "restarts": "3", "exit_code": "1"}),
            ),
            "FAILED: web: in a crash loop (restarting, restarted 3 times)",
        ),
        (
            e.ServiceWatched(
                service="web",
                container="c",
                image_id="i",
                state="running",
                health="healthy",
                restarts=0,
                verdict="passed",
                problem=read("healthy", {}),
                downtime=1.84,
            ),
            "web: OK: healthy, downtime 1.8 s",
        ),
        (
            e.Found(finding=Finding(Level.WARNING, read("not-built", {"service": "db"}), "db")),
            "[warning] The image of db is not built yet. Build it with 'docker compose build db'.",
        ),
        (
            e.RollbackStarted(to=3, problem=read("exited", {"service": "web", "exit_code": "1"})),
            "ROLLING BACK to generation 3. web has exited with status 1.",
        ),
        (e.Removed(kind="keep-tag", subject="ws9tui.keep/shop:4-web"), "Removed keep tag ws9tui.keep/shop:4-web"),
    ],
)
def test_lines_as_they_read(event: Event, line: str) -> None:
    assert lines.line(event) == line


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            PullRow(
                "a:1",
                (),
                state=PullState.RUNNING,
                fraction=0.31,
                done=8_000_000,
                total=30_000_000,
                rate=2e6,
                phase="downloading",
            ),
            "a:1: 31%, 8 MB of 30 MB, 2 MB/s",
        ),
        (
            PullRow(
                "a:1", (), state=PullState.RUNNING, fraction=0.9, done=30_000_000, total=30_000_000, phase="extracting"
            ),
            "a:1: 90%, 30 MB of 30 MB, extracting",
        ),
        (PullRow("a:1", (), state=PullState.STALLED, wait=40), "a:1: no data for 40 s"),
        (PullRow("a:1", (), state=PullState.RETRYING), "a:1: retrying"),
    ],
)
def test_progress_as_it_reads(row: PullRow, line: str) -> None:
    assert phrases.progress(row) == line


def test_everything_has_a_name() -> None:
    for names, kinds in (
        (labels.VERBS, Verb),
        (labels.QUESTIONS, Question),
        (labels.AVAILABILITY, Availability),
        (phrases.MARKS, Level),
        (labels.PULL_STATES, PullState),
        (labels.OUTCOMES, Outcome),
        (help_words.HELP, Phase),
    ):
        assert set(names) == set(kinds)
    assert set(labels.STEPS) >= set(Kind)
    for question in Question:
        for choice in Choice:
            assert labels.choice(question, choice)
            assert labels.consequence(question, choice)
    for phase in Phase:
        assert help_words.text(phase).endswith(".")
        assert "  " not in help_words.text(phase)


def test_an_empty_state_has_a_safety_line() -> None:
    assert safety.line(RunState()) == "Checking what is running. Nothing has been changed. Safe to disconnect."
    assert safety.tone(RunState()) is safety.SafetyTone.SAFE


def test_an_old_journal_without_new_fields_is_still_told() -> None:
    for event in every_event("x"):
        whole = e.to_builtins(event)
        required = {field.name for field in msgspec.structs.fields(type(event)) if field.required}
        old = {key: value for key, value in whole.items() if key in required or key == "type"}
        lines.line(e.decode(msgspec.json.encode(old)))
