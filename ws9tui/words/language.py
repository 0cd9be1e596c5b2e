"""The reader's language: gettext's catalogues, and the one place where a language is chosen.

A message is a whole sentence, or a whole label, in English; it is also its own key, so English needs no catalogue, and
what a catalogue lacks stays English. Catalogues are gettext's because translators, their tools and their services know
no other form as well, and Python reads them by itself; Babel makes them (`tests/catalogue.py`) and is no dependency.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

DOMAIN = "ws9tui"
FOLDER = Path(__file__).with_name("locale")
ENGLISH = "en"
_ENGLISH = re.compile(r"(?:en|C|POSIX)(?:[-_.@]|$)")
_CONSOLE = "linux"
"""a terminal with the glyphs of a few alphabets only"""
_WIDE = frozenset({"zh", "ja", "ko"})
"""languages whose script it cannot show"""


class _Chosen:
    """The catalogue that is in use; of English there is none."""

    def __init__(self) -> None:
        self.catalogue = gettext.NullTranslations()


_CHOSEN = _Chosen()


def choose(environment: Mapping[str, str], folder: Path = FOLDER, *, asked: str = "") -> None:
    """Takes the language that was asked for, else the first that the environment names and that there is; else English.

    On the Linux console a language that it cannot show is taken only where it was asked for.
    """
    variables: tuple[str, ...] = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    if environment.get("LC_ALL") in ("C", "C.UTF-8", "POSIX"):  # which tells the C library that nothing is translated
        variables = ("LC_ALL",)
    names = asked or next((value for variable in variables if (value := environment.get(variable))), "")
    wanted: list[str] = []
    for name in names.split(":"):
        if _ENGLISH.match(name):
            break
        if asked or environment.get("TERM") != _CONSOLE or re.split("[_.@-]", name)[0] not in _WIDE:
            wanted.append(meant(name, folder) or name)
    _CHOSEN.catalogue = gettext.translation(DOMAIN, folder, wanted, fallback=True)
    gettext.bindtextdomain(DOMAIN, str(folder))
    gettext.textdomain(DOMAIN)  # for what the standard library says by itself, as argparse does


def available(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages that there are, by their names as in LANG."""
    return (ENGLISH, *sorted(path.parts[-3] for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


def meant(name: str, folder: Path = FOLDER) -> str:
    """The language that a name stands for, however it is written: zh, zh-CN, zh_CN.UTF-8; empty where there is none."""
    if _ENGLISH.match(name.lower()):
        return ENGLISH
    code = re.split("[.@]", name)[0].replace("-", "_").lower()
    return next((one for one in available(folder) if code in (one.lower(), one.partition("_")[0])), "")


@contextmanager
def in_english() -> Iterator[None]:
    """Reads messages as they are written here, whatever was chosen: for scripts."""
    chosen, _CHOSEN.catalogue = _CHOSEN.catalogue, gettext.NullTranslations()
    try:
        yield
    finally:
        _CHOSEN.catalogue = chosen


def mark(message: str) -> str:
    """The message itself: for the maker of catalogues it says that it is one, which is translated where it is used."""
    return message


def mark_many(one: str, many: str) -> tuple[str, str]:
    """The same of a message that hangs on a number."""
    return one, many


def translated(message: str, context: str = "") -> str:
    """A message in the reader's language, its gaps still open."""
    if not message:
        return ""  # which is the key of a catalogue's head
    catalogue = _CHOSEN.catalogue
    return catalogue.pgettext(context, message) if context else catalogue.gettext(message)


def translated_many(one: str, many: str, count: int) -> str:
    """The same of a message that hangs on a number."""
    return _CHOSEN.catalogue.ngettext(one, many, count)
