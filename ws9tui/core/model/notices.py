"""Receivers of notifications about a run: URLs and commands."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import msgspec

from ws9tui.core.model.masking import HIDDEN, Mask
from ws9tui.problems.problem import Problem

_TOKEN = 12
"""minimum length of a part with digits that is taken for a secret"""


class Receiver(msgspec.Struct, frozen=True):
    """A receiver of notifications."""

    text: str
    """a URL, or a command line that is split as by a shell"""
    file: str = ""
    """file that sets it; empty for the command line"""
    line: int = 0
    written: str = ""
    """as written in the file"""
    doubt: Problem | None = None
    """why it is not notified: other users can change the receiver"""

    @property
    def name(self) -> str:
        """The receiver without possible secrets."""
        return shown(self.text)


def is_url(text: str) -> bool:
    """Whether a receiver is a URL rather than a command."""
    return text.startswith(("http://", "https://"))


def valid(text: str) -> bool:
    """Whether a text is a valid receiver: a URL with a host, or a parseable command."""
    if is_url(text):
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            return False
        return bool(parts.hostname) and not any(char.isspace() for char in text)
    return bool(words(text))


def words(text: str) -> list[str]:
    """Splits a command into words; returns none if its quotes do not match."""
    try:
        return shlex.split(text)
    except ValueError:
        return []


def shown(text: str) -> str:
    """Returns a receiver without possible secrets: of a URL scheme, host and port, of a command the program's name."""
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


def has_secret(text: str) -> bool:
    """Whether a receiver may contain a secret: credentials, a URL's query, or a part of its path like a token."""
    if Mask().without_credentials(text) != text:
        return True
    return is_url(text) and (bool(urlsplit(text).query) or any(_parts(text)))


def learn(mask: Mask, text: str) -> None:
    """Adds a receiver's possible secrets to a mask, as messages of libraries may quote them."""
    mask.learn_credentials(text)
    mask.learn(("NOTIFY_TOKEN", part) for part in _parts(text))


def _parts(text: str) -> Iterator[str]:
    found = urlsplit(text).path.split("/") if is_url(text) else words(text)[1:]
    for part in found:
        if len(part) >= _TOKEN and any(char.isdigit() for char in part):
            yield from {part, unquote(part)}
