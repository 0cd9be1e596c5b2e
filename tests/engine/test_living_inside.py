"""Services and foreign containers that live in the container of another, which an update replaces."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, execs, images, projects, unpacked
from support.bench import OneProject
from support.cli import QUICK, Said
from support.images import ImageSpec
from support.registry import Registry

if TYPE_CHECKING:
    from support.dockerd import Dockerd

pytestmark = pytest.mark.engine


class Inside(OneProject):
    """A project p with a VPN, and what lives inside its container."""

    def write(self, text: str, name: str = "p", folder: Path | None = None) -> projects.Project:
        return projects.write(folder or self.folder, text.replace("HOST", self.registry.host), name=name, services=())

    def compose(self, *arguments: str, folder: Path | None = None) -> str:
        return projects.compose(self.engine, folder or self.folder, *arguments).stderr

    def look(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.engine.client().api.inspect_container(name)
        return found

    def modes(self, *names: str) -> dict[str, str]:
        """Return the container that each lives in, by the way in which it does."""
        return {name: self.look(name)["HostConfig"]["NetworkMode"] for name in names}

    def has_network(self, name: str) -> bool:
        """Tell whether a container has an interface besides its loopback."""
        return "eth0" in execs.run(self.engine, name, "ls /sys/class/net")

    def ids(self, name: str = "p") -> dict[str, str]:
        return projects.ids(self.engine, name)

    def states(self) -> dict[str, str]:
        return {name: entry["State"]["Status"] for name, entry in projects.containers(self.engine, "p").items()}

    def assert_no_drift(self) -> None:
        before = self.ids()
        said = self.compose("up", "-d")
        assert self.ids() == before, said


@pytest.fixture
def inside(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Inside:
    for repo in ("vpn", "app"):
        for tag in ("1.0", "1.1"):
            images.push(registry, repo, tag, ImageSpec(tag, behaviour=behaviours.idle(), volumes=("/data",)))
    images.push(registry, "vpn", "1.2", ImageSpec("1.2", behaviour=behaviours.crash()))
    return Inside(clean_engine, registry, project_folder, state_dir)


SEVERAL = """\
name: p
services:
  alone: {image: HOST/app:1.0}
  late: {image: HOST/app:1.0, network_mode: "container:VPN", depends_on: [vpn]}
  free: {image: HOST/app:1.0, network_mode: "container:VPN"}
  told: {image: HOST/app:1.0, network_mode: "service:vpn"}
  heir: {image: HOST/app:1.0, volumes_from: ["container:VPN:ro"]}
  seer: {image: HOST/app:1.0, pid: "container:VPN", ipc: "container:VPN"}
  vpn: {image: HOST/vpn:1.0, ipc: shareable, volumes: [/data]NAMED}
"""
FOLLOWERS = {"late", "free", "told", "heir", "seer"}


@pytest.mark.sample(1, reason="each case has another name")
@pytest.mark.parametrize(("named", "vpn"), [(", container_name: myvpn", "myvpn"), ("", "p-vpn-1")])
def test_who_lives_in_a_container_by_its_name_follows_it(inside: Inside, named: str, vpn: str) -> None:
    inside.write(SEVERAL.replace("NAMED", named).replace("VPN", vpn))
    inside.compose("up", "-d", "vpn")
    inside.compose("up", "-d")

    def assert_together(before: dict[str, str]) -> None:
        now, leader = inside.ids(), inside.ids()[vpn]
        kept = {name for name in now if now[name] == before[name]}
        assert kept == {"p-alone-1"}
        assert inside.modes(*(f"p-{name}-1" for name in ("late", "free", "told"))) == {
            f"p-{name}-1": f"container:{leader}" for name in ("late", "free", "told")
        }
        seer = inside.look("p-seer-1")["HostConfig"]
        assert (seer["PidMode"], seer["IpcMode"]) == (f"container:{leader}", f"container:{leader}")
        assert set(inside.states().values()) == {"running"}
        assert all(inside.has_network(f"p-{name}-1") for name in ("late", "free", "told"))
        inside.assert_no_drift()

    first = inside.ids()
    said = inside.cli.json("update", "vpn=1.1", *QUICK).ended("kept", 0)
    assert said.of("planned")[-1]["plan"]["followers"] == dict.fromkeys(FOLLOWERS, "vpn")
    assert_together(first)
    second = inside.ids()
    inside.cli.json("rollback", *QUICK).ended("kept", 0)
    assert_together(second)
    third = inside.ids()
    inside.cli.json("update", "vpn=1.2", *QUICK).ended("rolled-back", 1)
    assert inside.look(vpn)["Config"]["Image"].endswith("vpn:1.0")
    assert_together(third)


def test_who_was_stopped_is_made_anew_inside_and_not_started(inside: Inside) -> None:
    inside.write(SEVERAL.replace("NAMED", ", container_name: myvpn").replace("VPN", "myvpn"))
    inside.compose("up", "-d", "vpn")
    inside.compose("up", "-d")
    inside.compose("stop", "late", "told")
    inside.cli.json("update", "vpn=1.1", *QUICK).ended("kept", 0)
    leader = inside.ids()["myvpn"]
    assert inside.modes("p-late-1", "p-told-1") == dict.fromkeys(("p-late-1", "p-told-1"), f"container:{leader}")
    states = inside.states()
    assert (states.pop("p-late-1"), states.pop("p-told-1")) == ("created", "created")
    assert set(states.values()) == {"running"}
    inside.compose("start", "late")
    assert inside.has_network("p-late-1")


BY_ID = """\
name: p
services:
  vpn: {image: HOST/vpn:1.0}
  app: {image: HOST/app:1.0, network_mode: "container:${VPN_ID}", depends_on: [vpn]}
