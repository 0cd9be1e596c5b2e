"""The translations: whole, up to date, and as long as there is room."""

from __future__ import annotations

import gettext
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

import catalogue
import screenshots
from ws9tui.cli import main
from ws9tui.simulation.scenarios import SCENARIOS
from ws9tui.words import language, scenarios
from ws9tui.words.template import gaps
from ws9tui.words.text import width

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message

LANGUAGES = [name for name in language.available() if name != language.ENGLISH]
CHINESE = "zh_CN"
_LINE = 80
_KEY = 10
"""columns of a key's label"""
_COLUMN = 8
"""columns that a table's title may have in any language"""


def read(name: str) -> Catalog:
    """Return a language's catalogue."""
    with path(name).open("rb") as file:
        return read_po(file, locale=name)


def path(name: str) -> Path:
    return language.FOLDER / name / "LC_MESSAGES" / f"{language.DOMAIN}.po"


def forms(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a message is in English, and in the language."""
    one = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    said = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return one, said


@pytest.fixture
def chinese() -> Iterator[None]:
    language.choose({"LANG": "zh_CN.UTF-8"})
    yield
    language.choose({})


def test_there_is_chinese() -> None:
    assert CHINESE in LANGUAGES


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_message_is_translated_with_all_its_gaps(name: str) -> None:
    """Bring it up to date with tests/catalogue.py LANGUAGE, and translate what is empty or fuzzy."""
    found = {(message.context, forms(message)[0]): message for message in read(name) if message.id}
    wanted = {(message.context, forms(message)[0]) for message in catalogue.template() if message.id}
    assert wanted - found.keys() == set()
    assert found.keys() - wanted == set(), "messages that nobody says any more"
    wrong = []
    for message in found.values():
        english, said = forms(message)
        taken = set[str]().union(*map(gaps, english)) if "%" not in english[0] else set[str]()
        lacking = [taken - gaps(form) - {"count"} for form in said if "%" not in english[0]]
        if message.fuzzy or not all(said) or any(lacking):
            wrong.append((english[0], said))
    assert wrong == []


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_the_program_reads_is_made_of_it(name: str) -> None:
    with path(name).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in read(name):
        english, said = forms(message)
        if message.id and len(english) == 1:
            context = message.context
            assert (compiled.pgettext(context, english[0]) if context else compiled.gettext(english[0])) == said[0]
        elif message.id:
            assert compiled.ngettext(english[0], english[1], 5) == said[-1]


@pytest.mark.parametrize("name", LANGUAGES)
def test_labels_fit(name: str) -> None:
    long = []
    for message in read(name):
        english, said = forms(message)
        room = {"key": _KEY, "a column": _COLUMN}.get(message.context or "", 0)
        if room and width(said[0]) > max(room, width(english[0])):
            long.append((english[0], said[0]))
    assert long == []


@pytest.mark.parametrize(("asked", "words"), [("en", "[a-z] "), ("zh_CN", "[\u4e00-\u9fff]")])
def test_each_scenario_of_the_demo_is_told_within_a_line(
    asked: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scenarios.SUMMARIES.keys() == SCENARIOS.keys()
    try:
        assert main.run(["demo", "--list", "--lang", asked]) == 0
    finally:
        language.choose({})
    told = capsys.readouterr().out.splitlines()
    assert [line.partition(" ")[0] for line in told] == list(SCENARIOS)
    assert [line for line in told if width(line) > _LINE or not re.search(words, line)] == []


@pytest.mark.sample(20, reason="each case is another screen of the same panes")
@pytest.mark.parametrize("name", screenshots.SHOTS)
@pytest.mark.usefixtures("chinese")
async def test_every_screen_has_room_for_it(name: str) -> None:
    """What the English screen says in whole words is not cut in Chinese, and the key line keeps its first key."""
    shot = screenshots.SHOTS[name]
    text, _ = await screenshots.take(shot)
    assert all(width(line) <= shot.size[0] for line in text.splitlines())
    assert re.search("[\u4e00-\u9fff]", text.splitlines()[-1]), "the keys"
