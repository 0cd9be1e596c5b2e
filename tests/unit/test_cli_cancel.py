"""`ws9tui cancel`: what it asks a live run for, what it writes, and what it ends with."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import sample_run as sample
from sample_run import Played
from ws9tui.cli import cancel
from ws9tui.cli.arguments import parse
from ws9tui.cli.output import PlainOutput, Writer
from ws9tui.core.journal import events as e
from ws9tui.core.journal import presence
from ws9tui.core.journal.events import Event
from ws9tui.core.model.terms import Actor, Choice, Outcome, Question
from ws9tui.core.store.store import Store
from ws9tui.errors import UsageError
from ws9tui.problems.engine import OperatorCancelled
from ws9tui.worker.handle import RunHandle

ROOT = Actor("root")


class Scene:
    """A live run, and somebody who stops it; ``happens`` is what its worker says at each look."""

    def __init__(self, folder: Path) -> None:
        self.run = Played(Store(folder / "state").open())
        self.handle = RunHandle(self.run.folder, present=False)
        self.written = io.StringIO()

    def stop(self, *happens: Event | Callable[[], None]) -> int:
        left = list(happens)

        def pause(_seconds: float) -> None:
            said = left.pop(0)
            said() if callable(said) else self.run.say(said)

        writer = Writer(self.written)
        return cancel.Stopping(self.handle, PlainOutput(writer), writer, pause=pause).stop("shop")

    def asked(self) -> list[tuple[int, Choice]]:
        return [(decision.ask, decision.choice) for decision in self.run.decisions()]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    found = Scene(tmp_path)
    yield found
    found.handle.close()
    found.run.close()


def ended(outcome: Outcome) -> e.Finished:
    return e.Finished(outcome=outcome)


def test_a_run_that_waits_is_cancelled(scene: Scene) -> None:
    scene.run.say(*sample.looked(), sample.SELECT)
    taken = e.Decided(ask=0, question=Question.SELECT, choice=Choice.CANCEL, by="operator", actor=ROOT)
    status = scene.stop(taken, e.Finished(outcome=Outcome.CANCELLED, problem=OperatorCancelled()))
    assert status == 0
    assert scene.asked() == [(0, Choice.STOP)]
    lines = scene.written.getvalue().splitlines()
    assert lines[0].startswith("Stopping run 7 of shop, started by root")
    assert "Decided: Cancel, by root" in lines[1]
    assert lines[-1] == "Cancelled; nothing was changed."
    assert not presence.seen(scene.run.folder), "who only cancels is not there to be asked"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.ROLLED_BACK, 0),
        (Outcome.UNCHANGED, 0),
        (Outcome.REFUSED, 0),
        (Outcome.KEPT, 1),
        (Outcome.NEEDS_RECOVERY, 5),
    ],
)
def test_the_exit_status_says_what_runs_now(scene: Scene, outcome: Outcome, status: int) -> None:
    scene.run.say(*sample.committed())
    assert scene.stop(ended(outcome)) == status
    assert scene.asked() == [(0, Choice.STOP)]


def test_a_worker_that_heard_nothing_is_asked_again(scene: Scene) -> None:
    scene.run.say(*sample.committed())
    quiet = [lambda: None] * round(cancel.HEARD_WITHIN / 0.1 + 2)
    assert scene.stop(*quiet, e.RollbackStarted(to=1), *quiet, ended(Outcome.ROLLED_BACK)) == 0
    assert scene.asked() == [(0, Choice.STOP)] * 2


def test_a_run_that_goes_back_already_is_only_waited_for(scene: Scene) -> None:
    scene.run.say(*sample.committed(), e.RollbackStarted(to=1))
    assert scene.stop(ended(Outcome.ROLLED_BACK)) == 0
    assert scene.asked() == []
    assert "It is rolling back already." in scene.written.getvalue()


def test_a_run_that_has_ended_is_not_live(scene: Scene) -> None:
    scene.run.say(*sample.whole())
    with pytest.raises(UsageError):
        scene.stop()


def test_a_worker_that_dies_is_told(scene: Scene) -> None:
    scene.run.say(*sample.looked())
    assert scene.stop(scene.run.die) == 1
    assert "worker" in scene.written.getvalue()


def test_it_is_a_command() -> None:
    assert parse(["cancel", "shop", "--json"]).options.arguments == ("shop",)
