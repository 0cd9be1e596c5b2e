"""Parsers and validators of the flags' values."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from ws9tui.core.model import mirrors, notices
from ws9tui.core.model.reference import is_digest
from ws9tui.core.model.trust import ACCEPTABLE
from ws9tui.errors import UsageError
from ws9tui.problems.engine import NotUnderstood
from ws9tui.words import command_help as words
from ws9tui.words import language
from ws9tui.words.text import parse_duration

HTML, MARKDOWN = (".html", ".htm"), (".md", ".markdown")
"""file name extensions of reports"""


def expected(pairs: Sequence[str]) -> dict[str, str]:
    """Returns the versions of `--expect SERVICE=VERSION…` by service; raises `UsageError`."""
    expected: dict[str, str] = {}
    for pair in pairs:
        service, equals, version = pair.partition("=")
        if not (service and equals and version):
            raise UsageError(NotUnderstood(reason=words.EXPECT_PAIR(pair=pair)))
        if version.startswith("sha256:") and not is_digest(version):
            raise UsageError(NotUnderstood(reason=words.EXPECT_DIGEST(pair=pair)))
        if expected.setdefault(service, version) != version:
            raise UsageError(NotUnderstood(reason=words.EXPECT_TWICE(service=service)))
    return expected


def accepted(texts: Sequence[str]) -> tuple[str, ...]:
    """Returns the checks of `--accept SERVICE:CHECK…`; raises `UsageError`."""
    for text in texts:
        service, _, check = text.rpartition(":")
        if not service or check not in ACCEPTABLE:
            raise UsageError(NotUnderstood(reason=words.ACCEPT(text=text, checks=", ".join(ACCEPTABLE))))
    return tuple(texts)


def assignments(pairs: Sequence[str]) -> dict[str, str]:
    """Returns the values of `--set NAME=VALUE…` by name; raises `UsageError`."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise UsageError(NotUnderstood(reason=words.SET_PAIR(pair=pair)))
        if values.setdefault(name, value) != value:
            raise UsageError(NotUnderstood(reason=words.SET_TWICE(name=name)))
    return values


def checksum(text: str) -> str:
    """Returns a SHA-256 in lower case; raises `argparse.ArgumentTypeError`, like all functions below."""
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError(words.CHECKSUM())
    return text.lower()


def duration(text: str) -> float:
    """Returns the seconds of a duration in Compose's notation."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def positive_duration(text: str) -> float:
    """Returns the seconds of a duration in Compose's notation that is longer than zero."""
    seconds = duration(text)
    if seconds <= 0:
        raise argparse.ArgumentTypeError(words.NOT_POSITIVE())
    return seconds


def number(text: str) -> int:
    """Returns a generation's number."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(words.NO_NUMBER(typed=text))
    return int(text)


def port(text: str) -> str:
    """Returns a TCP port, as text."""
    if not re.fullmatch(r"[1-9][0-9]{0,4}", text) or int(text) > 65535:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(words.PORT())
    return text


def report(text: str) -> str:
    """Returns the path of a report, whose extension makes it HTML or Markdown; - is Markdown on stdout."""
    if text != "-" and Path(text).suffix.lower() not in (*HTML, *MARKDOWN):
        raise argparse.ArgumentTypeError(words.NO_REPORT(typed=text, known=", ".join((*HTML, *MARKDOWN))))
    return text if text == "-" else str(folder(text))


def speed(text: str) -> float:
    """Returns the demo's speed-up factor, 0.1 to 1000."""
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 1000:  # noqa: PLR2004
        raise argparse.ArgumentTypeError(words.SPEED())
    return speed


def mirror(text: str) -> str:
    """Returns a registry mirror in the form that `core.model.mirrors` uses."""
    try:
        return mirrors.mirror(text)
    except UsageError:
        raise argparse.ArgumentTypeError(words.MIRROR(typed=text)) from None


def receiver(text: str) -> str:
    """Returns the URL or command that is notified of a run."""
    if not notices.valid(text):
        raise argparse.ArgumentTypeError(words.RECEIVER())
    return text


def archive(text: str) -> str:
    """Returns the absolute path of an archive or a folder, as text."""
    return str(folder(text))


def folder(text: str) -> Path:
    """Returns an absolute path."""
    if not text:
        raise argparse.ArgumentTypeError(words.EMPTY())
    return Path(text).expanduser().absolute()


def lang(text: str) -> str:
    """Returns the language code of an available catalogue."""
    if found := language.meant(text):
        return found
    raise argparse.ArgumentTypeError(words.LANGUAGE(typed=text, languages=", ".join(language.available())))
