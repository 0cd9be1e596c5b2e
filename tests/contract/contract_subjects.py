"""The two things that the contract is held against: the real engine with the real Compose, and the simulated ones.

A subject makes images by the name of what they do, and waits for conditions: the real one by sleeping, the simulated
one by moving its clock.
"""

from __future__ import annotations

import asyncio
import os
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from support import archives, behaviours, images
from support.behaviours import Behaviour as Script
from support.dockerd import SIMULATED
from support.registry import Registry
from ws9tui.adapters.compose.compose import ComposeCommand
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.engine import DockerEngine
from ws9tui.core.model.observed import Container, Healthcheck, Image, PullEvent
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.ports import Compose, Engine
from ws9tui.simulation.engine import Behaviour, Fault, SimulatedCompose, SimulatedEngine, World, make_image

if TYPE_CHECKING:
    from support.dockerd import Dockerd

CHECK = Healthcheck(interval=0.5, timeout=2.0, retries=4)
NOBODY = "127.0.0.1:1/nobody:1.0"
"""a reference whose registry is not there"""
SIMULATED_HOST = "registry.test"

SCRIPTS: dict[str, Callable[[], Script]] = {
    "serves": behaviours.serve,
    "idles": behaviours.idle,
    "stops slowly": behaviours.ignore_term,
    "crashes": lambda: behaviours.crash(0.2, 3),
    "finishes": behaviours.exit0,
    "gets well": lambda: behaviours.healthy_after(1),
    "never well": behaviours.never_healthy,
    "falls ill": lambda: behaviours.unhealthy_after(1),
}
BEHAVIOURS: dict[str, tuple[Behaviour, bool]] = {
    "serves": (Behaviour(), True),
    "idles": (Behaviour(), False),
    "stops slowly": (Behaviour(stop_seconds=2.0), False),
    "crashes": (Behaviour(exits_after=0.2, exit_code=3, last_words="fatal: giving up"), False),
    "finishes": (Behaviour(exits_after=0.0, last_words="done"), False),
    "gets well": (Behaviour(healthy_after=1.0), True),
    "never well": (Behaviour(healthy_after=None, health_output="still waiting for the moon\n"), True),
    "falls ill": (Behaviour(unhealthy_after=1.0), True),
}


class Subject(ABC):
    """An engine and a Compose that share one world."""

    host: str
    engine: Engine
    compose: Compose
    today = False
    """whether it is an engine with the containerd image store"""
    resolved_only = False
    """whether its Compose reads projects as Compose writes them, and no other"""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def publish(self, tag: str, version: str, does: str = "idles", *, volume: str = "", size_kb: int = 0) -> str:
        """Put an image under `host/tag`; returns it as repository@digest."""

    @abstractmethod
    def saved(self, tag: str, version: str) -> bytes:
        """Return an archive, as `docker save` writes it, with an image that is not on the engine, under `host/tag`."""

    @abstractmethod
    def disk_usage(self) -> int:
        """Bytes that images take on the engine's disk."""

    @abstractmethod
    async def pause(self) -> None:
        """Let a little time pass."""

    def project(self, text: str, resolved: str = "", *, name: str = "contract", **files: str) -> ProjectSource:
        """Write a project; HOST in it is the registry's, FOLDER its own. Further keywords are files: `env` is `.env`.

        What Compose must resolve comes with how it does: a subject that only knows resolved projects gets that.
        """
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for suffix, content in files.items():
            (folder / f".{suffix}").write_text(content)
        file = folder / "docker-compose.yml"
        text = resolved if resolved and self.resolved_only else text
        file.write_text(text.replace("HOST", self.host).replace("FOLDER", str(folder)))
        return ProjectSource(name, str(folder), (str(file),))

    async def pulled(self, pinned: str) -> Image:
        """Pull an image by digest."""
        await self.pull(pinned)
        image = await self.engine.image(pinned)
        assert image
        return image

    async def pull(self, pinned: str) -> list[PullEvent]:
        return [event async for event in self.engine.pull(pinned)]

    async def local(self, tag: str, version: str = "1.0", does: str = "idles", volume: str = "") -> Image:
        """Publish an image, pull it and tag it as Compose looks for it."""
        image = await self.pulled(self.publish(tag, version, does, volume=volume))
        await self.engine.tag(image.id, f"{self.host}/{tag}")
        tagged = await self.engine.image(image.id)
        assert tagged
        return tagged

    async def services(self, project: str = "contract") -> dict[str, Container]:
        return {one.service: one for one in await self.engine.containers(project)}

    async def until(self, found: Callable[[], Awaitable[bool]], what: str, seconds: float = 30.0) -> None:
        """Wait for a condition."""
        end = time.monotonic() + seconds
        while not await found():
            assert time.monotonic() < end, what
            await self.pause()

    async def until_state(self, service: str, accept: Callable[[Container], bool]) -> Container:
        """Wait until a service's container is as wanted."""
        seen: list[Container] = []

        async def as_wanted() -> bool:
            seen.append((await self.services())[service])
            return accept(seen[-1])

        await self.until(as_wanted, f"{service} is as wanted; last seen: {seen[-1:]}")
        return seen[-1]


