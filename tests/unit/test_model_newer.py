"""Which tags are newer: those of the same shape, by their numbers; nothing is newer than a tag that moves."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ws9tui.core.model import newer
from ws9tui.core.model.newer import MOST, Newer


def found(tag: str, text: str) -> tuple[str, ...]:
    return newer.newer(tag, text.split()).tags


@pytest.mark.parametrize(
    ("tag", "tags", "expected"),
    [
        ("1.0", "1.0 1.1 2.0 latest", "1.1 2.0"),
        ("1.9", "1.10 1.8 1.9 2.0 10.0", "1.10 2.0 10.0"),
        ("1.0", "0.9 1.0", ""),
        ("16.4", "16 16.5 16.5.1 17 17.0 17.1 17.1-alpine 18rc1", "16.5 17.0 17.1"),
        ("16", "15 16 17 16.4 17.1 18rc1 20260801 2026", "17"),
        ("31.0.2-apache", "31.0.3 31.0.3-apache 32.0.0-fpm 32.0.0-apache", "31.0.3-apache 32.0.0-apache"),
        ("31.0.2-apache", "31.0.3-apache2 31.0.3-xapache", ""),
        ("8-alpine3.20", "8-alpine3.20 8-alpine3.21 9-alpine3.21 9 9-alpine 9-debian12", "8-alpine3.21 9-alpine3.21"),
        ("8-alpine3.20", "8-alpine3.9 9-alpine3.9", "9-alpine3.9"),
        ("8-alpine3.20", "9-alpine3.19 9-alpine3.20 9-alpine3.21", "9-alpine3.20 9-alpine3.21"),
        ("v1.2", "v1.3 1.2 v1.10 version-2", "v1.3 v1.10"),
        ("v1.2", "1.2 1.3 v1.3 1.4", "v1.3 1.4"),
        ("1.2", "v1.2 v1.3", "v1.3"),
        ("2026.08", "2026.07 2026.8 2026.09 2026.10 2027.01 3.0", "2026.09 2026.10 2027.01"),
        ("3.0", "2026.08 20260801 4.0", "4.0"),
        ("3", "20260801 1700000000 4 2026", "4"),
        ("9998", "9999 10001", "9999 10001"),
        ("20260801", "20260802 5 20260802-slim", "20260802"),
        (
            "RELEASE.2026-05-01T00-00-00Z",
            "RELEASE.2026-06-01T12-00-00Z RELEASE.2026-06-01T12-00-00Z.fips RELEASE.2025-06-01T00-00-00Z edge",
            "RELEASE.2026-06-01T12-00-00Z",
        ),
        ("1.2.3-debian-12-r5", "1.2.3-debian-12-r9 1.3.0-debian-12-r0", "1.2.3-debian-12-r9 1.3.0-debian-12-r0"),
        ("1.2.3-ls45", "1.2.3-ls46 1.2.4-ls2", "1.2.3-ls46 1.2.4-ls2"),
        ("6.5-php8.2-apache", "6.6-php8.2-apache 6.6-php8.3-apache 6.6-apache", "6.6-php8.2-apache"),
        ("2.15-pg16", "2.16-pg16 2.16-pg17", "2.16-pg16"),
        ("16-3.5", "16-3.6 17-3.5 17-3.5-alpine", "16-3.6 17-3.5"),
        ("alpine3.20", "alpine3.21 alpine", "alpine3.21"),
        ("k8s-1.29", "k8s-1.30 k9s-1.30", "k8s-1.30"),
        ("stable-20260101", "stable-20260201 stable", "stable-20260201"),
        ("1.0-amd64", "1.1-amd64 1.1-arm64 1.1-arm64v8", "1.1-amd64"),
        ("1.0", "1.1-abcdef1 1.1-SNAPSHOT 1.1.dev0 1.1_1", ""),
        ("1.1.1w", "1.1.1x 3.0.0w", "3.0.0w"),
        ("0.2.6", "0.2.7 0.2.8", "0.2.7 0.2.8"),
    ],
)
def test_tags_of_the_same_shape_in_order(tag: str, tags: str, expected: str) -> None:
    assert found(tag, tags) == tuple(expected.split())
    assert newer.comparable(tag)


@pytest.mark.parametrize(
    ("tag", "tags", "expected", "candidates"),
    [
        ("1.0", "1.1 2.0-rc1 2.0-beta.2 1.1-rc1", "1.1", "2.0-beta.2 2.0-rc1"),
        ("1.0", "1.0-rc2 2.0-rc1 2.0", "2.0", ""),
        ("16.4", "17rc1 17beta1 17.1rc1 17.1-rc.2", "", "17.1rc1 17.1-rc.2"),
        (
            "3.13.0-slim",
            "3.14.0a1-slim 3.14.0b1-slim 3.14.0rc2 3.13.1-slim",
            "3.13.1-slim",
            "3.14.0a1-slim 3.14.0b1-slim",
        ),
        ("2.0-rc1", "2.0-rc2 2.0-rc10 2.0-beta3 2.0 2.1-alpha1 1.9", "2.0 2.1-alpha1", ""),
        ("2.0-rc1", "2.0-rc2 2.0-rc10", "2.0-rc2 2.0-rc10", ""),
        ("1.0", "1.1-alpine 1.1-bookworm 1.1-management", "", ""),
        ("8.0-alpine", "8.2-alpine-rc1 8.1-alpine 8.3-rc1-alpine", "8.1-alpine", "8.2-alpine-rc1 8.3-rc1-alpine"),
    ],
)
def test_candidates_stand_apart(tag: str, tags: str, expected: str, candidates: str) -> None:
    said = newer.newer(tag, tags.split())
    assert said.tags == tuple(expected.split())
    assert said.candidates == tuple(candidates.split())


@pytest.mark.parametrize(
    "tag",
    ["latest", "lts", "edge", "stable", "lts-jdk", "latest-alpine3.20", "lts-jdk17", "stable-alpine3.20", "", "main"],
)
def test_what_moves_has_nothing_newer(tag: str) -> None:
    assert newer.moves(tag)
    assert not newer.comparable(tag)
    assert newer.newer(tag, ["1.0", "2.0", "lts-jdk21", "stable-alpine3.21"]) == Newer()


@pytest.mark.parametrize("tag", ["sha-1a2b3c4", "1a2b3c4d", "main-3f2a1bc", "1.0-g3f2a1bc", "1" * 30])
def test_a_commit_is_no_version(tag: str) -> None:
    assert not newer.moves(tag)
    assert not newer.comparable(tag)
    assert newer.newer(tag, ["sha-2a2b3c4", "2a2b3c4d", "2.0", "2" * 30]) == Newer()


def test_of_many_the_nearest_and_the_newest_are_kept() -> None:
    tags = [f"{major}.{minor}" for major in range(1, 10) for minor in range(100)]
    random.Random(7).shuffle(tags)
    said = newer.newer("1.20", tags)
    assert said.count == 79 + 800
    assert len(said.tags) == MOST
    assert said.tags[:20] == tuple(f"1.{minor}" for minor in range(80, 100))
    assert said.tags[-20:] == tuple(f"9.{minor}" for minor in range(80, 100))
    assert newer.telling("1.20", said.tags) == ("1.99", "9.99")
    assert newer.telling("1.0", ("1.1", "1.2", "2.0")) == ("1.1", "1.2", "2.0")
    assert newer.telling("1.0", ("2.1", "2.2", "2.3", "3.0")) == ("3.0",)


VERSIONS = st.lists(st.integers(0, 12), min_size=1, max_size=4)
SHAPES = st.sampled_from(["{}", "v{}", "{}-apache", "{}-alpine3.20", "app-{}", "RELEASE.{}Z"])


@given(SHAPES, VERSIONS, VERSIONS)
def test_numbers_are_compared_as_numbers(shape: str, one: list[int], other: list[int]) -> None:
    mine, theirs = (shape.format(".".join(map(str, numbers))) for numbers in (one, other))
    assert newer.newer(mine, [theirs]).tags == ((theirs,) if len(one) == len(other) and other > one else ())


TAGS = st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}\Z") | st.builds(
    "{}{}.{}{}".format,
    st.sampled_from(["", "v", "r-"]),
    st.integers(0, 30),
    st.integers(0, 30),
    st.sampled_from(["", "-rc1", "-rc2", "b1", "-alpine3.20", "-alpine3.21", "-apache", "-r3", ".0"]),
)


@example("0.0-rc1", ["0.0", "0.1-rc1"], random.Random(0))  # whoever runs a candidate is told of later ones
@given(TAGS, st.lists(TAGS, max_size=30), st.randoms())
def test_whatever_the_tags_are(tag: str, tags: list[str], order: random.Random) -> None:
    said = newer.newer(tag, tags)
    assert set(said.tags) <= set(tags) - {tag}
    assert set(said.candidates) <= set(tags) - set(said.tags)
    assert said.count >= len(said.tags)
    assert bool(said.count) == bool(said.tags)
    shuffled = list(tags)
    order.shuffle(shuffled)
    assert newer.newer(tag, shuffled) == said
    for one in said.tags:
        assert tag not in newer.newer(one, [tag]).tags
    for one, next_one in pairwise(said.tags):
        after = newer.newer(one, [next_one])
        assert next_one in (*after.tags, *after.candidates)
    mine = newer._parsed(tag)
    if said.tags and mine and mine.released:  # then all of them are
        assert list(said.tags) == [said.tags[0], *newer.newer(said.tags[0], said.tags[1:]).tags]
