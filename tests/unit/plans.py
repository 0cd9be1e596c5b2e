"""Projects, generations and observations in few words, for plans."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from ws9tui.core.commit import planner
from ws9tui.core.commit.planner import PlannedWrite
from ws9tui.core.model.observed import Container, Image, Observed
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.project import Dependency, Project, Service
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store.generation import Generation, GenerationService
from ws9tui.words import plan as words

SOURCE = ProjectSource("shop", "/srv/shop", ("/srv/shop/compose.yml",))


def digest(text: str) -> str:
    """An ID that a text always gets."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def image(reference: str, build: str = "") -> Image:
    """An image whose version is its tag."""
    tag, found = Reference(reference), digest(reference + build)
    return Image(found, (tag,), (tag.at(found),), {"version": tag.tag} if tag.tag[:1].isdigit() else {})


class Bench:
    """What is desired and what is there; services are as their files have them until a test says otherwise."""

    def __init__(self, **services: str) -> None:
        self.services = {name: Service(name, reference=Reference(reference)) for name, reference in services.items()}
        self.desired: dict[str, GenerationService] = {}
        self.before: dict[str, GenerationService] = {}
        self.containers: dict[str, list[Container]] = {}
        self.images: dict[str, Image] = {}
        self.tags: dict[str, str] = {}
        self.foreign: list[Container] = []
        self.stopping: set[str] = set()
        self.numbers = (3, 4)
        self.defined_before: set[str] | None = None
        for name, reference in services.items():
            found = image(reference)
            self.images[found.id] = found
            self.tags[reference] = found.id
            self.before[name] = self.desired[name] = GenerationService(
                name, found.tags[0], found.id, found.digests[0].digest, config_hash="h"
            )
            self.run(name)

    def run(self, service: str, number: int = 1, **changes: Any) -> None:  # noqa: ANN401 - fields of a container
        """Put one more container of a service there, as the generation before has it."""
        was = self.before[service]
        container = Container(
            digest(f"{service}{number}")[7:],
            f"shop-{service}-{number}",
            was.image_id,
            was.reference,
            "shop",
            service,
            number,
            config_hash="h",
            image_label=was.image_id,
        )
        self.containers.setdefault(service, []).append(msgspec.structs.replace(container, **changes))

    def change(self, service: str, **changes: Any) -> None:  # noqa: ANN401 - fields of a container
        """Change what is there of a service."""
        self.containers[service] = [msgspec.structs.replace(it, **changes) for it in self.containers[service]]

    def model(self, name: str, **changes: Any) -> None:  # noqa: ANN401 - fields of a service
        """Change a service's definition."""
        self.services[name] = msgspec.structs.replace(self.services[name], **changes)

    def want(self, name: str, reference: str = "", **changes: Any) -> None:  # noqa: ANN401 - fields of it
        """Desire something else for a service."""
        if reference:
            found = image(reference, "new")
            self.images[found.id] = msgspec.structs.replace(found, tags=())
            changes |= {"reference": found.tags[0], "image_id": found.id, "digest": found.digests[0].digest}
        self.desired[name] = msgspec.structs.replace(self.desired[name], **changes)

    def plan(
        self, *scope: str, changes: tuple[PlannedWrite, ...] = (), downtime: dict[str, float] | None = None
    ) -> Plan:
        """The plan."""
        project = Project(SOURCE, self.services)
        was = {
            name: model
            for name, model in self.services.items()
            if self.defined_before is None or name in self.defined_before
        } | {name: Service(name) for name in self.defined_before or () if name not in self.services}
        before = Generation(self.numbers[0], "", 1, Project(SOURCE, was), self.before, ())
        desired = Generation(self.numbers[1], "", 2, project, self.desired, ())
        observed = Observed(self.containers, self.tags, self.images, self.foreign, frozenset(self.stopping))
        return planner.make(project, desired, before, observed, scope, changes, downtime=downtime)

    def printed(self, *scope: str, **more: Any) -> str:  # noqa: ANN401 - as of `plan`
        """The plan as it is confirmed, without the lines that all plans have."""
        lines = [line.text for line in words.lines(self.plan(*scope, **more))]
        return "\n".join(line for line in lines if "How to roll back" not in line and "ws9tui rollback" not in line)


def needs(**conditions: bool) -> dict[str, Dependency]:
    """A `depends_on`: each service, and whether one is restarted with it."""
    return {name: Dependency(restart=restart) for name, restart in conditions.items()}
