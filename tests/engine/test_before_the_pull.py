"""What an `up` would stumble over is found before a byte is pulled: exit status 3, with the command that helps."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from support import images, projects
from support.attended import attended
from support.cli import Cli
from support.images import ImageSpec
from support.snapshot import assert_same, snapshot
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from support.cli import Said
    from support.dockerd import Dockerd
    from support.projects import Project
    from support.registry import Registry

_TEXT = """\
name: kinds
services:
  web:
    image: {host}/kinds:1.0.0
    init: true
    stop_grace_period: 1s
    {more}
  other:
    image: {host}/kinds:1.0.0
    init: true
    stop_grace_period: 1s
    {other}
{top}
"""
one_name_twice = pytest.mark.only_store("overlay2", reason="later engines make no second network of a name")


class Kinds:
    """A project of two services whose definition is edited, and the next version of both in the registry."""

    def __init__(self, engine: Dockerd, registry: Registry, folder: Path, state: Path) -> None:
        self.engine, self.host, self.folder = engine, registry.host, folder
        for version in ("1.0.0", "2.0.0"):
            images.push(registry, "kinds", version, ImageSpec(version))
        self.project: Project = projects.write(folder, "", name="kinds", services=("web", "other"))
        self.cli = Cli(engine, state, folder.parent)
        self.write()
        projects.up(engine, self.project)

    @property
    def api(self) -> Any:  # noqa: ANN401  # the SDK's client has no types
        return self.engine.client().api

    def write(self, more: str = "", top: str = "", other: str = "") -> None:
        self.project.file.write_text(_TEXT.format(host=self.host, more=more, top=top, other=other))

    def update(self, *asked: str, env: Mapping[str, str] | None = None) -> Said:
        return self.cli.json("update", "kinds", *(asked or ("web=2.0.0",)), "--monitor", "1s", env=env)

    def warned(self, said: Said, code: str) -> dict[str, str]:
        """Return the facts of the one warning with a code."""
        findings = [event["finding"] for event in said.of("found") if event["finding"]["problem"]["code"] == code]
        assert [finding["level"] for finding in findings] == ["warning"]
        facts: dict[str, str] = findings[0]["problem"]["facts"]
        return facts

    def refused(self, code: str) -> dict[str, str]:
        """Be refused before anything is pulled, by the doctor too; return the facts."""
        before = snapshot(self.engine, self.folder)
        for said in (self.cli.run("doctor", "kinds", "--json"), self.update()):
            said.ended("refused", 3)
            assert said.finished["problem"]["code"] == code, said.message
            assert not said.of("pull_started")
        assert_same(before, snapshot(self.engine, self.folder))
        facts: dict[str, str] = said.finished["problem"]["facts"]
        return facts

    def type(self, message: str, words: str) -> None:
        """Do as a message says: type the one command in it that has these words."""
        (command,) = [part for part in message.split("'")[1::2] if words in part]
        done = subprocess.run(
            ["bash", "-c", command], env=self.engine.env(), cwd="/", check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.fixture
def kinds_of_before(older: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Kinds:
    """Return the same with the Compose of a few years ago."""
    return Kinds(older, registry, project_folder, state_dir)


@pytest.fixture
def kinds(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Kinds:
    return Kinds(clean_engine, registry, project_folder, state_dir)


@pytest.mark.sample(1, reason="each case is another form of the same mount")
@pytest.mark.parametrize(
    ("more", "top"),
    [
        ("secrets: [s]", "secrets: {s: {file: ./gone}}"),
        ("configs: [s]", "configs: {s: {file: ./gone}}"),
        ("volumes: [{type: bind, source: ./gone, target: /gone, bind: {create_host_path: false}}]", ""),
    ],
)
def test_a_file_that_is_mounted_is_gone(kinds: Kinds, more: str, top: str) -> None:
    kinds.write(more, top)
    gone = kinds.folder / "gone"
    assert kinds.refused("path-missing") == {"service": "web", "path": str(gone)}
    gone.write_text("here again\n")
    kinds.update().ended("kept", 0)


def test_all_that_is_in_the_way_is_told_at_once(kinds: Kinds) -> None:
    gone = "volumes: [{type: bind, source: ./gone, target: /gone, bind: {create_host_path: false}}]"
    kinds.write(f"secrets: [s]\n    {gone}", "secrets: {s: {environment: KINDS_TOLD}}")
    assert kinds.refused("path-missing")
    told = [event["finding"] for event in kinds.update().of("found")]
    stops = [finding["problem"]["code"] for finding in told if finding["level"] == "blocking"]
    assert stops == ["path-missing", "content-unset"]


def test_an_external_volume_is_gone(kinds: Kinds) -> None:
    kinds.write("volumes: [data:/data]", "volumes: {data: {external: true, name: kinds_data}}")
    assert kinds.refused("volume-missing") == {"volume": "kinds_data"}
    kinds.type(kinds.update().message, "volume create")
    kinds.update().ended("kept", 0)


def second_network(kinds: Kinds) -> str:
    """Make another network of the name, as a second client can that asks at the same time."""
    made: str = kinds.api.create_network("kinds_default", check_duplicate=False)["Id"]
    return made


@one_name_twice
def test_two_networks_of_one_name(kinds: Kinds) -> None:
    second = second_network(kinds)
    facts = kinds.refused("network-ambiguous")
    assert facts["spare"] == second[:12]
    assert len(facts["ids"].split(", ")) == 2
    said = kinds.update()
    assert all(one in said.message for one in facts["ids"].split(", "))
    kinds.type(said.message, "network rm")
    kinds.update().ended("kept", 0)


@pytest.mark.full(reason="which of the two can go is a unit test")
@one_name_twice
def test_a_second_network_that_comes_later(kinds: Kinds) -> None:
    """Then neither generation can be reached, and what is told brings the former back."""
    with attended(kinds.cli, Verb.UPDATE, "kinds", monitor=1.0) as run:
        run.answer(Question.SELECT, Choice.GO, ("web", "other"), web="2.0.0", other="2.0.0")
        run.go(Question.VERSIONS)
        run.until(e.Asked, lambda asked: asked.question is Question.CONFIRM)
        second = second_network(kinds)
        run.go(Question.CONFIRM)
        run.answer(Question.FAILED, Choice.ROLL_BACK)
        finished = run.finished
    assert finished.outcome is Outcome.NEEDS_RECOVERY
    assert finished.problem
    assert finished.problem.facts["reason"] == "network-ambiguous"
    assert finished.problem.facts["spare"] == second[:12]
    said = kinds.cli.json("recover", "kinds", "--back").ended("needs-recovery", 5)
    assert second[:12] in said.message
    kinds.type(said.message, "network rm")
    kinds.cli.json("recover", "kinds", "--back").ended("rolled-back", 1)
    projects.wait_well(kinds.engine, kinds.project)
    projects.assert_no_drift(kinds.engine, kinds.project)


# --- secrets and configs whose content is in no file

KINDS = pytest.mark.parametrize("kind", ["secret", "config"])


@pytest.mark.sample(1, reason="each case is another kind of it")
@KINDS
def test_what_is_external(kinds: Kinds, kind: str) -> None:
    top = f"{kind}s: {{s: {{external: true}}}}"
    kinds.write(f"{kind}s: [s]", top)
    assert kinds.refused("content-external") == {"service": "web", "kind": kind, "name": "s"}
    kinds.write(top=top, other=f"{kind}s: [s]")
    kinds.update().ended("kept", 0)


@pytest.mark.sample(1, reason="each case is another place of the variable")
@KINDS
def test_a_variable_that_is_not_set(kinds: Kinds, kind: str) -> None:
    not_set(kinds, kind)


@pytest.mark.sample(1, reason="each case is another place of the variable")
@KINDS
def test_a_variable_that_is_not_set_with_an_older_compose(kinds_of_before: Kinds, kind: str) -> None:
    not_set(kinds_of_before, kind)


def not_set(kinds: Kinds, kind: str) -> None:
    """Leave a variable unset, let another service alone use it, set it to nothing, and in the shell alone."""
    top = f"{kind}s: {{s: {{environment: KINDS_TOLD}}}}"
    kinds.write(f"{kind}s: [s]", top)
    facts = {"service": "web", "kind": kind, "name": "s", "variable": "KINDS_TOLD"}
    assert kinds.refused("content-unset") == facts
    kinds.write(top=top, other=f"{kind}s: [s]")
    kinds.update().ended("kept", 0)
    kinds.write(f"{kind}s: [s]", top)
    kinds.project.set_env(KINDS_TOLD="")
    kinds.update("web=1.0.0").ended("kept", 0)
    kinds.project.env_file.unlink()
    kinds.update("web=2.0.0", env={"KINDS_TOLD": "something"}).ended("kept", 0)


def test_what_is_not_set_for_a_service_that_stays_stopped(kinds: Kinds) -> None:
    kinds.api.stop("kinds-web-1")
    kinds.write("secrets: [s]", "secrets: {s: {environment: KINDS_TOLD}}")
    said = kinds.update().ended("kept", 0)
    assert kinds.warned(said, "content-unset") == {
        "service": "web",
        "kind": "secret",
        "name": "s",
        "variable": "KINDS_TOLD",
    }


# --- networks that exist already


PROJECT, KEY = "com.docker.compose.project", "com.docker.compose.network"
WRONG: tuple[dict[str, str], ...] = (
    {},
    {PROJECT: "kinds"},
    {PROJECT: "kinds", KEY: "back"},
    {PROJECT: "others", KEY: "back"},
)
RIGHT = ({KEY: "wanted"}, {PROJECT: "others", KEY: "wanted"})
WANTED = {"more": "networks: [default, wanted]", "top": "networks: {wanted: {name: taken}}"}


def test_a_network_of_that_name_is_there(kinds: Kinds) -> None:
    """The Compose that is here warns at most."""
    kinds.write(**WANTED)
    for labels in WRONG:
        taken = kinds.api.create_network("taken", labels=labels)["Id"]
        kinds.cli.run("update", "kinds", "web=2.0.0", "--plan", "--json").ended("planned", 0)
        kinds.api.remove_network(taken)
    kinds.api.create_network("taken")
    kinds.update().ended("kept", 0)


@pytest.mark.sample(1, reason="each case is another service in it")
@pytest.mark.parametrize("service", ["web", "other"])
def test_a_network_that_an_older_compose_refuses(kinds_of_before: Kinds, service: str) -> None:
    """It looks at those of all services, whichever it is called for."""
    kinds = kinds_of_before
    joins = WANTED["more"]
    kinds.write(top=WANTED["top"], **{"more" if service == "web" else "other": joins})
    for labels in (*WRONG, *RIGHT):
        taken = kinds.api.create_network("taken", labels=labels)["Id"]
        outcome = ("refused", 3) if labels in WRONG else ("planned", 0)
        kinds.cli.run("update", "kinds", "web=2.0.0", "--plan", "--json").ended(*outcome)
        kinds.api.remove_network(taken)
    kinds.api.create_network("taken")
    facts = kinds.refused("network-mislabelled")
    assert (facts["network"], facts["key"]) == ("taken", "wanted")
    kinds.type(kinds.update().message, "network rm")
    kinds.update().ended("kept", 0)


def test_a_network_that_nobody_is_in_any_more_and_one_that_is_external(kinds_of_before: Kinds) -> None:
    kinds = kinds_of_before
    kinds.api.create_network("taken")
    kinds.write(top="networks: {unused: {name: taken}}")
    kinds.update().ended("kept", 0)
    kinds.write("networks: [default, wanted]", "networks: {wanted: {name: taken, external: true}}")
    kinds.update("web=1.0.0").ended("kept", 0)


INTERNAL = "networks: {default: {internal: true}}"


@pytest.mark.sample(1, reason="a network is no matter of the image store")
@pytest.mark.both_stores
def test_a_network_that_is_made_anew_with_others_in_it(kinds: Kinds) -> None:
    """Compose stops the service that it makes, and fails at the network; what it stopped has lost it then."""
    kinds.write(top=INTERNAL)
    before = snapshot(kinds.engine, kinds.folder)
    said = kinds.update().ended("refused", 3)
    assert not said.of("pull_started")
    problem = said.finished["problem"]
    assert problem["code"] == "network-in-use"
    assert problem["facts"]["network"] == "kinds_default"
    assert problem["facts"]["changes"] == "internal"
    assert problem["facts"]["containers"] == "kinds-other-1"
    assert_same(before, snapshot(kinds.engine, kinds.folder))
    kinds.type(said.message, "up -d")
    kinds.update().ended("kept", 0)


def test_a_network_with_a_stranger_in_it(kinds: Kinds) -> None:
    image = f"{kinds.host}/kinds:1.0.0"
    settings = kinds.api.create_networking_config({"kinds_default": {}})
    stranger = kinds.api.create_container(image, name="stranger", networking_config=settings)["Id"]
    kinds.api.start(stranger)
    kinds.write(top=INTERNAL)
    facts = kinds.refused("network-in-use")
    assert facts["stranger"] == "stranger"
    kinds.type(kinds.update("web=2.0.0", "other=2.0.0").message, "network disconnect")
    said = kinds.update("web=2.0.0", "other=2.0.0").ended("kept", 0)
    assert kinds.warned(said, "network-made-anew")["changes"] == "internal"
    kinds.api.remove_container(stranger, force=True)


def test_a_network_with_another_name(kinds: Kinds) -> None:
    kinds.write(top="networks: {default: {name: renamed}}")
    said = kinds.update().ended("refused", 3)
    assert said.finished["problem"]["facts"]["network"] == "kinds_default"
    assert said.finished["problem"]["facts"]["changes"] == "name"
    kinds.update("web=2.0.0", "other=2.0.0").ended("kept", 0)


def test_a_network_that_only_others_are_in(kinds: Kinds) -> None:
    kinds.write(other="networks: [theirs]", top="networks: {theirs: {}}")
    projects.up(kinds.engine, kinds.project)
    kinds.write(other="networks: [theirs]", top="networks: {theirs: {internal: true}}")
    said = kinds.update().ended("kept", 0)
    assert not [told for told in said.of("found") if told["finding"]["problem"]["code"].startswith("network")]


def test_a_network_that_a_stopped_service_was_in(kinds: Kinds) -> None:
    kinds.api.stop("kinds-other-1")
    kinds.write(top=INTERNAL)
    said = kinds.update().ended("kept", 0)
    assert kinds.warned(said, "network-made-anew")["stopped"] == "kinds-other-1"


def test_an_older_compose_leaves_a_network_as_it_is(kinds_of_before: Kinds) -> None:
    kinds = kinds_of_before
    kinds.write(top=INTERNAL)
    said = kinds.update().ended("kept", 0)
    assert kinds.warned(said, "network-kept")["changes"] == "internal"