"""


def test_an_id_in_the_files_that_goes_with_the_update_is_refused(inside: Inside) -> None:
    project = inside.write(BY_ID)
    project.set_env(VPN_ID="unknown")
    inside.compose("up", "-d", "vpn")
    project.set_env(VPN_ID=inside.ids()["p-vpn-1"][:12])
    inside.compose("up", "-d")
    before = inside.ids()
    said = inside.cli.json("update", "vpn=1.1", *QUICK).ended("refused", 3)
    assert said.finished["problem"]["code"] == "inside-by-id"
    assert "service:vpn" in said.message
    assert inside.ids() == before
    inside.cli.json("update", "app=1.1", *QUICK).ended("kept", 0)
    assert inside.modes("p-app-1") == {"p-app-1": f"container:{before['p-vpn-1']}"}


OTHERS = """\
name: tunnels
services:
  gluetun: {image: HOST/vpn:1.0, container_name: gluetun}
"""
GUEST = """\
name: p
services:
  app: {image: HOST/app:1.0, network_mode: "container:gluetun"}
  web: {image: HOST/app:1.0}
"""


def test_a_container_of_another_project_that_was_replaced_by_hand(inside: Inside, tmp_path: Path) -> None:
    others = tmp_path / "tunnels"
    inside.write(OTHERS, "tunnels", others)
    inside.compose("up", "-d", folder=others)
    inside.write(GUEST)
    inside.compose("up", "-d")
    inside.cli.json("update", *QUICK).ended("up-to-date", 0)
    before = inside.ids()
    inside.compose("up", "-d", "--force-recreate", folder=others)
    assert not inside.has_network("p-app-1")
    said = inside.cli.json("update", *QUICK).ended("kept", 0)
    causes = {op["subject"]: op["cause"]["code"] for op in said.of("planned")[-1]["plan"]["operations"]}
    assert causes == {"app": "inside-replaced"}
    assert inside.has_network("p-app-1")
    assert inside.ids()["p-web-1"] == before["p-web-1"]
    inside.assert_no_drift()

    inside.compose("stop", folder=others)
    said = inside.cli.json("update", "app=1.1", *QUICK).ended("refused", 3)
    assert said.finished["problem"]["code"] == "inside-stopped"
    inside.compose("down", folder=others)
    said = inside.cli.json("update", "app=1.1", *QUICK).ended("refused", 3)
    assert said.finished["problem"]["code"] == "inside-missing"
    assert inside.cli.run("doctor", "--json").ended("refused", 3)


def mended(inside: Inside, said: Said) -> None:
    """Run the command that the last warning gives, as it stands there."""
    (left,) = [
        entry["finding"]["problem"] for entry in said.of("found") if "left" in entry["finding"]["problem"]["code"]
    ]
    command = shlex.split(left["facts"]["command"])
    assert command[:2] == ["docker", "compose"]  # on the tests' machine Compose is the binary that stands alone
    subprocess.run(["docker-compose", *command[2:]], cwd="/", env=inside.engine.env(), check=True, capture_output=True)


def test_containers_of_others_lose_nothing_that_nobody_has_meant(inside: Inside, tmp_path: Path) -> None:
    inside.write(OTHERS.replace("tunnels", "p").replace("gluetun: {", "vpn: {"))
    inside.compose("up", "-d")
    others = tmp_path / "media center"
    inside.write(
        "name: media\nservices:\n  dl: {image: HOST/app:1.0, network_mode: 'container:gluetun'}\n", "media", others
    )
    inside.compose("up", "-d", folder=others)
    before = (inside.ids(), inside.ids("media"))
    inside.folder.joinpath("compose.yaml").write_text(
        inside.folder.joinpath("compose.yaml").read_text().replace("vpn:1.0", "vpn:1.1")
    )
    said = inside.cli.json("update", *QUICK).ended("refused", 3)
    assert said.finished["problem"]["code"] == "foreign-follower-unattended"
    assert (inside.ids(), inside.ids("media")) == before
    assert "media-dl-1" in inside.cli.run("doctor", "--plain").out

    said = inside.cli.json("update", "vpn", *QUICK).ended("kept", 0)
    losses = [
        loss for loss in said.of("planned")[-1]["plan"]["losses"] if loss["problem"]["code"] == "foreign-follower"
    ]
    assert [(loss["service"], loss["problem"]["facts"]["container"]) for loss in losses] == [("vpn", "media-dl-1")]
    assert inside.ids("media") == before[1]
    assert "media-dl-1" in said.message
    mended(inside, said)
    assert inside.modes("media-dl-1") == {"media-dl-1": f"container:{inside.ids()['gluetun']}"}
    assert inside.has_network("media-dl-1")

    said = inside.cli.json("update", "vpn=1.2", *QUICK).ended("rolled-back", 1)
    assert "media-dl-1" in said.message
    mended(inside, said)
    assert inside.modes("media-dl-1") == {"media-dl-1": f"container:{inside.ids()['gluetun']}"}


EDITED = """\
name: p
services:
  vpn: {image: HOST/vpn:1.0, ipc: shareable, volumes: [/data]}
  told: {image: HOST/app:1.0, network_mode: "service:vpn", pid: "service:vpn", environment: {COLOUR: blue}}
  heir: {image: HOST/app:1.0, volumes_from: [vpn], environment: {COLOUR: blue}}
