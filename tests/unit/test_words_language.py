"""All that is read comes from one catalogue: every message is in it, and none is put together outside it.

The proof is a language that nobody speaks: each message stands in «guillemets» and its letters have accents, so that
plain English on a screen can only come from a journal.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path

import msgspec
import pytest
from babel.messages.pofile import read_po

import catalogue
import recordings
import screenshots
from catalogue import Found, messages
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import fold
from ws9tui.core.model.terms import Actor, Choice, Finding, Level, Outcome, Question
from ws9tui.problems.archive import ArchiveDamaged
from ws9tui.problems.reasons_files import MemberMissing
from ws9tui.words import (
    blocks,
    commands,
    help,  # noqa: A004
    history,
    labels,
    language,
    lines,
    outcome,
    phrases,
    plan,
    problems,
    safety,
)
from ws9tui.words.template import commands_in, gaps, say

NOBODYS = "eo"
"""a language whose plurals are as those of English"""


PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


ACCENTED = "åƀçđéƒğħîĵķļɱñöþǫŕšţüṽŵẋýžÅƁÇĐÉƑĞĦÎĴĶĻṀÑÖÞǪŔŠŢÜṼŴẊÝŽ"


_ACCENTS = str.maketrans(PLAIN, ACCENTED)


_STRUCTURE = re.compile(r"(\{\w+(?::\w+)?\}|<[a-z-]+>|%\(\w+\)[sr]|%[sr])")


def pseudo(message: str) -> str:
    """A message in the language that nobody speaks: its gaps and parts stay as they are."""
    parts = _STRUCTURE.split(message)
    said = "".join(part if number % 2 else part.translate(_ACCENTS) for number, part in enumerate(parts))
    return f"«{said}»"


@pytest.fixture(scope="module")
def locale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the catalogue of that language."""
    folder = tmp_path_factory.mktemp("locale")
    made = catalogue.template()
    made.locale = NOBODYS
    for message in made:
        if message.id:
            forms = tuple(map(pseudo, [message.id] if isinstance(message.id, str) else message.id))
            message.string = forms if len(forms) > 1 else forms[0]
    made.fuzzy = False
    path = folder / NOBODYS / "LC_MESSAGES"
    path.mkdir(parents=True)
    catalogue.save(made, path / "ws9tui.po")
    return folder


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    language.choose({})


@pytest.fixture
def nobodys(locale: Path) -> None:
    language.choose({"LANG": f"{NOBODYS}.UTF-8"}, locale)


# --- the catalogue --------------------------------------------------------------------------------------------


def test_every_message_is_written_down_where_it_can_be_found() -> None:
    """Else the catalogue's maker raises an error; there are many, so none of its keywords is forgotten."""
    found = list(messages())
    assert len(found) > 1500
    files = {Path(message.file).name for message in found}
    assert files >= {"lines.py", "texts_plan.py", "forms.py", "command_help.py"}


def test_every_problem_is_in_the_catalogue() -> None:
    from ws9tui.words.problems import WORDINGS  # noqa: PLC0415

    found = {message.text for message in messages()}
    assert {part for wording in WORDINGS.values() for part in wording if part} <= found


def test_a_catalogue_can_be_begun_and_brought_up_to_date(tmp_path: Path) -> None:
    catalogue.update("zh_CN", tmp_path)
    path = tmp_path / "zh_CN" / "LC_MESSAGES" / "ws9tui.po"
    begun = path.read_text("utf-8")
    message = 'msgid "Nothing was changed."\nmsgstr "'
    assert f'{message}"' in begun
    path.write_text(begun.replace(message, f"{message}没有任何更改。"), "utf-8")
    catalogue.update("zh_CN", tmp_path)
    language.choose({"LC_ALL": "zh_CN.UTF-8"}, tmp_path)
    assert say("Nothing was changed.") == "没有任何更改。"
    assert say("Nothing has been changed.") == "Nothing has been changed."
    language.choose({})
    assert say("Nothing was changed.") == "Nothing was changed."


