"""Releases of the shop, and the shop as an installation of the first one, on the simulated engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from bench import COMPOSE as PLAIN
from bench import Shop, Told
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import Container, Host, Image
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Finding, Level
from ws9tui.problems.problem import Problem, read

COMPOSE = PLAIN.replace("${API}", "${API_VERSION}")


NEW_COMPOSE = COMPOSE[: COMPOSE.index("  db:")].replace(
    "services:\n", "services:\n  cache:\n    image: r.test/cache:7\n    restart: always\n"
)


ONE = Release(
    "shop",
    "/srv/shop",
    "1.0",
    "release",
    candidate=False,
    verified=True,
    compose_file="compose.yml",
    compose=COMPOSE.encode(),
    env=b"# versions\nAPI_VERSION=1.0\nDB_PASSWORD=changeme\nPORT=80\n",
    others={"../version.json": b'{"version": "1.0"}'},
    layout="plain",
)


TWO = msgspec.structs.replace(
    ONE,
    version="2.0",
    env=b"# versions\nAPI_VERSION=2.0\nDB_PASSWORD=changed\nPORT=8080\n",
    others={"../version.json": b'{"version": "2.0"}'},
)


class Published:
    """Releases by name, and what the shop's project is an installation of."""

    product: str = "shop"
    channels: tuple[str, ...] = ("release",)
    superseded: str = "old"

    def __init__(self, **known: Release) -> None:
        self.known = known
        self.layout = "plain"
        self.host: tuple[str, Problem] = ("plain", read("websoft9-legacy", {"version": "1.0"}))
        self.templates: tuple[bytes, ...] = ()
        self.during: Callable[[Path], None] | None = None
        """what else happens while it is fetched"""

    def fetch(
        self, source: str, options: Options, into: Path, check: Callable[[], None], layout: str = ""
    ) -> Release | None:
        """Unpack it as a real one is."""
        _ = options, layout
        into.mkdir()
        (into / "large").write_bytes(b"x")
        if self.during:
            self.during(into)
        check()
        return self.known.get(Path(source).name)

    def host_layout(
        self, containers: Sequence[Container], images: Mapping[str, Image], *, local: bool
    ) -> tuple[str, Problem]:
        """Find on the host what the test wants."""
        _ = containers, images, local
        return self.host

    def shipped(self, compose: bytes) -> bool:
        """Know its own."""
        return compose in self.templates

    def installed(
        self, source: ProjectSource, containers: Sequence[Container], images: Mapping[str, Image]
    ) -> tuple[str, str]:
        """Read the version as it is installed."""
        _ = containers, images
        file = Path(source.folder).parent / "version.json"
        version = file.read_text().split('"')[3] if file.exists() else ""
        return (self.layout, version)

    def checks(self, layout: str) -> tuple[AcceptanceCheck, ...]:
        """Check nothing."""
        _ = layout
        return ()

    def folders(self, source: ProjectSource, kind: str) -> tuple[str, ...]:
        """Have none."""
        _ = source, kind
        return ()

    def describe(self, containers: Sequence[Container], images: Mapping[str, Image]) -> dict[str, Problem]:
        """Know the shop."""
        _ = images
        found = {container.project for container in containers}
        return {"shop": read("project-websoft9", {"version": "1.0", "layout": "legacy"})} if "shop" in found else {}

    def obstacle(self, layout: str) -> Problem | None:
        """Mind nothing."""
        _ = layout
        return None

    def notes(self, source: ProjectSource, coming: Release | None) -> tuple[Problem, ...]:
        """Note nothing."""
        _ = source, coming
        return ()

    def assessment(self, source: ProjectSource, host: Host, sizes: Mapping[str, int]) -> tuple[Finding, ...]:
        """Migrate nothing."""
        _ = source, host, sizes
        return ()

    def findings(self, host: Host) -> tuple[Finding, ...]:
        """Tell of it."""
        _ = host
        return (Finding(Level.OK, self.host[1]),)


@pytest.fixture
def published() -> Published:
    return Published(one=ONE, two=TWO)


@pytest.fixture
def shop(tmp_path: Path, published: Published, quick: None) -> Shop:  # noqa: ARG001 - it is patched
    made = Shop(tmp_path, COMPOSE, env=ONE.env.decode())
    (tmp_path / "version.json").write_bytes(ONE.others["../version.json"])
    made.releases = published
    return made


async def ready(shop: Shop, *versions: str) -> None:
    """Have the first release run, and the images of others published."""
    await shop.install()
    for version in versions:
        shop.publish(f"r.test/api:{version}", version)
    shop.publish("r.test/cache:7", "7.0")


def files(shop: Shop) -> dict[str, bytes]:
    root = shop.folder.parent
    return {str(p.relative_to(root)): p.read_bytes() for p in (*shop.folder.iterdir(), root / "version.json")}


async def to(shop: Shop, source: str = "two", **options: object) -> Told:
    return await shop.run(release=source, **options)  # type: ignore[arg-type]
