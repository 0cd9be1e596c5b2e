"""The README and its translation: whoever changes one learns from here what the other lacks."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORIGINAL, TRANSLATION = "README.md", "README.zh-CN.md"
LANGUAGES = "[English](README.md) | [简体中文](README.zh-CN.md)"

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"\s+# .*")
# what is the same in every language, wherever in its paragraph it stands
PATTERNS = {
    "flags": r"(?<![\w-])--[a-z][a-z-]*",
    "headings": r"^#+(?= )",
    "items of lists": r"^(?:-|\d+\.)(?= )",
    "code": r"`[^`\n]+`",
    "links": r"(?<!!)\[[^\]]*(\]\([^)]+\))",
    "pictures": r"!\[[^\]]*\]\(screenshots/\d+-([a-z]+)",
}


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def prose(name: str) -> str:
    """All but the fenced blocks, each paragraph in one line: code may be broken at the end of a line."""
    return re.sub(r"(?<=\S)\n *(?=[^\s|#*\-\d])", " ", FENCED.sub("", text(name)))


def fenced(name: str, *languages: str) -> list[str]:
    """The blocks of these languages, without their comments."""
    return [COMMENT.sub("", block) for language, block in FENCED.findall(text(name)) if language in languages]


@pytest.mark.parametrize("what", PATTERNS)
def test_the_translation_has_what_the_readme_has(what: str) -> None:
    found, original = (
        Counter(re.findall(PATTERNS[what], prose(name), re.MULTILINE)) for name in (TRANSLATION, ORIGINAL)
    )
    assert original
    assert found == original, f"lacks {dict(original - found)}, has besides {dict(found - original)}"


def test_each_section_of_the_translation_has_as_many_rows_and_blocks() -> None:
    found, original = (
        [(part.count("\n|"), len(FENCED.findall(part))) for part in re.split(r"^#+ ", text(name), flags=re.MULTILINE)]
        for name in (TRANSLATION, ORIGINAL)
    )
    assert found == original


def test_what_is_typed_is_the_same() -> None:
    found, original = (fenced(name, "sh", "yaml", "json") for name in (TRANSLATION, ORIGINAL))
    assert found == original


def test_the_list_of_commands_is_the_same_but_for_what_they_do() -> None:
    found, original = (
        re.findall(r"^ws9tui \S*|--[a-z-]+", "".join(fenced(name, "")), re.MULTILINE)
        for name in (TRANSLATION, ORIGINAL)
    )
    assert original
    assert found == original


def test_each_names_the_other() -> None:
    for name in (ORIGINAL, TRANSLATION):
        assert text(name).splitlines()[2] == LANGUAGES
