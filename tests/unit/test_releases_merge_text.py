"""Three-way merge of a Compose file's lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws9tui.core.releases import merge_text

OLD = "services:\n  a:\n    image: a:$A\n    ports: [80:80]\n  b:\n    image: b:$B\n"
NEW = (
    "services:\n  a:\n    image: a:$A\n    ports: [80:80]\n    init: true\n  b:\n    image: b:$B\n  c:\n    image: c\n"
)


def test_an_unchanged_file_is_replaced_whatever_its_line_ends() -> None:
    merged = merge_text.merge(OLD, NEW, OLD.replace("\n", "\r\n").removesuffix("\r\n"))
    assert merged.unchanged
    assert merged.text == NEW


def test_changes_in_other_places_are_put_together_in_the_operators_line_ends() -> None:
    ours = OLD.replace("image: b:$B", "image: mine/b:$B").replace("services:", "# mine\nservices:")
    merged = merge_text.merge(OLD, NEW.replace("init: true", "init: yes"), ours.replace("\n", "\r\n"))
    assert merged.text is None  # the new service stands right below the line that the operator changed
    ours = OLD.replace("image: a:$A", "image: mine/a:$A")
    merged = merge_text.merge(OLD, NEW, ours.replace("\n", "\r\n"))
    assert merged.text == NEW.replace("image: a:$A", "image: mine/a:$A").replace("\n", "\r\n")


def test_without_the_old_release_every_difference_is_asked() -> None:
    merged = merge_text.merge(None, NEW, OLD)
    assert merged.text is None
    assert not merged.unchanged
    assert merge_text.merge(None, NEW, NEW).text == NEW


@pytest.mark.parametrize(
    ("old", "new", "ours", "text"),
    [
        ("a\nb\nc", "a\nc", "a\nb\nc\nd", "a\nc\nd"),
        ("a\nb\n", "a\nx\n", "a\nx\n", "a\nx\n"),
        ("a\nb\n", "a\n", "", None),
        ("", "a\n", "b\n", None),
        ("a\n", "a\nb\n", "c\r\na", "c\r\na\r\nb\r\n"),
        ("a\u2028b\nc\n", "a\u2028b\nd\n", "x\na\u2028b\nc\n", "x\na\u2028b\nd\n"),
    ],
)
def test_small_ones(old: str, new: str, ours: str, text: str | None) -> None:
    assert merge_text.merge(old, new, ours).text == text


TEXTS = st.lists(st.sampled_from(("a", "b", "c", "")), max_size=8).map(lambda lines: "".join(f"{x}\n" for x in lines))


@given(TEXTS, TEXTS)
def test_who_changed_nothing_decides_nothing(old: str, other: str) -> None:
    assert merge_text.merge(old, other, old).text == other
    assert merge_text.merge(old, old, other).text == other
    assert merge_text.merge(old, other, other).text == other
