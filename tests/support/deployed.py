"""A deployment of two services that runs, and the promises that hold when an update of it has gone back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import images, projects
from .cli import Cli, Said
from .images import ImageSpec
from .registry import free_port
from .snapshot import FRESH, Snapshot, assert_same, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .cli import Running
    from .dockerd import Dockerd
    from .images import Pushed
    from .projects import Project
    from .registry import Registry

OLD, NEW = "1.0.0", "2.0.0"
_PAIR = """\
name: {name}
services:
  db:
    image: {host}/db:${{DB_VERSION}}
    restart: unless-stopped
    volumes: [db-data:/data]
  app:
    image: {host}/app:${{APP_VERSION}}
    restart: unless-stopped
    ports: ["127.0.0.1:${{APP_PORT}}:8080"]
    depends_on:
      db: {{condition: service_healthy}}
{more}volumes:
  db-data:
"""


@dataclass(frozen=True)
class Deployed:
    """A project that runs version 1.0.0 of db and, behind it, of app."""

    engine: Dockerd
    registry: Registry
    project: Project
    cli: Cli
    before: Snapshot

    def offer(self, **specs: ImageSpec) -> dict[str, Pushed]:
        """Put the next version of both into the registry; of a service that is named it is this image."""
        made = {"db": _image("db", NEW), "app": _image("app", NEW)} | specs
        return {name: images.push(self.registry, name, NEW, spec) for name, spec in made.items()}

    def update(self, *arguments: str) -> Said:
        """Update both, with `--yes --json`."""
        return self.start(*arguments).wait()

    def start(self, *arguments: str) -> Running:
        """Begin to update both."""
        return self.cli.start("update", *self.wanted, *arguments, "--yes", "--json")

    @property
    def wanted(self) -> tuple[str, ...]:
        """The arguments of an update of both."""
        return self.project.name, f"db={NEW}", f"app={NEW}", "--monitor", "1s"

    def images(self) -> dict[str, str]:
        """Return the image ID of each container."""
        found = projects.containers(self.engine, self.project.name)
        return {name: str(details["Image"]) for name, details in found.items()}

    def now(self) -> Snapshot:
        """Return what there is."""
        return snapshot(self.engine, self.project.folder)

    def assert_untouched(self) -> None:
        """Assert that nothing at all has changed."""
        assert_same(self.before, self.now())

    def assert_back(self) -> None:
        """Assert that what ran before runs again, as a whole, and that nothing is left of the attempt."""
        projects.wait_well(self.engine, self.project)
        assert_same(self.before.without(FRESH), self.now().without(FRESH))
        projects.assert_no_drift(self.engine, self.project)

    def assert_new(self, pushed: dict[str, Pushed]) -> None:
        """Assert that the next version of both runs, and nothing else of the project."""
        projects.wait_well(self.engine, self.project)
        name = self.project.name
        assert self.images() == {f"{name}-{service}-1": image.image_id for service, image in pushed.items()}
        assert f"APP_VERSION={NEW}" in self.project.env_file.read_text()
        projects.assert_no_drift(self.engine, self.project)

    def history(self, *arguments: str) -> str:
        """Return what the history tells of the project, or of one of its runs."""
        said = self.cli.run("history", self.project.name, *arguments)
        assert said.status == 0, said.err
        return said.out


def _image(service: str, version: str) -> ImageSpec:
    return ImageSpec(version, labels={"service": service})


def deploy(
    engine: Dockerd,
    registry: Registry,
    folder: Path,
    state: Path,
    *,
    name: str = "pair",
    more: str = "",
    old: Mapping[str, ImageSpec] | None = None,
) -> Deployed:
    """Deploy version 1.0.0; `more` is added to the definition of `app`, with its port for PORT.

    Of a service that is named in `old` it is this image.
    """
    for service in ("db", "app"):
        images.push(registry, service, OLD, (old or {}).get(service) or _image(service, OLD))
    port = free_port()
    text = _PAIR.format(name=name, host=registry.host, more=more.replace("PORT", str(port)))
    project = projects.write(folder, text, name=name, services=("db", "app"), port=port)
    project.set_env(DB_VERSION=OLD, APP_VERSION=OLD, APP_PORT=str(project.port))
    projects.up(engine, project)
    return Deployed(engine, registry, project, Cli(engine, state, folder.parent), snapshot(engine, folder))
