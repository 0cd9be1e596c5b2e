"""Takes secrets out of texts: known values, in the ways in which programs write them, and credentials in URLs.

Not masked is what would hide more than it protects: values that are numbers, versions or switches, very short ones, and
those that are part of a name which is shown anyway, as a tag or a service's name is.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from ws9tui.core import version
from ws9tui.core.merge_env import is_secret

HIDDEN = "•••"

Span = tuple[int, int]

_SHORTEST = 6
_SHORTEST_SECRET = 4
"""characters of a value whose variable's name says that it is secret"""
_INSIDE_WORDS = 8
"""characters from which on a value is found inside a word, too"""
_TOKEN = 16
"""characters of a parameter of a URL from which on it is taken for a token"""
_CUT = 256
"""characters of a text from which on it may have been cut, in the middle of a value"""
_NOT_SECRET = re.compile(
    r"(?:^|_)(?:VERSION|TAG|IMAGE|PORT)$|^(?:HOME|PATH|PWD|OLDPWD|USER|LOGNAME|SHELL|COMPOSE_\w+)$"
)
"""names of variables whose values stand in images and paths, which are shown anyway"""
_SWITCHES = frozenset(("true", "false", "none", "null", "enabled", "disabled", "default", "localhost"))
_NUMBER = re.compile(r"[\d.,:]+(?:[kmgt]i?b?|ms|[smhd])?", re.IGNORECASE)
_PARTS = re.compile(r"[\s:/@=,;&?\"']+")
_WORD = r"[A-Za-z0-9]"
_WORDS = re.compile(r"[^\s\"'`.,:;()]+(?:[.,:;()]+[^\s\"'`.,:;()]+)*")
_BREAK = re.compile(r"\r?\n[ \t]*")
_USER = re.compile(r"(?<=://)[^/\s@\"'<>]+(?=@)")
_USER_WITHOUT_SCHEME = re.compile(r"(?<![\w.:/@%+~-])[\w.%+~-]+:[^\s/@\"'<>]+(?=@(?!sha\d{3}:)[\w-][\w.-]*(?::\d+)?/)")
_QUERY = re.compile(r"(?<=://)[^\s\"'<>?]*\?([^\s\"'<>]*=[^\s\"'<>]*)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_=-]")


