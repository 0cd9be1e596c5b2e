"""The engine carries a stop to its end when whoever asked for it has gone: nothing is called well before that."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, execs, images, processes, projects
from support.attended import operator
from support.cli import Cli
from support.images import ImageSpec
from support.wait import until
from ws9tui.adapters.compose.compose import ComposeCommand
from ws9tui.core.journal import events as e
from ws9tui.core.model.source import ProjectSource

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.images import Pushed
    from support.projects import Project
    from support.registry import Registry

pytestmark = pytest.mark.both_stores

GRACE = 30.0
COMPOSE = """\
name: deaf
services:
  web:
    image: HOST/web:${{WEB}}
    restart: always
    stop_grace_period: {grace}s
  side:
    image: HOST/side:1.0
    restart: always
    network_mode: service:web
"""


@dataclass(frozen=True)
class Deaf:
    """A project whose web takes no notice of TERM, and side, which lives in its network."""

    engine: Dockerd
    project: Project
    cli: Cli
    old: Pushed
    new: Pushed

    def web(self) -> dict[str, Any]:
        """Return what the engine says of web; empty while it has two names."""
        return projects.containers(self.engine, "deaf").get("deaf-web-1", {})

    def told_to_stop(self, container_id: str) -> bool:
        """Tell whether a container was sent a signal and has not ended by it."""
        api: Any = self.engine.client().api
        found = [
            event["Action"]
            for event in api.events(since=0, until=time.time(), decode=True)
            if event["Type"] == "container" and event["Actor"]["ID"] == container_id
        ]
        return "kill" in found and "die" not in found[found.index("kill") :]

    def interrupted(self, how: signal.Signals) -> float:
        """Begin an update and end its worker and its Compose while the engine stops web; return when it began to."""
        old = self.web()["Id"]
        running = self.cli.start("update", "deaf", "web=2.0", "--monitor", "1s", "--yes", "--json")
        with operator(self.cli.begun()) as run:
            run.until(e.ContainerStep, lambda step: step.service == "web" and step.text == "Recreate")
            until(lambda: self.told_to_stop(old), 20, "the engine stops it")
            began = time.time()
            composes = processes.select(lambda entry: processes.parent(int(entry.name)) == run.pid)
            os.kill(run.pid, how)
            if how == signal.SIGKILL:
                processes.kill(composes)
            assert running.wait().status == 5
        assert self.web()["State"]["Running"]
        return began

    def assert_stays(self, image: Pushed, began: float) -> None:
        """Assert that it runs, and goes on to when the engine would have ended what it had accepted."""

        def lasts() -> bool:
            web = self.web()
            assert (web["State"]["Status"], web["Image"]) == ("running", image.image_id), web["State"]
            return time.time() > began + GRACE + 3

        assert not self.told_to_stop(self.web()["Id"])
        until(lasts, GRACE + 10)
        networks = execs.run(self.engine, "deaf-side-1", "ls /sys/class/net")
        assert "eth0" in networks, "side has lost the network of web"
        projects.assert_no_drift(self.engine, self.project)


@pytest.fixture
def deaf(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Deaf:
    old, new = (
        images.push(registry, "web", tag, ImageSpec(tag, behaviour=behaviours.ignore_term())) for tag in ("1.0", "2.0")
    )
    images.push(registry, "side", "1.0", ImageSpec("1.0", behaviour=behaviours.idle()))
    text = COMPOSE.format(grace=int(GRACE)).replace("HOST", registry.host)
    project = projects.write(project_folder, text, name="deaf", services=("web", "side"))
    project.set_env(WEB="1.0")
    projects.up(clean_engine, project)
    return Deaf(clean_engine, project, Cli(clean_engine, state_dir, project_folder.parent), old, new)


@pytest.mark.sample(1, reason="each case ends by another signal, on one engine or the other")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_back_after_worker_and_compose_have_gone(deaf: Deaf, how: signal.Signals) -> None:
    """What the engine was told to stop is to stay: it ends, and is started again."""
    before = projects.ids(deaf.engine, "deaf")
    began = deaf.interrupted(how)
    said = deaf.cli.json("recover", "deaf", "--back").ended("rolled-back", 1)
    assert [step["subject"] for step in said.of("step-started") if step["kind"] == "restart"] == ["web", "side"]
    assert projects.ids(deaf.engine, "deaf") == before
    deaf.assert_stays(deaf.old, began)


@pytest.mark.sample(1, reason="what is stopped is no image")
def test_forward_after_worker_and_compose_have_gone(deaf: Deaf) -> None:
    began = deaf.interrupted(signal.SIGKILL)
    deaf.cli.json("recover", "deaf", "--forward", "--monitor", "1s").ended("kept", 0)
    deaf.assert_stays(deaf.new, began)


@pytest.mark.sample(1, reason="what is stopped is no image")
def test_back_after_the_stop_has_ended(deaf: Deaf) -> None:
    """It is started again, and with it what lived in its network."""
    began = deaf.interrupted(signal.SIGKILL)
    until(lambda: not deaf.web()["State"]["Running"], GRACE + 10, "the engine has ended it")
    deaf.cli.json("recover", "deaf", "--back").ended("rolled-back", 1)
    deaf.assert_stays(deaf.old, began)


@pytest.mark.any_store(reason="how long our Compose may take is not for the engine to say")
@pytest.mark.parametrize("verb", ["up", "restart"])
async def test_compose_has_the_time_that_stopping_takes(deaf: Deaf, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    for name, value in deaf.engine.env().items():
        monkeypatch.setenv(name, value)
    deaf.engine.client().images.pull(deaf.new.reference)
    source = ProjectSource("deaf", str(deaf.project.folder), (str(deaf.project.file),), environment={"WEB": "2.0"})
    command = ComposeCommand(up_timeout=GRACE / 2)
    if verb == "up":
        await command.up(source, ["web"], longer=GRACE)
        assert deaf.web()["Image"] == deaf.new.image_id
    else:
        started = deaf.web()["State"]["StartedAt"]
        await command.restart(source, ["web"], longer=GRACE)
        assert deaf.web()["State"]["StartedAt"] > started
