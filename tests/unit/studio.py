"""Runs on a simulated engine whose journals are the same each time: the server, the operator and the clock are told.

A take is one run; its journal becomes a recording. What a screen or a test shows of it is in `recordings`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from unittest import mock

import bench
from bench import Shop, Told
from releases import put
from virtual_time import now
from ws9tui.core import blocking
from ws9tui.core.inspect import host
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import JOURNAL
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor
from ws9tui.core.session import Session
from ws9tui.core.store import users
from ws9tui.core.store.store import Store
from ws9tui.simulation.life import SimContainer
from ws9tui.simulation.scenario import Scenario
from ws9tui.simulation.world import World
from ws9tui.websoft9.profile import Websoft9

ROOT = Actor("root", "ssh from 10.0.0.7, /dev/pts/0")
PID = 4711
ENVIRONMENT = {"PATH": os.defpath, "SSH_CONNECTION": "10.0.0.7 50022 10.0.0.2 22"}
RECORDED = (
    (re.compile(rb"SIMULATED-\w+"), b"SIMULATED"),
    (re.compile(rb'"stored":\d+'), b'"stored":440'),
)
"""what differs from time to time and from machine to machine: the engine's identity, how well data is compressed"""


class Shelf(Store):
    """A state directory whose runs are named by the virtual time."""

    def new_run(self) -> Path:
        """Make the folder of a new run."""
        folder = self.runs_folder / f"{datetime.fromtimestamp(now(), UTC):%Y%m%d-%H%M%S}-a1b2c3"
        folder.mkdir(mode=0o700)
        return folder


class Studio(Shop):
    """A scenario's project on its world; the operator is somebody, the worker has a number."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.root = folder
        prepared = scenario.prepare(folder)
        self.folder = Path(prepared.source.folder)
        self.file = Path(prepared.source.files[0])
        self.env = self.folder / ".env"
        world = World.load(prepared.world)
        world.path = ""
        (folder / "var" / "lib").mkdir(parents=True)
        self.stand(world, Shelf(folder / "var" / "lib" / "ws9tui").open(), prepared.source)
        self.releases = Websoft9()

    def request(self, *arguments: object, **more: object) -> tuple[Path, Session]:
        """Begin a run as the worker does."""
        folder, session = super().request(*arguments, **more)  # type: ignore[arg-type]
        session.emit(e.WorkerStarted(pid=PID))
        return folder, session

    def container(self, service: str) -> SimContainer:
        """Return a service's container."""
        found = {one.made.service: one for one in self.world.containers.values()}
        return found[service]

    async def beside(self, project: str, image: str, **service: object) -> None:
        """Have another project run on the machine."""
        self.publish(image, image.rpartition(":")[2])
        self.world.fetch(image)
        compose = json.dumps({"services": {"app": {"image": image, **service}}})
        file = put(self.root / "srv" / project, {"compose.yml": compose}) / "compose.yml"
        await self.compose.up(ProjectSource(project, str(file.parent), (str(file),)), ["app"])


class AtOnce:
    """A thread that has done its work when it has begun."""

    def __init__(self, target: Callable[[], None], **_: object) -> None:
        self.start = target


@contextmanager
def on_virtual_time() -> Iterator[None]:
    """Let all that asks for the time get the running loop's, and nothing wait for a disk."""
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        stack.enter_context(mock.patch("time.time", now))
        stack.enter_context(mock.patch("time.monotonic", loop.time))
        stack.enter_context(mock.patch("os.fsync"))
        stack.enter_context(mock.patch("os.fdatasync"))
        stack.enter_context(mock.patch.object(blocking, "threading", SimpleNamespace(Event=Event, Thread=AtOnce)))
        stack.enter_context(mock.patch.object(users, "keeper", str))
        stack.enter_context(mock.patch.object(host, "_in_use", return_value=False))
        stack.enter_context(mock.patch.object(bench, "ME", ROOT))
        stack.enter_context(mock.patch.dict(os.environ, ENVIRONMENT, clear=True))
        yield


def said(told: Told, root: Path) -> bytes:
    """A run's journal as it reads on the server that the recordings are of."""
    text = (told.folder / JOURNAL).read_bytes().replace(str(root).encode(), b"")
    for pattern, always in RECORDED:
        text = pattern.sub(always, text)
    return text
