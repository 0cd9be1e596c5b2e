"""A scenario of the demo: a project on disk and a simulated world in which it runs.

A scenario writes both into a folder once; the wizard and its worker then treat them as they would a real server. Times
apply at speed 1.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from ws9tui.core.model.observed import Healthcheck
from ws9tui.core.model.source import ProjectSource
from ws9tui.simulation.engine import Behaviour, Fault, ImageSpec, SimulatedCompose, World, make_image
from ws9tui.simulation.life import Clock
from ws9tui.simulation.project import resolve
from ws9tui.simulation.world import SimFile

WORLD = "world.json"

_PROJECTS = Path(__file__).with_name("projects")
_MEGABYTE = 1_000_000
RATE = 24 * _MEGABYTE
_STEP = 0.3
_LATENCY = 0.4
_ROWS = 3000
_DATA = ("/data", "/var/lib/postgresql/data")
"""paths at which the scenarios' services have data"""
_AGE = 11 * 86400
"""seconds since the project was started"""
_INTERVAL = 2.0
_START_PERIOD = 4.0
_MONITOR = 20.0

WELL = Behaviour(healthy_after=3.0, stop_seconds=0.5)


class Published(msgspec.Struct, frozen=True):
    """An image in the registry: what a reference named before, and what it names now."""

    reference: str
    old: str
    new: str = ""
    """empty when the tag has not moved"""
    megabytes: tuple[int, ...] = (30, 20, 12)
    label: str = ""
    """version that the labels of the new image and of the other tags claim; empty for the true one"""
    only_new: bool = False
    """whether only the new image has that label"""
    behaviour: Behaviour = WELL
    """behaviour of the new image and of the other tags"""
    checked: bool = False
    """whether it has a health check"""
    other_tags: tuple[str, ...] = ()
    """further tags of the repository, each of an image with that version"""
    labels: dict[str, str] = {}
    """further labels of the image"""
    label_key: str = "org.opencontainers.image.version"


class Prepared(msgspec.Struct, frozen=True):
    """A scenario that has been written to disk."""

    world: Path
    """the world's file, for `World.load`"""
    source: ProjectSource
    kill_at: str = ""
    kill_delay: float = 0.0
    stall_timeout: float | None = None


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario: a project, its images in the registry, and the faults that strike."""

    name: str
    images: tuple[Published, ...]
    project: str
    """its files in ``files`` are as `docker compose config` prints them, except for variables and times"""
    files: Path = _PROJECTS
    folder: str = ""
    """folder of the project below the demo's; empty for the project's name"""
    faults: tuple[Fault, ...] = ()
    installed: bool = True
    """whether the project runs when the demo begins"""
    rate: float = RATE
    latency: float = _LATENCY
    networks: tuple[str, ...] = ()
    """external networks that exist"""
    kill_at: str = ""
    """type of the event at which the demo's first worker kills itself, ``kill_delay`` seconds after it"""
    kill_delay: float = 0.0
    stall_timeout: float | None = None
    """stall timeout of the demo's run; None for the default, which may be too long to watch"""

    def prepare(self, folder: Path, speed: float = 1.0) -> Prepared:
        """Writes the project and its world into a folder; a higher speed shortens all times."""
        project = folder / (self.folder or self.project)
        project.mkdir(parents=True, exist_ok=True)
        file, env = project / "docker-compose.yml", project / ".env"
        text = (self.files / f"{self.project}.yaml").read_text(encoding="utf-8")
        text = text.replace("MONITOR", f"{_MONITOR / speed:g}s").replace("INTERVAL", f"{_INTERVAL / speed:g}s")
        file.write_text(text, encoding="utf-8")
        env.touch(mode=0o600)
        env.write_bytes((self.files / f"{self.project}.env").read_bytes())
        source = ProjectSource(self.project, str(project), (str(file),))
        world = self._world(speed)
        if self.installed:
            _deploy(world, source)
            _fill(world)
        for image in self.images:
            if image.new:
                new = msgspec.structs.replace(image, behaviour=_writing(image.behaviour, image.new))
                world.publish(image.reference, _image(new, image.new, speed))
        world.faults = [_scaled(fault, speed) for fault in self.faults]
        world.rate, world.latency, world.step = self.rate * speed, self.latency / speed, _STEP / speed
        world.save(folder / WORLD)
        stall = None if self.stall_timeout is None else self.stall_timeout / speed
        return Prepared(folder / WORLD, source, self.kill_at, self.kill_delay / speed, stall)

    def _world(self, speed: float) -> World:
        """Returns a world with the old images and the other tags, before the new images are published."""
        world = World()
        for name in self.networks:
            world.add_network(name)
        for image in self.images:
            well = msgspec.structs.replace(WELL, outputs=image.behaviour.outputs)
            was = msgspec.structs.replace(image, behaviour=well, label="")
            world.publish(image.reference, _image(was, image.old, speed))
            if self.installed:
                world.fetch(image.reference)
            repository = image.reference.rpartition(":")[0]
            other = msgspec.structs.replace(image, label="") if image.only_new else image
            for tag in image.other_tags:
                world.publish(f"{repository}:{tag}", _image(other, tag, speed))
        return world


def _deploy(world: World, source: ProjectSource) -> None:
    """Starts the project in the past; in a thread of its own, since the caller's may already run an event loop."""
    services = list(resolve(source)["services"])
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(SimulatedCompose(world, _long_ago()).up(source, services))).result()


def _fill(world: World) -> None:
    """Writes a file into every volume, so that there is data to back up."""
    for name in world.volumes:
        world.data[name] = {"rows": SimFile("0123456789abcdef" * _ROWS, int(time.time()) - _AGE)}


def _writing(behaviour: Behaviour, version: str) -> Behaviour:
    """Returns a behaviour that writes its version into the data, as a migration does."""
    return msgspec.structs.replace(behaviour, writes={f"{folder}/schema": version for folder in _DATA})


def _long_ago() -> Clock:
    """Returns a clock that begins `_AGE` ago and advances 10 seconds per call, so that health checks pass soon."""
    ticks = iter(range(0, _AGE, 10))
    start = time.time() - _AGE
    return lambda: start + next(ticks)


def _image(image: Published, version: str, speed: float) -> ImageSpec:
    name = image.reference.rpartition(":")[0]
    check = Healthcheck(_INTERVAL / speed, 5.0, 3, _START_PERIOD / speed) if image.checked else None
    return make_image(
        name,
        version,
        sizes=[megabytes * _MEGABYTE for megabytes in image.megabytes],
        base="debian 12",
        labels={image.label_key: image.label or version, **image.labels},
        behaviour=_faster(image.behaviour, speed),
        healthcheck=check,
        created_at="2026-08-03T09:12:00Z",
    )


def _faster(behaviour: Behaviour, speed: float) -> Behaviour:
    times = ("healthy_after", "unhealthy_after", "exits_after", "stop_seconds")
    found = {name: getattr(behaviour, name) for name in times}
    changes = {name: value / speed for name, value in found.items() if value is not None}
    return msgspec.structs.replace(behaviour, **changes)


def _scaled(fault: Fault, speed: float) -> Fault:
    return msgspec.structs.replace(fault, seconds=fault.seconds / speed)
