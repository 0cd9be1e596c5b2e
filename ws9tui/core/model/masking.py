"""Masks secrets in texts: known values, in the encodings that programs use, and credentials in URLs.

Not masked are values whose masking would hide more than it protects: numbers, versions, switches, very short values,
and parts of names that are shown anyway, such as a tag or a service's name.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from ws9tui.core.model import version

HIDDEN = "•••"

_SECRET = re.compile(r"PASS|PWD|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|SALT|CERT|DSN|PRIVATE|SIGNATURE", re.IGNORECASE)
_CREDENTIALS = re.compile(r"://[^/\s@]+@")

_SHORTEST = 6
_SHORTEST_SECRET = 4
"""minimum length of a value whose variable has a secret-sounding name"""
_INSIDE_WORDS = 8
"""minimum length of a value that is also masked inside a word"""
_TOKEN = 16
"""minimum length of a URL parameter that is taken for a token"""
_CUT = 256
"""minimum length of a text that may have been truncated in the middle of a value"""
_NOT_SECRET = re.compile(
    r"(?:^|_)(?:VERSION|TAG|IMAGE|PORT)$|^(?:HOME|PATH|PWD|OLDPWD|USER|LOGNAME|SHELL|COMPOSE_\w+)$"
)
"""names of variables whose values occur in image references and paths, which are shown anyway"""
_SWITCHES = frozenset(("true", "false", "none", "null", "enabled", "disabled", "default", "localhost"))
_NUMBER = re.compile(r"[\d.,:]+(?:[kmgt]i?b?|ms|[smhd])?", re.IGNORECASE)
_PARTS = re.compile(r"[\s:/@=,;&?\"']+")
_WORDS = re.compile(r"[^\s\"'`.,:;()]+(?:[.,:;()]+[^\s\"'`.,:;()]+)*")
_USER = re.compile(r"(?<=://)[^/\s@\"'<>]+(?=@)")
_USER_WITHOUT_SCHEME = re.compile(r"(?<![\w.:/@%+~-])[\w.%+~-]+:[^\s/@\"'<>]+(?=@(?!sha\d{3}:)[\w-][\w.-]*(?::\d+)?/)")
_QUERY = re.compile(r"(?<=://)[^\s\"'<>?]*\?([^\s\"'<>]*=[^\s\"'<>]*)")
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-=")
_URL_SAFE = str.maketrans("+/", "-_")
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+|(?:\\u[0-9A-Fa-f]{4})+|\\.|&#?\w{1,8};|\$\$|\r?\n[ \t]*")
"""escapes of URLs, JSON, HTML and Compose files, and wrapped lines"""
_ESCAPES = {"n": "", "r": "", "t": "\t"}
_LEVELS = 3
"""maximum depth of nested encodings that are decoded"""
_LONGEST_WHOLE = 200
"""maximum length of a value whose truncated parts are masked too"""

Span = tuple[int, int]


def is_secret(key: str, *values: str) -> bool:
    """Whether a key's value must not be shown: the key sounds secret, or a value is a URL with credentials."""
    return _SECRET.search(key) is not None or any(_CREDENTIALS.search(value) for value in values)


class Mask:
    """The secrets of all projects that a process handles; secrets are only added, never removed."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._values: set[str] = set()
        self._shown: set[str] = set()
        self._finder: _Finder | None = None

    def learn(self, variables: Iterable[tuple[str, str]]) -> None:
        """Adds the values of variables; if the name sounds secret, also short values and parts of the value."""
        for name, value in variables:
            self.learn_credentials(value)
            if not _NOT_SECRET.search(name):
                secret = is_secret(name)
                for line in value.splitlines():
                    self._add(self._secrets if secret else self._values, line.strip())
                    for part in _PARTS.split(line) if secret else ():
                        self._add(self._values, part if len(part) >= _INSIDE_WORDS else "")

    def learn_credentials(self, text: str) -> None:
        """Adds the passwords and tokens of all URLs in a text."""
        for part in _credentials_of(text):
            self._add(self._secrets, part)

    def show(self, names: Iterable[str]) -> None:
        """Adds names that are shown anyway: a value that is part of one is not masked."""
        fresh = {self.without_credentials(name) for name in names} - self._shown
        if fresh:
            self._shown |= fresh
            self._finder = None

    def hidden(self, text: str) -> str:
        """Returns a text with all secrets masked; for text from outside."""
        if self._finder is None:
            shown = "\n".join(self._shown)
            found = {value for value in self._secrets if _is_telling(value, secret=True)}
            found |= {value for value in self._values if _is_telling(value, secret=False)}
            self._finder = _Finder(value for value in found if not any(_words(shown, value)))
        return _without(text, [*_credentials(text), *self._finder.found(text)])

    def without_credentials(self, text: str) -> str:
        """Returns a name or URL with only its user, password and query masked."""
        return _without(text, _credentials(text))

    def _add(self, to: set[str], value: str) -> None:
        if value and value not in to:
            to.add(value)
            self._finder = None


class _View(NamedTuple):
    """A decoded form of a text."""

    text: str
    at: Sequence[Span] | None
    """the span in the original text of each character; None if both texts correspond character by character"""

    def span(self, start: int, end: int) -> Span:
        """Returns the span in the original text of a span in this one."""
        return (start, end) if self.at is None else (self.at[start][0], self.at[end - 1][1])


class _Finder:
    """Finds values in texts, whichever encoding they are written in."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = tuple(values)
        self._in_base64 = {core for value in self._values for core in _base64_cores(value)}
        cuts = [(v, n) for v in self._values if len(v) <= _LONGEST_WHOLE for n in range(_SHORTEST, len(v))]
        self._heads, self._tails = {v[:n] for v, n in cuts}, {v[-n:] for v, n in cuts}
        self._parts = {part for v, n in cuts if 2 * n >= len(v) for part in (v[:n], v[-n:])}

    def found(self, text: str) -> Iterator[Span]:
        """Yields the spans of values in a text, and of truncated values at its ends."""
        for view in _views(text, self._tells):
            for value in filter(view.text.__contains__, self._values):
                yield from (view.span(start, end) for start, end in _words(view.text, value))
            for core in filter(view.text.__contains__, self._in_base64):
                yield from (view.span(*_run(view.text, start, end)) for start, end in _places(view.text, core))
        # half or more of a value, as programs quote a value without what they parsed as its unit
        yield from (match.span() for match in _WORDS.finditer(text) if match[0] in self._parts)
        for length in range(_SHORTEST, _LONGEST_WHOLE) if len(text) >= _CUT else ():
            if text[-length:] in self._heads:
                yield len(text) - length, len(text)
            if text[:length] in self._tails:
                yield 0, length

    def _tells(self, text: str) -> bool:
        return any(part in text for part in chain(self._values, self._in_base64))


