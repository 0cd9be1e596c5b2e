"""Engines that are reached over SSH, by a context or over TLS: the same updates, and what ends a connection."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from support import behaviours, deployed, others, projects, sshd
from support.images import ImageSpec
from support.needs import need
from support.sshd import Sshd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.cli import Event, Said
    from support.deployed import Deployed
    from support.dockerd import Dockerd
    from support.panes import Held
    from support.registry import Registry

pytestmark = pytest.mark.engine


@pytest.fixture
def server(clean_engine: Dockerd) -> Iterator[Sshd]:
    need(sshd.missing())
    with Sshd({"DOCKER_HOST": clean_engine.host}) as started:
        yield started


def over_ssh(server: Sshd, engine: Dockerd, name: str = "client", **options: str) -> dict[str, str]:
    """Return the variables of a shell that knows the server, with these settings of ssh."""
    return {"DOCKER_HOST": "ssh://far", "PATH": f"{server.client(name, **options)}:{engine.env()['PATH']}"}


def by_context(folder: Path, host: str) -> dict[str, str]:
    """Make a context the current one, as `docker context use` does."""
    meta = folder / "contexts/meta" / sha256(b"there").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": "there", "Metadata": {}, "Endpoints": {"docker": {"Host": host}}}))
    use(folder, "there")
    return {"DOCKER_HOST": "", "DOCKER_CONFIG": str(folder)}


def use(folder: Path, context: str) -> None:
    (folder / "config.json").write_text(json.dumps({"currentContext": context}))


def codes(said: Said) -> dict[str, Event]:
    """Return what was found, by its code."""
    return {event["finding"]["problem"]["code"]: event["finding"]["problem"] for event in said.of("found")}


def test_an_update_over_ssh_outlives_its_connections_and_its_context(held: Held, server: Sshd, tmp_path: Path) -> None:
    """All connections break in the pull, and while services are watched; another context becomes the current one."""
    config = tmp_path / "config"
    env = over_ssh(server, held.engine) | by_context(config, "ssh://far")
    doctor = held.cli.run("doctor", held.project.name, "--json", env=env).ended("well", 0)
    assert codes(doctor)["engine-elsewhere"]["facts"]["host"] == "ssh://far"

    running = held.cli.start("update", *held.arguments(), "--yes", "--json", env=env)
    running.until("pull-progressed")
    server.cut()
    retried = running.until("pull-retried")
    assert retried["problem"]["code"] == "ssh-failed"
    server.listen()
    held.proxy.clear()
    running.until("service-watched", service="app")
    use(config, "default")
    server.cut()
    running.until("found", timeout=30)
    server.listen()
    held.switch.touch()
    said = running.wait().ended("kept", 0)
    assert said.of("planned")[0]["plan"]["notes"][0]["code"] == "engine-elsewhere"
    assert "ssh-failed" in codes(said)
    held.assert_new()


def test_the_connection_ends_while_compose_replaces_a_container(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path, server: Sshd
) -> None:
    """Compose fails; once the engine can be reached again, what ran before runs again."""
    more = "    stop_grace_period: 3s\n    logging: {driver: none}\n"
    old = {"app": ImageSpec(deployed.OLD, labels={"service": "app"}, behaviour=behaviours.ignore_term())}
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=more, old=old)
    pair.offer()
    env = over_ssh(server, pair.engine)
    running = pair.cli.start("update", *pair.wanted, "--yes", "--json", env=env)
    running.until("container-step", service="app")
    server.cut()
    running.until("rollback-started", timeout=60)
    server.listen()
    said = running.wait().ended("rolled-back", 1)
    assert codes(said)["log-unreadable"]["facts"] == {"service": "app", "driver": "none"}
    pair.assert_back()


def test_what_is_in_the_way_over_ssh_is_named(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path, server: Sshd
) -> None:
    """Nothing asks: there is no terminal for it. A probe of the server's own loopback goes over SSH, too."""
    more = "    x-ws9tui: {probe: 'http://127.0.0.1:PORT/version'}\n"
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir, more=more)
    pair.offer()

    def doctor(server: Sshd, name: str, **options: str) -> Said:
        env = over_ssh(server, clean_engine, name, **options)
        return pair.cli.run("doctor", "pair", "--json", env=env).ended("refused", 3)

    cases = {
        "ssh-key-unknown": {"UserKnownHostsFile": "/dev/null"},
        "ssh-denied": {"IdentityFile": "/nowhere"},
        "ssh-failed": {"Port": "1"},
    }
    for code, options in cases.items():
        said = doctor(server, code, **options)
        assert said.finished["problem"]["code"] == code
        assert "ssh://far" in said.message
        assert "systemctl" not in said.message
    here = {"DOCKER_HOST": clean_engine.host}
    for code, env, settings in (
        ("ssh-docker-missing", {"PATH": "/nowhere"}, ""),
        ("ssh-failed", {"DOCKER_HOST": "unix:///no"}, ""),
        ("probe-elsewhere", here, "AllowTcpForwarding no"),
    ):
        with Sshd(env, settings) as other:
            assert doctor(other, "other").finished["problem"]["code"] == code
    pair.cli.json("update", *pair.wanted, env=over_ssh(server, clean_engine)).ended("kept", 0)


def test_an_update_over_tls(pair: Deployed, tmp_path: Path) -> None:
    """The engine proves who it is, and so do we; without a certificate of ours nothing is done."""
    pushed = pair.offer()
    with others.by_tls(pair.engine, tmp_path / "certificates") as (address, certificates):
        env = {"DOCKER_HOST": address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certificates)}
        pair.cli.json("update", *pair.wanted, env=env).ended("kept", 0)
        (certificates / "cert.pem").unlink()
        (certificates / "key.pem").unlink()
        said = pair.cli.json("rollback", "pair", env=env).ended("refused", 3)
        assert said.finished["problem"]["code"] == "address-silent"
    pair.assert_new(pushed)
    projects.assert_no_drift(pair.engine, pair.project)