class Mask:
    """What is secret of the projects that a process has to do with; it only ever learns more."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._values: set[str] = set()
        self._shown: set[str] = set()
        self._finders: tuple[re.Pattern[str], re.Pattern[str]] | None = None
        self._masked: tuple[str, ...] = ()

    def learn(self, variables: Iterable[tuple[str, str]]) -> None:
        """Takes the values of variables; a name that sounds secret makes even a short one a secret."""
        for name, value in variables:
            self.learn_credentials(value)
            if not _NOT_SECRET.search(name):
                secret = is_secret(name)
                for line in value.splitlines():
                    self._add(self._secrets if secret else self._values, line.strip())
                    for part in _PARTS.split(line) if secret else ():
                        self._add(self._values, part if len(part) >= _INSIDE_WORDS else "")

    def learn_credentials(self, text: str) -> None:
        """Takes the passwords and tokens of all addresses in a text."""
        for part in _credentials_of(text):
            self._add(self._secrets, part)

    def show(self, names: Iterable[str]) -> None:
        """Takes names that are shown anyway: what is part of one is not masked."""
        fresh = {self.without_credentials(name) for name in names} - self._shown
        if fresh:
            self._shown |= fresh
            self._finders = None

    def hidden(self, text: str) -> str:
        """The text without any secret; for what comes from outside."""
        spans = [*_credentials(text), *self._found(text)]
        if "\n" in text:
            spans += self._found_over_lines(text)
        if len(text) >= _CUT:
            spans += self._cut_off(text)
        spans += self._pieces(text)
        return _without(text, spans)

    def without_credentials(self, text: str) -> str:
        """A name or an address without users, passwords and signed queries; all else of it stays."""
        return _without(text, _credentials(text))

    def _add(self, to: set[str], value: str) -> None:
        if value and value not in to:
            to.add(value)
            self._finders = None

    def _found(self, text: str) -> Iterator[Span]:
        plain, encoded = self._compiled()
        yield from (match.span() for match in plain.finditer(text))
        for match in encoded.finditer(text):
            start, end = match.span()
            while start and _BASE64.match(text[start - 1]):
                start -= 1
            while end < len(text) and _BASE64.match(text[end]):
                end += 1
            yield start, end

    def _found_over_lines(self, text: str) -> Iterator[Span]:
        """What stands there as if its line had not been broken."""
        at = [index for part in _unbroken(text) for index in range(*part)]
        for start, end in self._found("".join(text[index] for index in at)):
            yield at[start], at[end - 1] + 1

    def _cut_off(self, text: str) -> Iterator[Span]:
        """What of a value is left where a text was cut, at either end."""
        for value in self._masked:
            for length in range(len(value) - 1, _SHORTEST - 1, -1):
                if text.endswith(value[:length]):
                    yield len(text) - length, len(text)
                if text.startswith(value[-length:]):
                    yield 0, length

    def _pieces(self, text: str) -> Iterator[Span]:
        """Words that are the greater part of a value, as programs quote it without what they took for a unit."""
        for match in _WORDS.finditer(text):
            word = match[0]
            if any(
                _SHORTEST <= len(word) < len(value) <= 2 * len(word)
                and (value.startswith(word) or value.endswith(word))
                for value in self._masked
            ):
                yield match.span()

    def _compiled(self) -> tuple[re.Pattern[str], re.Pattern[str]]:
        if self._finders is None:
            shown = "\n".join(self._shown)
            found = {value for value in self._secrets if _is_telling(value, secret=True)}
            found |= {value for value in self._values if _is_telling(value, secret=False)}
            self._masked = tuple(sorted((v for v in found if not _part_of(v, shown)), key=len, reverse=True))
            encoded = {core for value in self._masked for core in _base64_cores(value)}
            self._finders = _any_of(map(_pattern, self._masked)), _any_of(map(re.escape, encoded))
        return self._finders


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) or r"(?!)")


def _is_telling(value: str, *, secret: bool) -> bool:
    """Whether a value may be masked without hiding what has nothing to do with it."""
    if value.lower() in _SWITCHES or len(value) < (_SHORTEST_SECRET if secret else _SHORTEST):
        return False
    if secret:
        return len(value) >= _SHORTEST or not _NUMBER.fullmatch(value)
    return not _NUMBER.fullmatch(value) and version.parse(value) is None


def _part_of(value: str, shown: str) -> bool:
    return re.search(rf"(?<!{_WORD}){re.escape(value)}(?!{_WORD})", shown) is not None


def _credentials_of(value: str) -> Iterator[str]:
    """The passwords and the tokens of an address, as they are and as they are written there."""
    for start, end in _users(value):
        user, _, password = value[start:end].partition(":")
        yield from {password or user, unquote(password or user)}
    for start, end in _queries(value):
        yield from (said for name, said in parse_qsl(value[start:end]) if is_secret(name) or len(said) >= _TOKEN)


def _credentials(text: str) -> list[Span]:
    return [*_users(text), *_queries(text)]


def _users(text: str) -> Iterator[Span]:
    for pattern in (_USER, _USER_WITHOUT_SCHEME) if "@" in text else ():
        yield from (match.span() for match in pattern.finditer(text))


def _queries(text: str) -> Iterator[Span]:
    yield from (match.span(1) for match in _QUERY.finditer(text)) if "?" in text else ()


def _pattern(value: str) -> str:
    """A value in each way of writing it: as it is, in a URL, in JSON, in HTML, in a Compose file."""
    found = "".join(_ways(character) for character in value)
    return found if len(value) >= _INSIDE_WORDS else rf"(?<!{_WORD}){found}(?!{_WORD})"


@lru_cache(maxsize=512)
def _ways(character: str) -> str:
    if character.isascii() and (character.isalnum() or character in "_-"):
        return character
    percent = "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogateescape"))
    ways = {character, percent, percent.lower(), html.escape(character), json.dumps(character)[1:-1]}
    ways |= {" ": {"+"}, "$": {"$$"}, "'": {"&#39;"}, '"': {"&#34;"}}.get(character, set())
    backslashes = r"\\{0,3}" if character != "\\" else r"\\{0,6}"
    return f"(?:{backslashes}(?:{'|'.join(re.escape(way) for way in sorted(ways, key=len, reverse=True))}))"


def _base64_cores(value: str) -> Iterator[str]:
    """What stays the same of a value in Base64, whatever stands before and behind it, as in USER:PASSWORD."""
    raw = value.encode("utf-8", "surrogateescape")
    for before in range(3):
        whole = (before + len(raw)) * 8 // 6  # characters that depend on nothing behind it
        skipped = -(-before * 8 // 6)  # those that depend on what is before it
        core = base64.b64encode(b"\0" * before + raw)[skipped:whole].decode()
        if len(core) >= _SHORTEST:
            yield core
            if core.translate(_URL_SAFE) != core:
                yield core.translate(_URL_SAFE)


_URL_SAFE = str.maketrans("+/", "-_")


def _unbroken(text: str) -> Iterator[Span]:
    at = 0
    for match in _BREAK.finditer(text):
        yield at, match.start()
        at = match.end()
    yield at, len(text)


def _without(text: str, spans: Iterable[Span]) -> str:
    said, at = "", 0
    for start, end in sorted(spans):
        if start >= at:
            said += text[at:start] + HIDDEN
        at = max(at, end)
    return said + text[at:]