@pytest.mark.parametrize(
    "environment",
    [
        *(
            {},
            {"LANG": "C.UTF-8"},
            {"LANG": "en_GB.UTF-8"},
            {"LANGUAGE": f"en:{NOBODYS}"},
            {"LANG": "tlh"},
            {"LANG": ""},
        ),
        {"LC_ALL": "C.UTF-8", "LANGUAGE": NOBODYS},
        {"LC_ALL": "en_US.UTF-8", "LANG": NOBODYS},
    ],
)
def test_english_needs_no_catalogue(environment: dict[str, str], locale: Path) -> None:
    language.choose(environment, locale)
    assert say("Nothing was changed.") == "Nothing was changed."


@pytest.fixture
def chinese(locale: Path, tmp_path: Path) -> Path:
    """A folder with a catalogue of Chinese, whatever stands in it."""
    shutil.copytree(locale / NOBODYS, tmp_path / "zh_CN")
    return tmp_path


@pytest.mark.parametrize(
    ("environment", "asked", "translated"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "", True),
        ({"LANG": "zh_CN.UTF-8", "TERM": "linux"}, "", False),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, "zh_CN", True),
        ({"LANG": "zh_CN.UTF-8"}, "en", False),
    ],
)
def test_the_language_that_was_asked_for_comes_first_and_a_console_shows_no_chinese(
    environment: dict[str, str], asked: str, *, translated: bool, chinese: Path
) -> None:
    language.choose(environment, chinese, asked=asked)
    message = "Nothing was changed."
    assert say(message) == (pseudo(message) if translated else message)


def test_a_language_is_known_however_it_is_written(chinese: Path) -> None:
    for name in ("zh", "zh-cn", "zh_CN.UTF-8", "ZH_cn@pinyin"):
        assert language.meant(name, chinese) == "zh_CN"
    assert {language.meant(name, chinese) for name in ("EN", "en_GB", "en-gb.UTF-8")} == {"en"}
    assert language.meant("zh_TW", chinese) == ""


def wrong(found: Found, *translations: str) -> Iterator[str]:
    """What a translation does that its message does not allow."""
    taken = gaps(found.text) | gaps(found.many)
    for translation in translations:
        if gaps(translation) - taken - {"count"} or set(commands_in(translation)) != set(commands_in(found.text)):
            yield f"{found.text} → {translation}"


def test_translations_have_the_gaps_of_their_messages() -> None:
    by_key = {(found.context or None, found.text): found for found in messages() if "%" not in found.text}
    for file in language.FOLDER.glob("*/LC_MESSAGES/ws9tui.po"):
        with file.open("rb") as opened:
            for message in read_po(opened):
                one = message.id if isinstance(message.id, str) else message.id[0]
                strings = (message.string,) if isinstance(message.string, str) else message.string or ()
                if known := by_key.get((message.context, one)):
                    assert list(wrong(known, *filter(None, strings))) == [], file


CUT = ArchiveDamaged(path="/srv/a.tar", reason=MemberMissing(member="index.json"))


@pytest.mark.usefixtures("nobodys")
def test_reasons_are_told_in_the_readers_language_and_to_scripts_in_english() -> None:
    assert "«index.json îš ɱîššîñğ»" in problems.title(CUT)
    assert problems.spoken(CUT)["reason"] == "index.json is missing"
    assert "«index.json îš ɱîššîñğ»" in problems.title(CUT)
    foreign = CUT.replace(reason="what an engine says")
    assert "what an engine says" in problems.title(foreign)


@pytest.mark.usefixtures("nobodys")
def test_whence_somebody_came_is_told_in_the_readers_language() -> None:
    scripts = "ssh from 10.0.0.7, /dev/pts/0"
    who = Actor("anna", scripts, "10.0.0.7", "/dev/pts/0")
    assert phrases.actor(who) == f"«anna ({pseudo('ssh from')[:-1]} 10.0.0.7, /dev/pts/0»)»"
    with language.in_english():
        assert phrases.actor(who) == f"anna ({scripts})" == phrases.actor(Actor("anna", scripts))


