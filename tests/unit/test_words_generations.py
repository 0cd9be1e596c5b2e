"""How generations are told apart in a list."""

from __future__ import annotations

import random

import pytest

import sample_run as sample
from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.model.terms import Difference, Reach
from ws9tui.problems.plan import ImageChanged, NotInGeneration
from ws9tui.problems.run import ContainerMissing, FileChanged, IsRunning
from ws9tui.words import generations
from ws9tui.words.text import width


def found(number: int, version: str = "", image: str = "", *differences: Difference, **more: object) -> GenerationFound:
    moved = ImageChanged(old="a", new="a", old_id="", new_id=image, old_version="", new_version=version)
    return GenerationFound(
        number=number,
        created_at=sample.AT,
        services={"app": version} if version else {},
        image_ids={"app": image} if image else {},
        differences=(*([Difference("app", moved)] if version else []), *differences),
        **more,  # type: ignore[arg-type]
    )


def test_two_images_of_one_version_are_told_apart() -> None:
    entries = [found(1, "latest", "sha256:aaa"), found(2, "latest", "sha256:bbb"), found(3, "2.0", "sha256:ccc")]
    assert generations.differing(entries) == {1: "app latest (aaa)", 2: "app latest (bbb)", 3: "app 2.0"}


def test_what_goes_and_comes_is_told_in_few_words() -> None:
    entry = found(
        1,
        "1.0",
        "a",
        Difference("cache", NotInGeneration()),
        Difference("db", ContainerMissing(service="db")),
        Difference("cron", IsRunning(service="cron")),
        Difference("/srv/a/.env", FileChanged(file="/srv/a/.env"), file=True),
        Difference("/srv/b/.env", FileChanged(file="/srv/b/.env"), file=True),
    )
    told = "app 1.0; with db; without cache; cron stopped; /srv/a/.env and /srv/b/.env"
    assert generations.differing([entry]) == {1: told}


@pytest.mark.parametrize("columns", [8, 13, 24])
def test_cut_texts_that_differ_stay_different(columns: int) -> None:
    chance = random.Random(columns)
    for _ in range(500):
        texts = list({"".join(chance.choice("ab版") for _ in range(chance.randint(1, 60))) for _ in range(5)})
        cut = generations.apart(texts, columns)
        assert len(set(cut)) == len(texts), texts
        assert all(width(text) <= columns for text in cut)


def test_a_cut_shows_where_versions_part() -> None:
    texts = ["db mariadb-10.11.6-debian-12-r1", "db mariadb-10.11.6-debian-12-r2"]
    assert generations.apart(texts, 16) == ["db ma…bian-12-r1", "db ma…bian-12-r2"]
    assert generations.apart(["db 1", "db 2"], 16) == ["db 1", "db 2"]


def test_a_list_starts_on_the_one_before() -> None:
    newest, before, older = found(5, runs=True), found(3, previous=True), found(4)
    assert generations.start([newest, before, older]) == 3
    gone = found(3, previous=True, reach=Reach.GONE)
    assert generations.start([newest, gone, older, found(2)]) == 4
    assert generations.start([newest, gone]) == 0
    assert generations.start([found(1, runs=True), found(2)]) == 2
    assert generations.start([]) == 0
