"""Reported failures that no other file provokes; tests/support/failures.py has the whole list."""

from __future__ import annotations

import contextlib
import http.server
import socket
import socketserver
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from support import behaviours, execs, images, projects
from support.cli import Cli
from support.deployed import NEW, OLD, Deployed
from support.images import ImageSpec
from support.snapshot import assert_same

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.faultproxy import FaultProxy
    from support.registry import Registry


def api(pair: Deployed) -> Any:  # noqa: ANN401 - the SDK's client has no types of use
    return pair.engine.client().api


def test_a_prune_takes_no_way_back(pair: Deployed) -> None:
    """Row 7: dangling images go, kept ones stay; what `prune --all` takes is pulled again by its digest."""
    pushed = pair.offer()
    pair.update().ended("kept", 0)
    old = dict(pair.before.only(r"^container .*/image$").facts)
    api(pair).prune_images(filters={"dangling": True})
    pair.cli.json("rollback", pair.project.name, "--monitor", "1s").ended("kept", 0)
    assert dict(pair.now().only(r"^container .*/image$").facts) == old
    pair.cli.json("rollback", pair.project.name, "--to", "2", "--monitor", "1s").ended("kept", 0)
    pair.assert_new(pushed)
    api(pair).prune_images(filters={"dangling": False})
    pair.cli.json("rollback", pair.project.name, "--monitor", "1s").ended("kept", 0)
    assert dict(pair.now().only(r"^container .*/image$").facts) == old


def test_a_way_back_needs_no_room_for_images(pair: Deployed) -> None:
    """Row 5: with the registry gone nothing can be pulled, and nothing has to be."""
    pair.offer()
    pair.update().ended("kept", 0)
    for service in ("db", "app"):
        for version in (OLD, NEW):
            pair.registry.delete(service, version)
    pair.cli.json("rollback", pair.project.name, "--monitor", "1s").ended("kept", 0)
    images_of = r"^container .*/image$"
    assert_same(pair.before.only(images_of), pair.now().only(images_of))


def test_a_wrong_clock_is_told(pair: Deployed, proxy: FaultProxy) -> None:
    """Row 12: the registry's Date against this machine's."""
    proxy.date(timedelta(hours=3))
    text = pair.project.file.read_text().replace(pair.registry.host, proxy.host)
    pair.project.file.write_text(text)
    said = pair.cli.run("doctor", pair.project.name, "--json")
    found = {event["finding"]["problem"]["code"] for event in said.of("found")}
    assert "clock-differs" in found, found


