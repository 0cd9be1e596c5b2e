"""One identity and one lock for a project, for all users of the machine and by every address of the engine."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from support import behaviours, images, others, panes, processes, projects
from support.attended import beside
from support.cli import Cli
from support.images import ImageSpec
from support.wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.cli import Event, Said
    from support.dockerd import Dockerd
    from support.faultproxy import FaultProxy
    from support.panes import Held
    from support.registry import Registry

pytestmark = pytest.mark.engine


@pytest.fixture
def held(clean_engine: Dockerd, registry: Registry, proxy: FaultProxy, public: Path) -> Held:
    """Return an update that stops in its pull; its project is nobody's, and root may write to all."""
    found = panes.held(clean_engine, registry, proxy, public / "project", public / "state")
    others.give(public / "project")
    return found


@pytest.fixture
def nobody(clean_engine: Dockerd, public: Path) -> Iterator[Cli]:
    with others.other_user(clean_engine, public) as cli:
        yield cli


@pytest.fixture
def addresses(clean_engine: Dockerd, public: Path) -> Iterator[list[dict[str, str]]]:
    """Return addresses of one engine, each as the shell's variables have it."""
    (public / "link.sock").symlink_to(clean_engine.socket)
    hosts = [clean_engine.host, f"unix:///{clean_engine.socket}", f"unix://{public}/link.sock"]
    with others.by_tcp(clean_engine) as tcp:
        yield [{"DOCKER_HOST": host} for host in (*hosts, tcp)]


def problem(said: Said) -> Event:
    found = said.ended("busy", 4).finished["problem"]
    assert isinstance(found, dict)
    return found


@pytest.mark.sample(1, reason="each case has another one first")
@pytest.mark.parametrize("first", ["root", "nobody"])
def test_one_user_at_a_time_and_the_other_is_told_who(
    held: Held, nobody: Cli, addresses: list[dict[str, str]], first: str
) -> None:
    root = held.cli
    one, other = (root, nobody) if first == "root" else (nobody, root)
    running = one.start("update", *held.arguments(), "--yes", "--json")
    running.until("pull-started")
    for env in addresses:
        said = other.json("update", *held.arguments(), env=env)
        found = problem(said)
        assert (found["code"], found["facts"]["user"]) == ("busy-elsewhere", first)
        assert found["facts"]["pid"] == str(running.worker())
        assert f"User {first} is updating this project (process" in said.message
    assert other.runs() == []
    assert other.run("history", held.project.name).status == 2, "the records of the one are not the other's"

    os.kill(running.worker(), signal.SIGKILL)
    assert running.wait().status == 1
    held.proxy.clear()
    held.switch.touch()
    other.json("update", *held.arguments()).ended("kept", 0)
    held.assert_new()
    projects.assert_no_drift(held.engine, held.project)


def test_by_every_address_it_is_one_project(held: Held, addresses: list[dict[str, str]]) -> None:
    """The second operator is led to the run that is live, the history is one, and so is the way back."""
    first, *further = addresses
    running = held.cli.start("update", *held.arguments(), "--yes", "--json", env=first)
    running.until("pull-started")
    (folder,) = held.cli.runs()
    for env in further:
        found = problem(beside(held.cli.start("update", *held.arguments(), "--yes", "--json", env=env)))
        assert (found["code"], found["facts"]["run"]) == ("busy", str(folder))
    held.proxy.clear()
    held.switch.touch()
    running.wait().ended("kept", 0)
    for env in further:
        held.cli.json("update", *held.arguments(), env=env).ended("up-to-date", 0)
    held.cli.json("rollback", held.project.name, "--to", "1", env=further[-1]).ended("kept", 0)
    held.cli.json("rollback", held.project.name, "--to", "2", env=further[0]).ended("kept", 0)
    held.assert_new()
    assert held.cli.generations() == [1, 2]
    told = held.cli.run("history", held.project.name, "--json").events
    assert [event["number"] for event in told if event["type"] == "run"] == [3, 2, 1]


def test_a_compose_that_outlives_its_worker_keeps_the_others_out(
    clean_engine: Dockerd, registry: Registry, public: Path, nobody: Cli
) -> None:
    for tag in ("1", "2"):
        images.push(registry, "deaf", tag, ImageSpec(version=tag, behaviour=behaviours.ignore_term()))
    text = f"services: {{app: {{image: '{registry.host}/deaf:1', stop_grace_period: 120s}}}}\n"
    project = projects.write(public / "deaf", text, name="deaf", services=("app",))
    projects.up(clean_engine, project)
    others.give(project.folder)
    root = Cli(clean_engine, public / "state", public)
    running = root.start("update", str(project.folder), "app=2", "--yes", "--json")
    running.until("container-step")
    os.kill(running.worker(), signal.SIGKILL)
    running.wait()
    at_work = processes.mentions("--project-name\0deaf\0up")
    assert processes.select(at_work)
    found = problem(nobody.json("update", str(project.folder), "app=2"))
    assert (found["code"], found["facts"]["user"], found["facts"]["pid"]) == ("busy-elsewhere", "root", "")
    clean_engine.client().containers.get("deaf-app-1").kill()  # nobody has to wait for its grace
    until(lambda: not processes.select(at_work), 30, "Compose has ended")
    root.json("recover", str(project.folder), "--forward").ended("kept", 0)
    projects.assert_no_drift(clean_engine, project)


@pytest.mark.sample(1, reason="whose records they are is no matter of the image store")
@pytest.mark.both_stores
def test_each_user_s_way_back_stays_whoever_updates_after_him(
    clean_engine: Dockerd, registry: Registry, public: Path, nobody: Cli
) -> None:
    """On a moving tag, with a prune after each update; the records of the other are named as his."""
    first = images.push(registry, "turns", "latest", ImageSpec("1"))
    project = projects.single(public / "turns", first.reference, name="turns")
    projects.up(clean_engine, project)
    others.give(project.folder)
    root = Cli(clean_engine, public / "state", public)
    pushed = {"1": first}
    for version, cli in (("2", root), ("3", nobody), ("4", root), ("5", nobody)):
        pushed[version] = images.push(registry, "turns", "latest", ImageSpec(version))
        cli.json("update", project.name, "--monitor", "1s").ended("kept", 0)
        clean_engine.client().images.prune()
    mine, theirs = root.generations(), nobody.generations()
    assert not set(mine) & set(theirs)

    ways = {"1": mine[0], "2": mine[1]}, {"3": theirs[1], "2": theirs[0]}
    for cli, own, user, number in ((root, ways[0], "nobody", theirs[0]), (nobody, ways[1], "root", mine[0])):
        for command in ("doctor", "history"):
            told = cli.run(command, project.name)
            assert told.status == 0
            assert f"{user} has records of this project too" in " ".join(told.out.split())
        refused = cli.json("rollback", project.name, "--to", str(number)).ended("usage", 2)
        assert f"Generation {number} was recorded by {user}" in refused.message
        for version, generation in own.items():
            cli.json("rollback", project.name, "--to", str(generation), "--monitor", "1s").ended("kept", 0)
            (details,) = projects.containers(clean_engine, project.name).values()
            assert details["Image"] == pushed[version].image_id
