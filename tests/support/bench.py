"""An engine, a registry, a folder for a project, and the command line in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from support import projects
from support.cli import Cli
from support.dockerd import Dockerd
from support.projects import Project
from support.registry import Registry


@dataclass
class OneProject:
    """What a test of one project has at hand."""

    engine: Dockerd
    registry: Registry
    folder: Path
    state: Path

    @property
    def cli(self) -> Cli:
        return Cli(self.engine, self.state, self.folder)

    def project(self, text: str, *services: str, name: str = "p") -> Project:
        return projects.write(self.folder, text.replace("HOST", self.registry.host), name=name, services=services)

    def compose(self, *arguments: str) -> str:
        return projects.compose(self.engine, self.folder, *arguments).stderr


class OneService(OneProject):
    """A project of one container."""

    def runs(self) -> str:
        """Return the tag of the image that it runs."""
        [found] = projects.containers(self.engine, "p").values()
        assert found["State"]["Status"] == "running"
        return str(found["Config"]["Image"]).rpartition(":")[2]
