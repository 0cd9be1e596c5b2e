"""Versions and durations: what is one, how two compare, and what proves what was expected."""

from __future__ import annotations

from itertools import combinations

import pytest

from ws9tui.core.model import durations, version

ORDERED = (
    "0.9",
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.1",
    "1.10",
    "2",
    "2.0.0.1",
    "16.4",
)


def parsed(text: str) -> version.Version:
    found = version.parse(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize(("older", "newer"), list(combinations(ORDERED, 2)))
def test_versions_compare_as_semantic_versioning_has_them(older: str, newer: str) -> None:
    assert parsed(older).compare(parsed(newer)) < 0
    assert parsed(newer).compare(parsed(older)) > 0
    assert parsed(older).compare(parsed(older)) == 0


def test_two_texts_are_compared_where_both_are_versions() -> None:
    def order(one: str, other: str) -> int:
        found = version.compare(one, other)
        assert found is not None
        return (found > 0) - (found < 0)

    assert order("2.2.10", "2.2.9") == 1
    assert order("2.3.4-rc.2", "2.3.4") == -1
    assert order("2.3.4-rc.10", "2.3.4-rc.9") == 1
    assert order("2.3.4", "2.3.4") == 0
    assert version.compare("latest", "2.3.4") is None


@pytest.mark.parametrize(
    ("one", "other"), [("1.2", "v1.2.0"), ("1.2.3+a", "1.2.3+b"), ("1.2-alpine", "1.2"), ("1", "1.0.0.0")]
)
def test_versions_of_equal_precedence(one: str, other: str) -> None:
    assert parsed(one).compare(parsed(other)) == 0


@pytest.mark.parametrize(
    ("text", "numbers", "prerelease", "variant"),
    [
        ("v2.2.17", (2, 2, 17), (), ""),
        (" 16.4 ", (16, 4), (), ""),
        ("16.4-alpine", (16, 4), (), "alpine"),
        ("16.4-alpine3.20", (16, 4), (), "alpine3.20"),
        ("16.4-bookworm", (16, 4), (), "bookworm"),
        ("3.13-management", (3, 13), (), "management"),
        ("1.2.3-apache", (1, 2, 3), (), "apache"),
        ("1.2.3-previewer", (1, 2, 3), (), "previewer"),
        ("1.0-rc1", (1, 0), ("rc1",), ""),
        ("1.0-RC.1", (1, 0), ("RC", "1"), ""),
        ("1.0-beta-2", (1, 0), ("beta-2",), ""),
        ("1.0-alpha.beta", (1, 0), ("alpha", "beta"), ""),
        ("8.4-rc1-alpine", (8, 4), ("rc1",), "alpine"),
        ("1.0-a1", (1, 0), ("a1",), ""),
        ("2024", (2024,), (), ""),
    ],
)
def test_the_parts_of_a_version(text: str, numbers: tuple[int, ...], prerelease: tuple[str, ...], variant: str) -> None:
    found = parsed(text)
    assert (found.numbers, found.prerelease, found.variant) == (numbers, prerelease, variant)
    assert str(found) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "latest", "stable", "a1b2c3d", "1234567", "20240801", "1.2.3.4.5.6", "1..2", "1.2-", "v", "\u0661.\u0662"],
)
def test_what_is_no_version(text: str) -> None:
    assert version.parse(text) is None


def test_a_hostile_label_costs_nothing() -> None:
    assert version.parse("1." + "9" * 5000) is None
    assert parsed("1-a" + "1" * 5000 + "x").prerelease == ()


@pytest.mark.parametrize(
    ("found", "expected", "proves"),
    [
        ("2.3.5", "2.3", True),
        ("2.3.5", "2.3.5", True),
        ("v2.3.5", "2.3.5", True),
        ("2.3", "2.3.0", True),
        ("2.3", "2.3.5", False),
        ("2.30", "2.3", False),
        ("2.3.5-rc1", "2.3.5", False),
        ("2.3.5", "2.3.5-rc1", False),
        ("2.3.5-rc1", "2.3.5-rc1", True),
        ("16.4", "16.4-alpine", True),
        ("16.4", "16.4-bookworm", True),
        ("16.4-alpine", "16.4", True),
        ("8.4-rc1", "8.4-rc1-alpine", True),
    ],
)
def test_what_a_version_proves(found: str, expected: str, *, proves: bool) -> None:
    assert parsed(found).proves(parsed(expected)) is proves


def test_the_version_that_labels_name() -> None:
    assert version.of_labels({"version": "1", "org.opencontainers.image.version": "2"}) == "2"
    assert version.of_labels({"version": " 1 ", "org.opencontainers.image.version": " "}) == "1"
    assert version.of_labels({"maintainer": "x"}) == ""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1m30s", 90),
        ("1h0m5s", 3605),
        ("24h0m0s", 86400),
        ("500ms", 0.5),
        ("1.5s", 1.5),
        ("10us", 1e-5),
        ("10µs", 1e-5),
        ("15", 15),
        ("0.5", 0.5),
        (" 2m ", 120),
        ("0", 0),
        ("0s", 0),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert durations.parse(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", " ", "s", "1x", "1m 30s", "-1s", "1h30", "1,5s", "s1", "1.s", "inf", "nan", "1e3"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"^"):
        durations.parse(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2024-01-01T00:00:00Z", 1704067200.0),
        ("2024-01-01T00:00:00.5Z", 1704067200.5),
        ("2024-01-01T00:00:00.123456789Z", 1704067200.123456),
        ("2024-01-01T01:00:00.123456789+01:00", 1704067200.123456),
        ("2023-12-31T18:30:00-05:30", 1704067200.0),
        ("", 0.0),
        ("yesterday", 0.0),
    ],
)
def test_times_of_engines(text: str, seconds: float) -> None:
    assert durations.unix_time(text) == seconds
