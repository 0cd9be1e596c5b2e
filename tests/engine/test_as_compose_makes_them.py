"""What the twin proof has found: containers that an update makes are those that plain Compose would have made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import behaviours, images, projects, twin_facts
from support.cli import QUICK, Cli
from support.images import ImageSpec

if TYPE_CHECKING:
    from pathlib import Path

    from support.behaviours import Behaviour
    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = [pytest.mark.engine, pytest.mark.both_stores]
of_compose = pytest.mark.any_store(
    reason="what a container notes of others is for Compose to say, as of whichever images"
)

NEEDS = "com.docker.compose.depends_on"


def push(registry: Registry, repo: str, version: str, behaviour: Behaviour | None = None) -> None:
    images.push(registry, repo, "latest", ImageSpec(version, behaviour=behaviour or behaviours.idle()))


def needs(engine: Dockerd, name: str) -> dict[str, list[str]]:
    """Return what each container notes of its dependencies, which come in any order."""
    found = projects.containers(engine, name)
    return {container: sorted(details["Config"]["Labels"][NEEDS].split(",")) for container, details in found.items()}


CHAIN = """\
name: chain
services:
  db: {image: "HOST/db"}
  job: {image: "HOST/job"}
  spare: {image: "HOST/db"}
  web:
    image: HOST/web
    depends_on:
      db: {condition: service_started, restart: true}
      job: {condition: service_completed_successfully}
      spare: {condition: service_started, required: false}
  tool: {image: "HOST/web", depends_on: [web], pid: "service:web"}
"""


@of_compose
def test_containers_keep_what_compose_notes_of_their_dependencies(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    for repo, behaviour in (("db", None), ("job", behaviours.exit0()), ("web", None)):
        push(registry, repo, "1", behaviour)
    projects.write(project_folder, CHAIN.replace("HOST", registry.host), name="chain", services=())
    projects.compose(clean_engine, project_folder, "up", "-d")
    projects.compose(clean_engine, project_folder, "stop", "spare")
    twin_facts.settle(clean_engine)
    before, ids = needs(clean_engine, "chain"), projects.ids(clean_engine, "chain")
    push(registry, "web", "2")
    cli = Cli(clean_engine, state_dir, project_folder)
    cli.json("update", *QUICK).ended("kept", 0)
    after = projects.containers(clean_engine, "chain")
    assert needs(clean_engine, "chain") == before
    anew = {name for name, details in after.items() if details["Id"] != ids[name]}
    assert anew == {"chain-web-1", "chain-tool-1"}
    assert after["chain-spare-1"]["State"]["Status"] == "exited"  # naming it along has not started it
    cli.json("rollback", *QUICK).ended("kept", 0)
    assert needs(clean_engine, "chain") == before
    assert projects.ids(clean_engine, "chain")["chain-db-1"] == ids["chain-db-1"]


@of_compose
def test_a_dependency_that_was_edited_and_not_chosen_is_left_alone(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    for repo, behaviour in (("db", None), ("job", behaviours.exit0()), ("web", None)):
        push(registry, repo, "1", behaviour)
    project = projects.write(project_folder, CHAIN.replace("HOST", registry.host), name="chain", services=())
    projects.compose(clean_engine, project_folder, "up", "-d")
    twin_facts.settle(clean_engine)
    ids = projects.ids(clean_engine, "chain")
    push(registry, "web", "2")
    project.file.write_text(project.file.read_text().replace("  db: {image", "  db: {labels: [new=1], image"))
    Cli(clean_engine, state_dir, project_folder).json("update", "web", *QUICK).ended("kept", 0)
    now = projects.ids(clean_engine, "chain")
    assert now["chain-web-1"] != ids["chain-web-1"]
    assert now["chain-db-1"] == ids["chain-db-1"]


PAIR = """\
name: pair
services:
  a: {image: "HOST/app"}
  b: {image: "HOST/app:latest"}
  c: {image: "HOST/app"}
"""


@of_compose
def test_services_of_one_tag_get_its_new_image_together(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    push(registry, "app", "1")
    projects.write(project_folder, PAIR.replace("HOST", registry.host), name="pair", services=())
    projects.compose(clean_engine, project_folder, "up", "-d")
    push(registry, "app", "2")
    before = projects.containers(clean_engine, "pair")
    cli = Cli(clean_engine, state_dir, project_folder)
    said = cli.json("update", "a", *QUICK).ended("kept", 0)
    assert set(said.of("planned")[-1]["plan"]["followers"]) == {"b", "c"}
    after = projects.containers(clean_engine, "pair")
    assert len({details["Image"] for details in after.values()}) == 1
    assert not {details["Image"] for details in after.values()} & {details["Image"] for details in before.values()}
    cli.json("rollback", *QUICK).ended("kept", 0)
    back = projects.containers(clean_engine, "pair")
    assert {name: details["Image"] for name, details in back.items()} == {n: d["Image"] for n, d in before.items()}


FORCED = """\
name: forced
services:
  base: {image: "HOST/app"}
  db: {image: "HOST/app", depends_on: [base]}
  vpn: {image: "HOST/vpn", container_name: myvpn}
  client: {image: "HOST/app", network_mode: "container:myvpn", depends_on: [vpn, db]}
"""


@of_compose
def test_what_compose_must_be_made_to_recreate_keeps_the_note_too(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    push(registry, "app", "1")
    push(registry, "vpn", "1")
    projects.write(project_folder, FORCED.replace("HOST", registry.host), name="forced", services=())
    projects.compose(clean_engine, project_folder, "up", "-d")
    before, ids = needs(clean_engine, "forced"), projects.ids(clean_engine, "forced")
    push(registry, "vpn", "2")
    Cli(clean_engine, state_dir, project_folder).json("update", *QUICK).ended("kept", 0)
    assert needs(clean_engine, "forced") == before
    now = projects.ids(clean_engine, "forced")
    assert {name for name in now if now[name] != ids[name]} == {"myvpn", "forced-client-1"}


SOCKET = """\
name: socket
services:
  app: {image: "HOST/app"}
  watcher: {image: "HOST/watcher", use_api_socket: true, volumes: ["seen:/seen"]}
volumes: {seen: }
"""


@of_compose
def test_what_compose_adds_for_the_api_socket_is_no_edit(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    for repo in ("app", "watcher"):
        push(registry, repo, "1")
    projects.write(project_folder, SOCKET.replace("HOST", registry.host), name="socket", services=())
    projects.compose(clean_engine, project_folder, "up", "-d")
    before = projects.containers(clean_engine, "socket")
    push(registry, "app", "2")
    cli = Cli(clean_engine, state_dir, project_folder)
    cli.json("update", *QUICK).ended("kept", 0)
    ids = projects.ids(clean_engine, "socket")
    assert ids["socket-app-1"] != before["socket-app-1"]["Id"]
    assert ids["socket-watcher-1"] == before["socket-watcher-1"]["Id"]
    push(registry, "watcher", "2")
    cli.json("update", *QUICK).ended("kept", 0)
    cli.json("rollback", "--to", "1", *QUICK).ended("kept", 0)
    back = projects.containers(clean_engine, "socket")
    assert {name: details["Image"] for name, details in back.items()} == {n: d["Image"] for n, d in before.items()}
    binds = [sorted(found["socket-watcher-1"]["HostConfig"]["Binds"]) for found in (before, back)]
    assert binds[0] == binds[1]
    projects.compose(clean_engine, project_folder, "up", "-d")
    assert projects.ids(clean_engine, "socket") == {name: details["Id"] for name, details in back.items()}
