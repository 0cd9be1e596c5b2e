"""The pictures in screenshots/ show the panes as they are; else: python3 tests/screenshots.py."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator

import pytest

import screenshots

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", screenshots.SHOTS)
async def test_picture_is_current(name: str) -> None:
    text, _ = await screenshots.take(screenshots.SHOTS[name])
    assert text == (screenshots.FOLDER / f"{name}.txt").read_text("utf-8"), "run python3 tests/screenshots.py"


@pytest.mark.parametrize("name", screenshots.SHOTS)
def test_picture_and_text_say_the_same(name: str) -> None:
    svg = (screenshots.FOLDER / f"{name}.svg").read_text("utf-8")
    drawn = "".join(html.unescape(part) for part in re.findall(r"<text [^>]*>([^<]*)</text>", svg))
    text = (screenshots.FOLDER / f"{name}.txt").read_text("utf-8")
    for word in re.findall(r"[\w./:-]{4,}", text):
        assert word in drawn, word


def test_there_are_no_other_pictures() -> None:
    expected = {f"{name}.{kind}" for name in screenshots.SHOTS for kind in ("txt", "svg")}
    assert {file.name for file in screenshots.FOLDER.iterdir()} == expected
