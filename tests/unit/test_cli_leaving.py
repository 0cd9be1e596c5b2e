"""Leaving a run that one follows, on purpose, by an interrupt, or with the terminal: what becomes of it."""

from __future__ import annotations

import os
import signal
from contextlib import closing

import pytest

import sample_run as sample
from scenes import Scene, scene, types
from ws9tui.cli import runs
from ws9tui.cli.arguments import Command
from ws9tui.cli.follow import Follower
from ws9tui.core.journal import events as e
from ws9tui.core.journal import presence
from ws9tui.core.journal.journal import Reader
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import EXIT_STATUS, LEFT_STATUS, Choice, Outcome
from ws9tui.problems.problem import read
from ws9tui.wizard.app import Wizard
from ws9tui.worker.handle import RunHandle

__all__ = ["scene"]


def test_an_interrupt_before_the_commit_cancels_and_the_next_one_leaves(scene: Scene) -> None:
    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    scene.run.say(*sample.looked())
    assert scene.follow(interrupt, interrupt) == LEFT_STATUS
    assert [(d.ask, d.choice) for d in scene.run.decisions()] == [(0, Choice.CANCEL)]
    assert "Cancelling" in scene.said.getvalue()
    assert "To return: ws9tui attach shop" in scene.said.getvalue()


def test_a_cancel_is_followed_to_its_end(scene: Scene) -> None:
    scene.run.say(*sample.looked())
    ended = e.Finished(outcome=Outcome.CANCELLED, problem=read("cancelled", {}))
    assert scene.follow(types("cancel"), scene.happens(ended)) == 130
    assert "Cancelled; nothing was changed." in scene.out.getvalue()


def test_an_interrupt_after_the_commit_leaves_and_cancels_nothing(scene: Scene) -> None:
    scene.run.say(*sample.committed())
    assert scene.follow(lambda: os.kill(os.getpid(), signal.SIGINT)) == LEFT_STATUS
    assert scene.run.decisions() == []
    assert "the run continues in the background" in scene.said.getvalue()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_a_lost_terminal_leaves_the_run_going(scene: Scene, number: signal.Signals) -> None:
    scene.run.say(*sample.looked())
    assert scene.follow(lambda: os.kill(os.getpid(), number), asks=False) == LEFT_STATUS
    assert scene.run.decisions() == []


def test_the_handlers_of_before_come_back(scene: Scene) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)]
    scene.run.say(*sample.looked(), e.Finished(outcome=Outcome.LEFT))
    scene.follow(asks=False)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)] == before


def test_a_hangup_that_was_ignored_stays_ignored(scene: Scene) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        scene.run.say(*sample.looked())
        hang_up = lambda: os.kill(os.getpid(), signal.SIGHUP)  # noqa: E731
        assert scene.follow(hang_up, scene.happens(e.Finished(outcome=Outcome.KEPT)), asks=False) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_detach_leaves_and_help_helps(scene: Scene) -> None:
    scene.run.say(*sample.looked())
    assert scene.follow(types("help"), types("detach")) == LEFT_STATUS
    assert "Choose the services to update." in scene.said.getvalue()
    assert "If nobody answers the open question in time" in scene.said.getvalue()


def detached(scene: Scene) -> bool:
    with closing(Reader(scene.run.folder)) as reader:
        return any(isinstance(event, e.Detached) for event in reader.read())


def test_who_leaves_on_purpose_is_told_from_a_lost_terminal(scene: Scene) -> None:
    scene.run.say(*sample.looked())
    assert presence.seen(scene.run.folder)
    assert scene.follow(types("detach")) == LEFT_STATUS
    assert not presence.seen(scene.run.folder)
    assert detached(scene)


def test_a_lost_terminal_says_nothing_to_the_worker(scene: Scene) -> None:
    scene.run.say(*sample.looked())

    def lost() -> None:
        assert scene.typed is not None
        scene.typed.ended = True

    assert scene.follow(lost) == LEFT_STATUS
    assert not detached(scene)


@pytest.mark.parametrize("panes", [False, True])
def test_an_interrupt_before_signals_are_caught_cancels(
    scene: Scene, panes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Follower, "follow", interrupted)
    monkeypatch.setattr(Wizard, "run", interrupted)
    scene.run.say(*sample.looked())
    command = Command("update", Options(), plain=True)
    assert runs.show(RunHandle(scene.run.folder), command, panes=panes, ask=False) == EXIT_STATUS[Outcome.CANCELLED]
    assert [(d.ask, d.choice) for d in scene.run.decisions()] == [(0, Choice.CANCEL)]
