"""From wherever a run was killed, the old and the new generation can both be reached."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from support import behaviours, processes
from support.attended import attended, operator
from support.deployed import NEW, Deployed
from support.images import ImageSpec
from support.wait import until
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Outcome, Question, Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.attended import Attended
    from support.cli import Running


def compose_says(service: str, text: str) -> Callable[[e.Event], bool]:
    """Select what Compose does with a service."""
    return lambda event: isinstance(event, e.ContainerStep) and event.service == service and event.text == text


@contextmanager
def following(pair: Deployed, running: Running) -> Iterator[Attended]:
    """Look on as a run goes on; it must have ended at the end."""
    with operator(pair.cli.begun()) as run:
        yield run
        running.wait()


def killed(pair: Deployed, when: Callable[[e.Event], bool], *, command: tuple[str, ...] = ()) -> None:
    """Kill the worker of an update as soon as it has written such an event; Compose may go on for a while."""
    before = len(pair.cli.runs())
    running = pair.cli.start(*command, "--json") if command else pair.start()
    with operator(pair.cli.begun(before)) as run:
        run.until(e.Event, when, 60)
        os.kill(run.pid, signal.SIGKILL)
    said = running.wait()
    assert said.status == 5, said.tail()
    assert " recover pair" in said.finished["commands"][0]
    until(lambda: not composes(pair), 30, "Compose has ended, too")


def composes(pair: Deployed) -> list[int]:
    """List the Compose processes that work on the project."""
    folder = pair.project.folder

    def ours(entry: Path) -> bool:
        words = (entry / "cmdline").read_bytes().split(b"\0")
        return (
            words[0].endswith((b"docker-compose", b"docker"))
            and b"up" in words
            and (entry / "cwd").readlink() == folder
        )

    return processes.select(ours)


def begins(subject: str) -> Callable[[e.Event], bool]:
    """Select the step that is about to happen to a service."""
    return lambda event: isinstance(event, e.StepStarted) and event.subject == subject


POINTS: dict[str, Callable[[e.Event], bool]] = {
    "committing": lambda event: isinstance(event, e.CommitStarted),
    "writing": lambda event: isinstance(event, e.StepFinished) and event.kind == "write",
    "before db": begins("db"),
    "in db": compose_says("db", "Recreate"),
    "starting db": compose_says("db", "Starting"),
    "before app": begins("app"),
    "in app": compose_says("app", "Recreate"),
    "starting app": compose_says("app", "Starting"),
    "watching": lambda event: isinstance(event, e.WatchStarted),
}


def back(pair: Deployed) -> None:
    pair.cli.json("recover", "pair", "--back").ended("rolled-back", 1)
    pair.assert_back()


@pytest.mark.sample(1, reason="the kill sweep has points of each sort always")
@pytest.mark.parametrize(
    "points",
    [
        ("committing", "in app", "writing"),
        ("before db", "starting app", "in db"),
        ("starting db", "watching", "before app"),
        ("in db", "in app"),
        ("starting app", "watching"),
    ],
    ids=", ".join,
)
def test_both_ways_are_open_after_a_kill(pair: Deployed, points: tuple[str, ...]) -> None:
    """Back from all points but the last, and forward from that."""
    pushed = pair.offer()
    for point in points[:-1]:
        killed(pair, POINTS[point])
        back(pair)
    killed(pair, POINTS[points[-1]])
    pair.cli.json("recover", "pair", "--forward", "--monitor", "1s").ended("kept", 0)
    pair.assert_new(pushed)


def test_an_interrupted_run_is_in_the_way_until_it_is_dealt_with(pair: Deployed) -> None:
    pushed = pair.offer()
    killed(pair, POINTS["in app"])
    refused = pair.update().ended("refused", 3)
    assert " recover pair" in refused.message
    pair.cli.json("rollback", "pair").ended("refused", 3)
    assert "interrupted" in pair.history("1")
    back(pair)
    assert "nothing to recover" in pair.cli.json("recover", "pair").ended("usage", 2).message
    told = pair.history()
    assert "recover" in told
    pair.update().ended("kept", 0)
    pair.assert_new(pushed)


def test_a_kill_during_the_rollback(pair: Deployed) -> None:
    pair.offer(app=ImageSpec(NEW, behaviour=behaviours.crash()))
    going_back: list[bool] = []

    def recreating(event: e.Event) -> bool:
        going_back.append(isinstance(event, e.RollbackStarted))
        return any(going_back) and compose_says("app", "Recreate")(event)

    killed(pair, recreating)
    back(pair)


def test_the_recovery_is_killed_itself(pair: Deployed) -> None:
    """The second one still knows both generations."""
    pair.offer()
    killed(pair, POINTS["starting app"])
    killed(pair, POINTS["in app"], command=("recover", "pair", "--back"))
    back(pair)


def test_compose_is_killed(pair: Deployed) -> None:
    pair.offer()
    with following(pair, pair.start()) as run:
        run.until(e.ContainerStep, compose_says("app", "Recreate"))
        processes.kill(composes(pair))
        assert run.finished.outcome is Outcome.ROLLED_BACK
    pair.assert_back()


def test_the_daemon_restarts_during_the_watch(pair: Deployed) -> None:
    pushed = pair.offer(db=ImageSpec(NEW), app=ImageSpec(NEW, behaviour=behaviours.healthy_after(3)))
    with following(pair, pair.start("--monitor", "2s")) as run:
        run.until(e.WatchStarted)
        pair.engine.restart()
        assert run.finished.outcome is Outcome.KEPT
    pair.assert_new(pushed)


def test_the_machine_shuts_down_during_the_commit(pair: Deployed) -> None:
    pair.offer()
    with following(pair, pair.start()) as run:
        run.until(e.ContainerStep, compose_says("app", "Recreate"))
        os.kill(run.pid, signal.SIGTERM)
        assert run.finished.outcome is Outcome.NEEDS_RECOVERY
        assert run.finished.problem
        assert run.finished.problem.code == "terminated"
    assert not composes(pair)
    back(pair)


def test_the_machine_shuts_down_before_the_commit(pair: Deployed) -> None:
    """As if somebody had cancelled."""
    pair.offer()
    with attended(pair.cli, Verb.UPDATE, "pair", monitor=1.0) as run:
        run.go(Question.SELECT, db=NEW, app=NEW)
        run.until(e.Asked, lambda asked: asked.question is Question.VERSIONS)
        os.kill(run.pid, signal.SIGTERM)
        assert run.finished.outcome is Outcome.CANCELLED
    pair.assert_untouched()
