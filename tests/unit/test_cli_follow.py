"""Following a run on the command line: what is shown, what is asked, and how a run ends."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
import pytest

import sample_run as sample
from every_event import every_event, run_of
from scenes import Scene, scene, types
from ws9tui.cli.follow import Follower, Input
from ws9tui.cli.output import PlainOutput, ProgressLines, Writer
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import EXIT_STATUS, Choice, Outcome, Question
from ws9tui.problems.problem import read

__all__ = ["scene"]


def test_a_whole_update_as_it_reads(scene: Scene) -> None:
    scene.run.say(*sample.looked())
    status = scene.follow(
        types(""),
        scene.happens(*sample.PREPARED),
        types("y"),
        types("yes"),
        scene.happens(*sample.COMMITTED, *sample.WELL),
        types("keep"),
        scene.happens(*sample.KEPT),
    )
    assert status == 0
    assert [(d.ask, d.choice, d.services) for d in scene.run.decisions()] == [
        (1, Choice.GO, ("git",)),
        (3, Choice.GO, ()),
        (4, Choice.KEEP, ()),
    ]
    shown = scene.out.getvalue()
    for line in (
        "Docker 28.5.2 on server-3 (amd64), Compose 5.6.1",
        "git: update to example.org/git:1 (f1c8542485e8)",
        "example.org/git:1: 28%, 7.2 MB of 18 MB, 24 MB/s",
        "Pulled example.org/git:1: 48 MB in 1.3 s",
        "git: version 1.25.1 → 1.25.5, digest verified",
        "  recreate  git  image 1.25.1 → 1.25.5",
        "Step 2: recreate git: done in 2.0 s",
        "git: OK: running (no health check defined), downtime 2.0 s",
        "Decided: Keep, by root (ssh from 10.0.0.7, /dev/pts/0)",
        "Generation 2 runs: git 1.25.5. To roll back: 'ws9tui rollback shop'.",
    ):
        assert line in shown
    asked = scene.said.getvalue()
    assert "Only 'yes' applies the plan" in asked
    assert "Auto-keep in 1 h." in asked or "59 min" in asked
    assert scene.typed is not None
    assert scene.typed.forgotten == 3


def test_output_has_no_control_characters_whatever_the_run_says(scene: Scene) -> None:
    hostile = "\x1b[2J\x9b31m\x07\r\n\u202e[red]"
    scene.run.say(
        *run_of(hostile), e.Finished(outcome=Outcome.UNCHANGED, problem=read(hostile, {}), commands=(hostile,))
    )
    assert scene.follow(asks=False) == 1
    for line in scene.out.getvalue().splitlines():
        assert line.isprintable(), line


def test_json_is_one_object_a_line_and_pure_ascii(scene: Scene) -> None:
    scene.run.say(*every_event("\x1b[2J\x9b31m\x7f→"))
    scene.follow(asks=False, json=True)
    lines = scene.out.getvalue().splitlines()
    assert all(line.isascii() and line.isprintable() for line in lines)
    events = [json.loads(line) for line in lines]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [list(event)[:3] for event in events] == [["seq", "at", "type"]] * len(events)
    assert all(datetime.fromisoformat(event["at"]) for event in events[:-1] if event["at"].startswith("2"))
    last = events[-1]
    assert (last["type"], last["outcome"]) == ("finished", "kept")
    assert last["message"]
    assert scene.said.getvalue() == ""


@pytest.mark.parametrize("stays", [False, True])
def test_a_question_is_told_where_nobody_types_if_it_stays_open(scene: Scene, stays: bool) -> None:
    scene.run.say(*sample.looked(), sample.asked(1, Question.CONFIRM, Choice.GO, Choice.CANCEL))
    decided = scene.happens(e.Decided(ask=1, question=Question.CONFIRM, choice=Choice.GO, by="default"))
    ended = scene.happens(e.Finished(outcome=Outcome.KEPT))
    scene.follow(*([lambda: None] if stays else []), decided, ended, asks=False)
    assert ("A decision is needed" in scene.said.getvalue()) is stays


@pytest.mark.parametrize("outcome", Outcome)
def test_the_exit_status_is_the_outcome(scene: Scene, outcome: Outcome) -> None:
    scene.run.say(*sample.looked(), e.Finished(outcome=outcome))
    assert scene.follow(asks=False) == EXIT_STATUS[outcome]


def test_a_question_that_somebody_else_answers_is_closed(scene: Scene) -> None:
    scene.run.say(*sample.committed(), *sample.WELL)
    status = scene.follow(scene.happens(sample.KEPT[0]), types("rollback"), scene.happens(sample.KEPT[1]))
    assert status == 0
    assert scene.run.decisions() == []
    assert "No question is open." in scene.said.getvalue()


def test_an_answer_is_sent_once(scene: Scene) -> None:
    scene.run.say(*sample.committed(), *sample.WELL)
    status = scene.follow(types("keep"), types("rollback"), scene.happens(*sample.KEPT))
    assert status == 0
    assert [d.choice for d in scene.run.decisions()] == [Choice.KEEP]


def test_events_go_on_while_a_question_is_open(scene: Scene) -> None:
    scene.run.say(*sample.committed(), *sample.WELL)
    failed = sample.watched("failed")
    log = e.LogLine(service="git", line="panic: \x1b[31mno database")
    status = scene.follow(
        scene.happens(log, failed), types("2"), scene.happens(e.Finished(outcome=Outcome.ROLLED_BACK))
    )
    assert status == 1
    assert "FAILED: git: in a crash loop" in scene.out.getvalue()
    assert "| panic: no database" in scene.out.getvalue()
    assert [d.choice for d in scene.run.decisions()] == [Choice.ROLL_BACK]


def test_back_while_images_are_pulled(scene: Scene) -> None:
    go = e.Decided(ask=1, question=Question.SELECT, choice=Choice.GO, by="operator", services=("git",))
    scene.run.say(*sample.looked(), sample.SELECT, go, *sample.PREPARED[:1])
    scene.follow(types("rollback"), types("back"), scene.happens(e.Finished(outcome=Outcome.CANCELLED)))
    assert [(d.ask, d.choice) for d in scene.run.decisions()] == [(0, Choice.PREVIOUS)]
    assert "Going back to the services; pulled images are kept for this run." in scene.said.getvalue()


def test_rollback_while_services_are_watched(scene: Scene) -> None:
    scene.run.say(*sample.committed())
    scene.follow(types("back"), types("rollback"), scene.happens(*sample.KEPT))
    assert [(d.ask, d.choice) for d in scene.run.decisions()] == [(0, Choice.ROLL_BACK)]
    assert "Rolling back once the current step is done." in scene.said.getvalue()


def test_a_deadline_is_shown_and_reminded_of(scene: Scene) -> None:
    question = e.Asked(
        at=sample.AT, ask=4, question=Question.OUTCOME, choices=(Choice.KEEP, Choice.ROLL_BACK), default=Choice.KEEP,
        seconds=600,
    )  # fmt: skip
    scene.run.say(*sample.committed(), *sample.WELL[:-1], question)
    clock = [datetime.fromisoformat(sample.AT)]

    def passes(seconds: float) -> Callable[[], None]:
        def moves() -> None:
            clock[0] += timedelta(seconds=seconds)

        return moves

    waits = [passes(seconds) for seconds in (200, 110, 200, 40, 30, 15)]
    scene.follow(*waits, scene.happens(*sample.KEPT), now=lambda: clock[0])
    reminded = [line for line in scene.said.getvalue().splitlines() if line.startswith("Auto-keep in")]
    assert reminded == [
        "Auto-keep in 10 min.",
        "Auto-keep in 4 min 50 s.",
        "Auto-keep in 50 s.",
        "Auto-keep in 5 s.",
    ]


def test_where_nobody_can_be_asked_it_is_said_how_to_decide(scene: Scene) -> None:
    question = sample.asked(1, Question.OUTCOME, Choice.KEEP, Choice.ROLL_BACK, seconds=600, default=Choice.ROLL_BACK)
    scene.run.say(*sample.committed(), *sample.WELL[:-1], question)
    assert scene.follow(lambda: None, scene.happens(*sample.KEPT), asks=False) == 0
    assert "Keep what runs now, or roll back? Answer with 'ws9tui attach shop'." in scene.said.getvalue()
    assert scene.said.getvalue().rstrip().endswith("Auto-rollback in 10 min.")


def test_a_worker_that_dies_before_the_commit_has_changed_nothing(scene: Scene) -> None:
    scene.run.say(*sample.looked())
    assert scene.follow(scene.run.die) == EXIT_STATUS[Outcome.UNCHANGED]
    assert "The worker process of this run has died." in scene.out.getvalue()


def test_a_worker_that_dies_in_the_commit_needs_recovery(scene: Scene) -> None:
    scene.run.say(*sample.committed())
    assert scene.follow(scene.run.die, asks=False, json=True) == EXIT_STATUS[Outcome.NEEDS_RECOVERY]
    last = json.loads(scene.out.getvalue().splitlines()[-1])
    assert (last["type"], last["outcome"]) == ("finished", "needs-recovery")
    assert last["commands"] == ["ws9tui recover shop --back", "ws9tui recover shop --forward", "ws9tui history shop"]


def test_a_worker_that_dies_where_no_rollback_is_possible_suggests_none(scene: Scene) -> None:
    one_way = msgspec.structs.replace(sample.PLAN, one_way=True)
    for event in sample.committed():
        scene.run.say(e.Planned(plan=one_way) if isinstance(event, e.Planned) else event)
    assert scene.follow(scene.run.die, asks=False, json=True) == EXIT_STATUS[Outcome.NEEDS_RECOVERY]
    last = json.loads(scene.out.getvalue().splitlines()[-1])
    assert last["commands"] == ["ws9tui recover shop --forward", "ws9tui history shop"]


def test_last_words_that_come_with_the_end_are_read(scene: Scene) -> None:
    scene.run.say(*sample.looked())

    def ends() -> None:
        scene.run.say(e.Finished(outcome=Outcome.UP_TO_DATE))
        scene.run.die()

    assert scene.follow(ends, asks=False) == 0


def test_progress_is_throttled_to_tenths_and_seconds() -> None:
    now = 0.0
    progress = ProgressLines(lambda: now)
    written = []
    for step in range(1001):
        now += 0.01
        if progress.due("a:1", step / 1000, step):
            written.append(step)
    assert 10 <= len(written) <= 13
    assert not progress.due("a:1", 1.0, 1000)


def test_slow_progress_is_still_told() -> None:
    now = 0.0
    progress = ProgressLines(lambda: now)
    written = 0
    for second in range(60):
        now = float(second)
        written += progress.due("a:1", second / 10000, second)
    assert 11 <= written <= 13


def test_a_reader_that_has_gone_is_no_error(scene: Scene) -> None:
    read, write = os.pipe()
    os.close(read)
    scene.run.say(*sample.looked(), e.Finished(outcome=Outcome.KEPT))
    with os.fdopen(write, "w") as gone:
        status = Follower(scene.handle, PlainOutput(Writer(gone)), Writer(scene.said), None).follow()
    assert status == 0


def test_stdin_is_read_line_by_line() -> None:
    read, write = os.pipe()
    typed = Input(read)
    try:
        assert typed.wait(0) == []
        os.write(write, b"on")
        assert typed.wait(5) == []
        os.write(write, b"e\ntwo\n\xff\nthr")
        assert typed.wait(5) == ["one", "two", "\ufffd"]
        assert not typed.ended
        os.close(write)
        typed.wait(5)
        assert typed.ended
    finally:
        typed.close()
        os.close(read)