def _views(text: str, tells: Callable[[str], bool]) -> Iterator[_View]:
    """Yields a text and its decoded forms, up to the last one in which ``tells`` finds something.

    Only for these the characters' positions are tracked, as that takes far longer than decoding.
    """
    for meant in {text, text.replace("+", " ")}:
        said = [meant]
        while len(said) <= _LEVELS and _ENCODED.search(said[-1]):
            said.append(_ENCODED.sub(lambda match: _meant(match[0]), said[-1]))
        last = max((level for level, decoded in enumerate(said) if tells(decoded)), default=-1)
        view = _View(meant, None)
        for level in range(last + 1):
            view = _decoded(view) if level else view
            yield view


def _decoded(view: _View) -> _View:
    text, at, last = "", [], 0
    for match in _ENCODED.finditer(view.text):
        said = _meant(match[0])
        text += view.text[last : match.start()] + said
        at += [view.span(index, index + 1) for index in range(last, match.start())]
        at += [view.span(*match.span())] * len(said)
        last = match.end()
    at += [view.span(index, index + 1) for index in range(last, len(view.text))]
    return _View(text + view.text[last:], at)


def _meant(encoded: str) -> str:
    if encoded.startswith("%"):
        return unquote(encoded)
    if encoded.startswith("\\u"):
        return str(json.loads(f'"{encoded}"'))
    if encoded.startswith("\\"):
        return _ESCAPES.get(encoded[1], encoded[1])
    if encoded.startswith("&"):
        return html.unescape(encoded)
    return "$" if encoded == "$$" else ""


def _places(text: str, value: str) -> Iterator[Span]:
    at = text.find(value)
    while at >= 0:
        yield at, at + len(value)
        at = text.find(value, at + 1)


def _words(text: str, value: str) -> Iterator[Span]:
    """Yields the spans of a value in a text; of a short value only where it is a word of its own."""
    for start, end in _places(text, value):
        around = text[max(start - 1, 0) : start] + text[end : end + 1]
        if len(value) >= _INSIDE_WORDS or not any(character.isalnum() for character in around):
            yield start, end


def _run(text: str, start: int, end: int) -> Span:
    """Extends a span to the whole run of Base64 characters around it."""
    while start and text[start - 1] in _BASE64:
        start -= 1
    while end < len(text) and text[end] in _BASE64:
        end += 1
    return start, end


def _is_telling(value: str, *, secret: bool) -> bool:
    """Whether a value is distinctive enough to be masked without hiding unrelated text."""
    if value.lower() in _SWITCHES or len(value) < (_SHORTEST_SECRET if secret else _SHORTEST):
        return False
    if secret:
        return len(value) >= _SHORTEST or not _NUMBER.fullmatch(value)
    return not _NUMBER.fullmatch(value) and version.parse(value) is None


def _credentials_of(value: str) -> Iterator[str]:
    """Yields the passwords and tokens of the URLs in a text, as written and decoded."""
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


def _base64_cores(value: str) -> Iterator[str]:
    """Yields the part of a value's Base64 that is independent of the text around it, as in USER:PASSWORD."""
    raw = value.encode("utf-8", "surrogateescape")
    for before in range(3):
        whole = (before + len(raw)) * 8 // 6  # characters that are independent of what follows
        skipped = -(-before * 8 // 6)  # characters that depend on what precedes
        core = base64.b64encode(b"\0" * before + raw)[skipped:whole].decode()
        if len(core) >= _SHORTEST:
            yield core
            if core.translate(_URL_SAFE) != core:
                yield core.translate(_URL_SAFE)


def _without(text: str, spans: Iterable[Span]) -> str:
    said, at = "", 0
    for start, end in sorted(spans):
        if start >= at:
            said += text[at:start] + HIDDEN
        at = max(at, end)
    return said + text[at:]
