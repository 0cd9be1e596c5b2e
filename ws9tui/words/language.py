"""The operator's language: selects a gettext catalogue and translates messages.

A message is a whole sentence, or a whole label, in English; it is its own key, so English needs no catalogue, and
a message that a catalogue lacks stays English. Catalogues are gettext's, the format best known to translators, their
tools and their services, and read by Python itself; Babel makes them (`tests/catalogue.py`) and is no dependency.
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
"""TERM of the Linux console, which has the glyphs of a few alphabets only"""
_WIDE = frozenset({"zh", "ja", "ko"})
"""languages whose script the Linux console cannot show"""


class _Chosen:
    """The catalogue in use; for English there is none."""

    def __init__(self) -> None:
        self.catalogue = gettext.NullTranslations()


_CHOSEN = _Chosen()


def choose(environment: Mapping[str, str], folder: Path = FOLDER, *, asked: str = "") -> None:
    """Selects the language in ``asked``, else the first in the environment that has a catalogue, else English.

    The Linux console gets a language that it cannot show only if ``asked`` names it.
    """
    variables: tuple[str, ...] = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    if environment.get("LC_ALL") in ("C", "C.UTF-8", "POSIX"):  # which tells the C library not to translate
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
    gettext.textdomain(DOMAIN)  # for the standard library's own messages, such as argparse's


def available(folder: Path = FOLDER) -> tuple[str, ...]:
    """Returns the available languages, named as in LANG."""
    return (ENGLISH, *sorted(path.parts[-3] for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")))


def meant(name: str, folder: Path = FOLDER) -> str:
    """Returns the available language for a name in any notation: zh, zh-CN, zh_CN.UTF-8; empty if there is none."""
    if _ENGLISH.match(name.lower()):
        return ENGLISH
    code = re.split("[.@]", name)[0].replace("-", "_").lower()
    return next((one for one in available(folder) if code in (one.lower(), one.partition("_")[0])), "")


@contextmanager
def in_english() -> Iterator[None]:
    """Makes messages English within the context, whatever language was selected: for scripts."""
    chosen, _CHOSEN.catalogue = _CHOSEN.catalogue, gettext.NullTranslations()
    try:
        yield
    finally:
        _CHOSEN.catalogue = chosen


def mark(message: str) -> str:
    """Returns the message unchanged: marks it for the catalogue extractor; it is translated where it is used."""
    return message


def mark_many(one: str, many: str) -> tuple[str, str]:
    """Returns the forms unchanged: marks a message with a plural for the catalogue extractor."""
    return one, many


def translated(message: str, context: str = "") -> str:
    """Translates a message to the selected language, its gaps unfilled."""
    if not message:
        return ""  # the empty key is a catalogue's header
    catalogue = _CHOSEN.catalogue
    return catalogue.pgettext(context, message) if context else catalogue.gettext(message)


def translated_many(one: str, many: str, count: int) -> str:
    """Translates a message with a plural, its gaps unfilled."""
    return _CHOSEN.catalogue.ngettext(one, many, count)
