"""The wizard on a real terminal against a real engine, and an update that stops in every pane until it may go on."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import behaviours, images, processes, projects
from .cli import Cli
from .images import ImageSpec
from .snapshot import Snapshot, assert_same, snapshot
from .terminal import Terminal
from .wait import until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .dockerd import Dockerd
    from .faultproxy import FaultProxy
    from .faults import Rule
    from .images import Pushed
    from .projects import Project
    from .registry import Registry

OLD, NEW = "1.0.0", "2.0.0"
# the panes of an update, each with a text that only it has, once it waits for somebody or for something
PANES = {
    "Images": "1 update found; 1 of 2 services selected.",
    "Pull": "0 of 1 image ready; the containers keep running.",
    "Versions": "All images passed the checks.",
    "Confirm": "Enter Apply",
    "Recreate": "Watching 1 service",
    "Outcome": "Keep what runs now, or roll back?",
}
_HELD = """\
name: {name}
services:
  app:
    image: {host}/held-app:${{APP_VERSION}}
    restart: unless-stopped
    volumes: ["./switch:/switch:ro"]
  web:
    image: {host}/held-web:1.0.0
    restart: unless-stopped
"""


def wizard(cli: Cli, *arguments: str, cols: int = 80, rows: int = 24, env: Mapping[str, str] | None = None) -> Terminal:
    """Start the program on a terminal, in the folder of a command line of the tests."""
    return Terminal(
        command(cli, *arguments), cli.engine.env() | dict(cli.env) | dict(env or {}), cols, rows, cwd=cli.folder
    )


def command(cli: Cli, *arguments: str) -> list[str]:
    """Return the command that is typed."""
    return [sys.executable, "-m", "ws9tui", *arguments, "--state-dir", str(cli.state)]


@dataclass
class Held:
    """A project of two services, of which `app` has an update that a test holds up where it likes."""

    engine: Dockerd
    proxy: FaultProxy
    project: Project
    cli: Cli
    new: Pushed
    before: Snapshot
    stalled: Rule | None = None

    def hold(self) -> None:
        """Hold up the pull, and the new container's health."""
        self.stalled = self.proxy.stall(100_000)
        self.switch.unlink(missing_ok=True)

    @property
    def switch(self) -> Path:
        """The file that makes the new container healthy."""
        return self.project.folder / "switch" / "on"

    def arguments(self) -> tuple[str, ...]:
        """Return what is typed after the program's name."""
        return self.project.name, f"app={NEW}", "--monitor", "1s"

    def stepwise(self) -> tuple[str, ...]:
        """Return the same for a run that waits in each pane."""
        return *self.arguments(), "--step-by-step"

    def wizard(self, *arguments: str, cols: int = 80, rows: int = 24) -> Terminal:
        """Start the wizard, for an update in which each pane waits unless told otherwise."""
        return wizard(self.cli, *(arguments or self.stepwise()), cols=cols, rows=rows)

    def leave(self, pane: str, terminal: Terminal) -> None:
        """Do what leads from a pane to the next one."""
        match pane:
            case "Images" | "Versions":
                terminal.wait_for("Enter Next")  # a key counts once its action is offered
                terminal.send("enter")
            case "Pull":
                assert self.stalled
                self.proxy.clear(self.stalled)
            case "Confirm":
                terminal.wait_for("Enter Apply")
                terminal.send("enter")
                terminal.wait_for("Yes, apply it now")
                terminal.send("y")
            case "Recreate":
                self.switch.touch()
            case "Outcome":
                terminal.wait_for("K Keep")
                terminal.send("k")

    def walk(self, terminal: Terminal, to: str) -> None:
        """Walk to a pane, and wait until it is whole."""
        for pane, text in PANES.items():
            terminal.wait_for(text)
            if pane == to:
                return
            self.leave(pane, terminal)

    def now(self) -> Snapshot:
        """Return what there is."""
        return snapshot(self.engine, self.project.folder)

    def assert_untouched(self) -> None:
        """Assert that nothing at all has changed."""
        until(lambda: not self.proxy.answering, 10, "the engine has hung up")
        assert_same(self.before, self.now())

    def assert_new(self) -> None:
        """Assert that the new version runs, and nothing else of the project has been touched."""
        projects.wait_well(self.engine, self.project)
        found = projects.containers(self.engine, self.project.name)
        assert found[f"{self.project.name}-app-1"]["Image"] == self.new.image_id
        assert f"APP_VERSION={NEW}" in self.project.env_file.read_text()
        web = f"^container {self.project.name}-web-1/"
        assert_same(self.before.only(web), self.now().only(web))
        projects.assert_no_drift(self.engine, self.project)

    def history(self) -> str:
        """Return what the history tells of the project."""
        said = self.cli.run("history", self.project.name)
        assert said.status == 0, said.err
        return said.out

    def workers(self) -> list[int]:
        """List the workers."""
        return processes.workers(self.cli.state)

    def gone(self) -> None:
        """Wait until no worker is left."""
        until(lambda: not self.workers(), 60, lambda: f"the worker ended: {self.workers()}")


def cancel(terminal: Terminal) -> None:
    """Cancel the run in a wizard, and leave when it has ended."""
    terminal.send("c")
    terminal.wait_for("Cancel this run?")
    terminal.send("y")
    terminal.wait_for("Enter Leave")
    terminal.send("enter")
    assert terminal.wait_exit() == 130


def held(engine: Dockerd, registry: Registry, proxy: FaultProxy, folder: Path, state: Path, name: str = "held") -> Held:
    """Deploy version 1.0.0 of both, offer version 2.0.0 of app, and hold it up."""
    # repositories of their own: what other tests push there would be newer tags
    images.push(registry, "held-app", OLD)
    images.push(registry, "held-web", OLD)
    health = behaviours.health("test -e /switch/on", start_period=60)
    new = images.push(registry, "held-app", NEW, ImageSpec(NEW, healthcheck=health, size_kb=300))
    (folder / "switch").mkdir(parents=True)
    project = projects.write(folder, _HELD.format(name=name, host=proxy.host), name=name, services=("app", "web"))
    project.set_env(APP_VERSION=OLD)
    projects.up(engine, project)
    found = Held(engine, proxy, project, Cli(engine, state, folder.parent), new, snapshot(engine, folder))
    found.hold()
    return found