def test_a_journal_of_one_language_is_read_in_another(locale: Path) -> None:
    written = e.encode(e.Found(finding=Finding(Level.BLOCKING, CUT)))
    assert b"missing" not in written.replace(b"member-missing", b"")
    language.choose({"LANG": f"{NOBODYS}.UTF-8"}, locale)
    read = e.decode(written)
    assert isinstance(read, e.Found)
    assert problems.title(read.finding.problem) == problems.title(CUT)
    assert "ɱîššîñğ" in problems.title(read.finding.problem)
    language.choose({})
    assert problems.title(CUT) == "The archive /srv/a.tar is damaged: index.json is missing."


# --- nothing escapes it ---------------------------------------------------------------------------------------

_WORD = re.compile(r"(?<![\w«…])[A-Za-z]{3,}(?![\w»…])")


_NAMES = "ws9tui docker compose hub enter esc space home end pgup pgdn yml var lib logs runs"


def facts(value: object) -> set[str]:
    """Every word that stands in a journal, but for the words of the program itself: codes of kinds and states."""
    if isinstance(value, Enum):
        return set()
    if isinstance(value, msgspec.Struct):
        value = tuple(getattr(value, name) for name in value.__struct_fields__)
    if isinstance(value, dict):
        value = (*value.keys(), *value.values())
    if isinstance(value, tuple | list):
        return set[str]().union(*map(facts, value))
    return set(re.findall(r"[a-z]+", str(value).lower()))


def escaped(told: Iterable[str], known: set[str]) -> list[str]:
    """Lines with a word that is neither of the language nor of the journal, nor of a command."""
    commanded = {word for one in commands.COMMANDS.values() for word in (*one.words, getattr(one, "verb", ""))}
    allowed = {*known, *_NAMES.split(), *(part for word in commanded for part in re.findall("[a-z]+", word.lower()))}
    found = []
    for text in told:
        left = {word for word in _WORD.findall(re.sub(r"'[^']*'|`[^`]*`", "", text)) if word.lower() not in allowed}
        if left:
            found.append(f"{sorted(left)}: {text}")
    return found


def composed(told: Iterable[str]) -> list[str]:
    """Lines of which two messages are put together by what no catalogue has: a comma, a colon, a word."""
    found = []
    for text in told:
        outside, depth = "", 0
        for character in text:
            depth += (character == "«") - (character == "»")
            outside += "M" if character == "»" and not depth else "" if depth else character
        if re.search(r"M[,;:.]? ?(\w+ )?M", outside.replace("M M", "").replace("MM", "")):
            found.append(text)
    return found


def told_of(events: list[e.Event]) -> list[str]:
    """All that is said of a run outside the panes."""
    state = fold(events)
    told = [text for event in events if (text := lines.line(event))]
    told += [line.text for line in plan.lines(state.plan)] if state.plan else []
    told += [safety.line(state), safety.line(state, died=True), help.text(state.phase)]
    told += blocks.plain(history.overview("shop", [(state, True)], []))
    for ending in Outcome:
        finished = e.Finished(outcome=ending)
        told += [outcome.message(finished, state), outcome.ended(finished, state)]
    return told


@pytest.mark.parametrize("name", recordings.MOMENTS)
@pytest.mark.usefixtures("nobodys")
def test_no_english_escapes_in_what_is_told(name: str) -> None:
    events = recordings.Story(name).events
    told = told_of(events)
    assert escaped(told, facts(events)) == []
    assert composed(told) == []


SCREENS = [*("04-images", "09-pull-trouble", "13-versions-refused", "15-confirm-yes", "19-failed", "22-needs-recovery")]


SCREENS += ("24-recovery", "27-help", "28-leave", "34-generation-gone", "35-release", "41-install-form-large")


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.usefixtures("nobodys")
async def test_no_english_escapes_onto_a_screen(name: str) -> None:
    shot = screenshots.SHOTS[name]
    text, _ = await screenshots.take(shot)
    assert escaped(text.splitlines(), facts(recordings.Story(shot.moment).events)) == []


@pytest.mark.usefixtures("nobodys")
def test_no_english_escapes_in_questions_and_help() -> None:
    told = [labels.QUESTIONS[question]() for question in Question]
    told += [labels.choice(question, choice) for question in Question for choice in Choice]
    told += [labels.consequence(question, choice) for question in Question for choice in Choice]
    assert escaped(told, set()) == []