class Simulated(Subject):
    """The simulated engine."""

    resolved_only = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.host = SIMULATED_HOST
        self.ahead = 0.0
        self.world = World(
            faults=[Fault(call=call, subject=NOBODY, code="registry-unreachable") for call in ("resolve", "tags")]
        )
        self.engine = SimulatedEngine(self.world, self.now)
        self.compose = SimulatedCompose(self.world, self.now)

    def now(self) -> float:
        return time.time() + self.ahead

    async def pause(self) -> None:
        self.ahead += 0.1
        await asyncio.sleep(0)

    def publish(self, tag: str, version: str, does: str = "idles", *, volume: str = "", size_kb: int = 0) -> str:
        behaviour, checked = BEHAVIOURS[does]
        image = make_image(
            tag.partition(":")[0],
            version,
            sizes=(2000, 300, max(1, size_kb << 10)),
            base="busybox",
            behaviour=behaviour,
            healthcheck=CHECK if checked else None,
            volumes=(volume,) if volume else (),
            platforms=(f"linux/{images.NATIVE}", f"linux/{images.FOREIGN}"),
        )
        return self.world.publish(f"{self.host}/{tag}", image)

    def disk_usage(self) -> int:
        return self.world.disk_usage()

    def saved(self, tag: str, version: str) -> bytes:
        return archives.packed(archives.legacy(f"{self.host}/{tag}", version=version))


class Real(Subject):
    """A private Docker engine."""

    def __init__(self, folder: Path, engine: Dockerd, registry: Registry) -> None:
        super().__init__(folder)
        self.registry = registry
        self.daemon = engine
        self.today = engine.today
        self.host = registry.host
        self.engine = DockerEngine(Endpoint(engine.host))
        self.compose = ComposeCommand()

    async def pause(self) -> None:
        await asyncio.sleep(0.1)

    def publish(self, tag: str, version: str, does: str = "idles", *, volume: str = "", size_kb: int = 0) -> str:
        repository, _, name = tag.partition(":")
        script = SCRIPTS[does]()
        test = script.healthcheck
        spec = images.ImageSpec(
            version=version,
            behaviour=script,
            healthcheck=behaviours.health(test, interval=CHECK.interval, retries=CHECK.retries) if test else None,
            volumes=(volume,) if volume else (),
            size_kb=size_kb,
        )
        return images.push(self.registry, repository, name, spec).by_digest

    def disk_usage(self) -> int:
        size: int = self.daemon.client().df()["LayersSize"]
        return size

    def saved(self, tag: str, version: str) -> bytes:
        repository, _, name = tag.partition(":")
        pushed = images.push(self.registry, repository, name, images.ImageSpec(version=version))
        client = self.daemon.client()
        client.images.pull(pushed.reference)
        path = archives.save(self.daemon, self.folder / "saved.tar", pushed.reference)
        client.images.remove(pushed.reference)
        return path.read_bytes()


@pytest_asyncio.fixture(name="subject")
async def each_subject(
    request: pytest.FixtureRequest, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Subject]:
    """Each test runs on the simulated engine and on both real ones."""
    if store == SIMULATED:
        yield Simulated(tmp_path)
        return
    registry: Registry = request.getfixturevalue("registry")  # before the fixture that counts who is there
    engine: Dockerd = request.getfixturevalue("clean_engine")
    for name in set(os.environ) - set(engine.env()):
        monkeypatch.delenv(name)
    for name, value in engine.env().items():
        monkeypatch.setenv(name, value)
    real = Real(tmp_path, engine, registry)
    yield real
    await real.engine.close()
