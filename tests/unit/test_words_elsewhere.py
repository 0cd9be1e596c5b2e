"""No sentence stands outside the words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import ws9tui

PACKAGE = Path(ws9tui.__file__).parent


_WORD_OF_TEXT = re.compile(r"(?<!\S)[('\"]?[A-Za-z][A-Za-z']+[,.;:!?)'\"]*(?!\S)")


_MARKUP = re.compile(r"<[^<>]*>|\{\}")


_PATTERN = re.compile(r"[\\|]|\(\?")


_NO_TEXT = {
    "cli/completion_": "programs of shells",
    "cli/report_style.py": "CSS",
    "core/runs/install_hints.py": "commands",
    "simulation/": "scenarios have a story of their own",
    "words/": "the place for all that is said",
}
"""modules in which texts of several words are none that this program says"""


_CALLS = ("compile", "findall", "fullmatch", "search", "split", "startswith", "AssertionError", "TypeError")
"""their texts are looked for, or tell that the program itself is wrong"""


_NOT_SAID = {
    "what an engine, Compose or another program says, by which it is known": (
        "Already exists",
        "Download complete",
        "Pull complete",
        "Verifying Checksum",
        "administratively prohibited",
        "credentials not found",
        "read-only file system",
    ),
    "what other programs read": (
        "# Answers for ws9tui's install, by its flag --answers\n",
        "Backup point",
        "Compose file",
        "Data root",
        "Install path",
    ),
    "what scripts get, beside what is translated": ("ssh from {}",),
    "the worker's command line, which nobody types": (
        "file of its variables",
        "file of the simulated",
        "seconds after it",
        "type of the event",
    ),
    "names of products, tags and fields": (
        "Nginx Proxy Manager",
        "SQL Server",
        "\nabout accept",
        "alpine alma",
        "build hotfix",
        "mongo mongodb",
        "mysql mysql-server",
        "postgres postgresql",
        "redis redis-stack",
    ),
    "keys, flags and styles by their names": (
        "Block, Rows",
        "bold underline",
        "demo arguments",
        "history arguments",
        "install arguments",
        "restore arguments",
        "↑↓ PgUp",
    ),
}
"""beginnings of texts of several words that nobody reads as a sentence of this program, by why"""


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Texts of several words: no docstring, none that is compared or looked for, no pattern."""
    aside: set[int] = set()
    for node in ast.walk(tree):
        called = node.func if isinstance(node, ast.Call) else None
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            aside.add(id(node.value))
        elif isinstance(node, ast.Compare) or name in _CALLS:
            aside |= {id(part) for part in ast.walk(node)}
        elif isinstance(node, ast.JoinedStr):
            aside |= {id(part) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if (
            id(node) not in aside
            and not _PATTERN.search(text)
            and len(_WORD_OF_TEXT.findall(_MARKUP.sub(" ", text))) > 1
        ):
            yield node.lineno, text


def test_no_text_of_several_words_stands_outside_the_words() -> None:
    """What is to be said is a message of the words; reasons, too, are classes whose words stand there."""
    known = [start for starts in _NOT_SAID.values() for start in starts]
    found, unused = [], set(known)
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        for line, text in () if place.startswith(tuple(_NO_TEXT)) else texts(ast.parse(path.read_text("utf-8"))):
            starts = {start for start in known if text.startswith(start)}
            unused -= starts
            if not starts:
                found.append(f"{place}:{line}: {text}")
    assert (found, unused) == ([], set())
