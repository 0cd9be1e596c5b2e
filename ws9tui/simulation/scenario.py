"""A scenario of the demo: a project on disk and a simulated world in which it runs.

A scenario prepares both in a folder and is then left alone: the wizard and its worker treat them as they would a real
server. Times hold at speed 1.
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
"""where the scenarios' services have data"""
_AGE = 11 * 86400
"""seconds for which the project has run"""
_INTERVAL = 2.0
_START_PERIOD = 4.0
_MONITOR = 20.0

WELL = Behaviour(healthy_after=3.0, stop_seconds=0.5)


class Published(msgspec.Struct, frozen=True):
    """An image of the registry: what a reference had, and what it has now."""

    reference: str
    old: str
    new: str = ""
    """empty when the tag has not moved"""
    megabytes: tuple[int, ...] = (30, 20, 12)
    label: str = ""
    """what the new image's label claims, and that of the other tags, where that is not their version"""
    only_new: bool = False
    """whether it is but the new image that claims it"""
    behaviour: Behaviour = WELL
    """of the new image"""
    checked: bool = False
    """whether it has a health check"""
    other_tags: tuple[str, ...] = ()
    """further tags of the repository, each with the version that it names"""
    labels: dict[str, str] = {}
    """further labels of the image"""
    label_key: str = "org.opencontainers.image.version"


class Prepared(msgspec.Struct, frozen=True):
    """A scenario that is ready to be run."""

    world: Path
    """the world's file, for `World.load`"""
    source: ProjectSource
    kill_at: str = ""
    kill_delay: float = 0.0
    stall_timeout: float | None = None


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the demo can show."""

    name: str
    images: tuple[Published, ...]
    project: str
    """its files are in ``files``, as `docker compose config` prints them but for variables and times"""
    files: Path = _PROJECTS
    folder: str = ""
    """of the project below the demo's; its name where it is not told"""
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
    """the stall timeout that the demo gives to its run, where the usual one is too long to watch"""

    def prepare(self, folder: Path, speed: float = 1.0) -> Prepared:
        """Writes the project and its world into a folder; at a higher speed all takes less time."""
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
        """A world that holds what ran before anything new was published."""
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
    """Starts the project long ago; a thread of its own has no event loop yet, wherever this is called from."""
    services = list(resolve(source)["services"])
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(SimulatedCompose(world, _long_ago()).up(source, services))).result()


def _fill(world: World) -> None:
    """Gives every volume a file, so that there is something to save."""
    for name in world.volumes:
        world.data[name] = {"rows": SimFile("0123456789abcdef" * _ROWS, int(time.time()) - _AGE)}


def _writing(behaviour: Behaviour, version: str) -> Behaviour:
    """A behaviour that leaves its version in the data, as a migration does."""
    return msgspec.structs.replace(behaviour, writes={f"{folder}/schema": version for folder in _DATA})


def _long_ago() -> Clock:
    """A clock that starts when the project did, and hurries so that health checks pass while Compose waits for them."""
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
