"""A migration of Websoft9 by upstream's script, begun or not: recognised by mounts and labels, and not touched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from support import websoft9
from support import websoft9_images as look_alikes
from support.cli import Cli
from support.machine import update
from support.snapshot import assert_same
from support.wait import until
from support.websoft9 import COMPONENTS, LEGACY

if TYPE_CHECKING:
    from support.cli import Said
    from support.machine import Machine
    from support.websoft9 import Websoft9

SERVICE = "com.docker.compose.service"
NAMES = [f"websoft9-{name}" for name in COMPONENTS]


def told(said: Said) -> dict[str, dict[str, str]]:
    """Return the facts of what was found, by code."""
    found = [event["finding"]["problem"] for event in said.of("found")]
    return {problem["code"]: problem["facts"] for problem in found}


def doctor(site: Websoft9) -> Said:
    return site.cli.run("doctor", site.project, "--json")


def test_half_migrated_and_back_and_migrated(machine: Machine) -> None:
    """Its way back is what the printed commands say; an application's volumes are never taken for Websoft9's.

    Nor does one that is named like Websoft9's make a plain host a legacy one.
    """
    client: Any = machine.engine.client()
    for name in ("gitea_ab1cd_gitea", "portainer_data"):
        client.volumes.create(name)
    plain = Cli(machine.engine, machine.state, machine.root.parent).run("doctor", "neighbour", "--json")
    assert not [code for code in told(plain.ended("well", 0)) if re.match("websoft9|migration|upstream", code)]

    site = machine.legacy("2.2.15", schema=1)
    found = told(doctor(site).ended("well", 0))
    assert found["migration-bridge"] == {"version": "2.2.15", "newest": "2.2.19"}
    assert found["migration-wrong-volume"] == {
        "role": "gitea",
        "volume": "websoft9_gitea",
        "taken": "gitea_ab1cd_gitea",
    }
    assert {"migration-lost", "migration-https", "migration-save"} <= found.keys()
    assert int(found["migration-room"]["free"]) > 0

    # stopped after its stage 7: the four are stopped, the new one runs
    for name in NAMES:
        client.containers.get(name).stop(timeout=1)
    look_alikes.push_modern(machine.registry, "2.3.3")
    look_alikes.push_modern(machine.registry, "2.3.4")
    new = websoft9.modern(machine.engine, machine.root, machine.state, "2.3.3")
    new.compose("up", "-d")
    modern = next(one.name for one in client.containers.list() if one.labels.get(SERVICE) == "product")
    said = doctor(site).ended("refused", 3)
    assert said.finished["problem"]["code"] == "websoft9-mixed"
    half = told(said)["migration-half"]
    assert (half["stage"], half["modern"]) == ("8 to 10", modern)
    assert set(half["containers"].split(", ")) == set(NAMES)
    before = site.now()
    said = update(site, "git=1.25.5").ended("refused", 3)
    assert said.finished["problem"]["code"] == "websoft9-mixed"
    assert_same(before, site.now())

    # back, by the commands that it names
    client.containers.get(modern).update(restart_policy={"Name": "no"})
    client.containers.get(modern).stop(timeout=1)
    for name in half["containers"].split(", "):
        client.containers.get(name).start()
    assert told(doctor(site))["migration-both"]["modern"] == modern
    client.containers.get(modern).remove()
    assert site.versions() == LEGACY["2.2.15"]
    until(lambda: "checks-pass" in told(doctor(site)), 30, "all answers behind the console")

    # after its purge: the containers are gone, the volumes of the project are left, for it knows other names
    for name in NAMES:
        client.containers.get(name).remove(force=True)
    new.up()
    left = told(doctor(new).ended("well", 0))
    assert "websoft9_gitea" in left["migration-left"]["volumes"].split(", ")
    assert "gitea_ab1cd_gitea" not in left["migration-left"]["volumes"]
    assert "gitea_ab1cd_gitea" in left["upstream-mixed"]["names"].split(", ")
    volumes = sorted(volume.name for volume in client.volumes.list())
    update(new, "product=2.3.4").ended("kept", 0)
    assert new.versions() == {"product": "2.3.4"}
    assert sorted(volume.name for volume in client.volumes.list()) == volumes
