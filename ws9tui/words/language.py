"""The reader's language: gettext's catalogues, and the one place where a language is chosen.

A message is a whole sentence, or a whole label, in English; it is also its own key, so English needs no catalogue, and
what a catalogue lacks stays English. Catalogues are gettext's because translators, their tools and their services know
no other form as well, and Python reads them by itself; Babel makes them (`tests/catalogue.py`) and is no dependency.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from pathlib import Path

DOMAIN = "ws9tui"
FOLDER = Path(__file__).with_name("locale")
_ENGLISH = re.compile(r"(?:en|C|POSIX)(?:[_.@]|$)")


class _Chosen:
    """The catalogue that is in use; of English there is none."""

    def __init__(self) -> None:
        self.catalogue = gettext.NullTranslations()


_CHOSEN = _Chosen()


def choose(environment: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Takes the first language that the environment names and that there is a catalogue of; else English."""
    variables = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    names = next((value for variable in variables if (value := environment.get(variable))), "").split(":")
    wanted: list[str] = []
    for name in names:
        if _ENGLISH.match(name):
            break
        wanted.append(name)
    _CHOSEN.catalogue = gettext.translation(DOMAIN, folder, wanted, fallback=True)
    gettext.bindtextdomain(DOMAIN, str(folder))
    gettext.textdomain(DOMAIN)  # for what the standard library says by itself, as argparse does


def english() -> bool:
    """Whether messages are read as they are written here."""
    return not isinstance(_CHOSEN.catalogue, gettext.GNUTranslations)


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
