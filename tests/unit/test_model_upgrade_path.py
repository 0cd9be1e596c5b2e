"""Ranges of versions: what lies in one, what does not, what cannot be told, and which tag lies in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws9tui.core.model import upgrade_path


@pytest.mark.parametrize(
    ("text", "running", "fits"),
    [
        (">=2.2 <3", "2.2", True),
        (">=2.2 <3", "v2.2.0", True),
        (">=2.2,<3", "2.99.1-alpine", True),
        (">= 2.2, < 3", "2.10", True),
        (">=2.2 <3", "2.1.9", False),
        (">=2.2 <3", "3", False),
        (">=2.2 <3", "3.0-rc1", False),
        (">=2.2 <3", "3.0.0-beta.2", False),
        ("<3.0-rc2", "3.0-rc1", True),
        (">=3", "3.0-rc1", False),
        (">=2.2 <3", "2", None),
        (">=2.2 <3", "4", False),
        (">=2.2.5", "2.2", None),
        (">=2.2 <3", "latest", None),
        (">=2.2 <3", "", None),
        ("2.3", "2.3.5", True),
        ("=2.3", "2.4", False),
        ("==2.3 !=2.3.4", "2.3.4", False),
        ("==2.3 !=2.3.4", "2.3.5", True),
        (">2.2", "2.2", False),
        (">2.2", "2.2.1", True),
        ("<=2.2", "2.2.0", True),
        ("<=2.2", "2.2.1", False),
    ],
)
def test_what_lies_in_a_range(text: str, running: str, fits: bool | None) -> None:
    assert upgrade_path.parse(text)
    assert upgrade_path.within(text, running) is fits


@pytest.mark.parametrize(
    "text", ["", "  ", "latest", ">=", ">=2 <", "2 and 3", ">2 || <1", "=>2", "><2", ">=2.x", "!", ","]
)
def test_texts_that_are_no_range(text: str) -> None:
    assert upgrade_path.parse(text) == ()


@given(st.text(alphabet="<>=!, .v0123456789-rcab\n", max_size=60), st.text(max_size=20))
def test_any_text_is_a_range_or_none(text: str, running: str) -> None:
    if not upgrade_path.parse(text):
        assert upgrade_path.within(text, running) is None


TAGS = ("2", "2.2", "2.9", "2.9.4", "v2.9.4", "2.10.1", "2.10.2-alpine", "2.11-rc1", "3.0", "latest", "nightly", "1.9")


@pytest.mark.parametrize(
    ("like", "after", "step"),
    [
        ("3.0", "1.0", "2.10.1"),
        ("3.0-alpine", "1.0", "2.10.2-alpine"),
        ("3.0-slim", "1.0", ""),
        ("3.0", "2.10.1", ""),
        ("3.0", "3.1", ""),
        ("latest", "1.0", ""),
        ("3.0", "", ""),
    ],
)
def test_the_step_between_is_the_newest_that_lies_there(like: str, after: str, step: str) -> None:
    assert upgrade_path.newest(">=2.2 <3", TAGS, like, after) == step


@pytest.mark.parametrize(
    ("text", "target", "step"),
    [
        (">=2.2 <3", "2.9", True),
        (">=2.2 <3", "2.1", False),
        (">=2.2 <3", "3.0", False),
        (">=2.2", "2.9", True),
        (">=2.2", "3.0", False),
        (">=2.2 !=3.0", "3.1", False),
        ("2.9", "2.9.4", True),
        (">=2.2", "latest", False),
        (">=2.2", "", False),
    ],
)
def test_what_is_a_step(text: str, target: str, step: bool) -> None:
    assert upgrade_path.is_step(text, target) is step


@pytest.mark.parametrize(
    ("text", "running", "beyond"),
    [
        (">=2.2 <3", "3.0.1", True),
        (">=2.2 <3", "2.1", False),
        (">=2.2 <3", "2.5", False),
        ("2.3", "2.4", True),
        ("2.3", "2.2", False),
        (">=2.2", "2.1", False),
        ("!=2.2", "2.2", False),
        (">=2.2 <3", "3.0-rc1", False),
        (">=2.2 <3", "new", False),
    ],
)
def test_what_is_newer_than_a_range(text: str, running: str, beyond: bool) -> None:
    assert upgrade_path.beyond(text, running) is beyond


def test_of_two_spellings_the_closest_is_named_and_the_one_that_is_used() -> None:
    assert upgrade_path.newest(">=2.2 <2.10", TAGS, "3.0", "1.0") == "2.9.4"
    assert upgrade_path.newest(">=2.2 <2.10", TAGS, "v3.0", "1.0") == "v2.9.4"
    assert upgrade_path.newest(">=2.2 <4", ("3", "3.0", "3.0.0"), "4.0", "1.0") == "3.0.0"
