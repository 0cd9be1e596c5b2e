"""In what generations differ, as their records have it."""

from __future__ import annotations

import msgspec
import pytest

import sample_run as sample
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.project import Project, Service
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store import differences
from ws9tui.core.store.generation import Generation, GenerationService, StoredFile

SOURCE = ProjectSource("shop", "/srv/shop", ("/srv/shop/compose.yml",))


def made(number: int, *services: GenerationService, files: tuple[StoredFile, ...] = (), **more: object) -> Generation:
    models = {service.name: Service(service.name, service.reference) for service in services}
    named = {service.name: service for service in services}
    return Generation(number, sample.AT, 1, Project(SOURCE, models), named, files, reached=True, **more)  # type: ignore[arg-type]


def service(name: str, version: str = "1.0", **more: object) -> GenerationService:
    reference = Reference(f"r.test/{name}:{version}")
    return GenerationService(name, reference, f"sha256:{name}{version}", version=version, **more)  # type: ignore[arg-type]


def told(one: Generation, other: Generation) -> list[tuple[str, str]]:
    return [(found.subject, found.problem.code) for found in differences.differences(one, other)]


def test_nothing_differs_from_itself() -> None:
    one = made(1, service("web"), files=(StoredFile("/srv/shop/.env", "a"),))
    assert told(one, msgspec.structs.replace(one, number=2)) == []


def test_services_that_differ() -> None:
    one = made(
        1,
        service("web"),
        service("db"),
        service("batch", state="stopped"),
        service("old"),
        service("gone", state="absent"),
    )
    other = made(
        2, service("web", "2.0"), service("db"), service("batch"), service("new"), service("gone", state="absent")
    )
    assert told(one, other) == [
        ("web", "image-changed"),
        ("batch", "is-running"),
        ("old", "container-missing"),
        ("new", "not-in-generation"),
    ]
    image = differences.differences(one, other)[0].problem
    assert (image.facts["old_version"], image.facts["new_version"]) == ("2.0", "1.0")


def test_another_build_of_one_version_and_another_definition() -> None:
    one = made(1, service("web", definition="a"), compose_version="2")
    again = service("web", definition="a")
    rebuilt = made(2, msgspec.structs.replace(again, image_id="sha256:x"), compose_version="2")
    redefined = made(3, service("web", definition="b"), compose_version="2")
    by_another = made(4, service("web", definition="b"), compose_version="5")
    assert told(one, rebuilt) == [("web", "image-changed")]
    assert told(one, redefined) == [("web", "definition-changed")]
    assert told(one, by_another) == []


def test_files_that_differ() -> None:
    one = made(1, files=(StoredFile("/a", "1"), StoredFile("/b", "1"), StoredFile("/c"), StoredFile("/d", "1")))
    other = made(2, files=(StoredFile("/a", "2"), StoredFile("/b"), StoredFile("/c", "1"), StoredFile("/d", "1")))
    assert told(one, other) == [("/a", "file-changed"), ("/b", "file-missing"), ("/c", "file-not-in-generation")]
    assert all(found.file for found in differences.differences(one, other))


@pytest.mark.parametrize(
    ("events", "number"),
    [(sample.whole(), sample.PLAN.after), (sample.committed(), 0), (sample.looked(), 0)],
)
def test_what_a_run_has_left_running(events: list[object], number: int) -> None:
    assert differences.left_running([fold(events, RunState())]) == number  # type: ignore[arg-type]
