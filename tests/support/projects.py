"""Compose projects as people have them, written for the tests, and the real Compose to run them."""

from __future__ import annotations

import contextlib
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import docker

from . import behaviours
from .images import ONE_SHOT_LABEL, ImageSpec, Pushed, push
from .registry import Registry, free_port
from .wait import until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .dockerd import Dockerd

STACK = ("db", "server", "side", "init")

_STACK = """\
name: {name}
services:
  db:
    image: {host}/db:${{DB_VERSION}}
    restart: unless-stopped
    environment:
      DB_PASSWORD: ${{DB_PASSWORD}}
    volumes: [db-data:/data]
  init:
    image: {host}/init:${{INIT_VERSION}}
    depends_on:
      db: {{condition: service_healthy}}
  server:
    image: {host}/server:${{SERVER_VERSION}}
    restart: unless-stopped
    ports: ["127.0.0.1:${{SERVER_PORT}}:8080"]
    volumes: [./settings.conf:/settings.conf:ro]
    depends_on:
      db: {{condition: service_healthy}}{needs_init}
  side:
    image: {host}/side:${{SIDE_VERSION}}
    restart: unless-stopped
    network_mode: service:server
volumes:
  db-data:
"""
_NEEDS_INIT = "\n      init: {condition: service_completed_successfully}"
_SINGLE = """\
name: {name}
services:
  app:
    image: {image}
    restart: unless-stopped
    ports: ["127.0.0.1:{port}:8080"]
"""


@dataclass(frozen=True)
class Project:
    """A project on disk, and the loopback port of its server."""

    folder: Path
    name: str
    services: tuple[str, ...]
    port: int

    @property
    def file(self) -> Path:
        """The Compose file."""
        return self.folder / "compose.yaml"

    @property
    def env_file(self) -> Path:
        """The file with the versions."""
        return self.folder / ".env"

    def set_env(self, **values: str) -> None:
        """Change or add values in the env file, as an editor does."""
        lines = [line for line in self._lines() if line.partition("=")[0] not in values]
        lines += [f"{name}={value}" for name, value in values.items()]
        self.env_file.write_text("\n".join(lines) + "\n")

    def _lines(self) -> list[str]:
        return self.env_file.read_text().splitlines() if self.env_file.exists() else []


def stack(
    folder: Path, host: str, versions: Mapping[str, str] | None = None, *, name: str = "stack", needs_init: bool = False
) -> Project:
    """Write the stack: db, server behind it, side in the server's network, and the one-shot init.

    Its versions are in `.env`, 1.0.0 unless told; with `needs_init` the server waits for the one-shot's success.
    """
    folder.mkdir(parents=True, exist_ok=True)
    project = Project(folder, name, STACK, free_port())
    project.file.write_text(_STACK.format(name=name, host=host, needs_init=_NEEDS_INIT if needs_init else ""))
    (folder / "settings.conf").write_text("colour = blue\n")
    wanted = dict.fromkeys(STACK, "1.0.0") | dict(versions or {})
    project.env_file.write_text("# versions\n")
    project.env_file.chmod(0o600)
    project.set_env(
        **{f"{service.upper()}_VERSION": version for service, version in wanted.items()},
        SERVER_PORT=str(project.port),
        DB_PASSWORD="pa$$word-of-db",  # two dollars are one, to Compose
    )
    return project


def push_stack(
    registry: Registry, version: str = "1.0.0", *, host: str = "", size_kb: int = 0, **specs: ImageSpec
) -> dict[str, Pushed]:
    """Push one version of the stack's images; `specs` replace single ones."""
    made = {
        "db": ImageSpec(
            version=version, behaviour=behaviours.migrate(int(version.partition(".")[0])), volumes=("/data",)
        ),
        "server": ImageSpec(version=version, expose=(8080,), size_kb=size_kb),
        "side": ImageSpec(version=version, behaviour=behaviours.idle()),
        "init": ImageSpec(version=version, behaviour=behaviours.exit0()),
    }
    return {name: push(registry, name, version, spec, host=host) for name, spec in (made | specs).items()}


def single(folder: Path, image: str, *, name: str = "single") -> Project:
    """Write a project of one service, with its image in the YAML: by tag, by digest, or on `latest`."""
    folder.mkdir(parents=True, exist_ok=True)
    project = Project(folder, name, ("app",), free_port())
    project.file.write_text(_SINGLE.format(name=name, image=image, port=project.port))
    return project


def write(folder: Path, text: str, *, name: str, services: tuple[str, ...], port: int = 0) -> Project:
    """Write a project with a Compose file of the test's own."""
    folder.mkdir(parents=True, exist_ok=True)
    project = Project(folder, name, services, port)
    project.file.write_text(text)
    return project


def compose(
    engine: Dockerd, folder: Path, *arguments: str, check: bool = True, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the real Compose in a project's folder."""
    done = subprocess.run(
        ["docker-compose", *arguments],
        cwd=folder,
        env=engine.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    if check and done.returncode:
        raise AssertionError(f"compose {' '.join(arguments)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def containers(engine: Dockerd, project: str) -> dict[str, dict[str, Any]]:
    """Return what the engine says of each container of a project, by container name; one may vanish meanwhile."""
    api: Any = engine.client().api
    wanted = {"label": f"com.docker.compose.project={project}"}
    found = []
    for entry in api.containers(all=True, filters=wanted):
        with contextlib.suppress(docker.errors.NotFound):
            found.append(api.inspect_container(entry["Id"]))
    return {details["Name"].lstrip("/"): details for details in sorted(found, key=lambda item: str(item["Name"]))}


def ids(engine: Dockerd, project: str) -> dict[str, str]:
    """Return the container IDs of a project, by container name."""
    return {name: details["Id"] for name, details in containers(engine, project).items()}


def well(details: dict[str, Any]) -> bool:
    """Tell whether a container runs and is not unhealthy or still starting; or has done its job, if it has one."""
    state = details["State"]
    if ONE_SHOT_LABEL in details["Config"]["Labels"]:
        return bool(state["Status"] == "exited" and state["ExitCode"] == 0)
    health = state.get("Health", {}).get("Status", "healthy")
    return bool(state["Status"] == "running" and health == "healthy")


def up(engine: Dockerd, project: Project, *services: str) -> dict[str, str]:
    """Start a project with the real Compose, wait until all is well, and return the container IDs."""
    compose(engine, project.folder, "up", "-d", *services)
    wait_well(engine, project)
    return ids(engine, project.name)


def wait_well(engine: Dockerd, project: Project) -> None:
    """Wait until all containers of a project are well."""

    def all_well() -> bool:
        found = containers(engine, project.name)
        return bool(found) and all(well(details) for details in found.values())

    until(all_well, 60, lambda: f"{project.name} is well: {compose(engine, project.folder, 'ps', '-a').stdout}")


def assert_no_drift(engine: Dockerd, project: Project) -> None:
    """Assert that a plain `up -d` recreates nothing."""
    before = ids(engine, project.name)
    said = compose(engine, project.folder, "up", "-d").stderr
    after = ids(engine, project.name)
    assert before == after, f"a plain up changed containers:\n{said}"
