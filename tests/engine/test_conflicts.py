"""Others are at work, too: what was confirmed is applied, or nothing is; one run at a time has a project."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from support import behaviours, deployed, images, projects
from support.attended import attended, beside
from support.cli import Cli
from support.deployed import NEW, OLD, Deployed
from support.images import ImageSpec
from support.snapshot import assert_same
from support.wait import until
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from pathlib import Path

    from support.attended import Attended
    from support.dockerd import Dockerd
    from support.registry import Registry


def planned(run: Attended) -> None:
    """Bring a run to the question whether the plan is to be carried out."""
    run.go(Question.SELECT, Question.VERSIONS, db=NEW, app=NEW)
    run.until(e.Asked, lambda asked: asked.question is Question.CONFIRM)


def refused(run: Attended, what: str) -> None:
    """Confirm, and see it refused because of what has changed meanwhile."""
    run.go(Question.CONFIRM)
    finished = run.finished
    assert finished.outcome is Outcome.REFUSED
    assert finished.problem
    assert finished.problem.code == "input-changed"
    assert finished.problem.facts["what"] == what


@pytest.mark.parametrize("name", ["compose.yaml", ".env"])
def test_a_file_is_edited_after_the_plan(pair: Deployed, name: str) -> None:
    pair.offer()
    path = pair.project.folder / name
    with attended(pair.cli, Verb.UPDATE, "pair", monitor=1.0) as run:
        planned(run)
        path.write_text(path.read_text() + "# edited\n")
        refused(run, "file")
        assert run.finished.problem
        assert run.finished.problem.facts["detail"] == str(path)
    assert path.read_text().endswith("# edited\n")
    assert_same(pair.before.without(f"^file {name}/"), pair.now().without(f"^file {name}/"))
    assert not pair.cli.generations()


def test_somebody_recreates_after_the_plan(pair: Deployed) -> None:
    pair.offer()
    with attended(pair.cli, Verb.UPDATE, "pair", monitor=1.0) as run:
        planned(run)
        projects.compose(pair.engine, pair.project.folder, "up", "-d", "--force-recreate")
        projects.wait_well(pair.engine, pair.project)
        theirs = projects.ids(pair.engine, "pair")
        refused(run, "container")
    assert projects.ids(pair.engine, "pair") == theirs
    assert f"APP_VERSION={OLD}" in pair.project.env_file.read_text()
    projects.assert_no_drift(pair.engine, pair.project)


def test_the_pulled_image_is_removed_after_the_plan(pair: Deployed) -> None:
    pushed = pair.offer()
    with attended(pair.cli, Verb.UPDATE, "pair", monitor=1.0) as run:
        planned(run)
        pair.engine.client().images.remove(pushed["app"].by_digest)
        refused(run, "image")
    pair.assert_untouched()


def test_what_was_confirmed_is_applied_though_the_tag_moves(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    images.push(registry, "moving", "latest", ImageSpec(OLD))
    project = projects.single(project_folder, f"{registry.host}/moving:latest")
    projects.up(clean_engine, project)
    confirmed = images.push(registry, "moving", "latest", ImageSpec(NEW))
    cli = Cli(clean_engine, state_dir, project_folder)
    with attended(cli, Verb.UPDATE, monitor=1.0) as run:
        run.answer(Question.SELECT, Choice.GO, ("app",))
        run.go(Question.VERSIONS)
        run.until(e.Asked, lambda asked: asked.question is Question.CONFIRM)
        images.push(registry, "moving", "latest", ImageSpec("3.0.0"))
        run.go(Question.CONFIRM)
        run.answer(Question.OUTCOME, Choice.KEEP)
        assert run.finished.outcome is Outcome.KEPT
    (container,) = projects.containers(clean_engine, project.name).values()
    assert container["Image"] == confirmed.image_id
    projects.assert_no_drift(clean_engine, project)


def watched(run: Attended) -> None:
    """Bring a run to the question whether the new generation is to be kept."""
    planned(run)
    run.go(Question.CONFIRM)
    run.until(e.Asked, lambda asked: asked.question is Question.OUTCOME)


def test_somebody_removes_a_container_during_the_watch(pair: Deployed) -> None:
    pair.offer()
    with attended(pair.cli, Verb.UPDATE, "pair", monitor=1.0) as run:
        watched(run)
        projects.compose(pair.engine, pair.project.folder, "rm", "--stop", "--force", "app")
        run.answer(Question.FAILED, Choice.ROLL_BACK)
        assert run.finished.outcome is Outcome.ROLLED_BACK
    pair.assert_back()


def test_somebody_brings_another_image_during_the_watch(pair: Deployed) -> None:
    pair.offer()
    with attended(pair.cli, Verb.UPDATE, "pair", monitor=1.0) as run:
        watched(run)
        pair.project.set_env(APP_VERSION=OLD)
        projects.compose(pair.engine, pair.project.folder, "up", "-d")
        run.answer(Question.FAILED, Choice.ROLL_BACK)
        finished = run.finished
        assert finished.outcome is Outcome.ROLLED_BACK
        assert finished.problem
        assert finished.problem.code == "somebody-else"
    pair.assert_back()


def test_a_plain_up_during_the_watch_changes_nothing(pair: Deployed) -> None:
    pushed = pair.offer()
    with attended(pair.cli, Verb.UPDATE, "pair", monitor=1.0) as run:
        watched(run)
        projects.compose(pair.engine, pair.project.folder, "up", "-d")
        run.answer(Question.OUTCOME, Choice.KEEP)
        assert run.finished.outcome is Outcome.KEPT
    pair.assert_new(pushed)


def test_one_run_at_a_time(pair: Deployed) -> None:
    """The second hears who is at work; ten at once change nothing; a kill before the commit lets the next one in."""
    pushed = pair.offer()
    with attended(pair.cli, Verb.UPDATE, "pair", monitor=1.0) as run:
        planned(run)
        second = beside(pair.start()).ended("busy", 4)
        facts = second.finished["problem"]["facts"]
        assert facts["user"] == run.handle._actor.user
        assert facts["pid"] == str(run.pid)
        assert facts["since"]
        for part in (facts["user"], facts["pid"]):
            assert part in second.message
        os.kill(run.pid, signal.SIGKILL)
    assert run.handle.died()
    pair.cli.json("recover", "pair").ended("usage", 2)
    pair.assert_untouched()
    ten = [pair.start() for _ in range(10)]
    statuses = sorted(running.wait().status for running in ten)
    assert statuses[0] == 0
    assert set(statuses[1:]) <= {0, 4}
    assert 4 in statuses
    pair.assert_new(pushed)


def test_two_projects_at_once(clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path) -> None:
    """They share images and the state directory, and are not in each other's way."""
    both = [deployed.deploy(clean_engine, registry, tmp_path / name, state_dir, name=name) for name in ("one", "two")]
    pushed = both[0].offer()
    started = [pair.start() for pair in both]
    for running in started:
        running.wait().ended("kept", 0)
    for pair in both:
        pair.assert_new(pushed)


def test_a_rollback_beside_another_project_leaves_it_its_images(
    clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path
) -> None:
    """The failed run pulled the image that the other project has begun to use."""
    one, two = (
        deployed.deploy(clean_engine, registry, tmp_path / name, state_dir, name=name) for name in ("one", "two")
    )
    pushed = one.offer(app=ImageSpec(NEW, behaviour=behaviours.idle()))
    with attended(one.cli, Verb.UPDATE, "one", monitor=1.0) as run:
        watched(run)
        beside(two.start()).ended("kept", 0)
        run.answer(Question.OUTCOME, Choice.ROLL_BACK)
        assert run.finished.outcome is Outcome.ROLLED_BACK
    two.assert_new(pushed)
    until(lambda: set(one.images().values()) & {image.image_id for image in pushed.values()} == set(), 5)
    projects.assert_no_drift(clean_engine, one.project)
    two.cli.json("rollback", "two", "--monitor", "1s").ended("kept", 0)