"""


@pytest.mark.sample(1, reason="each case has another Compose")
@pytest.mark.parametrize("older", [False, True])
def test_an_edited_definition_inside_another_is_seen_and_comes_back(inside: Inside, *, older: bool) -> None:
    """The hash on such a container is of the other's ID as well; that of one that takes volumes cannot be asked for."""
    present = inside.engine.compose_folder
    if older:
        inside.engine.compose_folder = str((unpacked.COMPOSE.folder / unpacked.COMPOSE.program).parent)
    try:
        file = inside.write(EDITED).file
        before = file.read_text()
        inside.compose("up", "-d")
        first = inside.ids()
        inside.cli.run("update", "--plan", "--json").ended("up-to-date", 0)
        inside.cli.run("adopt", "--json").ended("adopted", 0)
        for service in ("told", "heir"):
            text = file.read_text()
            file.write_text(colour(text, service, "green"))
            now = inside.ids()
            inside.cli.json("update", *QUICK).ended("kept", 0)
            assert changed(now, inside.ids()) == {f"p-{service}-1"}
            assert "COLOUR=green" in inside.look(f"p-{service}-1")["Config"]["Env"]
            inside.assert_no_drift()
            inside.cli.run("update", "--plan", "--json").ended("up-to-date", 0)
        last = inside.ids()
        inside.cli.json("rollback", "--to", "1", *QUICK).ended("kept", 0)
        assert file.read_text() == before
        assert changed(last, inside.ids()) == {"p-told-1", "p-heir-1"}
        assert inside.ids()["p-vpn-1"] == first["p-vpn-1"]
        inside.assert_no_drift()
        inside.cli.run("update", "--plan", "--json").ended("up-to-date", 0)
    finally:
        inside.engine.compose_folder = present


def test_an_edit_inside_another_is_seen_at_first_sight(inside: Inside) -> None:
    file = inside.write(EDITED).file
    inside.compose("up", "-d")
    before = inside.ids()
    file.write_text(colour(file.read_text(), "told", "green"))
    inside.cli.json("update", *QUICK).ended("kept", 0)
    assert changed(before, inside.ids()) == {"p-told-1"}
    inside.assert_no_drift()


def colour(text: str, service: str, new: str) -> str:
    """Give one service another colour."""
    return "\n".join(
        line.replace("blue", new) if line.lstrip().startswith(f"{service}:") else line for line in text.split("\n")
    )


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in after if after[name] != before.get(name)}
