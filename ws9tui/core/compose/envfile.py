"""Parses env files as Compose does, with the position of each value, so that one can be changed and no other byte.

The syntax is that of the Compose specification ("Env file" under *Interpolation*): `NAME=value` or `NAME: value`,
`export` allowed, single and double quotes which may span lines and in which a backslash escapes, ` #` (a space, no tab)
beginning a comment after an unquoted value.
"""

from __future__ import annotations

import re

import msgspec

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_.\-\[\]]*)[ \t]*(?:[=:][ \t]*|(?=\n|\Z))")
_BOM = "\ufeff"


class Assignment(msgspec.Struct, frozen=True):
    """One variable's line; ``start`` and ``end`` enclose its value in the text, quotes excluded."""

    name: str
    value: str
    """as written between the quotes: escapes and variables are not resolved"""
    line: int
    start: int
    end: int
    quote: str = ""


def assignments(text: str) -> list[Assignment]:
    """Returns all assignments of an env file, in order; other lines are skipped."""
    found: list[Assignment] = []
    at = len(_BOM) if text.startswith(_BOM) else 0
    while at < len(text):
        line_end = end_of_line(text, at)
        match = _NAME.match(text, at)
        if match is None or text[at:line_end].lstrip().startswith("#"):
            at = line_end + 1
            continue
        start = match.end()
        quote = text[start : start + 1]
        if quote in ("'", '"') and (close := _closing(text, start + 1, quote)) is not None:
            start, end = start + 1, close
        else:
            quote = ""
            end = _unquoted_end(text, start, line_end)
        found.append(Assignment(match["name"], text[start:end], text.count("\n", 0, at) + 1, start, end, quote))
        at = end_of_line(text, end) + 1
    return found


def find(text: str, name: str) -> Assignment | None:
    """Returns the last assignment of a variable, which takes precedence; None if there is none."""
    return next((found for found in reversed(assignments(text)) if found.name == name), None)


def replaced(text: str, name: str, value: str) -> str:
    """Returns the text with another value for a variable, which is appended if it is not there yet.

    ``value`` must need no quotes (an image's name, tag or digest does not).
    """
    found = find(text, name)
    if found is not None:
        # A bare name, which passes the shell's value on, has no sign yet.
        sign = "" if found.quote or text[: found.start].rstrip(" \t").endswith(("=", ":")) else "="
        return text[: found.start] + sign + value + text[found.end :]
    newline = "\r\n" if "\r\n" in text else "\n"
    if text and not text.endswith("\n"):
        text += newline
    return f"{text}{name}={value}{newline}"


def end_of_line(text: str, at: int) -> int:
    """Returns the offset at which the line of a position ends."""
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _closing(text: str, at: int, quote: str) -> int | None:
    """Returns the offset of the closing quote, skipping escaped ones; None if there is none."""
    found = re.compile(rf"\\.|{quote}", re.DOTALL).finditer(text, at)
    return next((mark.start() for mark in found if mark[0] == quote), None)


def _unquoted_end(text: str, start: int, line_end: int) -> int:
    value = text[start:line_end].partition(" #")[0]
    return start + len(value.rstrip())
