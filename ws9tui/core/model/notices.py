"""Who is told of a run besides those who look at it: a URL, or a command."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import msgspec

from ws9tui.core.model.masking import HIDDEN, Mask
from ws9tui.problems.problem import Problem

_TOKEN = 12
"""characters from which on a part with digits in it is taken for a secret"""


class Receiver(msgspec.Struct, frozen=True):
    """One who is told."""

    text: str
    """a URL, or a command's words as a shell would split them"""
    file: str = ""
    """where it is set; empty for the command line"""
    line: int = 0
    written: str = ""
    """as the file has it"""
    doubt: Problem | None = None
    """why it is not told: somebody else can change who that is"""

    @property
    def name(self) -> str:
        """What may be shown of it."""
        return shown(self.text)


def is_url(text: str) -> bool:
    """Whether it is a URL, and no command."""
    return text.startswith(("http://", "https://"))


def valid(text: str) -> bool:
    """Whether somebody can be told so."""
    if is_url(text):
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            return False
        return bool(parts.hostname) and not any(char.isspace() for char in text)
    return bool(words(text))


def words(text: str) -> list[str]:
    """The words of a command; none where its quotes do not match."""
    try:
        return shlex.split(text)
    except ValueError:
        return []


def shown(text: str) -> str:
    """A URL without what may be secret, which is all but its host; of a command, the program."""
    if is_url(text):
        try:
            parts = urlsplit(text)
            host = f"{parts.hostname or HIDDEN}{'' if parts.port is None else f':{parts.port}'}"
        except ValueError:
            return HIDDEN
        more = f"/{HIDDEN}" if parts.path.strip("/") or parts.query else ""
        return f"{parts.scheme}://{host}{more}"
    found = words(text)
    name = PurePosixPath(found[0]).name if found else ""
    return f"{name} {HIDDEN}" if len(found) > 1 else name or HIDDEN


def learn(mask: Mask, text: str) -> None:
    """Makes all of it secret that may be: it stands in no message of a library either."""
    mask.learn_credentials(text)
    mask.learn(("NOTIFY_TOKEN", part) for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    found = urlsplit(text).path.split("/") if is_url(text) else words(text)[1:]
    for part in found:
        if len(part) >= _TOKEN and any(char.isdigit() for char in part):
            yield from {part, unquote(part)}
