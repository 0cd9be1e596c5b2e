"""A walk that is walked back, on a real engine: nothing is pulled twice, nothing stays behind, and one may stop it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from support import behaviours, images, panes, projects
from support.attended import Attended, attended, operator
from support.deployed import NEW, OLD, Deployed
from support.images import ImageSpec
from support.registry import Registry
from support.terminal import Terminal
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.problems.engine import OperatorsGone

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.engine

NEWER = "2.1.0"
SLOW = ImageSpec(NEW, behaviour=behaviours.healthy_after(600), labels={"service": "app"})


def wrong(service: str) -> ImageSpec:
    """An image that is not of the version that its tag says."""
    return ImageSpec(NEW, version_label="1.9.0", labels={"service": service})


def pulled(run: Attended) -> list[str]:
    return sorted(event.reference.rpartition("/")[2] for event in run.events if isinstance(event, e.PullStarted))


def keep(run: Attended) -> None:
    run.answer(Question.OUTCOME, Choice.KEEP)
    assert run.finished.outcome is Outcome.KEPT


def test_back_from_the_plan_pulls_nothing_twice_and_an_abort_leaves_nothing(pair: Deployed) -> None:
    pair.offer()
    with attended(pair.cli, Verb.UPDATE, pair.project.name) as run:
        run.go(Question.SELECT, Question.VERSIONS, db=NEW, app=NEW)
        run.answer(Question.CONFIRM, Choice.PREVIOUS)
        run.answer(Question.VERSIONS, Choice.PREVIOUS)
        run.go(Question.SELECT, Question.VERSIONS, db=NEW, app=NEW)
        assert pulled(run) == [f"app:{NEW}", f"db:{NEW}"]
        run.answer(Question.CONFIRM, Choice.CANCEL)
        assert run.finished.outcome is Outcome.CANCELLED
    pair.assert_untouched()


def test_what_is_not_chosen_in_the_end_is_removed_when_the_rest_is_kept(pair: Deployed) -> None:
    offered = pair.offer()
    with attended(pair.cli, Verb.UPDATE, pair.project.name, monitor=1.0) as run:
        run.go(Question.SELECT, Question.VERSIONS, db=NEW, app=NEW)
        run.answer(Question.CONFIRM, Choice.PREVIOUS)
        run.answer(Question.VERSIONS, Choice.PREVIOUS)
        run.go(Question.SELECT, Question.VERSIONS, Question.CONFIRM, app=NEW)
        keep(run)
    assert pair.images()["pair-app-1"] == offered["app"].image_id
    assert offered["db"].image_id not in {image.id for image in pair.engine.client().images.list()}
    projects.assert_no_drift(pair.engine, pair.project)


def test_another_tag_after_a_mismatch(pair: Deployed) -> None:
    pair.offer(app=wrong("app"))
    newer = images.push(pair.registry, "app", NEWER, ImageSpec(NEWER, labels={"service": "app"}))
    with attended(pair.cli, Verb.UPDATE, pair.project.name, monitor=1.0) as run:
        run.go(Question.SELECT, app=NEW)
        run.answer(Question.MISMATCH, Choice.PREVIOUS)
        asked = run.until(e.Asked, lambda event: event.question is Question.SELECT and bool(event.options))
        assert asked.options == ("app",)
        run.go(Question.SELECT, Question.VERSIONS, Question.CONFIRM, app=NEWER)
        keep(run)
    assert pair.images()["pair-app-1"] == newer.image_id
    projects.assert_no_drift(pair.engine, pair.project)


def test_a_service_is_left_out_after_a_mismatch(pair: Deployed) -> None:
    offered = pair.offer(app=wrong("app"))
    before = pair.images()
    with attended(pair.cli, Verb.UPDATE, pair.project.name, monitor=1.0) as run:
        run.go(Question.SELECT, db=NEW, app=NEW)
        run.answer(Question.MISMATCH, Choice.LEAVE_OUT)
        run.go(Question.VERSIONS, Question.CONFIRM)
        keep(run)
    assert pair.images() == before | {"pair-db-1": offered["db"].image_id}
    assert f"APP_VERSION={OLD}" in pair.project.env_file.read_text()
    projects.assert_no_drift(pair.engine, pair.project)


def test_what_was_found_is_accepted(pair: Deployed) -> None:
    offered = pair.offer(app=wrong("app"))
    with attended(pair.cli, Verb.UPDATE, pair.project.name, monitor=1.0) as run:
        run.go(Question.SELECT, app=NEW)
        run.answer(Question.MISMATCH, Choice.ACCEPT)
        run.go(Question.VERSIONS, Question.CONFIRM)
        keep(run)
    assert pair.images()["pair-app-1"] == offered["app"].image_id
    said = pair.history("1")
    assert "Decided: app, Accept, by" in said


def test_without_the_service_whose_image_does_not_come(pair: Deployed) -> None:
    offered = pair.offer()
    with attended(pair.cli, Verb.UPDATE, pair.project.name, monitor=1.0) as run:
        run.until(e.Asked, lambda event: event.question is Question.SELECT)
        run.until(e.ReferenceResolved, lambda event: event.service == "app")
        run.answer(Question.SELECT, Choice.CHECK, app=NEW)
        run.until(e.ReferenceResolved, lambda event: event.reference.endswith(f"app:{NEW}"))
        pair.registry.delete("app", NEW)
        run.go(Question.SELECT, db=NEW, app=NEW)
        run.answer(Question.PULL_FAILED, Choice.LEAVE_OUT)
        run.go(Question.VERSIONS, Question.CONFIRM)
        keep(run)
    assert pair.images()["pair-db-1"] == offered["db"].image_id
    projects.assert_no_drift(pair.engine, pair.project)


def test_a_mirror_that_is_named_while_images_are_chosen(pair: Deployed) -> None:
    pushed = pair.offer()
    with Registry(store=pair.engine.store) as mirror, attended(pair.cli, Verb.UPDATE, pair.project.name) as run:
        for name in ("db", "app"):
            images.push(mirror, name, NEW, ImageSpec(NEW, labels={"service": name}))
        named = {"mirror": f"{pair.registry.host}={mirror.host}"}
        run.answer(Question.SELECT, Choice.RECHECK, answers=named)
        run.go(Question.SELECT, Question.VERSIONS, Question.CONFIRM, db=NEW, app=NEW)
        started = [event.digest for event in run.events if isinstance(event, e.PullStarted)]
        assert len(started) == len([digest for digest in started if mirror.host in digest]) == 2
        keep(run)
    pair.assert_new(pushed)


def test_roll_back_now(pair: Deployed) -> None:
    pair.offer(app=SLOW)
    with attended(pair.cli, Verb.UPDATE, pair.project.name) as run:
        run.go(Question.SELECT, Question.VERSIONS, Question.CONFIRM, db=NEW, app=NEW)
        run.until(e.ServiceWatched, lambda event: event.service == "app")
        run.handle.decide(Choice.ROLL_BACK)
        assert (run.finished.outcome, run.finished.problem) == (Outcome.ROLLED_BACK, None)
    pair.assert_back()


def test_a_run_that_waits_is_cancelled_from_another_terminal(pair: Deployed) -> None:
    pair.offer()
    with attended(pair.cli, Verb.UPDATE, pair.project.name) as run:
        run.go(Question.SELECT, Question.VERSIONS, db=NEW, app=NEW)
        run.until(e.Asked, lambda event: event.question is Question.CONFIRM)
        said = pair.cli.run("cancel", pair.project.name)
        assert (said.status, run.finished.outcome) == (0, Outcome.CANCELLED), said.out
        assert "Stopping run 1 of pair" in said.out
        decided = run.until(e.Decided, lambda event: event.choice is Choice.CANCEL)
        assert (decided.by, bool(decided.actor)) == ("operator", True)
    pair.assert_untouched()
    assert pair.cli.run("cancel", pair.project.name).status == 2


def test_a_run_that_watches_rolls_back_from_another_terminal(pair: Deployed) -> None:
    pair.offer(app=SLOW)
    running = pair.start()
    running.until("watch-started")
    said = pair.cli.run("cancel", "--json")
    assert said.finished["outcome"] == "rolled-back"
    assert said.status == 0
    running.wait().ended("rolled-back", 1)
    pair.assert_back()


SHORT = """\
import ws9tui.core.journal.presence
ws9tui.core.journal.presence.ALONE_DEADLINE = 1.0
"""


@pytest.mark.sample(1, reason="each case ends by another signal")
@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGHUP])
def test_a_run_whose_terminal_is_gone_ends(pair: Deployed, tmp_path: Path, kill: signal.Signals) -> None:
    """The worker's five minutes are one second here."""
    pair.offer()
    (tmp_path / "sitecustomize.py").write_text(SHORT)
    env = {"PYTHONPATH": str(tmp_path)}
    command = panes.command(pair.cli, "update", *pair.wanted, "--plain")
    with Terminal(command, pair.engine.env() | env, cwd=pair.cli.folder) as terminal:
        terminal.wait_for("Press Enter to continue.")
        terminal.send("enter")
        terminal.wait_for("Type 'yes'")
        terminal.signal(kill)
        terminal.wait_exit()
    (run,) = pair.cli.runs()
    with operator(run, present=False) as seen:
        assert (seen.finished.outcome, seen.finished.problem) == (Outcome.CANCELLED, OperatorsGone(seconds=1.0))
    pair.assert_untouched()
