#!/usr/bin/env python3
"""Makes the catalogues of translations: python3 tests/catalogue.py [LANGUAGE]…

Without a language it writes the template, all messages of the program, to stdout. For each language, zh_CN say, it
begins or brings up to date ws9tui/words/locale/LANGUAGE/LC_MESSAGES/ws9tui.po, and compiles it.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from babel.messages.catalog import Catalog  # noqa: E402 - a script finds its modules itself
from babel.messages.mofile import write_mo  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402

from ws9tui import __version__  # noqa: E402
from ws9tui.words.language import DOMAIN, FOLDER  # noqa: E402

NOTE = """\
Messages of ws9tui. How they are written:
    {name}, {name:form}   a gap; each may be moved, and none may be invented
    [ in {file}]          left out unless all its gaps are filled; [{a} // {b} // c] is the first that is complete
    {name:given}          nothing, but it counts as a gap
    <name>                a command of ws9tui or another program, in quotes"""
_PLURALS = ("Plural", "mark_many", "translated_many")
_CONTEXTS = {"Message": 1, "translated": 1}
_MUST = ("Message", "Plural", "Wording", "mark", "mark_many", "say", "titles")
"""what is given to these is a message in any case; `fill` and `translated` may be handed one"""
_KEYWORDS = (*_MUST, "event_said", "fill", "translated", "translated_many")


class Found(NamedTuple):
    """A message, and where it stands."""

    text: str
    many: str
    """the form for several; empty where it does not hang on a number"""
    context: str
    file: str
    line: int


class HiddenError(Exception):
    """A message that only running the program could tell."""


def messages() -> Iterator[Found]:
    """All messages of the program; raises `HiddenError` for one that is not written down as it is."""
    for path in sorted((ROOT / "ws9tui").rglob("*.py")):
        source = path.read_text("utf-8")
        if "ws9tui.words" not in source:  # whoever says something imports it from there
            continue
        tree = ast.parse(source)
        constants: dict[str, str] = {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                value = _text(node.value, constants)
                if value is not None:
                    constants[node.targets[0].id] = value
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and (name := _name(call)) in _KEYWORDS:
                yield from _of_call(call, name, constants, path.relative_to(ROOT).as_posix())


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _of_call(call: ast.Call, name: str, constants: dict[str, str], file: str) -> Iterator[Found]:
    texts = [_text(argument, constants) for argument in call.args]
    texts += [_text(word.value, constants) for word in call.keywords] if name == "Wording" else []
    wanted = texts if name in ("Wording", "titles") else texts[:2] if name in _PLURALS else texts[:1]
    if name in _MUST and None in wanted:
        raise HiddenError(f"{file}:{call.lineno}: {ast.unparse(call)}")
    given = [text for text in wanted if text]
    if name in _PLURALS and len(given) == 2:
        yield Found(given[0], given[1], "", file, call.lineno)
    elif name not in _PLURALS:
        at = _CONTEXTS.get(name, 0)
        context = "heading" if name == "titles" else (texts[at] or "") if at and len(texts) > at else ""
        yield from (Found(text, "", context, file, call.lineno) for text in given)


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    """A text that is written down as it is, perhaps in parts and with the module's constants; else None."""
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.Name(id=name):
            return constants.get(name)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _joined([_text(left, constants), _text(right, constants)])
        case ast.JoinedStr(values=values):
            return _joined([_text(value, constants) for value in values])
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return _text(value, constants)
    return None


def _joined(parts: list[str | None]) -> str | None:
    return None if None in parts else "".join(part for part in parts if part)


def template() -> Catalog:
    """The catalogue without translations."""
    catalogue = Catalog(
        project=DOMAIN, version=__version__, header_comment="\n".join(f"# {row}" for row in NOTE.split("\n"))
    )
    for found in messages():
        key = (found.text, found.many) if found.many else found.text
        catalogue.add(key, locations=[(found.file, 0)], context=found.context or None)
    return catalogue


def update(language: str, folder: Path = FOLDER) -> None:
    """Begins a language's catalogue or brings it up to date, and compiles it."""
    path = folder / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    made = template()
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        catalogue.update(made)
    else:
        catalogue = made
        catalogue.locale = language
    save(catalogue, path)


def save(catalogue: Catalog, path: Path) -> None:
    """Writes a catalogue, and what the program reads of it."""
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, include_lineno=False)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)


def main(languages: list[str]) -> int:
    """Writes the template, or the catalogues of these languages."""
    for language in languages:
        update(language)
    if not languages:
        write_po(sys.stdout.buffer, template(), width=120, include_lineno=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