def test_a_static_address_that_is_taken(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    """Row 18: the engine refuses the start, of the old one too; once the address is free it goes back."""
    for version in (OLD, NEW):
        images.push(registry, "app", version, ImageSpec(version))
    text = f"""\
name: fixed
services:
  app:
    image: {registry.host}/app:${{APP_VERSION}}
    networks: {{net: {{ipv4_address: "${{APP_IP}}"}}}}
networks:
  net: {{ipam: {{config: [{{subnet: 10.99.7.0/24}}]}}}}
"""
    project = projects.write(project_folder, text, name="fixed", services=("app",))
    project.set_env(APP_VERSION=OLD, APP_IP="10.99.7.10")
    projects.up(clean_engine, project)
    stranger: Any = clean_engine.client()
    stranger.networks.get("fixed_net")
    taken = stranger.containers.run(f"{registry.host}/app:{OLD}", name="stranger", detach=True, network="fixed_net")
    taken.reload()
    address = taken.attrs["NetworkSettings"]["Networks"]["fixed_net"]["IPAddress"]
    old = projects.containers(clean_engine, "fixed")["fixed-app-1"]["Image"]
    project.set_env(APP_IP=address)
    cli = Cli(clean_engine, state_dir, project_folder.parent)
    # The operator has written the address into the files before, so what is gone back to has it, too.
    said = cli.json("update", "fixed", f"app={NEW}", "--monitor", "1s").ended("needs-recovery", 5)
    assert "Address already in use" in said.message
    assert " recover fixed --back" in said.finished["commands"][0]
    assert f"APP_VERSION={OLD}" in project.env_file.read_text()
    assert projects.containers(clean_engine, "fixed")["fixed-app-1"]["Image"] == old
    taken.remove(force=True)
    cli.json("recover", "fixed", "--back").ended("rolled-back", 1)
    projects.wait_well(clean_engine, project)
    assert projects.containers(clean_engine, "fixed")["fixed-app-1"]["Image"] == old
    projects.assert_no_drift(clean_engine, project)


def test_volumes_survive_a_recreate(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    """Rows 26, 27 and 30: an anonymous and a named volume are the same ones afterwards, with what was in them."""
    for version in (OLD, NEW):
        images.push(registry, "app", version, ImageSpec(version, volumes=("/anonymous",)))
    text = f"""\
name: kept
services:
  app:
    image: {registry.host}/app:${{APP_VERSION}}
    volumes: [named:/named]
volumes: {{named: }}
"""
    project = projects.write(project_folder, text, name="kept", services=("app",))
    project.set_env(APP_VERSION=OLD)
    projects.up(clean_engine, project)
    for folder in ("anonymous", "named"):
        execs.run(clean_engine, "kept-app-1", f"echo kept > /{folder}/file")
    cli = Cli(clean_engine, state_dir, project_folder.parent)
    said = cli.json("update", "kept", f"app={NEW}", "--monitor", "1s").ended("kept", 0)
    assert "image-only-rollback" in {note["code"] for note in said.of("planned")[0]["plan"]["notes"]}  # row 30
    losses = said.of("planned")[0]["plan"]["losses"]
    assert [loss["problem"]["code"] for loss in losses] == ["anonymous-volume"]
    for folder in ("anonymous", "named"):
        assert execs.run(clean_engine, "kept-app-1", f"cat /{folder}/file") == "kept", folder


def test_a_changed_volume_definition_loses_no_data(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    """Row 28: Compose asks before it recreates a volume, and nobody ever answers yes for the operator."""
    for version in (OLD, NEW):
        images.push(registry, "app", version, ImageSpec(version))
    text = f"""\
name: vol
services:
  app:
    image: {registry.host}/app:${{APP_VERSION}}
    volumes: [data:/data]
volumes:
  data:
    labels: {{purpose: "one"}}
"""
    project = projects.write(project_folder, text, name="vol", services=("app",))
    project.set_env(APP_VERSION=OLD)
    projects.up(clean_engine, project)
    execs.run(clean_engine, "vol-app-1", "echo kept > /data/file")
    project.file.write_text(text.replace('"one"', '"two"'))
    Cli(clean_engine, state_dir, project_folder.parent).json("update", "vol", f"app={NEW}", "--monitor", "1s")
    assert execs.run(clean_engine, "vol-app-1", "cat /data/file") == "kept"


def test_another_user_who_cannot_read_the_volume(pair: Deployed) -> None:
    """Row 29: told before, and taken back when it fails."""
    pair.offer(app=ImageSpec(NEW, user="1234", behaviour=behaviours.crash()))
    said = pair.update().ended("rolled-back", 1)
    checked = next(event for event in said.of("version-checked") if event["service"] == "app")
    assert "user-changed" in {finding["problem"]["code"] for finding in checked["findings"]}
    pair.assert_back()


def test_the_content_of_a_config_is_a_reason(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    """Row 36: Compose does not see it; it is offered, applied, and goes back with a rollback."""
    images.push(registry, "app", OLD, ImageSpec(OLD))
    text = f"""\
name: conf
services:
  app:
    image: {registry.host}/app:{OLD}
    configs: [{{source: settings, target: /settings}}]
configs:
  settings: {{file: ./settings.txt}}
"""
    projects.write(project_folder, text, name="conf", services=("app",))
    settings = project_folder / "settings.txt"
    settings.write_text("one\n")
    cli = Cli(clean_engine, state_dir, project_folder.parent)
    cli.json("install", str(project_folder), "--monitor", "1s").ended("kept", 0)
    replacement = project_folder / "new.txt"
    replacement.write_text("two\n")
    replacement.rename(settings)

    def settings_inside() -> str:
        return execs.run(clean_engine, "conf-app-1", "cat /settings")

    assert settings_inside() == "one"
    cli.json("update", "conf", "--monitor", "1s").ended("kept", 0)
    assert settings_inside() == "two"
    cli.json("update", "conf", "--monitor", "1s").ended("up-to-date", 0)
    cli.json("rollback", "conf", "--monitor", "1s").ended("kept", 0)
    assert settings_inside() == "one"


def test_an_orphan_is_told_and_left(pair: Deployed) -> None:
    """Row 37: a container of the project that its files do not have."""
    text = pair.project.file.read_text()
    extra = f"  old:\n    image: {pair.registry.host}/db:{OLD}\n"
    pair.project.file.write_text(text.replace("volumes:\n  db-data:", f"{extra}volumes:\n  db-data:"))
    projects.compose(pair.engine, pair.project.folder, "up", "-d", "old")
    pair.project.file.write_text(text)
    orphan = projects.ids(pair.engine, "pair")["pair-old-1"]
    pair.offer()
    said = pair.update().ended("kept", 0)
    assert "orphan" in {note["code"] for note in said.of("planned")[0]["plan"]["notes"]}
    assert projects.ids(pair.engine, "pair")["pair-old-1"] == orphan


def test_an_external_network_that_is_missing(pair: Deployed) -> None:
    """Row 39: found before anything is pulled."""
    text = pair.project.file.read_text() + "networks:\n  default: {name: nowhere, external: true}\n"
    pair.offer()
    pair.project.file.write_text(text)
    before = pair.now()
    said = pair.update().ended("refused", 3)
    assert said.finished["problem"]["code"] == "network-missing"
    assert_same(before, pair.now())


class Forwarder(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A proxy before the engine's socket that forwards what reads and refuses what writes."""

    daemon_threads = True


def _handler(target: str) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            with socket.socket(socket.AF_UNIX) as engine:
                engine.connect(target)
                engine.sendall(f"GET {self.path} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
                while data := engine.recv(65536):
                    self.wfile.write(data)

        def _refuse(self) -> None:
            self.send_response(403)
            self.end_headers()
            self.wfile.write(b"<html>Forbidden</html>")

        do_HEAD = do_GET  # noqa: N815 - the names that the standard library looks for
        do_POST = do_DELETE = do_PUT = _refuse  # noqa: N815 - the same

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    return Handler


@contextlib.contextmanager
def socket_proxy(engine: Dockerd) -> Iterator[str]:
    server = Forwarder(("127.0.0.1", 0), _handler(str(engine.socket)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_socket_proxy_that_refuses_what_an_update_needs(pair: Deployed) -> None:
    """Row 38: every call that will be needed is tried before, with what cannot be done."""
    pair.offer()
    with socket_proxy(pair.engine) as address:
        said = pair.cli.json("update", *pair.wanted, env={"DOCKER_HOST": address}).ended("refused", 3)
    assert said.finished["problem"]["code"] == "call-refused"
    pair.assert_untouched()


def test_a_container_of_another_project_in_the_network(pair: Deployed) -> None:
    """Row 25: told with the command that brings it back, for only its own project's files can make it."""
    client: Any = pair.engine.client()
    stranger = client.containers.run(
        f"{pair.registry.host}/db:{OLD}", name="stranger", detach=True, network_mode="container:pair-app-1"
    )
    pair.offer()
    said = pair.update().ended("kept", 0)
    losses = [loss["problem"] for loss in said.of("planned")[0]["plan"]["losses"]]
    assert [loss["facts"]["container"] for loss in losses if loss["code"] == "foreign-follower"] == ["stranger"]
    stranger.remove(force=True)
