"""A proxy before the engine's socket that refuses single calls: found before, and named wherever it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support import deployed, projects
from support.attended import attended
from support.snapshot import assert_same
from support.socketproxy import socket_proxy
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from pathlib import Path

    from support.deployed import Deployed
    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine
COMMAND = "    x-ws9tui: {version_command: [echo, '2.0.0']}\n"


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Deployed:
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=COMMAND)
    pair.offer()
    return pair


@pytest.mark.sample(1, reason="each case is another call")
@pytest.mark.parametrize(
    ("refuses", "named"),
    [
        ("POST /containers/[^/]+/rename", "POST /containers/…/rename"),
        ("POST /containers/[^/]+/exec", "POST /containers/…/exec"),
        ("DELETE /containers/", "DELETE /containers/…"),
        ("GET /networks", "GET /networks"),
        ("GET /distribution/", "GET /distribution/"),
    ],
)
def test_a_call_that_is_refused_is_named_before_anything_is_done(pair: Deployed, refuses: str, named: str) -> None:
    with socket_proxy(pair.engine, refuses) as proxy:
        said = pair.cli.json("update", *pair.wanted, env={"DOCKER_HOST": proxy.address}).ended("refused", 3)
    assert proxy.refused
    problem = said.finished["problem"]
    assert problem["code"] == "call-refused"
    assert problem["facts"]["call"].startswith(named)
    for unwanted in ("<", "journalctl"):
        assert unwanted not in said.message
    pair.assert_untouched()


def test_doctor_names_each_right_that_is_missing(pair: Deployed) -> None:
    """Also where the first call of all is refused, and each by the variable that a docker-socket-proxy has for it."""
    missing = "GET /info|POST /exec/|GET /distribution/|POST /images/[^/]+/tag|GET /volumes"
    for refuses, begins in ((missing, True), (missing.removeprefix("GET /info|"), False)):
        with socket_proxy(pair.engine, refuses) as proxy:
            said = pair.cli.run("doctor", "pair", "--json", env={"DOCKER_HOST": proxy.address}).ended("refused", 3)
        found = [event["finding"]["problem"] for event in said.of("found")]
        named = {one["facts"]["call"]: one["facts"] for one in found if one["code"] == "call-refused"}
        settings = {call.partition("/…")[0]: (facts["setting"], facts["purpose"]) for call, facts in named.items()}
        assert settings == {
            **({"GET /info": ("INFO=1", "look")} if begins else {"POST /exec": ("EXEC=1 POST=1", "exec")}),
            "GET /distribution": ("DISTRIBUTION=1", "resolve"),
            "POST /images": ("IMAGES=1 POST=1", "tag"),
            "GET /volumes": ("VOLUMES=1", "look"),
        }
    told = pair.cli.run("doctor", "pair").out
    assert "refuses" not in told


def test_to_ask_makes_nothing(pair: Deployed) -> None:
    """A first install asks for what makes networks and volumes too."""
    client: Any = pair.engine.client()
    projects.compose(pair.engine, pair.project.folder, "down", "--volumes")
    before = pair.now()
    with socket_proxy(pair.engine, "POST /volumes/create") as proxy:
        env = {"DOCKER_HOST": proxy.address}
        said = pair.cli.json("install", str(pair.project.folder), env=env).ended("refused", 3)
    assert said.finished["problem"]["facts"]["call"] == "POST /volumes/create"
    assert_same(before, pair.now())
    assert {network.name for network in client.networks.list()} == {"bridge", "host", "none"}


def test_a_call_that_is_refused_in_the_middle(pair: Deployed) -> None:
    """No raw page is shown; once the call is let through, the way back that was told works."""
    with socket_proxy(pair.engine) as proxy:
        cli = pair.cli.__class__(pair.engine, pair.cli.state, pair.cli.folder, {"DOCKER_HOST": proxy.address})
        with attended(cli, Verb.UPDATE, "pair", monitor=1.0) as run:
            run.go(Question.SELECT, Question.VERSIONS, db=deployed.NEW, app=deployed.NEW)
            run.until(e.Asked, lambda asked: asked.question is Question.CONFIRM)
            proxy.refuses = "POST /containers/[^/]+/start"
            run.go(Question.CONFIRM)
            run.answer(Question.FAILED, Choice.ROLL_BACK)
            finished = run.finished
        assert finished.outcome is Outcome.NEEDS_RECOVERY
        assert finished.problem
        assert finished.problem.facts["reason"] == "compose-refused"
        assert "403 Forbidden" in finished.problem.facts["detail"]
        assert "<" not in finished.problem.facts["detail"]
        proxy.refuses = "$^"
        cli.json("recover", "pair", "--back").ended("rolled-back", 1)
    pair.assert_back()
