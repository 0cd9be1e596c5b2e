"""What is not well after an update goes back as a whole, or is held where that was asked for."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, deployed, images, projects
from support.attended import attended, operator
from support.behaviours import Behaviour
from support.cli import Cli, Said
from support.deployed import NEW, OLD, Deployed
from support.images import ImageSpec
from support.snapshot import assert_same
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry


def new(behaviour: Behaviour) -> ImageSpec:
    return ImageSpec(NEW, behaviour=behaviour)


def rolled_back(said: Said, code: str) -> None:
    said.ended("rolled-back", 1)
    assert said.finished["problem"]["code"] == code, said.finished
    assert said.of("rollback-verified")


def test_a_crash_loop_takes_the_whole_update_back(pair: Deployed) -> None:
    pair.offer(app=new(behaviours.crash()))
    said = pair.update()
    rolled_back(said, "crash-looping")
    pair.assert_back()
    told = pair.history("1")
    assert "failed container pair-app-1" in told
    assert "| fatal: giving up" in told


class NoProgram(ImageSpec):
    """An image whose program is not in it."""

    def config(self, diff_ids: list[str]) -> dict[str, Any]:
        config = super().config(diff_ids)
        config["config"]["Entrypoint"] = ["/nothing-there"]
        return config


def test_a_program_that_is_not_in_the_image(pair: Deployed) -> None:
    pair.offer(app=NoProgram(NEW))
    said = pair.update()
    rolled_back(said, "compose-failed")
    assert "nothing-there" in said.message
    pair.assert_back()


def test_watching_goes_on_while_somebody_is_asked(pair: Deployed) -> None:
    pair.offer(app=new(behaviours.crash(after=4)))
    said = pair.cli.json("update", *pair.wanted[:-1], "3s", "--confirm-within", "20s")
    assert said.of("gate-passed")
    assert [asked["question"] for asked in said.of("asked")][-2:] == ["outcome", "failed"]
    rolled_back(said, "crash-looping")
    pair.assert_back()
    assert "fatal: giving up" in pair.history("1")


def test_a_dependency_that_gets_unhealthy_again(pair: Deployed) -> None:
    pair.offer(db=new(behaviours.unhealthy_after(6)), app=new(behaviours.healthy_after(30)))
    said = pair.update()
    rolled_back(said, "unhealthy")
    pair.assert_back()


@pytest.mark.full(reason="the simulated engine's clock reaches it at once, always")
def test_what_never_gets_well_has_a_deadline(
    clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path
) -> None:
    """A dependency without health stops the services behind it; a URL that does not answer counts, too."""
    more = "    x-ws9tui: {probe: 'http://127.0.0.1:PORT/nothing-there'}\n"
    sick = deployed.deploy(clean_engine, registry, tmp_path / "sick", state_dir, name="sick")
    deaf = deployed.deploy(
        clean_engine, registry, tmp_path / "deaf", tmp_path / "state of deaf", name="deaf", more=more
    )
    sick.offer(db=new(behaviours.never_healthy()))
    first = sick.start()
    first.until("pull-finished", reference=f"{registry.host}/db:{NEW}")
    images.push(registry, "db", NEW, ImageSpec(NEW))
    second = deaf.start()
    said = first.wait()
    rolled_back(said, "unhealthy")
    assert "still waiting for the moon" in said.message
    assert not [step for step in said.of("step-started") if step["subject"] == "app" and step["kind"] == "recreate"]
    rolled_back(second.wait(), "probe-failed")
    for project in (sick, deaf):
        projects.wait_well(clean_engine, project.project)
        projects.assert_no_drift(clean_engine, project.project)
    assert len(set(sick.images().values()) | set(deaf.images().values())) == 2


def test_a_foreign_container_has_the_port(pair: Deployed) -> None:
    projects.compose(pair.engine, pair.project.folder, "stop", "app")
    ports = {"8080/tcp": ("127.0.0.1", pair.project.port)}
    reference = f"{pair.registry.host}/app:{OLD}"
    pair.engine.client().containers.run(reference, name="stranger", ports=ports, detach=True)
    before = pair.now()
    pair.offer()
    said = pair.update().ended("refused", 3)
    assert f"Port {pair.project.port}/tcp is already in use by stranger" in said.message
    assert_same(before, pair.now())


def test_a_process_of_the_machine_has_the_port(pair: Deployed) -> None:
    projects.compose(pair.engine, pair.project.folder, "rm", "--stop", "--force", "app")
    before = pair.now()
    pair.offer()
    with socket.create_server(("127.0.0.1", pair.project.port)):
        said = pair.update().ended("refused", 3)
    assert f"Port {pair.project.port}/tcp is already in use" in said.message
    assert_same(before, pair.now())


def test_the_port_is_taken_after_the_look(pair: Deployed) -> None:
    projects.compose(pair.engine, pair.project.folder, "rm", "--stop", "--force", "app")
    before = pair.images()
    pair.offer()
    with attended(pair.cli, Verb.UPDATE, "pair", monitor=1.0) as run:
        run.go(Question.SELECT, db=NEW, app=NEW)
        run.until(e.Asked, lambda asked: asked.question is Question.VERSIONS)
        with socket.create_server(("127.0.0.1", pair.project.port)):
            run.go(Question.VERSIONS, Question.CONFIRM)
            run.answer(Question.FAILED, Choice.ROLL_BACK)
            assert run.finished.outcome is Outcome.ROLLED_BACK
    assert run.finished.problem
    assert "already in use" in run.finished.problem.facts["reason"]
    assert pair.images() == before
    assert f"APP_VERSION={OLD}" in pair.project.env_file.read_text()


def test_a_one_shot_that_fails(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    projects.push_stack(registry)
    project = projects.stack(project_folder, registry.host, needs_init=True)
    projects.up(clean_engine, project)
    before = {name: details["Image"] for name, details in projects.containers(clean_engine, "stack").items()}
    projects.push_stack(registry, "1.1.0", init=ImageSpec("1.1.0", behaviour=behaviours.crash(status=3)))
    cli = Cli(clean_engine, state_dir, project_folder)
    said = cli.json("update", "init=1.1.0", "server=1.1.0", "--monitor", "1s")
    rolled_back(said, "exited")
    assert "exited with status 3" in said.message
    after = {name: details["Image"] for name, details in projects.containers(clean_engine, "stack").items()}
    assert after == before
    projects.wait_well(clean_engine, project)
    projects.assert_no_drift(clean_engine, project)


def test_the_program_says_another_version_than_its_label(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    more = f"    x-ws9tui: {{expect: {NEW}, version_command: version}}\n"
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=more)
    pair.offer(app=ImageSpec("1.9.9", version_label=NEW))
    said = pair.update()
    rolled_back(said, "version-command-differs")
    assert "1.9.9" in said.message
    pair.assert_back()


def test_hold_leaves_it_and_back_goes_back(pair: Deployed) -> None:
    pair.offer(app=new(behaviours.crash()))
    said = pair.update("--on-failure", "hold").ended("needs-recovery", 5)
    ways = (" recover pair --back", " recover pair --forward", " history pair")
    assert [way in command for way, command in zip(ways, said.finished["commands"], strict=True)] == [True] * 3
    assert f"APP_VERSION={NEW}" in pair.project.env_file.read_text()
    refused = pair.update().ended("refused", 3)
    assert "recover" in refused.message
    pair.cli.json("recover", "pair", "--back").ended("rolled-back", 1)
    pair.assert_back()
    pair.cli.json("recover", "pair", "--back").ended("usage", 2)


def test_hold_and_forward_once_the_cause_is_gone(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    (project_folder / "settings").mkdir()
    more = "    volumes: ['./settings:/settings:ro']\n"
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=more)
    pushed = pair.offer(app=new(behaviours.shell("test -e /settings/licence || exit 1")))
    pair.update("--on-failure", "hold").ended("needs-recovery", 5)
    (project_folder / "settings" / "licence").touch()
    pair.cli.json("recover", "pair", "--forward", "--monitor", "1s").ended("kept", 0)
    pair.assert_new(pushed)
    pair.cli.json("rollback", "pair", "--monitor", "1s").ended("kept", 0)
    assert f"APP_VERSION={OLD}" in pair.project.env_file.read_text()


def test_hold_and_leave(pair: Deployed) -> None:
    pair.offer(app=new(behaviours.crash()))
    pair.update("--on-failure", "hold").ended("needs-recovery", 5)
    held = pair.images()
    pair.cli.json("recover", "pair", "--leave").ended("left", 0)
    assert pair.images() == held
    pair.cli.json("recover", "pair", "--back").ended("usage", 2)


def test_nobody_confirms_in_time(pair: Deployed) -> None:
    pair.offer()
    said = pair.update("--confirm-within", "3s").ended("rolled-back", 1)
    assert said.of("decided")[-1] | {"at": "", "seq": 0} == said.of("decided")[-1] | {
        "at": "",
        "seq": 0,
        "by": "deadline",
    }
    pair.assert_back()


def test_somebody_confirms_in_time(pair: Deployed) -> None:
    pushed = pair.offer()
    running = pair.start("--confirm-within", "60s")
    running.until("asked", question="outcome")
    with operator(pair.cli.runs()[-1]) as somebody:
        somebody.answer(Question.OUTCOME, Choice.KEEP)
    running.wait().ended("kept", 0)
    pair.assert_new(pushed)


def test_a_log_that_the_engine_does_not_keep(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    """A logging driver that cannot be read holds up no watch."""
    more = "    logging: {driver: none}\n"
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=more)
    pushed = pair.offer()
    said = pair.update().ended("kept", 0)
    assert said.of("gate-passed")[0]["seconds"] < 20
    pair.assert_new(pushed)
