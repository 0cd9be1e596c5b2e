"""A server with Websoft9 on it, and what stands beside it: whatever an update does, that is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import behaviours, images, projects, websoft9
from . import websoft9_images as look_alikes
from .cli import QUICK, Said
from .images import ImageSpec
from .snapshot import FRESH, Snapshot, assert_same, snapshot
from .websoft9 import LEGACY, Websoft9

if TYPE_CHECKING:
    from pathlib import Path

    from .dockerd import Dockerd
    from .registry import Registry

STRANGER = "my-websoft9-thing"


class Machine:
    """A server with Websoft9's network, a container of a like name, and a neighbour; neither is ever touched."""

    def __init__(self, engine: Dockerd, registry: Registry, folder: Path, state: Path) -> None:
        self.engine = engine
        self.registry = registry
        self.root = folder / "root"
        self.state = state
        client: Any = engine.client()
        websoft9.make_network(engine)
        thing = images.push(registry, "strangers/thing", "1.0.0", ImageSpec(behaviour=behaviours.idle()))
        client.images.pull(thing.reference)
        client.containers.run(thing.reference, name=STRANGER, detach=True, network=websoft9.NETWORK)
        neighbour = projects.single(folder / "neighbour", thing.reference, name="neighbour")
        projects.up(engine, neighbour)
        self._others = self.others()

    def others(self) -> Snapshot:
        """Look at what does not belong to Websoft9."""
        return snapshot(self.engine).only(rf"^(container ({STRANGER}|neighbour-.*)/.*|network .*)$")

    def assert_others_untouched(self) -> None:
        """Assert that the stranger, the neighbour and the networks are as they were."""
        assert_same(self._others, self.others())

    def legacy(self, version: str, *later: str, schema: int | None = None, **specs: ImageSpec) -> Websoft9:
        """Have a legacy version run, and later ones in the registry; `specs` are images of the last one."""
        for number, one in enumerate((version, *later)):
            more = specs if number == len(later) else {}
            look_alikes.push_legacy(self.registry, one, schema=schema, **more)
        made = websoft9.legacy(self.engine, self.root, self.state, version)
        made.up()
        return made

    def modern(self, tag: str, **options: str) -> Websoft9:
        """Have the modern one run on a tag that is in the registry."""
        made = websoft9.modern(self.engine, self.root, self.state, tag, **options)
        made.up()
        return made


def wanted(old: str, new: str) -> list[str]:
    """Return what must be asked for to come from one release's images to another's."""
    return [f"{name}={tag}" for name, tag in LEGACY[new].items() if LEGACY[old][name] != tag]


def update(site: Websoft9, *arguments: str) -> Said:
    """Update an installation; its services are watched for a second."""
    return site.cli.json("update", site.project, *arguments, *QUICK)


def rollback(site: Websoft9, *arguments: str) -> Said:
    """Roll an installation back."""
    return site.cli.json("rollback", site.project, *arguments, *QUICK)


def recreated(before: dict[str, str], site: Websoft9) -> set[str]:
    """Return the services whose containers are others than before."""
    return {service for service, container in site.ids().items() if container != before[service]}


def causes(said: Said) -> dict[str, str]:
    """Return why each service is made anew."""
    operations = said.of("planned")[-1]["plan"]["operations"]
    return {op["subject"]: op["cause"]["code"] for op in operations if op["kind"] == "recreate"}


def assert_went_back(site: Websoft9, before: Snapshot, said: Said, code: str, service: str) -> None:
    """Assert that an update failed by a service, and that what ran before runs again, as a whole."""
    said.ended("rolled-back", 1)
    assert said.finished["problem"]["code"] == code
    assert said.finished["problem"]["facts"]["service"] == service
    site.wait_well()
    assert_same(before.without(FRESH), site.now().without(FRESH))
    site.assert_no_drift()
